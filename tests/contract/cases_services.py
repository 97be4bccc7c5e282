"""The other OpenStack services by their own APIs: what they refuse and how they say it, and the lives of what they make; the same on sim and on real servers."""
import hashlib
import json
import re
import time
import urllib.request

from case import collector
from cloud import check, equal, until
from ostk_api import Api, Service

CASES = []
PARTS = 3
case = collector(CASES)
NOWHERE = "00000000-0000-4000-8000-000000000000"


def both(cloud):
    return Api(cloud, cloud.admin_cloud), Api(cloud, cloud.member_cloud)


def plain(doc):
    """The sentence of an error in whatever form the service gives it, ids left out."""
    if "NeutronError" in doc:
        text = "%s: %s" % (doc["NeutronError"]["type"], doc["NeutronError"]["message"])
    elif "error_message" in doc:                                # Ironic: a document in a string
        inner = json.loads(doc["error_message"])
        text = inner.get("faultstring") or inner["description"]
    elif "faultstring" in doc:
        text = doc["faultstring"]
    elif "explanation" in doc:
        text = "%s: %s" % (doc["error"]["type"], doc["error"]["message"])
    elif "errors" in doc:
        text = doc["errors"][0]["detail"]
    elif "title" in doc:
        text = doc.get("message", doc.get("description", "")).split("<br")[0]
    else:
        (_, fault), = doc.items()
        text = fault["message"]
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b", "ID", text)


MALFORMED = "The server could not comply with the request since it is either malformed or otherwise incorrect.\n\n "
# service, version, who, method, path, body, code, sentence
REFUSED = [
    ("network", None, "m", "GET", "/v2.0/networks/" + NOWHERE, None, 404, "NetworkNotFound: Network ID could not be found."),
    ("network", None, "m", "GET", "/v2.0/nosuch", None, 404, "HTTPNotFound: The resource could not be found."),
    ("network", None, "m", "GET", "/v2.0/networks?zz=1", None, 400, "HTTPBadRequest: ['zz'] is invalid attribute for filtering"),
    ("network", None, "m", "GET", "/v2.0/networks?sort_key=name&sort_dir=zz", None, 400,
     "HTTPBadRequest: ['zz'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"),
    ("network", None, "m", "GET", "/v2.0/networks?sort_key=name", None, 400, "HTTPBadRequest: The number of sort_keys and sort_dirs must be same"),
    ("network", None, "m", "POST", "/v2.0/networks", {}, 400, "HTTPBadRequest: Unable to find 'network' in request body"),
    ("network", None, "m", "POST", "/v2.0/networks", {"network": {"name": 1}}, 400, "HTTPBadRequest: Invalid input for name. Reason: '1' is not a valid string."),
    ("network", None, "m", "POST", "/v2.0/networks", {"network": {"zz": 1}}, 400, "HTTPBadRequest: Unrecognized attribute(s) 'zz'"),
    ("network", None, "m", "POST", "/v2.0/networks", {"network": {"shared": True}}, 403,
     "PolicyNotAuthorized: (rule:create_network and rule:create_network:shared) is disallowed by policy"),
    ("network", None, "m", "POST", "/v2.0/networks", {"network": {"provider:network_type": "vlan"}}, 403,
     "PolicyNotAuthorized: (rule:create_network and rule:create_network:provider:network_type) is disallowed by policy"),
    ("network", None, "m", "POST", "/v2.0/subnets", {"subnet": {"network_id": NOWHERE, "cidr": "10.0.0.0/24", "ip_version": 4}}, 404,
     "NetworkNotFound: Network ID could not be found."),
    ("network", None, "m", "POST", "/v2.0/ports", {"port": {}}, 400, "HTTPBadRequest: Failed to parse request. Required attribute 'network_id' not specified"),
    ("network", None, "m", "POST", "/v2.0/floatingips", {"floatingip": {"floating_network_id": NOWHERE}}, 404, "NetworkNotFound: Network ID could not be found."),
    ("network", None, "m", "DELETE", "/v2.0/agents/" + NOWHERE, None, 404, "AgentNotFound: Agent ID could not be found."),
    ("volume", "3.70", "m", "GET", "/volumes/zz", None, 404, "Volume zz could not be found."),
    ("volume", "3.70", "m", "GET", "/os-services", None, 403, "Policy doesn't allow volume_extension:services:index to be performed."),
    ("volume", "3.70", "m", "GET", "/clusters", None, 403, "Policy doesn't allow clusters:get_all to be performed."),
    ("volume", "3.70", "m", "POST", "/volumes", {"volume": {"size": 0}}, 400, "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1"),
    ("volume", "3.70", "m", "POST", "/volumes", {"volume": {"size": 1, "availability_zone": "zz"}}, 400, "Availability zone 'zz' is invalid."),
    ("volume", "3.70", "m", "POST", "/volumes", {"volume": {"size": 1, "volume_type": "zz"}}, 404, "Volume type with name zz could not be found."),
    ("volume", "3.70", "m", "DELETE", "/volumes/" + NOWHERE, None, 404, "Volume ID could not be found."),
    ("volume", "3.99", "m", "GET", "/volumes", None, 406, "Version 3.99 is not supported by the API. Minimum is 3.0 and maximum is 3.70."),
    ("volume", "3.26", "m", "GET", "/attachments", None, 404, "The resource could not be found."),
    ("image", None, "m", "GET", "/v2/images/zz", None, 404, "No image found with ID zz"),
    ("image", None, "m", "DELETE", "/v2/images/zz", None, 404, "Failed to find image zz to delete"),
    ("image", None, "m", "GET", "/v2/images?limit=abc", None, 400, "limit param must be an integer"),
    ("image", None, "m", "GET", "/v2/images?visibility=zz", None, 400, "Invalid visibility value: zz"),
    ("image", None, "m", "POST", "/v2/images", {"visibility": "public"}, 403, "You are not authorized to complete publicize_image action."),
    ("image", None, "m", "POST", "/v2/images", "x", 400, "Malformed JSON in request body."),
    ("image", None, "m", "GET", "/v2/tasks", None, 403, "You are not authorized to complete tasks_api_access action."),
    ("placement", "1.39", "a", "GET", "/resource_providers/" + NOWHERE, None, 404, "The resource could not be found.\n\n No resource provider with uuid ID found  "),
    ("placement", "1.39", "a", "GET", "/allocation_candidates", None, 400, MALFORMED + "There must be at least one resources or resources[$S] parameter.  "),
    ("load-balancer", None, "m", "GET", "/v2/lbaas/loadbalancers/" + NOWHERE, None, 404, "Load Balancer ID not found."),
    ("load-balancer", None, "m", "GET", "/v2/lbaas/loadbalancers?limit=x", None, 400, "Supplied pagination limit 'x' is not valid."),
    ("load-balancer", None, "m", "GET", "/v2/lbaas/loadbalancers?zz=1", None, 400, "One or more arguments are either duplicate or invalid"),
    ("load-balancer", None, "m", "GET", "/v2/octavia/amphorae", None, 403, "Policy does not allow this request to be performed."),
    ("load-balancer", None, "m", "POST", "/v2/lbaas/loadbalancers", {"loadbalancer": {}}, 400,
     "Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id."),
    ("load-balancer", None, "m", "POST", "/v2/lbaas/loadbalancers", {"loadbalancer": {"vip_subnet_id": "zz"}}, 400,
     "Invalid input for field/attribute vip_subnet_id. Value: 'zz'. Value should be UUID format"),
    ("load-balancer", None, "m", "POST", "/v2/lbaas/listeners", {"listener": {"protocol": "HTTP"}}, 400,
     "Invalid input for field/attribute protocol_port. Value: 'None'. Mandatory field missing."),
    ("baremetal", "1.82", "a", "GET", "/v1/nodes/nosuch", None, 404, "Node nosuch could not be found."),
    ("baremetal", "1.82", "a", "GET", "/v1/nodes?limit=x", None, 400, "Expected an integer for limit: x"),
    ("baremetal", "1.82", "a", "GET", "/v1/nodes?provision_state=zz", None, 400, "Provision state \"zz\" is not valid"),
    ("baremetal", "1.82", "a", "POST", "/v1/nodes", {}, 400, "Schema error for node: 'driver' is a required property"),
    ("baremetal", "1.82", "a", "GET", "/v1/drivers/zz", None, 404, "Could not find the following driver(s) or hardware type(s): zz."),
    ("baremetal", "zz", "a", "GET", "/v1/nodes", None, 406, "Invalid value for X-OpenStack-Ironic-API-Version header"),
    ("orchestration", None, "m", "GET", "/stacks/nosuch", None, 404, "EntityNotFound: The Stack (nosuch) could not be found."),
    ("orchestration", None, "m", "GET", "/stacks?limit=x", None, 400, "HTTPBadRequest: Only integer is acceptable by 'limit'."),
    ("orchestration", None, "m", "GET", "/services", None, 403, "Forbidden: You are not authorized to use service:index."),
    ("orchestration", None, "m", "POST", "/stacks", {"stack_name": "x", "template": {"heat_template_version": "2018-08-31", "resources": {"a": {"type": "OS::Zz"}}}},
     400, "StackValidationFailed: The Resource Type (OS::Zz) could not be found."),
    ("orchestration", None, "m", "POST", "/stacks", {"stack_name": "1x", "template": {"heat_template_version": "2018-08-31"}}, 400,
     "StackValidationFailed: Invalid stack name 1x must contain only alphanumeric or \"_-.\" characters, must start with alpha and must be 255 characters or less."),
    ("container-infra", None, "m", "GET", "/clusters/nosuch", None, 404, "Cluster nosuch could not be found."),
    ("container-infra", None, "m", "GET", "/clustertemplates/nosuch", None, 404, "ClusterTemplate nosuch could not be found."),
    ("identity", None, "m", "GET", "/users", None, 403, "You are not authorized to perform the requested action: identity:list_users."),
    ("identity", None, "a", "GET", "/projects/zz", None, 404, "Could not find project: zz."),
    ("identity", None, "a", "POST", "/users", {"user": {"name": "demo"}}, 409,
     "Conflict occurred attempting to store user - Duplicate entry found with name demo at domain ID default."),
    ("identity", None, "m", "POST", "/auth/tokens", "x", 400,
     "Expecting to find valid JSON in request body. The server could not comply with the request since it is either malformed or otherwise incorrect. "
     "The client is assumed to be in error."),
]


@case("services: refusals of {} in the real words", each=sorted({r[0] for r in REFUSED}))
def refusals(cloud, service):
    admin, member = both(cloud)
    wrong = []
    for name, version, who, method, path, body, code, text in REFUSED:
        if name != service:
            continue
        got, doc = (admin if who == "a" else member).call(method, path, body, version, name)
        if (got, plain(doc) if got >= 400 else doc) != (code, text):
            wrong.append("%s %s %r: got %s %r, want %s %r" % (method, path, body, got, doc, code, text))
    check(not wrong, "\n".join(wrong))


# service, path, the headers of a 401 besides those of every answer
STRANGERS = [
    ("compute", "/servers", {"x-openstack-request-id", "x-compute-request-id"}), ("network", "/v2.0/networks", {"x-openstack-request-id"}),
    ("volume", "/volumes", {"x-openstack-request-id"}), ("image", "/v2/images", set()), ("placement", "/resource_providers", {"x-openstack-request-id"}),
    ("load-balancer", "/v2/lbaas/loadbalancers", set()), ("baremetal", "/v1/nodes", set()), ("identity", "/users", {"x-openstack-request-id"}),
]


@case("services: who is not known gets 401, where to ask, and the ids that service gives")
def strangers(cloud):
    member = both(cloud)[1]
    member.token = "nobody"
    for service, path, ids in STRANGERS:
        code, doc = member.call("GET", path, version=None, service=service)
        equal(code, 401, service)
        check("Keystone uri=" in member.headers["WWW-Authenticate"], "%s: %r" % (service, member.headers.items()))
        got = {k.lower() for k in member.headers if k.lower().endswith("request-id") or k.lower().endswith("api-version")}
        equal(got, ids, "headers of %s" % service)
        check("authoriz" in json.dumps(doc) or "authentic" in json.dumps(doc), doc)


def gone(service, path):
    until("%s is gone" % path, lambda: service.call("GET", path)[0] == 404, 60)


def subnet_of_mine(net):
    mine = net.api.project
    return [s for s in net.get("/v2.0/subnets")["subnets"] if s["project_id"] == mine and s["name"] == "demo-net-v4"][0]


@case("services: a network, its subnet, a port, a router and a floating address, and what holds what")
def network(cloud):
    net = Service(both(cloud)[1], "network")
    made = []

    def make(kind, one, want=201, **body):
        doc = net.ask("POST", "/v2.0/" + kind, {one: body}, want)
        if want == 201:
            made.append("/v2.0/%s/%s" % (kind, doc[one]["id"]))
            return doc[one]
        return plain(doc)
    try:
        n = make("networks", "network", name="contract-net")
        equal((n["status"], n["subnets"], n["router:external"], n["mtu"], "is_default" in n, "provider:network_type" in n), ("ACTIVE", [], False, 1450, True, False), "network")
        check("is_default" not in net.get("/v2.0/networks/" + n["id"])["network"], "only said when it is made")
        s = make("subnets", "subnet", network_id=n["id"], cidr="10.77.0.0/24", ip_version=4, name="contract-sub")
        equal((s["gateway_ip"], s["allocation_pools"], s["enable_dhcp"]), ("10.77.0.1", [{"start": "10.77.0.2", "end": "10.77.0.254"}], True), "subnet")
        equal(make("subnets", "subnet", 400, network_id=n["id"], cidr="10.77.0.0/25", ip_version=4),
              "InvalidInput: Invalid input for operation: Requested subnet with cidr: 10.77.0.0/25 for network: ID overlaps with another subnet.", "overlap")
        equal(net.get("/v2.0/networks/" + n["id"])["network"]["subnets"], [s["id"]], "subnets of the network")
        p = make("ports", "port", network_id=n["id"], fixed_ips=[{"subnet_id": s["id"], "ip_address": "10.77.0.150"}], name="contract-port")
        equal((p["status"], p["device_owner"], len(p["security_groups"]), p["fixed_ips"]), ("DOWN", "", 1, [{"subnet_id": s["id"], "ip_address": "10.77.0.150"}]), "port")
        for ip, want, text in [("10.77.0.150", 409, "IpAddressAlreadyAllocated: IP address 10.77.0.150 already allocated in subnet ID"),
                               ("10.99.0.1", 400, "InvalidIpForSubnet: IP address 10.99.0.1 is not a valid IP for the specified subnet.")]:
            equal(make("ports", "port", want, network_id=n["id"], fixed_ips=[{"subnet_id": s["id"], "ip_address": ip}]), text, ip)
        until("the DHCP agent's port", lambda: net.get("/v2.0/ports?device_owner=network:dhcp&network_id=" + n["id"])["ports"], 30)
        r = make("routers", "router", name="contract-router")
        outside = net.get("/v2.0/networks?router:external=true")["networks"][0]
        g = net.ask("PUT", "/v2.0/routers/" + r["id"], {"router": {"external_gateway_info": {"network_id": outside["id"]}}})["router"]["external_gateway_info"]
        equal((g["network_id"], g["enable_snat"], len(g["external_fixed_ips"])), (outside["id"], True, 1), "gateway")
        net.ask("PUT", "/v2.0/routers/%s/add_router_interface" % r["id"], {"subnet_id": s["id"]})
        equal(plain(net.ask("PUT", "/v2.0/routers/%s/add_router_interface" % r["id"], {"subnet_id": s["id"]}, 400)),
              "BadRequest: Bad router request: Router already has a port on subnet ID.", "twice")
        f = make("floatingips", "floatingip", floating_network_id=outside["id"], port_id=p["id"])
        equal((f["fixed_ip_address"], f["router_id"], f["port_id"]), ("10.77.0.150", r["id"], p["id"]), "floating address")
        for path, text in [("routers/" + r["id"], "RouterInUse: Router ID has ports still attached: ID"),
                           ("subnets/" + s["id"], "SubnetInUse: Unable to complete operation on subnet ID: One or more ports have an IP allocation from this subnet.")]:
            equal(plain(net.ask("DELETE", "/v2.0/" + path, None, 409)), text, path)
        said = plain(net.ask("DELETE", "/v2.0/networks/" + n["id"], None, 409))
        equal(said, "NetworkInUse: Unable to complete operation on network ID. There are one or more ports still in use on the network, id for these ports is: ID,ID.", "network")
        equal(plain(net.ask("PUT", "/v2.0/routers/%s/remove_router_interface" % r["id"], {"subnet_id": s["id"]}, 409)),
              "RouterInterfaceInUseByFloatingIP: Router interface for subnet ID on router ID cannot be deleted, as it is required by one or more floating IPs.", "interface")
        net.ask("DELETE", made.pop(), None, 204)
        net.ask("PUT", "/v2.0/routers/%s/remove_router_interface" % r["id"], {"subnet_id": s["id"]})
    finally:
        for path in reversed(made):
            net.call("DELETE", path)
    equal([net.call("GET", path)[0] for path in made], [404] * len(made), "what was made is gone")


@case("services: a security group and its rules")
def security_group(cloud):
    net = Service(both(cloud)[1], "network")
    g = net.ask("POST", "/v2.0/security-groups", {"security_group": {"name": "contract-sg"}}, 201)["security_group"]
    rule = lambda want, **more: net.ask("POST", "/v2.0/security-group-rules", {"security_group_rule": dict({"security_group_id": g["id"], "direction": "ingress"}, **more)}, want)
    try:
        equal(sorted((r["direction"], r["ethertype"]) for r in g["security_group_rules"]), [("egress", "IPv4"), ("egress", "IPv6")], "rules of a new group")
        r = rule(201, protocol="tcp", port_range_min=80, port_range_max=80)["security_group_rule"]
        equal((r["ethertype"], r["remote_ip_prefix"], r["port_range_max"]), ("IPv4", None, 80), "rule")
        equal(plain(rule(409, protocol="tcp", port_range_min=80, port_range_max=80)), "SecurityGroupRuleExists: Security group rule already exists. Rule id is ID.", "twice")
        equal(plain(rule(400, protocol="tcp", port_range_min=9, port_range_max=5)),
              "SecurityGroupInvalidPortRange: For TCP/UDP protocols, port_range_min must be <= port_range_max", "ports")
        equal(plain(rule(400, port_range_min=9, port_range_max=15)), "SecurityGroupProtocolRequiredWithPorts: Must also specify protocol if port range is given.", "protocol")
        equal(len(net.get("/v2.0/security-groups/" + g["id"])["security_group"]["security_group_rules"]), 3, "rules")
    finally:
        net.ask("DELETE", "/v2.0/security-groups/" + g["id"], None, 204)


@case("services: a volume grows, is held by its snapshot, is renamed and goes")
def volume(cloud):
    vol = Service(both(cloud)[1], "volume", "3.70")
    v = vol.ask("POST", "/volumes", {"volume": {"size": 1, "name": "contract-vol", "metadata": {"a": "b"}}}, 202)["volume"]
    path = "/volumes/" + v["id"]
    state = lambda p=path, one="volume": vol.get(p)[one]["status"]
    try:
        equal((v["status"], v["size"], v["bootable"], v["attachments"], v["metadata"]), ("creating", 1, "false", [], {"a": "b"}), "volume")
        until("available", lambda: state() == "available")
        vol.ask("POST", path + "/action", {"os-extend": {"new_size": 2}}, 202)
        until("larger", lambda: state() == "available" and vol.get(path)["volume"]["size"] == 2)
        equal(plain(vol.ask("POST", path + "/action", {"os-extend": {"new_size": 1}}, 400)),
              "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 1).", "smaller")
        equal(plain(vol.ask("POST", path + "/action", {"os-reset_status": {"status": "error"}}, 403)),
              "Policy doesn't allow volume_extension:volume_admin_actions:reset_status to be performed.", "reset")
        equal(vol.ask("PUT", path, {"volume": {"display_name": "contract-renamed", "display_description": "d"}})["volume"]["name"], "contract-renamed", "name")
        s = vol.ask("POST", "/snapshots", {"snapshot": {"volume_id": v["id"], "name": "contract-snap"}}, 202)["snapshot"]
        until("snapshot", lambda: state("/snapshots/" + s["id"], "snapshot") == "available")
        said = plain(vol.ask("DELETE", path, None, 400))
        check(said.startswith("Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing"), said)
        vol.ask("DELETE", "/snapshots/" + s["id"], None, 202)
        gone(vol, "/snapshots/" + s["id"])
    finally:
        vol.call("DELETE", path)
    gone(vol, path)


@case("services: a load balancer from birth to failover; it is immutable while it changes")
def load_balancer(cloud):
    admin, member = both(cloud)
    lb, boss = Service(member, "load-balancer"), Service(admin, "load-balancer")
    new = {"loadbalancer": {"name": "contract-lb", "vip_subnet_id": subnet_of_mine(Service(member, "network"))["id"]}}

    def too_early(who, method, path, body, text):
        """Refused while it changes; a real provider without machines may have changed it already: true, it was accepted."""
        code, doc = who.call(method, path, body)
        if code < 300 and cloud.mode == "live":
            return True
        equal((code, plain(doc) if text else None), (409, text), "%s %s" % (method, path))
        return False
    d = lb.ask("POST", "/v2/lbaas/loadbalancers", new, 201)["loadbalancer"]
    path = "/v2/lbaas/loadbalancers/" + d["id"]
    equal((d["provisioning_status"], d["operating_status"], d["provider"], d["listeners"]), ("PENDING_CREATE", "OFFLINE", "amphora", []), "new")
    if too_early(lb, "DELETE", path, None, "Invalid state PENDING_CREATE of loadbalancer resource ID"):
        d = lb.ask("POST", "/v2/lbaas/loadbalancers", new, 201)["loadbalancer"]
        path = "/v2/lbaas/loadbalancers/" + d["id"]
    ready = lambda: until("ACTIVE", lambda: lb.get(path)["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)
    amphorae = lambda: {a["id"] for a in boss.get("/v2/octavia/amphorae?loadbalancer_id=" + d["id"])["amphorae"] if a["status"] == "ALLOCATED"}
    try:
        ready()
        listener = {"name": "contract-l", "protocol": "HTTP", "protocol_port": 80, "loadbalancer_id": d["id"]}
        li = lb.ask("POST", "/v2/lbaas/listeners", {"listener": listener}, 201)["listener"]
        equal((li["provisioning_status"], li["connection_limit"], li["loadbalancers"]), ("PENDING_CREATE", -1, [{"id": d["id"]}]), "listener")
        too_early(lb, "POST", "/v2/lbaas/pools", {"pool": {"protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "loadbalancer_id": d["id"]}},
                  "Load Balancer ID is immutable and cannot be updated.")
        ready()
        said = plain(lb.ask("POST", "/v2/lbaas/listeners", {"listener": listener}, 409))
        equal(said, "Another Listener on this Load Balancer is already using protocol HTTP and protocol_port 80", "the same port")
        pool = lb.ask("POST", "/v2/lbaas/pools", {"pool": {"protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "listener_id": li["id"]}}, 201)["pool"]
        ready()
        m = lb.ask("POST", "/v2/lbaas/pools/%s/members" % pool["id"], {"member": {"address": "10.10.0.9", "protocol_port": 80}}, 201)["member"]
        equal((m["weight"], m["backup"], m["operating_status"]), (1, False, "NO_MONITOR"), "member")
        ready()
        tree = lb.get(path + "/status")["statuses"]["loadbalancer"]
        equal([p["id"] for x in tree["listeners"] for p in x["pools"]], [pool["id"]], "tree")
        equal(lb.call("PUT", path + "/failover")[0], 403, "a member's failover")
        before = amphorae()
        equal(boss.call("PUT", path + "/failover")[0], 202, "failover")
        too_early(boss, "PUT", path + "/failover", None, None)
        ready()
        after = amphorae()
        check(before and after and not before & after, "amphorae before %s, after %s" % (before, after))
        equal(plain(lb.ask("DELETE", path, None, 400)), "Validation failure: Cannot delete Load Balancer ID - it has children", "children")
    finally:
        until("it may be deleted", lambda: lb.call("DELETE", path + "?cascade=true")[0] in (204, 404), 60)
    gone(lb, path)


@case("services: a machine of metal from enrolled to available, its power and its maintenance")
def metal(cloud):
    bm = Service(both(cloud)[0], "baremetal", "1.82")
    name = "contract-node"
    bm.call("DELETE", "/v1/nodes/" + name)
    d = bm.ask("POST", "/v1/nodes", {"driver": "fake-hardware", "name": name}, 201)
    path = "/v1/nodes/" + d["uuid"]

    def is_now(key, value, seconds=60):
        return until("%s %s" % (key, value), lambda: bm.get(path)[key] == value and bm.get(path)["reservation"] is None, seconds)

    def provide(target, state, want=202):
        doc = bm.ask("PUT", path + "/states/provision", {"target": target}, want)
        return is_now("provision_state", state) if want == 202 else plain(doc)
    try:
        equal((d["provision_state"], d["power_state"], d["maintenance"], d["updated_at"]), ("enroll", None, False, None), "new")
        equal(plain(bm.ask("POST", "/v1/nodes", {"driver": "fake-hardware", "name": name}, 409)), "A node with name contract-node already exists.", "twice")
        equal(provide("provide", None, 400), "The requested action \"provide\" can not be performed on node \"ID\" while it is in state \"enroll\".", "too early")
        provide("manage", "manageable")
        for target, state in (("power on", "power on"), ("power off", "power off"), ("rebooting", "power on")):
            equal(bm.call("PUT", path + "/states/power", {"target": target})[0], 202, target)
            is_now("power_state", state)
        equal(bm.call("PUT", path + "/maintenance", {"reason": "contract"})[0], 202, "maintenance")
        equal([bm.get(path)[k] for k in ("maintenance", "maintenance_reason")], [True, "contract"], "in maintenance")
        equal(bm.call("DELETE", path + "/maintenance")[0], 202, "back")
        provide("provide", "available")
        check(name in [n["name"] for n in bm.get("/v1/nodes?provision_state=available")["nodes"]], "not among the available")
        equal(provide("provide", None, 400), "The requested action \"provide\" can not be performed on node \"ID\" while it is in state \"available\".", "again")
        equal(set(bm.get(path + "/states")) >= {"power_state", "provision_state", "target_power_state", "last_error", "boot_mode"}, True, "states")
    finally:
        until("deleted", lambda: bm.call("DELETE", path)[0] in (204, 404), 30)


@case("services: a stack is created, checked and deleted; its resources and events")
def stack(cloud):
    heat = Service(both(cloud)[1], "orchestration")
    tmpl = {"heat_template_version": "2018-08-31", "description": "a try", "parameters": {"p": {"type": "string", "default": "q"}},
            "resources": {"n": {"type": "OS::Neutron::Net", "properties": {"name": "contract-stack"}}}, "outputs": {"o": {"value": {"get_param": "p"}}}}
    name = "contract-stack-%x" % time.time_ns()      # not that of a run that was killed
    sid = heat.ask("POST", "/stacks", {"stack_name": name, "template": tmpl, "timeout_mins": 10}, 201)["stack"]["id"]
    path = "/stacks/%s/%s" % (name, sid)
    is_now = lambda status: until(status, lambda: heat.get(path)["stack"]["stack_status"] == status, 60)
    try:
        equal(plain(heat.ask("POST", "/stacks", {"stack_name": name, "template": tmpl}, 409)), "StackExists: The Stack (%s) already exists." % name, "twice")
        is_now("CREATE_COMPLETE")
        d = heat.get(path)["stack"]
        equal((d["stack_status_reason"], d["description"], d["parameters"]["p"], [o["output_key"] for o in d["outputs"]], d["deletion_time"]),
              ("Stack CREATE completed successfully", "a try", "q", ["o"], None), "stack")
        r, = heat.get(path + "/resources")["resources"]
        equal((r["resource_name"], r["resource_type"], r["resource_status"]), ("n", "OS::Neutron::Net", "CREATE_COMPLETE"), "resource")
        events = lambda query="": [(e["resource_name"], e["resource_status"]) for e in heat.get(path + "/events" + query)["events"]]
        ev = events("?sort_dir=asc")
        equal(ev, [(name, "CREATE_IN_PROGRESS"), ("n", "CREATE_IN_PROGRESS"), ("n", "CREATE_COMPLETE"), (name, "CREATE_COMPLETE")], "events")
        equal((events(), events("?limit=1")), (ev[::-1], ev[-1:]), "the newest first")
        heat.ask("POST", path + "/actions", {"check": None})
        is_now("CHECK_COMPLETE")
    finally:
        heat.call("DELETE", path)

    def deleted():
        code, doc = heat.call("GET", path)
        return code == 404 or doc["stack"]["stack_status"] == "DELETE_COMPLETE"
    until("gone", deleted, 60)


@case("services: pages by limit and marker of {0}", each=[("network", "/v2.0/ports", "ports", "id"), ("volume", "/volumes", "volumes", "id"),
                                                           ("image", "/v2/images", "images", "id"), ("baremetal", "/v1/nodes", "nodes", "uuid")])
def pages(cloud, service, path, key, ident):
    api = Service(both(cloud)[0], service, "1.82" if service == "baremetal" else None)
    every = "&all_tenants=1" if service == "volume" else ""
    whole = lambda: {x[ident] for x in api.get(path + "?limit=1000" + every)[key]}
    want, got, at = whole(), [], path + "?limit=2" + every
    while at and len(got) <= len(want) + 50:
        doc = api.get(at)
        check(len(doc[key]) <= 2, "a page of %d" % len(doc[key]))
        got += [x[ident] for x in doc[key]]
        links = [x["href"] for x in doc.get(key + "_links", []) if x["rel"] == "next"]
        at = links[0] if links else doc.get("next")
        if at and at.startswith("/"):
            at = at if at.startswith(path) else None
    want &= whole()                         # what other cases make and delete meanwhile may be on no page
    check(want and want <= set(got) and len(set(got)) == len(got), "two at a time: %s, not %s" % (sorted(got), sorted(want)))


@case("services: an image is queued, takes its bits, gives them back and goes")
def image(cloud):
    glance = Service(both(cloud)[1], "image")
    d = glance.ask("POST", "/v2/images", {"name": "contract-image", "disk_format": "raw", "container_format": "bare", "color": "blue"}, 201)
    path = "/v2/images/" + d["id"]
    try:
        equal((d["status"], d["visibility"], d["size"], d["checksum"], d["color"]), ("queued", "shared", None, None, "blue"), "new")
        bits = b"contract\n" * 100
        equal(upload(glance.api, path + "/file", bits), 204, "upload")
        until("active", lambda: glance.get(path)["status"] == "active")
        d = glance.get(path)
        equal((d["size"], d["checksum"], d["os_hash_algo"], d["os_hash_value"]),
              (len(bits), hashlib.md5(bits).hexdigest(), "sha512", hashlib.sha512(bits).hexdigest()), "what is known of the bits")
        equal(glance.api.raw("GET", path + "/file", "image"), (200, bits), "download")
        equal([k for k in d if k.startswith("_")], [], "members that are nobody's business")
    finally:
        glance.ask("DELETE", path, None, 204)
    equal(glance.call("GET", path)[0], 404, "gone")


def upload(api, path, bits):
    return api.raw("PUT", path, "image", bits, "application/octet-stream")[0]
