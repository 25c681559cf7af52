"""Three small panels to test the engine of all panels with: what they show is one line and one sentence."""

from types import SimpleNamespace

from vaelib import style
from vaelib.live import Menu, Panel, Position, Scale, View, linear


def view(picture, artists, show=None, rows=()):
    """A view of these artists, which `show(values)` moves; it returns (run, summary)."""
    drawings = [SimpleNamespace(artists=artists)]
    return View(picture, drawings, rows, show, lambda *_: None, lambda values, run, summary: summary)


class Line:
    """A panel that draws a line of the chosen height, and counts how often."""

    def __init__(self, **options):
        picture, (axes,) = style.picture(200, 100, "a line")
        (self.line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)
        self.drawn, self.fault = [], None
        knobs = [Scale("height", (1.0, 2.0, 5.0, 10.0)), Position("position")]
        more = [Menu("mood", {"calm": "calm", "wild": "very wild"})]
        views = {"line": view(picture, [self.line], self.show, [knobs])}
        self.panel = Panel("line_panel", views, more=more, **{"start": {"height": 2.0}} | options)

    def show(self, values):
        if self.fault:
            raise self.fault
        self.drawn.append(values)
        self.line.set_ydata([0, values["height"]])
        return values["height"], f"The line is {values['height']:g} high."


class Tabbed:
    """A panel with a level and a bar behind tabs that share the knob "length", and with two knobs behind a lock."""

    def __init__(self, **options):
        size = Scale("length", linear(0, 10, 0.5), unit=" cm")
        self.shown = []
        views = {
            "level": self.view(200, [[size], [Scale("left", (0.0, 1.0)), Position("right")]]),
            "bar": self.view(240, [[size, Scale("width", (1, 2, 5))]]),
        }
        locked = [Scale("shift", (-1.0, 0.0, 1.0)), Menu("ink", {"dark": "dark", "light": "light"})]
        options = {"start": {"length": 2.0, "shift": 0.0}} | options
        self.panel = Panel("tabbed_panel", views, locked=locked, **options)

    def view(self, width, rows):
        picture, (axes,) = style.picture(width, 100, "a line")
        (line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)

        def show(values):
            self.shown.append(values)
            line.set_ydata([values["shift"], values["length"]])
            return values["length"], f"{values['tab']}: {values['length']:g} cm."

        return view(picture, [line], show, rows)


class Growing:
    """A panel whose run takes 50 steps, each as long as `pause()`: a level grows to the chosen height."""

    STEPS = 50

    def __init__(self, pause=lambda: None):
        picture, (axes,) = style.picture(200, 100, "a level")
        (self.line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)
        self.pause, self.steps, self.shown, self.fault = pause, [], [], None
        knobs = [[Scale("height", linear(1, 10, 0.5)), Position("tilt")]]
        drawings = [SimpleNamespace(artists=[self.line])]
        views = {"level": View(picture, drawings, knobs, self.compute, self.move, self.say)}
        self.panel = Panel("growing_panel", views, start={"height": 2.0, "tilt": 0})

    def compute(self, values):
        for step in range(1, self.STEPS + 1):
            self.pause()
            if self.fault:
                raise self.fault
            self.steps.append((values["height"], step))
            yield step / self.STEPS, values["height"] * step / self.STEPS

    def move(self, _, values, level):
        self.shown.append(level)
        self.line.set_ydata([level, level * (1 - values["tilt"] / 100)])

    def say(self, values, level):
        return f"The level is {level:.2f} high."
