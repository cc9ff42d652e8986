"""What must become of the 1,679 registry look-ups, and the subject base they make, worked out with pandas alone.

A row that found nothing has no name (blank or 空) or no code. An organisation without a 统一社会信用代码 is known by its
registration number. The same organisation appears again where two questions led to it: the second row adds nothing
unless it says something else.
"""

import json
from dataclasses import dataclass, field

import pandas as pd
from tests.real import codes
from tests.real.files import LOOKUP, folder

FIRST_ROW = 2
BLANK = {"", "-", "空", "9999-99-99"}
COLUMNS = {
    "企业名称": "name",
    "统一社会信用代码": "code",
    "注册号": "number",
    "组织机构代码": "organisation",
    "曾用名": "former",
    "经营状态": "status",
    "公司类型": "type",
    "成立日期": "since",
    "登记机关": "registrar",
    "企业地址": "address",
    "英文名": "english",
    "经营范围": "scope",
}


@dataclass
class Known:
    """One organisation of the base: its current name, all names, and its old numbers."""

    name: str
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)


def table() -> pd.DataFrame:
    """The mapped columns, blanks empty, with the number of each row as the sender sees it."""
    read = pd.read_csv(folder() / LOOKUP, dtype=str, keep_default_na=False)
    read = read.rename(columns=COLUMNS)[list(COLUMNS.values())]
    read = read.map(lambda cell: "" if cell.strip() in BLANK else cell.strip())
    read["former"] = read["former"].str.removesuffix("查看更多")
    read["code"] = read["code"].map(codes.tidy)
    read["organisation"] = read["organisation"].map(codes.tidy).str.replace("-", "")
    return read.assign(row=range(FIRST_ROW, FIRST_ROW + len(read)))


def good_rows() -> pd.DataFrame:
    """Rows that name an organisation with a right code, or without one but with a registration number."""
    read = table()
    coded = read["code"].map(codes.right)
    numbered = (read["code"] == "") & (read["number"] != "")
    good = read[(read["name"] != "") & (coded | numbered)]
    return good.assign(key=good["code"].where(good["code"] != "", good["number"]))


def expected() -> dict[str, object]:
    """Outcomes by number and the failing rows by what they lack."""
    read, good = table(), good_rows()
    said = good.drop(columns="row")
    repeats = said.duplicated("key")
    same = said.duplicated()
    bad = read[~read["row"].isin(good["row"])]
    return {
        "rows": len(read),
        "first": int((~repeats).sum()),
        "same": int((repeats & same).sum()),
        "other": good.loc[repeats & ~same, "row"].tolist(),
        "quarantined": len(bad),
        "no name": int((bad["name"] == "").sum()),
        "no code": int(((bad["code"] == "") & (bad["number"] == "")).sum()),
        "wrong code": bad.loc[(bad["code"] != "") & ~bad["code"].map(codes.right), "row"].tolist(),
        "inner": good.loc[(good["code"] != "") & ~good["code"].map(codes.inner_right), "row"].tolist(),
        "wrong organisation code": good.loc[
            (good["organisation"] != "") & ~good["organisation"].map(codes.organisation_right),
            "row",
        ].tolist(),
        "odd number": good.loc[
            (good["number"] != "") & ~good["number"].map(lambda n: bool(codes.OLD_NUMBER.fullmatch(n))), "row"
        ].tolist(),
    }


def base() -> dict[str, Known]:
    """The subject base after these rows: key → names and numbers."""
    known: dict[str, Known] = {}
    for row in good_rows().to_dict("records"):
        one = known.setdefault(row["key"], Known(""))
        one.name = codes.plain_name(row["name"])
        one.names.add(one.name)
        if row["former"]:
            one.names.add(codes.plain_name(row["former"]))
        if row["number"]:
            one.numbers.add(row["number"])
    return known


if __name__ == "__main__":
    print(json.dumps(expected(), ensure_ascii=False))
    print(len(base()))
