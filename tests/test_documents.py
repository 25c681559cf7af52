"""README and its companions: what they link to exists, and what they say of the lessons is what the lessons say."""

import re
from pathlib import Path

import pytest

import anatomy

pytestmark = pytest.mark.pinned

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    "README.md",
    "TEACHING.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/SERVER.md",
    "docs/SYMPTOMS.md",
    "benchmarks/README.md",
]
LESSONS = anatomy.lessons()
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:src|href)="([^"]+)\"""")

each_document = pytest.mark.parametrize("name", DOCUMENTS)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@each_document
def test_every_link_inside_the_repository_leads_somewhere(name):
    for link in filter(None, (link for pair in LINK.findall(read(name)) for link in pair)):
        if not re.match(r"[a-z]+:", link):
            file, _, anchor = link.partition("#")
            target = (ROOT / name).parent / file if file else ROOT / name
            assert target.exists(), link
            assert not anchor or anchor in anatomy.anchors(target), link


@each_document
def test_every_make_target_that_is_named_exists(name):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", read(name), re.MULTILINE)) <= targets


@pytest.mark.parametrize(
    "number, lesson",
    [(int(lesson.path.stem[:2]), lesson) for lesson in LESSONS],
    ids=[lesson.path.stem for lesson in LESSONS],
)
def test_the_table_of_lessons_says_what_the_lesson_says(number, lesson):
    (row,) = re.findall(
        rf"^\| {number} \| \[[^\]]+\]\(notebooks/(\S+)\) \| (\d+) \| .+\? \|$", read("README.md"), re.MULTILINE
    )
    assert row == (lesson.path.name, anatomy.minutes(lesson))


PLACE = re.compile(r"\[(\d+), (round \d|mislead|play|summary)\]\(\.\./notebooks/(\S+?)\)")


def test_each_symptom_has_a_cause_a_test_and_a_place_that_is_there():
    rows = [row.strip("|").split(" | ") for row in re.findall(r"^\| .+ \|$", read("docs/SYMPTOMS.md"), re.MULTILINE)]
    rows = [row for row in rows if not {"you see", "---"} & {cell.strip() for cell in row}]
    assert len(rows) >= 20
    for row in rows:
        assert len(row) == 4 and all(cell.strip() for cell in row)
        places = PLACE.findall(row[-1])
        assert len(places) == row[-1].count("](")
        for number, place, file in places:
            lesson = next(lesson for lesson in LESSONS if lesson.path.name == file)
            assert int(file[:2]) == int(number)
            rounds = [name for name, _ in lesson.slots].count("predict")
            assert not place.startswith("round") or int(place[-1]) <= rounds
