"""Film lesson 3's panel in a real JupyterLab while its slider beta moves, for the README.

python tools/film.py docs/training_panel.webp
"""

import io
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from browser.chromium import chromium
from browser.lab import Lab
from browser.server import JupyterLabServer
from notebooks import METADATA

PANEL = 'from vaelib.panels import training_panel\n\ntraining_panel(beta=0.5, lr=0.02, steps=500, noise="exact")'
BETAS = (0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5, 6, 7, 8, 10, 12.5, 14)
FRAME_MS, REST_MS = 160, 1400


def film():
    """The pictures of the panel at each beta, up and down again."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "served"
        root.mkdir()
        nbformat.write(new_notebook(cells=[new_code_cell(PANEL)], metadata=METADATA), root / "film.ipynb")
        with chromium() as browser, JupyterLabServer(root, folder) as server, Lab(browser, server) as lab:
            lab.open("film.ipynb")
            lab.run_all()
            panel = lab.panel()
            up = [picture_at(panel, beta) for beta in BETAS]
    return up + up[-2:0:-1]


def picture_at(panel, beta):
    """What the panel looks like once its slider says `beta`."""
    before = panel.picture_address()
    while float(panel.readout("beta")) < beta:
        panel.press("beta", "ArrowRight")
        before = panel.wait_for(panel.picture_address, lambda address, before=before: address != before)
    panel.page.wait_for_timeout(200)
    return Image.open(io.BytesIO(panel.root.screenshot())).convert("RGB")


def main():
    first, *others = frames = film()
    durations = [REST_MS if place in (0, len(BETAS) - 1) else FRAME_MS for place in range(len(frames))]
    first.save(sys.argv[1], save_all=True, append_images=others, duration=durations, loop=0, lossless=True, method=6)


if __name__ == "__main__":
    main()
