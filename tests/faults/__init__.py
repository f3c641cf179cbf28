"""What goes wrong in the middle of a night."""

import pytest

pytest.register_assert_rewrite("tests.faults.trial", "tests.faults.raced")
