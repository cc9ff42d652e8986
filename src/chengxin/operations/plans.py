"""Plans (处理方案) kept: in memory for this process, on disk for the next one.

Compiling takes over two seconds, longer than working through a mended row or a small file. What is kept on disk is the
engine's SQL under a digest of everything it follows from: rules, catalogue, mapping, columns, our code and the
compiler's versions. Day and sender are filled in afterwards, so that a layout is compiled once and not once a day for
each source. A file that is not there, or cannot be read, only costs the seconds.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import orjson
from django.conf import settings

from chengxin.catalogue.model import Item
from chengxin.engine.plan import Plan, Statements, compile_statements
from chengxin.intake import checks
from chengxin.intake.mapping import Mapping
from chengxin.operations import rulebook
from chengxin.subjects import identifiers

IN_MEMORY = 32
ON_DISK = 64
ANY_DAY, ANY_SOURCE = date(1, 2, 3), "11999999MB0000000X"
"""What statements are compiled with: a day of no file, and a sound code of nobody."""

_plans: OrderedDict[str, Plan] = OrderedDict()


def find(*, item: Item, mapping: Mapping, columns: tuple[str, ...], day: date, introduce: bool, source: str) -> Plan:
    """The plan for a file with these columns, judged as of ``day``."""
    catalogue, sole_traders = rulebook.catalogue(), settings.SOLE_TRADERS
    told = (catalogue.digest, item.id, repr(mapping), columns, introduce, sole_traders, _compiler())
    compiled = hashlib.sha256(repr(told).encode()).hexdigest()
    key = f"{compiled} {day} {source}"
    if key not in _plans:

        def compile_them() -> Statements:
            rules = checks.rules(item, catalogue, ANY_DAY, sole_traders=sole_traders, agencies=(ANY_SOURCE,))
            return compile_statements(
                item=item, catalogue=catalogue, rules=rules, mapping=mapping, columns=columns, introduce=introduce
            )

        rules = checks.rules(item, catalogue, day, sole_traders=sole_traders)
        sender = source if identifiers.check_uscc(source).ok else ANY_SOURCE
        filled = {f"'{ANY_DAY}'": f"'{day}'", f"'{ANY_SOURCE}'": f"'{sender}'"}
        _plans[key] = Plan(item, rules, _kept(compiled, compile_them).filled(filled))
        while len(_plans) > IN_MEMORY:
            _plans.popitem(last=False)
    return _plans[key]


def _kept(key: str, compiled: Callable[[], Statements]) -> Statements:
    folder = Path(settings.HOME) / "plans"
    file = folder / f"{key}.json"
    with suppress(OSError, ValueError, TypeError):
        return Statements(**orjson.loads(file.read_bytes()))
    statements = compiled()
    with suppress(OSError):
        folder.mkdir(exist_ok=True, mode=0o700)
        partial = file.with_suffix(".partial")
        partial.write_bytes(orjson.dumps(statements))
        partial.replace(file)
        for old in sorted(folder.glob("*.json"), key=lambda each: each.stat().st_mtime)[:-ON_DISK]:
            old.unlink()
    return statements


@lru_cache(maxsize=1)
def _compiler() -> str:
    """Digest of what compiles: our own code, and the versions of the libraries that write SQL."""
    found = hashlib.sha256(" ".join(version(name) for name in ("ibis-framework", "sqlglot", "duckdb")).encode())
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()
