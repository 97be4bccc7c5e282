#!/bin/bash
# Measures ./strata on a real control plane with many pods (`make bench`):
#   bench.sh [SIZE...]          default 1000 10000 pods; BENCH_REPS (3), BENCH_PHASES, BENCH_ROWS (100000: bench_store)
# The plane "bench" of the lab (STRATA_LAB, default /var/tmp/strata-lab) is started when it does not run, and stopped again then.
# Results: build/bench/DATE.jsonl (every line a measurement) and DATE.md (the table, also printed).
set -uo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
LAB=$TOP/tests/live/kubernetes/lab.sh
export LAB_STATE=${STRATA_LAB:-/var/tmp/strata-lab}/kubernetes
PLANE=$LAB_STATE/bench
OUT=$TOP/build/bench/$(date -u +%Y%m%d-%H%M%S)
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

die() { echo "bench: $*" >&2; exit 1; }
have() { "$1" -c 'import pyte, yaml' 2>/dev/null; }
python_with_modules() { # prints a python that has pyte and yaml; makes a virtual environment if the system's has not
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/strata-bench
  if have python3; then echo python3; return; fi
  if ! have "$cache/bin/python"; then
    python3 -m venv "$cache" >&2 && "$cache/bin/pip" install -q pyte pyyaml >&2 ||
      die "needs python3 with pyte and yaml: apt-get install python3-pyte python3-yaml (or python3-venv and a way to pip)"
  fi
  echo "$cache/bin/python"
}
runs() { # COMPONENT of the plane
  local pid at
  read -r pid at 2>/dev/null <"$PLANE/run/$1.pid" && [ -n "$at" ] && kill -0 "$pid" 2>/dev/null && echo "$pid"
}

for tool in curl ss python3; do command -v $tool >/dev/null || die "needs $tool (make deps; packages curl iproute2 python3)"; done
[ -x "$TOP/strata" ] || die "no ./strata: run make first"
PY=$(python_with_modules) || exit 1
mkdir -p "$TOP/build/bench"
started=''
stop() { [ -z "$started" ] || "$LAB" down bench >&2; }
trap stop EXIT
trap 'exit 130' INT TERM
if ! runs apiserver >/dev/null; then
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
  started=1
  "$LAB" up bench >&2 || die "the lab's plane did not start (see $PLANE/log)"
fi

sizes=${*:-1000 10000}
for n in $sizes; do
  "$LAB" pods "$n" bench >&2 || die "cannot make $n pods"
  # shellcheck disable=SC2086
  "$PY" "$HERE/bench.py" tool strata --kubeconfig "$PLANE/kubeconfig" --apiserver-pid "$(runs apiserver)" --path "$TOP" \
    --out "$OUT.jsonl" --reps "${BENCH_REPS:-3}" --idle "${BENCH_IDLE:-20}" --presses 100 --lags 6 --rates 100 --churn-seconds 30 \
    --quiet-wait "${BENCH_QUIET_WAIT:-20}" --phases "${BENCH_PHASES:-start,idle,keys,lag,filter,typing,churn}" \
    --churn "$LAB churn {rate} {seconds} {name}" >&2 || die "measuring with $n pods failed"
done
"$PY" "$HERE/bench.py" version strata --path "$TOP" --out "$OUT.jsonl" >&2
{
  "$PY" "$HERE/bench.py" table "$OUT.jsonl"
  store=$(ls -t "$TOP"/build/*/bench/bench_store 2>/dev/null | head -n 1)
  [ -z "$store" ] || { echo; "$store" "${BENCH_ROWS:-100000}" 30; }
} | tee "$OUT.md"
echo "bench: $OUT.md, $OUT.jsonl" >&2
