"""The blast radius of what a cloud has beside its servers: told by the plan, and what then happens when it is carried out."""
import json

from case import collector
from cases_nova import Made
from cases_services import both, upload
from cloud import check, equal, until
from ostk_api import Service

CASES = []
case = collector(CASES)


def plan(cloud, *args, as_=None):
    r = cloud.strata(*args, "--cloud", as_ or cloud.admin_cloud, "--dry-run", "-o", "json", timeout=60)
    equal(r.code, 0, r)
    o = json.loads(r.out)
    return [f["text"] for f in o.get("facts", []) + [f for s in o["steps"] for f in s["facts"]]]


def radius(facts):
    return [f for f in facts if f.startswith("blast radius: ") and not f.startswith("blast radius: no c")]


@case("blast: a worker has the same radius by the list of its own service as by the list of all")
def workers(cloud):
    admin = both(cloud)[0]
    nova, net = Service(admin, "compute", "2.93"), Service(admin, "network")
    up = [s for s in nova.get("/os-services?binary=nova-compute")["services"] if s["status"] == "enabled" and s["state"] == "up"][0]
    agents = [a for a in net.get("/v2.0/agents")["agents"] if a["admin_state_up"] and a["alive"]]
    pairs = [("disable", "compute-service", up["host"], "nova-compute/" + up["host"]), ("force-down", "compute-service", up["host"], "nova-compute/" + up["host"])]
    pairs += [("disable", "network-agent", "%s/%s" % (a["binary"], a["host"]), "%s/%s" % (a["binary"], a["host"]))
              for a in {a["agent_type"]: a for a in agents if a["agent_type"] in ("L3 agent", "DHCP agent", "Open vSwitch agent")}.values()]
    for verb, kind, name, whole in pairs:
        mine, all_ = radius(plan(cloud, verb, kind, name)), radius(plan(cloud, verb, "os-services", whole))
        check(mine, "%s %s %s has no radius" % (verb, kind, name))
        equal(mine, all_, "%s %s %s" % (verb, kind, name))


@case("blast: an image goes: the server made from it is told, runs on, and cannot be made anew, as foretold")
def image(cloud):
    glance = Service(both(cloud)[1], "image")
    d = glance.ask("POST", "/v2/images", {"name": "contract-blast", "disk_format": "raw", "container_format": "bare"}, 201)
    path = "/v2/images/" + d["id"]
    try:
        equal(upload(glance.api, path + "/file", b"contract\n" * 100), 204, "upload")
        until("active", lambda: glance.get(path)["status"] == "active")
        none = plan(cloud, "delete", "image", d["id"], as_=cloud.member_cloud)
        check("no server that is seen was made from it" in none, none)
        with Made(cloud, name="contract-blast", imageRef=d["id"]) as it:
            facts = plan(cloud, "delete", "image", d["id"], as_=cloud.member_cloud)
            check(any("control plane: 1 server at risk" in f for f in radius(facts)), facts)
            check(any(f.startswith("1 server made from it runs on; rebuild, ") for f in facts), facts)
            r = cloud.strata("delete", "image", d["id"], "--cloud", cloud.member_cloud, "--yes", "--confirm", "contract-blast", timeout=60)
            equal((r.code, glance.call("GET", path)[0], it.admin.server(it.id)["status"]), (0, 404, "ACTIVE"), r)
            code, doc = it.member.call("POST", "/servers/%s/action" % it.id, {"rebuild": {"imageRef": d["id"]}})
            equal(code, 400, "a rebuild from what is gone: %r" % doc)
    finally:
        glance.call("DELETE", path)


@case("blast: a record is set by hand: a server's to error ends nothing, as is told; a volume that is free loses nothing")
def record(cloud):
    vol = Service(both(cloud)[1], "volume", "3.70")
    with Made(cloud, name="contract-record") as it:
        facts = plan(cloud, "reset-state", "server", it.id, "--state", "error")
        check(any(f.startswith("blast radius: yellow: control plane: 1 server at risk") for f in facts), facts)
        check("the guest runs on as it is, but Nova neither pauses, resizes nor moves it until it is active again" in facts, facts)
        it.act(it.admin, {"os-resetState": {"state": "error"}})
        equal((it.admin.server(it.id)["status"], it.admin.server(it.id)["OS-EXT-STS:power_state"]), ("ERROR", 1), "the guest runs on")
        for body in ({"pause": None}, {"migrate": None}):
            equal(it.admin.call("POST", "/servers/%s/action" % it.id, body)[0], 409, "Nova acts by the record: %r" % body)
        it.act(it.admin, {"os-resetState": {"state": "active"}})
    v = vol.ask("POST", "/volumes", {"volume": {"size": 1, "name": "contract-record"}}, 202)["volume"]["id"]
    try:
        until("available", lambda: vol.get("/volumes/" + v)["volume"]["status"] == "available", 40)
        facts = plan(cloud, "reset-state", "volume", v, "--state", "error")
        check("no server has it: nothing that serves is lost" in facts, facts)
    finally:
        vol.call("DELETE", "/volumes/" + v)
