"""The anatomy of a lesson as rules. Each rule takes a lesson and returns its complaints, which name the cells."""

import ast
import copy
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import unquote

import nbformat

from tools.notebooks import NOTEBOOKS, PROOF, WIDGET_VIEW, normalise, serialise

ROUND = ["question", "predict", "idea", "code", "check", "see", "read"]
SLOTS = ["title", "goals", "ready", "import", *ROUND, "play", "mislead", "exercises", "summary"]
FOLLOWERS = {slot: {follower} for slot, follower in pairwise(SLOTS)}
FOLLOWERS["read"] |= {"question", "predict"}
TOUR = NOTEBOOKS / "00_tour.ipynb"
PYTORCH = NOTEBOOKS / "10_pytorch.ipynb"  # an extra: without a panel, and with a package that nothing else needs
PARTS_OF_THE_TOUR = ["autoencoder", "terms", "trick", "loop", "beta", "generate", "collapse"]
TOUR_SLOTS = ["title", "ready", "import", "panel", *PARTS_OF_THE_TOUR, "map"]
TOUR_WORDS_MAX, TOUR_MINUTES = 1000, 20
ROUNDS_MAX = 3
CODE_LINES_MEDIAN = 8
CODE_LINES_MAX = 25
TEXT_WORDS_MAX = 200
LESSON_WORDS_MAX = 2300
ASSERTING_LINES_MAX = 8
EXERCISES = 3
PICTURE_SLOTS = {"see", "play"}
BEGINS_A_SLIDE = {"slide", "subslide"}
OFF_THE_SLIDES = {"skip", "notes"}
SLIDE_TYPES = {*BEGINS_A_SLIDE, "fragment", "-", *OFF_THE_SLIDES}
# A picture from pyplot breaks the live panels, and a measured time differs from run to run.
FORBIDDEN_NAMES = {"pyplot", "plt", "pylab", "time", "timeit", "perf_counter"}

CODE_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")
REFERENCE = re.compile(r"https?://[^\s)>]+|(?:arXiv|doi) \S+")
NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\d.]*\d)")
COMPUTED = re.compile(r"(?<![\w.])\d+\.\d{3,}")  # nobody knows three decimals by heart
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)
EXPLICIT_ANCHOR = re.compile(r"""\bid=["']([^"']+)""")


class Lesson(NamedTuple):
    path: Path
    notebook: nbformat.NotebookNode

    @property
    def word(self):
        """What its cell ids start with: "training" for 03_training.ipynb."""
        return self.path.stem.split("_")[1]

    @property
    def cells(self):
        return self.notebook.cells

    @property
    def code_cells(self):
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def text_cells(self):
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def slots(self):
        """Pairs (name, cells), in order; a cell without a slot tag belongs to the slot before it."""
        slots = []
        for cell in self.cells:
            names = slot_names(cell)
            if names or not slots:
                slots.append((names[0] if names else "", []))
            slots[-1][1].append(cell)
        return slots


def read(path):
    return Lesson(path, nbformat.read(path, as_version=4))


def lessons():
    """All lessons of the course, in their order."""
    return [read(path) for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path != TOUR]


def tour():
    """The notebook before the lessons, which keeps rules of its own."""
    return read(TOUR)


def tags(cell):
    return cell.metadata.get("tags", [])


def slot_names(cell):
    return [tag.removeprefix("slot-") for tag in tags(cell) if tag.startswith("slot-")]


def nodes(cell, *kinds):
    """The nodes of these kinds in a code cell's syntax tree; none in a text or in what `plain_python` refuses."""
    if cell.cell_type != "code":
        return []
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def minutes(lesson):
    """What the lesson says of its length, as it is written."""
    (number,) = re.findall(r"\*\*Time:\*\* about (\d+) minutes", "\n".join(cell.source for cell in lesson.text_cells))
    return number


def cell_ids(lesson):
    complaints, previous = [], 0
    for cell in lesson.cells:
        match = re.fullmatch(rf"{lesson.word}-(\d\d)", cell.id)
        if not match:
            complaints.append(f"{cell.id}: the id is not {lesson.word}- and two digits")
        elif int(match[1]) <= previous:
            complaints.append(f"{cell.id}: the number is not above the one before")
        previous = int(match[1]) if match else previous
    return complaints


def slot_order(lesson):
    complaints = [f"{cell.id}: more than one slot tag" for cell in lesson.cells if len(slot_names(cell)) > 1]
    expected = {SLOTS[0]}
    for name, cells in lesson.slots:
        if name not in expected:
            complaints.append(f"{cells[0].id}: opens slot {name!r} where {sorted(expected)} is due")
        expected = FOLLOWERS.get(name, set())
    if expected:
        complaints.append(f"{lesson.cells[-1].id}: the lesson ends where {sorted(expected)} is due")
    rounds = [cells for name, cells in lesson.slots if name == "predict"]
    complaints += [f"{cells[0].id}: more than {ROUNDS_MAX} rounds" for cells in rounds[ROUNDS_MAX:]]
    return complaints


def plain_python(lesson):
    complaints = []
    for cell in lesson.code_cells:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            complaints.append(f"{cell.id}: not plain Python, perhaps a magic: {error.text}")
    return complaints


def imports(lesson):
    complaints = []
    for name, cells in lesson.slots:
        found = [cell for cell in cells if nodes(cell, ast.Import, ast.ImportFrom)]
        if name == "import" and len(found) != 1:
            complaints.append(f"{cells[0].id}: {len(found)} import cells in slot 'import'")
        if name not in ("ready", "import"):
            complaints += [f"{cell.id}: imports outside slot 'import'" for cell in found]
    for cell in lesson.code_cells:
        names = [alias.name for node in nodes(cell, ast.ImportFrom) for alias in node.names]
        if "*" in names:
            complaints.append(f"{cell.id}: imports * and not explicit names")
    return complaints


def forbidden_names(lesson):
    complaints = []
    for cell in lesson.code_cells:
        found = {node.id for node in nodes(cell, ast.Name)} | {node.attr for node in nodes(cell, ast.Attribute)}
        for node in nodes(cell, ast.Import, ast.ImportFrom):
            modules = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            found.update(part for module in modules for part in module.split("."))
        complaints += [f"{cell.id}: uses {name}" for name in sorted(found & FORBIDDEN_NAMES)]
    return complaints


def sizes(lesson):
    complaints = []
    lengths = {cell.id: len(cell.source.splitlines()) for cell in lesson.code_cells if not is_proof(cell)}
    complaints += [f"{name}: {lines} lines of code" for name, lines in lengths.items() if lines > CODE_LINES_MAX]
    if median(lengths.values()) > CODE_LINES_MEDIAN:
        longest = max(lengths, key=lengths.get)
        complaints.append(f"{longest}: the median code cell has {median(lengths.values())} lines; this is the longest")
    words = {cell.id: len(CODE_FENCE.sub("", FOLDED.sub("", cell.source)).split()) for cell in lesson.text_cells}
    complaints += [f"{name}: {count} words of text" for name, count in words.items() if count > TEXT_WORDS_MAX]
    if sum(words.values()) > LESSON_WORDS_MAX:
        complaints.append(
            f"{max(words, key=words.get)}: the lesson has {sum(words.values())} words; this is the longest"
        )
    return complaints


def checks_assert(lesson):
    return [
        f"{cells[0].id}: slot 'check' without an assert"
        for name, cells in lesson.slots
        if name == "check" and not any(nodes(cell, ast.Assert) for cell in cells if cell.cell_type == "code")
    ]


def proofs(lesson):
    """A proof is off the stage, collapsed to its first line; an assert that is seen compares two routes in `check`."""
    complaints = []
    for cells in parts(lesson):
        complaints += [f"{cell.id}: a second proof in its part" for cell in list(filter(is_proof, cells))[1:]]
    for cell in filter(is_proof, lesson.cells):
        if not cell.source.startswith("#"):
            complaints.append(f"{cell.id}: the first line of a proof says what is proved, in a comment")
        if not nodes(cell, ast.Assert):
            complaints.append(f"{cell.id}: a proof without an assert")
        if slide_type(cell) != "skip":
            complaints.append(f"{cell.id}: a proof on a slide")
    for name, cells in lesson.slots:
        seen = [cell for cell in cells if nodes(cell, ast.Assert) and not is_proof(cell)]
        allowed = 1 if name == "check" else 0
        complaints += [f"{cell.id}: an assert that belongs into a proof" for cell in seen[allowed:]]
        complaints += [
            f"{cell.id}: a visible cell with an assert has at most {ASSERTING_LINES_MAX} lines"
            for cell in seen[:allowed]
            if len(cell.source.splitlines()) > ASSERTING_LINES_MAX
        ]
    return complaints


def is_proof(cell):
    return PROOF in tags(cell)


def parts(lesson):
    """The cells of each part that may have one proof: before the rounds, each round, and all from `play` on."""
    parts, before = [[]], None
    for name, cells in lesson.slots:
        if name in ("question", "play") or (name == "predict" and before == "read"):
            parts.append([])
        parts[-1].extend(cells)
        before = name
    return parts


def pictures(lesson):
    return [
        f"{cells[0].id}: slot {name!r} without a stored picture"
        for name, cells in lesson.slots
        if name in PICTURE_SLOTS and not any("image/png" in data for cell in cells for data in output_data(cell))
    ]


def output_data(cell):
    return [output.get("data", {}) for output in cell.get("outputs", [])]


def stored_outputs(lesson):
    complaints = []
    for count, cell in enumerate(lesson.code_cells, start=1):
        if cell.execution_count != count:
            complaints.append(f"{cell.id}: execution count {cell.execution_count} where {count} is due")
        if any(output.output_type == "error" for output in cell.outputs):
            complaints.append(f"{cell.id}: a stored error")
        if any(output.get("name") == "stderr" for output in cell.outputs):
            complaints.append(f"{cell.id}: stored output on stderr")
        if any(WIDGET_VIEW in data for data in output_data(cell)):
            complaints.append(f"{cell.id}: a stored widget view")
    if "widgets" in lesson.notebook.metadata:
        complaints.append("notebook metadata: stored widget state")
    return complaints


def compared_strictly(lesson):
    """nbval would leave out a cell that is marked in one of these ways."""
    complaints = []
    for cell in lesson.code_cells:
        lenient_tags = [tag for tag in tags(cell) if tag.startswith("nbval-") or tag == "raises-exception"]
        if lenient_tags or re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source):
            complaints.append(f"{cell.id}: tells nbval to be lenient")
    return complaints


def links(lesson):
    complaints = []
    for cell in lesson.text_cells:
        for link in LINK.findall(CODE_FENCE.sub("", cell.source)):
            if re.match(r"[a-z]+:", link):
                continue
            file, _, anchor = unquote(link).partition("#")
            target = lesson.path.parent / file if file else lesson.path
            if not target.exists():
                complaints.append(f"{cell.id}: {link} leads to no file")
            elif anchor and anchor not in anchors(target):
                complaints.append(f"{cell.id}: {link} leads to no heading")
    return complaints


def numbers(lesson):
    """A computed number in the text stands in a cell or in what one printed, unless an exercise gives or folds it."""
    code = [cell.source for cell in lesson.code_cells]
    printed = [output.get("text", "") for cell in lesson.code_cells for output in cell.outputs]
    shown = [data.get("text/plain", "") for cell in lesson.code_cells for data in output_data(cell)]
    known = {float(number) for number in NUMBER.findall("\n".join([*code, *printed, *shown]))}
    complaints = []
    asked = [cell for name, cells in lesson.slots if name == "exercises" for cell in cells]
    for cell in (cell for cell in lesson.text_cells if cell not in asked):
        text = REFERENCE.sub("", FOLDED.sub("", CODE_FENCE.sub("", cell.source)))
        unknown = [number for number in COMPUTED.findall(text) if float(number) not in known]
        complaints += [f"{cell.id}: {number} stands in no cell and in no output" for number in unknown]
    return complaints


def anchors(path):
    """What can follow # in a link to this file: JupyterLab keeps a heading's words, GitHub lowers them."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell.source for cell in read(path).text_cells)
        headings = {heading.replace(" ", "-") for heading in HEADING.findall(CODE_FENCE.sub("", text))}
    else:
        text = path.read_text(encoding="utf-8")
        plain = [re.sub(r"[^\w\s-]", "", heading) for heading in HEADING.findall(CODE_FENCE.sub("", text))]
        headings = {heading.lower().replace(" ", "-") for heading in plain}
    return headings | set(EXPLICIT_ANCHOR.findall(text))


def exercises(lesson):
    cells = [cell for name, cells in lesson.slots if name == "exercises" for cell in cells]
    starters = [index for index, cell in enumerate(cells) if "exercise" in tags(cell)]
    complaints = []
    if len(starters) != EXERCISES:
        opener = cells[0].id if cells else "no slot 'exercises'"
        complaints.append(f"{opener}: {len(starters)} exercises where {EXERCISES} are due")
    for index in starters:
        starter, *following = cells[index : index + 2]
        if not any(node.value is ... for node in nodes(starter, ast.Constant)):
            complaints.append(f"{starter.id}: the starter has no ... to fill in")
        if not any(ast.unparse(node.func).startswith("check.") for node in nodes(starter, ast.Call)):
            complaints.append(f"{starter.id}: the starter calls no check")
        if not any("<details>" in cell.source and "```python" in cell.source for cell in following):
            complaints.append(f"{starter.id}: no folded solution in the next cell")
    return complaints


def slide_types(lesson):
    """A slide shows one slot, so a prediction and its answer are never on the same."""
    complaints = [
        f"{cell.id}: slide type {slide_type(cell)!r} where one of {sorted(SLIDE_TYPES)} is due"
        for cell in lesson.cells
        if slide_type(cell) not in SLIDE_TYPES
    ]
    on_this_slide = None
    for name, cells in lesson.slots:
        shown = [cell for cell in cells if slide_type(cell) not in OFF_THE_SLIDES]
        if not shown and name != "ready":
            complaints.append(f"{cells[0].id}: slot {name!r} is on no slide")
        if shown and slide_type(shown[0]) not in BEGINS_A_SLIDE:
            complaints.append(f"{shown[0].id}: slot {name!r} begins on the slide of slot {on_this_slide!r}")
        elif shown:
            on_this_slide = name
    return complaints


def slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def normal_form(lesson):
    if serialise(normalise(copy.deepcopy(lesson.notebook))) == lesson.path.read_text(encoding="utf-8"):
        return []
    return ["the file is not as `make notebooks` writes it"]


def tour_form(lesson):
    """Its parts in their order, a panel in the third code cell, few words, no proof, no exercise."""
    complaints = []
    slots = [name for name, _ in lesson.slots]
    if slots != TOUR_SLOTS:
        complaints.append(f"{lesson.cells[0].id}: the slots are {slots} where {TOUR_SLOTS} are due")
    panel = lesson.code_cells[2]
    if not any("_panel(" in data.get("text/plain", "") and "image/png" in data for data in output_data(panel)):
        complaints.append(f"{panel.id}: the third code cell shows no panel")
    words = sum(len(CODE_FENCE.sub("", cell.source).split()) for cell in lesson.text_cells)
    if words > TOUR_WORDS_MAX:
        complaints.append(f"{lesson.cells[0].id}: {words} words of text")
    if f"**Time:** about {TOUR_MINUTES} minutes" not in lesson.cells[0].source:
        complaints.append(f"{lesson.cells[0].id}: the title does not say that it takes {TOUR_MINUTES} minutes")
    for cell in lesson.code_cells:
        if nodes(cell, ast.Assert) or {"exercise", PROOF} & set(tags(cell)):
            complaints.append(f"{cell.id}: a proof or an exercise")
        if len(cell.source.splitlines()) > CODE_LINES_MAX:
            complaints.append(f"{cell.id}: {len(cell.source.splitlines())} lines of code")
    return complaints


RULES = [
    cell_ids,
    slot_order,
    plain_python,
    imports,
    forbidden_names,
    sizes,
    checks_assert,
    proofs,
    pictures,
    stored_outputs,
    compared_strictly,
    links,
    numbers,
    exercises,
    slide_types,
    normal_form,
]
TOUR_RULES = [
    tour_form,
    cell_ids,
    plain_python,
    imports,
    forbidden_names,
    stored_outputs,
    compared_strictly,
    links,
    slide_types,
    normal_form,
]


def repeated_functions(lessons):
    """A rule about all lessons together: a function is defined in one of them only."""
    owners = Counter(
        name
        for lesson in lessons
        for name in {node.name for cell in lesson.code_cells for node in nodes(cell, ast.FunctionDef)}
    )
    return [f"{name}: defined in {count} lessons" for name, count in owners.items() if count > 1]
