"""The slides of every lesson in a real browser: opened from disk, with no net, gone through with the space bar."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.notebooks import NOTEBOOKS
from tools.slides import HEIGHT, WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.full]

LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
WITH_EXERCISES = "01_elbo"
SLIDES_MIN = 10
READY = "() => window.Reveal?.isReady()"
READY_MS = 30_000
LEGIBLE_PX = 14

GO_TO_THE_FIRST_SOLUTION = """() => {
    const notes = [...document.querySelectorAll("aside.notes")];
    const solution = notes.find((aside) => aside.textContent.includes("Solution of exercise 1"));
    const { h, v } = Reveal.getIndices(solution.closest("section"));
    Reveal.slide(h, v);
}"""

# Words for a screen reader lie clipped beside each formula; rounding takes a pixel or two.
LOOK = """async () => {
    const slide = Reveal.getCurrentSlide();
    const all = (selector) => [...slide.querySelectorAll(selector)].filter((part) => part.checkVisibility());
    const box = document.querySelector(".slides").getBoundingClientRect();
    const parts = [slide, ...all("*")].filter((part) => !part.closest("mjx-container > *"));
    const isClipped = (part) => getComputedStyle(part).overflow !== "visible" &&
        (part.scrollWidth > part.clientWidth + 3 || part.scrollHeight > part.clientHeight + 3);
    const isOutside = (part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        return left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1;
    };
    const pictures = all("img");
    await Promise.all(pictures.map((picture) => picture.decode()));
    return {
        words: slide.innerText,
        text: all(".jp-RenderedMarkdown").map((part) => part.innerText).join("\\n"),
        cut: parts.filter((part) => isClipped(part) || isOutside(part)).map((part) => part.className || part.tagName),
        formulas: all("mjx-container").length,
        failedFormulas: all("mjx-container [data-mml-node=merror]").length,
        pictures: pictures.map((picture) => [picture.naturalWidth, picture.width, picture.alt]),
        type: Math.min(...all(".jp-RenderedMarkdown, pre").map((part) => parseFloat(getComputedStyle(part).fontSize))),
    };
}"""


class Show:
    """A page of slides in `browser`, looked at slide by slide, and what it asked of the net or complained about."""

    def __init__(self, browser, path):
        self.asked, self.errors = [], []
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        page = context.new_page()
        context.route(re.compile("^(?!file:|data:)"), self._refuse)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        page.wait_for_function(READY, timeout=READY_MS)
        self.total = page.evaluate("() => Reveal.getTotalSlides()")
        self.links = page.evaluate("() => [...document.links].map((link) => link.getAttribute('href'))")
        self.slides = [page.evaluate(LOOK)]
        while not page.evaluate("() => Reveal.isLastSlide()") and len(self.slides) < self.total:
            page.keyboard.press("Space")
            self.slides.append(page.evaluate(LOOK))
        context.close()

    def _refuse(self, route):
        self.asked.append(route.request.url)
        route.abort()

    def faults(self, key):
        """Pairs (number of the slide, fault), for all slides that have some under `key`."""
        return [(number, slide[key]) for number, slide in enumerate(self.slides, start=1) if slide[key]]


@pytest.fixture(scope="module", params=LESSONS)
def show(request, browser, slides):
    return Show(browser, slides(NOTEBOOKS / f"{request.param}.ipynb"))


def test_every_slide_is_reached_and_none_twice(show):
    assert len(show.slides) == show.total > SLIDES_MIN
    assert all(slide["words"] or slide["pictures"] for slide in show.slides)


def test_nothing_is_asked_of_the_net_and_nothing_goes_wrong(show):
    assert (show.asked, show.errors) == ([], [])


def test_mathematics_is_typeset(show):
    assert sum(slide["formulas"] for slide in show.slides) > SLIDES_MIN
    assert show.faults("failedFormulas") == []
    left = [re.findall(r"\$|\\[a-zA-Z]+", slide["text"]) for slide in show.slides]
    assert [(number, raw) for number, raw in enumerate(left, start=1) if raw] == []


def test_pictures_are_there_large_and_described(show):
    pictures = [picture for slide in show.slides for picture in slide["pictures"]]
    assert pictures
    for pixels, width, description in pictures:
        assert pixels > 0 and width > 0.9 * WIDTH and description


def test_nothing_is_cut_and_no_type_is_tiny(show):
    assert show.faults("cut") == []
    assert min(slide["type"] for slide in show.slides if slide["type"]) >= LEGIBLE_PX


def test_links_lead_to_slides_of_lessons(show):
    local = {link for link in show.links if not re.match("[a-z]+:|#", link)}
    assert local and {link.partition("#")[0] for link in local} <= {f"{lesson}.slides.html" for lesson in LESSONS}


def test_the_speakers_window_shows_the_solution(browser, slides):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(slides(NOTEBOOKS / f"{WITH_EXERCISES}.ipynb").as_uri())
        page.wait_for_function(READY, timeout=READY_MS)
        page.evaluate(GO_TO_THE_FIRST_SOLUTION)
        with context.expect_page() as opened:
            page.keyboard.press("s")
        opened.value.get_by_text("Solution of exercise 1").wait_for()


def test_a_slide_with_too_much_on_it_is_noticed(browser, slides, tmp_path):
    path = tmp_path / "01_long.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("two = 1 + 1\n" * 80)]), path)
    show = Show(browser, slides(path))
    assert show.faults("cut") != []
