#!/usr/bin/env bash
# Make .venv from a lock file with hashes and install the package into it, in place. Needs python3 >= 3.11 only.
#   deploy/setup.sh requirements.lock .venv/ready
# Run again, it installs what changed. PYTHON=/path/to/python chooses another interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1 stamp=$2 venv=.venv

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  say "Chengxin needs Python 3.11 or newer; none was found. On Debian 12: apt-get install python3 python3-venv"
  exit 3
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  python=$(find_python)
  # Debian splits ensurepip off into a package of its own.
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "python$version-venv is missing; installing it with apt-get"
    if ! { as_root apt-get update -qq && as_root apt-get install -y -qq "python$version-venv"; } >&2; then
      say "Could not install it. As root: apt-get install python$version-venv"
      exit 3
    fi
  fi
  say "Making $venv with $("$python" --version)"
  "$python" -m venv --clear "$venv"
fi

say "Installing from $lock (a minute or two the first time)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch "$stamp"
