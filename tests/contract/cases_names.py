"""What a name alone is enough for: with the right to get (or only to delete) an object and not to list its kind."""
import json
import os

from case import collector
from cases_life import Kube, until
from cloud import check, equal

CASES = []
case = collector(CASES)


class Clerk:
    """A service account that may do what `rules` say in a namespace of its own, and strata as that account."""

    def __init__(self, cloud, rules):
        self.cloud, self.rules = cloud, rules
        self.kube = Kube(cloud)
        self.ns = self.kube.ns

    def __enter__(self):
        self.kube.__enter__()
        rbac, meta = "rbac.authorization.k8s.io", {"name": "clerk"}
        self.kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
                        {"apiVersion": rbac + "/v1", "kind": "Role", "metadata": meta, "rules": self.rules},
                        {"apiVersion": rbac + "/v1", "kind": "RoleBinding", "metadata": meta, "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "clerk"},
                         "subjects": [{"kind": "ServiceAccount", "name": "clerk", "namespace": self.ns}]})
        conf = json.loads(self.cloud.kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
        conf["users"][0]["user"]["as"] = "system:serviceaccount:%s:clerk" % self.ns
        conf["contexts"][0]["context"]["namespace"] = self.ns
        self.path = os.path.join(self.cloud.home, self.ns + ".json")
        with open(self.path, "w") as f:
            json.dump(conf, f)
        return self

    def __exit__(self, *a):
        self.kube.__exit__(*a)

    def strata(self, *args):
        return self.cloud.strata(*args, env={"KUBECONFIG": self.path})


def pod(name, **labels):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
            "spec": {"containers": [{"name": "c", "image": "registry.example.org/life:1"}], "terminationGracePeriodSeconds": 0}}


def config(name):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}}


def secret(name):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"a": "b"}}


@case("get, describe, logs and delete of a name need the right to get, not to list")
def get_only(cloud):
    rules = [{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "delete"]},
             {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["one"], "verbs": ["get", "delete"]}]
    with Clerk(cloud, rules) as c:
        c.kube.apply(pod("p1"), config("one"), config("two"))
        until("the pod runs", lambda: c.kube.get("pod", "p1")["status"].get("phase") == "Running", 60)
        r = c.strata("get", "pods")
        check(r.code == 1 and "cannot list" in r.err, r)
        for kind, name, column in (("pod", "p1", "READY"), ("cm", "one", "DATA")):
            r = c.strata("get", kind, name)
            check(r.code == 0 and not r.err and column in r.out.split("\n")[0] and r.out.split("\n")[1].startswith(name), r)
            r = c.strata("get", kind, name, "-o", "json")
            check(r.code == 0 and json.loads(r.out)["metadata"]["name"] == name, r)
            r = c.strata("describe", kind, name)
            check(r.code == 0 and "Name:" in r.out, r)
        r = c.strata("logs", "p1", "--tail", "2")
        check(r.code == 0 and not r.err, r)
        r = c.strata("get", "pod", "p1", "nope")
        check(r.code == 3 and r.err == 'strata: pod "nope" not found\n' and "p1" in r.out, r)
        r = c.strata("get", "cm", "two")                          # refused is not absent
        check(r.code == 1 and "cannot get" in r.err and "not found" not in r.err, r)
        for kind, name in (("pod", "p1"), ("cm", "one")):
            r = c.strata("delete", kind, name, "--yes")
            check(r.code == 0, r)
            until("%s is gone" % name, lambda: c.kube.run("get", kind, name, fail=True)[0] == 1, 30)


@case("delete of a name needs the right to delete alone, and says that it is by name")
def delete_only(cloud):
    rules = [{"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["delete"]}]
    with Clerk(cloud, rules) as c:
        c.kube.apply(config("one"), secret("s1"))
        for kind, name in (("cm", "one"), ("secret", "s1")):
            r = c.strata("delete", kind, name)
            check(r.code == 4 and "whatever bears this name" in r.err, r)
            equal(c.kube.run("get", kind, name, fail=True)[0], 0, "it stayed")
            r = c.strata("delete", kind, name, "--yes")
            check(r.code == 0 and "strata:" not in r.err and "whatever bears this name" in r.err, r)
            equal(c.kube.run("get", kind, name, fail=True)[0], 1, "it is gone")
            r = c.strata("delete", kind, name, "--yes")
            check(r.code == 3 and "does not exist" in r.err, r)


@case("a uid instead of a name, and names that stand twice")
def uids(cloud):
    with Clerk(cloud, []) as c:
        c.kube.apply(config("one"))
        uid = c.kube.get("cm", "one")["metadata"]["uid"]
        for args in ([uid], ["one", "one"], ["one", uid]):
            r = cloud.strata("get", "cm", *args, "-n", c.ns, "-o", "name")
            check(r.code == 0 and r.out == "configmap/one\n", r)
        r = cloud.strata("delete", "cm", "one", "one", "-n", c.ns, "--yes", "--dry-run")
        equal(r.code, 0, r)


@case("managedFields are left out of one object and of lists, and shown when asked for")
def managed(cloud):
    with Clerk(cloud, []) as c:
        c.kube.run("apply", "--server-side", "--validate=false", "-f", "-", stdin=json.dumps(config("one")))
        for names in ([], ["one"]):
            for form in ("json", "yaml"):
                for shown in (False, True):
                    args = ["get", "cm", *names, "-n", c.ns, "-o", form] + (["--show-managed-fields"] if shown else [])
                    r = cloud.strata(*args)
                    equal((r.code, "managedFields" in r.out), (0, shown), " ".join(args))


@case("logs of a selector: every pod's last ten lines under its name; none is said as kubectl says it")
def logs_selector(cloud):
    with Clerk(cloud, []) as c:
        c.kube.apply(pod("p1", app="web"), pod("p2", app="web"), pod("p3", app="db"))
        until("the pods run", lambda: all(p["status"].get("phase") == "Running" for p in c.kube.get("pods")["items"]), 60)
        until("they have written", lambda: all(len(c.kube.run("logs", n, "--tail", "10").splitlines()) == 10 for n in ("p1", "p2")), 60)
        r = cloud.strata("logs", "-l", "app=web", "-n", c.ns)
        check(r.code == 0 and not r.err, r)
        equal([line.split("] ")[0] for line in r.out.splitlines()], ["[p1/c"] * 10 + ["[p2/c"] * 10, "whose lines")
        equal(len(cloud.strata("logs", "-l", "app=web", "-n", c.ns, "--tail", "3").out.splitlines()), 6, "--tail 3")
        args = ["logs", "-l", "app=nope", "-n", c.ns]
        r = cloud.strata(*args)
        equal((r.code, r.out + r.err), cloud.kubectl_all(*args), "no pods")
        equal(cloud.strata("logs", "-l", "app=web", "p1", "-n", c.ns).code, 2, "a name as well")
        equal(cloud.strata("logs", "-n", c.ns).code, 2, "neither")


@case("logs of a pod that is not scheduled: empty, and the scheduler's reason on stderr")
def logs_unscheduled(cloud):
    with Clerk(cloud, []) as c:
        big = pod("big")
        big["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "9999"}}
        c.kube.apply(big)
        why = until("the scheduler said no", lambda: [d["message"] for d in c.kube.get("pod", "big")["status"].get("conditions", [])
                                                      if d["type"] == "PodScheduled" and d.get("message")], 60)[0]
        r = cloud.strata("logs", "big", "-n", c.ns)
        check(r.code == 0 and not r.out and "not scheduled" in r.err and why[:60] in r.err, r)


@case("doctor says how far off its measure of the server's clock may be")
def doctor_clock(cloud):
    r = cloud.strata("doctor")
    clocks = [line for line in r.out.splitlines() if line.split()[2:3] == ["clock"]]
    check(clocks and all("(+/- " in line for line in clocks), r)
