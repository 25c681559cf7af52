import pytest

from vaelib import style

pytest.register_assert_rewrite("learner")


@pytest.fixture
def axes():
    """An empty picture's only axes."""
    return style.picture(480, 360, "a picture")[1][0]
