"""What real lists say is right, worked out with pandas alone: which organisation a name on the black list means."""

import json
from collections.abc import Mapping

import pandas as pd
from tests.real import codes, expect_lookup
from tests.real.files import BLACKLIST, folder

FIRST_ROW = 2


def meant() -> dict[int, tuple[str, str, str]]:
    """Row of the black list → the name it gives, the organisation its code means (key of the look-up's base), and how the
    name stands to it: ``same``, ``former`` or ``other``. Rows whose code is no organisation of the base are left out."""
    base = expect_lookup.base()
    by_number = {number: key for key, one in base.items() for number in one.numbers}
    read = pd.read_excel(folder() / BLACKLIST, dtype=object, engine="calamine")
    found: dict[int, tuple[str, str, str]] = {}
    for row, (name, code) in enumerate(zip(read["企业名称"], read[code_column(read)], strict=True), start=FIRST_ROW):
        given = codes.tidy("" if pd.isna(code) else str(code))
        key = given if given in base else by_number.get(given, "")
        if key and not pd.isna(name):
            plain = codes.plain_name(str(name))
            how = "same" if plain == base[key].name else "former" if plain in base[key].names else "other"
            found[row] = (str(name), key, how)
    return found


def code_column(read: pd.DataFrame) -> str:
    return next(column for column in read.columns if "代码" in str(column))


def listed() -> list[Mapping[str, str]]:
    """Short and full names of listed companies."""
    path = folder() / "listed_company_short_full_names.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    print(pd.Series([how for _, _, how in meant().values()]).value_counts())
