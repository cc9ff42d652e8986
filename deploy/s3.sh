#!/usr/bin/env bash
# The S3-compatible server that the tests keep log tiles in. It gets an environment of its own, .venv-s3: its libraries
# and ours ask for different versions of the same packages.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv-s3 lock=requirements-s3.lock
[ "$venv/ready" -nt "$lock" ] && exit 0

echo "Installing the S3-compatible server for the tests into $venv" >&2
.venv/bin/python -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
touch "$venv/ready"
