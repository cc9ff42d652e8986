"""Real lists: how often a name finds its organisation. Failures are told by row number, never by name."""

import json
from collections import defaultdict

import pyarrow as pa
import pytest
from tests.real import expect_matching
from tests.real.files import BLACKLIST, LOOKUP, real

from chengxin.resolution import consortium, scoring
from chengxin.subjects import names_parts, names_words

Row = tuple[str, str, str]
_PARTS = {"suffix": "form"}
PARTS = "company_name_parts_labelled.jsonl"
LISTED = "listed_company_short_full_names.jsonl"
AWARDS = "yichang_award_notices_2025H1.json.gz"
FOREIGN = "org_name_match_bench.csv"
ENGLISH = "cn_en_company_names.csv.gz"


@pytest.fixture(scope="module")
def meant(hand_in) -> dict[int, Row]:
    real(BLACKLIST)
    hand_in(LOOKUP, "djxx", "registry-lookup")
    return expect_matching.meant()


def rows_that_are(meant: dict[int, Row], how: str) -> dict[int, Row]:
    return {row: one for row, one in meant.items() if one[2] == how}


def test_the_black_list_names_1341_organisations_of_the_look_up_by_code(meant):
    assert {how: len(rows_that_are(meant, how)) for how in ("same", "former", "other")} == {
        "same": 1112,
        "former": 63,
        "other": 166,
    }


def test_no_name_of_the_black_list_is_linked_to_another_organisation_than_its_code_means(meant):
    from chengxin.operations.resolve import MOST, Question, resolve
    from chengxin.resolution.resolve import Decision

    rows = sorted(meant)
    decided = defaultdict(list)
    wrong = []
    for start in range(0, len(rows), MOST):
        part = rows[start : start + MOST]
        for row, answer in zip(part, resolve([Question(meant[row][0]) for row in part]), strict=True):
            decided[meant[row][2]].append(answer.decision)
            if answer.decision is Decision.BY_NAME and answer.subject.id != meant[row][1]:
                wrong.append(row)
    assert not wrong, f"linked to another organisation: rows {wrong}"
    # a current name of one organisation links; a former or misspelt one never does
    assert decided["same"].count(Decision.BY_NAME) >= 0.99 * len(decided["same"])
    assert Decision.BY_NAME not in decided["other"] + decided["former"]


@pytest.mark.parametrize(
    ("how", "first", "among_five"), [("same", 1.0, 1.0), ("former", 1.0, 1.0), ("other", 0.93, 0.93)]
)
def test_the_organisation_is_among_the_candidates(meant, how, first, among_five):
    from chengxin.operations.matching import candidates

    rows = rows_that_are(meant, how)
    asked = pa.table(
        {
            "row": pa.array(rows, pa.int64()),
            "name": pa.array([name for name, _, _ in rows.values()], pa.string()),
            "code": pa.array([None] * len(rows), pa.string()),
        }
    )
    found = defaultdict(list)
    for one in candidates(asked, limit=5).to_pylist():
        found[one["row"]].append(one["subject"])
    missed = [row for row, (_, key, _) in rows.items() if key not in found[row]]
    second = [row for row, (_, key, _) in rows.items() if found[row][:1] != [key]]
    print(
        f"{how}: first {1 - len(second) / len(rows):.4f}, among five {1 - len(missed) / len(rows):.4f}, missed {missed}"
    )
    assert len(second) <= (1 - first) * len(rows), f"not first: rows {second}"
    assert len(missed) <= (1 - among_five) * len(rows), f"not among five: rows {missed}"


def test_parts_of_labelled_names_agree_with_their_labels():
    lines = real(PARTS).read_text(encoding="utf-8").splitlines()
    right, exact, labelled = 0, defaultdict(int), defaultdict(int)
    for line in lines:
        one = json.loads(line)
        wanted = _merged(
            (_PARTS.get(part, part), start, end)
            for part, spans in one["label"].items()
            if part != "symbol"
            for _, start, end in spans
        )
        found = _merged(_spans(one["text"]))
        right += wanted == found
        for part in {part for part, _, _ in wanted}:
            labelled[part] += sum(span[0] == part for span in wanted)
            exact[part] += sum(span[0] == part for span in wanted & found)
    measured = {part: round(exact[part] / labelled[part], 3) for part in labelled}
    print(f"whole names {right / len(lines):.3f}, exact spans {measured}")
    assert right / len(lines) > 0.78
    assert measured["place"] > 0.94
    assert measured["brand"] > 0.88
    assert measured["trade"] > 0.82
    assert measured["form"] > 0.97


def _spans(text: str):
    """Our parts in the labels' terms: these call a branch's place a place and its ending a form."""
    for span in names_parts.split(text).spans:
        if span.part == names_parts.BRANCH:
            yield from _branch_spans(span)
        elif span.part != names_parts.BRACKET:
            yield span.part, span.start, span.end


def _branch_spans(span: names_parts.Span):
    endings = [form for form in names_words.forms() if span.text.endswith(form)]
    cut = span.end - max(map(len, endings), default=0)
    if cut > span.start:
        place = span.text[: cut - span.start] in names_words.places()
        yield names_parts.PLACE if place else names_parts.BRAND, span.start, cut
    if cut < span.end:
        yield names_parts.FORM, cut, span.end


def _merged(spans) -> set[tuple[str, int, int]]:
    """Neighbouring spans of one part are one: labels differ in whether 集团 and 有限公司 are one form."""
    found: list[tuple[str, int, int]] = []
    for part, start, end in sorted(spans, key=lambda span: span[1]):
        if found and found[-1][0] == part and found[-1][2] == start:
            found[-1] = (part, found[-1][1], end)
        else:
            found.append((part, start, end))
    return set(found)


def test_short_names_of_listed_companies_find_the_full_ones_among_4654(tmp_path):
    real(LISTED)
    rows = expect_matching.listed()
    full = sorted({row["fullname"] for row in rows})
    found = _matched(tmp_path, [row["name"] for row in rows], full)
    place = [
        next((at for at, doc in enumerate(found[number], 1) if full[doc] == row["fullname"]), 99)
        for number, row in enumerate(rows)
    ]
    first, ten = (sum(at <= most for at in place) / len(rows) for most in (1, 10))
    print(f"listed companies: recall@1 {first:.4f}, @10 {ten:.4f}")
    assert first > 0.84
    assert ten > 0.86


def test_english_names_without_their_form_find_the_full_ones(tmp_path):
    import pandas as pd

    read = pd.read_csv(real(ENGLISH), dtype=str)
    full = sorted(set(read["name_en"].dropna()))
    words = {"co", "ltd", "inc", "corp", "corporation", "limited", "company", "group"}
    short = [
        " ".join(word for word in name.replace(",", " ").replace(".", " ").split() if word.lower() not in words)
        for name in full
    ]
    found = _matched(tmp_path, short, full)
    first = sum(found[number][:1] == [number] for number in range(len(full))) / len(full)
    print(f"English names without their form: recall@1 {first:.4f}")
    assert first > 0.95


def _matched(home, asked: list[str], base: list[str]) -> dict[int, list[int]]:
    from chengxin.engine import matching
    from chengxin.engine.connect import connect

    with connect(home) as con:
        told = pa.concat_tables(matching.match(con, asked, base)).sort_by(
            [("score", "descending"), ("found", "ascending")]
        )
    found: dict[int, list[int]] = defaultdict(list)
    for row, doc in zip(told["asked"].to_pylist(), told["found"].to_pylist(), strict=True):
        found[row].append(doc)
    return found


def test_pairs_of_foreign_names_are_judged_better_than_by_chance():
    """Names in Latin letters are no strength of ours: the figure is printed so that nobody believes otherwise."""
    import pandas as pd

    read = pd.read_csv(real(FOREIGN), dtype=str, keep_default_na=False)
    alike = scoring.scores(list(map(scoring.prepare, read["name1"])), list(map(scoring.prepare, read["name2"])))
    same = (read["is_match"] == "true").to_numpy()
    taken = alike >= 0.9
    precision, recall = (taken & same).sum() / taken.sum(), (taken & same).sum() / same.sum()
    print(f"foreign pairs at 0.9: precision {precision:.3f}, recall {recall:.3f}, of {same.mean():.3f} the same")
    assert precision > same.mean() + 0.15


def test_every_consortium_among_real_winners_is_cut_into_organisations():
    import gzip

    notices = json.loads(gzip.decompress(real(AWARDS).read_bytes()))
    winners = {row: notice["parsed_data"]["中标人"] for row, notice in enumerate(notices)}
    named = {row for row, winner in winners.items() if "联合体" in winner}
    several = {row for row, winner in winners.items() if len(consortium.split(winner)) > 1}
    assert len(named) == 137
    assert several == named
    odd = [
        row
        for row, winner in winners.items()
        for member in consortium.split(winner)
        if "联合体" in member.name or winner[member.start : member.end] != member.name
    ]
    assert not odd, f"rows {odd}"
