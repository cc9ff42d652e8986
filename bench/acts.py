"""Acts on records: how long entering them takes, one by one and by the thousand, and folding them again.

    python -m bench.acts --records 10000

The records are handed in as a file. Then a hundred of them are suspended one at a time, each an entry with a checkpoint of its
own; all of them are repaired in one go, three entries each; and the log is rebuilt.
"""

import argparse
import json
import os
import time
from pathlib import Path

from bench import generate
from bench.intake import somewhere, submit
from bench.running import Installation, machine

SINGLE = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        place = Installation(folder)
        os.environ.update(place.env, DJANGO_SETTINGS_MODULE="chengxin.web.settings")
        register, table = folder / "registry.csv", folder / "penalties.csv"
        generate.registry(max(given.records // 10, 10), register)
        place.chengxin("subjects", "import", str(register), "--json")
        generate.penalties(given.records, 0, max(given.records // 10, 10), table, wrong=0)
        submit(place, table)
        print(json.dumps(_measure(given.records)))
        print(json.dumps({"rebuild_s": round(place.chengxin("rebuild", "--json").wall, 1)}))


def _measure(count: int) -> dict[str, object]:
    import django

    django.setup()
    from django.db import connection

    from chengxin.operations import acts
    from chengxin.storage.models import Record

    ids = [bytes(id).hex() for id in Record.objects.filter(item="xzcf").values_list("id", flat=True)[:count]]
    waits = []
    for id in ids[:SINGLE]:
        started = time.perf_counter()
        acts.enter([{"act": "suspend", "record": id}], by="operator")
        waits.append(time.perf_counter() - started)
    waits.sort()
    steps = [{"act": act, "record": id} for id in ids for act in ("repair", "end-sharing", "lift")]
    started = time.perf_counter()
    acts.enter(steps, by="operator")
    took = time.perf_counter() - started
    connection.close()
    return {
        "records": len(ids),
        "single_ms": {"p50": round(waits[SINGLE // 2] * 1000, 1), "p99": round(waits[-2] * 1000, 1)},
        "repairs_at_once_s": round(took, 1),
        "entries": len(steps),
    }


if __name__ == "__main__":
    main()
