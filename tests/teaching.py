"""TEACHING.md read as data: for each lesson its minutes, its moves at the panels, its wrong ideas, its answers."""

import re
from pathlib import Path
from typing import NamedTuple

TEACHING = Path(__file__).resolve().parents[1] / "TEACHING.md"

SECTION = re.compile(r"^## Lesson (\d) .*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
OPENED = re.compile(r"`panel = (\w+_panel\(.*?\))`")
CODE = re.compile(r"`([^`]+)`")
ACTION = re.compile(r"\*\*(?P<button>[^*]+)\*\*|`(?P<knobs>[^`]+)`")
NUMBER = re.compile(r"(?<![\w.])[-\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?")
PLACE = re.compile(r"\b(?:lessons?|rounds?|tasks?|exercises?|cells?)(?: \d+(?:,| and| to| or)?)+", re.IGNORECASE)
CELL = re.compile(r"`?[a-z]+-\d\d`?")


class Table(NamedTuple):
    """A table of the guide: the panel opened last before it (source code), its headings, its rows of cells."""

    panel: str
    headings: tuple
    rows: list


class Guide(NamedTuple):
    """What TEACHING.md says about one lesson."""

    lesson: int
    text: str

    @property
    def answers(self):
        return [answer.strip() for answer in FENCE.findall(self.text)]

    def tables(self, *headings):
        """The tables with these headings."""
        return [table for table in self._tables() if table.headings == headings]

    def _tables(self):
        panel, rows = "", []
        for line in [*self.text.splitlines(), ""]:
            if opened := OPENED.search(line):
                panel = opened[1]
            if line.startswith("|"):
                rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            elif rows:
                yield Table(panel, rows[0], rows[2:])
                rows = []

    def prose(self):
        """The text without the answers, the minutes, and the places in the course."""
        text = re.sub(r"^\| *\d+ \| *\d+ \|", "", FENCE.sub("", self.text), flags=re.MULTILINE)
        return CELL.sub("", PLACE.sub("", re.sub(r"\b(45|90) minutes", "", text)))


def guides():
    text = TEACHING.read_text(encoding="utf-8")
    return [Guide(int(match[1]), match[0]) for match in SECTION.finditer(text)]


def act(panel, cell):
    """Do what the cell of a table says: press **buttons**, set `knobs`, in their order."""
    for action in ACTION.finditer(cell):
        if action["button"]:
            panel.buttons[action["button"]].click()
        else:
            panel.set(**eval(f"dict({action['knobs']})"))


def quotes(cell):
    """What the cell quotes from the line below the picture."""
    return CODE.findall(cell)


def says(sentence, quote):
    """Whether the sentence contains the quote, and does not go on with its last number or begin before its first."""
    return re.search(rf"(?<![\d.]){re.escape(quote)}(?!\d|\.\d)", sentence) is not None


def numbers(text):
    """The numbers of a text, as they are written."""
    return {number.replace("\N{MINUS SIGN}", "-").rstrip(",") for number in NUMBER.findall(text)}
