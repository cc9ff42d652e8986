"""What the documentation says is there, and what is there is in the documentation."""

import json
import re
from pathlib import Path

import pytest
from docs import generate
from tests.architecture.test_house_rules import named, text_of, tracked

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("page", generate.PAGES)
def test_generated_pages_are_as_the_code_says(page: str):
    assert (ROOT / page).read_text() == generate.PAGES[page](), "run make docs"


def test_every_environment_variable_is_documented_and_every_documented_one_exists():
    pattern = re.compile(r"\b(CHENGXIN_[A-Z][A-Z_]*[A-Z]|DATABASE_URL|DJANGO_SECRET_KEY)\b")
    used = {
        name
        for path in tracked("src", "tests/*.py", "deploy", "Makefile", "bench", ".ci")
        if path.suffix in {".py", ".sh", "", ".yml", ".service"}
        for name in pattern.findall(text_of(path) or "")
    }
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (REFERENCE / "settings.md").read_text(), re.MULTILINE))
    assert used == documented


def test_every_address_of_the_api_is_documented():
    paths = set(json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"])
    page = (REFERENCE / "api.md").read_text()
    assert paths
    assert {path for path in paths if re.sub(r"^/api/v1", "", path) not in page} == set()


def test_every_refusal_tells_both_languages():
    """A rule whose text the generator cannot read is told in the code that makes it."""
    assert [rule.id for rule in generate.rules() if bool(rule.zh) != bool(rule.en)] == []


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_both_readmes_have_the_same_parts():
    parts = [
        re.findall(r"^(#+) ", (ROOT / name).read_text(), re.MULTILINE) for name in ("README.md", "README.zh-CN.md")
    ]
    assert parts[0] == parts[1]
    commands = [
        re.findall(r"^(?:make|chengxin|bash) .*$", (ROOT / name).read_text(), re.MULTILINE)
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert commands[0] == commands[1]


def test_every_command_a_page_shows_exists():
    known = {line[3:] for line in generate.cli().splitlines() if line.startswith("## ")}
    words = {name.split()[1] for name in known}
    wrong = []
    for page in tracked("*.md"):
        for shown in re.findall(r"(?:^|`|\$ )chengxin ([a-z]+)(?: ([a-z]+))?", page.read_text(), re.MULTILINE):
            if shown[0] not in words:
                wrong.append(f"{named([page])[0]}: chengxin {shown[0]}")
    assert wrong == []


def test_a_word_of_the_glossary_means_one_thing():
    lines = (ROOT / "docs" / "glossary.tsv").read_text().splitlines()[1:]
    words = [line.split("\t")[0].lower() for line in lines]
    assert len(words) > 40
    assert all(len(line.split("\t")) == 3 for line in lines)
    assert [word for word in words if words.count(word) > 1] == []
