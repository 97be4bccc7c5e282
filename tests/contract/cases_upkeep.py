"""Clusters with a controller of their own for maintenance: it is asked, a drain beside it is refused. The case plays it, or the demo cloud does."""
import json
import signal

from case import collector
from cases_hyper import Api, Host
from cases_move import Fast
from cases_ops import journal
from cloud import check, equal, until

CASES = []
case = collector(CASES)
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
# group, version, plural, kind of the objects of each product
KINDS = {
    "mosk": ("lcm.mirantis.com", "v1alpha1", [("nodemaintenancerequests", "NodeMaintenanceRequest"), ("nodeworkloadlocks", "NodeWorkloadLock")]),
    "sap": ("kvm.cloud.sap", "v1", [("evictions", "Eviction"), ("hypervisors", "Hypervisor")]),
    "medik8s": ("nodemaintenance.medik8s.io", "v1beta1", [("nodemaintenances", "NodeMaintenance")]),
}
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


class Keeper:
    """The definitions of a product, and its objects; all gone at the end."""

    def __init__(self, cloud, word):
        self.cloud, (self.group, self.version, self.kinds) = cloud, KINDS[word]

    def ask(self, method, path, body=None, want=(200, 201)):
        code, _, doc = self.cloud.raw(method, path, "application/merge-patch+json" if method == "PATCH" else "application/json", body)
        check(code in want, (method, path, code, doc))
        return doc

    def at(self, plural, *rest):
        return "/".join(["/apis", self.group, self.version, plural, *rest])

    def __enter__(self):
        for plural, kind in self.kinds:
            names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": kind + "List"}
            schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": FREE, "status": FREE}}}
            self.ask("POST", CRD, {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": plural + "." + self.group}, "spec": {
                "group": self.group, "scope": "Cluster", "names": names, "versions": [{"name": self.version, "served": True, "storage": True, "schema": schema}]}})
        for plural, _ in self.kinds:
            until("%s is served" % plural, lambda: self.cloud.raw("GET", self.at(plural))[0] == 200)
        until("its group is told", lambda: self.told())
        return self

    def told(self):
        return self.group in [g["name"] for g in self.cloud.raw("GET", "/apis")[2]["groups"]]

    def __exit__(self, *what):
        for plural, _ in self.kinds:
            self.ask("DELETE", CRD + "/" + plural + "." + self.group, want=(200, 404))
        until("its group is gone", lambda: not self.told())

    def make(self, plural, name, **more):
        kind = dict(self.kinds)[plural]
        return self.ask("POST", self.at(plural), {"apiVersion": self.group + "/" + self.version, "kind": kind, "metadata": {"name": name}, **more})

    def say(self, plural, name, **status):
        self.ask("PATCH", self.at(plural, name), {"status": status})

    def objects(self, plural):
        return self.ask("GET", self.at(plural))["items"]


def strata(cloud, *args, code=0):
    r = cloud.strata(*args, "-o", "json", timeout=120)
    equal(r.code, code, r)
    return json.loads(r.out)


def words(o):
    return " ".join(f["text"] for s in o["steps"] for f in s["facts"])


def refused(cloud, node, *args):
    o = strata(cloud, *args, "--yes", code=4)
    check("strata maintenance %s asks it" % node in o["error"]["text"] + words(o), o)


def begin(cloud, *args):
    return cloud.start("maintenance", *args, "--yes", "--confirm", args[0], "-o", "json")       # what it reaches may be red: a name then


def ended(p, state="done"):
    o = json.loads(p.communicate(timeout=60)[0])
    equal(o["state"], state, o)
    return o


@case("a cluster with maintenance objects of its own: they are asked and watched; a node's and a hypervisor's drain beside them is refused, or done in so many words")
def asked(cloud):
    node, at = "compute-2", ("--cloud", cloud.admin_cloud)
    unschedulable = lambda: cloud.raw("GET", "/api/v1/nodes/" + node)[2]["spec"].get("unschedulable", False)
    none = "--pod-selector=contract=nothing"
    stays = lambda p: any(o["kind"] == "DaemonSet" for o in p["metadata"].get("ownerReferences", [])) or p["status"].get("phase") in ("Succeeded", "Failed") or \
        "kubernetes.io/config.mirror" in p["metadata"].get("annotations", {})
    pods = lambda: [p for p in cloud.raw("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3D" + node)[2]["items"] if not stays(p)]
    until("what ends there has ended", lambda: not any("deletionTimestamp" in p["metadata"] and not p["metadata"].get("finalizers") for p in pods()))      # one that is held stays
    end = "failed" if pods() else "done"                # what its controller says is not all: what is on it stays on it here
    with Keeper(cloud, "mosk") as k:
        refused(cloud, node, "drain", node, none)
        refused(cloud, node, "hypervisor", "drain", node, "--leave=all", *at)
        equal(unschedulable(), False, "nothing was done")
        k.make("nodeworkloadlocks", "openstack-" + node, spec={"nodeName": node, "controllerName": "openstack"}, status={"state": "active"})
        p = begin(cloud, node)
        made = until("it is asked", lambda: k.objects("nodemaintenancerequests"))[0]
        equal(made["spec"], {"nodeName": node, "scope": "drain"}, made)
        k.say("nodeworkloadlocks", "openstack-" + node, state="inactive")
        note = ended(p, end)["steps"][0]["note"]
        check("openstack-%s state inactive" % node in note and "the node is not cordoned" in note and ("still here: " in note) == (end == "failed"), note)
        r = cloud.strata("maintenance", node, "--yes", "--confirm", node, "-o", "json", timeout=120)
        equal((json.loads(r.out)["steps"][0]["state"], len(k.objects("nodemaintenancerequests"))), ("already" if end == "done" else end, 1), "again")
        equal((strata(cloud, "maintenance-end", node, "--yes")["state"], k.objects("nodemaintenancerequests")), ("done", []), "its end")
        o = strata(cloud, "drain", node, none, "--ignore-maintenance", "--yes", "--confirm", node)
        try:
            equal((o["state"], unschedulable()), ("done", True), o)
            check("MOSK takes nodes out of use here; it is not asked, as you said" in words(o), words(o))
            check(any("ignore-maintenance" in json.dumps(x) for x in journal(cloud, o["key"])), "the journal has that it was said")
        finally:
            strata(cloud, "uncordon", node, "--yes")
    with Keeper(cloud, "sap") as k:
        k.make("hypervisors", node, spec={"highAvailability": True}, status={"evicted": False})
        refused(cloud, node, "hypervisor", "drain", node, "--leave=all", *at)
        check("hypervisor operator" not in words(strata(cloud, "drain", node, none, "--dry-run")), "it moves no pods")
        check("hypervisor operator" not in words(strata(cloud, "hypervisor", "drain", "compute-1", "--leave=all", "--dry-run", *at)), "not one of its hypervisors")
        p = begin(cloud, node, "--reason=contract")
        until("it is asked", lambda: k.objects("hypervisors")[0]["spec"].get("maintenance"))
        equal(k.objects("hypervisors")[0]["spec"], {"highAvailability": True, "maintenance": "manual", "maintenanceReason": "strata: contract"}, "asked")
        k.make("evictions", node, spec={"hypervisor": node, "reason": "x"}, status={"outstandingInstances": ["a"]})
        k.say("evictions", node, outstandingInstances=[])
        k.say("hypervisors", node, evicted=True)
        check("outstandingInstances 0" in ended(p)["steps"][0]["note"], "told")
        k.ask("DELETE", k.at("evictions", node))
        equal((strata(cloud, "maintenance-end", node, "--yes")["state"], k.objects("hypervisors")[0]["spec"]), ("done", {"highAvailability": True}), "its end")
    with Keeper(cloud, "medik8s") as k:
        refused(cloud, node, "drain", node, none)
        check("node maintenance operator" not in words(strata(cloud, "hypervisor", "drain", node, "--leave=all", "--dry-run", *at)), "it moves no servers")
        k.make("nodemaintenances", "theirs", spec={"nodeName": node})
        k.say("nodemaintenances", "theirs", phase="Running", pendingPods=["a"])
        p = cloud.start("maintenance", node, "--yes", "--confirm", node, out=False, err=True)
        told = [next(x for x in p.stderr if "theirs pendingPods 1" in x)]            # of somebody else: nothing is sent, its end is waited for
        k.say("nodemaintenances", "theirs", phase="Succeeded", pendingPods=[])
        told += p.communicate(timeout=60)[1].split("\n")
        equal((p.returncode, len(k.objects("nodemaintenances"))), (0 if end == "done" else 1, 1), told)
        k.ask("DELETE", k.at("nodemaintenances", "theirs"))
        p = begin(cloud, node)
        until("it is asked", lambda: k.objects("nodemaintenances"))
        k.say("nodemaintenances", "strata-" + node, phase="Failed", lastError="no quorum")
        o = ended(p, "failed")
        check("lastError no quorum" in o["steps"][0]["note"], o)


@case("the drain of a host asks the cluster's own controllers instead of a second drain, shows how far they are, and takes that back on the way back", "sim")
def host_asks(cloud):
    with Fast("10") as sim:
        lcm, kvm = "/apis/lcm.mirantis.com/v1alpha1/", "/apis/kvm.cloud.sap/v1/"
        words = lambda *args: ("host", *args, "--cloud", sim.admin_cloud, "--yes", "--confirm", args[1], "-o", "json")      # red: a name
        parts = lambda o: [(s["text"].split(" on ")[0], s["state"]) for s in o["steps"]]

        def host(*args, code=0):
            r = cloud.strata(*words(*args), env=sim.env(), timeout=150)
            equal(r.code, code, r)
            return json.loads(r.out)
        h = Host(cloud, sim, "compute-4", 2)
        lock = lambda: sim.kube(lcm + "nodeworkloadlocks/openstack-" + h.name)["status"]
        sim.act("upkeep mgmt mosk")
        one = Host(cloud, sim, "compute-1", 1)
        sim.act("migration fails " + one.ids[0])
        p = cloud.start("maintenance", one.name, "--cloud", sim.admin_cloud, "--yes", "--confirm", one.name, env=sim.env(), out=False, err=True)
        told = next((x for x in p.stderr if "its live-migration failed" in x), "")
        check("1 server of demo still there: " + one.servers()[0]["name"] + " (ACTIVE): its live-migration failed" in told, told)
        sim.act("migration fine " + one.ids[0])
        told = p.communicate(timeout=60)[1]
        equal((p.returncode, one.here(), one.service()[0]), (1, [], "disabled"), told)
        check("MOSK says that it is out of use, but " in told and "ceph/rook-ceph-osd-" in told and "; the node is not cordoned" in told, told)
        r = cloud.strata("maintenance-end", one.name, "--cloud", sim.admin_cloud, "--yes", env=sim.env())
        check(r.code == 0 and "its compute service is enabled and up" in r.out and one.service()[0] == "enabled", r)
        o = host("drain", h.name, "--dry-run")
        says = [f["text"] for f in o["steps"][0]["facts"]]
        check("MOSK takes the servers and pods of node compute-4 itself: it is asked by a NodeMaintenanceRequest and watched, strata drains nothing of that beside it" in says, says)
        equal((sim.kube(lcm + "nodemaintenancerequests")["items"], h.service()[0]), ([], "enabled"), "a dry run asks nobody")
        sim.act("migration fails " + h.ids[0])
        p = cloud.start(*words("drain", h.name), env=sim.env())
        until("it tells what does not move", lambda: h.ids[0] in lock().get("errorMessage", ""))
        equal((lock()["state"], p.poll()), ("active", None), "it goes on")
        sim.act("migration fine " + h.ids[0])
        o = ended(p, "failed")                          # its locks speak of servers alone
        equal((parts(o)[-1], h.here(), lock()["state"]), (("maintenance node compute-4", "failed"), [], "inactive"), o)
        check(not [x for x in parts(o) if x[0].startswith(("drain node", "drain hypervisor", "live-migrate", "evict"))], parts(o))
        check("MOSK says that it is out of use, but 1 pod is still here: ceph/rook-ceph-osd-" in o["steps"][0]["note"], o["steps"][0]["note"])
        equal((h.service(), sim.kube(lcm + "nodemaintenancerequests")["items"][0]["spec"]), (("disabled", "OSDPL: Node is under maintenance"),
              {"nodeName": h.name, "scope": "drain"}), "by MOSK itself")
        o = host("back", h.name)
        check(("maintenance-end node compute-4", "done") in parts(o), parts(o))
        equal((o["state"], h.service()[0], sim.kube(lcm + "nodemaintenancerequests")["items"]), ("done", "enabled", []), "and back")

        for plural in "nodemaintenancerequests", "nodeworkloadlocks":
            cloud.strata("delete", "crd", plural + ".lcm.mirantis.com", "--yes", "--confirm", plural + ".lcm.mirantis.com", env=sim.env())
        h = Host(cloud, sim, "compute-2", 2)
        h.admin.call("POST", "/servers/%s/action" % h.ids[1], {"os-stop": None})
        until("it is off", lambda: h.admin.server(h.ids[1])["status"] == "SHUTOFF")
        node = lambda: sim.kube("/api/v1/nodes/" + h.name)["spec"].get("unschedulable", False)
        sim.act("upkeep mgmt sap")
        sim.act("upkeep mgmt medik8s")
        o = host("drain", h.name, "--reason=fan")
        equal([x for x in parts(o) if x[0].startswith("maintenance")], [("maintenance node compute-2", "done")] * 2, o)
        hv = sim.kube(kvm + "hypervisors/" + h.name)
        equal((o["state"], h.here(), node(), hv["status"]["evicted"], hv["spec"]["maintenanceReason"]), ("done", [], True, True, "strata: fan"), o)
        o = host("back", h.name)
        equal((o["state"], h.service()[0], sim.kube(kvm + "evictions")["items"]), ("done", "enabled", []), o)
        until("the node takes pods", lambda: not node())
        sim.act("upkeep mgmt mosk")
        o = host("drain", h.name, "--dry-run", code=4)
        check("both take nodes out of use here" in o["error"]["text"], o)


@case("the drain of a host that a controller takes: the plan counts and names what may hang, options it would not heed are refused, TERM ends it and says what stays", "sim")
def host_left(cloud):
    with Fast("10") as sim:
        sim.act("upkeep mgmt sap")
        sim.act("upkeep mgmt medik8s")
        admin = Api(sim, sim.admin_cloud)
        there = lambda: admin.get("/servers/detail?all_tenants=1&host=compute-2")["servers"]
        (hangs,) = [v for v in there() if v["status"] == "BUILD"]
        for v in there():
            if v["id"] != hangs["id"]:
                admin.call("DELETE", "/servers/" + v["id"])
        until("it is alone", lambda: [v["id"] for v in there()] == [hangs["id"]])
        args = lambda *more: ("host", "drain", "compute-2", "--cloud", sim.admin_cloud, "--yes", "--confirm", "compute-2", "-o", "json", *more)
        named = "%s (BUILD%s)" % (hangs["name"], ", " + hangs["OS-EXT-STS:task_state"] if hangs["OS-EXT-STS:task_state"] else "")
        for option in "--leave=BUILD", "--live=all", "--cold=all", "--concurrency=3", "--pod-selector=a=b":
            r = cloud.strata(*args(option), env=sim.env(), timeout=120)
            check(r.code == 4 and option.split("=")[0] + " is for strata's own drain" in json.loads(r.out)["error"]["text"], r)
        r = cloud.strata(*args("--dry-run"), env=sim.env(), timeout=120)
        says = words(json.loads(r.out))
        check(r.code == 0 and "on it are 1 server and " in says and "without end: " + named in says, says)
        p = cloud.start(*args(), env=sim.env())
        keeper = lambda: sim.kube("/apis/kvm.cloud.sap/v1/hypervisors/compute-2")["spec"].get("maintenance")
        until("it is asked", keeper)
        p.send_signal(signal.SIGTERM)
        o = json.loads(p.communicate(timeout=90)[0])
        equal((o["state"], p.returncode, keeper()), ("unsure", 5, "manual"), o)
        check("what was asked for stays" in o["steps"][0]["note"] and "1 not begun to move: " + named in o["steps"][0]["note"], o["steps"][0]["note"])
