"""A name is compared in the same form wherever it comes from."""

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.subjects import names
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
