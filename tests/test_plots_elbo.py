"""The pictures of lesson 1: densities of one posterior, the way from recon to the ceiling, the KL over a scale."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from learner import area, dashed_black, legend, limits, moments, painted_before
from vaelib import style
from vaelib.live import LivePicture
from vaelib.plots import elbo as plots

TERMS = [(-0.9, 0.4, -0.7), (-5.842, 0.089, -1.7645), (-9.5, 0.0, -0.3), (-35.5, 8.1, -9.1), (-300.0, 12.3, -3.1)]


def number(text):
    return float(text.get_text().replace("\N{MINUS SIGN}", "-").removesuffix(plots.CUT))


def test_posteriors_show_q_and_the_true_one_above_the_prior(axes):
    posteriors = plots.Posteriors(axes)
    posteriors.show((0.4, 0.82), (-0.5, 0.07))
    assert moments(posteriors.q) == pytest.approx((0.4, 0.82), abs=1e-4)
    assert moments(posteriors.exact) == pytest.approx((-0.5, 0.07), abs=1e-6)
    assert [area(line) for line in axes.lines] == pytest.approx([1, 1, 1], abs=1e-5)
    assert moments(axes.lines[0]) == pytest.approx((0, 1), abs=1e-4)
    assert legend(axes) == ["prior p(z)", "q(z|x)", "true posterior p(z|x)"]


def test_the_true_posterior_is_dashed_black_and_behind_q(axes):
    posteriors = plots.Posteriors(axes)
    assert dashed_black(posteriors.exact) and painted_before(posteriors, posteriors.exact, posteriors.q)
    assert to_hex(posteriors.q.get_color()) == style.POSTERIOR["color"]


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_the_bars_lead_from_0_by_recon_minus_kl_and_the_gap_to_the_ceiling(axes, recon, kl, ceiling):
    waterfall = plots.Waterfall(axes)
    waterfall.show(recon, kl, ceiling)
    ends = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in waterfall.bars]
    np.testing.assert_allclose(ends, [(0, recon), (recon, recon - kl), (recon - kl, ceiling)], atol=1e-12)
    assert [number(text) for text in waterfall.numbers] == pytest.approx([recon, -kl, ceiling - recon + kl], abs=6e-4)
    assert [number(text) for text in waterfall.levels] == pytest.approx([ceiling, recon - kl], abs=6e-4)
    assert set(waterfall.ceiling.get_ydata()) == {ceiling}
    assert set(waterfall.elbo.get_ydata()) == {recon - kl}


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_a_bar_that_leaves_the_picture_keeps_its_number_in_view(axes, recon, kl, ceiling):
    waterfall = plots.Waterfall(axes)
    before = limits(axes)
    waterfall.show(recon, kl, ceiling)
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    assert limits(axes) == before
    for text in (*waterfall.numbers, *waterfall.levels):
        (left, bottom), (right, top) = axes.transData.inverted().transform(text.get_window_extent(canvas.renderer))
        assert before[0][0] <= left < right <= before[0][1]
        assert before[1][0] <= bottom < top <= before[1][1]


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_an_arrow_says_what_reaches_below_the_picture(axes, recon, kl, ceiling):
    waterfall = plots.Waterfall(axes)
    waterfall.show(recon, kl, ceiling)
    floor = axes.get_ylim()[0]
    lowest = [bar.get_y() + min(0, bar.get_height()) for bar in waterfall.bars] + [ceiling, recon - kl]
    arrows = ["↓" in text.get_text() for text in (*waterfall.numbers, *waterfall.levels)]
    assert arrows == [level < floor for level in lowest]


def test_each_number_stands_under_its_bar_and_the_levels_at_their_lines(axes):
    waterfall = plots.Waterfall(axes)
    waterfall.show(-4.0, 1.5, -2.0)
    assert [text.get_position()[0] for text in waterfall.numbers] == [
        bar.get_x() + bar.get_width() / 2 for bar in waterfall.bars
    ]
    assert [text.get_verticalalignment() for text in waterfall.levels] == ["bottom", "top"]
    ceiling, elbo = (text.get_position()[1] for text in waterfall.levels)
    assert -2.0 < ceiling < -1.8 and -5.8 < elbo < -5.5
    assert [label.get_text() for label in axes.get_xticklabels()] == ["recon", "\N{MINUS SIGN} KL", "gap"]


def test_the_terms_have_their_colours_and_the_gap_is_hatched(axes):
    waterfall = plots.Waterfall(axes)
    colours = [to_hex(bar.get_facecolor()) for bar in waterfall.bars]
    assert colours == [style.RECON["color"], style.KL["color"], style.PAPER]
    assert [bool(bar.get_hatch()) for bar in waterfall.bars] == [False, False, True]
    assert to_hex(waterfall.elbo.get_color()) == to_hex(waterfall.levels[1].get_color()) == style.OBJECTIVE["color"]


def test_the_ceiling_is_dashed_black_and_behind_the_elbo(axes):
    waterfall = plots.Waterfall(axes)
    assert dashed_black(waterfall.ceiling)
    assert painted_before(waterfall, waterfall.ceiling, waterfall.elbo)
    assert all(painted_before(waterfall, bar, waterfall.ceiling) for bar in waterfall.bars)
    assert legend(axes) == ["ELBO", "log p(x)"]


def test_the_kl_of_the_scale_has_a_dot_on_its_curve_and_a_line_where_it_is_smallest(axes):
    scales = np.geomspace(0.5, 8, 31)
    kl = (np.log(scales) - 1) ** 2
    curve = plots.KlOfScale(axes, scales, kl)
    before = limits(axes)
    curve.show(scales[7], kl[7])
    line, best = axes.lines[:2]
    np.testing.assert_array_equal(line.get_xydata(), np.column_stack([scales, kl]))
    assert set(best.get_xdata()) == {scales[kl.argmin()]} and dashed_black(best)
    assert curve.dot.get_xydata().tolist() == [[scales[7], kl[7]]] and curve.artists == [curve.dot]
    assert legend(axes) == ["KL", "smallest"]
    curve.show(0.5, 1e3)
    assert limits(axes) == before == ((0.5, 8), (0, 12)) and axes.get_xscale() == "log"


@pytest.mark.parametrize("ceiling", [-12.5, -13.5, -40.7])
def test_the_gaps_number_stays_in_view_below_a_low_ceiling(axes, ceiling):
    waterfall = plots.Waterfall(axes)
    live = LivePicture(axes.figure, waterfall.artists)
    waterfall.show(ceiling - 1, 0.5, ceiling)
    live.draw()
    box = axes.transData.inverted().transform(waterfall.numbers[2].get_window_extent(live.canvas.get_renderer()))
    assert axes.get_ylim()[0] <= box[0, 1]
