#!/usr/bin/env bash
# Builds the web interface into OUT/dist: tools/build_webui.sh OUT. Packages come from npm as package-lock.json says,
# once for each state of it.
set -euo pipefail
out=$(mkdir -p "${1:?usage: tools/build_webui.sh OUT}" && cd "$1" && pwd)
cd "$(dirname "$(readlink -f "$0")")/../webui"
command -v npm >/dev/null || { echo "npm is missing; install it, or build with -DPINTLE_WEBUI=OFF" >&2; exit 1; }
stamp=node_modules/.pintle-lock
if ! cmp -s package-lock.json "$stamp"; then
    # Not "npm ci": it refuses a lock file that lacks packages for systems whose packages were not to be had when it was
    # written. Both install exactly what the file says.
    npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error
    cp package-lock.json "$stamp"
fi
PINTLE_WEBUI_OUT=$out/dist npm run --silent bundle
