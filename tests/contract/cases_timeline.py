"""The timeline beside what the servers themselves keep: instance actions, events, conditions, the journal; and how sure each time is."""
import json
import uuid
from datetime import datetime, timezone

from case import collector
from cases_capacity import steady
from cases_links import context
from cases_nova import Made
from cloud import check, equal, until

CASES = []
case = collector(CASES)


def ms(stamp):
    at = datetime.fromisoformat(stamp.rstrip("Z"))
    return int(at.replace(tzinfo=timezone.utc).timestamp() * 1000)


def timeline(cloud, kind, name, *more):
    r = cloud.strata("timeline", kind, name, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json", *more)
    check(r.out, r)
    entry, = json.loads(r.out)
    return entry


def in_order(lines):
    """What is stamped with whole seconds stands in the middle of its own; within one the cause is before what it brings about."""
    times, latest = [ms(x["time"]) for x in lines], 0
    for t in times:
        check(t > latest - 1000, "one order: %s" % times)
        latest = max(latest, t)


@case("timeline: of a server it has every instance action at Nova's time, what strata did to it, and what it hangs on")
def server(cloud):
    if cloud.sim:
        cloud.sim.fault(kind="skew", on="openstack", ms=600000)         # a cloud whose clock is ten minutes ahead
    try:
        told_of_server(cloud)
    finally:
        if cloud.sim:
            cloud.sim.clear()


def told_of_server(cloud):
    called = "contract-timeline-%s" % uuid.uuid4().hex[:8]              # a second of that name would be asked for as well
    with Made(cloud, called) as m:
        r = cloud.strata("server", "stop", m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal(r.code, 0, r)
        actions = m.admin.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"]
        entry = timeline(cloud, "server", m.id)
        where = m.admin.get("/servers/" + m.id)["server"]["OS-EXT-SRV-ATTR:hypervisor_hostname"]
        user = m.admin.get("/servers/%s/os-instance-actions/%s" % (m.id, actions[0]["request_id"]))["instanceAction"]["events"]
        late = timeline(cloud, "server", m.id, "--since", "1s")
        equal(cloud.strata("server", "delete", m.id, "--cloud", cloud.admin_cloud, "--yes", "--confirm", called).code, 0, "deleted")
        gone = timeline(cloud, "server", called, "--since", "10m")
        check("is gone since " in gone["gone"] and "(delete done by " in gone["gone"], gone["gone"])
        check({x["what"].split(" asked for")[0] for x in gone["lines"] if " asked for" in x["what"]} >= {"create", "stop"}, "Nova keeps its actions")
    lines = entry["lines"]
    in_order(lines)
    told = sorted((x["what"].split(" ")[0], x["what"].split("request ")[1], ms(x["stamp"])) for x in lines if x["from"] == "action" and " asked for" in x["what"])
    equal(told, sorted((a["action"], a["request_id"], ms(a["start_time"])) for a in actions), "instance actions")
    steps = [x for x in lines if x["from"] == "action" and "%s: %s began" % (actions[0]["action"], user[0]["event"]) == x["what"]]
    equal([ms(x["stamp"]) for x in steps], [ms(user[0]["start_time"])], "its step")
    mine = [x["what"] for x in lines if x["from"] == "operation" and x["object"] == "server " + called]
    check(any(w.startswith("stop is sent") for w in mine) and any(w.startswith("stop done") for w in mine), mine)
    clock = {c["source"]: c for c in entry["clocks"]}[cloud.admin_cloud]
    check(clock["known"] and all(x["uncertainty_ms"] >= clock["uncertainty_ms"] for x in lines if x["from"] == "action"), clock)
    check(not cloud.sim or abs(clock["ahead_ms"] - 600000) <= 2000, clock)
    for x in lines:
        if x["from"] == "action":
            check(abs(ms(x["stamp"]) - clock["ahead_ms"] - ms(x["time"])) <= 600, x)
    sent, asked = [x for x in lines if x["what"].startswith("stop is sent")][-1], [x for x in lines if x["what"].startswith("stop asked for")][-1]
    check(ms(sent["time"]) - ms(asked["time"]) <= sent["uncertainty_ms"] + asked["uncertainty_ms"], (sent, asked))       # never surely after what it caused
    check(any(x["object"] == "node " + where for x in lines), "the node its hypervisor is: %s" % where)
    check(len(late["lines"]) <= len(lines), "--since")


@case("timeline: of a pod it has its events and conditions as the cluster keeps them; a kind and a name are asked for")
def pod(cloud):
    name, ns = "timeline-pod", "default"
    doc = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": ns}, "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "x"}]}}
    cloud.kubectl_all("delete", "pod", name, "-n", ns, "--ignore-not-found", "--force")
    code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps(doc))
    check(code == 0, out)
    try:
        def ready():
            got = json.loads(cloud.kubectl("get", "pod", name, "-n", ns, "-o", "json"))
            return got if any(c["type"] == "Ready" and c["status"] == "True" for c in got["status"].get("conditions", [])) else None
        got = until("the pod is ready", ready)
        entry = timeline(cloud, "pod", name)
        kept = lambda: json.loads(cloud.kubectl("get", "events", "-n", ns, "--field-selector", "involvedObject.uid=" + got["metadata"]["uid"], "-o", "json"))["items"]
        events, again = steady(kept, lambda: timeline(cloud, "pod", name))
    finally:
        cloud.kubectl_all("delete", "pod", name, "-n", ns, "--ignore-not-found", "--force")
    until("the pod is gone", lambda: cloud.kubectl_all("get", "pod", name, "-n", ns)[0] != 0)
    gone = [x for x in json.loads(cloud.strata("timeline", "pod", got["metadata"]["uid"], "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json").out)]
    check(len(gone) == 1 and gone[0]["gone"].startswith("is not there any more, told of last ") and gone[0]["name"] == name, gone)
    check({x["what"].split(":")[0] for x in gone[0]["lines"] if x["object"] == "pod %s/%s" % (ns, name)} >= {e["reason"] for e in events}, "its events stand")
    check(any(x["object"] == "node " + got["spec"]["nodeName"] for x in gone[0]["lines"]), "the node it was on")
    mine = [x for x in again["lines"] if x["object"] == "pod %s/%s" % (ns, name)]
    in_order(again["lines"])
    conditions = sorted((c["type"], c["status"], ms(c["lastTransitionTime"])) for c in got["status"]["conditions"])
    equal(sorted((x["what"].split(" ")[0], x["what"].split(" ")[2].rstrip(":"), ms(x["stamp"])) for x in mine if x["from"] == "condition" and " is " in x["what"]), conditions,
          "conditions")
    equal(sorted({x["what"].split(":")[0] for x in mine if x["from"] == "event"}), sorted({e["reason"] for e in events}), "events")
    made = [x for x in mine if x["what"] == "created"]
    equal([ms(x["stamp"]) for x in made], [ms(got["metadata"]["creationTimestamp"])], "created")
    check(any(x["object"] == "node " + got["spec"]["nodeName"] for x in entry["lines"]), "its node")
    kubelet = [x for x in mine if x["who"] == "kubelet"]
    check(kubelet and all(x["uncertainty_ms"] >= 2000 for x in kubelet), "a clock nobody measured")
    equal(cloud.strata("timeline", "pod").code, 2, "which pod")
    equal(cloud.strata("timeline", "nonsense", "x").code, 2, "no such kind")
    equal(cloud.strata("timeline", "pod", "no-such-pod", "--context", context(cloud)).code, 3, "not there")
