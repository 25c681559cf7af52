"""The decoder's plane, the strip of densities below it and what comes out beside it."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from learner import dashed_black, legend, limits, painted_before
from vaelib import data, style
from vaelib.lessons.decoder import ENDS, X_GRID, Z_GRID, DecoderPlane, LatentStrip, Outcome

X = data.toy()
RNG = np.random.default_rng(0)


def test_the_plane_shows_the_points_and_a_line_from_edge_to_edge(axes):
    plane = DecoderPlane(axes, "Codes", "samples", style.DATA | {"marker": "o"})
    z, x = RNG.standard_normal((2, 30))
    plane.show(z, x, (ENDS, 1.5 * ENDS - 0.25))
    np.testing.assert_array_equal(plane.points.get_xydata(), np.column_stack([z, x]))
    ends, heights = plane.line.get_data()
    assert tuple(ends) == axes.get_xlim()
    assert np.polyfit(ends, heights, 1) == pytest.approx([1.5, -0.25])
    assert legend(axes) == ["samples", "decoder"]


@pytest.mark.parametrize("look", [style.DATA | {"marker": "o"}, style.MODEL | {"marker": "o", "markersize": 3.5}])
def test_points_of_the_plane_are_not_joined(axes, look):
    assert DecoderPlane(axes, "Codes", "samples", look).points.get_linestyle() == "None"


def test_the_strip_shows_the_prior_and_a_density_of_area_1(axes):
    strip = LatentStrip(axes, "q(z)", style.POSTERIOR)
    strip.show(stats.norm.pdf(Z_GRID, 0.4, 0.5))
    prior = axes.lines[0]
    np.testing.assert_allclose(prior.get_ydata(), stats.norm.pdf(prior.get_xdata()))
    assert np.trapezoid(strip.density.get_ydata(), strip.density.get_xdata()) == pytest.approx(1, abs=1e-9)
    assert tuple(strip.density.get_xdata()[[0, -1]]) == axes.get_xlim()
    assert legend(axes) == ["prior", "q(z)"]
    assert to_hex(prior.get_color()) == style.PRIOR["color"] and prior not in strip.artists


def test_the_outcome_lies_along_x_with_the_data_as_bars_of_area_1(axes):
    outcome = Outcome(axes, "What comes out", "samples")
    outcome.show(X, stats.norm.pdf(X_GRID, 0.3, 1.2))
    heights, edges, _ = outcome.data.get_data()
    assert outcome.data.orientation == "horizontal"
    np.testing.assert_array_equal(heights * np.diff(edges) * X.size, np.histogram(X, edges)[0])
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1)
    density, x = outcome.density.get_data()
    assert np.trapezoid(density, x) == pytest.approx(1, abs=1e-5) and x[np.argmax(density)] == pytest.approx(0.3)
    assert tuple(x[[0, -1]]) == axes.get_ylim() == (edges[0], edges[-1])
    assert legend(axes) == ["data", "samples"]


def test_the_outcomes_optimum_is_dashed_black_behind_the_density_and_in_the_legend_if_there_is_one(axes):
    outcome = Outcome(axes, "What comes out", "samples", exact="optimum")
    outcome.show(X, stats.norm.pdf(X_GRID, 0, 1), stats.norm.pdf(X_GRID, 0, 2))
    assert np.trapezoid(X_GRID**2 * outcome.exact.get_xdata(), X_GRID) == pytest.approx(4, rel=0.05)
    assert dashed_black(outcome.exact)
    assert painted_before(outcome, outcome.data, outcome.exact)
    assert painted_before(outcome, outcome.exact, outcome.density)
    assert legend(axes) == ["data", "samples", "optimum"]


def test_without_an_optimum_its_line_is_nowhere(axes):
    outcome = Outcome(axes, "Decoded prior", "decoded")
    outcome.show(X, stats.norm.pdf(X_GRID, 0, 1))
    assert np.isnan(outcome.exact.get_xdata()).all() and outcome.exact.get_ydata().size == X_GRID.size


def test_limits_stay_whatever_is_shown(axes):
    picture, places = style.picture(900, 400, "three pictures", "abc")
    plane = DecoderPlane(places[0], "Codes", "data", style.DATA | {"marker": "o"})
    strip, outcome = LatentStrip(places[1], "q(z)", style.POSTERIOR), Outcome(places[2], "Out", "decoded")
    before = [limits(place) for place in places]
    for size in (1e-3, 1.0, 1e3):
        plane.show(size * X, size * X, (ENDS, size * ENDS + size))
        strip.show(stats.norm.pdf(Z_GRID, 0, size))
        outcome.show(X, stats.norm.pdf(X_GRID, 0, size), stats.norm.pdf(X_GRID, size, 1))
        picture.canvas.draw()
        assert [limits(place) for place in places] == before
