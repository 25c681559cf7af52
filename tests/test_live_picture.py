"""A live picture: what moves is drawn over the rest, in the right colours, order and size."""

import gc

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from learner import at_once, pixels, png_of, rgb, savefig
from small_panels import Line, view
from vaelib import style
from vaelib.live.picture import BACKGROUNDS_AT_HAND


def test_blitting_draws_what_a_full_draw_would(line):
    line.panel.set(height=10.0)
    picture, (axes,) = style.picture(200, 100, "a line")
    axes.plot([0, 1], [0, 10], **style.RECON)
    axes.set_ylim(0, 10)
    full = rgb(savefig(picture))
    difference = np.abs(pixels(line.panel) - full)
    assert difference.mean() < 0.5
    assert np.mean(difference.max(axis=-1) > 24) < 0.002


def test_the_paper_is_white_and_the_inks_keep_their_colour(line):
    line.panel.set(height=10.0)
    shown = pixels(line.panel)
    assert (shown[0, 0] == 255).all()
    recon = [int(style.RECON["color"][i : i + 2], 16) for i in (1, 3, 5)]
    assert (np.abs(shown - recon).max(axis=-1) <= 4).sum() > 100


def test_the_picture_has_two_device_pixels_for_each_css_pixel(line):
    assert pixels(line.panel).shape == (200, 400, 3)
    layout = line.panel.view.image.layout
    assert (layout.width, layout.height) == ("200px", "100px")


def test_what_moves_takes_no_part_in_the_layout():
    places = []
    for height in (0.5, 1e3):
        picture, (axes,) = style.picture(200, 100, "a line")
        axes.set_ylim(0, 1)
        text = axes.text(0.5, height, "far away")
        live = view(picture, [text])
        places.append(axes.get_position().bounds)
        text.set_position((50.0, -height))
        live.draw()
        live.canvas.draw()
        places.append(axes.get_position().bounds)
    assert len(set(places)) == 1


def test_artists_are_painted_by_their_zorder():
    picture, (axes,) = style.picture(200, 100, "two bars")
    front, back = (axes.axhspan(0, 1, color=colour, zorder=order) for colour, order in (("#d55e00", 5), ("#0072b2", 1)))
    live = view(picture, [front, back])
    live.draw()
    assert live.moving == [back, front]
    shown = rgb(live.image.value)
    assert np.abs(shown[shown.shape[0] // 2, shown.shape[1] // 2] - [0xD5, 0x5E, 0x00]).max() <= 4


def sheets():
    """How many pieces of memory for pixels matplotlib holds."""
    gc.collect()
    return sum(isinstance(each, RendererAgg) for each in gc.get_objects())


def test_many_panels_share_their_pixels(line):
    before = sheets()
    others = [Line().panel for _ in range(5)]
    assert sheets() == before
    for panel in (line.panel, *others):
        picture = panel.view
        assert len(picture.background) < 0.1 * len(picture.canvas.get_renderer().buffer_rgba().cast("B"))


def bar(width, colour):
    """A live picture of a bar in front of a background of that colour."""
    picture, (axes,) = style.picture(width, 100, "a bar")
    axes.set_facecolor(colour)
    return view(picture, [axes.axvspan(0.2, 0.4, color=style.INK)])


def drawn(live):
    live.draw()
    return bytes(live.image.value)


def test_a_picture_left_for_many_others_draws_the_same_bytes():
    line = Line().panel
    before = png_of(line)
    others = [bar(200, (shade, shade, shade)) for shade in np.linspace(0.1, 0.9, BACKGROUNDS_AT_HAND + 1)]
    assert len({drawn(other) for other in others}) == len(others)
    line.set(height=10.0)
    assert png_of(line) == png_of(Line(start={"height": 10.0}).panel) != before
    line.set(height=2.0)
    assert png_of(line) == before


def test_pictures_drawn_on_several_threads_do_not_mix(restless):
    lives = [bar(width, colour) for width, colour in ((200, "white"), (200, "black"), (240, "white"))]
    wanted = [drawn(live) for live in lives]
    pngs = [[] for _ in lives]
    at_once(
        *(
            lambda live=live, of=of: [of.append(drawn(live)) for _ in range(15)]
            for live, of in zip(lives, pngs, strict=True)
        )
    )
    assert [set(of) for of in pngs] == [{png} for png in wanted]
