"""The knobs of a panel. Each can `refuse` a value in one sentence, and `place` one that it does not refuse."""

import ipywidgets as widgets
import numpy as np

BROAD = {"layout": {"width": "auto", "flex": "1 1 0"}, "style": {"description_width": "initial"}}


class Scale(widgets.SelectionSlider):
    """A knob over ascending `numbers`; a number between the first and the last gets a notch when it is set."""

    def __init__(self, name, numbers):
        self.numbers = tuple(numbers)
        super().__init__(description=name, options=_notches(self.numbers), **BROAD)

    def refuse(self, value):
        whole = all(isinstance(number, int) for number in self.numbers)
        _refuse_number(self.description, value, self.numbers[0], self.numbers[-1], whole)

    def place(self, value):
        value = type(self.numbers[0])(value)
        notches = _notches(sorted({*self.numbers, value}))
        with self.hold_sync():
            if notches != self.options:
                self.options = notches
            self.value = value


class Position(widgets.IntSlider):
    """A knob from 0 to 100 percent."""

    def __init__(self, name):
        super().__init__(description=name, max=100, **BROAD)

    def refuse(self, value):
        _refuse_number(self.description, value, 0, 100, whole=True)

    def place(self, value):
        self.value = int(value)


class Menu(widgets.Dropdown):
    """A knob with a few named positions; `labels` says of each value how the menu calls it."""

    def __init__(self, name, labels):
        self.labels = labels
        super().__init__(description=name, options=[(label, value) for value, label in labels.items()])

    def refuse(self, value):
        if not isinstance(value, str) or value not in self.labels:
            allowed = ", ".join(map(repr, self.labels))
            raise ValueError(f"{self.description} is {value!r}; it must be one of {allowed}.")

    def place(self, value):
        self.value = value


def _notches(numbers):
    return tuple((_label(number), number) for number in numbers)


def _label(number):
    return f"{number:,}" if isinstance(number, int) else f"{number:.3g}"


def _refuse_number(name, value, lowest, highest, whole):
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, kinds) or not lowest <= value <= highest:
        kind = "whole number" if whole else "number"
        raise ValueError(f"{name} is {value!r}; it must be a {kind} from {_label(lowest)} to {_label(highest)}.")
