"""The knobs of a panel. Each can `check` a value, ValueError in one sentence if not allowed, and `place` one that is.

A number that differs from a notch by rounding alone is that notch.
"""

import math
import threading
from collections import Counter, deque
from contextlib import contextmanager

import ipywidgets as widgets
import numpy as np
import traitlets

MANTISSAS = (1, 1.1, 1.25, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)
BROAD = {"layout": {"width": "auto", "min_width": "195px", "flex": "1 1 0"}, "style": {"description_width": "initial"}}
NARROW = BROAD | {"layout": {"width": "max-content", "margin": "2px 12px 2px 2px"}}


def logarithmic(lowest, highest):
    """The numbers between `lowest` and `highest` that a person would say, about twenty to a decade."""
    numbers = [float(f"{mantissa}e{exponent}") for exponent in range(-4, 3) for mantissa in MANTISSAS]
    return [number for number in numbers if lowest <= number <= highest]


def linear(lowest, highest, step):
    """The numbers lowest, lowest + step, ..., highest, as a person would write them."""
    return [round(lowest + step * index, 6) + 0.0 for index in range(round((highest - lowest) / step) + 1)]


class Turn:
    """A lock that shows how many are `waiting` for it: who takes it again and again can let the others go first."""

    def __init__(self):
        self._lock, self.waiting = threading.RLock(), deque()

    def __enter__(self):
        self.waiting.append(None)
        try:
            self._lock.acquire()
        finally:
            self.waiting.pop()

    def __exit__(self, *_):
        self._lock.release()


class Knob:
    """A widget that a hand in the page and a cell of the notebook move one after the other, never at once."""

    lock = Turn()  # one for all panels: two that are linked cannot wait for each other
    in_hand = False  # whether who has the lock does what a hand in the page wants

    def set_state(self, sync_data):
        with moved(by_hand=True):
            super().set_state(sync_data)

    def place(self, value):
        self.value = value


@contextmanager
def moved(*, by_hand):
    """What knobs and buttons do inside is done with the lock, and for a hand in the page or for a cell."""
    with Knob.lock:
        before, Knob.in_hand = Knob.in_hand, by_hand
        try:
            yield
        finally:
            Knob.in_hand = before


class Button(widgets.Button):
    """A button that knows whether a hand presses it; `click()` is a cell's."""

    def _handle_button_msg(self, *message):
        with moved(by_hand=True):
            super()._handle_button_msg(*message)


class Scale(Knob, widgets.SelectionSlider):
    """A knob over ascending `numbers`, shown with `unit`; a number between the ends gets a notch when it is set."""

    def __init__(self, name, numbers, unit=""):
        self.numbers, self.unit, self.noted = tuple(numbers), unit, ""
        super().__init__(description=name, options=self._notches(self.numbers), **BROAD)

    def check(self, value):
        _check_number(self.description, value, self.numbers, self._without_rounding)

    def place(self, value):
        value = self._without_rounding(value)
        numbers = sorted({*self.numbers, value})
        notches = self._notches(numbers, value)
        with self.hold_sync():
            if notches != self.options:
                self._initializing_traits_ = True  # new options then leave the knob where it is
                self.options = notches
                self._initializing_traits_ = False
            self.index = numbers.index(value)
            self.label, self.value = notches[self.index]

    def note(self, text):
        """Show `text` in the place of the number, or the number again where it is empty; the handle stays."""
        if text != self.noted:
            self.noted = text
            self.place(self.value)

    def _without_rounding(self, value):
        """The notch that differs from `value`, perhaps a coarse NumPy number, by rounding alone; else the value."""
        coarse = np.finfo(type(value)).eps / 2 if isinstance(value, np.floating) else 0.0
        rounding = {"rel_tol": max(1e-9, coarse), "abs_tol": 1e-12 * (self.numbers[-1] - self.numbers[0])}
        same = (number for number in self.numbers if math.isclose(number, value, **rounding))
        return next(same, type(self.numbers[0])(value))

    def _notches(self, numbers, value=None):
        labels = {number: label + self.unit for number, label in _labels(numbers).items()}
        if self.noted:
            labels[value] = self.noted
        return tuple((label, number) for number, label in labels.items())


class Position(Knob, widgets.IntSlider):
    """A knob from 0 to 100 percent."""

    def __init__(self, name):
        super().__init__(description=name, max=100, **BROAD)

    def check(self, value):
        _check_number(self.description, value, range(101), int)


class Menu(Knob, widgets.Dropdown):
    """A knob with a few named positions; `labels` says of each value how the menu calls it."""

    def __init__(self, name, labels):
        self.labels = labels
        options = [(label, value) for value, label in labels.items()]
        super().__init__(description=name, options=options, **NARROW)

    def check(self, value):
        _check_name(self.description, value, self.labels)


class Tabs(Knob, widgets.Tab):
    """A knob whose positions are tabs; its value is the title of the one in view."""

    value = traitlets.Unicode()

    def __init__(self, name, titles):
        self.description = name
        super().__init__([widgets.VBox() for _ in titles], titles=list(titles), selected_index=0)

    @traitlets.observe("selected_index")
    def _follow(self, change):
        self.value = self.titles[change["new"]]

    def check(self, value):
        _check_name(self.description, value, self.titles)

    def place(self, value):
        self.selected_index = self.titles.index(value)


def _check_name(knob, value, names):
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{knob} is {value!r}; it must be one of {', '.join(map(repr, names))}.")


def _label(number, digits=3):
    return f"{number:,}" if isinstance(number, int) else f"{number:.{digits}g}"


def _labels(numbers):
    """One for each number, of three digits, or of as many as tell it from the others."""
    labels, digits = {number: _label(number) for number in numbers}, 3
    while len(shared := Counter(labels.values())) < len(labels):
        digits += 1
        labels |= {number: _label(number, digits) for number, label in labels.items() if shared[label] > 1}
    return labels


def _check_number(name, value, numbers, read):
    lowest, highest, whole = numbers[0], numbers[-1], isinstance(numbers[0], int)
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, kinds) or not lowest <= read(value) <= highest:
        kind = "whole number" if whole else "number"
        raise ValueError(f"{name} is {value!r}; it must be a {kind} from {_label(lowest)} to {_label(highest)}.")
