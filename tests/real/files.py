"""Where the real files lie. They are read where they are and never copied; absent files skip the test, loudly."""

import os
import warnings
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAPPINGS = Path(__file__).parent / "mappings"
SETTING = "CHENGXIN_REAL_DATA"

REGISTRATION = "enterprise_registration_sample.csv.gz"
LOOKUP = "shandong_registry_lookup_sample.csv.gz"
PENALTIES = "shandong_env_penalties_2015_2018.xlsx"
BLACKLIST = "shandong_env_blacklist_merge.xlsx"
MUNICIPAL = "shuanggongshi_api_rows_heilongjiang.json"


def folder() -> Path:
    """The folder of real files: CHENGXIN_REAL_DATA, else ``shared/data`` beside the project."""
    return Path(os.environ.get(SETTING, PROJECT.parent / "shared" / "data"))


def real(name: str) -> Path:
    """The path of a real file. Skips the test with a loud line where it is absent: the one skip this project allows."""
    path = folder() / name
    if not path.exists():
        line = f"REAL FILE ABSENT: {path} - this test did NOT run; set {SETTING} to the folder that holds it"
        warnings.warn(line, stacklevel=2)
        pytest.skip(line)
    return path
