"""Views that take long: a cell gets the finished picture, a hand sees it grow, moves on, stops it, hears of errors.

Each test has an event loop of its own, as a kernel has; a hand's message arrives on it or on a thread.
"""

import asyncio
import re
import statistics
import threading
import time
from functools import partial
from types import SimpleNamespace

import ipywidgets as widgets
import pytest

from learner import descendants, png_of, status
from small_panels import Growing, Line
from vaelib import style
from vaelib.live import Panel, Scale, View
from vaelib.live.computation import BETWEEN_PICTURES, CHUNK
from vaelib.live.knobs import Knob

STEP = 0.004
SECONDS = 20


def slow():
    return Growing(partial(time.sleep, STEP))


def finished(**values):
    """The picture and the sentence that a cell gets for these values."""
    panel = Growing().panel
    panel.set(**values)
    return png_of(panel), panel.summary()


def in_view(panel):
    return png_of(panel), panel.summary()


def by_hand(panel, knob, value):
    """What arrives from the page when a hand moves the knob."""
    knob = panel.knobs[knob]
    state = {"index": knob.numbers.index(value)} if isinstance(knob, Scale) else {"value": value}
    knob.set_state(state)


def press(button):
    """What arrives from the page when a hand presses the button."""
    button._handle_custom_msg({"event": "click"}, [])


def line(panel):
    return panel.progress[0].children[0].value


def stop(panel):
    panel.progress[0].children[1].click()


def is_under_way(panel):
    return panel.progress[0].layout.visibility == "visible"


async def until(condition, seconds=SECONDS):
    """Lets the loop work until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never comes"
        await asyncio.sleep(0)


async def a_while():
    """Long enough for a task that should not be there any more to do something."""
    await asyncio.sleep(10 * STEP)


async def until_a_picture(growing, count=1):
    wanted = len(growing.shown) + count
    await until(lambda: len(growing.shown) >= wanted)


async def until_finished(growing):
    await until(lambda: not is_under_way(growing.panel) and growing.panel.summary() == status_text(growing.panel))


def status_text(panel):
    return re.sub("<.*?>", "", status(panel))


def on_a_loop(test):
    """The test as a coroutine, on a loop of its own."""

    def run():
        asyncio.run(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def test_without_a_loop_everything_is_done_at_once():
    growing = Growing()
    assert growing.panel.summary() == "The level is 2.00 high." and growing.shown == [2.0]
    by_hand(growing.panel, "height", 7.0)
    assert growing.shown == [2.0, 7.0] and not is_under_way(growing.panel)
    growing.panel.set(height=3.0)
    assert growing.shown == [2.0, 7.0, 3.0] and growing.panel.run == 3.0


def test_a_loop_that_has_ended_is_none():
    async def built():
        return Growing()

    growing = asyncio.run(built())
    by_hand(growing.panel, "height", 7.0)
    assert in_view(growing.panel) == finished(height=7.0)


@on_a_loop
async def test_a_cell_gets_the_finished_picture():
    growing = Growing()
    assert growing.shown == [2.0]
    growing.panel.set(height=7.0)
    assert growing.shown == [2.0, 7.0] and in_view(growing.panel) == finished(height=7.0)
    growing.panel.knobs["height"].value = 4.0
    assert growing.shown == [2.0, 7.0, 4.0] and in_view(growing.panel) == finished(height=4.0)
    growing.panel.buttons["reset"].click()
    assert growing.shown[-1] == 2.0 and not is_under_way(growing.panel)


@on_a_loop
async def test_a_hand_only_asks_and_then_sees_it_grow_to_the_picture_of_a_cell():
    growing = slow()
    panel, seen = growing.panel, []
    panel.view.image.observe(lambda _: seen.append(in_view(panel)), "value")
    growing.shown.clear()
    growing.steps.clear()
    by_hand(panel, "height", 7.0)
    assert (growing.steps, growing.shown) == ([], [])
    await until_a_picture(growing)
    assert growing.steps == [(7.0, 1)], "the first picture waits for one step"
    assert status(panel).startswith('<div aria-live="off" ') and "At 2%: The level is 0.14 high." in status(panel)
    assert is_under_way(panel) and line(panel) == 2
    await until_a_picture(growing)
    assert panel.run == growing.shown[-1] < 7.0 and line(panel) > 2
    await until_finished(growing)
    assert growing.shown == sorted(growing.shown) and len(growing.shown) >= 3
    assert in_view(panel) == seen[-1] == finished(height=7.0)
    assert "aria-live" not in status(panel) and line(panel) == 0
    assert len({picture for picture, _ in seen}) == len(seen)


@on_a_loop
async def test_where_a_picture_takes_long_the_run_gets_half_of_the_time():
    def pause():
        start = time.perf_counter()
        time.sleep(STEP)
        worked.append(time.perf_counter() - start)

    growing, worked = Growing(), []
    growing.pause, draw = pause, growing.panel.view.draw
    growing.panel.view.draw = lambda: (time.sleep(20 * STEP), draw())
    growing.shown.clear()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    await until_finished(growing)
    assert 3 <= len(growing.shown) <= 2 + 1.5 * sum(worked) / (20 * STEP), "but for the first and the last"


@on_a_loop
async def test_a_newer_move_ends_the_older_run_within_a_chunk():
    growing = slow()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing, 2)
    growing.steps.clear()
    by_hand(growing.panel, "height", 5.0)
    await until(lambda: growing.steps)
    await until_finished(growing)
    assert growing.steps == [(5.0, step) for step in range(1, growing.STEPS + 1)]
    assert in_view(growing.panel) == finished(height=5.0)


@on_a_loop
async def test_of_a_burst_the_last_move_alone_is_worked_through():
    growing = slow()
    growing.steps.clear()
    for height in (7.0, 6.0, 5.0, 4.0):
        by_hand(growing.panel, "height", height)
    by_hand(growing.panel, "tilt", 50)
    await until(lambda: growing.steps)
    await until_finished(growing)
    assert {height for height, _ in growing.steps} == {4.0} and len(growing.steps) == growing.STEPS
    assert in_view(growing.panel) == finished(height=4.0, tilt=50)


@on_a_loop
async def test_a_hand_that_moves_back_sees_the_first_picture_again():
    growing = slow()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    by_hand(growing.panel, "height", 2.0)
    await until_a_picture(growing)
    await until_finished(growing)
    assert in_view(growing.panel) == finished(height=2.0)


@on_a_loop
async def test_chunks_are_short_and_the_loop_is_free_between_them():
    """A clock that ticks on the same loop is kept waiting for a chunk or a picture, never for the run."""
    growing, gaps = slow(), []

    async def clock():
        last = time.monotonic()
        while True:
            await asyncio.sleep(0)
            last, before = time.monotonic(), last
            gaps.append(last - before)

    ticking = asyncio.create_task(clock())
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    await until_finished(growing)
    ticking.cancel()
    busy = [gap for gap in gaps if gap > STEP]
    assert len(busy) >= growing.STEPS * STEP / (CHUNK + 2 * STEP) / 2
    assert statistics.median(busy) < 4 * 0.025


@on_a_loop
async def test_pictures_come_ten_times_a_second():
    growing, times = Growing(partial(time.sleep, 0.01)), []
    growing.panel.view.image.observe(lambda _: times.append(time.monotonic()), "value")
    moved = time.monotonic()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    await until_finished(growing)
    assert times[0] - moved < 4 * 0.08
    assert (times[-1] - times[0]) / (len(times) - 1) < 4 * 0.1
    assert (times[-1] - times[0]) / (len(times) - 1) > BETWEEN_PICTURES / 2, "not a picture for each chunk"


@on_a_loop
async def test_stop_ends_it_where_it_is_and_says_so():
    growing = slow()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing, 2)
    stop(growing.panel)
    await until(lambda: not is_under_way(growing.panel))
    (_, step), stopped = growing.steps[-1], in_view(growing.panel)
    assert step < growing.STEPS and growing.panel.run == 7.0 * step / growing.STEPS
    assert stopped[1] == f"Stopped at {step / growing.STEPS:.0%}: The level is {growing.panel.run:.2f} high."
    assert status_text(growing.panel) == stopped[1] and "aria-live" not in status(growing.panel)
    await a_while()
    assert growing.steps[-1] == (7.0, step) and in_view(growing.panel) == stopped
    growing.panel.set(**growing.panel.values)
    assert in_view(growing.panel) == finished(height=7.0)


@on_a_loop
async def test_stop_before_the_first_picture_shows_where_it_is():
    growing = slow()
    growing.steps.clear()
    by_hand(growing.panel, "height", 7.0)
    stop(growing.panel)
    await until_a_picture(growing)
    assert growing.steps == [(7.0, 1)] and growing.panel.summary() == "Stopped at 2%: The level is 0.14 high."
    by_hand(growing.panel, "height", 5.0)
    await until_a_picture(growing)
    await until_finished(growing)
    assert in_view(growing.panel) == finished(height=5.0), "a stop is forgotten with the run it has ended"


@on_a_loop
async def test_stop_when_nothing_is_under_way_does_nothing():
    growing = slow()
    before = in_view(growing.panel)
    stop(growing.panel)
    assert in_view(growing.panel) == before == finished(height=2.0)


@on_a_loop
async def test_a_button_under_a_hand_grows_too_even_if_its_values_are_those_in_view():
    growing = slow()
    growing.shown.clear()
    press(growing.panel.buttons["reset"])
    assert growing.shown == []
    await until_a_picture(growing)
    assert growing.panel.summary().startswith("At 2%")
    await until_finished(growing)
    assert in_view(growing.panel) == finished(height=2.0)


@on_a_loop
async def test_a_cell_in_the_middle_of_a_run_gets_the_finished_picture_and_ends_the_run():
    growing = slow()
    panel = growing.panel
    for cell in (
        lambda: panel.set(height=4.0),
        lambda: panel.set(**panel.values),
        lambda: setattr(panel.knobs["tilt"], "value", 30),
    ):
        by_hand(panel, "height", 7.0 if panel.values["height"] != 7.0 else 6.0)
        await until_a_picture(growing, 2)
        cell()
        assert in_view(panel) == finished(**panel.values) and not is_under_way(panel)
        growing.steps.clear()
        await a_while()
        assert growing.steps == []


@on_a_loop
async def test_a_refused_value_in_the_middle_of_a_run_changes_nothing():
    growing = slow()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    with pytest.raises(ValueError, match="height is 99"):
        growing.panel.set(height=99)
    assert "height is 99" in status(growing.panel)
    await until_a_picture(growing)
    await until_finished(growing)
    assert in_view(growing.panel) == finished(height=7.0)


@on_a_loop
async def test_an_error_is_shown_and_raised_by_the_next_set():
    growing = slow()
    growing.fault = ZeroDivisionError("division <by> zero")
    by_hand(growing.panel, "height", 7.0)
    await until(lambda: "ZeroDivisionError: division &lt;by&gt; zero" in status(growing.panel))
    await a_while()
    assert "ZeroDivisionError" in status(growing.panel) and not is_under_way(growing.panel)
    growing.fault = None
    with pytest.raises(ZeroDivisionError):
        growing.panel.set(height=4.0)
    assert growing.panel.values["height"] == 7.0
    growing.panel.set(height=7.0)
    assert in_view(growing.panel) == finished(height=7.0)


@on_a_loop
async def test_an_error_that_a_hand_has_left_behind_is_forgotten():
    growing = slow()
    for recover in (lambda: by_hand(growing.panel, "height", 5.0), lambda: press(growing.panel.buttons["reset"])):
        growing.fault = ZeroDivisionError()
        by_hand(growing.panel, "height", 7.0)
        await until(lambda: "ZeroDivisionError" in status(growing.panel))
        growing.fault = None
        recover()
        await until_a_picture(growing)
        await until_finished(growing)
        growing.panel.set(height=3.0)
        assert in_view(growing.panel) == finished(height=3.0)


@on_a_loop
async def test_two_panels_take_turns():
    one, other = slow(), slow()
    one.shown.clear()
    other.shown.clear()
    by_hand(one.panel, "height", 7.0)
    by_hand(other.panel, "height", 5.0)
    await until(lambda: len(one.shown) >= 2 and len(other.shown) >= 2)
    assert is_under_way(one.panel) and is_under_way(other.panel)
    await until_finished(one)
    await until_finished(other)
    assert in_view(one.panel) == finished(height=7.0)
    assert in_view(other.panel) == finished(height=5.0)


@on_a_loop
async def test_two_panels_that_are_linked_grow_together():
    one, other = slow(), slow()
    widgets.link(*((each.panel.knobs["height"], "value") for each in (one, other)))
    by_hand(one.panel, "height", 7.0)
    await until_a_picture(other)
    assert is_under_way(other.panel)
    await until_finished(one)
    await until_finished(other)
    assert in_view(one.panel) == in_view(other.panel) == finished(height=7.0)


def on_a_thread(act, *arguments):
    """A thread of the kernel, a subshell, on which a message from the page arrives."""
    thread = threading.Thread(target=act, args=arguments, daemon=True)
    thread.start()
    return thread


@on_a_loop
async def test_while_a_cell_runs_a_move_waits_and_then_the_newest_is_shown():
    growing = slow()
    growing.steps.clear()
    growing.shown.clear()
    for height in (7.0, 6.0):
        subshell = on_a_thread(by_hand, growing.panel, "height", height)
        subshell.join(SECONDS)  # the cell: as long as it runs, so does no task
        assert not subshell.is_alive(), "a move must not wait for the cell"
    assert (growing.panel.values["height"], growing.steps, growing.shown) == (6.0, [], [])
    await until_a_picture(growing)
    await until_finished(growing)
    assert {height for height, _ in growing.steps} == {6.0}
    assert in_view(growing.panel) == finished(height=6.0)


@on_a_loop
async def test_a_cell_that_sets_after_a_move_that_waits_has_the_last_word():
    growing = slow()
    on_a_thread(by_hand, growing.panel, "height", 7.0).join(SECONDS)
    growing.panel.set(height=4.0)
    growing.steps.clear()
    await a_while()
    assert growing.steps == [] and in_view(growing.panel) == finished(height=4.0)


@on_a_loop
async def test_a_set_on_a_thread_just_before_a_chunk_has_the_last_word():
    growing, locked = slow(), threading.Event()

    def cell():
        with Knob.lock:
            locked.set()
            time.sleep(10 * STEP)  # meanwhile the task comes to the lock and waits
            growing.panel.set(height=4.0)
            growing.steps.clear()

    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    thread = on_a_thread(cell)
    locked.wait(SECONDS)
    await until(lambda: not thread.is_alive())
    await a_while()
    assert growing.steps == [] and in_view(growing.panel) == finished(height=4.0)


@on_a_loop
async def test_no_chunk_begins_while_a_move_waits_that_the_machine_is_slow_to_wake():
    growing = slow()
    growing.steps.clear()
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    Knob.lock.waiting.append(None)
    before = len(growing.steps)
    await a_while()
    after = len(growing.steps)
    Knob.lock.waiting.pop()
    await until_finished(growing)
    assert before == after < Growing.STEPS


@on_a_loop
async def test_a_move_that_comes_in_a_chunk_does_not_wait_for_the_picture_of_the_older_run():
    def pause():
        if len(growing.steps) == 10:
            threads.append(on_a_thread(by_hand, growing.panel, "height", 3.0))
            time.sleep(2 * BETWEEN_PICTURES)  # so that a picture is due
            while not Knob.lock.waiting:
                time.sleep(STEP)

    threads, growing = [], Growing()
    growing.pause = pause
    growing.steps.clear()
    by_hand(growing.panel, "height", 7.0)
    await until(lambda: threads)
    await until_finished(growing)
    assert (7.0, 11) in growing.steps and 7.0 * 11 / Growing.STEPS not in growing.shown
    assert in_view(growing.panel) == finished(height=3.0)


@on_a_loop
async def test_what_a_learner_sets_in_a_callback_of_a_hand_is_finished_too():
    line, growing = Line().panel, slow()
    line.knobs["height"].observe(lambda move: growing.panel.set(height=move["new"]), "value")
    by_hand(line, "height", 5.0)
    assert in_view(growing.panel) == finished(height=5.0) and not is_under_way(growing.panel)


@on_a_loop
async def test_play_that_starts_over_grows():
    growing = slow()
    (play,) = [widget for widget in descendants(growing.panel.widget) if hasattr(widget, "playing")]
    growing.panel.set(tilt=100)
    growing.steps.clear()
    play.set_state({"playing": True})
    assert growing.steps == []
    await until_a_picture(growing)
    await until_finished(growing)
    assert in_view(growing.panel) == finished(tilt=0)


@on_a_loop
async def test_hands_on_many_threads_and_the_loop_end_with_the_last_values():
    growing = Growing(partial(time.sleep, 0.0005))
    scale = growing.panel.knobs["height"]

    def hand(knob, values):
        for value in values:
            by_hand(growing.panel, knob, value)
            time.sleep(0.003)

    hands = [
        on_a_thread(hand, "height", scale.numbers * 3),
        on_a_thread(hand, "tilt", range(0, 100, 2)),
        on_a_thread(lambda: [stop(growing.panel) or time.sleep(0.01) for _ in range(10)]),
    ]
    await until(lambda: not any(hand.is_alive() for hand in hands))
    by_hand(growing.panel, "tilt", 7)
    await until_a_picture(growing)
    await until_finished(growing)
    assert in_view(growing.panel) == finished(height=scale.numbers[-1], tilt=7)


@on_a_loop
async def test_a_knob_moved_from_inside_a_callback_is_drawn_too():
    growing = slow()
    growing.panel.view.image.observe(lambda _: growing.panel.set(tilt=50), "value")
    by_hand(growing.panel, "height", 7.0)
    await until_a_picture(growing)
    assert in_view(growing.panel) == finished(height=7.0, tilt=50) and not is_under_way(growing.panel)


def drawn_at_hand(compute):
    """A panel of one level, and how often it has been drawn."""
    picture, (axes,) = style.picture(200, 100, "a level")
    (curve,) = axes.plot([0, 1], [0, 0], **style.RECON)
    drawn = []
    drawings, knobs = [SimpleNamespace(artists=[curve])], [[Scale("height", (1.0, 2.0, 5.0))]]
    view = View(picture, drawings, knobs, compute, lambda *_: drawn.append(1), lambda values, level: f"{level:g} high.")
    return Panel("drawn_panel", {"level": view}, start={"height": 1.0}), drawn


@on_a_loop
async def test_what_is_finished_with_its_first_step_is_drawn_once():
    ends = []

    def compute(values):
        yield 1, values["height"]
        ends.append(values["height"])

    panel, drawn = drawn_at_hand(compute)
    drawn.clear()
    by_hand(panel, "height", 5.0)
    await until(lambda: panel.summary() == "5 high.")
    await a_while()
    assert len(drawn) == 1 and ends[-1] == 5.0, "what comes after its last step is done as well"


def test_where_nothing_takes_long_there_is_no_progress_and_no_stop():
    line = Line().panel
    assert not any(isinstance(widget, widgets.IntProgress) for widget in descendants(line.widget))
    buttons = [widget.description for widget in descendants(line.widget) if isinstance(widget, widgets.Button)]
    assert line.progress == [] and buttons == ["reset"]
