"""How the widgets of a panel stand around its picture, and how large all of them are shown."""

from importlib import resources

import ipywidgets as widgets
import traitlets

from vaelib.live.knobs import NARROW, Position, moved

WRAPPED = {"flex_flow": "row wrap"}  # where a window is too narrow for all
ROW = WRAPPED | {"margin": "0 8px"}
SIZES = {"normal": "normal", "large": "large, × 1.25", "largest": "largest, × 1.6"}
SPEECH = (resources.files("vaelib.live") / "speech.html").read_text(encoding="utf-8")
ENLARGE = "<style>.vaelib-large { zoom: 1.25; } .vaelib-largest { zoom: 1.6; }</style>"


def column(rows, views, size):
    """The `rows` from top to bottom, as wide as the widest picture of the `views`, all enlarged as the knob says."""
    border = 8 + 32 * (len(views) > 1)
    width = f"{max(view.figure.width for view in views.values()) + border}px"
    page = widgets.HTML(ENLARGE + SPEECH, layout={"display": "none"})
    whole = widgets.VBox([*rows, page], layout={"width": width, "max_width": "100%"}).add_class("vaelib-panel")
    size.observe(
        lambda change: whole.remove_class(f"vaelib-{change['old']}").add_class(f"vaelib-{size.value}"), "value"
    )
    return whole


def pages(views, tabs, hidden):
    """The views behind their `tabs`; the view in use alone where there are no tabs to be shown."""
    children = [_page(view, hidden) for view in views.values()]
    if tabs is None:
        return children[0]
    if tabs not in hidden:
        tabs.children = children
        return tabs
    stack = widgets.Stack(children, selected_index=0)
    traitlets.dlink((tabs, "selected_index"), (stack, "selected_index"))
    return stack


def _page(view, hidden):
    """The knobs of a view above its picture; a position through the run, with its play button, below."""
    above, below = [], []
    for row in view.rows:
        knobs = [knob for knob in row if knob not in hidden]
        sliders = [knob for knob in knobs if not isinstance(knob, Position)]
        above.append(widgets.HBox(sliders, layout=ROW))
        below += [_with_play(knob) for knob in knobs if isinstance(knob, Position)]
    return widgets.VBox([*above, view.image, *below])


def _with_play(position):
    """The knob with a play button before it, which starts over at the end."""
    play = widgets.Play(interval=60, max=100, show_repeat=False)
    widgets.jslink((play, "value"), (position, "value"))

    def start_over(change):
        if change["new"] and position.value == position.max:
            with moved(by_hand=True):
                position.value = play.value = position.min

    play.observe(start_over, "playing")
    return widgets.HBox([play, position])


def progress(stop):
    """A thin line that grows with a long run, and the button that stops it; the room they take is kept free."""
    line = widgets.IntProgress(layout={"width": "auto", "flex": "1 1 0", "height": "6px"})
    button = widgets.Button(description="stop", layout={"width": "auto", "height": "24px"})
    button.on_click(stop)
    return widgets.HBox([line, button], layout=ROW | {"align_items": "center", "visibility": "hidden"})


def behind_a_lock(knobs):
    """The row of `knobs` after a toggle that frees them for the hand; none if there are no knobs."""
    if not knobs:
        return []
    toggle = widgets.ToggleButton(layout=NARROW["layout"])
    traitlets.dlink((toggle, "value"), (toggle, "description"), lambda free: "lock" if free else "unlock")
    traitlets.dlink((toggle, "value"), (toggle, "icon"), lambda free: "unlock" if free else "lock")
    for knob in knobs:
        traitlets.dlink((toggle, "value"), (knob, "disabled"), lambda free: not free)
    return [widgets.HBox([toggle, *knobs], layout=ROW)]


def behind_a_fold(knobs):
    """The `knobs` in a row that is folded until a hand opens it; none if there are no knobs."""
    return [widgets.Accordion([widgets.HBox(knobs, layout=WRAPPED)], titles=["more"])] if knobs else []
