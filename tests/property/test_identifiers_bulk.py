"""One code checked alone and the same code in a file of a million get the same answer."""

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.subjects import identifiers as one
from chengxin.subjects import identifiers_bulk as bulk

CHARACTERS = st.sampled_from(
    one.USCC_ALPHABET + "IOZSVabcox0123456789 －（Ａ９一" + "NA" * 3 + "\n\u200b\u00a0²٣\U00020bb7"
)


@st.composite
def uscc(draw: st.DrawFn) -> str:
    pair = draw(st.sampled_from(sorted(one.CLASSES)))
    division = draw(st.text("0123456789", min_size=6, max_size=6))
    body = draw(st.text(one.USCC_ALPHABET, min_size=8, max_size=8))
    inner = one.organisation_check(body) if draw(st.booleans()) else draw(st.sampled_from(one.USCC_ALPHABET))
    first17 = pair + division + body + inner
    return first17 + one.uscc_check(first17)


@st.composite
def organisation_code(draw: st.DrawFn) -> str:
    body = draw(st.text(one.ORGANISATION_ALPHABET, min_size=8, max_size=8))
    return body + one.organisation_check(body)


@st.composite
def registration_no(draw: st.DrawFn) -> str:
    body = draw(st.text("0123456789", min_size=14, max_size=14))
    return body + one.registration_check(body)


@st.composite
def citizen_id(draw: st.DrawFn) -> str:
    born = draw(st.dates()).strftime("%Y%m%d").rjust(8, "0")
    first17 = draw(st.text("0123456789", min_size=6, max_size=6)) + born
    first17 += draw(st.text("0123456789", min_size=3, max_size=3))
    total = sum(int(char) * weight for char, weight in zip(first17, one.CITIZEN_WEIGHTS, strict=True))
    return first17 + one.CITIZEN_CHECKS[total % 11]


@st.composite
def mutated(draw: st.DrawFn, codes: st.SearchStrategy[str]) -> str:
    """A right code with one or two slips: a character changed, left out, put in, or two exchanged."""
    code = draw(codes)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(code) - 1))
        match draw(st.sampled_from(["change", "drop", "add", "swap"])):
            case "change":
                code = code[:at] + draw(CHARACTERS) + code[at + 1 :]
            case "drop":
                code = code[:at] + code[at + 1 :]
            case "add":
                code = code[:at] + draw(CHARACTERS) + code[at:]
            case "swap":
                code = code[:at] + code[at : at + 2][::-1] + code[at + 2 :]
    return code


ANY_CODE = st.one_of(
    mutated(uscc()),
    mutated(organisation_code()),
    mutated(registration_no()),
    mutated(citizen_id()),
    st.text(CHARACTERS, max_size=20),
    st.text(max_size=20).filter(lambda text: "\x00" not in text),
    st.sampled_from([one.USCC_PLACEHOLDER, "0" * 18, "0" * 15, "0" * 9, "", "370681NA000276X", "123456NA00027٣X"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ANY_CODE, min_size=60, max_size=200))
def test_a_code_gets_the_same_verdict_alone_and_in_bulk(codes: list[str]) -> None:
    table = ibis.memtable(pa.table({"code": pa.array(codes, pa.string())}))
    value = table["code"]
    answer = ibis.duckdb.connect().to_pyarrow(
        table.select(
            code=value,
            uscc=bulk.uscc_rule(value),
            uscc_ok=bulk.uscc_ok(value),
            uscc_warning=bulk.uscc_warning(value),
            organisation=bulk.organisation_rule(value),
            registration=bulk.registration_rule(value),
            registration_warning=bulk.registration_warning(value),
            sole_trader=bulk.registration_sole_trader(value),
            citizen=bulk.citizen_rule(value),
            citizen_ok=bulk.citizen_ok(value),
            normalised=bulk.normalise_code_bulk(value),
        )
    )
    assert answer.num_rows == len(codes)
    for row in answer.to_pylist():
        code = row["code"]
        checked = one.check_uscc(code)
        assert (row["uscc"] or "", row["uscc_ok"]) == (checked.rule, checked.ok), code
        if checked.ok:
            assert (row["uscc_warning"] or "") == "".join(warning.rule for warning in checked.warnings), code
        assert (row["organisation"] or "") == one.check_organisation_code(code).rule, code
        registered = one.check_registration_no(code)
        assert (row["registration"] or "") == registered.rule, code
        if registered.ok:
            assert (row["registration_warning"] or "") == "".join(w.rule for w in registered.warnings), code
        assert row["sole_trader"] == one.is_sole_trader_number(code), code
        person = one.check_citizen_id(code)
        assert (row["citizen"] or "", row["citizen_ok"]) == (person.rule, person.ok), code
        assert row["normalised"] == one.normalise_code(code), code


def test_an_empty_cell_breaks_no_rule_and_passes_none() -> None:
    table = ibis.memtable(pa.table({"code": pa.array([None], pa.string())}))
    value = table["code"]
    rules = [bulk.uscc_rule, bulk.uscc_warning, bulk.organisation_rule, bulk.registration_rule, bulk.citizen_rule]
    verdicts = [
        bulk.uscc_ok,
        bulk.organisation_ok,
        bulk.registration_ok,
        bulk.citizen_ok,
        bulk.registration_sole_trader,
    ]
    row = (
        ibis.duckdb.connect()
        .to_pyarrow(table.select(*(rule(value).name(rule.__name__) for rule in [*rules, *verdicts])))
        .to_pylist()[0]
    )
    assert [row[rule.__name__] for rule in rules] == [None] * len(rules)
    assert [row[verdict.__name__] for verdict in verdicts] == [False] * len(verdicts)


@settings(deadline=None)  # the first example loads tables
@given(mutated(uscc()))
def test_a_suggested_code_always_passes(code: str) -> None:
    if suggestion := one.check_uscc(code).suggestion:
        assert one.check_uscc(suggestion).ok


@settings(deadline=None)  # the first example loads tables
@given(st.text())
def test_normalising_a_code_twice_changes_nothing_more(text: str) -> None:
    once = one.normalise_code(text)
    assert one.normalise_code(once) == once
