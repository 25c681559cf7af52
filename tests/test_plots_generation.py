"""The pictures of lesson 5 beside the decoder's plane: a path, its company, outcomes, holes, norms."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from learner import dashed_black, legend, limits, painted_before
from vaelib import style
from vaelib.live import LivePicture
from vaelib.plots import generation as plots

T = plots.T_GRID


def test_the_path_has_its_ends_its_spread_and_the_place_on_it(axes):
    path = plots.Path(axes)
    x_hat, best = -2.9 + 6.1 * T, -3.0 + 6.2 * T
    path.show((-3.1, 3.3), x_hat, 0.55, best, (0.4, -0.46))
    np.testing.assert_array_equal(path.line.get_xydata(), np.column_stack([T, x_hat]))
    np.testing.assert_array_equal(path.exact.get_xydata(), np.column_stack([T, best]))
    assert path.points.get_xydata().tolist() == [[0, -3.1], [1, 3.3]]
    assert path.dot.get_xydata().tolist() == [[0.4, -0.46]]
    assert legend(axes) == ["data points", "x̂", "optimum"]
    assert (T[0], T[-1]) == axes.get_xlim() == (0, 1)


def test_the_band_is_two_standard_deviations_high_all_along_the_path(axes):
    path = plots.Path(axes)
    path.show((-3, 3), np.sin(T), 0.55, T, (0.5, 0.0))
    t, x = path.band.get_xy().T
    for place in T:
        assert sorted(set(x[t == place].round(12))) == pytest.approx([np.sin(place) - 0.55, np.sin(place) + 0.55])
    assert path.band.contains_point(axes.transData.transform((0.5, np.sin(0.5) + 0.5)))
    assert not path.band.contains_point(axes.transData.transform((0.5, np.sin(0.5) + 0.6)))


def test_the_optimums_path_is_dashed_black_behind_the_line_and_the_band_behind_both(axes):
    path = plots.Path(axes)
    assert dashed_black(path.exact)
    assert painted_before(path, path.band, path.exact) and painted_before(path, path.exact, path.line)
    assert painted_before(path, path.line, path.dot)
    assert {to_hex(artist.get_color()) for artist in (path.line, path.dot)} == {style.MODEL["color"]}


def test_company_is_a_count_along_the_path(axes):
    company = plots.Company(axes, 0.5)
    counts = np.round(50 * np.abs(T - 0.5)).astype(int)
    company.show(counts, (0.4, 5))
    np.testing.assert_array_equal(company.line.get_xydata(), np.column_stack([T, counts]))
    assert company.dot.get_xydata().tolist() == [[0.4, 5]]
    assert axes.get_title(loc="left") == "Data points within 0.5"


def test_limits_stay_along_every_path():
    figure, places = style.picture(900, 300, "a path", "ab")
    path, company = plots.Path(places[0]), plots.Company(places[1], 0.5)
    live = LivePicture(figure, [*path.artists, *company.artists])
    before = [limits(place) for place in places]
    for size in (0.0, 1.0, 100.0):
        path.show((-size, size), size * T, size, -size * T, (1.0, size))
        company.show(size * T, (1.0, size))
        live.draw()
        assert [limits(place) for place in places] == before


def test_outcomes_are_drawn_over_the_data(axes):
    grid = np.linspace(-6, 6, 601)
    densities = {"one": stats.norm.pdf(grid), "two": stats.norm.pdf(grid, 1, 2), "three": stats.norm.pdf(grid, -1, 0.6)}
    plots.outcomes(axes, np.array([-1.0, 1.0, 1.1, 2.0]), grid, densities)
    for line, (label, density) in zip(axes.lines, densities.items(), strict=True):
        assert line.get_label() == label
        np.testing.assert_array_equal(line.get_ydata(), density)
    assert len({str(line.get_linestyle()) for line in axes.lines}) == 2
    assert sum(bar.get_height() * bar.get_width() for bar in axes.patches) == pytest.approx(1)
    assert legend(axes) == ["data", "one", "two", "three"]


def test_holes_are_shaded_under_the_prior_where_the_codes_are_not(axes):
    z = np.linspace(-5, 5, 1001)
    prior = stats.norm.pdf(z)
    codes = (stats.norm.pdf(z, -1.5, 0.3) + stats.norm.pdf(z, 1.5, 0.3)) / 2
    plots.holes(axes, "beta 1", z, codes, prior, np.abs(z) < 0.6)
    assert legend(axes) == ["prior", "q(z)", "holes"] and axes.get_title(loc="left") == "beta 1"
    for line, density in zip(axes.lines, (prior, codes), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([z, density]))
        assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(1, abs=1e-5)
    (shade,) = axes.collections
    (region,) = shade.get_paths()
    box = region.get_extents()
    assert (box.x0, box.x1) == pytest.approx((-0.6, 0.6), abs=0.011)
    assert (box.y0, box.y1) == pytest.approx((0, prior.max()))
    assert to_hex(shade.get_facecolor()[0]) == style.PRIOR["color"]


def test_norms_have_a_mean_and_a_standard_deviation_for_each_dimension(axes):
    dimensions, typical, midway = (
        (1, 10, 100),
        ([0.8, 0.97, 1.0], [0.6, 0.2, 0.07]),
        ([0.56, 0.69, 0.7], [0.4, 0.15, 0.05]),
    )
    plots.norms(axes, dimensions, typical, midway)
    assert legend(axes) == ["draws", "halfway"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "10", "100"]
    for container, (mean, sd), side in zip(axes.containers, (typical, midway), (-1, 1), strict=True):
        points, _, (bars,) = container.lines
        assert points.get_ydata().tolist() == mean and points.get_linestyle() == "None"
        assert (np.sign(points.get_xdata() - np.arange(3)) == side).all()
        ends = np.array(bars.get_segments())[:, :, 1]
        np.testing.assert_allclose(ends, np.column_stack([np.subtract(mean, sd), np.add(mean, sd)]))
