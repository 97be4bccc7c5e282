"""The blast radius of claims and namespaces: their disks in the cloud, by the policy of the persistent volume between them; of workers and
DaemonSets by the names that their own kinds have."""
import json
import os
import subprocess

from case import collector
from cases_life import Kube
from cases_links import context
from cases_services import both, gone
from cloud import STRATA, check, equal, until
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


@case("blast: a worker of the cloud is known by the name its own kind gives it; disabled it goes on; a DaemonSet's restart and end are told")
def by_own_kind(cloud):
    where = ("--cloud", cloud.admin_cloud, "--context", context(cloud))
    host = [c for c in cloud.os_cells("compute-service") if c["binary"] == "nova-compute" and c["status"] == "enabled"][0]["host"]
    r = cloud.strata("blast", "disable", "compute-service", host, *where)
    equal((r.code, r.out.splitlines()[0]), (0, "disable compute-service %s (%s): green" % (host, cloud.admin_cloud)), r)
    agent = [c for c in cloud.os_cells("network-agent") if c["binary"] == "neutron-l3-agent"][0]
    r = cloud.strata("blast", "disable", "network-agent", "neutron-l3-agent/" + agent["host"], *where)
    check(r.code in (0, 7, 8) and "lost     DP  os-service neutron-l3-agent/%s" % agent["host"] in r.out, r)
    with Kube(cloud) as k:
        k.apply({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent", "namespace": k.ns},
                 "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [{"name": "c", "image": "registry.example.org/life:1"}]}}}})
        until("all its pods serve", lambda: 1 < k.get("ds", "agent")["status"].get("numberReady", 0) == k.get("ds", "agent")["status"]["desiredNumberScheduled"], 60)
        r = cloud.strata("blast", "restart", "daemonset", "agent", *where, "-n", k.ns, "-o", "json")
        equal([h["harm"] for h in json.loads(r.out)[0]["harm"] if h["kind"] == "daemonsets"], ["degraded"], "one at a time")
        r = cloud.strata("blast", "delete", "daemonset", "agent", *where, "-n", k.ns, "-o", "json")
        equal([(h["harm"], h["alive"]) for h in json.loads(r.out)[0]["harm"] if h["kind"] == "daemonsets"], [("lost", 0)], "all of it")


@case("blast: a pod whose label goes leaves its Service, and its ReplicaSet makes another: as foretold by the verb and the plan")
def labels(cloud):
    with Kube(cloud) as k:
        where = ("--context", context(cloud), "-n", k.ns)
        tags = {"app": "web", "tier": "front"}
        k.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": k.ns},
                 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": tags}, "spec": {"containers": [{"name": "c", "image": "registry.example.org/life:1"}]}}}})
        k.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front", "namespace": k.ns}, "spec": {"selector": tags, "ports": [{"port": 80}]}})

        def behind():
            slices = json.loads(k.run("get", "endpointslices", "-l", "kubernetes.io/service-name=front", "-o", "json"))["items"]
            return sorted(e["targetRef"]["name"] for s in slices for e in s.get("endpoints") or [] if e["conditions"].get("ready"))
        until("both serve", lambda: len(behind()) == 2, 60)
        one, two = behind()
        told = lambda name, word: [(h["harm"], h["back"]) for h in json.loads(cloud.strata("blast", "label", "pod", name, word, *where, "-o", "json").out)[0]["harm"] if h["kind"] == "services"]
        equal((told(one, "tier-"), told(one, "app=old"), told(one, "new=1")), ([("at risk", False)], [("degraded", True)], []), "foretold")
        plan = cloud.strata("label", "pod", one, "tier-", *where, "--dry-run").out
        check("it leaves service front: 1 other pod that serves stays behind that" in plan, plan)
        k.run("label", "pod", one, "tier-")
        until("it left", lambda: behind() == [two], 60)
        equal(told(two, "tier-"), [("lost", False)], "the last one")
        k.run("label", "pod", two, "app=old", "--overwrite")
        until("another one serves", lambda: len(behind()) == 1 and behind() != [two], 60)


@case("beside --all, which is what is looked at, a context or cloud that is named says where the object is; what several of them show of one cluster or cloud is one thing", "sim")
def narrowed(_):
    from cases_world import World
    with World() as w:
        env = dict(os.environ, HOME=w.dir, KUBECONFIG=w.dir + "/kubeconfig", OS_CLIENT_CONFIG_FILE=w.dir + "/clouds.yaml", OS_CLIENT_SECURE_FILE=w.dir + "/secure.yaml",
                   XDG_CONFIG_HOME=w.dir, XDG_STATE_HOME=w.dir)
        run = lambda *args: subprocess.run([STRATA, *args, "--all"], capture_output=True, text=True, timeout=90, env=env)
        first = lambda *args: run("blast", "delete", "deploy", "coredns", "-n", "kube-system", *args).stdout.splitlines()[0]
        equal(first("--context", "tenant-a"), "delete deployment coredns (tenant-a): red", "of that cluster")
        equal(first().count("deployment coredns"), 3, "of all clusters, each once")
        r = run("delete", "deploy", "coredns", "-n", "kube-system", "--context", "tenant-a", "--dry-run")
        check(r.returncode == 0 and r.stdout.startswith("delete deployment kube-system/coredns on tenant-a\n"), r)
        r = run("delete", "deploy", "coredns", "-n", "kube-system", "--dry-run")
        check(r.returncode != 0 and "there are several" in r.stderr, r)
        r = run("delete", "floating-ip", "203.0.113.40", "--dry-run")
        check(r.returncode == 0 and "there are several" not in r.stderr, r)
