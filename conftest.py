"""How the tests run: which of them share a process, and how a lesson is executed, once for all that is asked of it."""

import os
import re

import pytest
from nbformat.v4 import new_code_cell
from nbval.plugin import IPyNbCell, IPyNbFile
from xdist.scheduler import LoadScopeScheduling

from tools.notebooks import missing

UNCOMPARED = {"skip": False, "check": False, "check_exception": False}
IN_A_BROWSER = "tests/browser/"
ON_ONE_PAGE, OF_A_LESSON = "every panel", re.compile(r"\[\d\d_\w+\.ipynb")
SOLUTION = re.compile(r"<details>.*?```python\n(.*?)```", re.DOTALL)


def pytest_addoption(parser):
    parser.addoption("--other-versions", action="store_true", help="not the pinned ones: pictures may differ a little")


def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)


class Together(LoadScopeScheduling):
    """Tests of one file share a process, so what they build is built once; so do those of one page, or one lesson.

    With other versions all that need a browser do: they are done before the rest is, and one JupyterLab is enough.
    """

    def _split_scope(self, nodeid):
        file, test = nodeid.split("::", maxsplit=1)
        if self.config.option.other_versions and file.startswith(IN_A_BROWSER):
            return IN_A_BROWSER
        if f"[{ON_ONE_PAGE}" in test:
            return ON_ONE_PAGE
        lesson = OF_A_LESSON.search(test)
        return file + lesson[0] if lesson else file


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collectors = yield
    return [
        Lesson.from_parent(parent, path=file_path) if isinstance(collector, IPyNbFile) else collector
        for collector in collectors
    ]


class Lesson(IPyNbFile):
    """A notebook as nbval runs it; stored pictures are compared too, and after each exercise its solution is run.

    One that needs what is not installed is skipped, but where VAELIB_REQUIRE_TORCH is 1.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if not self.config.option.other_versions:
            self.skip_compare = tuple(kind for kind in self.skip_compare if kind != "image/png")

    def collect(self):
        package = missing(self.path)
        if package and os.environ.get("VAELIB_REQUIRE_TORCH") != "1":
            self.add_marker(pytest.mark.skip(reason=f"{package} is not installed: make test-torch"))
        for starter in super().collect():
            yield starter
            if "exercise" in starter.cell.metadata.get("tags", []):
                folded = self.nb.cells[self.nb.cells.index(starter.cell) + 1]
                (solution,) = SOLUTION.findall(folded.source)
                judged = new_code_cell(f"{solution}\n{starter.cell.source.splitlines()[-1]}")
                name = f"{starter.name}, solved"
                yield Solved.from_parent(self, name=name, cell_num=starter.cell_num, cell=judged, options=UNCOMPARED)


class Solved(IPyNbCell):
    """An exercise with its folded solution in the place of the three dots: it must be told that it is right."""

    def runtest(self):
        super().runtest()
        said = "".join(output.get("text", "") for output in self.test_outputs)
        if not said.startswith("Right: "):
            self.raise_cell_error(f"The folded solution is told: {said}")
