#!/usr/bin/env bash
# The browser journeys need a real browser and Chinese fonts: find them, or install them with apt-get.
# A missing browser is an error, never a reason to leave the journeys out.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need=()
command -v chromium >/dev/null || [ -x "${CHENGXIN_CHROMIUM:-/nonexistent}" ] || need+=(chromium)
fc-list :lang=zh 2>/dev/null | grep -q . || need+=(fontconfig fonts-noto-cjk)
[ ${#need[@]} = 0 ] && exit 0

echo "Installing ${need[*]} for the browser tests" >&2
if ! { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "${need[@]}"; } >&2; then
  echo "The browser tests need ${need[*]}. As root: apt-get install ${need[*]}" >&2
  exit 3
fi
