"""The tests, in the folders of what they test; what they share lies in `tests/shared`."""

import pytest

pytest.register_assert_rewrite("tests.shared")
