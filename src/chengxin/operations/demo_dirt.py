"""Example dirt (示例数据质量问题): what real files do to clean rows, at the rates that were counted in real files.

Most of it is harmless and comes right by normalisation (widths, brackets, date forms); some must be stopped
(a wrong check character, no document number, a month without a day), and some rows are not for the platform at all.
"""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random

from chengxin.operations.demo_city import code_of
from chengxin.operations.demo_subjects import Organisation

Row = dict[str, str]
Spoil = Callable[[Row, "Context"], None]


class Context:
    """What a spoiler may know: the random source, the item's field prefix, and the organisation by its code."""

    def __init__(self, random: Random, prefix: str, by_code: Mapping[str, Organisation]) -> None:
        self.random = random
        self.prefix = prefix
        self.by_code = by_code

    def field(self, name: str) -> str:
        return f"{self.prefix}_{name}"


def spoil(row: Row, context: Context) -> None:
    """Change a clean row in place as a sender's file would have it."""
    for rate, change in RATES:
        if context.random.random() < rate:
            change(row, context)


def _former_name(row: Row, c: Context) -> None:
    org = c.by_code.get(row[c.field("XDR_SHXYM")])
    if org and org.former:
        row[c.field("XDR_MC")] = org.former[0]


def _misspelt_name(row: Row, c: Context) -> None:
    name = row[c.field("XDR_MC")]
    at = c.random.randrange(3, len(name) - 2)
    row[c.field("XDR_MC")] = name[:at] + c.random.choice("宏鸿弘洪") + name[at + 1 :]


def _spaced_name(row: Row, c: Context) -> None:
    name = row[c.field("XDR_MC")]
    at = c.random.randrange(2, len(name))
    row[c.field("XDR_MC")] = name[:at] + c.random.choice((" ", "\u3000", "\n")) + name[at:]


def _ascii_brackets(row: Row, c: Context) -> None:
    name = row[c.field("XDR_MC")]
    row[c.field("XDR_MC")] = name.replace("（", "(").replace("）", ")")


def _radical(row: Row, c: Context) -> None:
    """风 as the look-alike that copying from a PDF file gives."""
    for field, text in row.items():
        if "风" in text or "金" in text:
            row[field] = text.replace("风", "⻛").replace("金", "⾦")


def _lower_case_code(row: Row, c: Context) -> None:
    row[c.field("XDR_SHXYM")] = row[c.field("XDR_SHXYM")].lower()


def _blank_in_code(row: Row, c: Context) -> None:
    row[c.field("XDR_SHXYM")] = " " + row[c.field("XDR_SHXYM")] + "\u3000"


def _full_width_code(row: Row, c: Context) -> None:
    row[c.field("XDR_SHXYM")] = "".join(chr(ord(char) + 0xFEE0) for char in row[c.field("XDR_SHXYM")])


def _registration_no_as_code(row: Row, c: Context) -> None:
    org = c.by_code.get(row[c.field("XDR_SHXYM")])
    if org and org.registration_no:
        row[c.field("XDR_SHXYM")] = org.registration_no


def _registration_no_only(row: Row, c: Context) -> None:
    if row[c.field("XDR_GSZC")]:
        row[c.field("XDR_SHXYM")] = ""


def _wrong_check_character(row: Row, c: Context) -> None:
    if code := row[c.field("XDR_SHXYM")]:
        row[c.field("XDR_SHXYM")] = code[:-1] + ("8" if code[-1] != "8" else "6")


def _letter_o(row: Row, c: Context) -> None:
    code = row[c.field("XDR_SHXYM")]
    if (at := code.find("0", 8)) >= 0:
        row[c.field("XDR_SHXYM")] = code[:at] + "O" + code[at + 1 :]


def _no_code(row: Row, c: Context) -> None:
    row[c.field("XDR_SHXYM")] = ""
    row[c.field("XDR_GSZC")] = ""


def _misspelt_without_code(row: Row, c: Context) -> None:
    """Copied by hand from an old file: nothing says who is meant but a name with a wrong character in it."""
    _misspelt_name(row, c)
    _no_code(row, c)
    row[c.field("XDR_ZZJG")] = ""


def _unknown_subject(row: Row, c: Context) -> None:
    """An organisation of another city: a valid code that the register of this city does not hold."""
    row[c.field("XDR_SHXYM")] = code_of("91", "980100", 40000000 + c.random.randrange(10**6))
    row[c.field("XDR_MC")] = row[c.field("XDR_MC")].replace("澜州", "汀州")


def _person(row: Row, c: Context) -> None:
    """A decision about a natural person, which this platform refuses; the number is of a place that does not exist."""
    row[c.field("XDR_MC")] = c.random.choice("林陈方沈") + "某"
    row[c.field("XDR_LB")] = "自然人"
    for name in ("XDR_SHXYM", "XDR_GSZC", "XDR_ZZJG", "FRDB"):
        row[c.field(name)] = ""
    row[c.field("XDR_ZJLX")] = "身份证"
    row[c.field("XDR_ZJHM")] = f"99010219{c.random.randint(60, 99)}0230{c.random.randint(1000, 9999)}"


def _representative_number(row: Row, c: Context) -> None:
    row[c.field("FR_ZJLX")] = "身份证"
    row[c.field("FR_ZJHM")] = f"99010319{c.random.randint(60, 99)}0231{c.random.randint(1000, 9999)}"


def _kind_as_number(row: Row, c: Context) -> None:
    numbers = {"法人及非法人组织": "02", "个体工商户": "04"}
    row[c.field("XDR_LB")] = numbers.get(row[c.field("XDR_LB")], row[c.field("XDR_LB")])


def _other_brackets(row: Row, c: Context) -> None:
    left, right = c.random.choices(("（）", "()", "[]", "［］", "【】", "﹝﹞", "〔﹞"), (50, 20, 10, 6, 6, 6, 2))[0]
    row[c.field("WSH")] = row[c.field("WSH")].replace("〔", left).replace("〕", right)


def _with_di(row: Row, c: Context) -> None:
    row[c.field("WSH")] = row[c.field("WSH")].replace("〕", "〕第")


def _no_document_number(row: Row, c: Context) -> None:
    row[c.field("WSH")] = c.random.choice(("", "无", "—"))


def _dates(row: Row, c: Context) -> None:
    """The whole row's dates in one of the forms that were met."""
    form = c.random.choice(DATE_FORMS)
    for name in ("JDRQ", "YXQ", "YXQZ", "YXQZI", "GSJZQ"):
        if text := row.get(c.field(name)):
            row[c.field(name)] = form(date.fromisoformat(text)) if text[4:5] == "-" and len(text) == 10 else text


def _month_only(row: Row, c: Context) -> None:
    day = date.fromisoformat(row[c.field("JDRQ")])
    row[c.field("JDRQ")] = c.random.choice((f"{day:%b-%y}", f"{day.year}年{day.month}月"))


def _future(row: Row, c: Context) -> None:
    day = row[c.field("JDRQ")]
    row[c.field("JDRQ")] = f"{int(day[:4]) + 10}{day[4:]}".replace("02-29", "02-28")


def _no_authority_code(row: Row, c: Context) -> None:
    field = "CF_CFJGDM" if c.prefix == "CF" else "XK_XKJGDM"
    row[field] = c.random.choice(("", "00000000000000000X"))


def _yuan(row: Row) -> int:
    """The fine in yuan; 0 where there is none or it was spoilt already."""
    text = row.get("CF_NR_FK", "")
    return round(float(text) * 10000) if text.replace(".", "", 1).isdigit() else 0


def _amount_in_yuan(row: Row, c: Context) -> None:
    if yuan := _yuan(row):
        row["CF_NR_FK"] = str(yuan)


def _amount_with_unit(row: Row, c: Context) -> None:
    if _yuan(row):
        row["CF_NR_FK"] += "万元"


def _amount_in_words(row: Row, c: Context) -> None:
    if yuan := _yuan(row):
        row["CF_NR_FK"] = in_words(yuan)


def _no_amount(row: Row, c: Context) -> None:
    if row.get("CF_NR_FK"):
        row["CF_NR_FK"] = c.random.choice(("", "未标明"))


def _other_joint(row: Row, c: Context) -> None:
    if "CF_CFLB" in row:
        row["CF_CFLB"] = row["CF_CFLB"].replace(";", c.random.choice(("；", "、", ",")))


def _end_before_start(row: Row, c: Context) -> None:
    if row.get("XK_YXQZI", "2099") < "2099":
        row["XK_YXQZ"], row["XK_YXQZI"] = row["XK_YXQZI"], row["XK_YXQZ"]


DATE_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y-%m-%d} 00:00:00",
    lambda day: str((day - date(1899, 12, 30)).days),
)

RATES: tuple[tuple[float, Spoil], ...] = (
    # comes right by itself
    (0.03, _former_name),
    (0.004, _spaced_name),
    (0.08, _ascii_brackets),
    (0.05, _radical),
    (0.004, _lower_case_code),
    (0.003, _blank_in_code),
    (0.001, _full_width_code),
    (0.05, _kind_as_number),
    (0.25, _other_brackets),
    (0.04, _with_di),
    (0.01, _amount_with_unit),
    (0.004, _amount_in_words),
    (0.05, _other_joint),
    (0.01, _representative_number),
    # to be mended, linked by a person, or refused
    (0.005, _misspelt_name),
    (0.01, _registration_no_only),
    (0.02, _registration_no_as_code),
    (0.002, _wrong_check_character),
    (0.001, _letter_o),
    (0.003, _no_code),
    (0.002, _misspelt_without_code),
    (0.006, _unknown_subject),
    (0.004, _no_document_number),
    (0.004, _no_authority_code),
    (0.003, _amount_in_yuan),
    (0.003, _no_amount),
    (0.002, _end_before_start),
    (0.001, _future),
    (0.002, _month_only),
    (0.003, _person),
    # last, for it needs the dates as they were
    (0.25, _dates),
)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def in_words(yuan: int) -> str:
    """An amount below 100 million yuan in capital numerals: 14326 → 壹万肆仟叁佰贰拾陆元整."""
    high, low = divmod(yuan, 10000)
    text = f"{_group(high)}万" if high else ""
    if low:
        text += ("零" if high and low < 1000 else "") + _group(low)
    return f"{text or '零'}元整"


def _group(number: int) -> str:
    """Up to four digits with their places; inner zeros once."""
    text = ""
    for place, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // place % 10
        if digit:
            text += _DIGITS[digit] + unit
        elif text and number % place:
            text += "零" if not text.endswith("零") else ""
    return text
