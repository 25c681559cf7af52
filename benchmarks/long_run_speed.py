"""How soon and how often a panel that takes half a second shows pictures in a real JupyterLab; how long a chunk is."""

import statistics
import tempfile
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

import nbformat
from slider_speed import IN_THE_PAGE, notebook_of

from browser.chromium import chromium
from browser.lab import Lab
from browser.server import JupyterLabServer
from small_panels import Growing
from vaelib.live.computation import Computation

RUNS, STEP, REST_MS = 12, 0.01, 1500
SECOND_MOVE_MS = 250

# The milliseconds at which pictures appear after a key press, and after another in the middle of the run.
RUN = f"""(root, [second, rest]) => new Promise(resolve => {{
    {IN_THE_PAGE}
    const times = [], said = () => root.querySelector(".vaelib-status").innerText;
    let newer = null, moved = null;
    const observer = watch(() => times.push(performance.now() - start));
    const listener = new MutationObserver(() => {{
        if (moved && newer === null && said().startsWith("At 2%")) newer = performance.now() - moved;
    }});
    listener.observe(root, {{ subtree: true, childList: true }});
    const start = performance.now();
    press();
    if (second) setTimeout(() => {{ moved = performance.now(); press(); }}, second);
    setTimeout(() => {{ observer.disconnect(); listener.disconnect(); resolve([times, newer]); }}, rest);
}})"""


def long_run_speed():
    """Median seconds from a move to its picture, from one to the next, from a move in the middle of a run to its."""
    with tempfile.TemporaryDirectory() as root, chromium() as browser, JupyterLabServer(root, f"{root}/lab") as server:
        source = f"import sys, time\nsys.path.append({str(Path(__file__).resolve().parents[1] / 'tests')!r})\n"
        source += f"from small_panels import Growing\n\nGrowing(lambda: time.sleep({STEP})).panel"
        nbformat.write(notebook_of(source), f"{root}/long_run.ipynb")
        with Lab(browser, server) as lab:
            lab.open("long_run.ipynb")
            lab.run_all()
            panel, first, gaps = lab.panel(), [], []
            for _ in range(RUNS):
                times, _ = panel.root.evaluate(RUN, [None, REST_MS])
                first.append(times[0])
                gaps += [after - before for before, after in pairwise(times)]
            panel.press("height", "Home")
            lab.page.wait_for_timeout(REST_MS)
            newer = [panel.root.evaluate(RUN, [SECOND_MOVE_MS, REST_MS])[1] for _ in range(RUNS // 2)]
    return [statistics.median(filter(None, times)) / 1000 for times in (first, gaps, newer)]


def chunk():
    """The median seconds of a chunk."""
    growing, times = Growing(partial(time.sleep, STEP)), []
    computation = Computation(growing.panel.view, growing.panel.values)
    while not computation.ended:
        start = time.perf_counter()
        computation.work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
