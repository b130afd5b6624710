"""Whole numbers in tables: a browser's locale would write 13.424.258 beside 59.1 %, so the lab writes them itself."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from pandas.io.formats.style import Styler


def grouped_numbers(table: pd.DataFrame, columns: Iterable[str]) -> Styler:
    """The table with numbers in these columns written as `13,424,258`, a missing one as nothing.

    They are still numbers, so a reader can sort by them. A column that the table does not have is passed over.
    """
    return table.style.format({name: "{:,.0f}" for name in columns if name in table}, na_rep="")
