"""The blast radius of claims and namespaces: their disks in the cloud, by the policy of the persistent volume between them."""
import json

from case import collector
from cases_life import Kube
from cases_links import context
from cases_services import both, gone
from cloud import check, equal, until
from ostk_api import Service

CASES = []
case = collector(CASES)
KEPT = "can be bound again only by hand"


@case("blast: a claim takes its volume of the cloud with it, or leaves it, as the policy says; so does its namespace")
def claims(cloud):
    cinder = Service(both(cloud)[0], "volume", "3.70")
    with Kube(cloud) as k:
        made = {}
        try:
            for name, policy in ("goes", "Delete"), ("stays", "Retain"):
                full = k.ns + "-" + name
                made[name] = cinder.ask("POST", "/volumes", {"volume": {"size": 1, "name": full}}, 202)["volume"]["id"]
                k.apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": full},
                         "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": policy, "storageClassName": "",
                                  "csi": {"driver": "cinder.csi.openstack.org", "volumeHandle": made[name]}, "claimRef": {"namespace": k.ns, "name": name}}})
                k.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": k.ns},
                         "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": full, "resources": {"requests": {"storage": "1Gi"}}}})
                until("bound", lambda name=name: k.get("pvc", name)["status"].get("phase") == "Bound", 60)
            where = ("--cloud", cloud.admin_cloud, "--context", context(cloud), "-n", k.ns)

            def told(*what):
                r = cloud.strata("blast", "delete", *what, *where, "-o", "json")
                says = json.loads(r.out)[0]
                return r.code, sorted((h["kind"], h["name"], h["harm"]) for h in says["harm"] if h["plane"] == "ST")
            goes = [("persistentvolumeclaims", "goes", "lost"), ("persistentvolumes", k.ns + "-goes", "lost"), ("volume", k.ns + "-goes", "lost")]
            equal(told("pvc", "goes"), (8, goes), "Delete")
            equal(told("pvc", "stays"), (7, [("persistentvolumeclaims", "stays", "at risk")]), "Retain")
            equal(told("namespace", k.ns), (8, sorted(goes + [("persistentvolumeclaims", "stays", "at risk")])), "all of it")
            check(KEPT in cloud.strata("blast", "delete", "pvc", "stays", *where).out, "in words")
            plan = cloud.strata("delete", "pvc", "goes", *where, "--dry-run").out
            check("volume" in plan and "persistentvolumeclaim" in plan and "lost" in plan, plan)
            k.run("delete", "pvc", "stays", "--wait=false")
            until("it is released", lambda: k.get("pv", k.ns + "-stays")["status"].get("phase") == "Released", 60)
            equal(cinder.get("/volumes/" + made["stays"])["volume"]["status"], "available", "what was kept")
        finally:
            for name in "goes", "stays":
                k.run("delete", "pvc", name, "--wait=false", fail=True)
                k.run("delete", "pv", k.ns + "-" + name, "--wait=false", fail=True)
            for v in made.values():
                until("it may be deleted", lambda v=v: cinder.call("DELETE", "/volumes/" + v)[0] in (202, 404), 60)
                gone(cinder, "/volumes/" + v)
