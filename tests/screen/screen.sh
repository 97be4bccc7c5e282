#!/bin/bash
# Screen tests: the cockpit on a real pseudo-terminal, one case file each (tests/screen/README). Prints TAP.
#   screen.sh [CASE...]    default: all; STRATA=PROGRAM tests another build, JOBS=N plays N at a time
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
[ -n "$(ls core/sim/*.c 2>/dev/null)" ] && sim=build/gcc/strata-sim
make -s build/gcc/screen/play build/gcc/strata ${sim:-} || { echo "not ok 1 - build"; exit 1; }
export STRATA_SLOW=${STRATA_SLOW:-3} STRATA=${STRATA:-build/gcc/strata} STRATA_SIM=${STRATA_SIM:-build/gcc/strata-sim}
cases=("$@")
[ $# -gt 0 ] || mapfile -t cases < <(find tests/screen/cases -name '*.case' | sort)
exec build/gcc/screen/play -j "${JOBS:-4}" "${cases[@]}"
