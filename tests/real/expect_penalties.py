"""What must become of the 3,930 rows of the environmental penalties, worked out from the files with pandas alone.

The rules followed here are those of the issue and of the standards' "Decisions taken": required fields named one by one,
codes by GB 32100, linking by code, then old number with an agreeing name, then exactly one bearer of the name; a known code
under a foreign name is rule 1001; the key is subject + document number (or title). Nothing is imported from the product.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd
from tests.real import codes
from tests.real.expect_lookup import Known, base
from tests.real.expect_lookup import expected as expected_of_the_base
from tests.real.files import PENALTIES, folder

FIRST_ROW = 2
TITLE_OF_DECISION = re.compile(r"^.*决定书")
NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]|[（(][\u4e00-\u9fff][）)])*[（(〔﹝][0-9]{4}[\u4e00-\u9fff]?[）)〕﹞]"
    r"第?[（(]?[0-9０-９A-Za-z\u4e00-\u9fff-]{1,16}[）)]?号"
)
ALWAYS_ABSENT = ["wfxw", "yj", "cflb", "jdrq", "yxq", "cfjg", "cfjgdm", "sjlydm", "frdb"]
"""What the list has no column for and the present layout requires: kind of act, legal basis, kind of penalty, date of
decision, end of validity, authority and its code, code of the source, and the legal representative of an organisation."""


def table() -> pd.DataFrame:
    """The mapped columns as text, empty where blank, with the row number as the sender sees it."""
    read = pd.read_excel(folder() / PENALTIES, dtype=object, engine="calamine")

    def text(column: str) -> pd.Series:
        return read[column].map(lambda cell: "" if pd.isna(cell) else str(cell).strip())

    code = read["统一社会信用代码"].map(codes.tidy)
    title = text("标题")
    number = title.map(lambda cell: TITLE_OF_DECISION.sub("", cell)).map(
        lambda cell: cell if NUMBER.fullmatch(cell) else ""
    )
    return pd.DataFrame(
        {
            "row": range(FIRST_ROW, FIRST_ROW + len(read)),
            "name": text("企业名称").map(codes.plain_name),
            "code": code.where(code.str.len() == 18, ""),
            "number": code.where(code.map(lambda c: bool(codes.OLD_NUMBER.fullmatch(c))), ""),
            "document": number,
            "title": title,
            "facts": text("存在问题"),
            "content": text("处理情况"),
            "fine": text("罚款").replace("未标明", ""),
            "source": text("信息来源"),
            "day": read["处罚公布时间"].map(lambda cell: "" if pd.isna(cell) else cell.date().isoformat()),
            "remark": text("网址"),
        }
    )


def wrong_code(code: str) -> str:
    """Which rule of GB 32100 an 18-character code breaks first: alphabet, class, division or check; '' when none."""
    if codes.right(code):
        return ""
    if any(char not in codes.USCC for char in code):
        return "alphabet"
    if code[:2] not in codes.PAIRS:
        return "class"
    return "check" if code[2:8].isdigit() else "division"


def missing(row: dict[str, str], fields: dict[str, str]) -> list[str]:
    """Names of required fields that are blank."""
    return [rule for column, rule in fields.items() if not row[column]]


def as_present_day() -> Counter:
    """Reasons by rule when the list is read as present-day penalties; every row is quarantined."""
    reasons: Counter = Counter()
    known = base()
    for row in table().to_dict("records"):
        reasons.update(f"{field} missing" for field in ALWAYS_ABSENT)
        reasons.update(
            f"{field} missing"
            for field in missing(row, {"document": "wsh", "facts": "sy", "content": "nr", "source": "sjly"})
        )
        if not row["code"]:
            reasons["code missing"] += 1
        elif fault := wrong_code(row["code"]):
            reasons[f"code {fault}"] += 1
        if row["code"] in known and row["name"] not in known[row["code"]].names:
            reasons["1001"] += 1
    return reasons


@dataclass(frozen=True)
class Expectation:
    """Outcomes of the list as old files, reasons by rule, and the rows that correct an earlier one of the same file."""

    outcomes: dict[str, int]
    reasons: dict[str, int]
    corrected: list[int]
    subjects: int
    """How many provisional subjects come into being."""

    @property
    def rules(self) -> dict[str, int]:
        """The reasons under the ids that the product gives its rules."""
        return {rule_id("xzcf-archive", reason): count for reason, count in self.reasons.items()}


def rule_id(item: str, reason: str) -> str:
    """The id of a rule: item, field, check; the rules about subjects have ids of their own."""
    if reason in ("1001", "unknown"):
        return f"subject.{reason}"
    field, what = reason.split(" ")
    field = {"code": "xdr_shxym", "number": "xdr_gszc"}.get(field, field)
    return f"{item}.{field}.{'required' if what == 'missing' else what}"


def corrections_of_the_base() -> int:
    """How many registry rows restate an organisation that the same file had described otherwise."""
    return len(expected_of_the_base()["other"])


def as_old_files(*, introduce: bool) -> Expectation:
    """Judge every row as an old file against the base that the registry look-ups make."""
    known = base()
    bearers = Counter(name for one in known.values() for name in [one.name])
    by_name = {one.name: key for key, one in known.items() if bearers[one.name] == 1}
    by_number: dict[str, set[str]] = {}
    for key, one in known.items():
        for number in one.numbers:
            by_number.setdefault(number, set()).add(key)
    rows = table().to_dict("records")
    first_name: dict[str, str] = {}
    for row in rows:
        if codes.right(row["code"]):
            first_name.setdefault(row["code"], row["name"])
    outcomes: Counter = Counter()
    reasons: Counter = Counter()
    said: dict[tuple[str, str], tuple[str, ...]] = {}
    corrected: list[int] = []
    introduced: set[str] = set()
    for row in rows:
        faults = missing(row, {"content": "nr missing", "source": "sjly missing"})
        if not row["title"]:
            faults += ["wsh missing", "cfmc missing"]
        if row["code"] and (fault := wrong_code(row["code"])):
            faults.append(f"code {fault}")
        if not row["code"] and not row["number"]:
            faults += ["code missing", "number missing"]
        subject, problem = who(row, known, by_number, by_name, first_name if introduce else {})
        if faults and problem != "1001":
            problem = ""
        reasons.update(faults + ([problem] if problem else []))
        if faults or problem == "1001":
            outcomes["quarantined"] += 1
        elif problem:
            outcomes["unlinked"] += 1
        else:
            if subject not in known:
                introduced.add(subject)
            key = (subject, document_key(row["document"] or row["title"]))
            content = statement(row)
            if key not in said:
                outcomes["accepted"] += 1
            elif said[key] == content:
                outcomes["unchanged"] += 1
            else:
                outcomes["corrected"] += 1
                corrected.append(row["row"])
            said[key] = content
    return Expectation(dict(outcomes), dict(reasons), corrected, len(introduced))


def who(
    row: dict[str, str],
    known: dict[str, Known],
    by_number: dict[str, set[str]],
    by_name: dict[str, str],
    first_name: dict[str, str],
) -> tuple[str, str]:
    """The subject of a row, or the reason why there is none. ``first_name``: code → name it first came with, where
    unknown codes may introduce a subject."""
    code, name = row["code"], row["name"]
    if codes.right(code):
        if code in known:
            return (code, "") if name in known[code].names else ("", "1001")
        if code in first_name:
            return (code, "") if first_name[code] == name else ("", "1001")
        return "", "unknown"
    by_its_number = [key for key in by_number.get(row["number"], ()) if name in known[key].names]
    if len(by_its_number) == 1:
        return by_its_number[0], ""
    return (by_name[name], "") if name in by_name else ("", "unknown")


def document_key(text: str) -> str:
    """Form in which numbers are compared: kinds of brackets, 第, blanks and width do not count."""
    return re.sub(r"[\s第]", "", text.translate(str.maketrans("（）()［］【】﹝﹞", "〔〕〔〕〔〕〔〕〔〕"))).upper()


def statement(row: dict[str, str]) -> tuple[str, ...]:
    """Everything a row says beyond who it is about."""
    return tuple(
        row[column]
        for column in ("name", "code", "number", "title", "facts", "content", "fine", "source", "day", "remark")
    )


if __name__ == "__main__":
    print(json.dumps(as_present_day(), ensure_ascii=False))
    for way in (False, True):
        found = as_old_files(introduce=way)
        print(way, found.outcomes, found.reasons, found.subjects, len(found.corrected))
