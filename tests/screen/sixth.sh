#!/bin/bash
# Screen cases that run under a sanitiser: a sixth of them, told by their names alone, so that a new case moves no other one.
#   sixth.sh AT [CASE...]      AT: 0 to 5; default: of all cases
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
at=$1
shift
[ $# -gt 0 ] || mapfile -t all < <(find tests/screen/cases -name '*.case' | sort)
for f in "$@" "${all[@]}"; do
  sum=$(basename "$f" | cksum)
  [ $((${sum%% *} % 6)) != "$at" ] || printf '%s\n' "$f"
done
