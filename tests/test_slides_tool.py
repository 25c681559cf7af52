"""tools/slides.py: takes only the very files that were pinned, asks for them once, and leads links to slides."""

import io
import sys
import tarfile

import pytest

import tools.slides
from tools.slides import Package, PackageMissing, fetch, relinked, sha512, unpack

pytestmark = pytest.mark.pinned


def archive_of(files):
    with tarfile.open(fileobj=(archive := io.BytesIO()), mode="w:gz") as members:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            members.addfile(member, io.BytesIO(content))
    return archive.getvalue()


ARCHIVE = archive_of({"dist/show.js": b"show()", "LICENSE": b"free", "README.md": b"long"})
PACKAGE = Package("show", "1.2.3", sha512(ARCHIVE), ("dist/show.js", "LICENSE"))


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry on disk that has the package; the path of its archive there."""
    monkeypatch.setattr(tools.slides, "REGISTRY", (tmp_path / "registry").as_uri())
    monkeypatch.setattr(tools.slides, "CACHE", tmp_path / "cache")
    path = tmp_path / "registry" / "show" / "-" / "show-1.2.3.tgz"
    path.parent.mkdir(parents=True)
    path.write_bytes(ARCHIVE)
    return path


def test_a_package_is_fetched_once(registry, tmp_path):
    assert fetch(PACKAGE) == ARCHIVE
    registry.unlink()
    assert fetch(PACKAGE) == ARCHIVE


def test_a_damaged_copy_is_fetched_again(registry, tmp_path):
    fetch(PACKAGE)
    (tmp_path / "cache" / PACKAGE.archive).write_bytes(ARCHIVE[:-1])
    assert fetch(PACKAGE) == ARCHIVE


def test_another_file_of_the_same_name_is_refused_and_not_kept(registry, tmp_path):
    registry.write_bytes(ARCHIVE + b" ")
    with pytest.raises(PackageMissing, match=r"show-1\.2\.3\.tgz is not the file that it was"):
        fetch(PACKAGE)
    assert not (tmp_path / "cache").exists()


def test_only_what_the_pages_load_is_unpacked(tmp_path):
    unpack(PACKAGE, ARCHIVE, tmp_path)
    files = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"show/dist/show.js": b"show()", "show/LICENSE": b"free"}


@pytest.mark.parametrize("registry", ["file:///no-such-folder", "no-address"])
def test_without_the_packages_the_tool_ends_with_one_sentence(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(tools.slides, "REGISTRY", registry)
    monkeypatch.setattr(sys, "argv", ["slides.py"])
    monkeypatch.setattr(tools.slides, "CACHE", tmp_path / "cache")
    with pytest.raises(SystemExit, match=rf"^No slides were made: {registry}/reveal\.js/-/\S+ cannot be fetched: .+$"):
        tools.slides.main()


@pytest.mark.parametrize(
    "text, expected",
    [
        ("[next](02_training.ipynb)", "[next](02_training.slides.html)"),
        ("[there](02_training.ipynb#The-end)", "[there](02_training.slides.html#The-end)"),
        ("all lessons: [README](../README.md).", "all lessons: README."),
        ("[away](https://example.org/a.ipynb)", "[away](https://example.org/a.ipynb)"),
        ("[here](#The-goals)", "[here](#The-goals)"),
    ],
)
def test_links(text, expected):
    assert relinked(text) == expected
