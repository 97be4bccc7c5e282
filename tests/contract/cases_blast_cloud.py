"""The blast radius of what a cloud has beside its servers: told by the plan, and what then happens when it is carried out."""
import json
import time

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


@case("places: what the hosts have left is read once for a plan of many, not for each of its servers", "sim")
def places_once(cloud):
    names = [s["name"] for s in both(cloud)[0].get("/servers/detail?all_tenants=1")["servers"] if s["status"] == "ACTIVE" and s["name"].startswith(("ci-0", "db-0", "mon-0"))][:12]
    equal(len(names), 12, names)
    try:
        cloud.sim.fault(kind="status", on="openstack", prefix="/placement/allocation_candidates", status=403, skip=4, count=1000)      # as many as are read at a time
        r = cloud.strata("server", "live-migrate", *names, "--cloud", cloud.admin_cloud, "--ignore-clusters", "--dry-run")
        check(r.out.count("there is a place for it, as Placement stands now") == 12 and "could not be read" not in r.out, r)
    finally:
        cloud.sim.clear()


@case("places: of two servers that would leave a host for one that has room for one alone the plan names the other, and so it comes")
def places(cloud):
    admin = both(cloud)[0]
    nova, placement = Service(admin, "compute", "2.93"), Service(admin, "placement", "1.29")
    left = {i: p["resources"]["DISK_GB"]["capacity"] - p["resources"]["DISK_GB"]["used"]
            for i, p in placement.get("/allocation_candidates?resources=DISK_GB:1&required=%21COMPUTE_STATUS_DISABLED")["provider_summaries"].items()}
    hosts = sorted(((left[h["id"]], h["service"]["host"], h["hypervisor_hostname"]) for h in nova.get("/os-hypervisors/detail")["hypervisors"] if h["state"] == "up" and h["id"] in left), reverse=True)
    (_, source, hypervisor), (room, target, _) = hosts[:2]
    image = [i["id"] for i in admin.get("/v2/images?limit=1000", service="image", version=None)["images"] if "cirros" in i["name"]][0]
    flavors, servers, service = [], {}, None
    a, b, fills, goes = ("contract-%s-%x" % (n, time.time_ns()) for n in ("a", "b", "fills", "goes"))      # not those of a run that was killed

    def flavor(name, disk):      # a disk is nobody's quota, and a small memory moves at once
        f = nova.ask("POST", "/flavors", {"flavor": {"name": name, "ram": 64, "vcpus": 1, "disk": disk}})["flavor"]["id"]
        flavors.append(f)
        return f

    def server(name, f, host):
        servers[name] = nova.ask("POST", "/servers", {"server": {"name": name, "flavorRef": f, "imageRef": image, "networks": "none", "host": host}}, 202)["server"]["id"]
        until(name + " runs", lambda: admin.server(servers[name])["status"] == "ACTIVE", 60)

    try:
        server(fills, flavor(fills, room * 5 // 10), target)
        each = flavor(goes, room * 3 // 10)
        server(a, each, source)
        server(b, each, source)
        facts = plan(cloud, "drain", "hypervisor", hypervisor, "--live", a + "," + b, "--leave", "all", "--host", target)
        all_ = [h["service"]["host"] for h in nova.get("/os-hypervisors/detail")["hypervisors"]]
        away = plan(cloud, "disable", "compute-service", *all_)
        check(any("no place and could not leave: " in f and "; of the other hosts " in f and " disabled" in f for f in away), "who goes out of use with it is no place: %r" % away)
        for words in (("disable", "compute-service", source), ("disable", "hypervisor", hypervisor), ("force-down", "compute-service", source)):
            alone = plan(cloud, *words)
            check(any("place" in f and ("as Placement stands now" in f or "finds no place" in f or "find no place" in f or "not known" in f) for f in alone), alone)
        says = [f for f in facts if "finds no place and will not move: " in f]
        equal(len(says), 1, facts)
        check(says[0].startswith("1 server finds") and says[0].endswith("; of the other hosts 1 has too little disk left"), says)
        stays = says[0].split(": ")[1].split(";")[0]
        goes = b if stays == a else a
        check("there is a place for it, as Placement stands now" in plan(cloud, "live-migrate", "server", servers[goes], "--host", target), "alone it would")
        r = cloud.strata("live-migrate", "server", servers[goes], "--host", target, "--cloud", cloud.admin_cloud, "--yes", timeout=120)
        equal((r.code, admin.server(servers[goes])["OS-EXT-SRV-ATTR:host"]), (0, target), r)
        check(any("finds no place and will not move: " + stays in f for f in plan(cloud, "live-migrate", "server", servers[stays], "--host", target)), "no room is left")
        r = cloud.strata("live-migrate", "server", servers[stays], "--host", target, "--cloud", cloud.admin_cloud, "--yes", timeout=120)
        check(r.code != 0 and admin.server(servers[stays])["OS-EXT-SRV-ATTR:host"] == source, "it stayed, as foretold: %r" % r)
        service = [s["id"] for s in nova.get("/os-services?binary=nova-compute&host=" + source)["services"]][0]
        nova.ask("PUT", "/os-services/" + service, {"forced_down": True})
        facts = plan(cloud, "evacuate", "server", servers[stays], "--host", target)
        check(any("finds no place and will be left in ERROR: " + stays in f for f in facts), facts)
        r = cloud.strata("evacuate", "server", servers[stays], "--host", target, "--cloud", cloud.admin_cloud, "--yes", "--confirm", stays, timeout=120)
        s = admin.server(servers[stays])
        check(r.code != 0, r)
        equal((s["status"], s["OS-EXT-SRV-ATTR:host"]), ("ERROR", source), "it is where it was, as foretold")
    finally:
        if service:
            nova.call("PUT", "/os-services/" + service, {"forced_down": False})
        for s in servers.values():
            nova.call("DELETE", "/servers/" + s)
        for f in flavors:
            nova.call("DELETE", "/flavors/" + f)


@case("one entry of a cloud may not list the kind: it is left out and named, the others act, and what two of them show is one thing")
def left_out(cloud):
    admin = both(cloud)[0]
    host = [s["host"] for s in Service(admin, "compute", "2.93").get("/os-services?binary=nova-compute")["services"] if s["status"] == "enabled"][0]
    two = ("--cloud", cloud.admin_cloud, "--cloud", cloud.member_cloud, "--dry-run")
    for words in ((host,), ("--filter", "host=" + host)):
        r = cloud.strata("disable", "compute-service", *words, *two)
        equal(r.code, 0, r)
        check("%s is left out: " % cloud.member_cloud in r.err and r.out.startswith("disable compute-service %s on %s\n" % (host, cloud.admin_cloud)), r)
    r = cloud.strata("disable", "compute-service", host, "--cloud", cloud.member_cloud, "--dry-run")
    check(r.code != 0 and "is left out" not in r.err, "alone it is asked, and says no: %r" % r)
