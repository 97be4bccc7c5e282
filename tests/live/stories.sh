#!/bin/bash
# End-to-end stories on the live lab: the cockpit on a pseudo-terminal (tests/screen) before real servers. Prints TAP.
#   stories.sh [STORY...]     default: all of tests/live/stories; called by live.sh check
# Wants KUBECONFIG, OS_CLIENT_CONFIG_FILE, OS_CLOUD and STRATA_LAB as `live.sh env` prints them. What breaks a Kubernetes
# does so in a cluster of its own, "story", which comes and goes here.
set -uo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
cd "$HERE/../.." || exit 2
LAB=${STRATA_LAB:-/var/tmp/strata-lab}
K8S=$HERE/kubernetes/lab.sh
export PATH=$PATH:$LAB/kubernetes/bin
kube() { LAB_STATE=$LAB/kubernetes LAB_METRICS=0 "$K8S" "$@"; }
make -s build/gcc/screen/play build/gcc/strata || { echo "not ok 1 - build"; exit 1; }

export STORY_KUBECONFIG=$LAB/kubernetes/story/kubeconfig
# commands for the stories: kubectl there and here, openstackclient, the lab's own scripts
export STORY_KUBECTL="kubectl --kubeconfig $STORY_KUBECONFIG"
export STORY_OSC="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=$LAB OS_CLIENT_CONFIG_FILE=${OS_CLIENT_CONFIG_FILE:-} OS_CLOUD=${OS_CLOUD:-} openstack"
export STORY_KUBE="env LAB_STATE=$LAB/kubernetes $K8S" STORY_CLOUD="env LAB_STATE=$LAB/openstack $HERE/openstack/lab.sh"
export STRATA=${STRATA:-build/gcc/strata} STRATA_SLOW=${STRATA_SLOW:-4}
export STORY_SANDWICH="env XDG_STATE_HOME=$LAB/state $HERE/sandwich/heal.py $(readlink -f "$STRATA") ${KUBECONFIG:-} $LAB/openstack ${OS_CLOUD:-}"

stories=("$@")
[ $# -gt 0 ] || stories=("$HERE"/stories/*.case)
trap '$STORY_OSC server delete story-vm >/dev/null 2>&1; [ -n "${STORY_KEEP:-}" ] || kube down story >&2' EXIT
if grep -qs STORY_KUBECONFIG "${stories[@]}"; then
  { kube up story && kube seed story; } >&2 || { echo "not ok 1 - the cluster of the stories"; exit 1; }
fi
build/gcc/screen/play -j 1 "${stories[@]}"
