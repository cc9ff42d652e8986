"""What the cross-check must find in both real registers together, worked out from the files with pandas alone.

The 25,423 registrations come first, the answers of the registry to 1,679 questions after them; the last row about an
organisation says what it is called. Organisations are told apart by row numbers, never by name.
"""

import json
import re

import pandas as pd
from tests.real import codes, expect_lookup, expect_registration

ENDED = {"注销"}


def rows() -> pd.DataFrame:
    """Good rows of both files in the order of handing in: ``place`` (file and row), ``key``, ``norm``, ``former``, ``status``."""
    first = expect_registration.table()
    first = first.assign(
        place=[f"registration {row}" for row in first["row"]],
        key=first["统一社会信用代码"].map(codes.tidy),
        norm=first["企业名称"].map(codes.plain_name),
        former="",
        status="",
        code=first["统一社会信用代码"].map(codes.tidy),
    )
    second = expect_lookup.good_rows()
    second = second.assign(place=[f"lookup {row}" for row in second["row"]], norm=second["name"].map(codes.plain_name))
    columns = ["place", "key", "code", "norm", "former", "status"]
    return pd.concat([first[columns], second[columns]], ignore_index=True)


def expected() -> dict[str, set[str]]:
    """Keys of the organisations with each finding, and of wrong codes the codes as sent."""
    said = rows()
    last = said.drop_duplicates("key", keep="last")
    alive = last[~last["status"].isin(ENDED)]
    listed: dict[str, set[str]] = {}
    for key, former in zip(said["key"], said["former"], strict=True):
        names = {codes.plain_name(name) for name in re.split("[,，、;；]", former) if name.strip()}
        listed.setdefault(key, set()).update(names)
    now = dict(zip(last["key"], last["norm"], strict=True))
    renamed = {
        key for key, norm in zip(said["key"], said["norm"], strict=True) if norm != now[key] and norm not in listed[key]
    }
    coded = last[last["code"] != ""]
    wrong = expect_lookup.table()
    wrong = wrong[(wrong["code"] != "") & ~wrong["code"].map(codes.right)]
    return {
        "code.renamed": renamed,
        "name.shared": set(alive.loc[alive["norm"].duplicated(keep=False), "norm"]),
        "code.inner": set(coded.loc[~coded["code"].map(codes.inner_right), "key"]),
        "code.legacy": set(alive.loc[alive["code"] == "", "key"]),
        "code.wrong": set(wrong["code"]),
    }


if __name__ == "__main__":
    print(json.dumps({rule: len(found) for rule, found in expected().items()}))
