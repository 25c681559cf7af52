"""Print how fast the course is: medians and their ratios, all measured in this one run, as a markdown table.

    python benchmarks/bench.py

Where no browser is installed, the row of the slider says so.
"""

import os
import platform
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from vaelib import data, exact
from vaelib.training import train

# The slow loops and the browser are shared with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from long_run_speed import BETAS, RUNS, chunk_and_run, long_run_speed
from slider_speed import BURSTS, MOVES, slider_speed

from browser.chromium import BrowserMissing
from reference import reference_train

X, EPS = data.toy(), data.seed_draws().beta1
QUESTION = {"beta": 1.0, "recon_var": 0.30, "lr": 0.025}
STEPS = 140
GRID, MAP_STEPS = 50, 300
WORDS = "tour elbo reparameterization training beta generation collapse directions curve digits"
PANELS = [f"{word}_panel" for word in WORDS.split()]
LONG_RUNS = {"curve_panel": 0.6, "digits_panel": 0.8}  # seconds


def main():
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} cores\n")
    print("| this | median | to this | median | ratio | wanted | repeats |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    one = seconds(partial(train, X, **QUESTION, steps=STEPS, noise=EPS), 50)
    training(one)
    growth(one)
    slider()
    long_runs()


def training(one):
    """Loops over single numbers, against `one` run, and against one of the runs of a grid trained in one call."""
    beta, recon_var = np.geomspace(0.1, 30, GRID)[:, None], np.geomspace(0.02, 5, GRID)
    lr = exact.largest_stable_lr(X, beta=beta, recon_var=recon_var) / 2
    grid = partial(train, X, beta=beta, recon_var=recon_var, lr=lr, steps=STEPS, noise=EPS)
    of_grid = seconds(grid, 3) / GRID**2
    map_of_lesson_4 = partial(train, X, beta=beta, recon_var=recon_var, lr=lr, steps=MAP_STEPS, noise="exact")
    runs = f"one of {GRID**2:,} runs in one call"
    for loops, average, wanted in (
        ("the original's loops", statistics.mean, ("≥ 80", "≥ 800")),
        ("the same with `fmean`", statistics.fmean, ("", "")),
    ):
        slow = seconds(partial(reference_train, X, EPS, **QUESTION, steps=STEPS, average=average), 3)
        row(f"{loops}, {STEPS} steps", slow, "`train`", one, wanted[0], "3, 50")
        row(f"{loops}, {STEPS} steps", slow, f"`train`, {runs}", of_grid, wanted[1], "3, 3")
        if average is statistics.mean:
            by_loops = slow * GRID**2 * MAP_STEPS / STEPS
            row(
                f"{loops} for the map of lesson 4 (extrapolated)",
                by_loops,
                "the map",
                seconds(map_of_lesson_4, 1),
                "",
                "3, 1",
            )


def growth(one):
    """A run with more data points, and a run of more steps, against the `one` of the lesson."""
    for times in (10, 100):
        larger = seconds(partial(train, np.tile(X, times), **QUESTION, steps=STEPS, noise=np.tile(EPS, times)), 5)
        row(f"`train`, {times * X.size:,} data points", larger, f"{X.size} data points", one, "", "5, 50")
    for times in (10, 100):
        longer = seconds(partial(train, X, **QUESTION, steps=times * STEPS, noise=EPS), 5)
        row(f"`train`, {times * STEPS:,} steps", longer, f"{STEPS} steps", one, "", "5, 50")


def slider():
    """Each panel against ready-made pictures, and lesson 3's against `interact` with the same computation."""
    try:
        speed = slider_speed([*PANELS, "interact", "ready_made"])
    except BrowserMissing as missing:
        print(f"| a slider in JupyterLab: not measured, {missing} | | | | | | |")
        return
    pairs = [
        (panel, "ready_made", "ready-made pictures", "≤ 4" if panel == "directions_panel" else "≤ 3")
        for panel in PANELS
    ]
    for panel, variant, against, wanted in [
        ("training_panel", "interact", "`interact`, inline figure", "≤ 0.4"),
        *pairs,
    ]:
        (move, pictures), (their_move, their_pictures) = speed[panel], speed[variant]
        row(f"slider to picture, `{panel}`", move, against, their_move, wanted, MOVES)
        row(f"pictures in a burst, `{panel}`", pictures, against, their_pictures, "≥ 12 pictures", BURSTS, show=str)


def long_runs():
    """What takes half a second in a panel, against the times that a hand is promised."""
    for panel, promised in LONG_RUNS.items():
        chunk, run = chunk_and_run(panel)
        row(f"`{panel}`: a finished run", run, "promised", promised, "≤ 1", len(BETAS))
        row(f"`{panel}`: a chunk of it", chunk, "promised", 0.025, "≤ 1", len(BETAS))
        try:
            first, gap, newer = long_run_speed(panel)
        except BrowserMissing:
            continue
        row(f"`{panel}`: from a move to its first picture", first, "promised", 0.080, "≤ 1", RUNS)
        row(f"`{panel}`: from one picture to the next", gap, "promised", 0.100, "≤ 1", RUNS)
        row(f"`{panel}`: from a move in the middle of a run to its picture", newer, "promised", 0.105, "≤ 1", RUNS)


def seconds(call, repeats):
    """The median time of `call`, after one call that does not count."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def milliseconds(seconds):
    return f"{1000 * seconds:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s" if seconds < 100 else f"{seconds:,.0f} s"


def row(this, median, other, other_median, wanted, repeats, show=milliseconds):
    ratio = median / other_median
    shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"
    cells = (this, show(median), other, show(other_median), shown, wanted, repeats)
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
