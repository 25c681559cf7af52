"""How fast a slider answers in a real JupyterLab, measured inside the page."""

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

import nbformat

from browser.chromium import chromium
from browser.lab import Lab, Panel
from browser.server import JupyterLabServer
from vaelib import panels

MOVES, BURSTS = 25, 5
PRESSES, BURST_MS = 40, 1000
REST_MS = 300

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
    """For each panel or function of slider_variants.py named: the median seconds from a key press until the picture's
    address in the page has changed, and the median number of pictures shown while 40 key presses arrive in a second.

    The variants take turns, so that what else the machine does meanwhile falls on all of them.
    """
    moves, bursts = {variant: [] for variant in variants}, {variant: [] for variant in variants}
    with ExitStack() as opened:
        root = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        browser = opened.enter_context(chromium())
        server = opened.enter_context(JupyterLabServer(root, root / "jupyterlab"))
        panels = {variant: _shown(opened.enter_context(Lab(browser, server)), variant) for variant in variants}
        for _ in range(MOVES):
            for variant, panel in panels.items():
                moves[variant].append(panel.root.evaluate(MOVE, REST_MS) / 1000)
        for _ in range(BURSTS):
            for variant, panel in panels.items():
                _to_the_left_end(panel)
                bursts[variant].append(panel.root.evaluate(BURST, [PRESSES, BURST_MS, REST_MS]))
    return {variant: (statistics.median(moves[variant]), statistics.median(bursts[variant])) for variant in variants}


def _shown(lab, variant):
    """The panel of a variant, its slider at the left end."""
    name = f"{variant}.ipynb"
    nbformat.write(_notebook(variant), lab.server.root / name)
    lab.open(name)
    lab.run_all()
    if errors := lab.new_errors():
        raise RuntimeError("; ".join(errors))
    panel = Panel(lab.page, lab.page.locator(".vaelib-panel"))
    panel.root.locator("img:visible").wait_for()
    _to_the_left_end(panel)
    return panel


def _notebook(variant):
    tools = str(Path(__file__).resolve().parent)
    module = "vaelib.panels" if hasattr(panels, variant) else "slider_variants"
    return notebook_of(f"import sys\n\nsys.path.append({tools!r})\nfrom {module} import {variant}\n\n{variant}()")


def notebook_of(source):
    """A notebook with one cell."""
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernelspec})


def _to_the_left_end(panel):
    panel.root.locator(".noUi-handle").first.press("Home")
    panel.page.wait_for_timeout(REST_MS)
