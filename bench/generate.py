"""Large files for measuring: a register and penalties of an invented city, the same for the same numbers.

    python -m bench.generate registry --subjects 1000000 --out registry.csv
    python -m bench.generate penalties --rows 1000000 --first 0 --subjects 1000000 --out penalties.csv

Penalties are 30 columns by field code, about 1 KB a row. Decision number n always speaks of the same subject and has
the same document number, so a file with ``--first 1000000`` continues one with ``--rows 1000000``, and 4.7 % of its rows
correct decisions before ``--first``. 2.8 % repeat a row of the same file, 2.6 % are wrong in one of eight ways.
"""

import argparse
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from chengxin.operations.demo_city import departments, words
from chengxin.subjects.identifiers import ORGANISATION_CHECKS, ORGANISATION_WEIGHTS, USCC_ALPHABET, USCC_WEIGHTS

REPEATED, CORRECTED, WRONG = 28, 47, 26
"""Per thousand rows."""


def codes(count: int) -> list[str]:
    """``count`` different valid codes of enterprises in 990100."""
    serials = np.arange(10_000_000, 10_000_000 + count)
    digits = serials[:, None] // 10 ** np.arange(7, -1, -1) % 10
    checks = digits @ np.array(ORGANISATION_WEIGHTS) % 11
    prefix = "91990100"
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(prefix, USCC_WEIGHTS, strict=False))
    total = total + digits @ np.array(USCC_WEIGHTS[8:16])
    inner = np.array([USCC_ALPHABET.index(char) for char in ORGANISATION_CHECKS])[checks]
    last = -(total + inner * USCC_WEIGHTS[16]) % 31
    table = zip(serials.tolist(), checks.tolist(), last.tolist(), strict=True)
    return [f"{prefix}{serial}{ORGANISATION_CHECKS[check]}{USCC_ALPHABET[end]}" for serial, check, end in table]


def names(count: int) -> list[str]:
    """``count`` different names; name n belongs to code n."""
    brand, industry = words()["brand"], [one["word"] for one in words()["industry"]]
    size = len(brand)
    return [
        f"澜州市{brand[n % size]}{brand[n // size % size]}{brand[n // size**2 % size]}{industry[n % len(industry)]}有限公司"
        for n in range(count)
    ]


def subjects(count: int) -> pa.Table:
    """The subjects as a table: ``n``, ``code``, ``name``."""
    return pa.table({"n": pa.array(range(count), pa.int64()), "code": codes(count), "name": names(count)})


def registry(count: int, out: Path) -> None:
    """Write the register (item djxx) as UTF-8 CSV with Chinese labels."""
    base = subjects(count)
    connection = duckdb.connect()
    connection.register("base", base)
    connection.execute(
        f"""COPY (SELECT name AS "名称", code AS "统一社会信用代码", '企业' AS "类型", '存续' AS "登记状态",
                    strftime(DATE '2005-01-01' + (n % 7000)::int, '%Y-%m-%d') AS "成立日期",
                    '澜州市主体登记库' AS "登记机关",
                    '澜州市澜城区望江路' || (n % 900 + 1) || '号' AS "住所" FROM base ORDER BY n)
            TO '{out}' (HEADER)"""
    )


def penalties(rows: int, first: int, subject_count: int, out: Path, *, wrong: int = WRONG) -> None:
    """Write ``rows`` penalties (item xzcf) with decision numbers from ``first`` on as UTF-8 CSV by field code."""
    connection = duckdb.connect()
    connection.register("base", subjects(subject_count))
    connection.execute("CREATE TABLE subject AS SELECT * FROM base")
    department = departments()[0]
    connection.execute(
        f"COPY ({_PENALTIES}) TO '{out}' (HEADER)".replace("$authority", department.name)
        .replace("$agency", department.code)
        .replace("$rows", str(rows))
        .replace("$first", str(first))
        .replace("$subjects", str(subject_count))
        .replace("$wrong", str(wrong))
        .replace("$repeated", str(REPEATED))
        .replace("$corrected", str(CORRECTED if first else 0))
    )


# hash() of DuckDB is stable within a version, which is all a generator needs. ``w`` picks the way a row is wrong.
_PENALTIES = """
WITH row AS (SELECT i, hash(i, 1) % 1000 AS luck, (hash(i, 2) % 1000000007)::bigint AS h FROM range($rows) t(i)),
decision AS (
    SELECT i, luck, h,
        CASE WHEN luck < $repeated AND i >= 1000 THEN $first + i - 1000
             WHEN luck < $repeated + $corrected AND luck >= $repeated AND $first > 0 THEN h % $first
             ELSE $first + i END AS d,
        luck >= $repeated AND luck < $repeated + $corrected AND $first > 0 AS corrects,
        CASE WHEN luck >= 1000 - $wrong THEN h % 8 ELSE 99 END AS w
    FROM row),
said AS (
    SELECT i, d, w, corrects, s.code, s.name, (hash(d, 3) % 1000000)::bigint AS r,
        200 * (1 + (hash(d, 4) % 600)::bigint) AS yuan,
        DATE '2023-05-04' + (hash(d, 5) % 1290)::int AS day
    FROM decision JOIN subject s ON s.n = (hash(d, 6) % $subjects)::bigint)
SELECT
    CASE WHEN w = 0 THEN NULL ELSE name END AS CF_XDR_MC,
    '法人及非法人组织' AS CF_XDR_LB,
    CASE WHEN w = 1 THEN substr(code, 1, 17) || 'I' WHEN w = 2 THEN substr(code, 1, 16) ELSE code END AS CF_XDR_SHXYM,
    NULL AS CF_XDR_GSZC, substr(code, 9, 9) AS CF_XDR_ZZJG, NULL AS CF_XDR_SWDJ, NULL AS CF_XDR_SYDW,
    NULL AS CF_XDR_SHZZ, '林某某' AS CF_FRDB, NULL AS CF_FR_ZJLX, NULL AS CF_FR_ZJHM, NULL AS CF_XDR_ZJLX,
    NULL AS CF_XDR_ZJHM,
    CASE WHEN w = 3 THEN NULL ELSE '澜市监罚〔' || year(day) || '〕' || d || '号' END AS CF_WSH,
    ['违反食品经营管理规定', '违反价格管理规定', '虚假宣传'][1 + r % 3] AS CF_WFXW,
    '经查，当事人于' || strftime(day - 30, '%Y年%m月%d日') || '起在其经营场所销售超过保质期的食品，货值金额' || (r % 9000)
        || '元。执法人员对当事人的经营场所进行现场检查，制作现场笔录并拍照取证，对相关人员进行询问，调取进货票据、销售记录'
        || '等材料。上述事实有现场笔录、询问笔录、照片、票据复印件等证据证明，当事人对违法事实无异议。本机关已依法告知当事人拟作出处罚的内容、事实、理由及依据，当事人在规定期限内未提出陈述、申辩意见。' AS CF_SY,
    '《澜州市食品经营管理条例》第三十一条' AS CF_YJ,
    CASE WHEN w = 4 THEN '罚金' ELSE '罚款' END AS CF_CFLB,
    '责令当事人改正违法行为，并作出如下行政处罚：罚款人民币' || yuan || '元。'
        || CASE WHEN corrects THEN '（更正' || i || '）' ELSE '' END AS CF_NR,
    CASE WHEN w = 5 THEN NULL ELSE yuan / 10000.0 END AS CF_NR_FK,
    NULL AS CF_NR_WFFF, NULL AS CF_NR_ZKDX,
    CASE WHEN w = 6 THEN strftime(day, '%Y年%-m月') ELSE strftime(day, '%Y/%m/%d') END AS CF_JDRQ,
    '2099/12/31' AS CF_YXQ, NULL AS CF_GSJZQ,
    '$authority' AS CF_CFJG, CASE WHEN w = 7 THEN '00000000000000000X' ELSE '$agency' END AS CF_CFJGDM,
    '$authority' AS CF_SJLY, '$agency' AS CF_SJLYDM, NULL AS BZ
FROM said ORDER BY i"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("registry", "penalties"))
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    if given.what == "registry":
        registry(given.subjects, given.out)
    else:
        penalties(given.rows, given.first, given.subjects, given.out)


if __name__ == "__main__":
    main()
