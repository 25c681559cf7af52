"""Execute the notebooks and store them in one normal form: run twice, it writes the same bytes.

    python tools/notebooks.py [--check] [notebook ...]

Without names it takes all of notebooks/. With --check it says which notebooks would change and writes nothing.
"""

import argparse
import base64
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
# What a notebook needs besides requirements.txt. Where that is not installed its stored outputs stay as they are.
NEEDS = {"10_pytorch.ipynb": "torch"}
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags", "slideshow"}
# The tag of a cell that proves numbers of the text: it runs like any other, but JupyterLab shows its first line only.
PROOF = "proof"
COLLAPSED = {"source_hidden": True}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt"}


class CellFailed(Exception):
    """A cell raised an error; the message names the cell."""


def missing(path):
    """The package that this notebook needs and that is not installed, if there is one."""
    package = NEEDS.get(path.name)
    return package if package and not find_spec(package) else None


def execute(notebook, folder):
    """Run every cell in a new kernel of this environment that starts in `folder`; the outputs go into `notebook`."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                raise CellFailed(f"cell {cell.id} raised {error.ename}: {error.evalue}") from error
    return notebook


def normalise(notebook):
    """Take out of `notebook` what differs from run to run or from editor to editor."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines()).strip("\n")
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA & cell.metadata.keys()})
        if PROOF in cell.metadata.get("tags", []):
            cell.metadata.jupyter = nbformat.from_dict(COLLAPSED)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            normalise_output(output, count)
    return notebook


def normalise_output(output, count):
    """The same for one output of the code cell with this execution count."""
    if output.output_type == "execute_result":
        output.execution_count = count
    data = output.get("data", {})
    data.pop(WIDGET_VIEW, None)
    if "image/png" in data:
        png = base64.b64decode(data["image/png"])
        data["image/png"] = base64.b64encode(without_text(png)).decode()


def without_text(png):
    """The same picture without its text chunks, which name the version of the software that wrote it."""
    kept, start = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while start < len(png):
        kind = png[start + 4 : start + 8]
        end = start + 12 + int.from_bytes(png[start : start + 4])
        if kind not in PNG_TEXT_CHUNKS:
            kept.append(png[start:end])
        start = end
    return b"".join(kept)


def serialise(notebook):
    """The text of the file that holds `notebook`."""
    return nbformat.writes(notebook) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Execute notebooks and store them in one normal form.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="notebook", help="default: all of notebooks/")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a notebook would change")
    arguments = parser.parse_args()

    outdated = False
    for path in arguments.paths or sorted(NOTEBOOKS.glob("*.ipynb")):
        if package := missing(path):
            print(f"{path.name}: left as it is, {package} is not installed")
            continue
        stored = path.read_text(encoding="utf-8")
        try:
            text = serialise(normalise(execute(nbformat.reads(stored, as_version=4), path.parent)))
        except CellFailed as error:
            sys.exit(f"{path.name}: {error}")
        if text == stored:
            print(f"{path.name}: unchanged")
        elif arguments.check:
            outdated = True
            print(f"{path.name}: would change")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{path.name}: written")
    sys.exit(outdated)


if __name__ == "__main__":
    main()
