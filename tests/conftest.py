import gc
import sys

import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from small_panels import Line, Tabbed
from vaelib import style
from vaelib.live import View

pytest.register_assert_rewrite("learner")


@pytest.fixture(scope="module", autouse=True)
def widgets_end_with_their_file():
    """ipywidgets keeps a widget until it is closed, a knob its panel, and a picture is a circle of references."""
    yield
    if _instances:
        Widget.close_all()
        gc.collect()


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


@pytest.fixture
def undrawn(monkeypatch):
    """Panels that compute and speak but do not paint, for tests that ask for what they say or what their lines are."""
    monkeypatch.setattr(View, "draw", lambda _: None)


@pytest.fixture
def restless():
    """Threads that take turns all the time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)
