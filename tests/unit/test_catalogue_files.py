"""A mistake in a data file is found before it does harm, and the message names the file and the key."""

import shutil
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
import yaml

from chengxin.catalogue.check import check
from chengxin.catalogue.loader import load
from chengxin.disclosure import publication
from chengxin.kernel.refusal import Refusal

EXAMPLE = Path(__file__).parents[1] / "spec" / "publication" / "overlays" / "example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example overlay, to spoil."""
    copy = tmp_path / "region"
    shutil.copytree(EXAMPLE, copy)
    return copy


def spoil(path: Path, **changes: object) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        if value is None:
            data.pop(key)
        else:
            data[key] = value
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def refusal(folder: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        load((folder,))
    assert caught.value.what.zh
    assert caught.value.what.en
    return caught.value


SEVERITY = "severity/lanzhou-2026.yaml"
AMOUNT = {"kind": "罚款", "field": "CF_NR_FK", "general_from": 5000, "serious_from": 200000}


def test_an_overlay_adds_to_the_national_catalogue(folder: Path) -> None:
    catalogue = load((folder,))
    assert "lanzhou-2026" in catalogue.severity_standards
    assert catalogue.overlays["example"].region == "990100"
    assert catalogue.digest != load().digest


@pytest.mark.parametrize(
    ("file", "changes", "rule", "named"),
    [
        (SEVERITY, {"precedense": 3}, "unknown-key", "precedense"),
        (SEVERITY, {"mark": None}, "missing-key", "mark"),
        (SEVERITY, {"precedence": "high"}, "form", "precedence"),
        (SEVERITY, {"in_force_from": "2024-03"}, "form", "in_force_from"),
        (SEVERITY, {"items": "xzcf"}, "form", "items"),
        (SEVERITY, {"items": ["xzcf", "xzcf"]}, "duplicate", "items"),
        (SEVERITY, {"id": "other"}, "form", "id"),
        (SEVERITY, {"kinds": {"警告": "mild"}}, "form", "kinds.警告"),
        (SEVERITY, {"amounts": [AMOUNT | {"general_from": 0.1}]}, "form", "amounts[0].general_from"),
        (SEVERITY, {"amounts": [AMOUNT | {"when": {"field": "CF_CFLB"}}]}, "form", "amounts[0].when.field"),
        (SEVERITY, {"amounts": [AMOUNT | {"when": {"field": "CF_CFLB", "in": []}}]}, "form", "amounts[0].when.in"),
        ("overlay.yaml", {"colour": "red"}, "unknown-key", "colour"),
    ],
)
def test_a_mistake_in_form_names_the_file_and_the_key(
    folder: Path, file: str, changes: dict[str, object], rule: str, named: str
) -> None:
    spoil(folder / file, **changes)
    found = refusal(folder)
    assert found.rule == f"catalogue.{rule}"
    assert file.rpartition("/")[2] in found.where.en
    assert found.where.en.endswith(f":{named}")


@pytest.mark.parametrize(
    ("file", "changes", "rule", "said"),
    [
        (SEVERITY, {"basis": [{"law": "lanzhou-xinyong-tiaoli", "article": "99"}]}, "reference", "99"),
        (SEVERITY, {"basis": [{"law": "no-such-law", "article": "1"}]}, "reference", "no-such-law"),
        (SEVERITY, {"basis": []}, "severity", "no legal basis"),
        (SEVERITY, {"items": ["xzzz"]}, "reference", "xzzz"),
        (SEVERITY, {"kinds": {"罚金": "minor"}}, "severity", "罚金"),
        (SEVERITY, {"extends": "nothing"}, "severity", "extends"),
        (SEVERITY, {"amounts": [AMOUNT | {"field": "CF_NR"}]}, "severity", "10,000 yuan"),
        (SEVERITY, {"amounts": [AMOUNT | {"general_from": 300000}]}, "severity", "wrong order"),
        (SEVERITY, {"amounts": [AMOUNT | {"when": {"field": "CF_XX", "filled": True}}]}, "reference", "CF_XX"),
        ("overlay.yaml", {"basis": [{"law": "lanzhou-xinyong-tiaoli", "article": "13"}]}, "reference", "13"),
    ],
)
def test_something_named_that_does_not_exist_is_refused(
    folder: Path, file: str, changes: dict[str, object], rule: str, said: str
) -> None:
    spoil(folder / file, **changes)
    found = refusal(folder)
    assert found.rule == f"catalogue.{rule}"
    assert said in found.what.en


def test_an_overlay_without_a_basis_is_refused(folder: Path) -> None:
    spoil(folder / "overlay.yaml", basis=[])
    assert refusal(folder).rule == "catalogue.overlay"
    (folder / "overlay.yaml").unlink()
    assert refusal(folder).rule == "catalogue.overlay"


def test_a_key_given_twice_is_refused(folder: Path) -> None:
    path = folder / SEVERITY
    path.write_text(path.read_text(encoding="utf-8") + "precedence: 11\n", encoding="utf-8")
    found = refusal(folder)
    assert found.rule == "catalogue.yaml"
    assert "precedence" in found.what.en


@pytest.mark.parametrize("text", ["id: [", "- a\n- b\n", "at: 2026-02-30\n", "\xff"])
def test_a_file_that_is_no_mapping_is_refused(folder: Path, text: str) -> None:
    (folder / SEVERITY).write_bytes(text.encode("latin-1"))
    assert refusal(folder).rule == "catalogue.yaml"


def test_a_file_where_none_belongs_is_refused(folder: Path) -> None:
    (folder / "severity" / "notes.txt").write_text("x")
    assert refusal(folder).rule == "catalogue.form"
    (folder / "severity" / "notes.txt").unlink()
    (folder / "measurs").mkdir()
    assert refusal(folder).rule == "catalogue.form"


def test_an_overlay_may_not_replace_a_national_file(folder: Path) -> None:
    national = yaml.safe_load((folder / SEVERITY).read_text(encoding="utf-8"))
    (folder / "severity" / "national.yaml").write_text(
        yaml.safe_dump(national | {"id": "national"}, allow_unicode=True), encoding="utf-8"
    )
    assert refusal(folder).rule == "catalogue.duplicate"


def narrow(folder: Path, **changes: object) -> None:
    basis = [{"law": "lanzhou-xinyong-tiaoli", "article": "12"}]
    (folder / "items").mkdir(exist_ok=True)
    data = {"narrows": "xzcf", "basis": basis, **changes}
    (folder / "items" / "xzcf.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_an_overlay_may_show_less_and_ask_for_more(folder: Path) -> None:
    narrow(folder, unpublish=["CF_SY"], require=["BC_YZCD"])
    item = load((folder,)).items["xzcf"]
    assert "CF_SY" not in item.published
    assert item.field("BC_YZCD").required == "always"
    assert item.basis[-1].law == "lanzhou-xinyong-tiaoli"


@pytest.mark.parametrize(
    "changes", [{"publicity": "public!"}, {"unpublish": ["CF_ZZ"]}, {"require": ["CF_XDR_ZJHM"]}, {"basis": []}]
)
def test_an_overlay_may_not_widen_an_item(folder: Path, changes: dict[str, object]) -> None:
    narrow(folder, **changes)
    assert refusal(folder).rule.startswith("catalogue.")


def test_an_item_added_by_an_overlay_needs_a_regulation_as_basis(folder: Path) -> None:
    national = Path(load().items["xzcf-archive"].source)
    source = Path(publication.__file__).parents[1] / "catalogue" / "data" / national
    data = yaml.safe_load(source.read_text(encoding="utf-8")) | {"id": "local-item"}
    (folder / "items").mkdir()
    path = folder / "items" / "local-item.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert refusal(folder).rule == "catalogue.rank"
    data["basis"] = [{"law": "lanzhou-xinyong-tiaoli", "article": "12"}]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    load.cache_clear()
    assert "local-item" in load((folder,)).items


def local_terms(folder: Path, longest: int, **changes: object) -> None:
    source = Path(publication.__file__).parents[1] / "catalogue" / "data" / load().regimes["2026-order36"].source
    data = yaml.safe_load(source.read_text(encoding="utf-8"))
    data |= {"id": "lanzhou-terms", "precedence": 30, **changes}
    data["terms"][1]["max_months"] = longest
    (folder / "terms").mkdir(exist_ok=True)
    (folder / "terms" / "lanzhou-terms.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_an_overlay_may_shorten_publication_but_not_lengthen_it(folder: Path) -> None:
    local_terms(folder, longest=24)
    found = refusal(folder)
    assert "may only shorten" in found.what.en
    local_terms(folder, longest=6)
    load.cache_clear()
    assert load((folder,)).regimes_of("xzcf")[0].id == "lanzhou-terms"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"precedence": 10}, "two regimes for the same days"),
        ({"applies_by": "publication"}, "decision day only"),
        ({"in_force_to": "2020-01-01"}, "ends before it begins"),
        ({"transition": {"to": "none", "at": "2027-01-01", "rule": "shorter", "confirmed": True}}, "does not exist"),
        ({"withhold": [{"when": {"field": "BZ", "filled": True}, "reason": "dislike"}]}, "unknown reason"),
        ({"terms": []}, "says nothing of minor"),
    ],
)
def test_terms_that_contradict_are_refused(folder: Path, changes: dict[str, object], said: str) -> None:
    local_terms(folder, longest=6)
    path = folder / "terms" / "lanzhou-terms.yaml"
    text = yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | changes, allow_unicode=True)
    path.write_text(text.replace("'2020-01-01'", "2020-01-01").replace("'2027-01-01'", "2027-01-01"), encoding="utf-8")
    assert any(said in p.what.en for p in [refusal(folder)])


def test_the_digest_does_not_depend_on_the_order_of_files_or_keys(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "again"
    files = sorted((p for p in folder.rglob("*.yaml")), reverse=True)
    for path in files:
        target = other / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        target.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=True), encoding="utf-8")
    assert load((other,)).digest == load((folder,)).digest


def test_the_digest_changes_with_any_value(folder: Path) -> None:
    before = load((folder,)).digest
    spoil(folder / SEVERITY, precedence=11)
    load.cache_clear()
    assert load((folder,)).digest != before


def test_an_unconfirmed_local_standard_classifies_nothing(folder: Path) -> None:
    spoil(folder / SEVERITY, unconfirmed=["amounts"])
    catalogue = load((folder,))
    assert [p for p in check(catalogue) if p.rule == "standard-unused"]
    item = catalogue.items["xzcf"]
    row = dict.fromkeys(publication.needed(item, catalogue)) | {
        "CF_CFLB": "罚款",
        "CF_NR_FK": "20",
        "CF_JDRQ": "2026-04-15",
    }
    schema = pa.schema([(name, pa.string()) for name in row])
    con = ibis.duckdb.connect()
    table = con.create_table("one", pa.Table.from_pylist([row], schema=schema))
    assert con.to_pyarrow(publication.project(table, item, catalogue)).to_pylist()[0]["withheld"] == "unclassified"
