"""One look for all pictures: colours, and the size at which a picture shows itself."""

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
