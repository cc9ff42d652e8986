"""Engine (批处理引擎): the embedded DuckDB that checks and links whole files."""

import ctypes
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

MEMORY_LIMIT = "1400MB"
"""Past this the engine spills to disk, so that memory does not grow with the file."""
LARGE = 1 << 20
"""Pieces of memory from this size on go back to the system as soon as they are free."""
_M_MMAP_THRESHOLD = -3
"""Which of the allocator's settings that is (``mallopt`` of glibc)."""


@contextmanager
def connect(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine with nothing in it. What it spills goes under ``home/spill`` and is gone afterwards."""
    # Of Arrow's memory pools the system's own keeps half a gigabyte less to itself between slices, and the system's
    # allocator, which learns to keep pieces up to 32 MB, as much again.
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError):  # other systems' allocators have no such setting
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)
    spill_root = home / "spill"
    spill_root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=spill_root) as spill:
        con = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": spill,
                "threads": str(os.cpu_count() or 1),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        # This optimiser's cost grows faster than the statement: on the plan of a submission, with its hundred rules, it
        # takes longer than the work itself (a third of all CPU on 60,000 rows).
        con.execute("SET disabled_optimizers = 'in_clause'")
        try:
            yield con
        finally:
            con.close()


def sql(expression: ir.Table) -> str:
    """The expression in the engine's SQL; its unbound tables become table names."""
    # Fusing selects writes an expression out again wherever a later select uses it, and takes half of the compiling.
    ibis.options.sql.fuse_selects = False
    return str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
