"""Nova by its own API: states reached, events, sentences of refusals, microversions, pages; the same on sim and on real servers."""
import contextlib
import os
import re
import time

from case import collector
from cloud import Skip, check, equal, settled, until
from ostk_api import Api

CASES = []
PARTS = 2
case = collector(CASES)
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Made:
    """A server of our own in the member's project, with the smallest flavor; gone at the end."""

    def __init__(self, cloud, name="contract", flavor="m1.tiny", wait="ACTIVE", **more):
        self.admin, self.member = Api(cloud, cloud.admin_cloud), Api(cloud, cloud.member_cloud)
        self.flavors = {f["name"]: f["id"] for f in self.member.get("/flavors")["flavors"]}
        images = self.member.get("/v2/images?limit=1000", service="image", version=None)["images"]
        self.image = [i["id"] for i in images if "cirros" in i["name"]][0]
        body = dict({"name": name, "flavorRef": self.flavors[flavor], "imageRef": self.image, "networks": "none"}, **more)
        code, doc = self.member.call("POST", "/servers", {"server": body})
        equal(code, 202, "POST /servers: %r" % doc)
        self.id, self.born = doc["server"]["id"], self.member.request
        if wait:
            self.settle(wait)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.admin.call("DELETE", "/servers/" + self.id)

    def settle(self, status, seconds=60):
        """Until it has the status and is busy with nothing; the states on the way."""
        seen, end = [], time.monotonic() + seconds
        while True:
            s = self.admin.server(self.id)
            key = (s["status"], s["OS-EXT-STS:task_state"])
            if not seen or seen[-1] != key:
                seen.append(key)
            if s["status"] == status and s["OS-EXT-STS:task_state"] is None:
                return s, seen
            check(time.monotonic() < end, "not %s: %r" % (status, seen))
            time.sleep(0.1)

    def act(self, who, body, want=202, version="2.93"):
        code, doc = who.call("POST", "/servers/%s/action" % self.id, body, version)
        equal(code, want, "%r: %r" % (body, doc))
        return doc

    def action(self, request, done=True):
        """The instance action of a request; done: when all its events have an end."""
        def ended():
            a = self.admin.get("/servers/%s/os-instance-actions/%s" % (self.id, request))["instanceAction"]
            return a if a["events"] and all(e["finish_time"] for e in a["events"]) or not done else None
        return until("the action's events end", ended, 40)


def sentence(doc):
    (shape, fault), = doc.items()
    return shape, fault["code"], re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", fault["message"])


# body, the task seen on the way, status and vm_state at the end, the event of the compute host
STEPS = [
    ({"os-stop": None}, "powering-off", "SHUTOFF", "stopped", "compute_stop_instance"),
    ({"os-start": None}, "powering-on", "ACTIVE", "active", "compute_start_instance"),
    ({"reboot": {"type": "SOFT"}}, "rebooting", "ACTIVE", "active", "compute_reboot_instance"),
    ({"reboot": {"type": "HARD"}}, "rebooting_hard", "ACTIVE", "active", "compute_reboot_instance"),
    ({"pause": None}, "pausing", "PAUSED", "paused", "compute_pause_instance"),
    ({"unpause": None}, "unpausing", "ACTIVE", "active", "compute_unpause_instance"),
    ({"suspend": None}, "suspending", "SUSPENDED", "suspended", "compute_suspend_instance"),
    ({"resume": None}, "resuming", "ACTIVE", "active", "compute_resume_instance"),
    ({"unrescue": None}, None, None, None, None),
    ({"shelve": None}, "shelving", "SHELVED_OFFLOADED", "shelved_offloaded", "compute_shelve_instance"),
    ({"unshelve": None}, "unshelving", "ACTIVE", "active", "compute_unshelve_instance"),
]


@case("nova: a server goes through its states, each action has its events and its request id")
def states(cloud):
    with Made(cloud, "contract-states") as m:
        create = m.action(m.born)
        equal((create["action"], create["message"], create["events"][0]["event"]), ("create", None, "compute__do_build_and_run_instance"), "create")
        for body, task, status, vm, event in STEPS:
            if not status:
                m.act(m.member, body, 409)
                continue
            m.act(m.member, body)
            request = m.member.request
            s, seen = m.settle(status)
            equal(s["OS-EXT-STS:vm_state"], vm, "vm_state after %r" % body)
            check(seen[0][1] in (task, None) or len(seen) > 1, "%r: %r" % (body, seen))
            a = m.action(request)
            equal((a["request_id"], a["message"], a["project_id"]), (request, None, m.member.project), "%r" % body)
            check(event in [e["event"] for e in a["events"]] and all(e["result"] == "Success" for e in a["events"]), "%r: %r" % (body, a))


@case("nova: rebuild, rescue and a snapshot")
def rebuilds(cloud):
    with Made(cloud, "contract-rebuild") as m:
        doc = m.act(m.member, {"rebuild": {"imageRef": m.image}})
        equal(doc["server"]["status"], "REBUILD", "status of the answer")
        check(doc["server"]["adminPass"], "no password")
        m.settle("ACTIVE")
        check(m.act(m.member, {"rescue": {}}, 200)["adminPass"], "no password")
        m.settle("RESCUE")
        m.act(m.member, {"unrescue": None})
        m.settle("ACTIVE")
        image = m.act(m.member, {"createImage": {"name": "contract-snap"}})["image_id"]
        s, seen = m.settle("ACTIVE")
        check([t for _, t in seen if t and t.startswith("image_")], "no task of a snapshot: %r" % seen)
        doc = m.member.get("/v2/images/" + image, service="image", version=None)
        equal((doc["status"], doc["instance_uuid"], doc["image_type"]), ("active", m.id, "snapshot"), "the image")
        m.member.call("DELETE", "/v2/images/" + image, service="image", version=None)


@case("nova: resize and its confirmation, resize and back, cold migration")
def resizes(cloud):
    with Made(cloud, "contract-resize") as m:
        first = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        m.act(m.member, {"resize": {"flavorRef": m.flavors["m1.small"]}})
        request = m.member.request
        s, seen = m.settle("VERIFY_RESIZE")
        tasks = [t for _, t in seen if t]
        check(tasks and tasks[0] == "resize_prep" and all(t.startswith("resize_") for t in tasks), seen)
        equal([e["event"] for e in m.action(request)["events"]],
              ["compute_finish_resize", "compute_resize_instance", "compute_prep_resize", "cold_migrate", "conductor_migrate_server"], "events")
        one, = m.admin.get("/os-migrations?instance_uuid=" + m.id)["migrations"]
        equal((one["status"], one["migration_type"], one["source_compute"], one["dest_compute"]),
              ("finished", "resize", first, s["OS-EXT-SRV-ATTR:host"]), "migration")
        m.act(m.member, {"confirmResize": None}, 204)
        until("confirmed", lambda: m.admin.server(m.id)["status"] == "ACTIVE")
        equal(m.admin.server(m.id)["flavor"]["original_name"], "m1.small", "flavor")
        m.act(m.member, {"resize": {"flavorRef": m.flavors["m1.tiny"]}})
        m.settle("VERIFY_RESIZE")
        m.act(m.member, {"revertResize": None})
        s, seen = m.settle("ACTIVE")
        equal((s["flavor"]["original_name"], s["OS-EXT-SRV-ATTR:host"]), ("m1.small", one["dest_compute"]), "as before")
        check(("REVERT_RESIZE", "resize_reverting") in seen, seen)
        m.act(m.admin, {"migrate": None})
        m.settle("VERIFY_RESIZE")
        m.act(m.member, {"confirmResize": None}, 204)
        until("confirmed", lambda: m.admin.server(m.id)["status"] == "ACTIVE")
        equal([x["status"] for x in m.admin.get("/os-migrations?instance_uuid=" + m.id)["migrations"]], ["confirmed", "reverted", "confirmed"], "migrations")


LIVE = {"os-migrateLive": {"host": None, "block_migration": "auto"}}


@case("nova: live migration: progress, completed; aborted; forced; a host it is on already")
def live_migration(cloud):
    with Made(cloud, "contract-live", flavor="m1.medium") as m:
        path = "/servers/%s/migrations" % m.id

        def running(last=None):
            """The one after last, when it has numbers; the last one is done a moment after its server is ACTIVE."""
            now = [x for x in m.admin.get(path)["migrations"] if x["status"] == "running" and x["memory_total_bytes"]]
            return now and now[-1]["id"] != (last or {}).get("id") and now[-1]
        before = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        m.act(m.admin, LIVE)
        request = m.admin.request
        one = until("a running migration", running)
        equal((one["source_compute"], one["server_uuid"]), (before, m.id), "migration")
        check(one["memory_total_bytes"] == one["memory_processed_bytes"] + one["memory_remaining_bytes"], one)
        equal(sentence(m.act(m.admin, {"os-stop": None}, 409)), ("conflictingRequest", 409, "Cannot 'stop' instance ID while it is in task_state migrating"), "409")
        s, seen = m.settle("ACTIVE")
        check(s["OS-EXT-SRV-ATTR:host"] == one["dest_compute"] != before and ("MIGRATING", "migrating") in seen, (s["OS-EXT-SRV-ATTR:host"], seen))
        names = [e["event"] for e in m.action(request)["events"]]
        check({"conductor_live_migrate_instance", "compute_live_migration", "compute_pre_live_migration"} <= set(names), names)
        m.act(m.admin, LIVE)
        two = until("a running migration", lambda: running(one))
        equal(m.admin.call("DELETE", "%s/%d" % (path, two["id"]))[0], 202, "abort")
        equal(m.settle("ACTIVE")[0]["OS-EXT-SRV-ATTR:host"], one["dest_compute"], "where it stayed")
        m.act(m.admin, LIVE)
        three = until("a running migration", lambda: running(two))
        equal(m.admin.call("POST", "%s/%d/action" % (path, three["id"]), {"force_complete": None})[0], 202, "force")
        s = m.settle("ACTIVE")[0]
        m.act(m.admin, {"os-migrateLive": {"host": s["OS-EXT-SRV-ATTR:host"], "block_migration": "auto"}})
        request = m.admin.request
        m.settle("ACTIVE")
        a = m.action(request)
        equal((a["message"], a["events"][0]["result"]), ("Error", "Error"), "a host it is on")
        listed = m.admin.get("/os-migrations?instance_uuid=" + m.id)["migrations"]
        equal([x["status"] for x in listed], ["error", "completed", "cancelled", "completed"], "migrations, newest first")
        equal(sentence(m.admin.call("DELETE", "%s/%d" % (path, one["id"]))[1])[:2], ("conflictingRequest", 409), "too late")


# who, method, path (%s = the server), body, code, the whole sentence
REFUSED = [
    ("m", "POST", "/servers/%s/action", {"os-start": None}, 409, "Cannot 'start' instance ID while it is in vm_state active"),
    ("m", "POST", "/servers/%s/action", {"confirmResize": None}, 409, "Cannot 'confirmResize' instance ID while it is in vm_state active"),
    ("m", "POST", "/servers/%s/action", {"unshelve": None}, 409, "Cannot 'unshelve' instance ID while it is in vm_state active"),
    ("m", "POST", "/servers/%s/action", {"foo": None}, 400, "There is no such action: foo"),
    ("m", "POST", "/servers/%s/action", {"reboot": {"type": "x"}}, 400,
     "Invalid input for field/attribute type. Value: x. 'x' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']"),
    ("m", "POST", "/servers/%s/action", {"reboot": {}}, 400, "Invalid input for field/attribute reboot. Value: {}. 'type' is a required property"),
    ("m", "POST", "/servers/%s/action", {"resize": {"flavorRef": "zz"}}, 400, "Flavor zz could not be found."),
    ("m", "POST", "/servers/%s/action", {"migrate": None}, 403, "Policy doesn't allow os_compute_api:os-migrate-server:migrate to be performed."),
    ("m", "POST", "/servers/%s/action", LIVE, 403, "Policy doesn't allow os_compute_api:os-migrate-server:migrate_live to be performed."),
    ("m", "POST", "/servers/%s/action", {"evacuate": {}}, 403, "Policy doesn't allow os_compute_api:os-evacuate to be performed."),
    ("m", "POST", "/servers/%s/action", {"os-resetState": {"state": "error"}}, 403,
     "Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed."),
    ("a", "POST", "/servers/%s/action", {"os-resetState": {"state": "x"}}, 400,
     "Invalid input for field/attribute state. Value: x. 'x' is not one of ['active', 'error']"),
    ("a", "POST", "/servers/%s/action", {"migrate": {"host": "zz"}}, 400, "Compute host zz could not be found."),
    ("a", "POST", "/servers/%s/action", {"os-migrateLive": {"host": "zz", "block_migration": "auto"}}, 400, "Compute host zz could not be found."),
    ("a", "POST", "/servers/%s/action", {"os-migrateLive": {"host": None}}, 400,
     "Invalid input for field/attribute os-migrateLive. Value: {'host': None}. 'block_migration' is a required property"),
    ("m", "PUT", "/servers/%s", {"server": {"name": ""}}, 400, "Invalid input for field/attribute name. Value: . '' is too short"),
    ("m", "GET", "/servers/" + NOWHERE, None, 404, "Instance ID could not be found."),
    ("m", "DELETE", "/servers/" + NOWHERE, None, 404, "Instance ID could not be found."),
    ("m", "POST", "/servers/" + NOWHERE + "/action", {"pause": None}, 404, "Instance ID could not be found."),
    ("m", "POST", "/servers/" + NOWHERE + "/action", {"os-stop": None}, 404, "Instance ID has no mapping to a cell."),
    ("m", "GET", "/servers/detail?all_tenants=1", None, 403, "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed."),
    ("m", "GET", "/servers/detail?changes-since=zzz", None, 400, "Invalid input for query parameters changes-since. Value: zzz. 'zzz' is not a 'date-time'"),
    ("m", "GET", "/servers/detail?marker=zz", None, 400, "marker [zz] not found"),
    ("m", "GET", "/servers/detail?limit=-1", None, 400, "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'"),
    ("m", "GET", "/servers/detail?status=FOO", None, 400, "Invalid status value"),
    ("m", "GET", "/servers/detail?foo=1", None, 400, "'foo' does not match any of the regexes: '^_'"),
    ("m", "POST", "/servers", {}, 400, "'server' is a required property"),
    ("m", "POST", "/servers", "x", 400, "Malformed request body"),
    ("m", "POST", "/servers", {"server": {"name": "x"}}, 400,
     "Invalid input for field/attribute server. Value: {'name': 'x'}. 'flavorRef' is a required property"),
    ("m", "GET", "/os-services", None, 403, "Policy doesn't allow os_compute_api:os-services:list to be performed."),
    ("m", "GET", "/os-hypervisors/detail", None, 403, "Policy doesn't allow os_compute_api:os-hypervisors:list-detail to be performed."),
    ("m", "GET", "/os-migrations", None, 403, "Policy doesn't allow os_compute_api:os-migrations:index to be performed."),
    ("m", "GET", "/os-aggregates", None, 403, "Policy doesn't allow os_compute_api:os-aggregates:index to be performed."),
    ("a", "PUT", "/os-services/zz", {"status": "enabled"}, 400, "Invalid uuid zz"),
    ("a", "PUT", "/os-services/" + NOWHERE, {"status": "enabled"}, 404, "Service ID could not be found."),
    ("a", "GET", "/os-hypervisors/" + NOWHERE, None, 404, "Hypervisor with ID 'ID' could not be found."),
    ("a", "GET", "/os-hypervisors?hypervisor_hostname_pattern=zz", None, 404, "No hypervisor matching 'zz' could be found."),
    ("a", "GET", "/os-hypervisors/statistics", None, 404, "The resource could not be found."),
    ("a", "GET", "/os-quota-sets/x", None, 400, "Project ID x is not a valid project."),
    ("m", "GET", "/flavors/zz", None, 404, "Flavor zz could not be found."),
    ("m", "GET", "/os-server-groups/" + NOWHERE, None, 404, "Instance group ID could not be found."),
    ("m", "POST", "/os-keypairs", {"keypair": {"name": "k", "public_key": "ssh-rsa AAAA"}}, 400, "Keypair data is invalid: failed to generate fingerprint"),
]


@case("nova: refusals in the real words")
def refusals(cloud):
    with Made(cloud, "contract-refused") as m:
        wrong = []
        for who, method, path, body, code, text in REFUSED:
            api = m.admin if who == "a" else m.member
            got, doc = api.call(method, path.replace("%s", m.id), body)
            if (got, sentence(doc)[1:] if got >= 400 else doc) != (code, (code, text)):
                wrong.append("%s %s %r: got %s %r, want %s %r" % (method, path, body, got, doc, code, text))
        check(not wrong, "\n".join(wrong))
        m.act(m.admin, {"lock": {"locked_reason": "mine"}})
        equal(sentence(m.act(m.member, {"os-stop": None}, 409))[2], "Instance ID is locked", "a locked server")
        s = m.member.server(m.id)
        equal((s["locked"], s["locked_reason"]), (True, "mine"), "locked")
        m.act(m.admin, {"unlock": None})


def creation(m, **more):
    body = dict({"name": "x", "flavorRef": m.flavors["m1.tiny"], "imageRef": m.image, "networks": "none"}, **more)
    code, doc = m.member.call("POST", "/servers", {"server": {k: v for k, v in body.items() if v is not None}})
    return (code, sentence(doc)[2]) if code >= 400 else (code, doc)


@case("nova: servers that are not created, and why; no host for a server too large")
def not_created(cloud):
    with Made(cloud, "contract-toobig", "huge.96cpu", wait="ERROR") as m:
        s = m.admin.server(m.id)
        check(s["fault"]["message"].startswith("No valid host was found.") and s["fault"]["code"] == 500 and "details" in s["fault"], s["fault"])
        check("details" not in m.member.server(m.id)["fault"], "a member sees the traceback")
        equal((s["OS-EXT-SRV-ATTR:host"], s["hostId"], s["OS-EXT-STS:power_state"]), (None, "", 0), "where it is")
        a = m.action(m.born)
        equal((a["message"], a["events"][0]["event"], a["events"][0]["result"]), ("Error", "conductor_schedule_and_build_instances", "Error"), "action")
        code, text = creation(m, min_count=2000)
        check(code == 403 and re.match("Quota exceeded for (instances|cores).*: Requested 2000", text), text)
        for more, want in [({"imageRef": NOWHERE}, "Can not find requested image"), ({"imageRef": None}, "Missing imageRef attribute"),
                           ({"key_name": "zz"}, "Invalid key_name provided."), ({"networks": [{"uuid": NOWHERE}]}, "Network ID could not be found."),
                           ({"networks": [{"port": NOWHERE}]}, "Port id ID could not be found."), ({"flavorRef": "zz"}, "Flavor zz could not be found."),
                           ({"availability_zone": "zz"}, "The requested availability zone is not available")]:
            equal(creation(m, **more), (400, want), "%r" % more)
        equal(m.member.call("DELETE", "/servers/" + m.id)[0], 204, "delete")
        equal(m.member.call("GET", "/servers/" + m.id)[0], 404, "a server without a host goes at once")
        equal(creation(m, host="compute-1"), (403, "Policy doesn't allow compute:servers:create:requested_destination to be performed."), "host")


SINCE = {3: ["OS-EXT-SRV-ATTR:hostname", "OS-EXT-SRV-ATTR:reservation_id", "OS-EXT-SRV-ATTR:user_data"], 9: ["locked"], 16: ["host_status"], 19: ["description"],
         26: ["tags"], 63: ["trusted_image_certificates"], 71: ["server_groups"], 73: ["locked_reason"]}


@case("nova: what a server shows at each microversion, to an administrator and to a member")
def microversions(cloud):
    with Made(cloud, "contract-micro") as m:
        for minor in (1, 2, 3, 8, 9, 15, 16, 18, 19, 25, 26, 46, 47, 62, 63, 70, 71, 72, 73, 89, 90, 93):
            s = m.admin.get("/servers/" + m.id, "2.%d" % minor)["server"]
            for since, keys in SINCE.items():
                for k in keys:
                    equal(k in s, minor >= since, "%s at 2.%d" % (k, minor))
            equal("original_name" in s["flavor"], minor >= 47, "flavor in place at 2.%d" % minor)
            mine = m.member.get("/servers/" + m.id, "2.%d" % minor)["server"]
            hidden = [k for k in mine if k.startswith("OS-EXT-SRV-ATTR:") or k == "host_status"]
            equal(hidden, ["OS-EXT-SRV-ATTR:hostname"] if minor >= 90 else [], "what a member sees at 2.%d" % minor)
        code, doc = m.member.call("GET", "/servers", version="2.94")
        equal((code, sentence(doc)), (406, ("computeFault", 406, "Version 2.94 is not supported by the API. Minimum is 2.1 and maximum is 2.93.")), "406")
        equal("locked" in m.member.get("/servers/" + m.id, "old 2.9")["server"], True, "asked for as clients do below 2.27")
        equal("locked" in m.member.get("/servers/" + m.id, "old 2.8")["server"], False, "one version before")
        for version, more in (("2.53", set()), ("2.54", {"key_name"}), ("2.57", {"key_name", "user_data"})):
            server = m.act(m.member, {"rebuild": {"imageRef": m.image}}, version=version)["server"]
            check("OS-EXT-STS:vm_state" not in server and "adminPass" in server, server)
            equal({"key_name", "user_data"} & set(server), more, "the answer to a rebuild at " + version)
            m.settle("ACTIVE")
        code, doc = m.member.call("PUT", "/servers/" + m.id, {"server": {"name": "contract-micro"}}, "2.74")
        equal((code, "OS-EXT-STS:vm_state" in doc["server"]), (200, False), "the answer to a change before 2.75")
        code, doc = m.member.call("PUT", "/servers/" + m.id, {"server": {"name": "contract-micro"}}, "2.75")
        equal((code, "OS-EXT-STS:vm_state" in doc["server"]), (200, True), "and since")
        root = m.member.get("/")["version"]
        equal((root["version"], root["min_version"], root["status"]), ("2.93", "2.1", "CURRENT"), "the version document")
        hyps = {v: m.admin.get("/os-hypervisors/detail", v)["hypervisors"][0] for v in ("2.1", "2.53", "2.87", "2.88")}
        equal(["vcpus_used" in h for h in hyps.values()], [True, True, True, False], "numbers of a hypervisor")
        equal(["uptime" in h for h in hyps.values()], [False, False, False, True], "uptime of a hypervisor")
        equal([isinstance(h["id"], int) for h in hyps.values()], [True, False, False, False], "ids of hypervisors")


def stamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@case("nova: pages with limit and marker, filters, order, what changed since, the deleted")
def lists(cloud):
    mine = "contract-list-%x" % time.time_ns()      # others make and delete servers meanwhile, and one of an earlier run may be about
    with contextlib.ExitStack() as made:
        m = made.enter_context(Made(cloud, mine + "-b", metadata={"a": "b"}, tags=[mine]))
        second = m.admin.server(m.id)["created"]          # of two that were made within one, chance says which is the newer
        until("the next second", lambda: stamp() > second)
        n = made.enter_context(Made(cloud, mine + "-a"))
        start = stamp()
        ids, path = [], "/servers?limit=1&name=" + mine
        while path:
            doc = m.member.get(path)
            check(len(doc["servers"]) <= 1, doc)
            ids += [s["id"] for s in doc["servers"]]
            path = doc["servers_links"][0]["href"] if "servers_links" in doc else None
        equal(ids, [n.id, m.id], "one at a time, the newest first")

        def found(query, who=m.member):
            return [s["id"] for s in who.get("/servers/detail?" + query)["servers"]]
        host = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        equal(found("name=" + mine), [n.id, m.id], "name is a pattern")
        equal(found("name=^" + mine + "-.$&sort_key=display_name&sort_dir=asc"), [n.id, m.id], "by name")
        equal(found("name=^" + mine + "-.$&sort_key=display_name&sort_dir=desc"), [m.id, n.id], "by name, backwards")
        equal(found("tags=" + mine), [m.id], "tags")
        equal(found("name=" + mine + "&status=SHUTOFF"), [], "status")
        equal(found("name=" + mine + "&flavor=" + m.flavors["m1.tiny"]), [n.id, m.id], "flavor")
        check(m.id in found("all_tenants=1&host=" + host, m.admin), "host")
        equal([x for x in found("all_tenants=1&project_id=" + m.member.project, m.admin) if x in (m.id, n.id)], [n.id, m.id], "project")
        check(m.id not in found("", m.admin), "another project's server without all_tenants")
        updated = m.admin.server(m.id)["updated"]
        since = until("the next second", lambda: stamp() > updated and stamp())
        check(m.id not in found("changes-since=" + since), "among the changes, and was not changed")
        equal(m.member.call("PUT", "/servers/" + m.id, {"server": {"name": mine + "-c"}})[0], 200, "rename")
        check(m.id in found("changes-since=" + since), "renamed, but not among the changes")
        equal(m.member.call("DELETE", "/servers/" + n.id)[0], 204, "delete")
        until("it is gone", lambda: m.member.call("GET", "/servers/" + n.id)[0] == 404)
        gone = [s for s in m.member.get("/servers/detail?changes-since=" + start)["servers"] if s["id"] == n.id]
        equal([(s["status"], s["OS-EXT-STS:vm_state"]) for s in gone], [("DELETED", "deleted")], "the deleted one")
        check(n.id not in found("") and n.id in found("deleted=true&all_tenants=1", m.admin), "deleted=")
        a = m.member.get("/servers/%s/os-instance-actions" % n.id)["instanceActions"]
        equal([x["action"] for x in a], ["delete", "create"], "actions of a deleted server")


def routed(api):
    """A network of the project behind a router that leads outside: which network is listed first is chance."""
    get = lambda path: api.get("/v2.0/" + path, version=None, service="network")
    ports = [p for r in get("routers")["routers"] if r["external_gateway_info"] for p in get("ports?device_id=" + r["id"])["ports"]]
    behind = {p["network_id"] for p in ports if p["device_owner"] == "network:router_interface"}
    return [x for x in get("networks")["networks"] if x["id"] in behind][0]


def floating(m, net, port):
    net_api = lambda method, path, body=None: m.member.call(method, "/v2.0/floatingips" + path, body, version=None, service="network")
    outside = [x for x in m.member.get("/v2.0/networks", version=None, service="network")["networks"] if x["router:external"]][0]
    code, doc = net_api("POST", "", {"floatingip": {"floating_network_id": outside["id"], "port_id": port}})
    equal(code, 201, doc)
    ip, fid = doc["floatingip"]["floating_ip_address"], doc["floatingip"]["id"]
    seen = lambda: [(a["addr"], a["OS-EXT-IPS:type"]) for a in m.member.server(m.id)["addresses"][net["name"]] if a["OS-EXT-IPS:type"] == "floating"]
    try:
        until("its floating address", lambda: seen() == [(ip, "floating")])
        equal(net_api("PUT", "/" + fid, {"floatingip": {"port_id": None}})[0], 200, "disassociate")
        until("no floating address", lambda: not seen())
    finally:
        net_api("DELETE", "/" + fid)


@case("nova: volumes and addresses of a server come and go; console; metadata and tags")
def attached(cloud):
    with Made(cloud, "contract-volume") as m:
        kind = "volumev3" if "volumev3" in m.member.urls else "block-storage"
        code, doc = m.member.call("POST", "/volumes", {"volume": {"size": 1, "name": "contract"}}, version=None, service=kind)
        equal(code, 202, doc)
        vid = doc["volume"]["id"]
        status = lambda: m.member.get("/volumes/" + vid, version=None, service=kind)["volume"]
        try:
            until("available", lambda: status()["status"] == "available")
            code, doc = m.member.call("POST", "/servers/%s/os-volume_attachments" % m.id, {"volumeAttachment": {"volumeId": vid}})
            equal((code, doc["volumeAttachment"]["volumeId"], doc["volumeAttachment"]["serverId"]), (200, vid, m.id), "attachment")
            until("in use", lambda: status()["status"] == "in-use")
            equal(status()["attachments"][0]["server_id"], m.id, "whose it is")
            equal([v["id"] for v in m.member.server(m.id)["os-extended-volumes:volumes_attached"]], [vid], "volumes of the server")
            equal(m.member.call("DELETE", "/servers/%s/os-volume_attachments/%s" % (m.id, vid))[0], 202, "detach")
            until("available again", lambda: status()["status"] == "available")
        finally:
            m.member.call("DELETE", "/volumes/" + vid, version=None, service=kind)
        net = routed(m.member)
        code, doc = m.member.call("POST", "/servers/%s/os-interface" % m.id, {"interfaceAttachment": {"net_id": net["id"]}})
        equal(code, 200, doc)
        ip = doc["interfaceAttachment"]["fixed_ips"][0]["ip_address"]
        until("its address", lambda: [a["addr"] for a in m.member.server(m.id)["addresses"].get(net["name"], [])] == [ip])
        floating(m, net, doc["interfaceAttachment"]["port_id"])
        lines = m.act(m.member, {"os-getConsoleOutput": {"length": 3}}, 200)["output"].splitlines()
        check(len(lines) == 3 and lines[-1].endswith("login: "), lines)
        url = m.member.call("POST", "/servers/%s/remote-consoles" % m.id, {"remote_console": {"protocol": "vnc", "type": "novnc"}})[1]
        check("token" in url["remote_console"]["url"], url)
        equal(m.member.call("POST", "/servers/%s/metadata" % m.id, {"metadata": {"k": "v"}})[1], {"metadata": {"k": "v"}}, "metadata")
        equal(m.member.call("PUT", "/servers/%s/tags/t1" % m.id)[0], 201, "tag")
        equal((m.member.server(m.id)["metadata"], m.member.server(m.id)["tags"]), ({"k": "v"}, ["t1"]), "both")


@case("nova: key pairs, flavors, server groups, quotas and limits have the real form")
def small_things(cloud):
    admin, member = Api(cloud, cloud.admin_cloud), Api(cloud, cloud.member_cloud)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b"
    member.call("DELETE", "/os-keypairs/contract")
    code, doc = member.call("POST", "/os-keypairs", {"keypair": {"name": "contract", "public_key": key}})
    equal(code, 201, doc)
    check(re.fullmatch("([0-9a-f]{2}:){15}[0-9a-f]{2}", doc["keypair"]["fingerprint"]), doc)
    equal(member.call("POST", "/os-keypairs", {"keypair": {"name": "contract", "public_key": key}})[0], 409, "twice")
    equal(sorted(member.get("/os-keypairs/contract")["keypair"]), ["created_at", "deleted", "deleted_at", "fingerprint", "id", "name", "public_key", "type",
                                                                   "updated_at", "user_id"], "its fields")
    equal(member.call("DELETE", "/os-keypairs/contract")[0], 204, "delete")
    code, doc = admin.call("POST", "/flavors", {"flavor": {"name": "contract-%x" % time.time_ns(), "ram": 64, "vcpus": 1, "disk": 1}})
    equal(code, 200, doc)
    equal(sorted(doc["flavor"]), sorted(["id", "name", "ram", "disk", "swap", "OS-FLV-EXT-DATA:ephemeral", "OS-FLV-DISABLED:disabled", "vcpus", "links",
                                         "os-flavor-access:is_public", "rxtx_factor", "description", "extra_specs"]), "a flavor's fields")
    equal(admin.call("DELETE", "/flavors/" + doc["flavor"]["id"])[0], 202, "delete")
    code, doc = member.call("POST", "/os-server-groups", {"server_group": {"name": "contract", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}})
    equal((code, doc["server_group"]["rules"]), (200, {"max_server_per_host": 2}), "server group")
    old = admin.get("/os-server-groups/" + doc["server_group"]["id"], "2.1")["server_group"]
    equal((old["policies"], sorted(old)), (["anti-affinity"], ["id", "members", "metadata", "name", "policies"]), "as it once was")
    equal(member.call("DELETE", "/os-server-groups/" + doc["server_group"]["id"])[0], 204, "delete")
    names = ["cores", "id", "instances", "key_pairs", "metadata_items", "ram", "server_group_members", "server_groups"]
    equal(sorted(member.get("/os-quota-sets/" + member.project)["quota_set"]), names, "quotas")

    def agree():                                                # other cases make servers in this project meanwhile
        detail = member.get("/os-quota-sets/%s/detail" % member.project)["quota_set"]
        equal(sorted(detail["cores"]), ["in_use", "limit", "reserved"], "a quota in detail")
        limits = member.get("/limits")["limits"]["absolute"]
        equal(limits["totalInstancesUsed"], detail["instances"]["in_use"], "used, told twice")
        equal(len(limits), 11, "limits: %r" % limits)
    settled(agree)


def placed_apart(cloud, m, group):
    code, doc = m.member.call("POST", "/servers", {"server": {"name": "contract-apart", "flavorRef": m.flavors["m1.tiny"], "imageRef": m.image, "networks": "none"},
                                                   "os:scheduler_hints": {"group": group}})
    equal(code, 202, doc)
    return doc["server"]["id"]


@case("nova: an anti-affinity group keeps its servers on hosts of their own")
def anti_affinity(cloud):
    with Made(cloud, "contract-group") as m:
        group = m.member.call("POST", "/os-server-groups", {"server_group": {"name": "contract-apart", "policy": "anti-affinity"}})[1]["server_group"]["id"]
        ids = []
        try:
            for _ in range(2):
                ids.append(placed_apart(cloud, m, group))
                until("placed", lambda: m.admin.server(ids[-1])["status"] == "ACTIVE", 40)
            hosts = {m.admin.server(i)["OS-EXT-SRV-ATTR:host"] for i in ids}
            equal(len(hosts), 2, "hosts %r" % hosts)
            equal(sorted(m.member.get("/os-server-groups/" + group)["server_group"]["members"]), sorted(ids), "members")
            equal(m.member.server(ids[0])["server_groups"], [group], "the server's group")
        finally:
            for i in ids:
                m.member.call("DELETE", "/servers/" + i)
            m.member.call("DELETE", "/os-server-groups/" + group)


@case("nova: a compute service disabled, forced down and its servers evacuated", "sim")
def evacuate(cloud):
    with Made(cloud, "contract-evacuate") as m:
        host = m.admin.server(m.id)["OS-EXT-SRV-ATTR:host"]
        svc, = m.admin.get("/os-services?binary=nova-compute&host=" + host)["services"]
        path = "/os-services/" + svc["id"]
        try:
            code, doc = m.admin.call("PUT", path, {"status": "disabled", "disabled_reason": "contract"})
            equal((code, doc["service"]["status"], doc["service"]["disabled_reason"]), (200, "disabled", "contract"), "disable")
            equal(m.admin.server(m.id)["host_status"], "MAINTENANCE", "host_status")
            equal(sentence(m.act(m.admin, {"evacuate": {}}, 400))[2], "Compute service of %s is still in use." % host, "a host that lives")
            m.admin.call("PUT", path, {"forced_down": True})
            equal((m.admin.server(m.id)["host_status"], m.admin.get("/os-services?host=" + host)["services"][0]["state"]), ("DOWN", "down"), "forced down")
            m.act(m.admin, {"evacuate": {}}, 200)
            s, seen = m.settle("ACTIVE")
            check(s["OS-EXT-SRV-ATTR:host"] != host and ("REBUILD", "rebuilding") in seen, (s["OS-EXT-SRV-ATTR:host"], seen))
            one = m.admin.get("/os-migrations?migration_type=evacuation&instance_uuid=" + m.id)["migrations"][0]
            equal((one["status"], one["source_compute"], one["dest_compute"]), ("done", host, s["OS-EXT-SRV-ATTR:host"]), "migration")
            held = m.admin.get("/allocations/" + m.id, "1.39", "placement")["allocations"]
            equal(len(held), 2, "providers that hold something of it until the old host is back")
        finally:
            m.admin.call("PUT", path, {"status": "enabled"})
            code, doc = m.admin.call("PUT", path, {"forced_down": False})
            check(code == 400 and sentence(doc)[2].startswith("Unable to force up host"), doc)


@case("nova: what hypervisors have in use is what their servers take, placement says the same", "sim")
def capacity(cloud):
    with Made(cloud, "contract-capacity", "m1.large") as m:
        took = {}
        for s in m.admin.get("/servers/detail?all_tenants=1")["servers"]:
            host = s["OS-EXT-SRV-ATTR:host"]
            if host:
                had = took.get(host, (0, 0, 0))
                took[host] = (had[0] + 1, had[1] + s["flavor"]["vcpus"], had[2] + s["flavor"]["ram"])
        for h in m.admin.get("/os-hypervisors/detail", "2.87")["hypervisors"]:
            want = took.get(h["hypervisor_hostname"], (0, 0, 0))
            equal((h["running_vms"], h["vcpus_used"], h["memory_mb_used"]), (want[0], want[1], want[2] + 512), h["hypervisor_hostname"])
            equal(h["free_ram_mb"], h["memory_mb"] - h["memory_mb_used"], "free")
            used = m.admin.get("/resource_providers/%s/usages" % h["id"], version=None, service="placement")["usages"]
            equal((used["VCPU"], used["MEMORY_MB"]), want[1:], "placement of " + h["hypervisor_hostname"])


@case("nova: openstackclient creates, shows and deletes a server")
def client(cloud):
    if not os.path.exists("/usr/bin/openstack"):
        raise Skip("openstackclient is not installed")
    made = cloud.openstack("server", "create", "--flavor", "m1.tiny", "--image", cirros(cloud), "--nic", "none", "--os-compute-api-version", "2.92", "--wait",
                           "contract-client", cloud=cloud.member_cloud)
    try:
        equal((made["status"], made["name"]), ("ACTIVE", "contract-client"), "create --wait")
        shown = cloud.openstack("server", "show", made["id"], cloud=cloud.member_cloud)
        equal(shown["OS-EXT-STS:vm_state"], "active", "show")
        check([e for e in cloud.openstack("server", "event", "list", made["id"], cloud=cloud.member_cloud) if e["Action"] == "create"], "no create among its events")
    finally:
        Api(cloud, cloud.admin_cloud).call("DELETE", "/servers/" + made["id"])


def cirros(cloud):
    images = Api(cloud, cloud.member_cloud).get("/v2/images?limit=1000", service="image", version=None)["images"]
    return [i["id"] for i in images if "cirros" in i["name"]][0]
