"""Two other ways to show lesson 3's picture live with a slider `beta`, for `slider_speed.py` to measure.

Each is in an element of class `vaelib-panel`, and its first slider is the one that is moved.
"""

from base64 import b64decode

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from vaelib import data, exact, panels
from vaelib.gaussian import gaussian_density, mixture_density
from vaelib.lessons.densities import X_GRID, Z_GRID
from vaelib.model import encode
from vaelib.objective import expected_terms
from vaelib.style import CSS_PIXELS_PER_INCH
from vaelib.training import train

BETAS = [float(f"{beta:.3g}") for beta in np.geomspace(0.1, 30, 50)]
RECON_VAR = 0.30
X, EPS = data.toy(), data.seed_draws().beta1


def interact():
    """The same computation, drawn by pyplot into an Output widget at every move, as most tutorials do it."""
    _, size = picture_of(panels.training_panel())
    inches = [pixels / CSS_PIXELS_PER_INCH for pixels in size]

    def show(beta):
        run = train(X, beta=beta, recon_var=RECON_VAR, lr=0.025, steps=140, noise=EPS)
        optimum = exact.optimum(X, beta=beta, recon_var=RECON_VAR)
        limit = exact.largest_stable_lr(X, beta=beta, recon_var=RECON_VAR)
        _, axes = plt.subplot_mosaic("tdl;rdl", figsize=inches, dpi=CSS_PIXELS_PER_INCH)
        draw_training(axes["t"], axes["r"], run, optimum, beta)
        draw_spaces(axes["d"], axes["l"], run.params, optimum)
        plt.show()
        print(f"objective {run.history.objective[-1]:.3f}, largest stable lr {limit:.3g}")

    widgets.interact(show, beta=beta_slider()).widget.add_class("vaelib-panel")


def draw_training(traces, regret, run, optimum, beta):
    best = expected_terms(X, optimum, recon_var=RECON_VAR)
    for name, goal in {"recon": best.recon, "kl": best.kl, "objective": best.objective(beta)}.items():
        traces.plot(getattr(run.history, name), label=name)
        traces.axhline(goal, color="black", linestyle="--")
    traces.legend()
    expected = expected_terms(X, run.path, recon_var=RECON_VAR)
    regret.semilogy(best.objective(beta) - expected.objective(beta))


def draw_spaces(data_space, latent_space, params, optimum):
    data_space.hist(X, bins=48, density=True, label="data")
    latent_space.plot(Z_GRID, gaussian_density(Z_GRID, 0.0, 1.0), label="prior")
    for of, look in {params: "-", optimum: "--"}.items():
        data_space.plot(X_GRID, gaussian_density(X_GRID, of.n, of.m**2 + RECON_VAR), look, label="p(x)")
        mu, logvar = encode(X, of)
        latent_space.plot(Z_GRID, mixture_density(Z_GRID, mu, np.exp(logvar)), look, label="q(z)")
    for mu, logvar in zip(*encode(np.quantile(X, np.linspace(0, 1, 8)), params), strict=True):
        latent_space.plot(Z_GRID, gaussian_density(Z_GRID, mu, np.exp(logvar)) / 8, linewidth=0.8)
    data_space.legend()
    latent_space.legend()


def ready_made():
    """No training and no drawing: the panel's own pictures, made before."""
    panel, pictures = panels.training_panel(), {}
    for beta in BETAS:
        panel.set(beta=beta)
        pictures[beta], (width, height) = picture_of(panel)
    slider = beta_slider()
    image = widgets.Image(value=pictures[slider.value], layout={"width": f"{width}px", "height": f"{height}px"})
    slider.observe(lambda change: setattr(image, "value", pictures[change["new"]]), "value")
    display(widgets.VBox([slider, image]).add_class("vaelib-panel"))


def picture_of(panel):
    """The PNG of a panel as it is, and its width and height in CSS pixels."""
    data, metadata = panel._repr_mimebundle_()
    return b64decode(data["image/png"]), (metadata["image/png"]["width"], metadata["image/png"]["height"])


def beta_slider():
    return widgets.SelectionSlider(options=BETAS, description="beta")
