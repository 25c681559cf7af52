"""What a learner sees of a picture, a panel and a verdict, and does to a panel with several hands at once."""

import html
import io
import re
import threading
import time

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from vaelib import panels

PANELS = {name: make for name, make in vars(panels).items() if name.endswith("_panel")}

# Between them they have every kind of knob, tabs, a fold, a grey knob and a play button.
VARIED = ("training_panel", "generation_panel")


# What takes long starts with a short run where the length is not what is asked about.
SHORT = {"curve_panel": {"steps": 100}, "digits_panel": {"epochs": 10}}


def started(name, **knobs):
    """A new panel of that name."""
    return PANELS[name](**SHORT.get(name, {}) | knobs)


def marks_of_engine(name):
    """For what the engine does for all panels alike: other versions are asked for it at varied panels alone."""
    return [] if name in VARIED else [pytest.mark.pinned]


def png_of(panel):
    return bytes(panel.view.image.value)


def rgb(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def pixels(panel):
    return rgb(png_of(panel))


def status(panel):
    return panel.status.value


def assert_alive(panel):
    """The line below the picture is the panel's own, not an error's, with finite numbers and no minus before a zero."""
    assert panel.summary() in html.unescape(status(panel))
    assert not re.search(r"\b(nan|inf)\b|-0\.000\b", panel.summary())


def savefig(picture):
    png = io.BytesIO()
    picture.savefig(png, format="png")
    return png.getvalue()


def descendants(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descendants(child)


def drawn(panel, place, label):
    """The artist of that label in one of the pictures, which are counted in the order of the axes."""
    (artist,) = [artist for artist in panel.view.figure.axes[place].get_children() if artist.get_label() == label]
    return artist


def ends(panel, name):
    numbers = panel.knobs[name].numbers
    return numbers[0], numbers[-1]


def numbers_in(text):
    return [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*\.?\d*(?:e-?\d+)?", text)]


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def area(line):
    return np.trapezoid(line.get_ydata(), line.get_xdata())


def moments(line):
    x, density = line.get_data()
    mean = np.trapezoid(x * density, x)
    return mean, np.trapezoid((x - mean) ** 2 * density, x)


def limits(axes):
    return axes.get_xlim(), axes.get_ylim()


def painted_before(picture, first, second):
    """Whether the live picture paints `first` before `second`: by zorder, then in the order of the artists."""
    order = sorted(picture.artists, key=lambda artist: artist.zorder)
    return order.index(first) < order.index(second)


def dashed_black(line):
    return to_hex(line.get_color()) == "#000000" and line.is_dashed()


def said(capsys, exercise, answer):
    exercise(answer)
    (line,) = capsys.readouterr().out.splitlines()
    return line


def at_once(*hands, seconds=30):
    """Each hand, a function, on a thread of its own; what one of them raises is raised here, and that one hangs too."""
    errors = []

    def work(hand):
        try:
            hand()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[hand], daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    for error in errors:
        raise error
    assert not any(thread.is_alive() for thread in threads), "a hand waits for ever"


def hand(knob, values, trait="value"):
    """A hand that gives the knob these values, one after the other."""
    return lambda: [setattr(knob, trait, value) for value in values]
