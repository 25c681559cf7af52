"""Knobs -> compute -> picture: a panel is a function of its knobs' values and nothing else."""

import html
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import ipywidgets as widgets
import traitlets

from vaelib.live.knobs import NARROW, Position, Tabs
from vaelib.live.picture import LivePicture


class View(NamedTuple):
    """A live picture and the rows of knobs above it; `show(values)` moves its artists and returns (run, summary)."""

    picture: LivePicture
    show: Callable
    rows: Sequence


def view_of(picture, drawings, show, rows):
    """A view of the `drawings` on a `style.Picture`; `show(*drawings, values)` moves them."""
    live = LivePicture(picture, [artist for drawing in drawings for artist in drawing.artists])
    return View(live, partial(show, *drawings), rows)


class Panel:
    """One live picture with its knobs, or several behind tabs: `views` maps the title of each tab to a `View`.

    Tabs are a knob too, named "tab"; views may share knobs. `more` are knobs behind a fold, `locked` knobs are grey
    until a hand unlocks them; `start` holds a value for each knob. `scenarios` are buttons: a name and the values to
    set, or a function of the present values that returns them. `couple` makes a hand that moves one knob move others:
    a function of the values and of those before the move, which returns what to set.
    Callbacks may arrive on any thread; each reads the knobs inside one lock, so the last picture always belongs to the
    last values.
    """

    def __init__(self, name, views, *, more=(), locked=(), start, scenarios=None, couple=None, hide=()):
        self.name, self.views, self.run, self._couple = name, views, None, couple
        self.knobs = {knob.description: knob for view in views.values() for row in view.rows for knob in row}
        self.knobs |= {knob.description: knob for knob in (*more, *locked)}
        self._summary, self._shown, self._coupled, self._drawing = "", None, None, False
        self._lock = threading.RLock()
        self.status = widgets.HTML(layout={"min_height": "44px", "margin": "0 8px"}).add_class("vaelib-status")
        if len(views) > 1:
            self.knobs["tab"] = Tabs("tab", views)
        hidden = [self._known(name) for name in hide]
        for knob in self.knobs.values():
            knob.observe(self._refresh, "value")
        scenarios = (scenarios or {}) | {"reset": start}
        self.buttons = {label: self._button(label, scenario) for label, scenario in scenarios.items()}
        more, locked = ([knob for knob in group if knob not in hidden] for group in (more, locked))
        self.widget = self._arranged(self._pages(hidden), more, locked)
        self.set(**start)

    def _pages(self, hidden):
        """The views behind their tabs; the view in use alone where there are no tabs to be shown."""
        pages = [_page(view, hidden) for view in self.views.values()]
        if "tab" not in self.knobs:
            return pages[0]
        tabs = self.knobs["tab"]
        if tabs not in hidden:
            tabs.children = pages
            return tabs
        pages = widgets.Stack(pages, selected_index=0)
        traitlets.dlink((tabs, "selected_index"), (pages, "selected_index"))
        return pages

    def _arranged(self, pages, more, locked):
        """The widgets from top to bottom, as wide as the picture."""
        buttons = widgets.HBox(list(self.buttons.values()), layout={"flex_flow": "row wrap"})
        rows = [pages, *_behind_a_lock(locked), self.status, buttons]
        if more:
            rows.append(widgets.Accordion([widgets.HBox(more)], titles=["more"]))
        border = 8 + 32 * (len(self.views) > 1)
        width = f"{max(view.picture.figure.width for view in self.views.values()) + border}px"
        return widgets.VBox(rows, layout={"width": width}).add_class("vaelib-panel")

    def _button(self, label, scenario):
        button = widgets.Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: self._press(scenario))
        return button

    def _press(self, scenario):
        """Set the values of a scenario and draw, even if they are those in view."""
        with self._lock:
            self._shown = None
            self.set(**(scenario(self.values) if callable(scenario) else scenario))

    @property
    def picture(self):
        """The live picture in view."""
        return self._view(self.values).picture

    def _view(self, values):
        return self.views[values.get("tab", next(iter(self.views)))]

    @property
    def values(self):
        """The knobs' values by name; `panel.set(**panel.values)` restores the picture."""
        return {name: knob.value for name, knob in self.knobs.items()}

    def summary(self):
        """The line below the picture: what it shows, in words and numbers."""
        return self._summary

    def set(self, **values):
        """Set several knobs, then compute and draw once; ValueError, and nothing changes, if one is not allowed."""
        with self._lock:
            try:
                for name, value in values.items():
                    self._known(name).refuse(value)
            except ValueError as error:
                self._fail(str(error))
                raise
            drawing, self._drawing = self._drawing, True
            try:
                for name, value in values.items():
                    self.knobs[name].place(value)
            finally:
                self._drawing = drawing
            self._coupled = self.values
            self._refresh()

    def _known(self, name):
        if name not in self.knobs:
            raise ValueError(f"{name!r} is no knob of {self.name}; its knobs are {', '.join(self.knobs)}.")
        return self.knobs[name]

    def _refresh(self, _change=None):
        """Draw for the values as they are; knobs moved meanwhile, by a callback, are seen by the same loop."""
        with self._lock:
            if self._drawing:
                return
            self._drawing = True
            try:
                while self.values != self._shown:
                    values = self._after_coupling()
                    view = self._view(values)
                    self.run, self._summary = view.show(values)
                    view.picture.draw()
                    self._shown = values
                    self._say(self._summary)
            except Exception as error:
                self._fail(f"{type(error).__name__}: {error}")
                raise
            finally:
                self._drawing = False

    def _after_coupling(self):
        """The values, after those that a hand has moved have moved their partners."""
        values = self.values
        if self._couple:
            partners = self._couple(values, self._coupled)
            for name, value in partners.items():
                self.knobs[name].place(value)
            values |= partners
        self._coupled = values
        return values

    def _fail(self, sentence):
        """Say what went wrong; the next change draws anew, whatever it is."""
        self._shown = None
        self._say(sentence)

    def _say(self, sentence):
        self.status.value = f'<div style="line-height: 1.5">{html.escape(sentence, quote=False)}</div>'

    def __repr__(self):
        knobs = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.name}({knobs})\n{self._summary}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget for a notebook with a kernel; a PNG and a line of text for every other place."""
        data, metadata = self.picture.mimebundle(repr(self))
        return self.widget._repr_mimebundle_() | data, metadata


def _page(view, hidden):
    """The knobs of a view above its picture; a position through the run, with its play button, below."""
    above, below = [], []
    for row in view.rows:
        knobs = [knob for knob in row if knob not in hidden]
        sliders = [knob for knob in knobs if not isinstance(knob, Position)]
        above.append(widgets.HBox(sliders, layout={"margin": "0 8px"}))
        below += [_with_play(knob) for knob in knobs if isinstance(knob, Position)]
    return widgets.VBox([*above, view.picture.image, *below])


def _behind_a_lock(knobs):
    """The row of `knobs` after a toggle that frees them for the hand; none if there are no knobs."""
    if not knobs:
        return []
    toggle = widgets.ToggleButton(description="unlock", icon="lock", layout=NARROW["layout"])

    def turn(_):
        toggle.description, toggle.icon = ("lock", "unlock") if toggle.value else ("unlock", "lock")
        for knob in knobs:
            knob.disabled = not toggle.value

    toggle.observe(turn, "value")
    turn(None)
    return [widgets.HBox([toggle, *knobs], layout={"margin": "0 8px"})]


def _with_play(position):
    """The knob with a play button before it, which starts over at the end."""
    play = widgets.Play(interval=60, max=100, show_repeat=False)
    widgets.jslink((play, "value"), (position, "value"))

    def start_over(change):
        if change["new"] and position.value == position.max:
            position.value = play.value = position.min

    play.observe(start_over, "playing")
    return widgets.HBox([play, position])
