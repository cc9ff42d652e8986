"""Where the time of a submission goes: CPU seconds of each step, one step after the other.

    python -m bench.profile FILE

Ordinarily a slice is checked while the one before is stored; here nothing overlaps, so that every second belongs to
one step. A step's seconds do not hold those of a step inside it: what the database takes stands under ``store`` only.
Called by ``bench.intake --profile`` in the environment of its installation.
"""

import json
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from unittest import mock

import django

django.setup()

from chengxin.engine.changes import Changes  # noqa: E402
from chengxin.engine.slices import Slice  # noqa: E402 - Django must be set up
from chengxin.operations import batch, plans, submit  # noqa: E402
from chengxin.operations.candidates import Candidates  # noqa: E402
from chengxin.operations.demo_city import departments  # noqa: E402
from chengxin.operations.gathering import Gathering  # noqa: E402
from chengxin.storage import bulk, ledger  # noqa: E402

STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "plan": ((plans, "find"),),
    "check": ((Slice, "check"),),
    "link": ((Candidates, "expect"), (Candidates, "see"), (Candidates, "provide"), (Slice, "link")),
    "settle": ((Gathering, "find"), (Slice, "settle")),
    "seal": ((ledger.Appender, "append"), (ledger.Appender, "close")),
    "project": ((batch.projecting, "project"), (Gathering, "write"), (Candidates, "add_introduced")),
    "problems": ((batch, "_keep_problems"), (Slice, "outcomes"), (Changes, "add"), (batch, "_measure")),
    "store": tuple((bulk.Store, name) for name in ("append", "temporary", "execute", "table")),
    "publish": ((batch.publishing, "publish"), (bulk, "analyse")),
}
"""What belongs to a step; ``read`` is the file's rows, ``start`` the process itself and what belongs to no step."""


class Steps:
    """CPU seconds of this process by the step it is in."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside = ["start"]
        self._counted = 0.0

    def count(self) -> None:
        """Give the seconds since the last call to the step that took them."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        now = used.ru_utime + used.ru_stime
        self.seconds[self._inside[-1]] += now - self._counted
        self._counted = now

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.count()
        self._inside.append(name)
        try:
            yield
        finally:
            self.count()
            self._inside.pop()

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            with self.step(name):
                return function(*given, **named)

        return call

    def read(self, slices: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def rows(*given: Any) -> Iterator[Any]:
            following = self.watched("read", slices(*given).__next__)
            while True:
                try:
                    table = following()
                except StopIteration:
                    return
                yield table

        return rows


class OneAfterTheOther:
    """In the place of a pool of threads."""

    def __init__(self, threads: int, name: str = "") -> None:
        pass

    def __enter__(self) -> "OneAfterTheOther":
        return self

    def __exit__(self, *fault: object) -> None:
        pass

    def submit(self, function: Callable[..., Any], *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*given, **named))
        return done


def main() -> None:
    steps = Steps()
    for module in (batch, bulk):
        mock.patch.object(module, "ThreadPoolExecutor", OneAfterTheOther).start()
    mock.patch.object(submit, "_slices", steps.read(submit._slices)).start()
    for step, members in STEPS.items():
        for owner, name in members:
            mock.patch.object(owner, name, steps.watched(step, getattr(owner, name))).start()
    submit.submit(path=sys.argv[1], item="xzcf", source=departments()[0].code)
    steps.count()
    told = {name: round(seconds, 2) for name, seconds in sorted(steps.seconds.items(), key=lambda step: -step[1])}
    print(json.dumps({"cpu_s": round(sum(steps.seconds.values()), 2), "steps": told}))


if __name__ == "__main__":
    main()
