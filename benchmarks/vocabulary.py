"""How many tokens a task needs: the teacher itself with ever fewer of them, untrained.

    python -m benchmarks.vocabulary [--task reviews] [--sizes 6000,8000,12000,16000]

Tokens go by how often the training examples hold them, as `trim_vocabulary` keeps them; a word whose token is gone is
tokenised with shorter ones. So every student with that vocabulary loses what is lost here, before any training.
"""

from __future__ import annotations

import argparse

from labcore.compress.derive import derive
from labcore.config.steps import TrimVocabulary
from labcore.data.batches import Encoded, encode
from labcore.data.examples import SPLITS, Split
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.runs.cache import cached_teacher, calibration_for


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--task", choices=("reviews", "news"), default="reviews", help="and its teacher")
    parser.add_argument("--sizes", default="4000,6000,8000,10000,12000,16000,20000,30522")
    options = parser.parse_args()
    teacher, task = cached_teacher(options.task), load_task(options.task)
    calibration = calibration_for(options.task, options.task)

    def read(vocabulary: tuple[int, ...] | None) -> dict[Split, Encoded]:
        own = trimmed(calibration.tokenizer, vocabulary)
        return {split: encode(own, task.splits[split], task.max_tokens) for split in SPLITS}

    complete = {split: predict(teacher, encoded) for split, encoded in read(None).items()}
    print("| tokens | " + " | ".join(f"{split}, agreement" for split in SPLITS) + " |")
    print("|---|" + "---|" * len(SPLITS))
    for size in map(int, options.sizes.split(",")):
        student = derive(teacher, (TrimVocabulary(size=size),), calibration)
        cells = []
        for split, encoded in read(student.vocabulary).items():
            logits = predict(student.model, encoded)
            cells.append(f"{accuracy(logits, encoded.labels):.4f}, {agreement(logits, complete[split]):.1%}")
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
