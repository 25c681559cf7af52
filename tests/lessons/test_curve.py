"""Lesson 8: what its pictures draw, what its panel says, what its exercises tell."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from learner import area, assert_alive, dashed_black, drawn, legend
from vaelib import curve, data, two_heaps
from vaelib.lessons.curve import check, pictures
from vaelib.lessons.runs import RUNS_KEPT, kept
from vaelib.panels import curve_panel

pytestmark = pytest.mark.pinned

X = data.toy()
TRACES, PLANE, OUTCOME, POSTERIORS, GAP = range(5)


def PANEL():
    return curve_panel(steps=100)


def worth(panel):
    """ELBO, log p(x) and the two parts of the gap of the run shown, each of every data point or their mean."""
    params, v = panel.run.params, panel.values["recon_var"]
    elbo = curve.expected_terms(X, params, recon_var=v).elbo
    return elbo, curve.log_evidence(X, params, recon_var=v).mean(), curve.gap(X, params, recon_var=v)


# The pictures.


def test_the_stretched_axis_has_room_near_the_truth_and_goes_back_to_nats(axes):
    pictures.Traces(axes, -1.41)
    scale = axes.yaxis.get_transform()
    nats = np.array([-15.0, -2.2, -1.5, -1.2])
    np.testing.assert_allclose(scale.inverted().transform(scale.transform(nats)), nats)
    low, high = scale.transform(np.array(axes.get_ylim()))
    near = np.diff(scale.transform(np.array([-2.2, -1.4])))[0]
    assert near / (high - low) > 0.25


def test_the_bars_of_the_gap_lie_end_to_end_and_vanish_where_it_is_not_known(axes):
    gap = pictures.Gap(axes)
    gap.show((0.1, 0.25), (0.4, 2.0))
    first, second = gap.parts
    assert [(bar.get_x(), bar.get_width()) for bar in first] == [(0, 0.1), (0, 0.4)]
    assert [(bar.get_x(), bar.get_width()) for bar in second] == [(0.1, 0.25), (0.4, 2.0)]
    assert legend(axes) == ["no normal q", "this encoder"]
    axes.figure.draw_without_rendering()
    gap.show(2 * (np.nan,), 2 * (np.nan,))
    assert np.isnan([bar.get_width() for bar in (*first, *second)]).all()


# The panel.


def test_the_traces_end_at_what_the_parameters_are_worth_and_the_bound_is_never_crossed(panel):
    elbo, log_p, _ = worth(panel)
    lower, upper = (drawn(panel, TRACES, name) for name in ("ELBO", "log p(x)"))
    np.testing.assert_array_equal(lower.get_xdata(), upper.get_xdata())
    assert lower.get_xdata()[-1] == 100 and lower.get_ydata()[-1] == pytest.approx(elbo)
    assert upper.get_ydata()[-1] == pytest.approx(log_p)
    assert (lower.get_ydata() <= upper.get_ydata()).all()


def test_the_ceiling_is_what_the_recipe_of_the_data_scores_and_the_dotted_line_what_a_line_can_do(panel):
    truth = np.log(0.5 * stats.norm.pdf(X, -2.0, 0.45) + 0.5 * stats.norm.pdf(X, 2.2, 0.55)).mean()
    ceiling = next(line for line in panel.view.figure.axes[TRACES].lines if line.get_label() == "truth")
    assert dashed_black(ceiling) and ceiling.get_ydata() == pytest.approx([truth, truth])
    assert f"(truth {truth:.3f})" in panel.summary()
    s2 = X.var()
    for v, due in ((0.3, stats.norm.logpdf(X, X.mean(), np.sqrt(s2)).mean()), (5.0, None)):
        panel.set(recon_var=v)
        due = due if due is not None else stats.norm.logpdf(X, X.mean(), np.sqrt(v)).mean()  # it is given up there
        assert drawn(panel, TRACES, "straight line").get_ydata()[0] == pytest.approx(due)


def test_the_other_pictures_are_of_the_same_model(panel):
    params, v = panel.run.params, panel.values["recon_var"]
    z, x_hat = drawn(panel, PLANE, "decoder").get_data()
    t = np.tanh(params.decoder_in[0] * z[:-1, None] + params.decoder_in[1])
    np.testing.assert_allclose(x_hat[:-1], params.m * z[:-1] + params.n[0] + t @ params.decoder_out)
    density, x = drawn(panel, OUTCOME, "model").get_data()
    assert np.trapezoid(density, x) == pytest.approx(1, abs=0.01)
    nodes = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    t = np.tanh(params.decoder_in[0] * nodes[:, None] + params.decoder_in[1])
    means = params.m * nodes + params.n[0] + t @ params.decoder_out
    np.testing.assert_allclose(density[::40], stats.norm.pdf(x[::40, None], means, np.sqrt(v)).mean(axis=1), atol=1e-4)
    assert area(drawn(panel, POSTERIORS, "p(z|x)")) == pytest.approx(1, abs=0.01)
    assert area(drawn(panel, POSTERIORS, "q(z|x)")) == pytest.approx(1, abs=0.01)


def test_two_heaps_are_two_lines_with_a_gap_between(panel):
    panel.set(decoder="two heaps")
    x_hat = drawn(panel, PLANE, "decoder").get_ydata()
    first, second = np.split(x_hat, 2)
    assert np.isnan([first[-1], second[-1]]).all()
    np.testing.assert_allclose(second[:-1] - first[:-1], np.diff(panel.run.params.n)[0])


def test_the_sentence_splits_the_gap_of_the_data_and_of_the_x_in_view(panel):
    elbo, log_p, (approximation, amortisation) = worth(panel)
    assert f"ELBO {elbo:.3f}, KL" in panel.summary() and f"log p(x) {log_p:.3f} nats" in panel.summary()
    assert (
        f"is {approximation.mean():.3f} that no normal q closes and {amortisation.mean():.3f} of this"
        in panel.summary()
    )
    run = panel.run
    panel.set(x=0.0)
    (approximation,), (amortisation,) = curve.gap([0.0], run.params, recon_var=panel.values["recon_var"])
    assert f"at x = 0 it is {approximation:.2f} and {amortisation:.2f}" in panel.summary()
    assert panel.run is run
    panel.set(beta=4.0)
    assert "of this encoder, trained at beta 4;" in panel.summary() and "recon − 4 KL" in panel.summary()


def test_while_it_learns_the_gap_is_not_known_and_the_share_only_rises():
    panel = PANEL()
    steps = list(panel.view.compute(panel.values | {"lr": 0.05}))
    shares = [share for share, *_ in steps]
    assert shares == sorted(shares) and shares[-1] == 1 and shares[-2] < 1
    for _, run, trained, gap in steps[:-1]:
        said = panel.view.say(panel.values, run, trained, gap)
        assert np.isnan([*trained.gap, *gap]).all() and "gap" not in said
    assert "gap" in panel.view.say(panel.values, *steps[-1][1:])


@pytest.mark.full
def test_every_corner_of_the_lines_beta_and_recon_var_is_alive(panel):
    kinds = itertools.product(("straight", "curved"), ("straight", "curved", "two heaps"), (0.1, 30.0), (0.02, 5.0))
    for encoder, decoder, beta, v in kinds:
        panel.set(encoder=encoder, decoder=decoder, beta=beta, recon_var=v)
        assert_alive(panel)


def test_a_finished_run_is_kept_for_a_while_and_one_that_was_broken_off_is_not():
    begun = []

    @kept
    def counting(to):
        begun.append(to)
        yield from range(to + 1)

    next(counting(3))
    assert [*counting(3)] == [0, 1, 2, 3] and [*counting(3)] == [3]
    for to in range(10, 11 + RUNS_KEPT):
        [*counting(to)]
    assert [*counting(3)] == [0, 1, 2, 3] and begun.count(3) == 3


# The exercises.


def threshold_by_loop(x, heap, v):
    squares = 0.0
    for point, own in zip(x, heap, strict=True):
        squares += (point - x[heap == own].mean()) ** 2
    return squares / len(x) / v


def importance_bound_of(taken_out):
    """L_K with that number taken out before exp and added after log."""
    return lambda w: np.log(np.mean(np.exp(w - taken_out(w)))) + taken_out(w)


def with_variance(variance):
    """The threshold with another variance of the left and the right heap than that within them."""
    return lambda x, heap, v: variance(x[heap == 0], x[heap == 1]) / v


RIGHT = {
    check.importance_bound: {
        "largest out": importance_bound_of(np.max),
        "scipy": lambda w: logsumexp(w, b=1 / len(w)),
        "two by two": lambda w: np.logaddexp.reduce(w) - np.log(len(w)),
        "a loop": lambda w: max(w) + math.log(sum(math.exp(each - max(w)) for each in w) / len(w)),
    },
    check.split_gap: {
        "point by point": lambda log_p, elbo, elbos: (
            np.mean(log_p - np.max(elbos, axis=0)),
            np.mean([max(column) - own for column, own in zip(elbos.T, elbo, strict=True)]),
        ),
        "what the encoder leaves over": lambda log_p, elbo, elbos: (
            (least := np.min(log_p - elbos, axis=0).mean()),
            np.mean(log_p - elbo) - least,
        ),
    },
    check.threshold_of_two_heaps: {
        "a loop": threshold_by_loop,
        "total less between": lambda x, heap, v: (
            (x.var() - np.where(heap, x[heap == 1].mean(), x[heap == 0].mean()).var()) / v
        ),
    },
}
WRONG = {
    check.importance_bound: {
        "mean of logarithms": lambda w: np.mean(w),
        "log K is missing": lambda w: np.logaddexp.reduce(w),
        "exp gives 0 or infinity": lambda w: np.log(np.mean(np.exp(w))),
        "the one to take out": importance_bound_of(lambda w: w[0]),
        "must be added again": lambda w: np.log(np.mean(np.exp(w - np.max(w)))),
    },
    check.split_gap: {
        "that is the amortisation": lambda p, own, of: (np.mean(of.max(axis=0) - own), np.mean(p - of.max(axis=0))),
        "a best q of its own": lambda p, own, of: (
            np.mean(p) - max(of.mean(axis=1)),
            max(of.mean(axis=1)) - own.mean(),
        ),
        "the whole gap": lambda p, own, of: (np.mean(p - own), np.mean(of.max(axis=0) - own)),
        "the amortisation: the sign": lambda p, own, of: (np.mean(p - of.max(axis=0)), np.mean(own - of.max(axis=0))),
    },
    check.threshold_of_two_heaps: {
        "the straight line's": lambda x, heap, v: x.var() / v,
        "between the heaps": lambda x, heap, v: np.where(heap, x[heap == 1].mean(), x[heap == 0].mean()).var() / v,
        "not the standard deviation": lambda x, heap, v: np.sqrt(threshold_by_loop(x, heap, v) / v),
        "turn the fraction": lambda x, heap, v: 1 / threshold_by_loop(x, heap, v),
        "the larger heap counts": with_variance(lambda left, right: (left.var() + right.var()) / 2),
    },
}


def test_the_thresholds_of_exercise_3_are_those_of_the_decoder_with_two_heaps():
    for x, heap, v in check.threshold_of_two_heaps.cases:
        right, _ = check.threshold_of_two_heaps.table(x, heap, v)
        assert right == pytest.approx(two_heaps.collapse_beta(x, recon_var=v), rel=1e-3)
