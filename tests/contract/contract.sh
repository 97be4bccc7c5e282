#!/bin/bash
# Contract cases: what `strata` prints in batch mode against what the servers say. TAP on stdout.
#   contract.sh sim          against the demo cloud ./strata-sim (started and ended here; STRATA_SIM_SEED=N has other ids)
#   contract.sh live         against real servers: KUBECONFIG (first context) and OS_CLIENT_CONFIG_FILE of the caller;
#                            kubectl's and openstackclient's answers at the same moment are the expected values
#   contract.sh MODE WORD... only the cases whose names contain one of the words
set -uo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy STRATA_CONFIG STRATA_NOW
export LC_ALL=C.UTF-8 STRATA=${STRATA:-$HERE/../../strata} STRATA_SIM=${STRATA_SIM:-$HERE/../../strata-sim}
export PYTHONDONTWRITEBYTECODE=1
PYTHON=python3
[ -x /usr/bin/python3 ] && PYTHON=/usr/bin/python3
case ${1:-} in
sim | live) exec "$PYTHON" "$HERE/run.py" "$@" ;;
*) sed -n '2,7p' "$0"; exit 2 ;;
esac
