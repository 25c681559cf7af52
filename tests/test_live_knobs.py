"""The knobs of a panel: notches, units, numbers as a person would say them."""

import numpy as np
import pytest

from vaelib.live import Scale, linear, logarithmic


@pytest.mark.parametrize("value", [1.0, 3.7, 10, np.float64(2.5), np.int64(5)])
def test_set_is_literal_between_the_ends_of_a_scale(line, value):
    line.panel.set(height=value)
    assert line.panel.values["height"] == value
    assert type(line.panel.values["height"]) is float
    line.panel.set(height=2.0)
    assert [number for _, number in line.panel.knobs["height"].options] == [1.0, 2.0, 5.0, 10.0]


def test_a_scale_shows_its_unit_on_every_notch(tabbed):
    knob = tabbed.panel.knobs["length"]
    tabbed.panel.set(length=3.3)
    labels = dict(knob.options)
    assert labels["0.5 cm"] == 0.5 and labels["3.3 cm"] == 3.3 and labels["10 cm"] == 10.0
    assert all(label.endswith(" cm") for label in labels)
    assert [label for label, _ in Scale("steps", (1, 2000)).options] == ["1", "2,000"]


@pytest.mark.parametrize(
    ("lowest", "highest", "step"), [(-4.5, 4.5, 0.1), (0, 1, 0.05), (0.1, 0.95, 0.05), (-4, 2, 0.1)]
)
def test_linear_numbers_are_evenly_spaced_and_written_as_a_person_would(lowest, highest, step):
    numbers = linear(lowest, highest, step)
    np.testing.assert_allclose(numbers, np.arange(len(numbers)) * step + lowest, atol=1e-12)
    assert (numbers[0], numbers[-1]) == (lowest, highest)
    assert all(type(number) is float and len(f"{number!r}".lstrip("-")) <= 4 for number in numbers)
    assert "-0.0" not in map(repr, numbers)


@pytest.mark.parametrize(("lowest", "highest"), [(0.1, 30), (0.02, 5), (0.5, 8), (0.001, 0.2), (0.25, 3)])
def test_logarithmic_numbers_are_round_and_about_twenty_to_a_decade(lowest, highest):
    numbers = logarithmic(lowest, highest)
    assert (numbers[0], numbers[-1]) == (lowest, highest) and numbers == sorted(set(numbers))
    assert np.divide(numbers[1:], numbers[:-1]).max() < 1.2
    assert len(numbers) / np.log10(highest / lowest) == pytest.approx(20, abs=2)
    assert all(float(f"{number:.3g}") == number for number in numbers)


@pytest.mark.parametrize(
    ("value", "notch"),
    [
        (0.1 + 0.2, 0.3),
        (np.float32(0.3), 0.3),
        (np.float16(0.3), 0.3),
        (0.1 * 3 - 0.3, 0.0),
        (np.arange(-3, 3.1, 0.1)[-1], 3.0),
        (np.float32(-2.9), -2.9),
        (np.float64(1.3), 1.3),
    ],
)
def test_a_number_that_differs_from_a_notch_by_rounding_alone_is_that_notch(value, notch):
    knob = Scale("x", linear(-3, 3, 0.1))
    options = knob.options
    knob.check(value)
    knob.place(value)
    assert knob.value == notch
    assert knob.options == options


@pytest.mark.parametrize("value", [0.3001, 0.3 + 1e-7, np.float32(0.30001), 5, 5.0])
def test_any_other_number_gets_a_notch_of_its_own(value):
    knob = Scale("recon_var", [0.1, 0.3, 5.5])
    knob.place(value)
    assert knob.value == value
    assert len(knob.options) == 4


def test_where_numbers_differ_their_labels_differ_and_are_no_longer_than_that_takes():
    knob = Scale("x", [-1.0, 0.3, 0.30004, 1.2341, 1.2349, 1.25])
    assert [label for label, _ in knob.options] == ["-1", "0.3", "0.30004", "1.234", "1.235", "1.25"]
    knob.place(1.250001)
    assert knob.label == "1.250001" and knob.options[-2][0] == "1.25"


def test_an_observer_of_a_knob_sees_what_was_set_and_nothing_else():
    knob, seen = Scale("height", (1.0, 2.0, 5.0, 10.0)), []
    knob.place(5.0)
    knob.observe(lambda change: seen.append((change["new"], knob.label, knob.options[knob.index][1])), "value")
    for value in (3.7, 4.0, 10.0, 1.0, 1.5, 2.0, 2.0):
        knob.place(value)
    assert seen == [(value, f"{value:g}", value) for value in (3.7, 4.0, 10.0, 1.0, 1.5, 2.0)]
