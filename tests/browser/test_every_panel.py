"""Every panel of every lesson in a real JupyterLab: what a learner does with it, and what it answers."""

import pytest

from .lab import Lab
from .lessons import LESSONS, assert_answers, assert_says, sentence

pytestmark = pytest.mark.browser


class EveryPanel:
    """The tests that each lesson's file asks of the lesson that it has opened."""

    def test_every_cell_runs(self, opened):
        assert [output for output in opened.outputs() if output["output_type"] == "error"] == []
        assert opened.new_errors() == []

    def test_the_picture_is_sharp_and_not_stretched(self, live_panels):
        for panel, _ in live_panels:
            pixels, size = panel.picture_sizes()
            assert pixels == [2 * length for length in size]

    def test_an_arrow_key_on_every_slider_in_view(self, live_panels):
        for panel, live in live_panels:
            for slider in live.sliders:
                before, readout = panel.picture_address(), panel.readout(slider)
                panel.press(slider, "ArrowLeft" if readout == "100" else "ArrowRight")
                assert_answers(panel, live, before)
                assert panel.readout(slider) != readout

    def test_both_ends_of_every_slider(self, live_panels):
        for panel, live in live_panels:
            for slider in (*live.sliders, *live.more):
                if slider in live.more:
                    panel.open_more(slider)
                for key in ("Home", "End", "Home"):
                    before, readout = panel.picture_address(), panel.readout(slider)
                    panel.press(slider, key)
                    if panel.readout(slider) != readout:
                        assert_answers(panel, live, before)
                assert panel.readout(slider) != readout

    def test_the_mouse_on_the_first_slider(self, live_panels):
        for panel, live in live_panels:
            slider = live.sliders[0]
            before, readout = panel.picture_address(), panel.readout(slider)
            panel.drag(slider, 0.9)
            assert_answers(panel, live, before)
            assert panel.readout(slider) != readout

    def test_a_burst_ends_with_the_last_values(self, live_panels):
        for panel, live in live_panels:
            before = panel.picture_address()
            first, last = live.sliders[0], live.sliders[-1]
            panel.press(first, "Home")
            panel.press(last, "Home")
            for _ in range(15):
                panel.press(first, "ArrowRight")
                panel.press(last, "ArrowRight")
            assert_answers(panel, live, before)

    def test_large_for_a_projector_and_small_again(self, live_panels):
        for panel, live in live_panels:
            _, (width, height) = panel.picture_sizes()
            for size, times in (("largest, × 1.6", 1.6), ("normal", 1)):
                panel.open_more("size")
                panel.choose("size", size)
                wanted = pytest.approx([times * width, times * height], abs=1)
                assert panel.wait_for(lambda panel=panel: panel.picture_sizes()[1], wanted.__eq__) == wanted
                before = panel.picture_address()
                panel.drag(live.sliders[0], 0.1 if times > 1 else 0.9)
                assert_answers(panel, live, before)

    def test_reset(self, live_panels):
        for panel, live in live_panels:
            before = panel.picture_address()
            panel.press(live.sliders[0], "Home")
            assert_answers(panel, live, before)
            panel.click("reset")
            assert_says(panel, sentence(live.make))


@pytest.mark.parametrize("notebook", LESSONS)
def test_before_any_cell_has_run_the_saved_pictures_are_there(browser, server, notebook):
    with Lab(browser, server) as lab:
        lab.open(notebook)
        for live in LESSONS[notebook]:
            picture = lab.saved_picture(f"{live.make.__name__}()")
            picture.wait_for()
            assert picture.evaluate("picture => picture.naturalWidth") > 0
        assert lab.page.locator(".vaelib-panel").count() == 0
        assert lab.new_errors() == []
