# What quickstart and check share: packages, progress, the build. Sourced, never run.
# Works as root and as a user who may use sudo; does nothing that is already done.

BUILD_PACKAGES=(g++ cmake ninja-build pkg-config git ca-certificates
  libboost1.81-dev libboost-json1.81-dev libfmt-dev libexpected-dev libyaml-cpp-dev libsqlite3-dev
  libcurl4-openssl-dev libssl-dev libsodium-dev libre2-dev zlib1g-dev
  libfuse3-dev libnfs-dev)
# What jobs of the process engine use, and what reaches their sources: fuse3 and rclone mount those on NFS and S3.
RUN_PACKAGES=(python3 python3-venv git git-lfs openssh-client procps fuse3 rclone)
# Tests take OpenSSH's server out of its package without installing it, which would start it; libwrap0 is what it needs.
# NFS sources are tested with Ganesha, a server of that protocol.
TEST_PACKAGES=(libwrap0
  doctest-dev python3-pytest clang-14 libclang-rt-14-dev curl sqlite3 chromium
  podman runc netavark aardvark-dns iptables
  nfs-ganesha nfs-ganesha-vfs rpcbind)
# npm builds the web interface. Debian's nodejs comes without npm, others' with it and in conflict with Debian's.
command -v node >/dev/null || BUILD_PACKAGES+=(nodejs)
command -v npm >/dev/null || BUILD_PACKAGES+=(npm)

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

is_terminal() { [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@" 2>/dev/null || sudo "$@"
  else die "This needs root for: $* — run it as root, or install sudo."
  fi
}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$name"
  done
}

# step NAME COMMAND…: runs it with its output in a log file, shows one line, and the log when it fails.
step() {
  local name=$1 log start now
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/pintle-$name.XXXXXX")
  start=$(date +%s)
  is_terminal && printf '  %-10s …' "$name"
  if "$@" >"$log" 2>&1; then
    now=$(date +%s)
    is_terminal && printf '\r'
    printf '  %-10s %-38s %s\n' "$name" "${STEP_DONE:-done}" "$(clock $((now - start)))"
    rm -f "$log"
  else
    is_terminal && printf '\r'
    printf '  %-10s failed; the end of its output (all of it is in %s):\n' "$name" "$log"
    tail -n 40 "$log"
    exit 1
  fi
}

install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  command -v apt-get >/dev/null || die "These Debian packages are missing, and there is no apt-get to install them: $missing"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root apt-get install -y -qq --no-install-recommends $missing
}

# configure_and_build PRESET [TARGET…]: quiet when there is nothing to do.
configure_and_build() {
  local preset=$1
  shift
  cmake --preset "$preset"
  if [ $# -gt 0 ]; then cmake --build "build/$preset" --target "$@"; else cmake --build "build/$preset"; fi
}

# Ninja's own count as a bar, on a terminal; a plain step elsewhere.
build_with_progress() {
  local preset=$1 start log line
  shift
  is_terminal || { step build configure_and_build "$preset" "$@"; return; }
  start=$(date +%s)
  log=$(mktemp "${TMPDIR:-/tmp}/pintle-build.XXXXXX")
  cmake --preset "$preset" >"$log" 2>&1 || { tail -n 40 "$log"; die "The build could not be configured."; }
  if ! { cmake --build "build/$preset" --target "$@" 2>&1 | tee -a "$log" | while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      local filled=$((BASH_REMATCH[1] * 24 / BASH_REMATCH[2]))
      printf '\r  %-10s %s%s %4s/%-4s %s ' build "$(printf '█%.0s' $(seq 1 $((filled > 0 ? filled : 1))))" "$(printf '%*s' $((24 - filled)) '')" \
        "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$(clock $(($(date +%s) - start)))"
    fi
  done; [ "${PIPESTATUS[0]}" = 0 ]; }; then
    printf '\n'; grep -E 'error|FAILED' -A 5 "$log" | head -n 40; die "The build failed; all of its output is in $log."
  fi
  printf '\r  %-10s %-38s %s\n' build done "$(clock $(($(date +%s) - start)))"
  rm -f "$log"
}
