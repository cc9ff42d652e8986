#!/usr/bin/env bash
# Go's own packages for transparency logs check our tiles and checkpoints: find them, or install them with apt-get.
# Missing, they are an error, never a reason to leave those tests out.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need=()
command -v go >/dev/null || need+=(golang-go)
[ -d "${CHENGXIN_GOPATH:-/usr/share/gocode}/src/golang.org/x/mod/sumdb/tlog" ] || need+=(golang-golang-x-mod-dev)
[ ${#need[@]} = 0 ] && exit 0

echo "Installing ${need[*]} for the tests of the log" >&2
if ! { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "${need[@]}"; } >&2; then
  echo "The tests of the log need ${need[*]}. As root: apt-get install ${need[*]}" >&2
  exit 3
fi
