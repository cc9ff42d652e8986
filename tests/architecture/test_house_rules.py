"""The rules of the house that a machine can check: what a file may be called, how long it may be, what it may name."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "chengxin"
MODULES = sorted(SOURCE.rglob("*.py"))
LINES = 500
NAMES_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
CHINESE = re.compile("[\u4e00-\u9fff]")
VENDORED = ("vendor/",)
OWN_HOSTS = {"127.0.0.1", "localhost", "0.0.0.0"}
ADDRESSES = {
    "www.w3.org",  # names of XML vocabularies, never fetched
    "schemas.openxmlformats.org",
    "json-schema.org",
    "www.apache.org",  # in the licence
}


def tracked(*patterns: str) -> list[Path]:
    """Files that are part of the project, as Git knows them or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]


def named(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def text_of(path: Path) -> str | None:
    """The text of a file; None where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_every_file_can_be_read_in_a_sitting():
    long = [path for path in tracked("*.py") if len(path.read_text().splitlines()) > LINES]
    assert named(long) == []


def test_no_file_or_folder_has_a_name_that_explains_nothing():
    assert [name for name in named(tracked()) if NAMES_NOTHING & set(re.split(r"[/.]", name))] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_module_says_what_it_is_with_the_official_term(path: Path):
    module = ast.parse(path.read_text())
    if not module.body or "migrations" in path.parts:
        return
    said = ast.get_docstring(module) or ""
    assert said, "the module has no docstring"
    assert CHINESE.search(said) or path.name == "__init__.py", "its docstring has no Chinese term"


def test_nothing_is_left_for_later():
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|pragma: no cover")
    found = [path for path in tracked("src", "tests", "bench") if pattern.search(text_of(path) or "")]
    assert named([path for path in found if path != Path(__file__) and not _vendored(path)]) == []


def test_no_test_is_switched_off():
    """The one allowed skip is real data that is not there; its marker says so loudly."""
    pattern = re.compile(r"mark\.(skip|xfail)\b|pytest\.(skip|xfail)\(|unittest\.skip")
    found = [path for path in tracked("tests/*.py") if pattern.search(path.read_text()) and path != Path(__file__)]
    assert [name for name in named(found) if not name.startswith("tests/real/")] == []


def test_the_product_asks_no_foreign_host():
    """No address of another machine in the product: no content network, no registry, no call home."""
    pattern = re.compile(r"\b(?:https?|wss?)://([A-Za-z0-9.-]+\.[A-Za-z]{2,}|\d+\.\d+\.\d+\.\d+)")
    found = {}
    for path in tracked("src", "deploy", "Makefile", ".ci", "*.lock", "pyproject.toml", "bench"):
        if _vendored(path):
            continue
        hosts = set(pattern.findall(text_of(path) or "")) - OWN_HOSTS - ADDRESSES
        hosts = {host for host in hosts if not host.endswith((".example", ".invalid", "example.org", "example.gov.cn"))}
        if hosts:
            found[path.relative_to(ROOT).as_posix()] = sorted(hosts)
    assert found == {}


def test_locks_carry_hashes_and_no_index():
    for lock in tracked("*.lock"):
        text = lock.read_text()
        pins = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
        assert len(pins) > 20
        assert "--index-url" not in text
        assert "--find-links" not in text
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9])", text) if "==" in block)


def test_the_locks_hold_what_the_package_asks_for():
    asked = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0]
    names = set(re.findall(r'^\s+"([A-Za-z0-9-]+)', asked.split("dependencies = [")[1].split("]\n")[0], re.MULTILINE))
    assert len(names) > 10
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock"):
        pins = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        assert names - pins == set(), f"{lock} is older than pyproject.toml; run make lock"


def _vendored(path: Path) -> bool:
    return any(part in path.as_posix() for part in VENDORED)
