#!/bin/bash
# A real OpenStack (Debian bookworm packages: Zed) control plane on loopback,
# with fake hypervisors, started by hand. No systemd, no containers.
#
#   lab.sh up | seed | status | down | env      (idempotent; as root)
#
# LAB_STATE     state directory       (default /var/tmp/strata-lab/openstack)
# LAB_COMPUTES  compute host names    (default "compute-1 compute-2 compute-3 compute-4")
# LAB_SERVICES  what to run           (default: all; keystone is always there)
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
STATE=${LAB_STATE:-/var/tmp/strata-lab/openstack}
COMPUTES=${LAB_COMPUTES:-compute-1 compute-2 compute-3 compute-4}
SERVICES=${LAB_SERVICES:-glance placement nova neutron cinder ironic heat magnum octavia}
DB_PORT=13306 MQ_PORT=15673 MQ_DIST=15674 EPMD_PORT=15675
ETC=$STATE/etc RUN=$STATE/run LOG=$STATE/log BIN=$STATE/bin
CLEAN="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=$STATE/home LANG=C.UTF-8
  HYBRID_LAB=$STATE PYTHONPATH=$HERE PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
  EVENTLET_NO_GREENDNS=yes"

has() { case " $SERVICES " in *" $1 "*) return 0;; *) return 1;; esac; }
say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
die() { echo "lab: $*" >&2; exit 1; }

# ---------------------------------------------------------------- packages --
# python3-* libraries only: they carry the whole services and no maintainer
# scripts (no debconf/dbconfig questions, no users, no init scripts, no qemu).
# The api-paste files live in *-common packages: unpacked, never installed.
PKGS="mariadb-server-core mariadb-client-core rabbitmq-server uwsgi-core
 uwsgi-plugin-python3 python3-pymysql python3-openstackclient python3-keystone curl openssl procps"
PASTE=""
has glance    && PKGS+=" python3-glance"    PASTE+=" glance-common"
has placement && PKGS+=" python3-placement"
has nova      && PKGS+=" python3-nova"      PASTE+=" nova-common"
has neutron   && PKGS+=" python3-neutron"   PASTE+=" neutron-common"
has cinder    && PKGS+=" python3-cinder"    PASTE+=" cinder-common"
has ironic    && PKGS+=" python3-ironic python3-ironicclient"
has heat      && PKGS+=" python3-heat python3-heatclient"         PASTE+=" heat-common"
has magnum    && PKGS+=" python3-magnum python3-magnumclient"     PASTE+=" magnum-common"
has octavia   && PKGS+=" python3-octavia python3-octaviaclient"

packages() {
  local need="" p made=
  for p in $PKGS; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || need+=" $p"
  done
  if [ -n "$need" ]; then
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
      chmod 755 /usr/sbin/policy-rc.d; made=1
    fi
    apt-get -o DPkg::Lock::Timeout=900 update -qq || true
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 install -y -qq --no-install-recommends \
      -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold $need \
      >"$LOG/apt.log" 2>&1 </dev/null || { [ -z "$made" ] || rm -f /usr/sbin/policy-rc.d; tail -5 "$LOG/apt.log"; die "apt-get failed"; }
    [ -z "$made" ] || rm -f /usr/sbin/policy-rc.d
  fi
  for p in $PASTE; do
    [ -e "$STATE/debs/$p.ok" ] && continue
    (cd "$STATE/debs" && rm -f "$p"_*.deb && apt-get download -qq "$p" 2>/dev/null &&
      dpkg-deb -x "$p"_*.deb "$STATE/debs" && touch "$p.ok") || die "cannot unpack $p"
  done
}

# --------------------------------------------------------------- processes --
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }   # start time
alive() {   # NAME -> pid of our own live process (pid and start time both match:
  local pid at    # setproctitle overwrites environ, so a marker there is no use)
  read -r pid at 2>/dev/null <"$RUN/$1.pid" || return 1
  [ -n "$at" ] && [ "$(born "$pid")" = "$at" ] || return 1
  echo "$pid"
}
start() {   # NAME [VAR=x ...] CMD ARGS: background, own session, pid file
  local n=$1; shift
  alive "$n" >/dev/null && return 0
  # shellcheck disable=SC2086
  (cd "$STATE" && exec setsid $CLEAN "$@" </dev/null >>"$LOG/$n.log" 2>&1) &
  echo "$! $(born $!)" >"$RUN/$n.pid"
  grep -qx "$n" "$RUN/order" 2>/dev/null || echo "$n" >>"$RUN/order"
}
stop() {    # NAME: TERM, then KILL after 10 s, its whole process group
  local pid i
  pid=$(alive "$1") || { rm -f "$RUN/$1.pid"; return 0; }
  kill -TERM "$pid" 2>/dev/null || true
  for i in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  kill -KILL -- "-$pid" 2>/dev/null || true
  rm -f "$RUN/$1.pid"
}
run() { # shellcheck disable=SC2086
  (cd "$STATE" && $CLEAN "$@"); }
wait_tcp() { local i; for i in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0; sleep 0.2; done; die "nothing on port $1 (see $LOG)"; }
wait_http() {  # NAME URL
  local i c
  for i in $(seq 400); do
    c=$(run curl -s -o /dev/null -m 5 -w '%{http_code}' "$2" || true)
    case $c in 2*|3*|401) return 0;; esac
    alive "$1" >/dev/null || { tail -5 "$LOG/$1.log"; die "$1 died (see $LOG/$1.log)"; }
    sleep 0.3
  done
  die "$1 does not answer at $2 (see $LOG/$1.log)"
}
entry() { # NAME MODULE: a console script
  printf '#!/usr/bin/python3\nimport sys\nfrom %s import main\nif __name__ == "__main__":\n    sys.exit(main())\n' "$2" >"$BIN/$1"
  chmod 755 "$BIN/$1"
}
db() { echo "mysql+pymysql://lab:$SECRET@127.0.0.1:$DB_PORT/$1?charset=utf8"; }

# ------------------------------------------------------------------ config --
auth() {  # USER: a keystoneauth section body
  cat <<EOF
auth_type = password
auth_url = http://127.0.0.1:5000/v3
www_authenticate_uri = http://127.0.0.1:5000/v3
username = $1
password = $SECRET
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
EOF
}
common() { # SERVICE: messaging, locks, tokens
  cat <<EOF
[oslo_messaging_rabbit]
heartbeat_in_pthread = false
rabbit_retry_interval = 1
[oslo_messaging_notifications]
driver = noop
[oslo_concurrency]
lock_path = $STATE/data/$1/lock
[oslo_middleware]
enable_proxy_headers_parsing = true
[keystone_authtoken]
service_token_roles = service
service_token_roles_required = true
service_type = ${2:-$1}
$(auth "$1")
[service_user]
send_service_user_token = true
$(auth "$1")
EOF
}
MQ() { echo "rabbit://lab:$SECRET@127.0.0.1:$MQ_PORT/"; }

config() {
  local s h
  for s in keystone $SERVICES; do mkdir -p "$STATE/data/$s/lock" "$ETC/$s"; done
  cat >"$ETC/keystone/keystone.conf" <<EOF
[DEFAULT]
use_stderr = true
[database]
connection = $(db keystone)
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $STATE/data/keystone/fernet
[fernet_receipts]
key_repository = $STATE/data/keystone/fernet
[credential]
key_repository = $STATE/data/keystone/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
[oslo_messaging_notifications]
driver = noop
EOF
  has glance && cat >"$ETC/glance/glance-api.conf" <<EOF
[DEFAULT]
use_stderr = true
bind_host = 127.0.0.1
bind_port = 9292
workers = 0
enabled_import_methods = [glance-direct,web-download]
node_staging_uri = file://$STATE/data/glance/staging
image_cache_dir = $STATE/data/glance/cache
[database]
connection = $(db glance)
[paste_deploy]
flavor = keystone
config_file = $STATE/debs/usr/share/glance-common/glance-api-paste.ini
[glance_store]
stores = file,http
default_store = file
filesystem_store_datadir = $STATE/data/glance/images
$(common glance image)
EOF
  has placement && cat >"$ETC/placement/placement.conf" <<EOF
[DEFAULT]
use_stderr = true
[api]
auth_strategy = keystone
[placement_database]
connection = $(db placement)
[keystone_authtoken]
$(auth placement)
EOF
  if has nova; then
    cat >"$ETC/nova/nova.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
my_ip = 127.0.0.1
host = controller
state_path = $STATE/data/nova
instances_path = $STATE/data/nova/instances
enabled_apis = osapi_compute
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = 8774
osapi_compute_workers = 1
compute_driver = fake.LabDriver
periodic_fuzzy_delay = 0
report_interval = 5
service_down_time = 20
allow_resize_to_same_host = false
resize_confirm_window = 0
reclaim_instance_interval = 0
default_schedule_zone = nova
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = $STATE/debs/usr/share/nova-common/api-paste.ini
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 5
[compute]
live_migration_wait_for_vif_plug = false
[quota]
instances = 100
cores = 400
ram = 2000000
[vnc]
enabled = true
novncproxy_base_url = http://127.0.0.1:6080/vnc_auto.html
[glance]
$(auth nova)
[placement]
$(auth nova)
[neutron]
service_metadata_proxy = false
$(auth nova)
[cinder]
os_region_name = RegionOne
catalog_info = volumev3::publicURL
$(auth nova)
$(common nova compute)
EOF
    cat >"$ETC/nova/nova-db.conf" <<EOF
[api_database]
connection = $(db nova_api)
[database]
connection = $(db nova)
EOF
    for h in $COMPUTES; do
      mkdir -p "$STATE/data/nova-$h/lock"
      cat >"$ETC/nova/$h.conf" <<EOF
[DEFAULT]
host = $h
my_ip = 10.0.0.2${h##*-}
state_path = $STATE/data/nova-$h
instances_path = $STATE/data/nova-$h/instances
[oslo_concurrency]
lock_path = $STATE/data/nova-$h/lock
EOF
    done
  fi
  has neutron && cat >"$ETC/neutron/neutron.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
bind_host = 127.0.0.1
bind_port = 9696
host = controller
state_path = $STATE/data/neutron
core_plugin = ml2
service_plugins = router,trunk,qos,port_forwarding
api_paste_config = $STATE/debs/usr/share/neutron-common/api-paste.ini
api_workers = 0
rpc_workers = 0
rpc_state_report_workers = 0
agent_down_time = 45
dhcp_agents_per_network = 1
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
global_physnet_mtu = 1500
[agent]
report_interval = 15
[database]
connection = $(db neutron)
[nova]
$(auth nova)
[placement]
$(auth neutron)
$(common neutron network)
[ml2]
type_drivers = flat,vlan,vxlan
tenant_network_types = vxlan
mechanism_drivers = openvswitch
extension_drivers = port_security,qos
[ml2_type_flat]
flat_networks = physnet1
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:199
[ml2_type_vxlan]
vni_ranges = 1:1000
[securitygroup]
enable_security_group = true
EOF
  has cinder && cat >"$ETC/cinder/cinder.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
my_ip = 127.0.0.1
host = controller
state_path = $STATE/data/cinder
auth_strategy = keystone
api_paste_config = $STATE/debs/usr/share/cinder-common/api-paste.ini
resource_query_filters_file = $STATE/debs/etc/cinder/resource_filters.json
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = 8776
osapi_volume_workers = 1
enabled_backends = ssd-a,ssd-b,hdd
default_volume_type = ssd
glance_api_servers = http://127.0.0.1:9292
report_interval = 5
service_down_time = 20
image_conversion_dir = $STATE/data/cinder/conversion
[database]
connection = $(db cinder)
[coordination]
backend_url = file://$STATE/data/cinder
[ssd-a]
volume_driver = lab_cinder_driver.LabDriver
volume_backend_name = ssd
[ssd-b]
volume_driver = lab_cinder_driver.LabDriver
volume_backend_name = ssd
[hdd]
volume_driver = lab_cinder_driver.LabDriver
volume_backend_name = hdd
[nova]
$(auth nova)
$(common cinder block-storage)
EOF
  has ironic && cat >"$ETC/ironic/ironic.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
host = ironic-1
my_ip = 127.0.0.1
rpc_transport = none
auth_strategy = keystone
enabled_hardware_types = fake-hardware
enabled_bios_interfaces = fake,no-bios
enabled_boot_interfaces = fake
enabled_console_interfaces = fake,no-console
enabled_deploy_interfaces = fake
enabled_inspect_interfaces = fake,no-inspect
enabled_management_interfaces = fake
enabled_network_interfaces = noop
enabled_power_interfaces = fake
enabled_raid_interfaces = fake,no-raid
enabled_rescue_interfaces = fake,no-rescue
enabled_storage_interfaces = fake,noop
enabled_vendor_interfaces = fake,no-vendor
default_network_interface = noop
[api]
host_ip = 127.0.0.1
port = 6385
api_workers = 1
[fake]
power_delay = 1
deploy_delay = 1
[conductor]
sync_power_state_interval = 30
[dhcp]
dhcp_provider = none
[deploy]
http_root = $STATE/data/ironic/http
[pxe]
tftp_root = $STATE/data/ironic/tftp
tftp_master_path = $STATE/data/ironic/tftp-master
images_path = $STATE/data/ironic/images
instance_master_path = $STATE/data/ironic/master
[oslo_policy]
enforce_scope = false
enforce_new_defaults = false
[database]
connection = $(db ironic)
[service_catalog]
$(auth ironic)
[glance]
$(auth ironic)
[neutron]
$(auth ironic)
[nova]
$(auth ironic)
$(common ironic baremetal)
EOF
  has heat && cat >"$ETC/heat/heat.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
host = controller
num_engine_workers = 1
region_name_for_services = RegionOne
environment_dir = $STATE/debs/etc/heat/environment.d
template_dir = $STATE/debs/etc/heat/templates
heat_metadata_server_url = http://127.0.0.1:8000
heat_waitcondition_server_url = http://127.0.0.1:8000/v1/waitcondition
stack_user_domain_id = $(cat "$STATE/heat-domain-id" 2>/dev/null)
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = $SECRET
[heat_api]
bind_host = 127.0.0.1
bind_port = 8004
workers = 1
[paste_deploy]
api_paste_config = $STATE/debs/etc/heat/api-paste.ini
[database]
connection = $(db heat)
[clients_keystone]
auth_uri = http://127.0.0.1:5000
[trustee]
$(auth heat)
$(common heat orchestration)
EOF
  has magnum && cat >"$ETC/magnum/magnum.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
host = controller
state_path = $STATE/data/magnum
[api]
host = 127.0.0.1
port = 9511
workers = 1
api_paste_config = $STATE/debs/usr/share/magnum-common/api-paste.ini
[conductor]
workers = 1
[certificates]
cert_manager_type = x509keypair
[cluster]
etcd_discovery_service_endpoint_format = http://127.0.0.1:8087/new?size=%(size)d
[trust]
trustee_domain_name = magnum
trustee_domain_id = $(cat "$STATE/magnum-domain-id" 2>/dev/null)
trustee_domain_admin_name = magnum_domain_admin
trustee_domain_admin_domain_name = magnum
trustee_domain_admin_password = $SECRET
trustee_keystone_interface = public
[cinder_client]
region_name = RegionOne
[drivers]
verify_ca = false
[database]
connection = $(db magnum)
[keystone_auth]
$(auth magnum)
$(common magnum container-infra)
EOF
  has octavia && cat >"$ETC/octavia/octavia.conf" <<EOF
[DEFAULT]
use_stderr = true
transport_url = $(MQ)
host = controller
[api_settings]
bind_host = 127.0.0.1
bind_port = 9876
auth_strategy = keystone
enabled_provider_drivers = amphora:The Octavia Amphora driver.,octavia:Deprecated alias of the Octavia Amphora driver.
default_provider_driver = amphora
[controller_worker]
workers = 1
amphora_driver = amphora_noop_driver
compute_driver = compute_noop_driver
network_driver = network_noop_driver
volume_driver = volume_noop_driver
image_driver = image_noop_driver
distributor_driver = distributor_noop_driver
client_ca = $STATE/data/octavia/ca.pem
amp_image_tag = amphora
amp_flavor_id = 1
amp_boot_network_list = 00000000-0000-0000-0000-000000000001
[health_manager]
heartbeat_key = lab
bind_ip = 127.0.0.1
controller_ip_port_list = 127.0.0.1:5555
[certificates]
cert_generator = local_cert_generator
ca_certificate = $STATE/data/octavia/ca.pem
ca_private_key = $STATE/data/octavia/ca.key
server_certs_key_passphrase = insecure-key-do-not-use-this-key
[haproxy_amphora]
server_ca = $STATE/data/octavia/ca.pem
client_cert = $STATE/data/octavia/ca.pem
[driver_agent]
status_socket_path = $STATE/run/octavia-status.sock
stats_socket_path = $STATE/run/octavia-stats.sock
get_socket_path = $STATE/run/octavia-get.sock
[oslo_messaging]
topic = octavia-rpc
[database]
connection = $(db octavia)
[service_auth]
$(auth octavia)
$(common octavia load-balancer)
EOF
  if has octavia && [ ! -s "$STATE/data/octavia/ca.pem" ]; then
    run openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=lab octavia CA" \
      -keyout "$STATE/data/octavia/ca.key" -out "$STATE/data/octavia/ca.pem" 2>/dev/null
  fi
  entry nova-api nova.cmd.api;             entry nova-conductor nova.cmd.conductor
  entry nova-scheduler nova.cmd.scheduler; entry nova-manage nova.cmd.manage
  entry glance-api glance.cmd.api;         entry glance-manage glance.cmd.manage
  entry neutron-server neutron.cmd.eventlet.server
  entry neutron-db-manage neutron.db.migration.cli
  entry cinder-api cinder.cmd.api;         entry cinder-scheduler cinder.cmd.scheduler
  entry cinder-volume cinder.cmd.volume;   entry cinder-manage cinder.cmd.manage
  entry ironic ironic.cmd.singleprocess;   entry ironic-dbsync ironic.cmd.dbsync
  entry heat-api heat.cmd.api;             entry heat-engine heat.cmd.engine
  entry heat-manage heat.cmd.manage
}

# ---------------------------------------------------- database and message bus
infra() {
  if [ ! -d "$STATE/mysql/mysql" ]; then
    rm -rf "$STATE/mysql"
    run mariadb-install-db --no-defaults --user=root --datadir="$STATE/mysql" \
      --auth-root-authentication-method=normal --skip-test-db >"$LOG/mysql-install.log" 2>&1
  fi
  start mysql mariadbd --no-defaults --user=root --datadir="$STATE/mysql" \
    --socket="$RUN/mysql.sock" --pid-file="$RUN/mysqld.pid" \
    --bind-address=127.0.0.1 --port=$DB_PORT --skip-name-resolve --max-connections=1000 \
    --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=0 \
    --skip-innodb-doublewrite --innodb-flush-method=nosync --performance-schema=OFF \
    --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci
  mkdir -p "$STATE/rabbit"
  cat >"$STATE/rabbit/rabbitmq.conf" <<EOF
listeners.tcp.1 = 127.0.0.1:$MQ_PORT
default_user = lab
default_pass = $SECRET
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
EOF
  echo '[].' >"$STATE/rabbit/enabled_plugins"
  # epmd and the broker would otherwise listen on every interface
  start epmd ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$EPMD_PORT epmd
  wait_tcp $EPMD_PORT
  start rabbit ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$EPMD_PORT \
    RUNNING_UNDER_SYSTEMD=true RABBITMQ_NODENAME=lab@localhost \
    RABBITMQ_DIST_PORT=$MQ_DIST RABBITMQ_MNESIA_BASE="$STATE/rabbit/mnesia" \
    RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS=- \
    RABBITMQ_CONFIG_FILE="$STATE/rabbit/rabbitmq" \
    RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_ENABLED_PLUGINS_FILE="$STATE/rabbit/enabled_plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
  wait_tcp $DB_PORT
  local d sql=""
  for d in keystone nova_api nova_cell0 $SERVICES; do
    sql+="CREATE DATABASE IF NOT EXISTS \`$d\` CHARACTER SET utf8mb3; GRANT ALL ON \`$d\`.* TO 'lab'@'127.0.0.1';"
  done
  echo "CREATE USER IF NOT EXISTS 'lab'@'127.0.0.1' IDENTIFIED BY '$SECRET'; $sql" |
    run mariadb --no-defaults --socket="$RUN/mysql.sock" -u root
  wait_tcp $MQ_PORT
}

# ------------------------------------------------------------ schema, once --
sync_one() { # SERVICE: create or upgrade its schema
  local c=$ETC/$1
  case $1 in
    keystone)  run keystone-manage --config-file "$c/keystone.conf" db_sync ;;
    glance)    run "$BIN/glance-manage" --config-file "$c/glance-api.conf" db_sync
               run "$BIN/glance-manage" --config-file "$c/glance-api.conf" db_load_metadefs \
                 "$STATE/debs/usr/share/glance-common/metadefs" ;;
    placement) run placement-manage --config-file "$c/placement.conf" db sync ;;
    nova)      local nm="$BIN/nova-manage --config-file $c/nova.conf --config-file $c/nova-db.conf"
               run $nm api_db sync
               run $nm cell_v2 map_cell0 --database_connection "$(db nova_cell0)"
               run $nm db sync
               run $nm cell_v2 list_cells | grep -q ' cell1 ' ||
                 run $nm cell_v2 create_cell --name cell1 ;;
    neutron)   run "$BIN/neutron-db-manage" --config-file "$c/neutron.conf" upgrade heads ;;
    cinder)    run "$BIN/cinder-manage" --config-file "$c/cinder.conf" db sync ;;
    ironic)    run "$BIN/ironic-dbsync" --config-file "$c/ironic.conf" upgrade ;;
    heat)      run "$BIN/heat-manage" --config-file "$c/heat.conf" db_sync ;;
    magnum)    run magnum-db-manage --config-file "$c/magnum.conf" upgrade ;;
    octavia)   run octavia-db-manage --config-file "$c/octavia.conf" upgrade head ;;
  esac
}
sync_dbs() { # all of "$@", two at a time, skipping what is done
  local s p n pids="" bad=""
  for s in "$@"; do
    [ -e "$STATE/synced/$s" ] && continue
    while n=0; for p in $pids; do ! kill -0 "$p" 2>/dev/null || n=$((n + 1)); done
          [ "$n" -ge "${LAB_JOBS:-3}" ]; do sleep 0.2; done
    (set -e; sync_one "$s" >"$LOG/dbsync-$s.log" 2>&1; touch "$STATE/synced/$s"
     echo "      schema $s: done at ${SECONDS}s") & pids+=" $!"
  done
  for s in $pids; do wait "$s" || bad=1; done
  for s in "$@"; do [ -e "$STATE/synced/$s" ] || { tail -5 "$LOG/dbsync-$s.log"; bad="$bad $s"; }; done
  [ -z "$bad" ] || die "schema failed:$bad"
}

# --------------------------------------------------------------------- up --
uwsgi_app() { # NAME PORT WSGI-FILE THREADS ARGV [VAR=x ...]
  local n=$1 port=$2 file=$3 th=$4 argv=$5; shift 5
  start "$n" "$@" uwsgi --plugin python3 --http-socket "127.0.0.1:$port" \
    --wsgi-file "$file" --processes 1 --threads "$th" --enable-threads \
    --die-on-term --need-app --buffer-size 65535 --listen 100 --disable-logging \
    --add-header "Connection: close" ${argv:+--pyargv "$argv"}
}
up() {
  mkdir -p "$ETC" "$RUN" "$LOG" "$BIN" "$STATE/debs" "$STATE/data" "$STATE/home" "$STATE/synced"
  chmod 700 "$STATE"
  [ -s "$STATE/secret" ] || (umask 077; tr -dc a-z0-9 </dev/urandom | head -c 20 >"$STATE/secret" || true)
  SECRET=$(cat "$STATE/secret")
  packages; say "packages"
  config
  infra; say "database and message bus"
  sync_dbs keystone
  if [ ! -e "$STATE/synced/bootstrap" ]; then
    local k="keystone-manage --config-file $ETC/keystone/keystone.conf"
    mkdir -p -m 700 "$STATE/data/keystone/fernet" "$STATE/data/keystone/credential"
    run $k fernet_setup --keystone-user root --keystone-group root >"$LOG/bootstrap.log" 2>&1
    run $k credential_setup --keystone-user root --keystone-group root >>"$LOG/bootstrap.log" 2>&1
    run $k bootstrap --bootstrap-password "$SECRET" --bootstrap-region-id RegionOne \
      --bootstrap-public-url http://127.0.0.1:5000/v3 \
      --bootstrap-internal-url http://127.0.0.1:5000/v3 \
      --bootstrap-admin-url http://127.0.0.1:5000/v3 >>"$LOG/bootstrap.log" 2>&1
    touch "$STATE/synced/bootstrap"
  fi
  uwsgi_app keystone 5000 /usr/bin/keystone-wsgi-public 4 "" \
    OS_KEYSTONE_CONFIG_FILES="$ETC/keystone/keystone.conf"
  wait_http keystone http://127.0.0.1:5000/v3; say "keystone"
  if [ "$(cat "$STATE/synced/catalog" 2>/dev/null)" != "$SERVICES" ]; then
    run LAB_SECRET="$SECRET" LAB_SERVICES="$SERVICES" /usr/bin/python3 "$HERE/bootstrap.py" "$STATE"
    echo "$SERVICES" >"$STATE/synced/catalog"
    config                               # heat and magnum need their domain ids
    say "users, catalog, clouds.yaml"
  fi
  # shellcheck disable=SC2086
  sync_dbs $SERVICES; say "schemas"
  local h s
  if has placement; then uwsgi_app placement 8778 /usr/bin/placement-api 4 "" OS_PLACEMENT_CONFIG_DIR="$ETC/placement"; fi
  if has nova; then
    start nova-conductor "$BIN/nova-conductor" --config-file "$ETC/nova/nova.conf" --config-file "$ETC/nova/nova-db.conf"
    start nova-api "$BIN/nova-api" --config-file "$ETC/nova/nova.conf" --config-file "$ETC/nova/nova-db.conf"
    start nova-scheduler "$BIN/nova-scheduler" --config-file "$ETC/nova/nova.conf" --config-file "$ETC/nova/nova-db.conf"
  fi
  has neutron && start neutron-server "$BIN/neutron-server" --config-file "$ETC/neutron/neutron.conf"
  has glance && start glance-api "$BIN/glance-api" --config-file "$ETC/glance/glance-api.conf"
  if has cinder; then
    start cinder-api "$BIN/cinder-api" --config-file "$ETC/cinder/cinder.conf"
    start cinder-scheduler "$BIN/cinder-scheduler" --config-file "$ETC/cinder/cinder.conf"
    start cinder-volume "$BIN/cinder-volume" --config-file "$ETC/cinder/cinder.conf"
  fi
  if has neutron; then
    wait_http neutron-server http://127.0.0.1:9696/
    start neutron-agents LAB_COMPUTES="$COMPUTES" /usr/bin/python3 "$HERE/neutron_fake_agents.py" \
      --config-file "$ETC/neutron/neutron.conf"
  fi
  if has nova; then
    wait_http nova-api http://127.0.0.1:8774/
    for h in $COMPUTES; do start_compute "$h"; done
  fi
  has ironic && start ironic "$BIN/ironic" --config-file "$ETC/ironic/ironic.conf"
  if has heat; then
    start heat-api "$BIN/heat-api" --config-file "$ETC/heat/heat.conf"
    start heat-engine "$BIN/heat-engine" --config-file "$ETC/heat/heat.conf"
  fi
  if has magnum; then
    start magnum-discovery /usr/bin/python3 "$HERE/magnum_discovery.py"
    start magnum-api /usr/bin/magnum-api --config-file "$ETC/magnum/magnum.conf"
    start magnum-conductor /usr/bin/magnum-conductor --config-file "$ETC/magnum/magnum.conf"
  fi
  if has octavia; then
    uwsgi_app octavia-api 9876 /usr/bin/octavia-wsgi 2 "--config-file $ETC/octavia/octavia.conf"
    start octavia-worker /usr/bin/octavia-worker --config-file "$ETC/octavia/octavia.conf"
  fi
  say "started"
  has placement && wait_http placement http://127.0.0.1:8778/
  has glance && wait_http glance-api http://127.0.0.1:9292/healthcheck
  has cinder && wait_http cinder-api http://127.0.0.1:8776/
  has ironic && wait_http ironic http://127.0.0.1:6385/
  has heat && wait_http heat-api http://127.0.0.1:8004/
  has magnum && wait_http magnum-api http://127.0.0.1:9511/
  has octavia && wait_http octavia-api http://127.0.0.1:9876/
  run OS_CLIENT_CONFIG_FILE="$STATE/clouds.yaml" LAB_COMPUTES="$COMPUTES" LAB_SERVICES="$SERVICES" \
    /usr/bin/python3 "$HERE/ready.py"
  say "up: OS_CLIENT_CONFIG_FILE=$STATE/clouds.yaml OS_CLOUD=lab-admin"
}
start_compute() {
  start "nova-compute@$1" /usr/bin/python3 "$HERE/nova_compute_lab.py" \
    --config-file "$ETC/nova/nova.conf" --config-file "$ETC/nova/$1.conf"
}

status() {
  local n pid rss total=0 procs=0 k p
  printf '%-24s %8s %6s %9s\n' SERVICE PID PROCS RSS-MiB
  while read -r n; do
    if pid=$(alive "$n"); then
      rss=0 k=0
      while read -r p r; do rss=$((rss + r)); k=$((k + 1)); done < <(ps -o pid=,rss= -s "$pid")
      printf '%-24s %8s %6s %9s\n' "$n" "$pid" "$k" "$((rss / 1024))"
      total=$((total + rss)); procs=$((procs + k))
    else
      printf '%-24s %8s\n' "$n" down
    fi
  done <"$RUN/order"
  printf '%-24s %8s %6s %9s\n' TOTAL '' "$procs" "$((total / 1024))"
}
down() {
  local n
  [ -e "$RUN/order" ] || return 0
  for n in $(tac "$RUN/order" | grep -vxE 'mysql|rabbit|epmd'); do stop "$n" & done; wait
  stop rabbit; stop epmd; stop mysql
  rm -f "$RUN/order"
  say "down (data kept in $STATE; remove it to start from nothing)"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  status) status ;;
  seed) run OS_CLIENT_CONFIG_FILE="$STATE/clouds.yaml" LAB_SERVICES="$SERVICES" LAB_SECRET="$(cat "$STATE/secret")" \
          /usr/bin/python3 "$HERE/seed.py" ;;
  env) echo "export OS_CLIENT_CONFIG_FILE=$STATE/clouds.yaml OS_CLOUD=lab-admin" ;;
  stop) stop "$2" ;;                           # one process, by its status name
  compute-stop) stop "nova-compute@$2" ;;      # a compute host dies ...
  compute-start) start_compute "$2" ;;         # ... and comes back
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
