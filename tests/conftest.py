import pytest

from small_panels import Line, Tabbed
from vaelib import style

pytest.register_assert_rewrite("learner")


@pytest.fixture
def axes():
    """An empty picture's only axes."""
    return style.picture(480, 360, "a picture")[1][0]


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def tabbed():
    return Tabbed()
