#!/bin/bash
# The live lab: a real Kubernetes (etcd, kube-apiserver, controllers, scheduler, KWOK as kubelets) and a real OpenStack
# (Keystone, Nova with a fake driver, Placement, Glance, Neutron, Cinder, Ironic, Heat, Magnum, Octavia) on loopback.
#   live.sh up [kubernetes|openstack|all]   start and seed (idempotent; what is slow to build is kept in STRATA_LAB)
#   live.sh down | status                   stop everything (data are kept) | what runs
#   live.sh env                             shell lines: KUBECONFIG, OS_CLIENT_CONFIG_FILE, PATH
#   live.sh check                           up from clean data, contract cases and stories on it, down; ends with "N passed, N failed"
# STRATA_LAB: directory of state, data and built servers (default /var/tmp/strata-lab). As root; Debian 12; a Go toolchain.
set -uo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
LAB=${STRATA_LAB:-/var/tmp/strata-lab}
K8S=$HERE/kubernetes/lab.sh OS=$HERE/openstack/lab.sh
mkdir -p "$LAB/log"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

kube() { LAB_STATE=$LAB/kubernetes "$K8S" "$@"; }
cloud() { LAB_STATE=$LAB/openstack "$OS" "$@"; }
go_here() {
  command -v go >/dev/null && return 0
  [ -x /usr/local/go/bin/go ] && { PATH=$PATH:/usr/local/go/bin; export PATH; return 0; }
  echo "live: the Kubernetes lab needs a Go toolchain (1.24 or newer) on the path" >&2
  return 1
}
up_kube() {
  go_here && kube up mgmt && kube seed mgmt
}
up_cloud() {
  cloud up && cloud seed
}
clean() { # NAME: stop it and forget its data; what is slow to build or fetch stays
  case $1 in
  kubernetes) kube down; rm -rf "$LAB/kubernetes/mgmt" "$LAB/kubernetes/tenant" "$LAB/kubernetes/story" ;;
  openstack) cloud down; find "$LAB/openstack" -mindepth 1 -maxdepth 1 ! -name debs -exec rm -rf {} + ;;
  esac >/dev/null 2>&1
}
again() { # NAME FN: once more from nothing if it did not come up
  "$2" >>"$LAB/log/$1.log" 2>&1 && return 0
  echo "live: $1 did not come up, trying once more from clean data" >&2
  tail -n 3 "$LAB/log/$1.log" >&2
  clean "$1"
  "$2" >>"$LAB/log/$1.log" 2>&1 && return 0
  echo "live: $1 did not come up; see $LAB/log/$1.log" >&2
  tail -n 20 "$LAB/log/$1.log" >&2
  return 1
}
up() {
  local rc=0 k='' o=''
  case ${1:-all} in kubernetes) k=1 ;; openstack) o=1 ;; all) k=1 o=1 ;; *) echo "live: up $1?" >&2; return 2 ;; esac
  [ -z "$o" ] || { again openstack up_cloud & }
  if [ -n "$k" ]; then again kubernetes up_kube || rc=1; fi
  [ -z "$o" ] || wait $! || rc=1
  # the tenant cluster's nodes are servers of that OpenStack
  if [ "$rc" = 0 ] && [ -n "$k$o" ] && [ "${1:-all}" = all ]; then
    { kube up tenant && kube seed tenant; } >>"$LAB/log/tenant.log" 2>&1 || { rc=1; tail -n 5 "$LAB/log/tenant.log" >&2; }
  fi
  [ "$rc" = 0 ] && echo "live: up. eval \"\$($0 env)\" sets KUBECONFIG and OS_CLIENT_CONFIG_FILE"
  return $rc
}
down() {
  kube down
  cloud down
}
env_lines() {
  echo "export STRATA_LAB=$LAB"
  echo "export KUBECONFIG=$LAB/kubernetes/mgmt/kubeconfig"
  echo "export OS_CLIENT_CONFIG_FILE=$LAB/openstack/clouds.yaml OS_CLOUD=lab-admin"
  echo "export PATH=\$PATH:$LAB/kubernetes/bin"
}
check() {
  local passed=0 failed=0 rc name log
  "$TOP/tests/deps.sh" install live || { echo "0 passed, 1 failed"; return 1; }
  make -C "$TOP" -s -j"$(nproc)" all || { echo "0 passed, 1 failed"; return 1; }
  trap 'down >/dev/null 2>&1' EXIT
  clean kubernetes; clean openstack; rm -rf "$LAB/state"     # what a run that was killed left behind is nobody's failure
  up all || { echo "0 passed, 1 failed"; return 1; }
  eval "$(env_lines)"
  for name in contract stories; do
    log=$LAB/log/$name.tap
    case $name in
    contract) timeout 2400 "$TOP/tests/contract/contract.sh" live >"$log" 2>&1 ;;
    stories) timeout 1200 "$HERE/stories.sh" >"$log" 2>&1 ;;
    esac
    rc=$?
    grep -E '^(ok|not ok)' -A 12 "$log" | grep -vE '^ok ' | head -n 200
    passed=$((passed + $(grep -cE '^ok ' "$log"))) n=$(grep -cE '^not ok ' "$log")
    [ "$rc" = 0 ] || [ "$n" != 0 ] || { n=1; echo "not ok - $name ended with $rc"; tail -n 15 "$log"; }
    failed=$((failed + n))
    printf '%-10s exit %s\n' "$name" "$rc"
  done
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

case ${1:-} in
up) up "${2:-all}" ;;
down) down ;;
status) kube status; cloud status ;;
env) env_lines ;;
check) check ;;
*) sed -n '2,9p' "$0"; exit 2 ;;
esac
