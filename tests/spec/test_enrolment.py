"""Whose registration a row of a register is, by example."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.property.test_enrolment import enrolled

SPEC = yaml.safe_load((Path(__file__).parent / "linking" / "enrolment.yaml").read_text())


@pytest.mark.parametrize("case", SPEC["cases"], ids=lambda case: case["name"])
def test_rows_of_one_file(case: dict[str, Any]) -> None:
    found = enrolled(case["rows"], SPEC["base"]["codes"], SPEC["base"]["names"])
    assert [row["subject"] for row in found] == [row.get("expect") for row in case["rows"]]
    assert [row["problem"] for row in found] == [row.get("problem") for row in case["rows"]]
