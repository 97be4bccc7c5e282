#!/bin/bash
# strata under faults: every allocation failing in turn, a misbehaving network, bodies without end, hostile text.
# TAP on stdout. fault.sh [WORD...] runs only the cases whose names contain one of the words.
set -uo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy STRATA_CONFIG STRATA_NOW STRATA_FAIL_ALLOC
export LC_ALL=C.UTF-8 STRATA=${STRATA:-$HERE/../../strata} STRATA_SIM=${STRATA_SIM:-$HERE/../../strata-sim}
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$HERE/../contract
PYTHON=python3
[ -x /usr/bin/python3 ] && PYTHON=/usr/bin/python3
exec "$PYTHON" "$HERE/fault.py" "$@"
