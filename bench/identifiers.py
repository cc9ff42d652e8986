"""Cost of checking a million codes and normalising a million names on DuckDB: ``python bench/identifiers.py``."""

import random
import resource
import time

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from chengxin.subjects import identifiers as one
from chengxin.subjects import identifiers_bulk as bulk
from chengxin.subjects import names

ROWS = 1_000_000


def main() -> None:
    pick = random.Random(1)
    codes = [_code(pick) for _ in range(ROWS)]
    texts = ["".join(pick.choices("青岛海尔深圳科技贸易华光大山东工程建筑", k=8)) + "有限公司" for _ in range(ROWS)]
    for index in range(0, ROWS, 8):
        texts[index] += "(中国)"
    for index in range(0, ROWS, 100):
        texts[index] = "⻛ " + texts[index]
    connection = ibis.duckdb.connect(threads=2)
    table = connection.create_table("sample", pa.table({"code": codes, "name": texts}))
    code, name = table["code"], table["name"]
    for title, value in {
        "uscc_rule": bulk.uscc_rule(code),
        "uscc_warning": bulk.uscc_warning(code),
        "citizen_rule": bulk.citizen_rule(code),
        "normalise_code_bulk": bulk.normalise_code_bulk(code),
        "names.normalise_bulk": names.normalise_bulk(name),
    }.items():
        _measure(title, table, value)


def _code(pick: random.Random) -> str:
    first17 = "91370200" + "".join(pick.choices(one.USCC_ALPHABET, k=9))
    return first17 + one.uscc_check(first17)


def _measure(title: str, table: ir.Table, value: ir.StringValue) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    table.aggregate(total=value.length().sum()).to_pyarrow()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{title:24} {ROWS:,} rows: {time.perf_counter() - started:.2f} s wall, {cpu:.2f} s CPU")


if __name__ == "__main__":
    main()
