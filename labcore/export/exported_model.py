"""An exported ONNX folder that runs: text in, probabilities out. It imports onnxruntime and tokenizers, not PyTorch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from labcore.config.checks import SpecError, check_characters, check_integer, shown
from labcore.export.exported_folder import MODEL, TOKENIZER, check_files, read_exported
from labcore.export.extra import check_packages

if TYPE_CHECKING:
    import numpy as np

Example: TypeAlias = str | tuple[str, str]  # a text, or a pair of them if the task has pairs
BATCH = 32  # examples that are computed together


class ExportedModel:
    """One exported folder. Several threads may call it at once."""

    def __init__(self, folder: str | os.PathLike[str], threads: int = 1):
        """Load the folder. Raises SpecError, as `labcore.export.load` does."""
        check_integer("threads", threads, 1, 1024)
        check_packages(("onnxruntime", "tokenizers"))
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        path = Path(folder)
        self.facts = read_exported(path)
        check_files(path, self.facts)
        options = SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        try:
            self._session = InferenceSession(path / MODEL, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(path / TOKENIZER))
        except Exception as error:  # both libraries raise types of their own
            line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise SpecError(f"{path} can't be loaded ({line[:200]}); copy the folder again") from None
        self._inputs = [each.name for each in self._session.get_inputs()]
        self._tokenizer.enable_truncation(self.facts.max_length, strategy="longest_first")
        self._tokenizer.enable_padding(pad_id=self.facts.pad_token_id, pad_token=self._padding_token())

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels, in the order of the logits."""
        return self.facts.labels

    def predict(self, examples: Sequence[Example]) -> list[dict[str, float]]:
        """For each text the probability of each label. Raises SpecError as `logits` does."""
        import numpy as np

        logits = self.logits(examples).astype(np.float64)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        rows = powers / powers.sum(-1, keepdims=True)
        return [dict(zip(self.labels, row, strict=True)) for row in rows.tolist()]

    def logits(self, examples: Sequence[Example]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The logits (examples, labels). Of each text, the first `facts.max_length` tokens are read.

        Raises SpecError if a text is no text, or if it is one text and the task has pairs, or the other way round.
        """
        import numpy as np

        given = self._checked(examples)
        parts = [self._computed(given[i : i + BATCH]) for i in range(0, len(given), BATCH)]
        return np.concatenate([np.empty((0, len(self.labels)), np.float32), *parts])

    def _computed(self, examples: list[Example]) -> np.ndarray[Any, np.dtype[np.float32]]:
        import numpy as np

        rows = self._tokenizer.encode_batch(examples)
        columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        given = {name: np.array([getattr(row, columns[name]) for row in rows], dtype=np.int64) for name in self._inputs}
        [logits] = self._session.run(["logits"], given)
        return np.asarray(logits, dtype=np.float32)

    def _checked(self, examples: Sequence[Example]) -> list[Example]:
        if isinstance(examples, str):
            raise SpecError(f"the examples are {shown(examples)}; give a list of them, such as [{shown(examples)}]")
        for text in examples:
            parts = (text,) if isinstance(text, str) else tuple(text) if isinstance(text, tuple | list) else ()
            if len(parts) != (2 if self.facts.pairs else 1) or not all(isinstance(part, str) for part in parts):
                wanted = "a pair of texts" if self.facts.pairs else "a text"
                raise SpecError(f"a text is {shown(text)}; the task has {wanted} for each example: give that")
            for part in parts:
                check_characters("a text", part)
        return [text if isinstance(text, str) else (text[0], text[1]) for text in examples]

    def _padding_token(self) -> str:
        token = self._tokenizer.id_to_token(self.facts.pad_token_id)
        if token is None:
            raise SpecError(f"{TOKENIZER} has no token {self.facts.pad_token_id}; copy the folder again")
        return str(token)
