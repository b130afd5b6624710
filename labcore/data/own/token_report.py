"""Token lengths and unknown tokens of a data set, by a teacher's tokenizer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from transformers import PreTrainedTokenizerBase

from labcore.data.batches import encode
from labcore.data.examples import Examples, Splits
from labcore.data.foreign_text import foreign_text
from labcore.data.own.data_report import DataReport
from labcore.data.own.limits import TOKENS
from labcore.data.tokenizers import unknown_share

LONGEST = 100_000  # tokens, above the longest pair of texts that a data set can hold
MOST = 4_000  # examples that are tokenised, evenly spread over all
COVERED = 0.99  # fraction of the examples that a suggested limit reads to their end
SUGGESTED = (32, 64, 128, 256, 512)
MANY_UNKNOWN = 0.02
MANY_TRUNCATED = 0.1


@dataclass(frozen=True)
class TokenReport:
    """Lengths in tokens, [CLS] and [SEP] included: the median, the 95th percentile, the longest, the mean.

    mean_read: the mean after truncation. limit: the most that the teacher reads. truncated: fraction of the examples
    that are longer. unknown: fraction of [UNK] among the tokens that are read, or None without such a token.
    suggested: the least usual limit that reads 99 % of the examples to their end, at most `limit`.
    warnings: sentences on what these figures mean. examples: how many were tokenised.
    """

    median: int
    most_of_95: int
    longest: int
    mean: float
    mean_read: float
    limit: int
    truncated: float
    unknown: float | None
    suggested: int
    examples: int
    warnings: tuple[str, ...] = ()


def token_report(splits: Splits | Examples, tokenizer: PreTrainedTokenizerBase, limit: int) -> TokenReport:
    """The lengths of examples in a tokenizer's tokens, if a model reads at most `limit` of them.

    Of many examples some are tokenised, evenly spread over the training split, or over `splits` if it is one set.
    """
    examples = (splits if isinstance(splits, Examples) else splits["train"]).spread(MOST)
    encoded = encode(tokenizer, examples, LONGEST)
    lengths = sorted(map(len, encoded.tokens))
    count = len(lengths)
    truncated = sum(length > limit for length in lengths) / count
    unknown = _unknown(tokenizer, examples, limit)
    suggested = min(limit, next((size for size in SUGGESTED if size >= _quantile(lengths, COVERED)), TOKENS[1]))
    return TokenReport(
        median=_quantile(lengths, 0.5),
        most_of_95=_quantile(lengths, 0.95),
        longest=lengths[-1],
        mean=sum(lengths) / count,
        mean_read=sum(min(length, limit) for length in lengths) / count,
        limit=limit,
        truncated=truncated,
        unknown=unknown,
        suggested=suggested,
        examples=count,
        warnings=(*_warnings(truncated, unknown, limit), *filter(None, [foreign_text(examples, tokenizer)])),
    )


def suggested_limit(splits: Splits, tokenizer: PreTrainedTokenizerBase) -> int:
    """The token limit that page and command line take if nobody gives another: see `TokenReport.suggested`."""
    return token_report(splits, tokenizer, TOKENS[1]).suggested


def with_token_warnings(report: DataReport, tokens: TokenReport) -> DataReport:
    """The report of a data set with the warnings about its tokens."""
    return replace(report, warnings=(*report.warnings, *tokens.warnings))


def _quantile(rising: list[int], fraction: float) -> int:
    """The least value that this fraction of the values does not exceed."""
    return rising[max(0, ceil(fraction * len(rising) - 1e-9) - 1)]


def _unknown(tokenizer: PreTrainedTokenizerBase, examples: Examples, limit: int) -> float | None:
    """The fraction of [UNK]; of a pair both texts count."""
    if tokenizer.unk_token_id is None:
        return None
    text = examples.text + (examples.second or ())
    return unknown_share(tokenizer, Examples(text, (0,) * len(text)), limit)


def _warnings(truncated: float, unknown: float | None, limit: int) -> list[str]:
    warnings = []
    if truncated > MANY_TRUNCATED:
        warnings.append(f"{truncated:.0%} of the examples have more than {limit} tokens; the model reads no further.")
    if unknown is not None and unknown > MANY_UNKNOWN:
        warnings.append(
            f"{unknown:.1%} of the tokens are [UNK]: the tokenizer was made for another language or script."
        )
    return warnings
