"""Operations on what is beside the servers: services, agents, physical nodes, load balancers, volumes, addresses; each end beside the API's own record."""
import json

from case import collector
from cases_nova import Made
from cases_services import both
from cloud import check, equal, until
from ostk_api import Service

CASES = []
case = collector(CASES)


def act(cloud, *args, code=0):
    """An operation to its end; the facts of its plan and its answer stand in the document."""
    r = cloud.strata(*args, "--cloud", cloud.admin_cloud, "--yes", "-o", "json", timeout=120)
    equal(r.code, code, r)
    return json.loads(r.out)


def told(o, level):
    return [f["text"] for s in o["steps"] for f in s["facts"] if f["level"] == level]


def says(o, level, part):
    check(any(part in x for x in told(o, level)), "%s not among %r" % (part, o["steps"]))


def back(cloud, o):
    return act(cloud, "ops", "--rollback", o["key"])


@case("operations on services: disabled with our reason and back, by the kind of its own and by the panel of all; agents with what they care for")
def services(cloud):
    admin = both(cloud)[0]
    nova, cinder, net = Service(admin, "compute", "2.93"), Service(admin, "volume", "3.70"), Service(admin, "network")
    hosts = [s for s in nova.get("/os-services?binary=nova-compute")["services"] if s["status"] == "enabled"]
    it = hosts[-1]
    now = lambda: [s for s in nova.get("/os-services?binary=nova-compute&host=" + it["host"])["services"]][0]
    zone = [s["host"] for s in nova.get("/os-services?binary=nova-compute")["services"] if s["zone"] == it["zone"]]
    o = act(cloud, "compute-service", "disable", *zone, "--dry-run")
    of = [x for x in o["steps"] if x["name"] == it["host"]]
    check(any("the last nova-compute of zone" in f["text"] and f["level"] == "danger" for f in of[0]["facts"]), "all of a zone are counted together: %r" % of)
    try:
        o = act(cloud, "compute-service", "disable", it["host"], "--reason", "contract")
        equal((o["state"], now()["status"], now()["disabled_reason"]), ("done", "disabled", "strata: contract"), "disabled")
        equal(act(cloud, "disable", "compute-service", it["host"])["steps"][0]["state"], "already", "again")
        equal((back(cloud, o)["state"], now()["status"], now()["disabled_reason"]), ("done", "enabled", None), "taken back")
        o = act(cloud, "disable", "os-services", "nova-compute/" + it["host"])
        equal((o["state"], now()["disabled_reason"]), ("done", "strata: maintenance"), "from the panel of all")
        nova.ask("PUT", "/os-services/" + it["id"], {"status": "disabled", "disabled_reason": "somebody else"})
        o = act(cloud, "compute-service", "enable", it["id"], code=4)
        check("it was not strata that disabled it (somebody else)" in o["note"] and now()["status"] == "disabled", o)
        o = act(cloud, "compute-service", "enable", it["id"], "--any-reason")
        equal((o["state"], now()["status"]), ("done", "enabled"), "enabled")
        says(o, "caution", "disabled by others: somebody else")
        r = cloud.strata("compute-service", "force-down", it["host"], "--cloud", cloud.admin_cloud, "--yes")
        equal((r.code, now()["forced_down"]), (4, False), "its name was not typed")
        r = act(cloud, "compute-service", "force-down", it["host"], "--confirm", it["host"])
        equal((r["state"], now()["forced_down"], now()["state"]), ("done", True, "down"), "forced down")
        equal((act(cloud, "compute-service", "unforce-down", it["host"])["state"], now()["forced_down"]), ("done", False), "and up")
        other = [s for s in nova.get("/os-services")["services"] if s["binary"] != "nova-compute"][0]
        o = act(cloud, "compute-service", "disable", other["id"], code=4)
        check("nova-compute services only" in o["note"], o)
    finally:
        nova.call("PUT", "/os-services/" + it["id"], {"forced_down": False})
        nova.call("PUT", "/os-services/" + it["id"], {"status": "enabled"})
    vol = [s for s in cinder.get("/os-services")["services"] if s["binary"] == "cinder-volume" and s["status"] == "enabled"][-1]
    record = lambda: [s for s in cinder.get("/os-services?binary=cinder-volume&host=" + vol["host"])["services"]][0]
    try:
        o = act(cloud, "volume-service", "disable", vol["host"], "--reason", "contract", "--confirm", vol["host"])       # it may be the last that is up
        equal((o["state"], record()["status"], record()["disabled_reason"]), ("done", "disabled", "strata: contract"), "cinder")
        equal((back(cloud, o)["state"], record()["status"]), ("done", "enabled"), "cinder again")
    finally:
        cinder.call("PUT", "/os-services/enable", {"host": vol["host"], "binary": "cinder-volume"})
    agent = [a for a in net.get("/v2.0/agents")["agents"] if a["agent_type"] == "Open vSwitch agent" and a["host"] == it["host"]][0]
    path = "/v2.0/agents/" + agent["id"]
    see = lambda: [net.get(path)["agent"][k] for k in ("admin_state_up", "description")]
    try:
        o = act(cloud, "network-agent", "disable", "%s/%s" % (agent["binary"], it["host"]), "--reason", "contract")
        equal((o["state"], see()), ("done", [False, "strata: contract"]), "an agent is down")
        equal((back(cloud, o)["state"], see()), ("done", [True, ""]), "and up")
    finally:
        net.call("PUT", path, {"agent": {"admin_state_up": True}})


@case("operations on a physical node: power followed until its conductor lets go, maintenance with our reason; what is locked is refused")
def metal(cloud):
    bm = Service(both(cloud)[0], "baremetal", "1.82")
    name = "ops-node"
    bm.call("DELETE", "/v1/nodes/" + name)
    path = "/v1/nodes/" + bm.ask("POST", "/v1/nodes", {"driver": "fake-hardware", "name": name}, 201)["uuid"]
    free = lambda key, value: until(value, lambda: bm.get(path)[key] == value and bm.get(path)["reservation"] is None, 60)
    power = lambda: [bm.get(path)[k] for k in ("power_state", "target_power_state", "last_error", "reservation")]
    try:
        bm.ask("PUT", path + "/states/provision", {"target": "manage"}, 202)
        free("provision_state", "manageable")
        on = act(cloud, "baremetal", "power-on", name)
        equal((on["state"], power()), ("done", ["power on", None, None, None]), "on")
        equal(act(cloud, "power-on", "baremetal", name)["steps"][0]["state"], "already", "again")
        equal((act(cloud, "baremetal", "reboot", name, "--soft")["state"], power()), ("done", ["power on", None, None, None]), "rebooted")
        equal((back(cloud, on)["state"], power()), ("done", ["power off", None, None, None]), "the way back of on")
        o = act(cloud, "baremetal", "maintenance-on", name, "--reason", "fan")
        equal((o["state"], [bm.get(path)[k] for k in ("maintenance", "maintenance_reason")]), ("done", [True, "strata: fan"]), "maintenance")
        equal((back(cloud, o)["state"], bm.get(path)["maintenance"]), ("done", False), "taken back")
        bm.call("PUT", path + "/maintenance", {"reason": "RMA"})
        r = cloud.strata("baremetal", "maintenance-on", name, "--reason", "fan", "--cloud", cloud.admin_cloud, "--yes")
        check(r.code == 0 and 'it already is, but for another reason, which stays: "RMA"' in r.out, r)
        check(cloud.strata("baremetal", "maintenance-off", name, "--cloud", cloud.admin_cloud, "--yes").code == 4, "somebody else's")
        o = act(cloud, "baremetal", "maintenance-off", name, "--any-reason")
        says(o, "caution", "by others: RMA")
        equal(bm.get(path)["maintenance"], False, "out of it")
    finally:
        until("deleted", lambda: bm.call("DELETE", path)[0] in (204, 404), 30)


@case("a load balancer fails over: new machines, and ACTIVE again when strata says so")
def failover(cloud):
    boss = Service(both(cloud)[0], "load-balancer")
    lb = [b for b in boss.get("/v2/lbaas/loadbalancers")["loadbalancers"] if b["provisioning_status"] == "ACTIVE" and b["provider"] == "amphora" and b["name"] != "contract-lb"][0]
    amphorae = lambda what="id": {a[what] for a in boss.get("/v2/octavia/amphorae?loadbalancer_id=" + lb["id"])["amphorae"] if a["status"] == "ALLOCATED"}
    before = amphorae()
    o = act(cloud, "loadbalancer", "failover", lb["id"])
    after = amphorae()
    equal((o["state"], boss.get("/v2/lbaas/loadbalancers/" + lb["id"])["loadbalancer"]["provisioning_status"]), ("done", "ACTIVE"), "failed over")
    check(after and not before & after, "amphorae before %s, after %s" % (before, after))
    if cloud.mode == "sim":              # a real one's machines may be in a project that the case does not see
        nova, machines = Service(both(cloud)[0], "compute", "2.93"), [a["compute_id"] for a in boss.get("/v2/octavia/amphorae?loadbalancer_id=" + lb["id"])["amphorae"]]
        check(machines and all(nova.call("GET", "/servers/" + m)[0] == 200 for m in machines), "each is a server in Nova")
    says(o, "danger" if len(before) < 2 else "info", "amphora")


@case("operations on a volume: attached, grown, detached, each end on Nova's and Cinder's side; a server's boot volume stays")
def volumes(cloud):
    with Made(cloud, "ops-volumes") as m:
        vol, boss = Service(m.member, "volume", "3.70"), Service(m.admin, "volume", "3.70")
        vid = vol.ask("POST", "/volumes", {"volume": {"size": 1, "name": "ops-volume"}}, 202)["volume"]["id"]
        path, mine = "/volumes/" + vid, "/servers/%s/os-volume_attachments" % m.id
        see = lambda: [vol.get(path)["volume"][k] for k in ("status", "size")]
        nova = lambda: [a["volumeId"] for a in m.admin.get(mine)["volumeAttachments"]]
        until("available", lambda: see()[0] == "available", 40)
        try:
            r = cloud.strata("volume", "attach", vid, "--server", "ops-volumes", "--cloud", cloud.member_cloud, "--yes", "-o", "json", timeout=90)
            o = json.loads(r.out)
            equal((o["state"], see()[0], nova()), ("done", "in-use", [vid]), "a member's own, by the name of the server")
            equal(m.action(o["steps"][0]["request_id"])["action"], "attach_volume", "the request id is Nova's")
            equal(act(cloud, "volume", "attach", vid, "--server", m.id)["steps"][0]["state"], "already", "again")
            equal((act(cloud, "volume", "extend", vid, "--size", "2")["state"], see()), ("done", ["in-use", 2]), "larger")
            o = act(cloud, "volume", "extend", vid, "--size", "1", code=4)
            check("a volume only grows" in o["note"], o)
            r = cloud.strata("volume", "detach", vid, "--cloud", cloud.admin_cloud, "--yes")
            equal((r.code, see()[0]), (4, "in-use"), "its name was not typed")
            o = act(cloud, "volume", "detach", vid, "--confirm", "ops-volume")
            equal((o["state"], see()[0], nova()), ("done", "available", []), "detached")
            says(o, "danger", "unmount it there first")
            equal((back(cloud, o)["state"], see()[0], nova()), ("done", "in-use", [vid]), "taken back")
            m.act(m.member, {"suspend": None})
            m.settle("SUSPENDED")
            o = act(cloud, "volume", "detach", vid, code=4)
            equal(m.member.call("DELETE", mine + "/" + vid)[0], 409, "as Nova has it")
            check("is SUSPENDED" in o["note"], o)
            m.act(m.member, {"resume": None})
            m.settle("ACTIVE")
            o = act(cloud, "volume", "reset-state", vid, "--state", "error", "--confirm", "ops-volume")
            equal((o["state"], see()[0]), ("done", "error"), "reset")
            check("it is error" in act(cloud, "volume", "detach", vid, code=4)["note"], "a volume in error")
            boss.ask("POST", path + "/action", {"os-reset_status": {"status": "in-use"}}, 202)
            equal((act(cloud, "volume", "detach", vid, "--confirm", "ops-volume")["state"], nova()), ("done", []), "detached at last")
        finally:
            boss.call("POST", path + "/action", {"os-reset_status": {"status": "in-use"}})
            m.member.call("DELETE", mine + "/" + vid)
            m.admin.call("DELETE", "/servers/" + m.id)
            until("the server is gone", lambda: m.admin.call("GET", "/servers/" + m.id)[0] == 404, 60)
            boss.call("POST", path + "/action", {"os-reset_status": {"status": "available", "attach_status": "detached"}})
            until("gone", lambda: vol.call("DELETE", path)[0] in (202, 404) and vol.call("GET", path)[0] == 404, 60)


@case("operations on a floating address: led to a server by its name, to a port, and away; the way back leads where it led")
def addresses(cloud):
    admin, member = both(cloud)
    net = Service(member, "network")
    outside = [n["id"] for n in net.get("/v2.0/networks?router:external=true")["networks"]][0]
    leads = [f for f in net.get("/v2.0/floatingips")["floatingips"] if f["port_id"]]
    subnets = {s["id"] for f in leads for s in [{"id": p["subnet_id"]} for p in net.get("/v2.0/ports/" + f["port_id"])["port"]["fixed_ips"]]}
    inside = net.get("/v2.0/subnets/" + sorted(subnets)[0])["subnet"]["network_id"]     # one that a router leads out of
    with Made(cloud, "ops-address", networks=[{"uuid": inside}]) as m:
        fip = net.ask("POST", "/v2.0/floatingips", {"floatingip": {"floating_network_id": outside}}, 201)["floatingip"]
        path = "/v2.0/floatingips/" + fip["id"]
        port, = net.get("/v2.0/ports?device_id=" + m.id)["ports"]
        see = lambda: [net.get(path)["floatingip"][k] for k in ("port_id", "fixed_ip_address")]
        there = [port["id"], port["fixed_ips"][0]["ip_address"]]
        try:
            o = act(cloud, "floating-ip", "associate", fip["id"], code=4)
            check("a server or a port" in o["note"], o)
            o = act(cloud, "floating-ip", "associate", fip["floating_ip_address"], "--server", "ops-address")
            equal((o["state"], see()), ("done", there), "to a server")
            equal(act(cloud, "floating-ip", "associate", fip["id"], "--port", port["id"])["steps"][0]["state"], "already", "again")
            other = net.ask("POST", "/v2.0/floatingips", {"floatingip": {"floating_network_id": outside}}, 201)["floatingip"]
            try:
                code, doc = net.call("PUT", "/v2.0/floatingips/" + other["id"], {"floatingip": {"port_id": port["id"]}})
                said = "Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed IP already has a floating IP on external network %s." % (
                    other["floating_ip_address"], other["id"], *there, outside)
                equal((code, doc["NeutronError"]["type"], doc["NeutronError"]["message"]), (409, "FloatingIPPortAlreadyAssociated", said), "a second one")
                o2 = act(cloud, "floating-ip", "associate", other["id"], "--port", port["id"], code=4)
                check("%s leads to %s already" % (fip["floating_ip_address"], there[1]) in o2["note"], o2)
                equal(see(), there, "the first one stays")
            finally:
                net.call("DELETE", "/v2.0/floatingips/" + other["id"])
            equal((back(cloud, o)["state"], see()), ("done", [None, None]), "taken back")
            act(cloud, "floating-ip", "associate", fip["id"], "--port", port["id"], "--fixed-ip", there[1])
            o = act(cloud, "floating-ip", "disassociate", fip["id"])
            says(o, "danger", "it leads to %s now" % there[1])
            equal(see(), [None, None], "away")
            equal((back(cloud, o)["state"], see()), ("done", there), "where it led")
            act(cloud, "floating-ip", "disassociate", fip["id"])
            o = act(cloud, "floating-ip", "associate", fip["id"], "--port", port["id"])
            theirs = net.ask("POST", "/v2.0/ports", {"port": {"network_id": inside}}, 201)["port"]
            try:
                net.ask("PUT", path, {"floatingip": {"port_id": theirs["id"]}}, 200)
                r = cloud.strata("ops", "--rollback", o["key"], "--cloud", cloud.admin_cloud, "--yes")
                check(r.code == 4 and "port was set to %s by somebody else since (this operation left %s)" % (theirs["id"], port["id"]) in r.err, r)
                equal(see()[0], theirs["id"], "theirs stays")
                equal((act(cloud, "ops", "--rollback", o["key"], "--confirm", fip["floating_ip_address"])["state"], see()), ("done", [None, None]), "confirmed")
            finally:
                net.call("DELETE", "/v2.0/ports/" + theirs["id"])
        finally:
            net.call("DELETE", path)


@case("operations on a router and a network: given to an agent and taken from it; who has no other agent is told so")
def agents(cloud):
    admin, member = both(cloud)
    net, mine = Service(admin, "network"), Service(member, "network")
    n = mine.ask("POST", "/v2.0/networks", {"network": {"name": "ops-agents"}}, 201)["network"]["id"]
    r = mine.ask("POST", "/v2.0/routers", {"router": {"name": "ops-agents"}}, 201)["router"]["id"]
    on = lambda: [a["host"] for a in net.get("/v2.0/networks/%s/dhcp-agents" % n)["agents"]]
    has = lambda: [a["host"] for a in net.get("/v2.0/routers/%s/l3-agents" % r)["agents"]]
    alive = lambda kind: sorted({a["host"] for a in net.get("/v2.0/agents")["agents"] if a["agent_type"] == kind and a["alive"]})
    hosts, l3 = alive("DHCP agent"), alive("L3 agent")
    try:
        o = act(cloud, "network", "add-agent", n, "--agent", hosts[0])
        equal((o["state"], on()), ("done", hosts[:1]), "given")
        if len(hosts) > 1:
            o = act(cloud, "network", "reschedule", n)
            equal((o["state"], len(on()), hosts[0] in on()), ("done", 1, False), "moved: %r" % o)
        else:
            check("there is no other DHCP agent" in act(cloud, "network", "reschedule", n, code=4)["note"], "nowhere to go")
        o = act(cloud, "network", "remove-agent", n, "--agent", on()[0])
        equal((o["state"], on()), ("done", []), "taken")
        says(o, "danger", "no other agent serves it")
        o = act(cloud, "router", "reschedule", r, "--to", l3[0]) if not has() else {"state": "done"}
        equal((o["state"], len(has())), ("done", 1), "a router that nobody had")
        if len(l3) > 1:
            was = has()
            o = act(cloud, "router", "reschedule", r)
            equal((o["state"], len(has()), has() == was), ("done", 1, False), "moved: %r" % o)
            equal([s["state"] for s in o["steps"]], ["done", "done", "done", "skipped"], "no way back was needed")
        else:
            check("there is no other L3 agent" in act(cloud, "router", "reschedule", r, code=4)["note"], "nowhere to go")
        o = act(cloud, "router", "add-agent", r, "--agent", "nowhere", code=4)
        check("there is no L3 agent nowhere" in o["note"], o)
        equal((act(cloud, "router", "remove-agent", r, "--agent", has()[0])["state"], has()), ("done", []), "taken from it")
    finally:
        mine.call("DELETE", "/v2.0/routers/" + r)
        mine.call("DELETE", "/v2.0/networks/" + n)


@case("delete of what is beside the servers: what is in use is refused in words, the rest is gone at the API when strata says so; a name that is not there")
def deletes(cloud):
    member = both(cloud)[1]
    net, vol, nova = Service(member, "network"), Service(member, "volume", "3.70"), Service(member, "compute", "2.92")
    rm = lambda *a, code=0: cloud.strata("delete", *a, "--cloud", cloud.member_cloud, "--yes", "-o", "json", timeout=120)
    made = []

    def make(api, path, key, body, code=201):
        o = api.ask("POST", path, {key: body}, code)[key]
        made.append((api, path + "/" + o["id"]))
        return o["id"]

    def gone(kind, api, path, *more):
        r = rm(kind, path.rsplit("/", 1)[1], *more)
        equal((r.code, json.loads(r.out)["state"], api.call("GET", path)[0]), (0, "done", 404), "%s: %s %s" % (kind, r.out, r.err))

    def refused(kind, thing, words, *more):
        r = rm(kind, thing, *more)
        check(r.code == 4 and words in r.out, "%s: %s not in %s" % (kind, words, r.out + r.err))

    try:
        n = make(net, "/v2.0/networks", "network", {"name": "c-delete"})
        s = make(net, "/v2.0/subnets", "subnet", {"network_id": n, "cidr": "10.77.0.0/24", "ip_version": 4, "enable_dhcp": False})
        g = make(net, "/v2.0/security-groups", "security_group", {"name": "c-delete"})
        p = make(net, "/v2.0/ports", "port", {"network_id": n, "name": "c-delete", "security_groups": [g]})
        router = make(net, "/v2.0/routers", "router", {"name": "c-delete"})
        net.ask("PUT", "/v2.0/routers/%s/add_router_interface" % router, {"subnet_id": s})
        made.insert(0, (net, "/v2.0/routers/" + router))
        inner = net.get("/v2.0/ports?device_id=" + router)["ports"][0]["id"]
        refused("router", router, "1 subnet is behind it")
        refused("port", inner, "belongs to router " + router)
        refused("network", n, "it is in use: 2 ports are in it")
        refused("subnet", s, "it is in use")
        refused("security-group", g, "1 port has it")
        net.ask("PUT", "/v2.0/routers/%s/remove_router_interface" % router, {"subnet_id": s})
        gone("router", net, "/v2.0/routers/" + router)
        gone("port", net, "/v2.0/ports/" + p)
        gone("security-group", net, "/v2.0/security-groups/" + g)
        gone("network", net, "/v2.0/networks/" + n)
        equal(net.call("GET", "/v2.0/subnets/" + s)[0], 404, "its subnet went with it")
        v = make(vol, "/volumes", "volume", {"size": 1, "name": "c-delete"}, 202)
        until("available", lambda: vol.get("/volumes/" + v)["volume"]["status"] == "available", 40)
        snap = make(vol, "/snapshots", "snapshot", {"volume_id": v, "name": "c-delete"}, 202)
        until("available", lambda: vol.get("/snapshots/" + snap)["snapshot"]["status"] == "available", 40)
        refused("volume", v, "it has 1 snapshot")
        r = cloud.strata("delete", "volume", "--filter", "name=c-delete", "--cascade=yes", "--cloud", cloud.member_cloud, "--yes")
        check(r.code == 4 and "--confirm" in r.err, r)
        equal(vol.get("/volumes/" + v)["volume"]["status"], "available", "its name was not typed")
        gone("volume", vol, "/volumes/" + v, "--cascade=yes")
        equal(vol.call("GET", "/snapshots/" + snap)[0], 404, "its snapshot went with it")
        nova.call("DELETE", "/os-keypairs/c-delete")
        nova.ask("POST", "/os-keypairs", {"keypair": {"name": "c-delete", "type": "ssh", "public_key":
                 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVl c"}}, 201)
        gone("keypair", nova, "/os-keypairs/c-delete")
        equal((rm("keypair", "c-delete").code, rm("keypair", "c-delete", "--ignore-not-found").code), (3, 0), "not there")
    finally:
        for api, path in reversed(made):
            if "/routers/" in path:
                api.call("PUT", path + "/remove_router_interface", {"subnet_id": s})
            api.call("DELETE", path)
