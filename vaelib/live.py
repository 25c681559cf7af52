"""What makes a picture live: knobs -> compute -> picture, redrawn while a knob moves."""

import html
import threading
from io import BytesIO

import ipywidgets as widgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from vaelib import style


def _palette():
    """The style's inks in shades towards its grounds. With these 256 colours or fewer a PNG is made in a quarter of
    the time; they are spaced so that Pillow, which looks colours up in steps of 4, keeps white white."""
    inks, grounds = ([to_rgb(colour) for colour in colours] for colours in (style.INKS, style.GROUNDS))
    shade = np.linspace(0, 1, SHADES)[:, None]
    colours = [(1 - shade) * np.array(ink) + shade * np.array(ground) for ink in inks for ground in grounds]
    image = Image.new("P", (1, 1))
    image.putpalette(np.rint(255 * np.concatenate(colours)).astype(np.uint8).tobytes())
    return image


SHADES = 14
PALETTE = _palette()


class LivePicture:
    """A `style.Picture` of which only the `moving` artists are drawn anew, over a background drawn once (blitting).

    `image` is the widget that shows it; its PNG has two device pixels for each CSS pixel.
    """

    def __init__(self, picture, moving):
        for artist in moving:
            artist.set_animated(True)
        self.size = self.width, self.height = picture.width, picture.height
        self.moving = sorted(moving, key=lambda artist: artist.zorder)
        self.canvas = FigureCanvasAgg(picture)
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(picture.bbox)
        fixed = {"width": f"{picture.width}px", "height": f"{picture.height}px", "flex": "0 0 auto"}
        self.image = widgets.Image(format="png", layout=fixed)

    def draw(self):
        self.canvas.restore_region(self.background)
        for artist in self.moving:
            artist.axes.draw_artist(artist)
        size, pixels = self.canvas.get_width_height(), self.canvas.buffer_rgba()
        colours = Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", 0, 1).convert("RGB")
        png = BytesIO()
        colours.quantize(palette=PALETTE, dither=Image.Dither.NONE).save(png, format="png", compress_level=1)
        self.image.value = png.getvalue()


BROAD = {"layout": {"width": "auto", "flex": "1 1 0"}, "style": {"description_width": "initial"}}


class Scale(widgets.SelectionSlider):
    """A knob over ascending `numbers`; a number between the first and the last gets a notch when it is set."""

    def __init__(self, name, numbers):
        self.numbers = tuple(numbers)
        super().__init__(description=name, options=_notches(self.numbers), **BROAD)

    def refuse(self, value):
        whole = all(isinstance(number, int) for number in self.numbers)
        _refuse_number(self.description, value, self.numbers[0], self.numbers[-1], whole)

    def place(self, value):
        value = type(self.numbers[0])(value)
        notches = _notches(sorted({*self.numbers, value}))
        with self.hold_sync():
            if notches != self.options:
                self.options = notches
            self.value = value


class Position(widgets.IntSlider):
    """A knob from 0 to 100 percent."""

    def __init__(self, name):
        super().__init__(description=name, max=100, **BROAD)

    def refuse(self, value):
        _refuse_number(self.description, value, 0, 100, whole=True)

    def place(self, value):
        self.value = int(value)


class Menu(widgets.Dropdown):
    """A knob with a few named positions."""

    def __init__(self, name, options):
        super().__init__(description=name, options=tuple(options))

    def refuse(self, value):
        if value not in self.options:
            raise ValueError(f"{self.description} is {value!r}; it must be one of: {', '.join(self.options)}.")

    def place(self, value):
        self.value = value


def _notches(numbers):
    return tuple((_label(number), number) for number in numbers)


def _label(number):
    return f"{number:,}" if isinstance(number, int) else f"{number:.3g}"


def _refuse_number(name, value, lowest, highest, whole):
    kinds = (int, np.integer) if whole else (int, float, np.number)
    if isinstance(value, bool) or not isinstance(value, kinds) or not lowest <= value <= highest:
        kind = "whole number" if whole else "number"
        raise ValueError(f"{name} is {value!r}; it must be a {kind} from {_label(lowest)} to {_label(highest)}.")


class Panel:
    """A live picture with its knobs: a function of the knobs' values and nothing else.

    `show(values)` moves the artists and returns (run, summary). Callbacks may arrive on any thread; each reads the
    knobs inside one lock, so the last picture always belongs to the last values. `scenarios` are buttons: a name and
    the values to set, or a function of the present values that returns them.
    """

    def __init__(self, name, picture, show, knobs, *, more=(), scenarios=None, hide=()):
        self.name, self.picture, self.run = name, picture, None
        self.knobs = {knob.description: knob for knob in (*knobs, *more)}
        self._show, self._summary, self._shown, self._drawing = show, "", None, False
        self._lock = threading.RLock()
        self.status = widgets.HTML(layout={"min_height": "44px", "margin": "0 8px"}).add_class("vaelib-status")
        for knob in self.knobs.values():
            knob.observe(self._refresh, "value")
        hidden = [self._known(name) for name in hide]
        knobs, more = ([knob for knob in group if knob not in hidden] for group in (knobs, more))
        self.buttons = {label: self._button(label, scenario) for label, scenario in (scenarios or {}).items()}
        self.widget = self._arranged(knobs, more)

    def _arranged(self, knobs, more):
        """The widgets from top to bottom, as wide as the picture."""
        sliders = widgets.HBox([knob for knob in knobs if not isinstance(knob, Position)], layout={"margin": "0 8px"})
        positions = [_with_play(knob) for knob in knobs if isinstance(knob, Position)]
        buttons = widgets.HBox(list(self.buttons.values()), layout={"flex_flow": "row wrap"})
        rest = widgets.Accordion([widgets.HBox(more)], titles=["more"]) if more else widgets.VBox()
        rows = [sliders, self.picture.image, *positions, self.status, buttons, rest]
        return widgets.VBox(rows, layout={"width": f"{self.picture.width + 8}px"}).add_class("vaelib-panel")

    def _button(self, label, scenario):
        button = widgets.Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: self.set(**(scenario(self.values) if callable(scenario) else scenario)))
        return button

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
                while (values := self.values) != self._shown:
                    self.run, self._summary = self._show(values)
                    self.picture.draw()
                    self._shown = values
                    self._say(self._summary)
            except Exception as error:
                self._fail(f"{type(error).__name__}: {error}")
                raise
            finally:
                self._drawing = False

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
        data, metadata = style.mimebundle(bytes(self.picture.image.value), *self.picture.size, repr(self))
        return self.widget._repr_mimebundle_() | data, metadata


def _with_play(position):
    """The knob with a play button before it, which starts over at the end."""
    play = widgets.Play(interval=60, max=100, show_repeat=False)
    widgets.jslink((play, "value"), (position, "value"))

    def start_over(change):
        if change["new"] and position.value == position.max:
            position.value = play.value = position.min

    play.observe(start_over, "playing")
    return widgets.HBox([play, position])
