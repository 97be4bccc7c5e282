"""Clusters with a controller of their own for maintenance: it is asked, a drain beside it is refused. The case plays the controller."""
import json
import subprocess

from case import collector
from cases_ops import journal
from cloud import STRATA, check, equal, until

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
    return subprocess.Popen([STRATA, "maintenance", *args, "--yes", "-o", "json"], env=cloud.environ(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)


def ended(p, state="done"):
    o = json.loads(p.communicate(timeout=60)[0])
    equal(o["state"], state, o)
    return o


@case("a cluster with maintenance objects of its own: they are asked and watched; a node's, a hypervisor's, a host's drain beside them is refused, or done in so many words")
def asked(cloud):
    node, at = "compute-2", ("--cloud", cloud.admin_cloud)
    unschedulable = lambda: cloud.raw("GET", "/api/v1/nodes/" + node)[2]["spec"].get("unschedulable", False)
    none = "--pod-selector=contract=nothing"
    with Keeper(cloud, "mosk") as k:
        refused(cloud, node, "drain", node, none)
        refused(cloud, node, "hypervisor", "drain", node, "--leave=all", *at)
        refused(cloud, node, "host", "drain", node, "--leave=all", none, *at)
        equal(unschedulable(), False, "nothing was done")
        k.make("nodeworkloadlocks", "openstack-" + node, spec={"nodeName": node, "controllerName": "openstack"}, status={"state": "active"})
        p = begin(cloud, node)
        made = until("it is asked", lambda: k.objects("nodemaintenancerequests"))[0]
        equal(made["spec"], {"nodeName": node, "scope": "drain"}, made)
        k.say("nodeworkloadlocks", "openstack-" + node, state="inactive")
        check("openstack-%s state inactive" % node in ended(p)["steps"][0]["note"], "told")
        equal((strata(cloud, "maintenance", node, "--yes")["steps"][0]["state"], len(k.objects("nodemaintenancerequests"))), ("already", 1), "again")
        equal((strata(cloud, "maintenance-end", node, "--yes")["state"], k.objects("nodemaintenancerequests")), ("done", []), "its end")
        o = strata(cloud, "drain", node, none, "--ignore-maintenance", "--yes", "--confirm", node)
        try:
            equal((o["state"], unschedulable()), ("done", True), o)
            check("MOSK takes nodes out of use here; it is not asked, as you said" in words(o), words(o))
            check(any("ignore-maintenance" in json.dumps(x) for x in journal(cloud, o["key"])), "the journal has that it was said")
        finally:
            strata(cloud, "uncordon", node, "--yes")
    with Keeper(cloud, "sap") as k:
        k.make("hypervisors", node, spec={}, status={"numInstances": 2, "evicted": False})
        refused(cloud, node, "hypervisor", "drain", node, "--leave=all", *at)
        check("hypervisor operator" not in words(strata(cloud, "drain", "compute-1", none, "--dry-run")), "not one of its hypervisors")
        p = begin(cloud, node, "--reason=contract")
        made = until("it is asked", lambda: k.objects("evictions"))[0]
        equal(made["spec"], {"hypervisor": node, "reason": "strata: contract"}, made)
        k.say("hypervisors", node, numInstances=0, evicted=True)
        check("%s numInstances 0" % node in ended(p)["steps"][0]["note"], "told")
    with Keeper(cloud, "medik8s") as k:
        refused(cloud, node, "drain", node, none)
        check("node maintenance operator" not in words(strata(cloud, "hypervisor", "drain", node, "--leave=all", "--dry-run", *at)), "it moves no servers")
        p = begin(cloud, node)
        until("it is asked", lambda: k.objects("nodemaintenances"))
        k.say("nodemaintenances", "strata-" + node, phase="Failed", lastError="no quorum")
        o = ended(p, "failed")
        check("lastError no quorum" in o["steps"][0]["note"], o)
