#!/bin/bash
# Packages of the distribution (Debian 12): `missing SET` says what is not there, `install SET` installs it.
# Sets: build (to make ./strata), demo (make demo: also ./strata-sim), test (make check), live (make check-live; OpenStack's own are in tests/live/openstack).
set -euo pipefail
BUILD="gcc make pkg-config libncurses-dev libarchive-dev libcurl4-openssl-dev libjansson-dev libyaml-dev libpcre2-dev libutf8proc-dev zlib1g-dev libwslay-dev"
DEMO="$BUILD libmicrohttpd-dev libgnutls28-dev"
TEST="$BUILD ccache clang libclang-rt-14-dev libcmocka-dev libvterm-dev libmicrohttpd-dev libgnutls28-dev openssl ncurses-term ncurses-bin curl python3 shellcheck mandoc tmux"
LIVE="$TEST curl openssl procps iproute2 ca-certificates git"

set_of() {
  case $1 in
  build) echo "$BUILD" ;;
  demo) echo "$DEMO" ;;
  test) echo "$TEST" ;;
  live) echo "$LIVE" ;;
  *) echo "deps.sh: no set '$1'" >&2; exit 2 ;;
  esac
}
missing() {
  local p
  for p in $(set_of "$1"); do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
  done
}
case ${1:-} in
missing)
  command -v dpkg-query >/dev/null || exit 0        # another distribution: the compiler will say it
  need=$(missing "$2" | tr '\n' ' ')
  [ -z "$need" ] && exit 0
  echo "strata needs these packages: $need" >&2
  echo "Install them with: make deps      (or: apt-get install $need)" >&2
  exit 1 ;;
install)
  command -v apt-get >/dev/null || { echo "make deps knows apt only; install by hand: $(set_of "$2")" >&2; exit 1; }
  need=$(missing "$2" | tr '\n' ' ')
  [ -z "$need" ] && exit 0
  sudo=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "run as root: apt-get install $need" >&2; exit 1; }
    sudo=sudo
  fi
  $sudo apt-get -o DPkg::Lock::Timeout=900 update -qq || echo "apt-get update failed; trying with the lists that are there" >&2
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 install -y -qq --no-install-recommends $need ;;
*) echo "usage: deps.sh missing|install build|demo|test|live" >&2; exit 2 ;;
esac
