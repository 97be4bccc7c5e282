#!/bin/sh
# Compares our cells with a real API server's own Table for every built-in Kubernetes kind:
#   tests/contract/table_oracle.sh ORACLE_BINARY [CONTEXT]          (KUBECONFIG as kubectl reads it)
# Needs kubectl and curl; reads only. The three answers are of one resourceVersion, so nothing can change between them.
set -eu
oracle=$1
context=${2:-$(kubectl config current-context)}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
config() { kubectl config view --raw --minify --flatten --context "$context" -o "jsonpath=$1"; }
server=$(config '{.clusters[0].cluster.server}')
config '{.clusters[0].cluster.certificate-authority-data}' | base64 -d >"$tmp/ca"
config '{.users[0].user.client-certificate-data}' | base64 -d >"$tmp/cert"
(umask 077; config '{.users[0].user.client-key-data}' | base64 -d >"$tmp/key")
get() {  # OUT ACCEPT PATH
    curl -sS -f -A oracle --cacert "$tmp/ca" --cert "$tmp/cert" --key "$tmp/key" -H "Accept: $2" -o "$1" "$server$3"
}
failed=0
for path in /api/v1/pods /api/v1/nodes /api/v1/namespaces /api/v1/services /api/v1/events \
    /apis/apps/v1/deployments /apis/apps/v1/statefulsets /apis/apps/v1/daemonsets /apis/apps/v1/replicasets \
    /apis/batch/v1/jobs /apis/batch/v1/cronjobs; do
    get "$tmp/rv" application/json "$path?limit=1"
    rv=$(head -c 400 "$tmp/rv" | grep -o '"metadata":{[^}]*"resourceVersion":"[0-9]*"' | head -n 1 | grep -o '[0-9]*"$' | tr -d '"')
    at="resourceVersion=$rv&resourceVersionMatch=Exact"
    get "$tmp/json" application/json "$path?$at"
    get "$tmp/pb" application/vnd.kubernetes.protobuf "$path?$at"
    now=$(($(date +%s%N) / 1000000))
    get "$tmp/table" 'application/json;as=Table;v=v1;g=meta.k8s.io' "$path?$at&includeObject=Metadata"
    "$oracle" "${path##*/}" "$tmp/json" "$tmp/pb" "$tmp/table" "$now" || failed=1
    if [ -n "${KEEP:-}" ]; then mkdir -p "$KEEP"; for f in json pb table; do cp "$tmp/$f" "$KEEP/${path##*/}.$f"; done; fi
done
exit $failed
