"""Plans (处理方案) kept: in memory for this process, on disk for the next one.

Compiling takes over two seconds, longer than working through a mended row or a small file. What is kept on disk is the
engine's SQL under a digest of everything it follows from: rules, catalogue, our code and the compiler's versions. The
layout of a file is mapped before all that; day and sender are filled in afterwards. So an item is compiled once,
whatever files come, and a layout once. What is not there, or cannot be read, only costs the seconds.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import orjson
from django.conf import settings

from chengxin.catalogue.model import Item
from chengxin.engine.plan import Plan, Statements, compile_linking, compile_mapping, compile_plain, compile_statements
from chengxin.intake import checks
from chengxin.intake.mapping import Mapping
from chengxin.operations import rulebook
from chengxin.records.model import REGISTRATION
from chengxin.subjects import identifiers

IN_MEMORY = 32
ON_DISK = 64
ANY_DAY, ANY_SOURCE = date(1, 2, 3), "11999999MB0000000X"
"""What statements are compiled with: a day of no file, and a sound code of nobody."""

T = TypeVar("T")

_plans: OrderedDict[str, Plan] = OrderedDict()


def find(*, item: Item, mapping: Mapping, columns: tuple[str, ...], day: date, introduce: bool, source: str) -> Plan:
    """The plan for a file with these columns, judged as of ``day``."""
    catalogue, sole_traders = rulebook.catalogue(), settings.SOLE_TRADERS
    # what acts on a record of nobody known acts on none
    linking = {"enrols": item.id == REGISTRATION, "introduce": introduce and not item.acts_on}
    key = repr((catalogue.digest, item.id, mapping, columns, linking, sole_traders, day, source))
    if key not in _plans:

        def compile_rules() -> Statements:
            rules = checks.rules(item, catalogue, ANY_DAY, sole_traders=sole_traders, agencies=(ANY_SOURCE,))
            return compile_statements(item=item, catalogue=catalogue, rules=rules)

        sender = source if identifiers.check_uscc(source).ok else ANY_SOURCE
        filled = {f"'{ANY_DAY}'": f"'{day}'", f"'{ANY_SOURCE}'": f"'{sender}'"}
        _plans[key] = Plan(
            item,
            checks.rules(item, catalogue, day, sole_traders=sole_traders),
            _kept(
                ("mapping", catalogue.digest, item.id, mapping, columns),
                lambda: compile_mapping(item=item, mapping=mapping, columns=columns),
                _text,
            ),
            _kept((catalogue.digest, item.id, sole_traders), compile_rules, lambda kept: Statements(**kept)).filled(
                filled
            ),
            _kept(("linking", linking), lambda: compile_linking(**linking), _text),
        )
        while len(_plans) > IN_MEMORY:
            _plans.popitem(last=False)
    return _plans[key]


def plain_sql() -> str:
    """The SQL that finds what is clear at the first look among the base's codes and names, see ``compile_plain``."""
    return _kept("plain", compile_plain, _text)


def _kept(of: object, compiled: Callable[[], T], read: Callable[[Any], T]) -> T:
    """What was ``compiled`` of this, here or before; ``read`` makes it of what JSON has of it."""
    folder = Path(settings.HOME) / "plans"
    file = folder / f"{hashlib.sha256(repr((of, _compiler())).encode()).hexdigest()}.json"
    with suppress(OSError, ValueError, TypeError):
        found = read(orjson.loads(file.read_bytes()))
        file.touch()  # what is used stays longest
        return found
    found = compiled()
    with suppress(OSError):
        folder.mkdir(exist_ok=True, mode=0o700)
        partial = file.with_suffix(".partial")
        partial.write_bytes(orjson.dumps(found))
        partial.replace(file)
        for old in sorted(folder.glob("*.json"), key=lambda each: each.stat().st_mtime)[:-ON_DISK]:
            old.unlink()
    return found


def _text(kept: Any) -> str:
    if not isinstance(kept, str):
        raise TypeError(f"{type(kept)} where SQL was kept")
    return kept


@lru_cache(maxsize=1)
def _compiler() -> str:
    """Digest of what compiles: our own code, and the versions of the libraries that write SQL."""
    found = hashlib.sha256(" ".join(version(name) for name in ("ibis-framework", "sqlglot", "duckdb")).encode())
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()
