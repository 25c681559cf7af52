"""One look for all pictures: colours, and the size at which a picture shows itself."""

import gc
import weakref

import numpy as np

from learner import dashed_black, legend
from vaelib import style


def test_one_colour_has_one_meaning():
    looks = (style.EXACT, style.OBJECTIVE, style.RECON, style.KL, style.MODEL, style.PRIOR, style.POSTERIOR, style.DATA)
    assert len({look["color"] for look in looks}) == len(looks)
    assert len({look["marker"] for look in (style.OBJECTIVE, style.RECON, style.KL)}) == 3


def test_a_picture_shows_itself_at_its_css_size_with_double_density():
    picture, _ = style.picture(300, 200, "what it shows")
    bundle, metadata = picture._repr_mimebundle_()
    assert bundle["text/plain"] == "what it shows"
    assert metadata["image/png"] == {"width": 300, "height": 200, "alt": "what it shows"}
    assert picture._repr_mimebundle_()[0] == bundle


def test_pictures_that_were_shown_keep_no_pixels():
    shown = [style.picture(300, 200, "what it shows")[0] for _ in range(5)]
    pngs = {picture._repr_mimebundle_()[0]["image/png"] for picture in shown}
    assert len(pngs) == 1 and len({id(picture.canvas.get_renderer()) for picture in shown}) == 1


def test_the_pixels_of_a_size_go_with_its_last_picture():
    picture, _ = style.picture(310, 200, "what it shows")
    picture._repr_mimebundle_()
    sheet = weakref.ref(picture.canvas.get_renderer())
    del picture, _
    gc.collect()
    assert sheet() is None


def test_curves_are_lines_and_levels_in_their_looks_with_a_legend_in_its_own_order(axes):
    x = np.array([1.0, 2.0, 4.0])
    lines = {"optimum": (1.5, style.EXACT), "KL": (x**2, style.KL | {"linewidth": 3}), "model": (-x, style.MODEL)}
    style.curves(axes, "nats", x, lines, ("KL", "model", "optimum"), xlabel="beta", ylim=(-4, None))
    level, kl, model = axes.lines
    np.testing.assert_array_equal(kl.get_xydata(), np.transpose([x, x**2]))
    np.testing.assert_array_equal(model.get_xydata(), np.transpose([x, -x]))
    assert dashed_black(level) and list(level.get_ydata()) == [1.5, 1.5]
    assert (kl.get_color(), kl.get_linewidth(), kl.get_marker()) == (style.KL["color"], 3, "none")
    assert (axes.get_xlim(), axes.get_ylim()[0], axes.get_xlabel()) == ((1, 4), -4, "beta")
    assert legend(axes) == ["KL", "model", "optimum"]


def test_curves_fill_the_width_unless_the_limits_say_otherwise_and_their_legend_is_in_the_order_of_drawing(axes):
    lines = {"KL": ([1, 2, 3], style.KL), "model": ([3, 2, 1], style.MODEL)}
    style.curves(axes, "nats", [1, 2, 4], lines, xlim=(0, 8))
    assert axes.get_xlim() == (0, 8) and legend(axes) == ["KL", "model"]
