"""Operations on what is beside the servers: services, agents, physical nodes, load balancers, volumes, addresses; each end beside the API's own record."""
import json

from case import collector
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
    try:
        o = act(cloud, "compute-service", "disable", it["host"], "--reason", "contract")
        equal((o["state"], now()["status"], now()["disabled_reason"]), ("done", "disabled", "strata: contract"), "disabled")
        equal(act(cloud, "disable", "compute-service", it["host"])["steps"][0]["state"], "already", "again")
        equal((back(cloud, o)["state"], now()["status"], now()["disabled_reason"]), ("done", "enabled", None), "taken back")
        o = act(cloud, "disable", "os-services", "nova-compute/" + it["host"])
        equal((o["state"], now()["disabled_reason"]), ("done", "strata: maintenance"), "from the panel of all")
        nova.ask("PUT", "/os-services/" + it["id"], {"status": "disabled", "disabled_reason": "somebody else"})
        o = act(cloud, "compute-service", "enable", it["id"])
        equal((o["state"], now()["status"]), ("done", "enabled"), "enabled")
        says(o, "caution", 'not strata that disabled it: "somebody else"')
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
        o = act(cloud, "volume-service", "disable", vol["host"], "--reason", "contract")
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
        o = act(cloud, "baremetal", "maintenance-off", name)
        says(o, "caution", 'not strata that set it: "RMA"')
        equal(bm.get(path)["maintenance"], False, "out of it")
    finally:
        until("deleted", lambda: bm.call("DELETE", path)[0] in (204, 404), 30)


@case("a load balancer fails over: new machines, and ACTIVE again when strata says so")
def failover(cloud):
    boss = Service(both(cloud)[0], "load-balancer")
    lb = [b for b in boss.get("/v2/lbaas/loadbalancers")["loadbalancers"] if b["provisioning_status"] == "ACTIVE" and b["provider"] == "amphora" and b["name"] != "contract-lb"][0]
    amphorae = lambda: {a["id"] for a in boss.get("/v2/octavia/amphorae?loadbalancer_id=" + lb["id"])["amphorae"] if a["status"] == "ALLOCATED"}
    before = amphorae()
    o = act(cloud, "loadbalancer", "failover", lb["id"])
    after = amphorae()
    equal((o["state"], boss.get("/v2/lbaas/loadbalancers/" + lb["id"])["loadbalancer"]["provisioning_status"]), ("done", "ACTIVE"), "failed over")
    check(after and not before & after, "amphorae before %s, after %s" % (before, after))
    says(o, "danger" if len(before) < 2 else "info", "amphora")
