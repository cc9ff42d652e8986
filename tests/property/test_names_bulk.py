"""A name is compared in the same form wherever it comes from."""

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.subjects import names, names_folding
from chengxin.subjects.widths import BLANKS, COMPATIBILITY, RADICALS

MET_IN_FILES = st.sampled_from(
    "风电有限公司青岛海尔（）()〔〕［］【】﹝﹞{}acmeＡｃ９Bé \n\t\u3000\u200b·&.-"
    + "".join(RADICALS)[:40]
    + "\ue5e5\U000f0001"
)
NAMES = st.one_of(
    st.text(MET_IN_FILES, max_size=30),
    st.text(st.sampled_from("".join(COMPATIBILITY) + "".join(RADICALS) + BLANKS + "公司"), max_size=12),
    st.text(max_size=20).filter(lambda text: "\x00" not in text),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(NAMES, min_size=60, max_size=200))
def test_a_name_gets_the_same_form_alone_and_in_bulk(texts: list[str]) -> None:
    table = ibis.memtable(pa.table({"name": pa.array(texts, pa.string())}))
    answer = ibis.duckdb.connect().to_pyarrow(
        table.select(name=table["name"], form=names.normalise_bulk(table["name"]))
    )
    assert answer.num_rows == len(texts)
    for row in answer.to_pylist():
        assert row["form"] == names.normalise(row["name"]), ascii(row["name"])


@settings(deadline=None)  # the first example loads tables
@given(NAMES)
def test_normalising_a_name_twice_changes_nothing_more(text: str) -> None:
    once = names.normalise(text)
    assert names.normalise(once) == once


@settings(deadline=None)  # the first example loads tables
@given(NAMES)
def test_a_name_has_one_initial_for_each_letter_searched(text: str) -> None:
    assert len(names.initials(text)) == len(names.squeeze(text))


WRITTEN = st.one_of(
    st.text(
        st.sampled_from("一二十拾百12300壹貳貮两風电建築筑限限公司（）·\x01\x02-\ue5e5\U000f0001\U00020000e\u0301²٣"),
        max_size=14,
    ),
    NAMES,
)


PAIRS = st.one_of(st.tuples(WRITTEN, WRITTEN), WRITTEN.map(lambda text: (text, "".join(char * 2 for char in text))))


@settings(max_examples=15, deadline=None)
@given(st.lists(PAIRS, min_size=30, max_size=100))
def test_two_spellings_of_a_name_are_told_alike_alone_and_in_bulk(texts: list[tuple[str, str]]) -> None:
    pairs = sorted({(names.normalise(one), names.normalise(other)) for one, other in texts})
    table = pa.table({"one": [one for one, _ in pairs], "other": [other for _, other in pairs]})
    con = duckdb.connect()
    con.register("t", table)
    t = ibis.table({"one": "string", "other": "string"}, name="t")
    folded = con.sql(str(ibis.to_sql(t.select("one", form=names_folding.fold_bulk(t.one)), dialect="duckdb")))
    for norm, form in folded.fetchall():
        assert form == names_folding.fold(norm), ascii(norm)
    told = con.sql(str(ibis.to_sql(names_folding.alike_bulk(t), dialect="duckdb"))).fetchall()
    assert sorted(told) == [pair for pair in pairs if names_folding.alike(*pair)]


def test_the_comparison_of_spellings_is_written_for_spark_too() -> None:
    pairs = ibis.table({"one": "string", "other": "string"}, name="t")
    assert "EXPLODE(" in str(ibis.to_sql(names_folding.alike_bulk(pairs), dialect="pyspark"))
