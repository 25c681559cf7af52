"""How soon and how often lesson 8's panel shows pictures in a real JupyterLab while it learns; how long a chunk is."""

import statistics
import tempfile
import time
from itertools import pairwise

import nbformat
from slider_speed import IN_THE_PAGE, notebook_of

from browser.chromium import chromium
from browser.lab import Lab
from browser.server import JupyterLabServer
from vaelib.live.computation import Computation
from vaelib.panels import curve_panel

RUNS, REST_MS = 12, 2000
SECOND_MOVE_MS = 250

# The milliseconds at which pictures appear after a key press, and after another in the middle of the run.
RUN = f"""(root, [second, rest]) => new Promise(resolve => {{
    {IN_THE_PAGE}
    const times = [], said = () => root.querySelector(".vaelib-status").innerText;
    let newer = null, moved = null;
    const observer = watch(() => times.push(performance.now() - start));
    const listener = new MutationObserver(() => {{
        if (moved && newer === null && said().startsWith("At 2%: ")) newer = start + times.at(-1) - moved;
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
        nbformat.write(notebook_of("from vaelib.panels import curve_panel\n\ncurve_panel()"), f"{root}/long_run.ipynb")
        with Lab(browser, server) as lab:
            lab.open("long_run.ipynb")
            lab.run_all()
            panel, first, gaps = lab.panel(), [], []
            for _ in range(RUNS):
                times, _ = panel.root.evaluate(RUN, [None, REST_MS])
                first.append(times[0])
                gaps += [after - before for before, after in pairwise(times)]
            lab.page.wait_for_timeout(REST_MS)
            newer = [panel.root.evaluate(RUN, [SECOND_MOVE_MS, REST_MS])[1] for _ in range(RUNS // 2)]
    return [statistics.median(filter(None, times)) / 1000 for times in (first, gaps, newer)]


def chunk():
    """The median seconds of a chunk."""
    panel, times = curve_panel(), []
    computation = Computation(panel.view, panel.values | {"beta": 1.1})
    while not computation.ended:
        start = time.perf_counter()
        computation.work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
