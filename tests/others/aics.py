"""A second independent verifier (独立核验): checks a proof file with the package aics-tlog, which knows nothing of us.

    python tests/others/aics.py proof.json LOG-KEY [WITNESS-KEY …]

It needs Python 3.12 and ``aics-tlog``. Checked are the checkpoint's signature, the cosignatures, the inclusion of every
entry and the growth since the earlier checkpoint. Prints what held; exit 1 where something did not.
"""

import base64
import json
import sys

from aics_tlog.checkpoint import checkpoint_from_note, verify_checkpoint
from aics_tlog.note import parse_note, parse_vkey
from aics_tlog.tree import verify_consistency, verify_leaf_inclusion


def main(path: str, log_key: str, *witness_keys: str) -> int:
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    log, witnesses = parse_vkey(log_key), [parse_vkey(line) for line in witness_keys]
    head, note = checkpoint_from_note(told["checkpoint"])
    results = {"checkpoint": verify_checkpoint(note, log, witnesses, quorum=len(witnesses)).ok}
    for entry in told["entries"]:
        path_up = [base64.b64decode(step) for step in entry["path"]]
        leaf = entry["leaf"].encode()
        results[f"entry {entry['index']}"] = verify_leaf_inclusion(leaf, entry["index"], head.size, path_up, head.root)
    if "earlier" in told:
        before, old = checkpoint_from_note(told["earlier"]["checkpoint"])
        grown = [base64.b64decode(step) for step in told["earlier"]["path"]]
        results["earlier"] = verify_checkpoint(parse_note(old.serialise()), log).ok and verify_consistency(
            before.size, head.size, before.root, head.root, grown
        )
    print(json.dumps(results))
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
