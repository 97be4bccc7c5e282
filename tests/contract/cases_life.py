"""What follows from a change, told by kubectl: roll-outs, scaling, replaced pods, budgets, collected dependents. In a namespace of
its own, so that the same cases run on the demo cloud and on real controllers."""
import json
import os
import shutil
import subprocess
import threading

from case import collector
from cloud import Skip, check, equal, until

CASES = []
PARTS = 2
case = collector(CASES)
COUNT = iter(range(1000))


class Kube:
    """kubectl in a fresh namespace, which goes at the end."""

    def __init__(self, cloud):
        if not shutil.which("kubectl"):
            raise Skip("kubectl is not installed")
        self.cloud = cloud
        self.ns = "strata-life-%d-%d" % (os.getpid(), next(COUNT))

    def __enter__(self):
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.ns}})
        until("the namespace has its account", lambda: self.run("get", "serviceaccount", "default", fail=True)[0] == 0)
        return self

    def __exit__(self, *a):
        self.run("delete", "namespace", self.ns, "--wait=false", fail=True)

    def run(self, *args, fail=False, stdin=None, seconds=90):
        p = subprocess.run(["kubectl", "-n", self.ns, *args], input=stdin, capture_output=True, text=True, timeout=seconds,
                           env=dict(os.environ, **self.cloud.env_extra))
        if not fail:
            check(p.returncode == 0, "kubectl %s: %s" % (" ".join(args), p.stderr[-400:]))
        return (p.returncode, p.stdout + p.stderr) if fail else p.stdout

    def apply(self, *docs):
        for d in docs:
            labels = (((d.get("spec") or {}).get("template") or {}).get("metadata") or {}).get("labels")
            if labels:
                labels["of"] = self.ns          # what goes by labels alone (a drain) is to leave the pods of others
            self.run("apply", "--validate=false", "-f", "-", stdin=json.dumps(d))

    def get(self, *args):
        return json.loads(self.run("get", *args, "-o", "json"))

    def pods(self, app):
        return {p["metadata"]["name"]: p for p in self.get("pods", "-l", "app=" + app)["items"]}

    def ready(self, kind, name, n):
        until("%s %s has %d ready" % (kind, name, n), lambda: self.get(kind, name)["status"].get("readyReplicas", 0) == n, 60)

    def watch(self, path):
        """From now on: what it gives, called later, is each change of the objects of that path, short moments too."""
        path = path.replace("NS", self.ns)
        since = self.cloud.kube(path)["metadata"]["resourceVersion"]
        return lambda: [(e["type"], e["object"]) for e in self.cloud.stream("%s?watch=1&timeoutSeconds=1&resourceVersion=%s" % (path, since))]

    def events(self, kind, name):
        return [e for e in self.get("events")["items"] if e["involvedObject"]["kind"] == kind and e["involvedObject"]["name"] == name]


def template(app, image="registry.example.org/life:1", **more):
    return {"metadata": {"labels": {"app": app}}, "spec": dict({"containers": [{"name": "c", "image": image}]}, **more)}


def workload(kind, name, replicas=None, **spec):
    spec = dict({"selector": {"matchLabels": {"app": name}}, "template": template(name)}, **spec)
    if replicas is not None:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def conditions(o):
    return {c["type"]: (c["status"], c["reason"]) for c in o["status"]["conditions"]}


@case("kubectl rollout status, history, undo of a deployment: replica sets, revisions, events, conditions")
def deployment(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 3))
        k.run("rollout", "status", "deployment/web", "--timeout=60s")
        d = k.get("deployment", "web")
        equal({n: d["status"].get(n) for n in ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "unavailableReplicas")},
              {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3, "unavailableReplicas": None}, "status")
        equal(conditions(d), {"Available": ("True", "MinimumReplicasAvailable"), "Progressing": ("True", "NewReplicaSetAvailable")}, "conditions")
        first = k.get("replicasets")["items"][0]
        tag = first["metadata"]["labels"]["pod-template-hash"]
        equal(first["metadata"]["name"], "web-" + tag, "name of the replica set")
        equal(first["spec"]["selector"]["matchLabels"], {"app": "web", "pod-template-hash": tag}, "its selector")
        equal(first["metadata"]["annotations"], {"deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4",
                                                 "deployment.kubernetes.io/revision": "1"}, "its annotations")
        pod = next(iter(k.pods("web").values()))
        check(pod["metadata"]["name"].startswith("web-%s-" % tag), pod["metadata"]["name"])
        equal(pod["metadata"]["ownerReferences"], [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-" + tag, "controller": True,
                                                    "uid": first["metadata"]["uid"], "blockOwnerDeletion": True}], "owner of a pod")
        k.run("set", "image", "deployment/web", "c=registry.example.org/life:2")
        k.run("rollout", "status", "deployment/web", "--timeout=60s")
        history = [line.split()[0] for line in k.run("rollout", "history", "deployment/web").splitlines()[2:] if line]
        equal(history, ["1", "2"], "history")
        k.run("rollout", "undo", "deployment/web")
        k.run("rollout", "status", "deployment/web", "--timeout=60s")
        history = [line.split()[0] for line in k.run("rollout", "history", "deployment/web").splitlines()[2:] if line]
        equal(history, ["2", "3"], "history after the way back")
        sizes = {r["metadata"]["name"]: r["spec"]["replicas"] for r in k.get("replicasets")["items"]}
        equal(sizes.pop("web-" + tag), 3, "the first replica set again")
        equal(list(sizes.values()), [0], "the other one")
        said = {(e["reason"], e["message"], e["source"]["component"]) for e in k.events("Deployment", "web")}
        check(("ScalingReplicaSet", "Scaled up replica set web-%s from 0 to 3" % tag, "deployment-controller") in said, said)
        check(("ScalingReplicaSet", "Scaled down replica set web-%s from 3 to 2" % tag, "deployment-controller") in said, said)


@case("kubectl scale, and what stays when a deployment is deleted")
def scale(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1))
        k.ready("deployment", "web", 1)
        k.run("scale", "deployment/web", "--replicas=4")
        k.ready("deployment", "web", 4)
        k.run("scale", "deployment/web", "--replicas=2")
        until("two pods are left", lambda: len(k.pods("web")) == 2)
        rs = k.get("replicasets")["items"][0]
        said = [e["message"] for e in k.events("ReplicaSet", rs["metadata"]["name"])]
        equal(len([m for m in said if m.startswith("Deleted pod: web-")]), 2, "deletions told")
        k.run("delete", "deployment", "web", "--cascade=orphan")
        check(len(k.pods("web")) == 2, "pods stay with orphan")
        until("the replica set has no owner", lambda: not k.get("replicasets")["items"][0]["metadata"].get("ownerReferences"))
        k.run("delete", "replicaset", rs["metadata"]["name"])
        until("the pods follow it", lambda: not k.pods("web"))


@case("a deleted pod of a replica set is replaced at once, of a stateful set under its name")
def replaced(cloud):
    with Kube(cloud) as k:
        k.apply(workload("ReplicaSet", "rs", 2), workload("StatefulSet", "db", 2, serviceName="db"))
        k.ready("replicaset", "rs", 2)
        k.ready("statefulset", "db", 2)
        changes = k.watch("/api/v1/namespaces/NS/pods")
        old = next(iter(k.pods("rs")))
        k.run("delete", "pod", old, "--wait=false")
        until("the old one is gone", lambda: old not in k.pods("rs"))
        order = [t for t, o in changes() if t == "ADDED" or t == "DELETED" and o["metadata"]["name"] == old]
        equal(order, ["ADDED", "DELETED"], "the new one is there while the old one ends")
        k.ready("replicaset", "rs", 2)
        was = k.pods("db")["db-0"]
        labels = was["metadata"]["labels"]
        equal((labels["apps.kubernetes.io/pod-index"], labels["statefulset.kubernetes.io/pod-name"]), ("0", "db-0"), "labels")
        equal(labels["controller-revision-hash"], k.get("statefulset", "db")["status"]["currentRevision"], "revision")
        k.run("delete", "pod", "db-0")
        until("db-0 is another pod", lambda: "db-0" in k.pods("db") and k.pods("db")["db-0"]["metadata"]["uid"] != was["metadata"]["uid"])
        k.ready("statefulset", "db", 2)
        check("Create Pod db-0 in StatefulSet db successful" in [e["message"] for e in k.events("StatefulSet", "db")], "event")


@case("kubectl rollout restart and undo of a stateful set and a daemon set: controller revisions")
def revisions(cloud):
    with Kube(cloud) as k:
        k.apply(workload("StatefulSet", "db", 2, serviceName="db"), workload("DaemonSet", "ag"))
        for what in "statefulset/db", "daemonset/ag":
            k.run("rollout", "status", what, "--timeout=80s")
            k.run("rollout", "restart", what)
            k.run("rollout", "status", what, "--timeout=80s")
            k.run("rollout", "undo", what)
            k.run("rollout", "status", what, "--timeout=80s")
            history = [line.split()[0] for line in k.run("rollout", "history", what).splitlines()[2:] if line]
            equal(history, ["2", "3"], "history of " + what)
        ds = k.get("daemonset", "ag")["status"]
        equal(ds["numberReady"], ds["desiredNumberScheduled"], "daemon pods ready")
        for pod in k.pods("ag").values():
            where = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"][0]["matchFields"][0]
            equal(where, {"key": "metadata.name", "operator": "In", "values": [pod["spec"]["nodeName"]]}, "where a daemon pod belongs")
        names = {r["metadata"]["name"].rsplit("-", 1)[0] for r in k.get("controllerrevisions")["items"]}
        equal(names, {"db", "ag"}, "revisions are named by their set")


@case("a job runs to its end, its pod is counted")
def job(cloud):
    with Kube(cloud) as k:
        spec = {"completions": 2, "parallelism": 2, "template": template("jb", restartPolicy="Never")}
        k.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "jb"}, "spec": spec})
        k.run("wait", "--for=condition=complete", "job/jb", "--timeout=60s", seconds=70)
        j = k.get("job", "jb")
        equal(j["status"]["succeeded"], 2, "succeeded")
        equal(conditions(j), {"SuccessCriteriaMet": ("True", "CompletionsReached"), "Complete": ("True", "CompletionsReached")}, "conditions")
        pods = k.pods("jb")
        equal({p["status"]["phase"] for p in pods.values()}, {"Succeeded"}, "phases")
        check(all("finalizers" not in p["metadata"] for p in pods.values()), "the pods are counted")
        check(all(p["metadata"]["labels"]["batch.kubernetes.io/job-name"] == "jb" for p in pods.values()), "labels")
        check("Job completed" in [e["message"] for e in k.events("Job", "jb")], "event")
        k.run("delete", "job", "jb", "--cascade=background")
        until("its pods are collected", lambda: not k.pods("jb"))


@case("eviction keeps a disruption budget: 429 with its words, then allowed")
def eviction(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2), {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": {
            "minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}})
        k.ready("deployment", "web", 2)
        until("the budget is counted", lambda: k.get("pdb", "web")["status"]["currentHealthy"] == 2)
        equal(conditions(k.get("pdb", "web")), {"DisruptionAllowed": ("False", "InsufficientPods")}, "condition")
        pod = next(iter(k.pods("web")))
        path = "/api/v1/namespaces/%s/pods/%s/eviction" % (k.ns, pod)
        body = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": k.ns}})
        code, said = k.run("create", "--raw", path, "-f", "-", stdin=body, fail=True)
        check(code and "Cannot evict pod as it would violate the pod's disruption budget." in said, said)
        k.run("patch", "pdb", "web", "--type=merge", "-p", '{"spec":{"minAvailable":"50%"}}')
        until("one may go", lambda: k.get("pdb", "web")["status"]["disruptionsAllowed"] == 1)
        changes = k.watch("/apis/policy/v1/namespaces/NS/poddisruptionbudgets")
        k.run("create", "--raw", path, "-f", "-", stdin=body)
        until("its place is taken", lambda: pod not in k.pods("web"))
        k.ready("deployment", "web", 2)
        until("and again", lambda: k.get("pdb", "web")["status"]["disruptionsAllowed"] == 1)
        allowed = [o["status"]["disruptionsAllowed"] for _, o in changes()]
        equal((allowed[0], allowed[-1]), (0, 1), "no second one, until the first has its successor")


@case("endpoints follow the pods: addresses, targets, and not ready while ending")
def endpoints(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2), {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"l": "v"}}, "spec": {
            "selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}})
        k.ready("deployment", "web", 2)
        pods = k.pods("web")

        def slice_of():
            found = k.get("endpointslices", "-l", "kubernetes.io/service-name=web")["items"]
            return found[0] if found else {"endpoints": []}
        until("two endpoints are ready", lambda: [e["conditions"]["ready"] for e in slice_of()["endpoints"] or []] == [True, True])
        s = slice_of()
        equal({e["addresses"][0] for e in s["endpoints"]}, {p["status"]["podIP"] for p in pods.values()}, "addresses")
        equal({e["targetRef"]["name"] for e in s["endpoints"]}, set(pods), "targets")
        equal(s["ports"], [{"name": "http", "port": 8080, "protocol": "TCP"}], "ports")
        equal(s["metadata"]["labels"], {"kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                                        "l": "v"}, "labels")
        subset = k.get("endpoints", "web")["subsets"][0]
        equal({a["targetRef"]["name"] for a in subset["addresses"]}, set(pods), "Endpoints say the same")
        gone = next(iter(pods))
        k.run("delete", "pod", gone, "--wait=false")
        until("the one that ends is not ready", lambda: not any(e["targetRef"]["name"] == gone and e["conditions"]["ready"] for e in slice_of()["endpoints"]), 10)
        until("two again", lambda: len([e for e in slice_of()["endpoints"] if e["conditions"]["ready"]]) == 2)
        k.run("delete", "service", "web")
        until("the slice follows the service", lambda: not slice_of()["endpoints"])


@case("a pod that cannot be placed says so in the scheduler's words")
def unschedulable(cloud):
    with Kube(cloud) as k:
        k.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big"}, "spec": {"containers": [
            {"name": "c", "image": "x:1", "resources": {"requests": {"memory": "9000Gi"}}}]}})
        until("it was tried", lambda: k.get("pod", "big")["status"].get("conditions"))
        said = lambda: {(e["reason"], e["reportingComponent"], e["message"]) for e in k.events("Pod", "big")}

        def tried():                         # it is tried again when a node changes, and other words are said then
            c = k.get("pod", "big")["status"]["conditions"][0]
            equal((c["type"], c["status"], c["reason"]), ("PodScheduled", "False", "Unschedulable"), "condition")
            check("Insufficient memory" in c["message"] and "Preemption is not helpful for scheduling." in c["message"], c["message"])
            return ("FailedScheduling", "default-scheduler", c["message"]) in said()
        until("an event of the same words", tried)


@case("a bare pod that is deleted has nobody to replace it; a namespace takes all that is in it", "sim")
def gone(cloud):
    with Kube(cloud) as k:
        k.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": template("bare")["spec"]}, workload("StatefulSet", "db", 2, serviceName="db"))
        until("it runs", lambda: ready(k.get("pod", "bare")))
        k.run("delete", "pod", "bare")
        check(k.run("get", "pod", "bare", fail=True)[0] != 0, "it is gone")
        k.run("delete", "namespace", k.ns, "--timeout=60s")
        code, said = k.run("get", "namespace", k.ns, fail=True)
        check(code and "NotFound" in said, said)


@case("kubectl drain moves everything but daemon pods, and waits for the budget", "sim")
def drain(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 3), {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": {
            "maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}})
        k.ready("deployment", "web", 3)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        least, stop = [3], threading.Event()

        def watch():
            while not stop.is_set():
                least[0] = min(least[0], sum(ready(p) for p in k.pods("web").values()))
        t = threading.Thread(target=watch)
        t.start()
        try:
            k.run("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=80s")
        finally:
            stop.set()
            t.join()
            k.run("uncordon", node)
        check(least[0] >= 2, "only %d were ready at some time" % least[0])
        left = json.loads(k.run("get", "pods", "-A", "-o", "json", "--field-selector", "spec.nodeName=" + node))["items"]
        equal({p["metadata"]["ownerReferences"][0]["kind"] for p in left if p["status"]["phase"] == "Running"}, {"DaemonSet"}, "who is left on " + node)
