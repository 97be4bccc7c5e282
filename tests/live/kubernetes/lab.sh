#!/bin/bash
# Real Kubernetes control planes on loopback: etcd, kube-apiserver,
# kube-controller-manager, kube-scheduler, metrics-server, and KWOK in the
# place of the kubelets. No containers, no systemd, no internet but the Go proxy.
#
#   lab.sh build                        all binaries, from the Go module proxy
#   lab.sh up|seed|status|down [NAME]   one control plane (default mgmt; status, down: all)
#   lab.sh env [NAME]                   shell lines: KUBECONFIG, PATH
#   lab.sh pods N [NAME]                N running bench pods (up or down)
#   lab.sh churn RATE SECONDS [NAME]    pod status updates per second
#   lab.sh size|stat [NAME]             bytes per bench pod; objects, etcd size, RSS
#   lab.sh kill|start|pause|resume COMPONENT NAME      SIGKILL, start, SIGSTOP, SIGCONT
#   lab.sh compact NAME [restart]       compact etcd (restart: and the API server: watches get 410)
#   lab.sh node-down|node-up|node-notready NODE NAME   kubelet silent / back / says NotReady
#
# LAB_STATE   state directory (default /var/tmp/strata-lab/kubernetes), LAB_BIN binaries (LAB_STATE/bin)
# LAB_STAGES  full|fast  pod life in KWOK (default full; bench*: fast), kept per cluster
# LAB_METRICS 1|0        metrics-server (default 1; bench*: 0), kept per cluster
# LAB_VIA     etcd|api|controllers   how `pods` makes them (default etcd); LAB_SIZE small|normal|large
# LAB_FORCE   1: `pods` does not check the free memory first
# LAB_GRACE   seconds until a silent node is NotReady (default 20; bench*: 100), kept per cluster
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
STATE=${LAB_STATE:-/var/tmp/strata-lab/kubernetes}
BIN=${LAB_BIN:-$STATE/bin}
KUBE=v1.36.3 KWOK=v0.8.0 METRICS=v0.9.0
PATH=$PATH:$BIN
COMPONENTS="etcd apiserver controller-manager scheduler kwok aux metrics-server"

say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
die() { echo "lab: $*" >&2; exit 1; }

# ------------------------------------------------------------------- build --
build() {
  local v=k8s.io/component-base/version w=k8s.io/client-go/pkg/version ld p t
  mkdir -p "$BIN"
  ld="-s -w -X $v.gitVersion=$KUBE -X $v.gitMajor=1 -X $v.gitMinor=36 -X $v.gitTreeState=clean"
  ld+=" -X $v.buildDate=1970-01-01T00:00:00Z -X $w.gitVersion=$KUBE -X $w.gitMajor=1 -X $w.gitMinor=36"
  for p in k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager \
           k8s.io/kubernetes/cmd/kube-scheduler go.etcd.io/etcd/server/v3 ./labkube; do
    t=$(basename "$p"); [ "$t" = v3 ] && t=etcd
    if [ "$t" = labkube ]; then [ "$BIN/$t" -nt "$HERE/modules/labkube/pods.go" ] && continue
    else [ -x "$BIN/$t" ] && continue; fi
    (cd "$HERE/modules" && go build -trimpath -ldflags "$ld" -o "$BIN/$t" "$p") || die "cannot build $p"
    say "built $t"
  done
  # kubectl is what the tests compare with: the machine's own, or the one of the same release
  if ! command -v kubectl >/dev/null && [ ! -x "$BIN/kubectl" ]; then
    (cd "$HERE/modules" && go build -trimpath -ldflags "$ld" -o "$BIN/kubectl" k8s.io/kubernetes/cmd/kubectl) || die "cannot build kubectl"
    say "built kubectl"
  fi
  for p in sigs.k8s.io/kwok/cmd/kwok@$KWOK sigs.k8s.io/metrics-server/cmd/metrics-server@$METRICS; do
    t=$(basename "${p%@*}")
    [ -x "$BIN/$t" ] && continue
    (cd / && GOBIN=$BIN go install -trimpath -ldflags "-s -w" "$p") || die "cannot build $p"
    say "built $t"
  done
}

# --------------------------------------------------------------- processes --
# Every cluster: $STATE/NAME with run/, log/, pki/; twenty ports from its base.
use() {
  NAME=${1:-mgmt}
  [[ $NAME =~ ^[a-z][a-z0-9-]*$ ]] || die "bad cluster name: $NAME"
  DIR=$STATE/$NAME RUN=$STATE/$NAME/run LOG=$STATE/$NAME/log PKI=$STATE/$NAME/pki
  case $NAME in mgmt) BASE=16400;; tenant) BASE=16420;; bench) BASE=16440;; *)
    if [ -e "$DIR/base" ]; then BASE=$(cat "$DIR/base")
    else
      BASE=16460
      while grep -qsx "$BASE" "$STATE"/*/base; do BASE=$((BASE + 20)); done
    fi;; esac
  API=$BASE ETCD=$((BASE + 1)) PEER=$((BASE + 2)) KCM=$((BASE + 3)) SCHED=$((BASE + 4))
  KWOKP=$((BASE + 5)) MSP=$((BASE + 6)) TARGET=$((BASE + 7))
}
option() { # FILE DEFAULT VALUE: a setting that the cluster keeps
  if [ -n "$3" ]; then echo "$3" >"$DIR/$1"; elif [ ! -e "$DIR/$1" ]; then echo "$2" >"$DIR/$1"; fi
  cat "$DIR/$1"
}
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() { # COMPONENT -> pid of our own live process (pid and start time both match)
  local pid at
  read -r pid at 2>/dev/null <"$RUN/$1.pid" || return 1
  [ -n "$at" ] && [ "$(born "$pid")" = "$at" ] || return 1
  echo "$pid"
}
launch() { # COMPONENT CMD ARGS: background, own session, pid file
  local n=$1; shift
  alive "$n" >/dev/null && return 0
  (cd "$DIR" && exec setsid env -i PATH="$DIR/podbin:/usr/sbin:/usr/bin:/sbin:/bin" HOME="$DIR" LANG=C.UTF-8 \
     "$@" </dev/null >>"$LOG/$n.log" 2>&1) &
  echo "$! $(born $!)" >"$RUN/$n.pid"
}
stop() { # COMPONENT [SIGNAL]: TERM, then KILL after 10 s
  local pid i
  pid=$(alive "$1") || { rm -f "$RUN/$1.pid"; return 0; }
  kill -CONT "$pid" 2>/dev/null || true
  kill -"${2:-TERM}" "$pid" 2>/dev/null || true
  for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$RUN/$1.pid"
}
api() { # CURL ARGS PATH as cluster admin
  local p=${!#}
  curl -s --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "${@:1:$#-1}" "https://127.0.0.1:$API$p"
}
ready() { # COMPONENT CMD...: until CMD succeeds; fails when the component dies
  local n=$1 i; shift
  for ((i = 0; i < 600; i++)); do
    "$@" >/dev/null 2>&1 && return 0
    alive "$n" >/dev/null || { tail -3 "$LOG/$n.log" >&2; die "$NAME: $n died (see $LOG/$n.log)"; }
    sleep 0.1
  done
  die "$NAME: $n is not ready (see $LOG/$n.log)"
}
etcd_ok() { curl -sf -m 2 "http://127.0.0.1:$ETCD/health" | grep -q true; }
api_ok() { [ "$(api -m 5 /readyz)" = ok ]; }

start_one() { # COMPONENT
  case $1 in
  etcd) launch etcd "$BIN/etcd" --name "$NAME" --data-dir "$DIR/etcd" --unsafe-no-fsync \
      --listen-client-urls "http://127.0.0.1:$ETCD" --advertise-client-urls "http://127.0.0.1:$ETCD" \
      --listen-peer-urls "http://127.0.0.1:$PEER" --initial-advertise-peer-urls "http://127.0.0.1:$PEER" \
      --initial-cluster "$NAME=http://127.0.0.1:$PEER" --quota-backend-bytes 8589934592 \
      --snapshot-count 10000 --log-level warn
    ready etcd etcd_ok ;;
  apiserver) launch apiserver "$BIN/kube-apiserver" --bind-address 127.0.0.1 --secure-port "$API" \
      --advertise-address 192.0.2.10 --etcd-servers "http://127.0.0.1:$ETCD" --service-cluster-ip-range 10.96.0.0/16 \
      --tls-cert-file "$PKI/serving.crt" --tls-private-key-file "$PKI/serving.key" --client-ca-file "$PKI/ca.crt" \
      --token-auth-file "$DIR/tokens.csv" --authorization-mode Node,RBAC --anonymous-auth=true \
      --service-account-issuer https://kubernetes.default.svc.cluster.local \
      --service-account-key-file "$PKI/sa.pub" --service-account-signing-key-file "$PKI/sa.key" \
      --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" --kubelet-client-key "$PKI/apiserver-kubelet-client.key" \
      --kubelet-preferred-address-types ExternalDNS,InternalIP \
      --requestheader-client-ca-file "$PKI/front-proxy-ca.crt" --requestheader-allowed-names front-proxy-client \
      --requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
      --requestheader-username-headers X-Remote-User \
      --proxy-client-cert-file "$PKI/front-proxy-client.crt" --proxy-client-key-file "$PKI/front-proxy-client.key" \
      --allow-privileged=true --event-ttl 24h --v 1
    ready apiserver api_ok ;;
  controller-manager) launch controller-manager "$BIN/kube-controller-manager" --kubeconfig "$PKI/controller-manager.kubeconfig" \
      --bind-address 127.0.0.1 --secure-port "$KCM" --leader-elect=false --use-service-account-credentials=true --kube-api-qps 2000 --kube-api-burst 4000 \
      --service-account-private-key-file "$PKI/sa.key" --root-ca-file "$PKI/ca.crt" --allocate-node-cidrs=false \
      --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" --cluster-name "$NAME" \
      --node-monitor-period 2s --node-monitor-grace-period "$(cat "$DIR/grace")s" \
      --concurrent-deployment-syncs 20 --concurrent-replicaset-syncs 20 --concurrent-namespace-syncs 20 \
      --concurrent-gc-syncs 20 --horizontal-pod-autoscaler-sync-period 15s ;;
  scheduler) launch scheduler "$BIN/kube-scheduler" --config "$DIR/scheduler.yaml" \
      --bind-address 127.0.0.1 --secure-port "$SCHED" ;;
  kwok) launch kwok "$BIN/kwok" --config "$DIR/kwok.yaml" --kubeconfig "$PKI/kwok.kubeconfig" \
      --manage-nodes-with-label-selector hybrid.lab/kubelet=kwok --cidr 10.128.0.1/10 \
      --node-ip 127.0.0.1 --node-name localhost --node-port "$KWOKP" --server-address "127.0.0.1:$KWOKP" \
      --node-lease-duration-seconds "$(($(cat "$DIR/grace") / 2))" --tls-cert-file "$PKI/serving.crt" --tls-private-key-file "$PKI/serving.key" ;;
  aux) launch aux "$BIN/labkube" aux "$DIR/logs" "127.0.0.1:$TARGET" ;;
  metrics-server) [ "$(cat "$DIR/metrics")" = 1 ] || return 0
    launch metrics-server "$BIN/metrics-server" --kubeconfig "$PKI/metrics-server.kubeconfig" \
      --authentication-kubeconfig "$PKI/metrics-server.kubeconfig" --authorization-kubeconfig "$PKI/metrics-server.kubeconfig" \
      --bind-address 127.0.0.1 --secure-port "$MSP" --tls-cert-file "$PKI/serving.crt" --tls-private-key-file "$PKI/serving.key" \
      --kubelet-insecure-tls --kubelet-use-node-status-port --kubelet-preferred-address-types ExternalDNS --metric-resolution 15s ;;
  *) die "no component $1 (one of: $COMPONENTS)" ;;
  esac
}

# ------------------------------------------------------------------ config --
b64() { base64 -w0 "$1"; }
cluster() { # NAME PORT CA-FILE
  printf -- '- name: %s\n  cluster: {server: "https://127.0.0.1:%s", certificate-authority-data: %s}\n' "$1" "$2" "$(b64 "$3")"
}
certuser() { # NAME PKI-NAME
  printf -- '- name: %s\n  user: {client-certificate-data: %s, client-key-data: %s}\n' "$1" "$(b64 "$PKI/$2.crt")" "$(b64 "$PKI/$2.key")"
}
token() { awk -F, -v u="$1" '$2 == u {print $1}' "$DIR/tokens.csv"; }
context() { printf -- '- name: %s\n  context: {cluster: %s, user: %s%s}\n' "$1" "$2" "$3" "${4:+, namespace: $4}"; }
head_of() { printf 'apiVersion: v1\nkind: Config\npreferences: {}\ncurrent-context: %s\n' "$1"; }
users_of() { # PREFIX
  certuser "$1admin" admin; certuser "$1expired" expired
  local u
  for u in viewer ns-only nobody; do printf -- '- name: %s\n  user: {token: %s}\n' "$1$u" "$(token $u)"; done
  printf -- '- name: %s\n  user: {token: not-a-token}\n' "$1bad-token"
  printf -- '- name: %s\n  user: {tokenFile: %s}\n' "$1token-file" "$DIR/viewer.token"
  printf -- '- name: %s\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: %s, args: [%s], interactiveMode: Never, provideClusterInfo: false, env: [{name: LAB_EXEC_USER, value: ops}]}\n' \
    "$1exec-plugin" "$DIR/exec-credential" "$NAME"
  printf -- '- name: %s\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: %s, args: [fail], interactiveMode: Never}\n' \
    "$1exec-fails" "$DIR/exec-credential"
}
contexts_of() { # PREFIX CLUSTER
  local u
  for u in viewer nobody exec-plugin exec-fails expired bad-token token-file; do context "$1$u" "$2" "$1$u"; done
  context "$1ns-only" "$2" "$1ns-only" openstack
}
kubeconfigs() {
  local n d
  for n in controller-manager:kube-controller-manager scheduler:kube-scheduler kwok:kwok metrics-server:metrics-server; do
    { head_of x; echo "clusters:"; cluster x "$API" "$PKI/ca.crt"; echo "users:"; certuser x "${n#*:}"
      echo "contexts:"; context x x x; } >"$PKI/${n%%:*}.kubeconfig"
  done
  { head_of "$NAME"; echo "clusters:"; cluster "$NAME" "$API" "$PKI/ca.crt"; echo "users:"; certuser admin admin
    echo "contexts:"; context "$NAME" "$NAME" admin; } >"$DIR/admin.kubeconfig"
  { head_of admin; echo "clusters:"; cluster "$NAME" "$API" "$PKI/ca.crt"
    cluster wrong-ca "$API" "$PKI/other-ca.crt"; cluster unreachable 16399 "$PKI/ca.crt"
    echo "users:"; users_of ""; echo "contexts:"; context admin "$NAME" admin; contexts_of "" "$NAME"
    context wrong-ca wrong-ca admin; context unreachable unreachable admin; } >"$DIR/kubeconfig"
  # all clusters in one file
  (
    head_of mgmt; echo "clusters:"
    for d in "$STATE"/*/admin.kubeconfig; do use "$(basename "$(dirname "$d")")"; cluster "$NAME" "$API" "$PKI/ca.crt"; done
    echo "users:"
    for d in "$STATE"/*/admin.kubeconfig; do use "$(basename "$(dirname "$d")")"; users_of "$NAME-"; done
    echo "contexts:"
    for d in "$STATE"/*/admin.kubeconfig; do use "$(basename "$(dirname "$d")")"; context "$NAME" "$NAME" "$NAME-admin"; contexts_of "$NAME-" "$NAME"; done
  ) >"$STATE/kubeconfig.new"
  chmod 600 "$STATE/kubeconfig.new" "$DIR"/*kubeconfig
  mv "$STATE/kubeconfig.new" "$STATE/kubeconfig"
}
configure() {
  local u stages metrics grace
  mkdir -p "$RUN" "$LOG" "$PKI" "$DIR/logs" "$DIR/pod" "$DIR/podbin"
  chmod 755 "$DIR" "$DIR/pod"; chown 65534:65534 "$DIR/pod"
  echo "$BASE" >"$DIR/base"
  case $NAME in bench*) stages=fast metrics=0 grace=100;; *) stages=full metrics=1 grace=20;; esac
  stages=$(option stages $stages "${LAB_STAGES:-}")
  metrics=$(option metrics $metrics "${LAB_METRICS:-}")
  option grace $grace "${LAB_GRACE:-}" >/dev/null
  "$BIN/labkube" certs "$PKI"
  if [ ! -e "$DIR/tokens.csv" ]; then
    for u in viewer ns-only nobody ops; do echo "$(openssl rand -hex 16),$u,$u"; done >"$DIR/tokens.csv"
    chmod 600 "$DIR/tokens.csv"
  fi
  token viewer >"$DIR/viewer.token"
  cat >"$DIR/exec-credential" <<EXEC
#!/bin/sh
# Credential plugin: prints a token of user ops that expires soon; counts its calls.
date -u +%FT%TZ >>'$DIR/exec-credential.calls'
[ "\${1:-}" = fail ] && { echo "exec-credential: single sign-on is not available" >&2; exit 1; }
[ -n "\${KUBERNETES_EXEC_INFO:-}" ] || { echo "exec-credential: KUBERNETES_EXEC_INFO is not set" >&2; exit 1; }
sleep "\${LAB_EXEC_DELAY:-0}"
end=\$(date -u -d "+\${LAB_EXEC_TTL:-60} seconds" +%FT%TZ)
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s","expirationTimestamp":"%s"}}\n' '$(token ops)' "\$end"
EXEC
  chmod 755 "$DIR/exec-credential"
  kubeconfigs
  cat >"$DIR/scheduler.yaml" <<SCHED
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: $PKI/scheduler.kubeconfig, qps: 2000, burst: 4000}
SCHED
  {
    cat "$HERE/kwok-common.yaml"; echo ---
    if [ "$stages" = full ]; then /usr/bin/python3 "$HERE/stages.py"; else cat "$HERE/kwok-fast.yaml"; fi
    if [ "$metrics" = 1 ]; then echo ---; cat "$HERE/kwok-metrics.yaml"; fi
  } | sed -e "s|@DIR@|$DIR|g" -e "s|@TARGET@|$TARGET|g" -e "s|@PAR@|16|g" >"$DIR/kwok.yaml"
}

# ---------------------------------------------------------------- commands --
rbac() { # who may what; the metrics API
  kubectl --kubeconfig "$DIR/admin.kubeconfig" apply --server-side --force-conflicts -f "$HERE/rbac.yaml" >/dev/null
  if [ "$(cat "$DIR/metrics")" = 1 ]; then
    sed "s|@PORT@|$MSP|" "$HERE/metrics-api.yaml" |
      kubectl --kubeconfig "$DIR/admin.kubeconfig" apply --server-side --force-conflicts -f - >/dev/null
  fi
}
up() {
  local c
  build
  configure
  start_one etcd; start_one aux; start_one apiserver
  say "$NAME: API server ready on port $API"
  for c in controller-manager scheduler kwok metrics-server; do start_one $c; done
  rbac
  ready controller-manager curl -sfk "https://127.0.0.1:$KCM/healthz"
  ready scheduler curl -sfk "https://127.0.0.1:$SCHED/healthz"
  ready kwok curl -sfk "https://127.0.0.1:$KWOKP/healthz"
  ready controller-manager api -f /api/v1/namespaces/default/serviceaccounts/default
  say "$NAME: up. KUBECONFIG=$DIR/kubeconfig (contexts admin viewer ns-only nobody exec-plugin expired …)"
}
down() {
  local c
  [ -d "$RUN" ] || return 0
  for c in metrics-server kwok scheduler controller-manager; do stop $c & done; wait
  stop apiserver KILL; stop aux; stop etcd
  say "$NAME: down (data kept in $DIR; remove it to start from nothing)"
}
rss() { awk '/^VmRSS/{print int($2 / 1024)}' "/proc/$1/status"; }
status() {
  local c pid total=0 s
  printf '%-10s %-20s %8s %9s\n' CLUSTER COMPONENT PID RSS-MiB
  for c in $COMPONENTS; do
    [ "$c" = metrics-server ] && [ "$(cat "$DIR/metrics")" = 0 ] && continue
    if pid=$(alive "$c"); then
      s=$(awk '/^State/{print $2}' "/proc/$pid/status"); [ "$s" = T ] && s=' stopped' || s=''
      printf '%-10s %-20s %8s %9s%s\n' "$NAME" "$c" "$pid" "$(rss "$pid")" "$s"; total=$((total + $(rss "$pid")))
    else printf '%-10s %-20s %8s\n' "$NAME" "$c" down; fi
  done
  printf '%-10s %-20s %8s %9s\n' "$NAME" TOTAL '' "$total"
}
stat_line() { # etcd size and RSS
  local c pid line=""
  for c in $COMPONENTS; do pid=$(alive "$c") && line+=" $c $(rss "$pid")"; done
  printf '  etcd file %s MiB, in use %s MiB, keys %s; RSS MiB:%s\n' "$(metric etcd_mvcc_db_total_size_in_bytes 1048576)" \
    "$(metric etcd_mvcc_db_total_size_in_use_in_bytes 1048576)" "$(metric etcd_debugging_mvcc_keys_total 1)" "$line"
}
metric() { curl -s "http://127.0.0.1:$ETCD/metrics" | awk -v n="$1" -v d="$2" '$1 == n {printf "%d", $2 / d}'; }
labkube() { local s=$1; shift; "$BIN/labkube" "$s" -kubeconfig "$DIR/admin.kubeconfig" "$@"; }
pods() { # N: kwok-made or stored directly; the controller manager must not see half of it
  local via=${LAB_VIA:-etcd} a rc
  alive apiserver >/dev/null || die "$NAME is not up"
  # about 130 KiB of RAM per pod before any client lists them (measured); the machine is shared and has no swap
  [ "${LAB_FORCE:-0}" = 1 ] || [ "$(($1 * 130))" -lt "$(awk '/^MemAvailable/{print $2}' /proc/meminfo)" ] ||
    die "$1 pods need about $(($1 * 130 / 1048576)) GiB, more than is free (LAB_FORCE=1 to try)"
  a=(-n "$1" -via "$via" -etcd "127.0.0.1:$ETCD")
  a+=(-size "${LAB_SIZE:-normal}")
  labkube pods "${a[@]}" -phase prepare
  if [ "$via" = controllers ]; then labkube pods "${a[@]}" -phase load; labkube pods "${a[@]}" -phase wait
  else
    stop controller-manager
    rc=0
    labkube pods "${a[@]}" -phase load || rc=1
    if [ "$via" != etcd ] && [ "$rc" = 0 ]; then labkube pods "${a[@]}" -phase wait || rc=1; fi
    start_one controller-manager
    ready controller-manager curl -sfk "https://127.0.0.1:$KCM/healthz"
    [ "$rc" = 0 ] || die "$NAME: not $1 pods"
  fi
  say "$NAME: $1 pods"
  stat_line
}
compact() { # revisions before now are gone; a list with an old continue token gets 410
  local rev
  rev=$(curl -s -X POST "http://127.0.0.1:$ETCD/v3/kv/range" -d '{"key":"AA==","count_only":true}' |
    sed 's/.*"revision":"\([0-9]*\)".*/\1/')
  curl -s -X POST "http://127.0.0.1:$ETCD/v3/kv/compaction" -d "{\"revision\":\"$rev\",\"physical\":true}" >/dev/null
  say "$NAME: compacted at revision $rev"
  if [ "${1:-}" = restart ]; then
    stop apiserver KILL; start_one apiserver
    say "$NAME: API server restarted: its watch cache starts at a newer revision"
  fi
}
node() { kubectl --kubeconfig "$DIR/admin.kubeconfig" "$@"; }
clusters() { local d; for d in "$STATE"/*/base; do [ -e "$d" ] && basename "$(dirname "$d")"; done; }

case ${1:-} in
  build) build ;;
  up) use "${2:-}"; up ;;
  seed) use "${2:-}"
    LAB_API="https://127.0.0.1:$API" LAB_PKI=$PKI LAB_CLUSTER=$NAME LAB_OPENSTACK=$STATE/../openstack /usr/bin/python3 "$HERE/seed.py" ;;
  status|down) for n in ${2:-$(clusters)}; do use "$n"; "$1"; done ;;
  env) use "${2:-}"; echo "export KUBECONFIG=$DIR/kubeconfig PATH=$BIN:\$PATH" ;;
  pods) use "${3:-}"; pods "$2" ;;
  churn) use "${4:-}"; a=(-rate "$2" -seconds "$3"); [ "${LAB_CHURN:-}" != ready ] || a+=(-ready); labkube churn "${a[@]}" ;;
  size) use "${2:-}"; labkube size ;;
  stat) use "${2:-}"; stat_line ;;
  kill) use "${3:-}"; stop "$2" KILL; say "$NAME: $2 killed" ;;
  start) use "${3:-}"; start_one "$2"; say "$NAME: $2 started" ;;
  pause) use "${3:-}"; kill -STOP "$(alive "$2")"; say "$NAME: $2 stopped (SIGSTOP)" ;;
  resume) use "${3:-}"; kill -CONT "$(alive "$2")"; say "$NAME: $2 goes on" ;;
  compact) use "${2:-}"; compact "${3:-}" ;;
  node-down) use "${3:-}"; node label node "$2" hybrid.lab/kubelet=silent --overwrite ;;
  node-up) use "${3:-}"; node annotate node "$2" hybrid.lab/not-ready- >/dev/null; node label node "$2" hybrid.lab/kubelet=kwok --overwrite ;;
  node-notready) use "${3:-}"; node annotate node "$2" hybrid.lab/not-ready="container runtime network not ready: NetworkPluginNotReady" --overwrite ;;
  *) sed -n '2,26p' "$0"; exit 2 ;;
esac
