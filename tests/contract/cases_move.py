"""Moves of servers that do not go well, as the demo cloud makes them for the tests of a drain; guests that are busy; who may write."""
import json
import os
import urllib.request

from case import collector
from cases_nova import LIVE, Made, sentence
from cloud import Sim, Skip, check, equal, until
from ostk_api import Api

CASES = []
case = collector(CASES)
MOVING = "Cannot '%s' instance ID while it is in %s"


class Fast(Sim):
    """A demo cloud with a fast clock, as a cloud for Made and Api."""
    admin_cloud, member_cloud = "demo", "demo-member"

    def __init__(self, speed):
        super().__init__("--speed", speed)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.stop()

    def environ(self):
        return self.env()

    def act(self, words):
        rq = urllib.request.Request(self.conf["control"].replace("/fault", "/act"), data=json.dumps({"do": words}).encode(), method="POST",
                                    headers={"X-Sim-Secret": self.conf["secret"]})
        with urllib.request.urlopen(rq, timeout=10, context=self.ssl) as r:
            equal(json.load(r), {"done": words}, words)


class Mover(Made):
    """A server that is moved with a trouble of its own."""

    def __init__(self, sim, name):
        super().__init__(sim, name)
        self.sim, self.path = sim, "/servers/%s/migrations" % self.id

    def last(self):
        return self.admin.get("/os-migrations?instance_uuid=" + self.id)["migrations"][0]

    def host(self):
        return self.admin.server(self.id)["OS-EXT-SRV-ATTR:host"]

    def start(self, how, status="running"):
        self.sim.act("migration %s %s" % (how, self.id))
        self.act(self.admin, LIVE)
        return until("%s: %s" % (how, status), lambda: self.last()["status"] == status and self.last())

    def abort(self, mid, version="2.93"):
        return self.admin.call("DELETE", "%s/%d" % (self.path, mid), version=version)[0]

    def remains(self):
        now = self.admin.get(self.path)["migrations"]
        return now and now[0]["memory_remaining_bytes"]


@case("live migrations that are slow, hang, are stuck, fail, break, come back, wait, are refused or rejected", "sim")
def troubles(cloud):
    with Fast("10") as sim, Mover(sim, "contract-trouble") as m:
        home = m.host()
        for how, status, server in (("fails", "failed", "ACTIVE"), ("returns", "completed", "ACTIVE"), ("refused", "error", "ACTIVE"), ("breaks", "error", "ERROR")):
            m.start(how, status)
            s = m.settle(server)[0]
            equal((s["OS-EXT-SRV-ATTR:host"], s["progress"] if "progress" in s else 0), (home, 0), "where it is: " + how)
            equal("fault" in s, server == "ERROR", "its fault: " + how)
        m.act(m.admin, {"os-resetState": {"state": "active"}})
        count = len(m.admin.get("/os-migrations?instance_uuid=" + m.id)["migrations"])
        sim.act("migration rejected %s" % m.id)
        equal(sentence(m.act(m.admin, LIVE, 400))[2], "Operation 'live-migration' not supported for vTPM-enabled instance (ID).", "rejected")
        equal(len(m.admin.get("/os-migrations?instance_uuid=" + m.id)["migrations"]), count, "no migration of one that was rejected")
        one = m.start("hangs")
        seen = [m.remains()]
        until("the guest writes it again", lambda: seen.append(m.remains()) or seen[-1] > seen[-2])
        equal(m.abort(one["id"]), 202, "abort")
        m.settle("ACTIVE")
        equal((m.last()["status"], m.host()), ("cancelled", home), "aborted")
        one = m.start("stuck")
        equal(m.abort(one["id"]), 202, "abort")
        equal([m.remains() for _ in range(3)], [m.remains()] * 3, "stuck")
        equal(m.last()["status"], "running", "nobody listens")
        sim.act("migration fine %s" % m.id)
        m.settle("ACTIVE")
        equal(m.last()["status"], "cancelled", "at last")
        one = m.start("queued", "queued")
        equal(m.abort(one["id"], "2.64"), 400, "abort in the queue before 2.65")
        equal(m.abort(one["id"]), 202, "and since")
        m.settle("ACTIVE")
        equal(m.last()["status"], "cancelled", "out of the queue")
        for how, status, end in (("hangs", "running", "error"), ("queued", "queued", "cancelled")):
            m.start(how, status)
            sim.act("compute-restart " + home)
            m.settle("ACTIVE")
            equal((m.last()["status"], m.host()), (end, home), "its nova-compute was new: " + how)
        one = m.start("hangs")
        equal(m.admin.call("POST", "%s/%d/action" % (m.path, one["id"]), {"force_complete": None})[0], 202, "force")
        m.settle("ACTIVE")
        equal((m.last()["status"], m.host()), ("completed", one["dest_compute"]), "forced")
        m.start("slow")
        m.settle("ACTIVE")
        equal(m.last()["status"], "completed", "slowly")


@case("a guest that reboots or waits for its resize is not moved; cold migrations fail; what a move holds in Placement", "sim")
def busy(cloud):
    with Fast("5") as sim, Mover(sim, "contract-busy") as m:
        sim.act("server-reboot contract-busy")
        text = sentence(m.act(m.admin, LIVE, 409))[2]
        check(text in (MOVING % ("os-migrateLive", "task_state reboot_started"), MOVING % ("os-migrateLive", "task_state rebooting")), text)
        m.settle("ACTIVE")
        for how, status in (("refused", "ACTIVE"), ("fails", "ACTIVE"), ("breaks", "ERROR")):
            sim.act("migration %s %s" % (how, m.id))
            m.act(m.admin, {"migrate": None})
            request, home = m.admin.request, m.host()
            m.settle(status)
            equal((m.action(request)["message"], m.host()), ("Error", home), how)
        m.act(m.admin, {"os-resetState": {"state": "active"}})
        sim.act("migration fine %s" % home)
        sim.act("server-resize %s" % m.id)
        m.settle("VERIFY_RESIZE")
        equal(sentence(m.act(m.admin, LIVE, 409))[2], MOVING % ("os-migrateLive", "vm_state resized"), "a resized server")
        ids = {h["hypervisor_hostname"]: h["id"] for h in m.admin.get("/os-hypervisors")["hypervisors"]}

        def holders(host):
            return m.admin.get("/resource_providers/%s/allocations" % ids[host], "1.39", "placement")["allocations"]
        one = m.last()
        check(one["uuid"] in holders(home) and m.id not in holders(home) and m.id in holders(m.host()), "who holds what")
        m.act(m.member, {"confirmResize": None}, 204)
        until("confirmed", lambda: m.admin.server(m.id)["status"] == "ACTIVE")
        check(one["uuid"] not in holders(home), "still held")
        sim.act("server-soft-delete %s" % m.id)
        equal(m.admin.server(m.id)["status"], "SOFT_DELETED", "soft deleted")
        check(m.id not in [s["id"] for s in m.member.get("/servers")["servers"]], "listed")
        m.act(m.member, {"restore": None})
        m.settle("ACTIVE")
        sim.act("server-error %s" % m.id)
        check(m.admin.server(m.id)["fault"]["message"], "its fault")


@case("whoever only reads may look at servers and change none of them", "sim")
def reader(cloud):
    try:
        import yaml
    except ImportError:
        raise Skip("python3-yaml is not installed")
    with Fast("10") as sim:
        path = os.path.join(sim.dir, "clouds.yaml")
        with open(path) as f:
            doc = yaml.safe_load(f)
        doc["clouds"]["reader"] = dict(doc["clouds"]["demo-member"], auth=dict(doc["clouds"]["demo-member"]["auth"], username="viewer"))
        with open(path, "w") as f:
            yaml.safe_dump(doc, f)
        me = Api(sim, "reader")
        sid = me.get("/servers?status=ACTIVE")["servers"][0]["id"]
        for method, where, body, rule in [("POST", "/servers/%s/action", {"os-stop": None}, "servers:stop"), ("POST", "/servers/%s/action", {"lock": None}, "os-lock-server:lock"),
                                          ("DELETE", "/servers/%s", None, "servers:delete"), ("POST", "/servers", {"server": {}}, "servers:create"),
                                          ("POST", "/servers/%s/action", LIVE, "os-migrate-server:migrate_live")]:
            code, doc = me.call(method, where.replace("%s", sid), body)
            equal((code, sentence(doc)[2]), (403, "Policy doesn't allow os_compute_api:%s to be performed." % rule), rule)
        equal(me.server(sid)["status"], "ACTIVE", "as before")
