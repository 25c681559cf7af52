"""Knobs -> compute -> picture: a panel is a function of its knobs' values and nothing else."""

import asyncio
import html
from collections.abc import Callable, Sequence
from contextlib import suppress

import ipywidgets as widgets
import numpy as np

from vaelib.live.arrangement import SIZES, WRAPPED, behind_a_fold, behind_a_lock, column, pages, progress
from vaelib.live.computation import Computation
from vaelib.live.knobs import Button, Knob, Menu, Tabs, moved
from vaelib.live.picture import View


class Panel:
    """One picture with its knobs, or several behind tabs: `views` maps the title of each tab to a `View`.

    `run` is the first of what the view in view has computed.
    Tabs are a knob too, named "tab"; views may share knobs. `more` are knobs behind a fold, among them one for the
    "size" of the panel (for a projector); `locked` knobs are grey until a hand unlocks them; `start` holds a value for
    each knob. `scenarios` are buttons: a name and the values to set, or a function of the present values that returns
    them.
    Callbacks may arrive on any thread; each moves and reads the knobs inside one lock, so the last picture always
    belongs to the last values. A cell gets it at once; a hand sees a view that is `long` grow, chunk by chunk.
    """

    def __init__(
        self,
        name: str,
        views: dict[str, View],
        *,
        more: Sequence[Knob] = (),
        locked: Sequence[Knob] = (),
        start: dict,
        scenarios: dict[str, dict | Callable[[dict], dict]] | None = None,
        hide: str | Sequence[str] = (),
    ):
        self.name, self.views, self.run = name, views, None
        self.knobs = {knob.description: knob for view in views.values() for row in view.rows for knob in row}
        more = [*more, Menu("size", SIZES)]
        self.knobs |= {knob.description: knob for knob in (*more, *locked)}
        if len(views) > 1:
            self.knobs["tab"] = Tabs("tab", views)
        self._summary, self._shown, self._busy = "", None, False
        self._growing = self._error = self._loop = None
        with suppress(RuntimeError):  # plain Python has none
            self._loop = asyncio.get_running_loop()
        self.status = widgets.HTML(layout={"min_height": "44px", "margin": "0 8px"}).add_class("vaelib-status")
        hidden = [self._known(name) for name in ([hide] if isinstance(hide, str) else hide)]
        for knob in self.knobs.values():
            knob.observe(self._refresh, "value")
        self.buttons = {label: self._button(label, values) for label, values in (scenarios or {}).items()}
        self.buttons["reset"] = self._button("reset", {name: start[name] for name in start if name != "size"})
        more, locked = ([knob for knob in group if knob not in hidden] for group in (more, locked))
        self.progress = [progress(self._stop)] if any(view.long for view in views.values()) else []
        above = [pages(views, self.knobs.get("tab"), hidden), *behind_a_lock(locked), *self.progress, self.status]
        below = [widgets.HBox(list(self.buttons.values()), layout=WRAPPED), *behind_a_fold(more)]
        self.widget = column([*above, *below], views, self.knobs["size"])
        self.set(**start)

    def _button(self, label, scenario):
        button = Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: self._press(scenario))
        return button

    def _press(self, scenario):
        """Set the values of a scenario and draw, even if they are those in view."""
        with Knob.lock:
            self._shown = None
            self._set(scenario(self.values) if callable(scenario) else scenario)

    @property
    def view(self):
        """The `View` in view."""
        return self._view(self.values)

    def _view(self, values):
        return self.views[values.get("tab", next(iter(self.views)))]

    @property
    def values(self):
        """The values by name of the knobs that make the picture; `panel.set(**panel.values)` restores it."""
        return {name: knob.value for name, knob in self.knobs.items() if name != "size"}

    def summary(self):
        """The line below the picture: what it shows, in words and numbers."""
        return self._summary

    def set(self, **values):
        """Set several knobs, then compute and draw once; ValueError, and nothing changes, if one is not allowed."""
        with moved(by_hand=False):
            if self._error:  # of a long run, and still to be read in the status line
                error, self._error = self._error, None
                raise error
            self._shown = None if self._growing else self._shown
            self._set(values)

    def _set(self, values):
        try:
            for name, value in values.items():
                self._known(name).check(value)
        except ValueError as error:
            self._fail(str(error))
            raise
        busy, self._busy = self._busy, True
        try:
            for name, value in values.items():
                self.knobs[name].place(value)
        finally:
            self._busy = busy
        self._refresh()

    def _known(self, name):
        if name not in self.knobs:
            raise ValueError(f"{name!r} is no knob of {self.name}; its knobs are {', '.join(self.knobs)}.")
        return self.knobs[name]

    def _refresh(self, _change=None):
        """Draw for the values as they are; knobs moved meanwhile, by a callback, are seen by the same loop."""
        with Knob.lock:
            if not self._busy:
                self._guard(self._answer)

    def _answer(self):
        while (values := self.values) != self._shown:
            computation = Computation(self._view(values), values)
            if computation.view.long and Knob.in_hand and self._loop and self._loop.is_running():
                self._growing, self._shown = computation, values
                asyncio.run_coroutine_threadsafe(self._grow(computation), self._loop)
            else:
                computation.work(whole=True)
                self._show(computation)

    async def _grow(self, computation):
        """Chunk by chunk, as long as it is the newest; in between, moves and all else have their turn."""
        while self._growing is computation:
            with Knob.lock:
                try:
                    if self._growing is computation and self._guard(computation.work) and not Knob.lock.waiting:
                        self._guard(self._show, computation)
                    if self.values != computation.values:
                        self._refresh()
                except Exception as error:
                    self._error = error
            await asyncio.sleep(0.001)  # a move takes several turns of the loop; with 0, each would cost a chunk
            while Knob.lock.waiting:
                await asyncio.sleep(0.001)

    def _guard(self, act, *arguments):
        """Act, while no knob has anything drawn; an error is said and ends what is under way."""
        self._busy = True
        try:
            return act(*arguments)
        except Exception as error:
            self._growing = None
            self._fail(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._busy = False

    def _show(self, now):
        with np.errstate(all="ignore"):
            now.view.move(now.values, *now.results)
            self.run, self._summary = now.results[0], now.place + now.view.say(now.values, *now.results)
        now.view.draw()
        self._growing = None if now.ended or now.stopped else now
        self._shown = None if now.stopped else now.values
        self._say(self._summary, self._growing and now.share)

    def _stop(self, _button):
        with Knob.lock:
            if self._growing:
                self._growing.stopped = True

    def _fail(self, sentence):
        """Say what went wrong; the next change draws anew, whatever it is."""
        self._shown = None
        self._say(sentence)

    def _say(self, sentence, share=None):
        """Write it below the picture; a screen reader says it unless no more than a `share` is done."""
        self._error, quiet = None, "" if share is None else 'aria-live="off" '
        self.status.value = f'<div {quiet}style="line-height: 1.5">{html.escape(sentence, quote=False)}</div>'
        for row in self.progress:
            row.layout.visibility = "hidden" if share is None else "visible"
            row.children[0].value = round(100 * (share or 0))

    def __repr__(self):
        knobs = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.name}({knobs})\n{self._summary}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget for a notebook with a kernel; a PNG and a line of text for every other place."""
        data, metadata = self.view.figure.mimebundle(bytes(self.view.image.value), repr(self))
        return self.widget._repr_mimebundle_() | data, metadata
