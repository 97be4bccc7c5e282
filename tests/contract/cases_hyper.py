"""Hypervisors drained: what strata says against what Nova's own records say, with moves that go well and moves that do not."""
import json
import os
import signal

from case import collector
from cases_move import Fast
from cases_nova import Made
from cases_ops import journal, left, unsettled
from cloud import check, equal, until
from ostk_api import Api

PARTS = 2
CASES = []
case = collector(CASES)


class Host:
    """A hypervisor of a fast demo cloud with n servers on it, and what Nova says about it."""

    def __init__(self, cloud, sim, name, n):
        self.cloud, self.sim, self.name, self.admin = cloud, sim, name, Api(sim, sim.admin_cloud)
        self.id = [h["id"] for h in self.admin.get("/os-hypervisors")["hypervisors"] if h["hypervisor_hostname"] == name][0]
        for i in [v["id"] for v in self.servers() if v["status"] == "ACTIVE"][n:] + [v["id"] for v in self.servers() if v["status"] != "ACTIVE"]:
            self.admin.call("DELETE", "/servers/" + i)
        until("only ours are left", lambda: len(self.servers()) == n)
        self.ids = sorted(v["id"] for v in self.servers())

    def servers(self):
        return self.admin.get("/servers/detail?all_tenants=1&host=" + self.name)["servers"]

    def here(self):
        return sorted(v["id"] for v in self.servers())

    def service(self):
        s = self.admin.get("/os-services?binary=nova-compute&host=" + self.name)["services"][0]
        return s["status"], s["disabled_reason"]

    def last(self, i):
        return (self.admin.get("/os-migrations?instance_uuid=" + self.ids[i])["migrations"] or [{"status": None}])[0]

    def count(self):
        return [len(self.admin.get("/os-migrations?instance_uuid=" + i)["migrations"]) for i in self.ids]

    def held(self):
        return set(self.admin.get("/resource_providers/%s/allocations" % self.id, "1.12", "placement")["allocations"])

    def words(self, *args):
        return ("hypervisor", *args, "--cloud", self.sim.admin_cloud, "--yes", "-o", "json")

    def strata(self, *args, code=0):
        r = self.cloud.strata(*self.words(*args), env=self.sim.env(), timeout=120)
        equal(r.code, code, r)
        return json.loads(r.out)

    def start(self, *args):
        return self.cloud.start(*self.words("drain", self.name, *args), env=self.sim.env())

    def step(self, o, action, i):
        name = self.admin.server(self.ids[i])["name"]
        return [s for s in o["steps"] if s["text"].startswith("%s server %s " % (action, name))][-1]


def answers(fn):
    try:
        return fn()
    except OSError:
        return None


def sent(cloud):
    """How many requests the journal has; each has its outcome."""
    lines = [x for x in journal(cloud, "hypervisor") + journal(cloud, '"kind":"server"') if not x.get("dry_run")]
    equal(unsettled(lines), {}, "each intent has its outcome")
    return len([x for x in lines if x["event"] == "intent"])


@case("a hypervisor is drained: live, cold and confirmed, left as agreed; Nova's list, its migrations and Placement say the same; enabled if the reason is ours", "sim")
def drained(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 4)
        h.admin.call("POST", "/servers/%s/action" % h.ids[1], {"os-stop": None})
        until("it is off", lambda: h.admin.server(h.ids[1])["status"] == "SHUTOFF")
        o = h.strata("drain", h.name, "--dry-run", "--leave=" + h.ids[3])
        equal((o["state"], h.service(), h.here()), ("planned", ("enabled", None), h.ids), "a dry run changes nothing")
        check('POST compute /servers/%s/action {"os-migrateLive":' % h.ids[0] in h.step(o, "live-migrate", 0)["request"], o)
        check('POST compute /servers/%s/action {"migrate":' % h.ids[1] in h.step(o, "migrate", 1)["request"], o)
        check(any("2 live, 1 cold, 0 when they are not busy any more, 1 stays" == f["text"] for f in o["steps"][0]["facts"]), o["steps"][0]["facts"])
        o = h.strata("drain", h.name, "--leave=nosuch,SUSPENDED," + h.ids[3], "--live=foo", code=2)
        check("there is no server, id or state of that name there: --live=foo, --leave=nosuch; nothing was begun" in o["error"]["text"], o)
        equal((h.service(), h.here()), (("enabled", None), h.ids), "nothing was sent")
        o = h.strata("drain", "compute-3", h.name, "--dry-run", "--leave=all," + h.ids[3])
        equal(o["state"], "planned", "the name of one of the two")
        o = h.strata("drain", h.name, "--leave=" + h.ids[3], "--reason=fan")
        equal((o["state"], o["failed"], h.service(), h.here()), ("done", 0, ("disabled", "strata: fan"), h.ids[3:]), o)
        equal(o["steps"][0]["note"], "drained: 3 servers are gone, 1 stays as agreed", "said")
        equal([h.last(i)["status"] for i in (0, 1, 2)], ["completed", "confirmed", "completed"], "migrations")
        equal(h.held(), {h.ids[3]}, "Placement")
        for i in 0, 1, 2:
            s = h.admin.server(h.ids[i])
            equal((s["status"], s["OS-EXT-SRV-ATTR:host"]), ("SHUTOFF" if i == 1 else "ACTIVE", h.last(i)["dest_compute"]), "where it is")
        check("it is on %s now" % h.last(0)["dest_compute"] in h.step(o, "live-migrate", 0)["note"], o)
        o = h.strata("drain", h.name, "--leave=all")
        equal((o["state"], o["steps"][1]["state"]), ("done", "already"), "again")
        equal((h.strata("enable", h.name)["state"], h.service()), ("done", ("enabled", None)), "enabled")
        o = h.strata("enable", "compute-3", code=4)
        check("it was not strata that disabled it (memory being replaced)" in o["error"]["text"], o)
        check(sent(cloud) >= 6, journal(cloud, "hypervisor"))


@case("a drain tells apart what fails, is refused, rejected, hangs, comes back or reboots, and stops with what is left", "sim")
def troubles(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 6)
        for how, i in ("fails", 0), ("refused", 1), ("rejected", 2), ("hangs", 3):
            sim.act("migration %s %s" % (how, h.ids[i]))
        before = h.count()
        h.admin.call("POST", "/servers/%s/action" % h.ids[4], {"reboot": {"type": "HARD"}})
        o = h.strata("drain", h.name, "--concurrency=3", "--abort-after=12", "--attempts=2", code=1)
        equal((o["state"], h.service()[0], h.here()), ("failed", "disabled", h.ids[:4]), o)
        says = lambda i: h.step(o, "live-migrate", i)["note"]
        equal([n - b for n, b in zip(h.count(), before)], [2, 2, 0, 1, 1, 1], "moves that Nova knows")
        check("2 servers are gone, 4 still here" in o["note"] and "the compute service stays disabled" in o["note"], o["note"])
        check("vTPM" in says(2), says(2))
        check("Unacceptable CPU info" in says(1), says(1))
        equal((h.last(0)["status"], h.last(3)["status"], h.admin.server(h.ids[4])["status"]), ("failed", "cancelled", "ACTIVE"), "records")
        check(len({says(i) for i in range(4)}) == 4, [says(i) for i in range(4)])
        for i in range(4):
            equal((h.admin.server(h.ids[i])["status"], h.admin.server(h.ids[i])["OS-EXT-STS:task_state"]), ("ACTIVE", None), "left as it was")
        o = h.strata("drain", h.name, "--dry-run")
        check(o["state"] == "planned" and any("4 live, 0 cold," in f["text"] for f in o["steps"][0]["facts"]), o)
        sent(cloud)


@case("a drain finds a move that somebody else began and that hangs: its plan names it, --abort-after ends it and then its own, which hangs as well", "sim")
def of_others(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 1)
        sim.act("migration hangs " + h.ids[0])
        equal(h.admin.call("POST", "/servers/%s/action" % h.ids[0], {"os-migrateLive": {"host": None, "block_migration": "auto"}})[0], 202, "begun")
        until("it moves", lambda: h.last(0)["status"] == "running")
        o = h.strata("drain", h.name, "--dry-run")
        check(any(f["level"] == "caution" and "already (running), not begun by this drain: that is waited for as long as it takes (--abort-after ends it" in f["text"] for f in o["steps"][0]["facts"]), o)
        o = h.strata("drain", h.name, "--abort-after=3", code=1)
        check("0 servers are gone, 1 still here" in o["note"] and "it was aborted" in h.step(o, "live-migrate", 0)["note"], o)
        equal([m["status"] for m in h.admin.get("/os-migrations?instance_uuid=" + h.ids[0])["migrations"]], ["cancelled", "cancelled"], "Nova's records")


def flavor(h, i):
    """A small one that the server does not have."""
    has = h.admin.server(h.ids[i])["flavor"]["original_name"]
    return [f["id"] for f in h.admin.get("/flavors/detail")["flavors"] if f["name"] != has and f["ram"] <= 2048][0]


@case("a drain whose time is over takes back what is queued, names what moves on and what somebody resized away; one whose service is enabled says what is here", "sim")
def overdue(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 4)
        for i in h.ids:
            sim.act("migration stuck " + i)
        p = h.start("--timeout=30", "--concurrency=2")
        stands = lambda: [str(h.last(i)["status"]) for i in range(4)]
        until("one is stuck, one queued", lambda: sorted(stands()) == ["None", "None", "queued", "running"])
        stuck, queued, away = (stands().index(w) for w in ("running", "queued", "None"))
        turn = 6 - stuck - queued - away
        names = [h.admin.server(i)["name"] for i in h.ids]
        sim.act("migration fine " + h.ids[away])
        h.admin.call("POST", "/servers/%s/action" % h.ids[away], {"resize": {"flavorRef": flavor(h, away)}})
        until("one is resized away", lambda: h.admin.server(h.ids[away])["status"] == "VERIFY_RESIZE" and h.ids[away] not in h.here())
        o = json.loads(p.communicate(timeout=120)[0])
        equal((o["state"], h.service()[0], len(h.here())), ("failed", "disabled", 3), o)
        check("its time is over: 0 servers are gone, 3 still here: " in o["note"] and all(n in o["note"] for n in names), o["note"])
        check("moving still, and not followed any further: %s; resized away, to be confirmed or reverted: %s;" % (names[stuck], names[away]) in o["note"], o["note"])
        equal([stands()[i] for i in (stuck, queued, turn, away)], ["running", "cancelled", "None", "finished"], "Nova's records")
        check(h.step(o, "live-migrate", turn)["note"].startswith("not begun, the operation failed before"), "what waited for its turn")
        h = Host(cloud, sim, "compute-2", 2)
        for i in h.ids:
            sim.act("migration stuck " + i)
        p = h.start()
        until("one moves", lambda: "running" in [h.last(i)["status"] for i in (0, 1)])
        sid = h.admin.get("/os-services?binary=nova-compute&host=" + h.name)["services"][0]["id"]
        h.admin.call("PUT", "/os-services/" + sid, {"status": "enabled"})
        o = json.loads(p.communicate(timeout=120)[0])
        check("somebody enabled its compute service meanwhile; 0 servers are gone, 2 still here: " in o["note"], o["note"])


@case("a drain that is canceled: what is under way comes to its end, a cold move to its confirmation, the rest stays; and it can be gone on with", "sim")
def canceled(cloud):
    with Fast("5") as sim:
        h = Host(cloud, sim, "compute-4", 4)
        for i in 0, 1:
            h.admin.call("POST", "/servers/%s/action" % h.ids[i], {"os-stop": None})
        until("they are off", lambda: all(h.admin.server(h.ids[i])["status"] == "SHUTOFF" for i in (0, 1)))
        before = h.count()
        p = h.start("--concurrency=1", "--live=" + h.ids[2], "--leave=" + h.ids[3])
        until("a cold one moves", lambda: any(h.last(i)["status"] in ("pre-migrating", "migrating", "post-migrating", "finished") for i in (0, 1)))
        p.send_signal(signal.SIGINT)
        o = json.loads(p.communicate(timeout=100)[0])
        equal((o["state"], h.service()[0]), ("canceled", "disabled"), o)
        moved = [n - b for n, b in zip(h.count(), before)]
        check(sum(moved) in (1, 2) and moved[3] == 0, moved)
        for i in range(3):
            s = h.admin.server(h.ids[i])
            equal((s["status"], s["OS-EXT-STS:task_state"], s["OS-EXT-SRV-ATTR:host"] == h.name),
                  ("ACTIVE" if i == 2 else "SHUTOFF", None, not moved[i]), "moved and confirmed, or as it was: %r" % o)
        check("%d still here; the compute service stays disabled" % len(h.here()) in o["steps"][0]["note"], o["steps"][0])
        equal(h.held(), set(h.here()), "Placement")
        sent(cloud)
        o = h.strata("drain", h.name, "--leave=" + h.ids[3])
        equal((o["state"], h.here()), ("done", [h.ids[3]]), "gone on with")
        sim.act("migration queued " + h.ids[3])
        p = h.start("--leave=SUSPENDED")
        until("it stays queued", lambda: h.last(3)["status"] == "queued")
        r = cloud.strata("server", "stop", h.ids[3], "--cloud", sim.admin_cloud, "--yes", env=sim.env())
        check(r.code == 4 and "is at work already: drain hypervisor compute-4" in r.err and "or cancel it there (" in r.err, r)
        p.send_signal(signal.SIGINT)
        o = json.loads(p.communicate(timeout=100)[0])
        equal((o["state"], h.last(3)["status"], h.here()), ("canceled", "cancelled", [h.ids[3]]), "taken out of the queue: %r" % o)
        equal(cloud.strata("server", "lock", h.ids[3], "--cloud", sim.admin_cloud, "--yes", env=sim.env()).code, 0, "nobody is at work on it any more")


@case("a drain whose API fails in the middle waits; one whose strata is killed is gone on with, and nothing is sent twice", "sim")
def broken(cloud):
    with Fast("8") as sim:
        h = Host(cloud, sim, "compute-4", 3)
        before = h.count()
        p = h.start()
        until("one moves, one waits", lambda: sorted(str(h.last(i)["status"]) for i in range(3)) == ["None", "queued", "running"])
        sim.fault(kind="refuse", on="openstack", ms=3000)
        until("the next", lambda: answers(h.count) and sum(h.count()) - sum(before) >= 3, 60)
        equal(p.poll(), None, "it goes on")
        p.kill()
        p.wait()
        (one,) = left(cloud, h.name)
        r = cloud.strata("ops", "--resume", one["key"], "--cloud", sim.admin_cloud, "--yes", "-o", "json", env=sim.env(), timeout=120)
        equal((r.code, h.here(), h.service()[0]), (0, [], "disabled"), r)
        equal([n - b for n, b in zip(h.count(), before)], [1, 1, 1], "each was sent once")
        equal({h.last(i)["status"] for i in range(3)}, {"completed"}, "migrations")
        sent(cloud)


@case("a host that is a hypervisor and a node: its servers, then its pods; and back; without evidence it is refused", "sim")
def host(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 2)

        def strata(*args, code=0):
            r = cloud.strata("host", *args, "--cloud", sim.admin_cloud, "--yes", "-o", "json", env=sim.env(), timeout=150)
            equal(r.code, code, r)
            return json.loads(r.out)
        node = lambda: sim.kube("/api/v1/nodes/" + h.name)
        goes = ("--delete-emptydir-data", "--force", "--concurrency=4")
        o = strata("drain", h.name, "--dry-run", *goes)
        check(any("node compute-4 of admin is this host: it has the same name and the same address" == f["text"] for f in o["steps"][0]["facts"]), o)
        says = [s["text"] for s in o["steps"]]
        check({"disable hypervisor compute-4 on demo", "cordon node compute-4 on admin"} <= set(says), says)
        equal((h.service()[0], "unschedulable" in node()["spec"]), ("enabled", False), "a dry run changes nothing")
        o = strata("drain", h.name, *goes)
        equal((o["state"], h.here(), h.service()[0], node()["spec"].get("unschedulable")), ("done", [], "disabled", True), o)
        pods = [p for p in sim.kube("/api/v1/pods?fieldSelector=spec.nodeName%3D" + h.name)["items"]]
        check(all(p["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet" for p in pods), [p["metadata"]["name"] for p in pods])
        ends = {s["text"].split(" on ")[0]: s for s in o["steps"]}
        equal(ends["drain hypervisor compute-4"]["state"] + ends["drain node compute-4"]["state"], "donedone", "both parts")
        lines = [x for x in journal(cloud, '"%s"' % o["key"]) if x["event"] == "intent"]
        order = [x["action"] for x in lines]
        check(order.index("disable") < order.index("live-migrate") < order.index("cordon"), order)
        o = strata("back", h.name)
        equal((o["state"], h.service(), "unschedulable" in node()["spec"]), ("done", ("enabled", None), False), o)
        o = strata("drain", h.name, "--dry-run", "--node=other", code=4)
        check("no node that is called other" in o["error"]["text"], o)


@case("a host's drain whose strata is killed while servers move is gone on with, down to the pods; nothing is sent twice", "sim")
def host_resumed(cloud):
    with Fast("8") as sim:
        h = Host(cloud, sim, "compute-4", 2)
        before = h.count()
        words = ("host", "drain", h.name, "--delete-emptydir-data", "--force", "--cloud", sim.admin_cloud, "--yes", "-o", "json")
        p = cloud.start(*words, env=sim.env(), out=False)
        until("one moves", lambda: any(h.last(i)["status"] == "running" for i in (0, 1)), 60)
        p.kill()
        p.wait()
        (one,) = left(cloud, h.name)
        r = cloud.strata("ops", "--resume", one["key"], "--cloud", sim.admin_cloud, "--context", "admin", "--yes", "-o", "json", env=sim.env(), timeout=150)
        equal((r.code, h.here(), h.service()[0]), (0, [], "disabled"), r)
        equal([n - b for n, b in zip(h.count(), before)], [1, 1], "each was sent once")
        check(sim.kube("/api/v1/nodes/" + h.name)["spec"].get("unschedulable"), "cordoned")
        pods = sim.kube("/api/v1/pods?fieldSelector=spec.nodeName%3D" + h.name)["items"]
        check(all(x["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet" for x in pods), [x["metadata"]["name"] for x in pods])
        sent(cloud)


class Shared:
    """A hypervisor of a cloud with others' servers on it, and servers of our own: they alone are moved."""

    def __init__(self, cloud, how):
        self.cloud, self.made = cloud, []
        try:
            self.made = [Made(cloud, "contract-drain-%d" % i, wait=None) for i in range(len(how))]
            self.admin, self.ids = self.made[0].admin, [m.id for m in self.made]
            for m in self.made:
                m.settle("ACTIVE")
            self.name = self.admin.server(self.ids[0])["OS-EXT-SRV-ATTR:host"]
            for m, state in zip(self.made, how):
                if self.admin.server(m.id)["OS-EXT-SRV-ATTR:host"] != self.name:
                    m.act(self.admin, {"os-migrateLive": {"host": self.name, "block_migration": "auto"}})
                    m.settle("ACTIVE")
                if state == "SHUTOFF":
                    m.act(self.admin, {"os-stop": None})
                    m.settle(state)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *what):
        for m in self.made:
            m.__exit__()

    def service(self):
        s = self.admin.get("/os-services?binary=nova-compute&host=" + self.name)["services"][0]
        return s["status"], s["disabled_reason"]

    def enable(self):
        s = self.admin.get("/os-services?binary=nova-compute&host=" + self.name)["services"][0]
        self.admin.call("PUT", "/os-services/" + s["id"], {"status": "enabled"})

    def others(self):
        servers = self.admin.get("/servers/detail?all_tenants=1&host=" + self.name)["servers"]
        return {s["id"] for s in servers if s["id"] not in self.ids and not s["name"].startswith("contract")}

    def strata(self, noun, *args, code=0):
        r = self.cloud.strata(noun, *args, "--cloud", self.cloud.admin_cloud, "--yes", "-o", "json", timeout=200)
        equal(r.code, code, r)
        return json.loads(r.out)

    def moved(self, want):
        """What Nova, its records and Placement say of ours."""
        for i, status, vm in want:
            m = self.admin.get("/os-migrations?instance_uuid=" + self.ids[i])["migrations"][0]
            s = self.admin.server(self.ids[i])
            equal((m["status"], m["source_compute"], m["dest_compute"]), (status, self.name, s["OS-EXT-SRV-ATTR:host"]), m)
            equal((s["status"], s["OS-EXT-STS:task_state"]), (vm, None), "its state")
            held = self.admin.get("/allocations/" + self.ids[i], "1.28", "placement")["allocations"]
            equal(len(held), 1, "it is held in one place")


@case("a host's drain holds its parts; killed between two agents, its router is given to one; --node may not say what names and addresses deny", "sim")
def parts(cloud):
    with Fast("10") as sim:
        api, name = Api(sim, sim.admin_cloud), "compute-2"
        sim.act("agent-start neutron-l3-agent " + name)
        agents = {a["host"]: a["id"] for a in api.call("GET", "/v2.0/agents", None, None, "network")[1]["agents"] if a["agent_type"] == "L3 agent"}
        r = api.call("POST", "/v2.0/routers", {"router": {"name": "between"}}, None, "network")[1]["router"]["id"]
        on = lambda: [a["host"] for a in api.call("GET", "/v2.0/routers/%s/l3-agents" % r, None, None, "network")[1]["agents"]]
        for h in on():
            equal(api.call("DELETE", "/v2.0/agents/%s/l3-routers/%s" % (agents[h], r), None, None, "network")[0], 204, "off " + h)
        equal(api.call("POST", "/v2.0/agents/%s/l3-routers" % agents[name], {"router_id": r}, None, "network")[0], 201, "on the host")
        words = lambda *args: (*args, "--cloud", sim.admin_cloud, "--yes", "-o", "json")

        def strata(*args, code=0):
            x = cloud.strata(*words(*args), env=sim.env(), timeout=150)
            equal(x.code, code, x)
            return json.loads(x.out)
        rest = ("--leave=all", "--pod-selector=contract=nothing")
        o = strata("host", "drain", name, "--node=compute-3", "--dry-run", *rest, code=4)
        check("--node says compute-3, but node compute-2 of admin has the name of this host" in json.dumps(o), o)
        sim.fault(kind="latency", on="openstack", method="POST", prefix="/network", ms=60000, count=1)
        p = cloud.start(*words("host", "drain", name, *rest), env=sim.env())
        until("the old agent let go", lambda: on() == [], 60)
        (svc,) = [x["id"] for x in api.get("/os-services?binary=nova-compute&host=" + name)["services"]]
        for args in (("compute-service", "enable", svc), ("router", "reschedule", r), ("uncordon", name, "--context", "admin")):
            x = cloud.strata(*words(*args), env=sim.env(), timeout=60)
            check(x.code == 4 and "at work already: host-drain hypervisor " + name in x.out + x.err, (args, x))
        p.kill()
        p.wait()
        sim.clear()
        (left,) = [x for x in json.loads(cloud.strata("ops", "-o", "json").out) if name in x["title"] and not x["running"]]
        o = strata("ops", "--resume", left["key"], "--context", "admin")
        check(o["state"] == "done" and len(on()) == 1 and on() != [name], (on(), o))


@case("a hypervisor that goes down while it is drained: said, and given up", "sim")
def down(cloud):
    with Fast("10") as sim:
        h = Host(cloud, sim, "compute-4", 2)
        for i in h.ids:
            sim.act("migration stuck " + i)
        p = h.start()
        until("one moves", lambda: "running" in [h.last(i)["status"] for i in (0, 1)])
        sim.act("host-down compute-4")
        o = json.loads(p.communicate(timeout=150)[0])
        equal((o["state"], "its compute service is down, so nothing can be moved from it: 0 servers are gone, 2 still here: " in o["note"]), ("failed", True), o["note"])


@case("a hypervisor is drained of the servers that are named, live and cold, the others left: Nova's records and openstackclient say the same")
def shared(cloud):
    with Shared(cloud, ["ACTIVE", "SHUTOFF", "ACTIVE"]) as h:
        others = h.others()
        try:
            o = h.strata("hypervisor", "drain", h.name, "--leave=all", "--live=" + h.ids[0], "--cold=" + h.ids[1], "--reason=contract")
            equal((o["state"], o["failed"], h.service()), ("done", 0, ("disabled", "strata: contract")), o)
            h.moved([(0, "completed", "ACTIVE"), (1, "confirmed", "SHUTOFF")])
            equal(others - h.others(), set(), "the others")
            equal(h.admin.server(h.ids[2])["OS-EXT-SRV-ATTR:host"], h.name, "left")
            if cloud.mode == "live":
                (s,) = [s for s in cloud.openstack("compute", "service", "list", "--service", "nova-compute", "--long") if s["Host"] == h.name]
                equal((s["Status"], s["Disabled Reason"]), ("disabled", "strata: contract"), s)
            equal((h.strata("hypervisor", "enable", h.name)["state"], h.service()), ("done", ("enabled", None)), "enabled")
        finally:
            h.enable()


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "contract-host-drain-%d" % os.getpid(), "namespace": "default", "labels": {"contract": "host-drain"}},
       "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "c", "image": "registry.k8s.io/pause:3.10"}]}}


@case("a host is drained across the layers: a server and a pod of our own go, all others stay; and back")
def shared_host(cloud):
    pod = "/api/v1/namespaces/default/pods"
    mine = pod + "/" + POD["metadata"]["name"]
    with Shared(cloud, ["ACTIVE"]) as h:
        node = lambda: cloud.raw("GET", "/api/v1/nodes/" + h.name)[2]
        was = node()["spec"].get("unschedulable", False)
        code, made = cloud.raw("POST", pod, "application/json", dict(POD, spec=dict(POD["spec"], nodeName=h.name)))[::2]
        equal(code, 201, "a pod")
        try:
            o = h.strata("host-drain", "node/" + h.name, "--leave=all", "--live=" + h.ids[0], "--pod-selector=contract=host-drain", "--force", "--confirm", h.name, "--reason=contract",
                         "--ignore-maintenance")          # another case tries such controllers' objects in this cluster
            equal((o["state"], h.service(), node()["spec"].get("unschedulable")), ("done", ("disabled", "strata: contract"), True), o)
            h.moved([(0, "completed", "ACTIVE")])
            equal(cloud.raw("GET", mine)[0], 404, "the pod")
            # other cases roll workloads of this host at the same time: what is seen to go may be theirs, what was sent is ours
            sent = {x["uid"] for x in journal(cloud, '"%s"' % o["key"]) if x["event"] == "intent" and x.get("action") == "evict" and not x.get("dry_run")}
            equal(sent, {made["metadata"]["uid"]}, "what was evicted")
            o = h.strata("host", "back", h.name)
            equal((o["state"], h.service(), node()["spec"].get("unschedulable", False)), ("done", ("enabled", None), False), o)
            hosts = {x["hypervisor_hostname"] for x in h.admin.get("/os-hypervisors")["hypervisors"]}
            (other, *_) = [n["metadata"]["name"] for n in cloud.raw("GET", "/api/v1/nodes")[2]["items"] if n["metadata"]["name"] not in hosts]
            o = h.strata("host-back", "node/" + other, code=4)
            check("it is no hypervisor (looked in 1 cloud)" in o["error"]["text"], o)
        finally:
            h.enable()
            cloud.raw("DELETE", mine)
            cloud.raw("PATCH", "/api/v1/nodes/" + h.name, "application/merge-patch+json", {"spec": {"unschedulable": was or None}})


@case("a host whose agents care for a router and a network: they go to other agents, which are as Neutron says; then its agents are down, and back", "sim")
def agents(cloud):
    with Fast("10") as sim:
        api, name = Api(sim, sim.admin_cloud), "compute-2"

        def net(method, path, body=None, want=200):
            code, doc = api.call(method, "/v2.0" + path, body, None, "network")
            equal(code, want, "%s %s: %r" % (method, path, doc))
            return doc

        def strata(*args):
            r = cloud.strata("host", *args, "--cloud", sim.admin_cloud, "--yes", "-o", "json", env=sim.env(), timeout=150)
            equal(r.code, 0, r)
            return json.loads(r.out)
        ids = {}
        for kind, binary in ("L3 agent", "neutron-l3-agent"), ("DHCP agent", "neutron-dhcp-agent"):
            sim.act("agent-start %s %s" % (binary, name))
            (a,) = [a for a in net("GET", "/agents?host=" + name)["agents"] if a["agent_type"] == kind]
            ids[kind] = a["id"]
        agent = lambda kind: [net("GET", "/agents/" + ids[kind])["agent"][k] for k in ("admin_state_up", "description")]
        r = net("POST", "/routers", {"router": {"name": "on-the-host"}}, 201)["router"]["id"]
        n = net("POST", "/networks", {"network": {"name": "on-the-host"}}, 201)["network"]["id"]
        on = lambda: [a["host"] for a in net("GET", "/routers/%s/l3-agents" % r)["agents"]]
        serves = lambda: [a["host"] for a in net("GET", "/networks/%s/dhcp-agents" % n)["agents"]]
        for a in net("GET", "/routers/%s/l3-agents" % r)["agents"]:
            net("DELETE", "/agents/%s/l3-routers/%s" % (a["id"], r), want=204)
        net("POST", "/agents/%s/l3-routers" % ids["L3 agent"], {"router_id": r}, 201)
        if name not in serves():
            net("POST", "/agents/%s/dhcp-networks" % ids["DHCP agent"], {"network_id": n}, 201)
        equal((on(), name in serves()), ([name], True), "both are on the host")
        o = strata("drain", name, "--leave=all", "--pod-selector=contract=nothing", "--reason=contract", "--dry-run")
        steps = {s["text"]: s["request"] for s in o["steps"] if s["request"]}
        asks = lambda word: ["%s -> %s" % (t, q) for t, q in steps.items() if t.startswith(word)]
        (leaves,) = asks("remove-agent router on-the-host")
        to, spare = asks("add-agent router on-the-host")
        check("from the agent on %s -> DELETE network /agents/%s/l3-routers/%s" % (name, ids["L3 agent"], r) in leaves, leaves)
        check(": to the agent on " in to and "POST network /agents/" in to and name not in to, to)
        check("only if the other does not take it, back to the agent on %s -> POST network /agents/%s/" % (name, ids["L3 agent"]) in spare, spare)
        check(any('PUT compute /os-services/' in x and '"strata: contract"' in x for x in asks("disable hypervisor")), steps)
        check(any("PATCH /api/v1/nodes/%s " % name in x for x in asks("cordon node")), steps)
        equal((on(), agent("L3 agent")[0]), ([name], True), "a dry run changes nothing")
        o = strata("drain", name, "--leave=all", "--pod-selector=contract=nothing", "--reason=contract")
        check(o["state"] == "done" and len(on()) == 1 and name not in on() + serves() and serves(), (on(), serves(), o))
        check("as agreed" in o["note"] and o["note"].endswith("; 1 router and the DHCP of 1 network moved"), o["note"])
        equal([agent(kind) for kind in ids], [[False, "strata: contract"]] * 2, "its agents")
        order = [x["action"] for x in journal(cloud, '"%s"' % o["key"]) if x["event"] == "intent"]
        first = lambda *words: min(order.index(w) for w in words)
        check(order[0] == "disable" and first("remove-agent", "add-agent") < len(order) - 1 - order[::-1].index("disable") < order.index("cordon"), order)
        equal(unsettled(journal(cloud, '"%s"' % o["key"])), {}, "each intent has its outcome")
        o = strata("back", name)
        equal((o["state"], [agent(kind)[0] for kind in ids], "unschedulable" in sim.kube("/api/v1/nodes/" + name)["spec"]), ("done", [True, True], False), o)
