"""How fast a slider answers in a real JupyterLab, measured inside the page."""

import statistics
import tempfile
from pathlib import Path

import nbformat

from browser.chromium import chromium
from browser.lab import Lab, Panel
from browser.server import JupyterLabServer

MOVES, BURSTS = 25, 5
PRESSES, BURST_MS = 40, 1000
REST_MS = 500

# What both measurements need: press the arrow key, and call back whenever the picture has another address.
IN_THE_PAGE = """
    const press = () => root.querySelector(".noUi-handle").dispatchEvent(
        new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    const watch = changed => {
        const address = () => root.querySelector("img")?.src;
        let last = address();
        const observer = new MutationObserver(() => {
            if (!address() || address() === last) return;
            last = address();
            changed();
        });
        observer.observe(root, { subtree: true, childList: true, attributeFilter: ["src"] });
        return observer;
    };
"""
MOVE = f"""(root, rest) => new Promise(resolve => {{
    {IN_THE_PAGE}
    const observer = watch(() => {{
        const milliseconds = performance.now() - start;
        observer.disconnect();
        setTimeout(() => resolve(milliseconds), rest);
    }});
    const start = performance.now();
    press();
}})"""
BURST = f"""(root, [presses, duration, rest]) => new Promise(resolve => {{
    {IN_THE_PAGE}
    let pictures = 0, pressed = 0;
    const observer = watch(() => {{ pictures += 1; }});
    const timer = setInterval(() => {{
        press();
        pressed += 1;
        if (pressed < presses) return;
        clearInterval(timer);
        observer.disconnect();
        setTimeout(() => resolve(pictures), rest);
    }}, duration / presses);
}})"""


def slider_speed(variants):
    """For each function of slider_variants.py named: the median seconds from a key press until the picture's address
    in the page has changed, and the median number of pictures shown while 40 key presses arrive in one second."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root = Path(folder) / "notebooks"
        root.mkdir()
        with JupyterLabServer(root, Path(folder) / "home") as server:
            return {variant: _measured(browser, server, variant) for variant in variants}


def _measured(browser, server, variant):
    name = f"{variant}.ipynb"
    nbformat.write(_notebook(variant), server.root / name)
    with Lab(browser, server) as lab:
        lab.open(name)
        lab.run_all()
        if errors := lab.new_errors():
            raise RuntimeError("; ".join(errors))
        panel = Panel(lab.page, lab.page.locator(".vaelib-panel"))
        panel.root.locator("img").wait_for()
        _to_the_left_end(panel)
        move = statistics.median(panel.root.evaluate(MOVE, REST_MS) for _ in range(MOVES)) / 1000
        return move, statistics.median(_pictures_in_a_burst(panel) for _ in range(BURSTS))


def _notebook(variant):
    tools = str(Path(__file__).resolve().parent)
    source = f"import sys\n\nsys.path.append({tools!r})\nimport slider_variants\n\nslider_variants.{variant}()"
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernelspec})


def _pictures_in_a_burst(panel):
    _to_the_left_end(panel)
    return panel.root.evaluate(BURST, [PRESSES, BURST_MS, REST_MS])


def _to_the_left_end(panel):
    panel.press("beta", "Home")
    panel.page.wait_for_timeout(REST_MS)
