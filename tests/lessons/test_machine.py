"""The picture of the whole machine: its stations in their order, its densities, its two terms where they arise."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex

from vaelib import style
from vaelib.lessons import machine

pytestmark = pytest.mark.pinned


@pytest.fixture(scope="module")
def picture():
    made = machine.machine()
    made.canvas.draw()
    return made


@pytest.fixture
def texts(picture):
    return {text.get_text(): text for text in picture.axes[0].texts if text.get_text()}


@pytest.fixture
def lines(picture):
    return {line.get_label(): line for line in picture.axes[0].lines}


def density(line, centre):
    """A curve of the picture, in pixels, as x and density in the units of its axis."""
    x, height = line.get_data()
    return (x - centre) / machine.UNIT, (height - machine.AXIS) / machine.PEAK


def test_the_stations_follow_each_other_from_x_to_x_hat(texts):
    road = ["$x$", "encoder", r"$\mu$", r"$\mu + \sigma\,\varepsilon$", "$z$", "decoder", r"$\hat x$"]
    places = [texts[name].get_position()[0] for name in road]
    assert places == sorted(places) and len(set(places)) == len(road)
    assert texts["logvar"].get_position()[0] == texts[r"$\mu$"].get_position()[0]


def test_an_arrow_leads_from_each_station_to_the_next(picture):
    arrows = [text for text in picture.axes[0].texts if not text.get_text()]
    road = [(arrow.xyann, arrow.xy) for arrow in arrows if to_hex(arrow.arrow_patch.get_edgecolor()) == style.INK]
    assert len(road) == len(machine.STEPS)
    assert all(begin[0] < end[0] or (begin[0] == end[0] and begin[1] < end[1]) for begin, end in road)


def test_prior_q_and_decoder_are_normal_densities_in_their_colours(lines):
    expected = {
        "prior p(z)": (machine.PRIOR, machine.PRIOR[0], style.PRIOR),
        "q(z|x)": (machine.Q, machine.Q[0], style.POSTERIOR),
        "p(x|z)": (machine.NOISE, machine.X_HAT, style.MODEL),
    }
    for label, ((_, var), centre, look) in expected.items():
        x, height = density(lines[label], centre)
        assert np.trapezoid(height, x) == pytest.approx(1, abs=5e-3)
        assert np.trapezoid(x * height, x) == pytest.approx(0, abs=1e-9)
        assert np.trapezoid(x**2 * height, x) == pytest.approx(var, rel=0.03)
        assert to_hex(lines[label].get_color()) == look["color"]


def test_recon_stands_at_the_height_of_the_density_at_x(picture, lines):
    (recon,) = [line for line in picture.axes[0].lines if to_hex(line.get_color()) == style.RECON["color"]]
    (left, right), (foot, top) = recon.get_data()
    assert left == right == machine.X and foot == machine.AXIS
    assert top == pytest.approx(np.interp(machine.X, *lines["p(x|z)"].get_data()), abs=0.01)


def test_the_terms_have_their_colours(texts):
    looks = {"KL": style.KL, "recon": style.RECON, "ELBO = recon \N{MINUS SIGN} KL": style.OBJECTIVE}
    assert {name: texts[name].get_color() for name in looks} == {name: look["color"] for name, look in looks.items()}


def test_no_text_covers_another_or_leaves_the_picture(picture, texts):
    boxes = {name: text.get_window_extent() for name, text in texts.items()}
    assert [pair for pair in itertools.combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []
    frame = picture.bbox
    assert all(frame.contains(*box.min) and frame.contains(*box.max) for box in boxes.values())


def test_its_text_names_every_part(picture):
    for word in ("encoder", "mu", "logvar", "eps", "z", "decoder", "x-hat", "prior", "KL", "recon", "ELBO"):
        assert word in picture.text
