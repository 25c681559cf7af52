"""A live picture: what moves is drawn over the rest, in the right colours, order and size."""

import numpy as np

from learner import pixels, rgb, savefig
from vaelib import style
from vaelib.live import LivePicture


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
    layout = line.panel.picture.image.layout
    assert (layout.width, layout.height) == ("200px", "100px")


def test_what_moves_takes_no_part_in_the_layout():
    places = []
    for height in (0.5, 1e3):
        picture, (axes,) = style.picture(200, 100, "a line")
        axes.set_ylim(0, 1)
        text = axes.text(0.5, height, "far away")
        live = LivePicture(picture, [text])
        places.append(axes.get_position().bounds)
        text.set_position((50.0, -height))
        live.draw()
        live.canvas.draw()
        places.append(axes.get_position().bounds)
    assert len(set(places)) == 1


def test_artists_are_painted_by_their_zorder():
    picture, (axes,) = style.picture(200, 100, "two bars")
    front, back = (axes.axhspan(0, 1, color=colour, zorder=order) for colour, order in (("#d55e00", 5), ("#0072b2", 1)))
    live = LivePicture(picture, [front, back])
    live.draw()
    assert live.moving == [back, front]
    shown = rgb(live.image.value)
    assert np.abs(shown[shown.shape[0] // 2, shown.shape[1] // 2] - [0xD5, 0x5E, 0x00]).max() <= 4
