"""Operations on Kubernetes objects, in namespaces of their own: what strata does and says, next to what kubectl then finds."""

import json
import os
import re
import time

from case import collector
from cases_life import Kube, ready, template, workload
from cases_move import Fast
from cases_ops import act, journal
from cloud import check, equal, until

CASES = []
PARTS = 2
case = collector(CASES)


def strata(cloud, k, *args, code=0, seconds=120):
    r = cloud.strata(*args, "-n", k.ns, timeout=seconds)
    check(r.code == code, "strata %s: %r" % (" ".join(args), r))
    return r


def revisions(text):
    return [line.split()[0] for line in text.splitlines() if line.split() and line.split()[0].isdigit()]


@case("rollout status, history and diff of deployments and sets, as kubectl has them")
def rollouts(cloud):
    with Kube(cloud) as k:
        fast = lambda app: template(app, terminationGracePeriodSeconds=1)
        k.apply(workload("Deployment", "web", 2), workload("StatefulSet", "db", 1, serviceName="db", template=fast("db")),
                workload("DaemonSet", "ag", template=fast("ag"), updateStrategy={"rollingUpdate": {"maxUnavailable": "100%"}}))
        for what in "deployment/web", "statefulset/db", "daemonset/ag":
            r = strata(cloud, k, "rollout", "status", what)
            check("successfully rolled out" in r.out, r)
            k.run("rollout", "status", what, "--timeout=1s")                 # it is: kubectl says so at once
        k.run("set", "image", "deployment/web", "c=registry.example.org/life:2")
        k.run("rollout", "restart", "statefulset/db")
        k.run("annotate", "deployment/web", "kubernetes.io/change-cause=a new one")
        strata(cloud, k, "rollout", "status", "deployment/web")
        strata(cloud, k, "rollout", "status", "statefulset/db")
        for what in "deployment/web", "statefulset/db", "daemonset/ag":
            equal(revisions(strata(cloud, k, "rollout", "history", what).out), revisions(k.run("rollout", "history", what)), what)
        until("the cause is in the history", lambda: "a new one" in strata(cloud, k, "rollout", "history", "deployment/web").out)
        lines = strata(cloud, k, "rollout", "diff", "deployment/web").out.splitlines()
        equal([line for line in lines if line[:1] in "+-"],
              ["- revision 1", "+ revision 2", "-   - image: registry.example.org/life:1", "+   - image: registry.example.org/life:2"], "diff")
        one = strata(cloud, k, "rollout", "history", "deployment/web", "--revision=1").out
        check("image: registry.example.org/life:1" in one and "pod-template-hash" not in one, one)
        strata(cloud, k, "rollout", "history", "deployment/web", "--revision=9", code=3)
        strata(cloud, k, "rollout", "status", "deployment/none", code=3)
        for what in "statefulset/db", "daemonset/ag":                # what takes it back goes to its own revision, whatever came after
            had = k.get(what)["spec"]["template"]
            restart = act(cloud, "restart", what, "-n", k.ns, "--yes")
            check("restartedAt" in json.dumps(k.get(what)["spec"]["template"]), "restarted")
            if what == "statefulset/db":
                image = act(cloud, "set-image", what, "c=registry.example.org/life:2", "-n", k.ns, "--yes")
                equal(act(cloud, "ops", "--rollback", image["key"], "--yes")["state"], "done", "the image of " + what)
                equal(k.get(what)["spec"]["template"]["spec"], had["spec"], "the image of " + what)
            o = act(cloud, "ops", "--rollback", restart["key"], "--yes")
            equal((o["action"], o["state"], k.get(what)["spec"]["template"]), ("undo", "done", had), o)
            k.run("rollout", "status", what, "--timeout=1s")


@case("a rollout that cannot be done says why a pod is not ready, and stops when its time is over", "sim")
def stuck(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1, template=template("web", "registry.example.org/none:latest-broken"), progressDeadlineSeconds=5))
        r = strata(cloud, k, "rollout", "status", "deployment/web", "--timeout=20s", code=1)
        check("ImagePull" in r.err or "cannot be scheduled" in r.err, r)


def budget(k, **spec):
    k.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
             "spec": dict({"selector": {"matchLabels": {"app": "web"}}}, **spec)})
    until("the budget counts", lambda: k.get("pdb", "web")["status"].get("observedGeneration") == k.get("pdb", "web")["metadata"]["generation"] and
          k.get("pdb", "web")["status"].get("expectedPods") == 2)


def on_node(k, node):
    return {p["metadata"]["uid"] for p in k.pods("web").values() if p["spec"].get("nodeName") == node}


@case("drain refuses in kubectl's words, waits for a budget with its numbers, gives up in time, goes on when it may, leaves what kubectl leaves")
def drain(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2, template=template("web", volumes=[{"name": "tmp", "emptyDir": {}}])))
        k.ready("deployment", "web", 2)
        budget(k, maxUnavailable=0)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        mine = ("--pod-selector=app=web,of=" + k.ns, "--yes")
        before = on_node(k, node)
        try:
            r = strata(cloud, k, "drain", node, *mine, code=4)
            theirs = k.run("drain", node, "--pod-selector=app=web,of=" + k.ns, "--dry-run=client", fail=True)[1]
            words = "cannot delete Pods with local storage (use --delete-emptydir-data to override): " + k.ns
            check(words in r.err and words in theirs, (r, theirs))
            check("unschedulable" not in k.get("node", node)["spec"], "a refused drain touches nothing")
            with open(os.path.join(cloud.home, "trace-%s" % k.ns), "w+") as trace:
                r = cloud.strata("drain", node, "-n", k.ns, *mine, "--delete-emptydir-data", "--timeout=4s", env={"STRATA_TRACE": trace.name, "STRATA_TRACE_CATS": "net"})
                equal(r.code, 1, r)
                asked = [line for line in trace if "/poddisruptionbudgets" in line and "GET" in line]
            watch = [i for i, line in enumerate(asked) if "watch=" in line]
            check(watch and all("watch=" in line for line in asked[watch[0]:]), "budgets are listed again and again beside their watch: %s" % asked)
            check("global timeout reached: 4s" in r.err and "it waits: budget %s/web allows 0 evictions" % k.ns in r.err, r)
            strata(cloud, k, "drain", node, *mine, "--timeout=soon", code=2)
            r = strata(cloud, k, "drain", node, "--pod-selector=a in (", "--yes", code=4)
            check("the selector 'a in (' cannot be parsed: " in r.err and "HTTP 400" not in r.err.split("parsed: ")[0], r)
            equal(on_node(k, node), before, "pods of a budget that allows nothing")
            check(k.get("node", node)["spec"].get("unschedulable"), "it stays cordoned, as kubectl leaves it")
            r = strata(cloud, k, "drain", node, *mine, "--delete-emptydir-data", "--dry-run")
            check("budget %s/web allows 0 evictions: 2 healthy of 2, 2 needed" % k.ns in r.out, r)
            budget(k, maxUnavailable=1)
            r = strata(cloud, k, "drain", node, *mine, "--delete-emptydir-data")
            check("drained" in r.out, r)
            equal(on_node(k, node), set(), "pods left")
            check("429" not in r.err, r)
            k.run("drain", node, "--pod-selector=app=web,of=" + k.ns, "--delete-emptydir-data", "--timeout=5s")       # nothing left for kubectl
            k.apply(workload("Deployment", "back", 1, template=template("back", nodeName=node, tolerations=[{"operator": "Exists"}])))
            k.ready("deployment", "back", 1)
            r = strata(cloud, k, "drain", node, "--pod-selector=app=back", "--yes", "--timeout=60s")
            check("not mind the cordon" in r.out and "tolerates a cordon" in r.err, r)
        finally:
            strata(cloud, k, "uncordon", node, "--yes")
        check("unschedulable" not in k.get("node", node)["spec"], "uncordoned")
        k.ready("deployment", "web", 2)


@case("field selectors choose as kubectl's do, to get and to delete; a drain reads its pods in pages, in the order asked for")
def chosen(cloud):
    with Kube(cloud) as k:
        (node, *_) = [n["metadata"]["name"] for n in k.get("nodes")["items"] if ready(n) and not n["spec"].get("unschedulable")]
        k.apply(*[{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": n, "labels": {"app": "box"}},
                   "spec": {"nodeName": node, "containers": [{"name": "c", "image": "registry.example.org/life:1"}]}} for n in ("box-a", "box-b", "box-c")])
        until("they run", lambda: all(p["status"]["phase"] == "Running" for p in k.pods("box").values()), 60)
        for fields in ("metadata.name!=box-b,status.phase=Running", "spec.nodeName=" + node, "status.phase=Failed"):
            equal(strata(cloud, k, "get", "pods", "-o", "name", "--field-selector", fields).out.split(),
                  k.run("get", "pods", "-o", "name", "--field-selector", fields).split(), fields)
        equal([p["metadata"]["name"] for p in json.loads(strata(cloud, k, "get", "pods", "-o", "json", "--field-selector", "metadata.name=box-c").out)["items"]],
              ["box-c"], "as json")
        r = strata(cloud, k, "get", "pods", "--field-selector", "spec.wrong=1", code=1)
        check("field label not supported: spec.wrong" in r.err, r)
        for words in (("get", "pods", "box-a"), ("get", "server")):
            strata(cloud, k, *words, "--field-selector", "metadata.name=box-a", code=2)
        equal(cloud.strata("get", "pods", "-A", "-o", "name", "--filter", "name~^box- namespace=%s" % k.ns).out.split(), ["pod/box-a", "pod/box-b", "pod/box-c"], "-A")
        goes = lambda *args: [s["name"] for s in json.loads(strata(cloud, k, "drain", node, "--pod-selector=app=box", "--force", "--dry-run", "-o", "json", *args).out)["steps"]
                              if s["text"].startswith("evict")]
        here = ["box-a", "box-b", "box-c"]
        equal(goes("--chunk-size=1", "--order=name"), here, "in pages of one")
        equal(goes("--chunk-size=0", "--order=name"), here, "all at once")
        strata(cloud, k, "delete", "pods", "--field-selector", "metadata.name!=box-b", "--grace-period=1", "--yes", "--confirm", "2")
        equal(set(k.pods("box")), {"box-b"}, "left")


@case("restart, set-image, undo, scale, evict, label, trigger: followed to their end, found so by kubectl")
def rows(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2),
                {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"},
                 "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template("tick", restartPolicy="Never")}}}})
        k.ready("deployment", "web", 2)
        was = set(k.pods("web"))
        strata(cloud, k, "rollout", "restart", "deployment/web", "--yes")
        check(not was & {n for n, p in k.pods("web").items() if not p["metadata"].get("deletionTimestamp")}, "all pods are others")
        strata(cloud, k, "set", "image", "deployment/web", "c=registry.example.org/life:2", "--yes")
        strata(cloud, k, "set-image", "deployment/web", "c=a:1", "--image=c=a:2", "--yes", code=4)
        k.run("rollout", "status", "deployment/web", "--timeout=1s")
        equal({p["spec"]["containers"][0]["image"] for p in k.pods("web").values() if not p["metadata"].get("deletionTimestamp")},
              {"registry.example.org/life:2"}, "image")
        r = strata(cloud, k, "set-image", "deployment/web", "--image=none=x:1", "--yes", code=4)
        check("it has no container none, it has: c" in r.err, r)
        strata(cloud, k, "rollout", "undo", "deployment/web", "--yes")
        equal(k.get("deployment", "web")["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example.org/life:1", "undone")
        strata(cloud, k, "scale", "deployment/web", "--yes", code=2)
        for n in ("-1", "99999999999"):
            check("--replicas must be a whole number from 0 to 2147483647" in strata(cloud, k, "scale", "deployment/web", "--replicas=" + n, "--yes", code=2).err, n)
        r = strata(cloud, k, "scale", "deployment/web", "--replicas=3", "--current-replicas=7", "--yes", code=4)
        check("expected replicas to be 7, was 2" in r.err, r)
        for words in (("restart", "deployment/web", "statefulset/web"), ("delete", "deployment/none", "deploy/none", "pod/web"), ("get", "deployment/web", "pod/web")):
            r = strata(cloud, k, *words, code=2)             # never the deployment of that name
            check("one kind at a time" in r.err and words[-1] in r.err, r)
        strata(cloud, k, "scale", "deployment/web", "--replicas=3", "--current-replicas=2", "--yes")
        equal(k.get("deployment", "web")["status"].get("readyReplicas"), 3, "scaled")
        strata(cloud, k, "pause", "deployment/web", "--yes")
        check(k.get("deployment", "web")["spec"].get("paused"), "paused")
        strata(cloud, k, "rollout", "restart", "deployment/web", "--yes", code=4)
        strata(cloud, k, "rollout", "resume", "deployment/web", "--yes")
        pod = next(iter(k.pods("web")))
        strata(cloud, k, "evict", pod, "--grace=0", "--yes")
        check(pod not in k.pods("web"), "evicted")
        k.ready("deployment", "web", 3)
        pod = next(iter(k.pods("web")))
        strata(cloud, k, "restart", "pod", pod, "--grace=0", "--yes")
        equal(sum(ready(p) for p in k.pods("web").values() if p["metadata"]["name"] != pod), 3, "its owner's new one is ready")
        strata(cloud, k, "label", "deployment/web", "--set=a=1,b=2", "--yes")
        strata(cloud, k, "label", "deployment/web", "--set=a=3", "--yes", code=4)
        strata(cloud, k, "label", "deployment/web", "a=3", "b-", "--overwrite", "--yes")
        strata(cloud, k, "label", "deployment/web", "example.org/c=x", "--yes")
        strata(cloud, k, "label", "deployment/web", "example.org/c-", "--yes")
        equal(k.get("deployment", "web")["metadata"]["labels"], {"a": "3"}, "labels")
        strata(cloud, k, "annotate", "deployment", "web", "x=1, 2", "y=3", "--yes")
        equal([k.get("deployment", "web")["metadata"]["annotations"].get(n) for n in "xy"], ["1, 2", "3"], "annotations")
        strata(cloud, k, "trigger", "tick", "--name=tock", "--yes")
        job = k.get("job", "tock")
        equal((job["metadata"]["ownerReferences"][0]["name"], job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"]), ("tick", "manual"), "job")
        for _ in "ab":                                           # each time another job
            strata(cloud, k, "trigger", "tick", "--yes")
        equal(len(k.get("jobs")["items"]), 3, "jobs")
        check("cannot suspend a deployment; it goes with cronjobs, server" in strata(cloud, k, "suspend", "deploy", "web", code=2).err, "what can be")
        check("no nodes match" in cloud.strata("drain", "-l", "none=here", "--yes").err, "as kubectl takes it")
        strata(cloud, k, "suspend", "cronjob/tick", "--yes")
        check(k.get("cronjob", "tick")["spec"]["suspend"], "suspended")


@case("outside the maintenance window of a label nothing that bears it goes: not with its namespace, its workload or its node, and no drain begins")
def shut(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "gold-web", 1), workload("Deployment", "free", 1))
        k.ready("deployment", "gold-web", 1)
        k.ready("deployment", "free", 1)
        day = time.strftime("%a", time.gmtime(time.time() + 3 * 86400)).lower()
        conf = cloud.home + "/shut.yaml"
        with open(conf, "w") as f:
            f.write('sources: [{match: "*", window: ["%s 03:00-04:00 UTC"], labels: app=gold-web}]\n' % day)
        (rs,) = k.run("get", "rs", "-l", "app=gold-web", "-o", "name").split()
        pod = next(iter(k.pods("gold-web").values()))
        node = pod["spec"]["nodeName"]
        shut = "is outside its maintenance window"
        for words, who in ((("delete", "namespace", k.ns, "--confirm", k.ns), "goes with it"), (("scale", rs, "--replicas=0"), shut),
                           (("delete", "deployment/gold-web"), "each of its pods goes with it"), (("delete", "pod", pod["metadata"]["name"]), shut),
                           (("drain", node, "--pod-selector=app=gold-web", "--delete-emptydir-data"), "evict pod " + k.ns)):
            r = cloud.strata("--config", conf, *words, "--yes", *(() if words[1] in ("namespace", node) else ("-n", k.ns)))
            check(r.code == 4 and shut in r.err and who in r.err, (words, r))
        with open(conf, "w") as f:                   # what stands on the owner of the owner alone, and on a config map
            f.write('sources: [{match: "*", window: ["%s 03:00-04:00 UTC"], labels: tier=top}]\n' % day)
        k.run("label", "deployment/gold-web", "tier=top")
        name = pod["metadata"]["name"]
        for words in ("delete", "pod", name), ("evict", name), ("label", "pod", name, "a=b"), ("drain", node, "--pod-selector=app=gold-web", "--delete-emptydir-data"):
            r = cloud.strata("--config", conf, *words, "--yes", *(() if node in words else ("-n", k.ns)))
            check(r.code == 4 and "Deployment gold-web has it" in r.err and shut in r.err, (words, r))
        k.run("label", "deployment/gold-web", "tier-")
        k.run("create", "configmap", "top")
        k.run("label", "configmap/top", "tier=top")
        r = cloud.strata("--config", conf, "delete", "namespace", k.ns, "--confirm", k.ns, "--yes")
        check(r.code == 4 and "ConfigMap %s/top goes with it" % k.ns in r.err and "custom resources) in it are not looked at" in r.err, r)
        with open(conf, "w") as f:
            f.write('sources: [{match: "*", window: ["%s 03:00-04:00 UTC"], labels: app=gold-web}]\n' % day)
        path = cloud.home + "/taint.json"
        with open(path, "w") as f:
            json.dump({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}, "spec": {"taints": [{"key": "contract", "effect": "NoExecute"}]}}, f)
        r = cloud.strata("--config", conf, "apply", "-f", path, "--yes")
        check(r.code == 4 and shut in r.err and "%s/%s goes with it" % (k.ns, pod["metadata"]["name"]) in r.err, r)
        r = cloud.strata("apply", "-f", path, "--dry-run")
        check(re.search(r"do(es)? not tolerate contract:NoExecute and (is|are) deleted at once", r.out), r)
        check("unschedulable" not in k.get("node", node)["spec"] and "contract" not in str(k.get("node", node)["spec"].get("taints")), "nothing was sent")
        equal(set(k.pods("gold-web")), {pod["metadata"]["name"]}, "it is there")
        r = cloud.strata("--config", conf, "drain", node, "--pod-selector=app=gold-web", "--delete-emptydir-data", "--dry-run", "-o", "json")
        check(r.code == 0 and "it would be refused now" in r.out and shut in r.out, r)
        equal([s["request"].split()[0] for s in json.loads(r.out)["steps"][1:] if s["scope"] in ("", k.ns)], ["PATCH", "POST"], "each step shows its request")
        r = cloud.strata("--config", conf, "scale", "deployment/free", "--replicas=2", "-n", k.ns, "--yes")
        check(r.code == 0, r)


@case("an eviction that its budget forbids says so with its numbers while it waits, and gives up in its time; a dry run is refused with what the server said")
def forbidden(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2))
        k.ready("deployment", "web", 2)
        budget(k, maxUnavailable=0)
        pod, node = next((p["metadata"]["name"], p["spec"]["nodeName"]) for p in k.pods("web").values())
        r = strata(cloud, k, "evict", "pod", pod, "--dry-run", code=4)
        check("the server was asked and refuses it now: Cannot evict pod" in r.out and "needs 2 healthy pods and has 2 currently" in r.err, r)
        check(all(line.count("needs 2 healthy") <= 1 for line in (r.out + r.err).splitlines()), "once a sentence: %r" % r)
        r = strata(cloud, k, "evict", "pod", pod, "--timeout=12s", "--yes", code=1)
        check("needs 2 healthy pods and has 2 currently; asked 1 time in" in r.err and "asked 2 times" in r.err and "given up after 12 s" in r.err, r)
        check(not r.out, "what failed is said once, on stderr: %r" % r)
        r = strata(cloud, k, "drain", node, "--pod-selector=app=web,of=" + k.ns, "--delete-emptydir-data", "--dry-run")
        check("the server was asked and refuses it now" in r.out and "needs 2 healthy pods and has 2 currently" in r.out, r)
        r = strata(cloud, k, "delete", "pod", *k.pods("web"), "--dry-run")
        check("all 2 pods of its ReplicaSet web-" in r.out and "2 pods of its ReplicaSet web-" in r.out and "go together, its budget web allows 0" in r.out, r)
        check("together" not in strata(cloud, k, "delete", "pod", pod, "--dry-run").out, "one of two")
        k.apply(workload("StatefulSet", "db", 3, serviceName="db"))
        k.ready("statefulset", "db", 3)
        r = strata(cloud, k, "delete", "pod", "db-0", "db-1", "--dry-run")
        check("its StatefulSet db has 3 of 3 ready, its majority is 2, and 2 go together now" in r.out, r)
        check("its majority" not in strata(cloud, k, "delete", "pod", "db-0", "--dry-run").out, "two stay")
        r = strata(cloud, k, "evict", "pod", "db-0", "db-1", "--yes", code=4)
        check("its majority is 2, and 2 go together now" in r.out + r.err and "confirm" in r.out + r.err, "two of three are not one yes: %r" % r)
        strata(cloud, k, "label", "deployment/web", "a=b", "--yes")
        check("label removed" in strata(cloud, k, "label", "deployment/web", "a-", "--yes").out, "in its words")


@case("a drain that is canceled while its API is away ends by itself, and says what was done and what is not known", "sim")
def away(cloud):
    with Fast("1") as sim:
        p = cloud.start("drain", "compute-1", "--context", "admin", "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--ignore-maintenance", "--confirm", "compute-1", "--yes",
                        env=sim.env(), err=True)
        try:
            until("an eviction is under way", lambda: any(x["metadata"].get("deletionTimestamp") for x in sim.kube("/api/v1/pods?fieldSelector=spec.nodeName%3Dcompute-1")["items"]), 30)
            sim.fault(kind="status", on="mgmt", prefix="/api/", status=503, count=100000)
            p.terminate()
            said = p.communicate(timeout=100)[1]
        finally:
            p.kill()
        lost = [x for x in journal(cloud, "") if x["event"] == "outcome" and x.get("result") == "unsure" and "-%x-" % p.pid in x.get("key", "")]
        equal((p.returncode, "canceled" in said, "takes back what was done" in said), (5 if lost else 6, True, True), said)


@case("what the server's admission refuses of a drain is in its plan: that pod stays and the others go, as with kubectl; where none may go nothing begins", "sim")
def refused_drain(cloud):
    def stay(sim):
        return {p["metadata"]["name"] for p in sim.kube("/api/v1/pods?fieldSelector=spec.nodeName%3Dcompute-1")["items"]
                if [o["kind"] for o in p["metadata"].get("ownerReferences", [])] != ["DaemonSet"]}
    with Fast("1") as sim:
        words = ("drain", "compute-1", "--context", "admin", "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--ignore-maintenance", "--confirm", "compute-1")
        sim.fault(kind="status", on="mgmt", method="POST", prefix="/api/v1/namespaces/", status=403, count=1000)
        for more, out in (("--dry-run",), "out"), (("--yes",), "err"):
            r = cloud.strata(*words, *more, env=sim.env())
            check(r.code == 4 and "REFUSED: " in getattr(r, out) and "the server does not let them be evicted" in getattr(r, out), r)
            check("the server was asked and refuses it now" in getattr(r, out), r)
            check("unschedulable" not in sim.kube("/api/v1/nodes/compute-1")["spec"], "nothing was done")
        sim.clear()
        sim.fault(kind="status", on="mgmt", method="POST", prefix="/api/v1/namespaces/ceph/", status=403, count=1000)
        check(len(stay(sim)) > 1, stay(sim))
        r = cloud.strata(*words, "--yes", env=sim.env())
        check(r.code == 1 and "1 of " in r.err and "pods stay, as the server does not let them be evicted: rook-ceph-osd-" in r.err, r)
        equal([n[:14] for n in stay(sim)], ["rook-ceph-osd-"], "what is left on the node")


@case("a drain's --timeout holds also while the server does not answer: it ends, and says so", "sim")
def silent(cloud):
    with Fast("1") as sim:
        sim.kube("/apis/policy/v1/namespaces/ceph/poddisruptionbudgets", method="POST", body=json.dumps({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "none"}, "spec": {"maxUnavailable": 0, "selector": {}}}).encode())
        p = cloud.start("drain", "compute-4", "--context", "admin", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--yes", "--confirm=compute-4", "--timeout=3s",
                        env=sim.env(), err=True)
        until("it is cordoned", lambda: sim.kube("/api/v1/nodes/compute-4")["spec"].get("unschedulable"))
        sim.fault(kind="latency", on="mgmt", method="GET", prefix="/api/v1/nodes/compute-4", ms=60000, count=1000)
        out, err = p.communicate(timeout=60)
        check(p.returncode in (1, 5) and ("given up after 3 s (--timeout): no answer from admin for" in err), (p.returncode, out, err))
