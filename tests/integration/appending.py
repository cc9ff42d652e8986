"""A process that appends single entries as fast as it can, and says of each when it is durable: to be killed, or starved.

python -m tests.integration.appending <name> <how many> <threads>
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.db import connection


def append(name: str, number: int) -> int:
    """Append one entry in a group with whoever else is waiting; its number in the log."""
    from chengxin.kernel.canonical import encode
    from chengxin.ledger.model import Batch
    from chengxin.operations import logkey
    from chengxin.operations.sequencing import together
    from chengxin.storage import sequencing
    from chengxin.storage.ledger import Appender

    def work() -> int:
        ledger = Appender(sequencing.session(), Batch(f"{name}-{number}", "2026-11-22T02:00:00Z", "operator", "0" * 64))
        first = ledger.add([encode({"act": "state", "kind": "test", "record": f"{name}-{number}"})])
        ledger.close(logkey.signed)
        return first

    return together(work)


def main(name: str, count: int, threads: int) -> None:
    django.setup()

    def one(number: int) -> None:
        sys.stdout.write(f"{append(name, number)}\n")  # in one piece: other threads write too
        sys.stdout.flush()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(count)))
        list(pool.map(lambda _: connection.close(), range(threads)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
