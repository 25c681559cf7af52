"""Print what a class costs this machine: memory, processor and delay, all measured in this one run, as markdown tables.

    python benchmarks/classroom.py

Each student has a JupyterLab server and a kernel, as JupyterHub gives them. Their browsers run on machines of their
own: the sliders of a class are moved over the wire (see `student.py`), and a browser is used for one page only. It
needs Linux and 6 GB of memory. Where no browser is installed, the row of the page says so.
"""

import asyncio
import math
import os
import platform
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil

# The servers and the browser are shared with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from student import BURST, RATE, Student, write_kernelspec

from browser.chromium import BrowserMissing, chromium
from browser.lab import Lab
from browser.server import JupyterLabServer
from tools.notebooks import NEEDS
from vaelib.panels import training_panel

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
LESSON = "03_training.ipynb"
LONG = "digits_panel"
AT_ONCE = 1, 2, 5, 20
LESSON_OF_MATRICES = "02_reparameterization.ipynb"  # its panel multiplies the largest matrices
CLASSES = 1, 5, 10, 20
MOVES, LONG_MOVES = 200, 10  # of each lesson's slider; of one whose panel then learns for a second
CYCLES = 2  # of moving and reading, as people do
SECONDS, TURN = 10, 5  # without a pause or at rest; where two kinds of kernel take turns
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
SIZES, SHARES = (30, 300), (0.1, 0.25)
SPARE_MEMORY, BUSY = 1.25, 2 / 3  # sizes leave memory for lessons that are run again, and a third of the processors
MIB, GIB = 2**20, 2**30
MEMORY, DELAY = "own memory | own and part of the shared | threads", "delay: median | 95 %"
MOVE, CORES = "processor for a move | of it the server", "cores for kernels | for servers | for all else"


def main():
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load before the run {load}")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
        servers = [JupyterLabServer(folder / "notebooks", folder / f"{number}") for number in range(max(CLASSES))]
        for server in servers:
            write_kernelspec(server, "one-thread", ONE_THREAD)
        start = perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(opened.enter_context, servers))
        opened.callback(lambda: [server.process.terminate() for server in servers])  # all at once is quicker
        print(f"\n{len(servers)} servers start at once: {show(perf_counter() - start)}.")
        students = [Student(server) for server in servers]
        servers_of_one(students[0])
        asyncio.run(kernels_and_classes(students))


def servers_of_one(student):
    """A server before and after a browser has opened a lesson there."""
    header(f"one student | {MEMORY}")
    row("a server that nobody has opened", *footprint(student.server))
    try:
        with chromium() as browser, Lab(browser, student.jupyterlab) as lab:
            lab.open(LESSON)
            row("with a lesson open in a browser", *footprint(student.server))
    except BrowserMissing as missing:
        row(f"with a lesson open in a browser: not measured, {missing}", "", "", "")


async def kernels_and_classes(students):
    await students[0].start_kernel()
    row("a kernel that has run nothing", *footprint(students[0].kernel))
    await students[0].stop_kernel()
    kernels, work = await lessons(students[0])
    server = own(students[0].server)
    await classes(students)
    await threads(students)
    await long_runs(students)
    sizes(server + max(kernels), server + sum(kernels), max(work))


async def lessons(student):
    """Each in a kernel of its own, with the threads of a hub (hub/jupyterhub_config.py).

    -> the memory of each kernel in the end, and the processor time of a move in it.
    """
    header(
        f"kernel, all cells run | {MEMORY} | processor for that | own memory, {MOVES} moves later | {MOVE} | a picture"
    )
    kernels, work = [], []
    for lesson in sorted({file.name for file in NOTEBOOKS.glob("*.ipynb")} - set(NEEDS)):  # which has no slider
        await student.start_kernel("one-thread")
        await student.run(lesson)
        cells = *footprint(student.kernel), show(used([student.kernel]))
        before = np.array([used([process]) for process in student.processes])
        if student.learns:
            moves, pictures = LONG_MOVES, [(await student.learn())[-1] for _ in range(LONG_MOVES)]
        else:
            moves, pictures = MOVES, [await student.move() for _ in range(MOVES)]
        by_server, by_kernel = (np.array([used([process]) for process in student.processes]) - before) / moves
        kernels.append(own(student.kernel))
        if not student.learns:  # ten moves a second are not asked of one that learns
            work.append(by_server + by_kernel)
        picture = f"{statistics.median(picture.size for picture in pictures if picture) / 1000:.0f} kB"
        row(f"`{lesson}`", *cells, mib(kernels[-1]), show(by_server + by_kernel), show(by_server), picture)
        await student.stop_kernel()
    return kernels, work


async def classes(students):
    """The class grows; in each size of it, the sliders of lesson 3 move in all panels."""
    start = perf_counter()
    await asyncio.gather(*(student.start_kernel() for student in students))
    await asyncio.gather(*(student.run(LESSON) for student in students))
    print(f"\n{len(students)} students run all cells of `{LESSON}` at once: {show(perf_counter() - start)}.", end=" ")
    memory = sum(process.memory_full_info().pss for student in students for process in student.processes)
    print(f"Server and kernel have {mib(memory / len(students))} for each, what is shared counted once.")
    header(f"students | sliders move | pictures a second, of one that moves | {DELAY} | panels right | {CORES}")
    for number in CLASSES:
        of_class = students[:number]
        phases = np.arange(number) / number
        as_people_do = map(Student.move_as_people_do, of_class, [CYCLES] * number, phases)
        await moving(of_class, "2 s, then 8 s not", as_people_do, CYCLES * BURST / RATE)
        await moving(of_class, "without a pause", (each.move_without_pause(SECONDS) for each in of_class), SECONDS)
    await moving(students, "not at all", [asyncio.sleep(SECONDS, []) for _ in students], SECONDS)


async def moving(students, name, moves, duration):
    """A row: how long the students wait for their pictures, and what keeps the processors busy meanwhile."""
    servers, kernels = zip(*(student.processes for student in students), strict=True)
    before, start = np.array([used(kernels), used(servers), busy()]), perf_counter()
    delays = list(chain(*await asyncio.gather(*moves)))
    after, took = np.array([used(kernels), used(servers), busy()]), perf_counter() - start
    by_kernels, by_servers, by_all = (after - before) / took
    offline = training_panel()
    right = [await student.is_right(offline) for student in students]
    row(
        len(students),
        name,
        f"{len(delays) / len(students) / duration:.3g}",
        *median_and_high(delays),
        f"{sum(right)} of {len(right)}",
        *(f"{cores:.3f}" for cores in (by_kernels, by_servers, by_all - by_kernels - by_servers)),
    )


async def threads(students):
    """Kernels with as many threads as numerical libraries like, and with one each; the two kinds take turns."""
    await asyncio.gather(*(student.stop_kernel() for student in students))
    half = len(students) // 2
    kinds = {"as many as they like": students[:half], "one": students[half:]}
    await asyncio.gather(*(student.start_kernel() for student in students[:half]))
    await asyncio.gather(*(student.start_kernel("one-thread") for student in students[half:]))
    await asyncio.gather(*(student.run(LESSON_OF_MATRICES) for student in students))
    delays, work = {kind: [] for kind in kinds}, dict.fromkeys(kinds, 0)
    for kind in [*kinds] * 3:
        kernels = [student.kernel for student in kinds[kind]]
        before = used(kernels)
        delays[kind] += chain(*await asyncio.gather(*(student.move_without_pause(TURN) for student in kinds[kind])))
        work[kind] += used(kernels) - before
    header(f"threads that libraries may start | kernels | {MEMORY} | {DELAY} | processor for a move")
    for kind, group in kinds.items():
        delay = median_and_high(delays[kind])
        row(kind, half, *footprint(group[0].kernel), *delay, show(work[kind] / len(delays[kind])))


async def long_runs(students):
    """A panel that learns for a second, in the kernels of all; some move its slider at the same moment."""
    await asyncio.gather(*(student.stop_kernel() for student in students))
    await asyncio.gather(*(student.start_kernel("one-thread") for student in students))
    await asyncio.gather(*(student.show(LONG) for student in students))
    memory = statistics.median(own(student.kernel) for student in students)
    print(f"\n`{LONG}` in each of {len(students)} kernels, which then have {mib(memory)} of their own.")
    header("students who move at once | first picture: median | the longest | last picture: median | the longest")
    for number in AT_ONCE:
        delays = []
        for _ in range(CYCLES):
            start = perf_counter()
            grown = await asyncio.gather(*(student.learn() for student in students[:number]))
            delays += [(pictures[0].arrived - start, pictures[-1].arrived - start) for pictures in grown]
        times = [time(seconds) for seconds in zip(*delays, strict=True) for time in (statistics.median, max)]
        row(number, *map(show, times))


def sizes(one_lesson, all_lessons, work):
    """What larger classes need, by the memory of one student and the processor time of one move."""
    of_share = (f"cores, if {share:.0%} move at once | delay, if all do without a pause" for share in SHARES)
    header(f"students | memory, one lesson open | all lessons open | {' | '.join(of_share)}")
    for students in SIZES:
        memories = [math.ceil(students * memory * SPARE_MEMORY / GIB) for memory in (one_lesson, all_lessons)]
        cores = [math.ceil(students * share * RATE * work / BUSY) for share in SHARES]
        delays = [show(students * work / number) for number in cores]
        row(students, *(f"{memory} GiB" for memory in memories), *chain(*zip(cores, delays, strict=True)))


def used(processes):
    """The seconds of processor time that processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def busy():
    """The seconds that the cores of this machine have worked, for whomever."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def own(process):
    """The bytes that would be free if the process were not there."""
    return process.memory_full_info().uss


def footprint(process):
    """Memory of its own, with its part of what processes share, and how many threads it has."""
    return mib(own(process)), mib(process.memory_full_info().pss), process.num_threads()


def mib(number):
    return f"{number / MIB:,.0f} MiB"


def show(seconds):
    return f"{1000 * seconds:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"


def median_and_high(delays):
    return [show(np.percentile(delays, percent)) for percent in (50, 95)] if delays else ["", ""]


def header(names):
    print(f"\n| {names} |\n| ---{' | ---:' * names.count('|')} |")


def row(*cells):
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
