"""Actions on servers by strata: each followed to its true end, told by what Nova itself records of that request."""
import json
import os
import re

from case import collector
from cases_move import Fast
from cases_nova import Made
from cases_ops import act
from cloud import check, equal, settled, until

CASES = []
case = collector(CASES)


class Acted(Made):
    """A server that strata acts on."""

    def strata(self, cloud, action, *args, code=0, state=None, who=None):
        o = act(cloud, "server", action, self.id, "--cloud", who or cloud.admin_cloud, "--yes", "--confirm", "contract-server", *args, code=code)
        equal(o["state"], state or ("refused" if code == 4 else "done"), o)
        return o

    def done(self, cloud, action, record, *args, vm=None, **kw):
        """Its state at the end, its record: by strata's request id, of that name, and all its events went well."""
        o = self.strata(cloud, action, *args, **kw)
        s = self.admin.server(self.id)
        equal((s["OS-EXT-STS:task_state"], s["OS-EXT-STS:vm_state"]), (None, vm), "%s when strata says that it is done: %r" % (action, o["note"]))
        a = self.action(o["steps"][0]["request_id"])
        equal(a["action"], record, action)
        check(all(e["result"] == "Success" for e in a["events"]), a)
        return s, o

    def refused(self, cloud, action, words, *args):
        before = len(self.admin.get("/servers/%s/os-instance-actions" % self.id)["instanceActions"])
        o = self.strata(cloud, action, *args, code=4)
        check(words in o["error"]["text"], "%s: %r instead of %r" % (action, o["error"]["text"], words))
        equal(len(self.admin.get("/servers/%s/os-instance-actions" % self.id)["instanceActions"]), before, "nothing was asked of Nova")

    def moves(self):
        return self.admin.get("/os-migrations?instance_uuid=" + self.id)["migrations"]


POWER = [("stop", "stop", "stopped"), ("start", "start", "active"), ("reboot", "reboot", "active"), ("reboot", "reboot", "active", "--type=hard"),
         ("pause", "pause", "paused"), ("unpause", "unpause", "active"), ("suspend", "suspend", "suspended"), ("resume", "resume", "active")]


@case("a server's power and sleep: each action ends where Nova's record of that request does; refused in words before Nova is asked")
def power(cloud):
    with Acted(cloud, "contract-server") as m:
        for action, record, vm, *args in POWER:
            s, o = m.done(cloud, action, record, *args, vm=vm)
        equal(m.strata(cloud, "start")["steps"][0]["state"], "already", "it is active")
        m.done(cloud, "stop", "stop", vm="stopped")
        m.refused(cloud, "pause", "it is SHUTOFF, and Nova takes this only when it is ACTIVE: start it first")
        m.refused(cloud, "live-migrate", "it is SHUTOFF, and Nova takes this only when it is ACTIVE or PAUSED")


def other_host(m):
    return [s["host"] for s in m.admin.get("/os-services?binary=nova-compute")["services"] if s["state"] == "up" and s["status"] == "enabled" and
            s["host"] != m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]][0]


@case("a server moves while it runs: to a host that is named, to one that the scheduler chooses; its migration row says the same")
def live(cloud):
    with Acted(cloud, "contract-server") as m:
        to, was = other_host(m), m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        s, o = m.done(cloud, "live-migrate", "live-migration", "--host", to, vm="active")
        row = m.moves()[0]
        equal((s["OS-EXT-SRV-ATTR:host"], row["status"], row["source_compute"], row["dest_compute"]), (to, "completed", was, to), o)
        check("it is on %s now" % to in o["steps"][0]["note"], o)
        s, o = m.done(cloud, "live-migrate", "live-migration", vm="active")
        equal((s["OS-EXT-SRV-ATTR:host"], m.moves()[0]["status"]), (m.moves()[0]["dest_compute"], "completed"), o)
        m.refused(cloud, "live-migrate", "it is on %s already" % s["OS-EXT-SRV-ATTR:host"], "--host", s["OS-EXT-SRV-ATTR:host"])
        m.refused(cloud, "live-migrate", "there is no compute host nowhere", "--host", "nowhere")
        m.refused(cloud, "abort-migration", "it is not being migrated")


@case("a server is resized and goes back, moves cold and is confirmed; a flavor by its name; what waits for its confirmation is told so")
def cold(cloud):
    with Acted(cloud, "contract-server") as m:
        was = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        m.refused(cloud, "resize", "there is no flavor m1.nothing", "--flavor=m1.nothing")
        equal(m.strata(cloud, "resize", "--flavor=m1.tiny")["steps"][0]["state"], "already", "the flavor it has")
        s, o = m.done(cloud, "resize", "resize", "--flavor=m1.small", vm="resized")
        equal((s["flavor"]["original_name"], m.moves()[0]["status"]), ("m1.small", "finished"), o)
        m.refused(cloud, "stop", "it is VERIFY_RESIZE")
        s, o = m.done(cloud, "revert-resize", "revertResize", vm="active")
        equal((s["flavor"]["original_name"], m.moves()[0]["status"], s["OS-EXT-SRV-ATTR:host"]), ("m1.tiny", "reverted", was), o)
        to = other_host(m)
        s, o = m.done(cloud, "migrate", "migrate", "--host", to, vm="resized")
        equal((s["OS-EXT-SRV-ATTR:host"], m.moves()[0]["status"], m.moves()[0]["migration_type"]), (to, "finished", "migration"), o)
        check("confirm-resize keeps it so" in o["steps"][0]["note"], o)
        s, o = m.done(cloud, "confirm-resize", "confirmResize", vm="active")
        equal((m.moves()[0]["status"], s["OS-EXT-SRV-ATTR:host"]), ("confirmed", to), o)
        m.refused(cloud, "confirm-resize", "it is ACTIVE, and Nova takes this only when it is VERIFY_RESIZE")
        m.refused(cloud, "revert-resize", "it is ACTIVE, and Nova takes this only when it is VERIFY_RESIZE")
        m.refused(cloud, "evacuate", "is up, and Nova evacuates only from a host that is down")


@case("a server is locked with a reason, shelved, rescued, and its record is set by hand; each and its way back")
def states(cloud):
    with Acted(cloud, "contract-server") as m:
        s, _ = m.done(cloud, "lock", "lock", "--reason=contract audit", vm="active")
        equal((s["locked"], s["locked_reason"]), (True, "contract audit"), "locked")
        equal(m.strata(cloud, "lock")["steps"][0]["state"], "already", "locked")
        o = m.strata(cloud, "stop", who=cloud.member_cloud, code=4, state="failed")
        check("locked" in o["steps"][0]["note"], o)
        s, _ = m.done(cloud, "unlock", "unlock", vm="active")
        equal(s["locked"], False, "unlocked")
        m.done(cloud, "shelve", "shelve", vm="shelved_offloaded")
        m.done(cloud, "unshelve", "unshelve", vm="active")
        m.done(cloud, "rescue", "rescue", vm="rescued")
        m.refused(cloud, "stop", "unrescue it first")
        m.done(cloud, "unrescue", "unrescue", vm="active")
        o = m.strata(cloud, "reset-state", "--state=error")
        equal((m.admin.server(m.id)["status"], [x["action"] for x in m.admin.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"]][0]), ("ERROR", "resetState"), o)
        m.strata(cloud, "reset-state", "--state=active")
        equal(m.admin.server(m.id)["status"], "ACTIVE", "set back")
        o = m.strata(cloud, "reset-state", "--state=active")           # as Nova's own client: sent whatever the record says
        check("it is active already" in str(o["steps"][0]["facts"]), o)
        equal([x["action"] for x in m.admin.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"]][:3], ["resetState"] * 3, "sent")


@case("a server is copied into an image, rebuilt, and deleted; who does not type its name does none of what loses data")
def life(cloud):
    with Acted(cloud, "contract-server") as m:
        copy = "contract-copy-" + m.id                  # not that of a run that was killed
        o = m.strata(cloud, "snapshot", "--name=" + copy, who=cloud.member_cloud)
        image, = m.member.get("/v2/images?name=" + copy, service="image", version=None)["images"]
        equal((image["status"], image["instance_uuid"], image["id"] in o["steps"][0]["note"]), ("active", m.id, True), o)
        m.refused(cloud, "rebuild", "there is no image contract-none", "--image=contract-none")
        r = cloud.strata("server", "rebuild", m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal((r.code, m.admin.server(m.id)["status"]), (4, "ACTIVE"), r)
        s, _ = m.done(cloud, "rebuild", "rebuild", "--image=" + copy, who=cloud.member_cloud, vm="active")
        equal(s["image"]["id"], image["id"], "its image")
        m.done(cloud, "rebuild", "rebuild", "--image=" + m.image, vm="active")
        m.member.call("DELETE", "/v2/images/" + image["id"], service="image", version=None)
        r = cloud.strata("server", "force-delete", m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal((r.code, m.admin.server(m.id)["status"]), (4, "ACTIVE"), r)
        o = m.strata(cloud, "force-delete")
        equal(m.member.call("GET", "/servers/" + m.id)[0], 404, o)
        check("it is gone" in o["steps"][0]["note"], o)
        gone = m.admin.get("/servers/%s/os-instance-actions/%s" % (m.id, o["steps"][0]["request_id"]))["instanceAction"]
        equal(gone["action"], "delete", gone)
        r = cloud.strata("server", "force-delete", m.id, "--cloud", cloud.admin_cloud, "--yes", "--confirm", "contract-server")
        equal(r.code, 3, r)


@case("the noun comes first, as openstackclient has it: server list, show, console-log; console-url gives an address that is kept nowhere")
def reads(cloud):
    with Acted(cloud, "contract-server") as m:
        where, trace = ["--cloud", cloud.member_cloud], cloud.home + "/trace-console"
        out = lambda *args: cloud.strata(*args, *where, env={"STRATA_TRACE": trace})
        settled(lambda: equal(out("server", "list", "-o", "name").out, out("get", "server", "-o", "name").out, "list"))
        r = out("server", "show", m.id)
        equal((r.code, m.id in r.out, r.out.split()[0]), (0, True, out("describe", "server", m.id).out.split()[0]), r)
        r = out("server", "console-log", m.id)
        equal(r.out.rstrip("\n"), m.member.call("POST", "/servers/%s/action" % m.id, {"os-getConsoleOutput": {}})[1]["output"].rstrip("\n"), r)
        r = out("server", "console-url", m.id)
        check(r.code == 0 and r.out.startswith("http") and r.out.count("\n") == 1, r)
        token = re.fullmatch(r".*token(?:=|%3D)([0-9a-f-]{36})", r.out.strip()).group(1)
        for root, _, names in os.walk(cloud.home):
            for name in names:
                with open(os.path.join(root, name), "rb") as f:
                    check(token.encode() not in f.read(), "the token stands in " + name)
        equal(out("console-url", "pods", "x").code, 2, "of a pod")
        m.done(cloud, "stop", "stop", vm="stopped")
        r = out("server", "console-url", m.id)
        code, doc = m.member.call("POST", "/servers/%s/remote-consoles" % m.id, {"remote_console": {"protocol": "vnc", "type": "novnc"}})
        equal(r.code == 0, code == 200, "as Nova says of a server that is off: %r" % r)


class Moved(Acted):
    """A server of a fast demo cloud, with a trouble of its own when it moves."""

    def __init__(self, cloud, sim):
        super().__init__(sim, "contract-server")
        self.cloud, self.sim = cloud, sim

    def words(self, action, *args):
        return ("server", action, self.id, "--cloud", self.sim.admin_cloud, "--yes", "--confirm", "contract-server", "-o", "json", *args)

    def go(self, action, *args, code=0):
        r = self.cloud.strata(*self.words(action, *args), env=self.sim.env(), timeout=120)
        equal(r.code, code, r)
        o = json.loads(r.out)
        return o["steps"][0]["note"] if o["state"] in ("done", "failed") else o["error"]["text"]

    def start(self, how, status):
        self.sim.act("migration %s %s" % (how, self.id))
        p = self.cloud.start(*self.words("live-migrate"), env=self.sim.env())
        until(how, lambda: self.moves() and self.moves()[0]["status"] == status)
        return p

    def end(self, p):
        out = json.loads(p.communicate(timeout=60)[0])
        return p.returncode, out["steps"][0]["note"]


# how it goes, what strata says of it
ENDS = [("fails", "is failed, and Nova keeps no reason: see the log of nova-compute on "), ("refused", "Nova says that it failed in conductor_live_migrate_instance: Migration pre-check error: Unacceptable CPU info"),
        ("rejected", "Operation 'live-migration' not supported for vTPM-enabled instance"),
        ("returns", "is completed, but Nova still has the server on"), ("breaks", "it is in ERROR: internal error: qemu unexpectedly closed the monitor")]


@case("moves that do not go well: failed, refused, rejected, completed in words alone, broken; aborted and forced while they are under way", "sim")
def troubles(cloud):
    with Fast("10") as sim, Moved(cloud, sim) as m:
        home = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        for how, words in ENDS:
            sim.act("migration %s %s" % (how, m.id))
            note = m.go("live-migrate", code=4 if how == "rejected" else 1)        # by the API itself
            check(words in note, "%s: %r" % (how, note))
            equal(m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"], home, "where it is: " + how)
        m.go("reset-state", "--state=active")
        for how, status in (("queued", "queued"), ("hangs", "running")):
            p = m.start(how, status)
            check("is cancelled" in m.go("abort-migration"), how)
            code, note = m.end(p)
            check(code == 1 and "it was aborted" in note, note)
        p = m.start("hangs", "running")
        check("is completed" in m.go("force-complete"), "forced")
        code, note = m.end(p)
        equal((code, note.endswith("it is on %s now" % m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"])), (0, True), note)
        sim.act("migration fails " + m.id)
        check("Resize error: not able to execute ssh command" in m.go("migrate", code=1), "a cold one that fails")
        sim.act("migration fine " + m.id)
        host = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        svc, = m.admin.get("/os-services?binary=nova-compute&host=" + host)["services"]
        m.admin.call("PUT", "/os-services/" + svc["id"], {"forced_down": True})
        for action in ("live-migrate", "migrate"):
            check("evacuate moves it" in m.go(action, code=4), action)
        check("there is no compute host" in m.go("evacuate", "--host=nowhere", code=4), "nowhere")
        note = m.go("evacuate")
        s = m.admin.server(m.id)
        check(s["OS-EXT-SRV-ATTR:host"] != host and s["OS-EXT-SRV-ATTR:host"] in note, note)
        equal((s["status"], m.moves()[0]["status"], m.moves()[0]["migration_type"]), ("ACTIVE", "done", "evacuation"), note)


@case("a host that dies with moves in its queue has a free queue when it is back; each API that fails says so in its own words", "sim")
def queue(cloud):
    with Fast("10") as sim, Moved(cloud, sim) as m:
        home = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        other = [s["id"] for s in m.admin.get("/servers/detail?all_tenants=1&status=ACTIVE&host=" + home)["servers"] if s["id"] != m.id][0]
        sim.act("migration hangs " + other)
        for sid, status in ((other, "running"), (m.id, "queued")):
            equal(m.admin.call("POST", "/servers/%s/action" % sid, {"os-migrateLive": {"host": None, "block_migration": "auto"}})[0], 202, status)
            until(status, lambda: m.admin.get("/os-migrations?instance_uuid=" + sid)["migrations"][0]["status"] == status)
        sim.act("host-down " + home)
        sim.act("host-up " + home)
        until("nobody moves it", lambda: m.admin.server(m.id)["OS-EXT-STS:task_state"] is None)
        if m.admin.server(m.id)["status"] == "SHUTOFF":
            m.go("start")
        m.go("live-migrate")
        check(m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"] != home, "it waits for nobody")
        for prefix, service, key, words in (("/network", "network", "NeutronError", "Request Failed: internal server error"), ("/compute", "compute", "computeFault", "Unexpected API Error")):
            sim.fault(kind="status", on="openstack", prefix=prefix, status=500)
            code, doc = m.admin.call("GET", "/v2.0/agents" if service == "network" else "/servers", service=service, version=None)
            sim.clear()
            check(code == 500 and words in doc[key]["message"], "%s: %r" % (service, doc))
