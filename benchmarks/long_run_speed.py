"""How soon and how often a panel that learns shows pictures in a real JupyterLab; how long it takes, chunk by chunk."""

import statistics
import tempfile
import time
from itertools import pairwise

import nbformat
from slider_speed import IN_THE_PAGE, notebook_of

from browser.chromium import chromium
from browser.lab import Lab
from browser.server import JupyterLabServer
from vaelib import panels
from vaelib.live.computation import Computation

RUNS, REST_MS = 12, 2000
SECOND_MOVE_MS = 250
BETAS = 0.9, 1.1, 0.8, 1.25, 1.4

# The milliseconds at which pictures appear after a key press, and after another in the middle of the run.
RUN = f"""(root, [second, rest]) => new Promise(resolve => {{
    {IN_THE_PAGE}
    const said = () => root.querySelector(".vaelib-status").innerText;
    const times = [], done = () => Number(/^At (\\d+)%/.exec(said())?.[1] ?? 100);
    let newer = null, moved = null, before = 100;
    const observer = watch(() => times.push(performance.now() - start));
    const listener = new MutationObserver(() => {{
        if (moved && newer === null && done() < before) newer = start + times.at(-1) - moved;
        before = done();
    }});
    listener.observe(root, {{ subtree: true, childList: true }});
    const start = performance.now();
    press();
    if (second) setTimeout(() => {{ moved = performance.now(); press(); }}, second);
    setTimeout(() => {{ observer.disconnect(); listener.disconnect(); resolve([times, newer]); }}, rest);
}})"""


def long_run_speed(name):
    """Median seconds from a move to its picture, from one to the next, from a move in the middle of a run to its."""
    with tempfile.TemporaryDirectory() as root, chromium() as browser, JupyterLabServer(root, f"{root}/lab") as server:
        cell = f"from vaelib.panels import {name}\n\n{name}()"
        nbformat.write(notebook_of(cell), f"{root}/long_run.ipynb")
        with Lab(browser, server) as lab:
            lab.open("long_run.ipynb")
            lab.run_all()
            panel, first, gaps = lab.panel(), [], []
            for _ in range(RUNS):
                times, _ = panel.root.evaluate(RUN, [None, REST_MS])
                first.append(times[0])
                gaps += [after - before for before, after in pairwise(times)]
            lab.page.wait_for_timeout(REST_MS)
            newer = [panel.root.evaluate(RUN, [SECOND_MOVE_MS, REST_MS])[1] for _ in range(RUNS)]
    return [statistics.median(filter(None, times)) / 1000 for times in (first, gaps, newer)]


def chunk_and_run(name):
    """The median seconds of a chunk, and of a finished run as a cell gets it."""
    panel, chunks, runs = getattr(panels, name)(), [], []
    for beta in BETAS:
        computation = Computation(panel.view, panel.values | {"beta": beta / 2})  # so that `set` has to train
        while not computation.ended:
            chunks.append(duration(computation.work))
        runs.append(duration(lambda beta=beta: panel.set(beta=beta)))
    return statistics.median(chunks), statistics.median(runs)


def duration(act):
    """The seconds that it takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
