"""Deletes and evictions of many at once, by name and by what they match, next to what kubectl then finds; and what must be typed."""
import json

from case import collector
from cases_kubeops import budget
from cases_life import Kube, workload
from cloud import check, equal, until

CASES = []
case = collector(CASES)
HOLD = {"finalizers": ["strata.test/hold"]}


def config(k, *names, **meta):
    for name in names:
        k.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": dict({"name": name, "labels": {"app": name[0]}}, **meta)})


def rm(cloud, k, *args, code=0, verb="delete"):
    r = cloud.strata(verb, *args, "-n", k.ns, "--yes", timeout=120)
    equal(r.code, code, r)
    return r


def left(k):
    return sorted(k.run("get", "configmaps", "-o", "name").replace("configmap/", "").split())


@case("delete by selector, of all, of names that are not there, of what a finalizer holds")
def many(cloud):
    with Kube(cloud) as k:
        config(k, "a1", "a2", "b1", "b2", "c1")
        until("the cluster's own is there", lambda: "kube-root-ca.crt" in left(k))
        r = rm(cloud, k, "configmap", "-l", "app=none")
        check("nothing was done" in r.err, r)
        rm(cloud, k, "configmap", "-l", "app=a")
        equal(left(k), ["b1", "b2", "c1", "kube-root-ca.crt"], "left by -l")
        r = rm(cloud, k, "configmap", "none", "b1", code=3)
        check('configmap "none" not found' in r.err, r)
        rm(cloud, k, "configmap", "none", "b2", "--ignore-not-found")
        equal(left(k), ["c1", "kube-root-ca.crt"], "names go each for itself")
        equal(cloud.strata("delete", "configmap", "c1", "-l", "app=c", "-n", k.ns, "--yes").code, 2, "names and a selector")
        equal(cloud.strata("delete", "configmap", "-n", k.ns, "--yes").code, 2, "neither")
        equal(cloud.strata("delete", "configmap", "--all-objects", "-n", k.ns, "--yes", "--max-objects=1").code, 4, "more than max-objects")
        equal(cloud.strata("--read-only", "delete", "configmap", "--all-objects", "-n", k.ns, "--yes").code, 4, "read-only")
        check("c1" in left(k), "refused, and done")
        rm(cloud, k, "configmap", "--all-objects")
        check("c1" not in left(k), left(k))
        config(k, "held", **HOLD)
        r = rm(cloud, k, "configmap", "held", "--timeout=1", code=5)
        check("held by finalizer strata.test/hold" in r.err, r)
        r = rm(cloud, k, "configmap", "held", "--wait=no")
        check("not waited for" in r.out, r)
        k.run("patch", "configmap", "held", "--type=merge", "-p", json.dumps({"metadata": {"finalizers": None}}))
        equal(k.run("get", "configmap", "held", fail=True)[0], 1, "let go")


@case("an eviction that the budget refuses is told while it waits, and goes on when the budget allows it; of many, as many go as it allows")
def evictions(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2))
        k.ready("deployment", "web", 2)
        budget(k, minAvailable=2)
        pods = list(k.pods("web"))
        p = cloud.start("evict", "pod", *pods, "-n", k.ns, "--yes", out=False, err=True)
        try:
            told = next((line for line in p.stderr if "disruption budget" in line and "evict pod" in line), "")
            check("violate the pod's disruption budget" in told, told)
            equal([n for n in pods if n not in k.pods("web")], [], "pods that went")
            k.run("patch", "pdb", "web", "--type=merge", "-p", '{"spec":{"minAvailable":1}}')
            rest = p.stderr.read()
            equal(p.wait(100), 0, rest)
        finally:
            p.kill()
            p.wait()
        equal([n for n in pods if n in k.pods("web")], [], "pods that stayed")


@case("what takes others with it is not deleted before its name is typed: a persistent volume; at a protected source after its own")
def typed(cloud):
    with Kube(cloud) as k:
        name = k.ns
        pv = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "labels": {"app": name}},
              "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/none"}}}
        config_file = cloud.home + "/typed.yaml"
        with open(config_file, "w") as f:
            f.write('sources: [{match: "*", protected: true}]\n')
        k.apply(pv)
        try:
            source = cloud.cells("pv", name)[0]["source"]
            guarded = ["--config", config_file]
            for more in [], ["--confirm", "y"], guarded + ["--confirm", name], guarded + ["--confirm", source], guarded:
                r = cloud.strata("delete", "pv", "-l", "app=" + name, "--yes", *more)
                equal(r.code, 4, (more, r))
                check("deletionTimestamp" not in k.get("pv", name)["metadata"], more)
            r = cloud.strata("delete", "pv", name, "--yes", *guarded, "--confirm", source + "/" + name)
            equal(r.code, 0, r)
            k.apply(pv)
            equal(cloud.strata("delete", "pv", "-l", "app=" + name, "--yes", "--confirm", name).code, 0, "its name was typed")
            equal(k.run("get", "pv", name, fail=True)[0], 1, "gone")
        finally:
            k.run("delete", "pv", name, "--wait=false", fail=True)


@case("a delete that the server refuses after a good dry run has failed, the others go on; but no more of them once so many have failed", "sim")
def stops(cloud):
    with Kube(cloud) as k:
        path = "/api/v1/namespaces/%s/configmaps/" % k.ns
        # refused by the server: 4 where nothing else of it was done
        for more, want, code in ([], ["a1"], 1), (["--stop-after=1", "--at-once=1"], ["a1", "a2", "a3"], 4):
            config(k, "a1", "a2", "a3")
            cloud.sim.fault(kind="status", on="kube", method="DELETE", prefix=path + "a1", status=409, skip=1, count=1)      # the first is the dry run
            try:
                r = cloud.strata("delete", "configmap", "a1", "a2", "a3", "-n", k.ns, "--yes", "-o", "json", *more)
            finally:
                cloud.sim.clear()
            o = json.loads(r.out)
            equal((r.code, o["state"], o["failed"] > 0), (code, "failed", True), r)
            check("not done" in o["steps"][0]["note"] and o["steps"][0]["state"] == "failed", o["steps"][0])
            equal([x for x in left(k) if x.startswith("a")], want, more)
