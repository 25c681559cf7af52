"""Make slides of the lessons that need no network: build/slides/NN_word.slides.html, and what these pages load.

    python tools/slides.py [notebook ...]

Without names it takes all of notebooks/. What the pages load comes once from the npm registry and is kept in
build/packages; the environment variable npm_config_registry names another registry.
"""

import argparse
import base64
import hashlib
import http.client
import io
import os
import re
import shutil
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbconvert import SlidesExporter

TOOLS = Path(__file__).resolve().parent
NOTEBOOKS, BUILD = TOOLS.parent / "notebooks", TOOLS.parent / "build"
CACHE = BUILD / "packages"
REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")  # noqa: SIM112
DOWNLOAD_SECONDS = 60
WIDTH, HEIGHT = 1280, 800

LESSON_LINK = re.compile(r"\]\((\w+)\.ipynb")
LINK_OUT_OF_THE_FOLDER = re.compile(r"\[([^\]]*)\]\(\.\.[^)]*\)")


class Package(NamedTuple):
    """A version of an npm package, what the registry's archive must be, and which of its files are loaded."""

    name: str
    version: str
    sha512: str
    files: tuple

    @property
    def archive(self):
        return f"{self.name}-{self.version}.tgz"


PACKAGES = [
    Package(
        "reveal.js",
        "5.2.1",
        "r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ==",
        ("dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE"),
    ),
    Package(
        "mathjax",
        "3.2.2",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        ("es5/tex-svg-full.js", "LICENSE"),
    ),
]


class PackageMissing(Exception):
    """The sentence tells what could not be fetched, and why."""


def fetch(package):
    """The archive of `package`, from the cache if it is there and whole, or else from the registry."""
    stored = CACHE / package.archive
    if not stored.exists() or sha512(stored.read_bytes()) != package.sha512:
        content = download(package)
        CACHE.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(content)
    return stored.read_bytes()


def download(package):
    address = f"{REGISTRY}/{package.name}/-/{package.archive}"
    try:
        with urllib.request.urlopen(address, timeout=DOWNLOAD_SECONDS) as response:
            content = response.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise PackageMissing(f"{address} cannot be fetched: {error}") from error
    if sha512(content) != package.sha512:
        raise PackageMissing(f"{address} is not the file that it was when {Path(__file__).name} was written")
    return content


def sha512(content):
    return base64.b64encode(hashlib.sha512(content).digest()).decode()


def unpack(package, archive, folder):
    """The files of `package` that the pages load, in a folder of its name."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for file in package.files:
            target = folder / package.name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(members.extractfile(f"package/{file}").read())


def page(path):
    """The slides of the notebook at `path`, as the text of an HTML page."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source)
    exporter = SlidesExporter(
        template_file=str(TOOLS / "slides.html.j2"),
        reveal_url_prefix="reveal.js",
        reveal_theme="lesson",
        reveal_width=str(WIDTH),
        reveal_height=str(HEIGHT),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    return html


def relinked(text):
    """Links to lessons lead to their slides, and links out of the folder of the lessons become plain words."""
    return LINK_OUT_OF_THE_FOLDER.sub(r"\1", LESSON_LINK.sub(r"](\1.slides.html", text))


def build(paths, folder):
    """The slides of the notebooks at `paths` in `folder`, and what they load beside them."""
    for package in PACKAGES:
        unpack(package, fetch(package), folder)
    theme = folder / "reveal.js" / "dist" / "theme" / "lesson.css"
    theme.parent.mkdir(exist_ok=True)
    shutil.copy(TOOLS / "slides.css", theme)
    pages = [folder / f"{path.stem}.slides.html" for path in paths]
    for path, target in zip(paths, pages, strict=True):
        target.write_text(page(path), encoding="utf-8")
    return pages


def main():
    parser = argparse.ArgumentParser(description="Make slides of the lessons that need no network.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="notebook", help="default: all of notebooks/")
    try:
        pages = build(parser.parse_args().paths or sorted(NOTEBOOKS.glob("*.ipynb")), BUILD / "slides")
    except PackageMissing as missing:
        sys.exit(f"No slides were made: {missing}")
    print(*pages, sep="\n")


if __name__ == "__main__":
    main()
