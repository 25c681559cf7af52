"""The panel of lesson 6: four measures and a verdict; one remedy at a time on trial."""

from vaelib.lessons.collapse.diagnosis import START_LABELS, diagnosis
from vaelib.lessons.collapse.trial import REMEDY_LABELS, trial
from vaelib.lessons.runs import SHARES, STEPS, knobs_of_training
from vaelib.live import Menu, Panel, Scale, logarithmic

START_VALUES = {
    "tab": "diagnosis",
    "beta": 4.0,
    "recon_var": 0.3,
    "lr": 0.5,
    "start": "original",
    "scale": 0.001,
    "remedy": "none",
    "steps": 500,
}
SCENARIOS = {
    "collapsed": START_VALUES | {"beta": 20.0, "steps": 1000},
    "unfinished": START_VALUES | {"beta": 12.0, "start": "near collapse", "steps": 140},
    "dead clamp": START_VALUES | {"start": "dead clamp", "lr": 0.3, "steps": 3000},
    "bouncing": START_VALUES | {"lr": 2.35, "steps": 140},
    "warm-up": START_VALUES | {"tab": "trial", "beta": 14.0, "scale": 1e-4, "remedy": "warm-up", "steps": 2000},
}


def collapse_panel(*, hide=(), **knobs):
    """The panel of lesson 6, two tabs: four measures of a run with a verdict, and one remedy at a time on trial.

    Knobs: beta, recon_var, lr (a share of the largest stable one), steps; of the tab "diagnosis": start (a key of
    START_LABELS); of "trial": scale (of a and m at the start), remedy (a key of REMEDY_LABELS). -> Panel, whose `run`
    is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    of_training = knobs_of_training(shares=[*SHARES, 1.2, 1.5, 2.0, 2.35, 2.5])
    of_trial = [Scale("scale", logarithmic(1e-4, 1)), Menu("remedy", REMEDY_LABELS)]
    return Panel(
        "collapse_panel",
        {
            "diagnosis": diagnosis([of_training, [Menu("start", START_LABELS)]]),
            "trial": trial([of_training, of_trial]),
        },
        more=[Scale("steps", STEPS)],
        start=START_VALUES | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )
