"""All right ones: in several styles, and in files of several kinds."""

from __future__ import annotations

from benchmarks.counters.right_files import RIGHT_FILES
from benchmarks.counters.right_styles import RIGHT_STYLES

RIGHT = (*RIGHT_STYLES, *RIGHT_FILES)
