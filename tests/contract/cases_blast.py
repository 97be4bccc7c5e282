"""The blast radius in the guard: what the plan says is lost is what kubectl and the OpenStack APIs find lost when it was done."""
import collections
import contextlib
import json
import os
import re
import socket
import subprocess

from case import collector
from cases_exec import Terminal
from cases_kubeops import strata
from cases_life import Kube, template, workload
from cases_links import context, make_node
from cases_nova import Made
from cases_world import World, up
from cloud import STRATA, check, equal, until

CASES = []
case = collector(CASES)


def facts(plan):
    return [f for s in [plan] + plan["steps"] for f in s["facts"] if f["text"].startswith("blast radius")]


@case("blast: one pod of two is green and goes with a yes; one that nobody owns is red, typed by its name, and gone for good; so is a workload")
def guarded(cloud):
    with Kube(cloud) as k:
        bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "labels": {"app": "bare"}}, "spec": {"containers": [{"name": "c", "image": "registry.example.org/life:1"}]}}
        k.apply(workload("Deployment", "web", 2), bare)
        k.ready("deployment", "web", 2)
        until("it runs", lambda: k.pods("bare")["bare"]["status"]["phase"] == "Running", 60)
        one = sorted(k.pods("web"))[0]
        plan = json.loads(strata(cloud, k, "delete", "pod", one, "--dry-run", "-o", "json").out)
        equal([(f["level"], f["text"]) for f in facts(plan)], [("info", "blast radius: green: data plane: 1 pod lost for a while, 1 deployment degraded")], "one of two")
        strata(cloud, k, "delete", "pod", one, "--yes")
        k.ready("deployment", "web", 2)
        check(one not in k.pods("web"), "its other name")
        r = strata(cloud, k, "delete", "pods", "-l", "app=bare", "--yes", code=4)
        check("DANGER: blast radius: RED: data plane: 1 pod lost" in r.err and "--confirm 'bare'" in r.err, r)
        check("bare" in k.pods("bare"), "nothing was done")
        strata(cloud, k, "delete", "pods", "-l", "app=bare", "--yes", "--confirm", "bare", "--grace-period=1")
        equal(k.pods("bare"), {}, "gone")
        r = strata(cloud, k, "delete", "deployments", "--field-selector", "metadata.name=web", "--yes", code=4)
        check("RED: data plane: 2 pods, 1 deployment lost" in r.err, r)
        r = strata(cloud, k, "scale", "deployment", "web", "--replicas=0", "--dry-run")      # it can be taken back
        check("blast radius: yellow: data plane: 2 pods, 1 deployment lost" in r.out, r)
        strata(cloud, k, "delete", "deployment", "web", "--yes")     # by its name: that is typed already
        until("its pods go", lambda: not k.pods("web"), 60)


@contextlib.contextmanager
def silent(cloud):
    """A kubeconfig beside that of the case: a cluster that takes connections and says nothing, and one that wants a login at a terminal."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "contract-login", "interactiveMode": "Always"}
        conf = {"apiVersion": "v1", "kind": "Config", "users": [{"name": "nobody", "user": {}}, {"name": "plugin", "user": {"exec": login}}],
                "clusters": [{"name": "silent", "cluster": {"server": "https://127.0.0.1:%d" % s.getsockname()[1], "insecure-skip-tls-verify": True}}],
                "contexts": [{"name": "contract-" + n, "context": {"cluster": "silent", "user": u}} for n, u in (("silent", "nobody"), ("plugin", "plugin"))]}
        path = os.path.join(cloud.home, "silent.kubeconfig")
        with open(path, "w") as f:
            json.dump(conf, f)
        yield {"KUBECONFIG": cloud.environ()["KUBECONFIG"] + ":" + path}


@case("blast: a drain of nodes counts who is away at the same time: a set's majority and a budget hold their pods, without them its quorum is lost")
def in_turns(cloud):
    with Kube(cloud) as k:
        db = workload("StatefulSet", "db", 3, serviceName="db", podManagementPolicy="Parallel", template=template("db", terminationGracePeriodSeconds=1))
        db["spec"]["template"]["metadata"]["labels"].update(application="mariadb", component="server")
        k.apply(db, workload("Deployment", "web", 2))
        k.ready("statefulset", "db", 3)
        k.ready("deployment", "web", 2)
        where = collections.Counter(p["spec"]["nodeName"] for p in k.pods("db").values())
        nodes = [n for n, _ in where.most_common(2)]               # two of three members at least; others stay for who goes
        members = sum(where[n] for n in nodes)
        drain = lambda *more: [f["text"] for f in facts(json.loads(strata(cloud, k, "drain", *nodes, "--pod-selector", "of=" + k.ns, "--ignore-daemonsets", "--dry-run", "-o", "json", *more).out))]
        words = drain("--at-once", "9")
        check("yellow" in words[0] and "control plane: %d pods lost for a while, 1 statefulset at risk" % members in words[0] and "quorum" not in words[0], words)
        check("a quorum is lost" in drain("--at-once", "9", "--ignore-majority")[0], "nothing holds them")
        blast = lambda *words: cloud.strata("blast", *words, "--context", context(cloud))
        pods = ["pod/" + p["metadata"]["uid"] for p in k.pods("db").values()]
        r = blast("delete", pods[0], pods[1])                      # of several, together
        check(r.code == 8 and ", together: red" in r.out and "1 of 3 stay, 2 needed" in r.out, r)
        r = blast("delete", "pod", pods[0][4:], "-o", "dot")
        check(r.code == 7 and r.out.startswith("digraph blast {") and '-> "pod' in r.out and "CP at risk" in r.out, r)
        for words, said in ((("fly", pods[0]), "it is not known what fly does to a pod; known: delete, evict, restart"), (("stop", "node", nodes[0]), "known: delete, drain"),
                            (("delete", "nonsense/x"), 'there is no kind "nonsense"'), (("delete", "pod"), "which pod?")):
            r = blast(*words)
            check(r.code == 2 and said in r.err and not r.out, r)
        k.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "way"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
        way = "service/" + k.get("service", "way")["metadata"]["uid"]
        until("it is seen", lambda: blast("delete", way).code == 7, 60)
        r = blast("delete", way)
        check(" service way" in r.out and "2 pods behind it run on and are not reached by it" in r.out, r)
        r = strata(cloud, k, "delete", "service", "way", "--dry-run")
        check("blast radius: yellow: data plane: 1 service lost" in r.out, r)
        r = blast("delete", "namespace", k.ns)
        check(r.code == 8 and "statefulset" in r.out and "deployment" in r.out and "lost" in r.out, r)
        r = blast("delete", "configmap", "kube-root-ca.crt")
        check(r.code == 2, r)
        k.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "db"}, "spec": {"minAvailable": 3, "selector": {"matchLabels": {"app": "db"}}}})
        until("the budget is counted", lambda: k.get("pdb", "db")["status"].get("desiredHealthy") == 3, 60)
        words = drain("--at-once", "9", "--ignore-majority")
        check("%d pods wait for their budget or majority" % members in words[0] and "quorum is lost" not in words[0], words)
        r = blast("drain", "node", nodes[0])                       # the verb says what the plan says
        check("blocked by budget %s/db (allows 0 of 3): pod" % k.ns in r.out and "statefulset db " not in r.out, r)
        r = blast("evict", pods[0])
        check(r.code == 7 and "  1 pod waits: not lost now\n" in r.out and "DANGER: budget %s/db allows 0 evictions: 3 healthy of 3, 3 needed" % k.ns in r.out, r)


@case("blast: what became worse between the plan and the yes is not begun: the set lost a member meanwhile, its quorum would go")
def agreed(cloud):
    with Kube(cloud) as k:
        db = workload("StatefulSet", "db", 3, serviceName="db", podManagementPolicy="Parallel", template=template("db", terminationGracePeriodSeconds=1))
        db["spec"]["template"]["metadata"]["labels"].update(application="mariadb", component="server")
        k.apply(db)
        k.ready("statefulset", "db", 3)
        for less in (True, False):
            t = Terminal(cloud, 33, 200, "delete", "pod", "db-0", "-n", k.ns)
            t.until(b"blast radius: yellow" if less else b"blast radius: RED")
            was = k.pods("db")["db-0"]["metadata"]["uid"]
            t.until(b"[y/N]" if less else b"Type db-0 to delete: ")
            if less:
                k.run("scale", "statefulset", "db", "--replicas=2")
                until("the last is gone", lambda: sorted(k.pods("db")) == ["db-0", "db-1"], 60)
            t.type(b"y\n" if less else b"db-0\n")
            if less:
                t.until(b"became worse since it was planned: now RED")
            equal(t.end(), 4 if less else 0, t.seen)
            equal(k.pods("db").get("db-0", {"metadata": {"uid": ""}})["metadata"]["uid"] == was, less, "it is the one that was")


@case("blast: a drain names what kubectl's evicts, a pod that crashes among it, whose emptyDir is lost as that of any other")
def crashing(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1, template=template("web", terminationGracePeriodSeconds=1, volumes=[{"name": "scratch", "emptyDir": {}}])))
        k.ready("deployment", "web", 1)
        (name, pod), = k.pods("web").items()
        node, args = pod["spec"]["nodeName"], ("--pod-selector", "of=%s,app=web" % k.ns, "--ignore-daemonsets")
        waits = {"name": "c", "image": "x", "imageID": "", "restartCount": 7, "ready": False, "started": False, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}
        code, _, doc = cloud.raw("PATCH", "/api/v1/namespaces/%s/pods/%s/status" % (k.ns, name), "application/strategic-merge-patch+json",
                                 {"status": {"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [waits]}})
        check(code == 200, doc)
        theirs = k.run("drain", node, *args, "--dry-run=client", fail=True)[1]
        r = cloud.strata("blast", "drain", "node", node, *args, "--context", context(cloud))
        for words in ("also evicted is a pod that does not serve now: " + name, "1 pod with emptyDir volumes: what is in them is lost; drain refuses without --delete-emptydir-data"):
            check(words in r.out, (words, r))
        check(r.code == 8 and "%s/%s" % (k.ns, name) in theirs, (r, theirs))


@case("blast: a pod that can run on no other node is away until its node is back: told, and red when it is all there is; one that others take comes back")
def nowhere(cloud):
    with Kube(cloud) as k:
        pin = lambda name, node: workload("Deployment", name, 1, template=template(name, terminationGracePeriodSeconds=1, nodeSelector={"kubernetes.io/hostname": node}))
        k.apply(workload("Deployment", "web", 1, template=template("web", terminationGracePeriodSeconds=1)))
        k.ready("deployment", "web", 1)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        host = k.get("node", node)["metadata"]["labels"]["kubernetes.io/hostname"]
        only = pin("only", host)
        only["spec"]["template"]["spec"]["volumes"] = [{"name": "scratch", "emptyDir": {}}]
        wants = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [host]}]}]}}}
        fond = workload("Deployment", "fond", 1, template=template("fond", terminationGracePeriodSeconds=1, affinity=wants))
        fixed = workload("Deployment", "fixed", 1, template=template("fixed", terminationGracePeriodSeconds=1, nodeName=node))
        k.apply(only, fond, fixed)
        for name in ("only", "fond", "fixed"):
            k.ready("deployment", name, 1)
        r = cloud.strata("blast", "drain", "node", node, "--context", context(cloud), "-o", "json")
        harm = {(h["plane"], h["back"]) for h in json.loads(r.out)[0]["harm"] if h["scope"] == k.ns and h["name"].startswith("only-") and h["harm"] == "lost"}
        equal((r.code, harm), (8, {("DP", False), ("ST", False)}), "what is in its volume, and nothing else takes it")
        drain = ("drain", "node", node, "--ignore-daemonsets", "--context", context(cloud), "--pod-selector")
        r = cloud.strata("blast", *drain, "of=%s,app in (only, fond, fixed, web)" % k.ns)          # the verb takes the drain's own words
        check(r.code == 8 and "2 pods will stay Pending until a node is back: " in r.out and "1 pod with emptyDir volumes: what is in them is lost; drain refuses without --delete-emptydir-data" in r.out, r)
        for name, lost in ("fond", "RED: data plane: 1 deployment, 1 pod lost"), ("fixed", "yellow: data plane: 1 deployment, 1 pod lost for a while"):      # made anew it is here again
            r = strata(cloud, k, "drain", node, "--pod-selector", "of=%s,app=%s" % (k.ns, name), "--ignore-daemonsets", "--dry-run", "-o", "json")
            check(any(t.startswith("blast radius: " + lost) for t in [f["text"] for f in facts(json.loads(r.out))]), r)
        r = strata(cloud, k, "drain", node, "--pod-selector", "of=%s,app=only" % k.ns, "--ignore-daemonsets", "--delete-emptydir-data", "--dry-run", "-o", "json")
        plan = json.loads(r.out)
        said = [f["text"] for s in [plan] + plan["steps"] for f in s["facts"]]
        check(any("will stay Pending" in t and "only-" in t for t in said), said)
        check(any(t.startswith("blast radius: RED: data plane: 1 deployment, 1 pod lost") and "for a while" not in t for t in said), said)
        r = strata(cloud, k, "drain", node, "--pod-selector", "of=%s,app=web" % k.ns, "--ignore-daemonsets", "--dry-run", "-o", "json")
        plan = json.loads(r.out)
        said = [f["text"] for s in [plan] + plan["steps"] for f in s["facts"]]
        check(not any("Pending" in t for t in said) and any("1 deployment, 1 pod lost for a while" in t for t in said), said)
        web = workload("Deployment", "web", 1, template=template("web", terminationGracePeriodSeconds=1, volumes=[{"name": "scratch", "emptyDir": {}}]))
        was = set(k.pods("web"))
        k.apply(web)
        until("it has a volume", lambda: k.pods("web") and not was & set(k.pods("web")) and all(p["status"].get("phase") == "Running" for p in k.pods("web").values()), 60)
        k.ready("deployment", "web", 1)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        words = ("--pod-selector", "of=%s,app=web" % k.ns, "--ignore-daemonsets", "--delete-emptydir-data")
        plan = facts(json.loads(strata(cloud, k, "drain", node, *words, "--dry-run", "-o", "json").out))
        equal([f["text"] for f in plan][:1], ["blast radius: yellow: data plane: 1 deployment, 1 pod lost for a while; storage: 1 pod lost"], "what may go is told, and not red")
        r = cloud.strata("blast", "drain", "node", node, *words, "--context", context(cloud))
        check(r.code == 7 and "storage: 1 pod lost" in r.out and "caution: deleting Pods with local storage: " in r.out, "the words of its plan: %r" % r)


@case("blast: a taint of NoExecute takes what does not tolerate it, no budget asked; what a file changes of a template is a restart, of replicas a scaling")
def others(cloud):
    with Kube(cloud) as k:
        web = workload("Deployment", "web", 2, strategy={"type": "Recreate"})
        k.apply(web)
        k.ready("deployment", "web", 2)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        r = strata(cloud, k, "taint", "node", node, "contract=x:NoExecute", "--dry-run", "-o", "json")
        check(any(re.match("blast radius: (yellow|RED): data plane: .*pods? lost|blast radius: (yellow|RED): .* lost", f["text"]) for f in facts(json.loads(r.out))), r)
        r = strata(cloud, k, "taint", "node", node, "contract=x:NoSchedule", "--dry-run", "-o", "json")
        check(not facts(json.loads(r.out)), r)                     # nothing ends
        path = os.path.join(cloud.home, "blast-web.json")

        def applied(change):
            doc = json.loads(json.dumps(web))
            doc["metadata"]["namespace"] = k.ns
            change(doc["spec"])
            with open(path, "w") as f:
                json.dump(doc, f)
            return [f["text"] for f in facts(json.loads(strata(cloud, k, "apply", "-f", path, "--force", "--dry-run", "-o", "json").out))][:1]
        equal(applied(lambda spec: spec["template"]["spec"]["containers"][0].update(image="registry.example.org/life:2")),
              ["blast radius: yellow: data plane: 2 pods, 1 deployment lost for a while"], "all are made anew")
        equal(applied(lambda spec: spec.update(replicas=1)), ["blast radius: yellow: data plane: 1 pod lost, 1 deployment at risk"], "one less")
        equal(applied(lambda spec: spec.update(minReadySeconds=1)), [], "no pod is touched")
        way = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "way", "namespace": k.ns}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
        k.apply(way)
        for app, behind, verdict in (("none", "no pod is behind it then: app=none selects none", ["blast radius: yellow: data plane: 1 service lost"]), ("web", None, [])):
            way["spec"]["selector"]["app"] = app
            with open(path, "w") as f:
                json.dump(way, f)
            plan = json.loads(strata(cloud, k, "apply", "-f", path, "--force", "--dry-run", "-o", "json").out)
            equal([f["text"] for f in facts(plan)][:1], verdict, app)
            check(behind is None or behind in [f["text"] for s in [plan] + plan["steps"] for f in s["facts"]], plan)
        k.apply({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "in"}, "spec": {"rules": [{"host": "contract.example.org", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "way", "port": {"number": 80}}}}]}}]}})
        r = strata(cloud, k, "delete", "service", "way", "--dry-run")      # who comes by it is told; an Ingress without an address brings nobody yet
        check("2 pods behind it run on and are not reached by it" in r.out and "ingress in leads to it" in r.out and "blast radius: " in r.out, r)
        r = cloud.strata("label", "node", "compute-1", "openstack-compute-node-", "--context", context(cloud), "--cloud", cloud.admin_cloud, "--dry-run")
        check("runs only where a label is that the node has no more then" in r.out and "no cloud is open" not in r.out, "the cloud that was named is asked: %r" % r)


def blast_beside_one_that_is_gone(cloud, uid):
    conf = {"apiVersion": "v1", "kind": "Config", "users": [{"name": "nobody", "user": {}}], "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
            "contexts": [{"name": "contract-gone", "context": {"cluster": "gone", "user": "nobody"}}]}
    path = os.path.join(cloud.home, "gone.kubeconfig")
    with open(path, "w") as f:
        json.dump(conf, f)
    return cloud.strata("blast", "restart", "deployment", uid, "--context", context(cloud), "--context", "contract-gone", "-o", "json", env={"KUBECONFIG": cloud.environ()["KUBECONFIG"] + ":" + path})


@case("blast: a rollout takes as many at a time as its strategy lets be away: all of them is an outage, told alike by the plan and the verb")
def rolled(cloud):
    with Kube(cloud) as k:
        roll = lambda away, more: {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": away, "maxSurge": more}}
        k.apply(workload("Deployment", "all", 2, strategy=roll("100%", 0)), workload("Deployment", "one", 2, strategy=roll(1, 0)), workload("Deployment", "none", 2, strategy=roll(0, 1)))
        for name in ("all", "one", "none"):
            k.ready("deployment", name, 2)
        for name, words, verdict, code in (("all", "yellow: data plane: 2 pods, 1 deployment lost for a while", "2 pods, 1 deployment lost", 7),
                                           ("one", "green: data plane: 1 pod lost for a while, 1 deployment degraded", "1 pod lost; 1 deployment degraded", 0),
                                           ("none", "green: nothing that serves is lost", "green", 0)):
            r = strata(cloud, k, "restart", "deployment", name, "--dry-run", "-o", "json")
            equal([f["text"] for f in facts(json.loads(r.out))][:1], ["blast radius: " + words], name)
            r = cloud.strata("blast", "restart", "deployment", k.get("deployment", name)["metadata"]["uid"], "--context", context(cloud))
            check(r.code == code and verdict in r.out, "%s: %r" % (name, r))
        r = blast_beside_one_that_is_gone(cloud, k.get("deployment", "all")["metadata"]["uid"])
        says = json.loads(r.out)[0]                                 # what is not seen is part of what is told: the verdict is the end
        check(r.code == 7 and says["verdict"] == "yellow" and any(s.startswith("contract-gone: none of its") for s in says["unseen"]), r)


@case("blast: a server that is a node takes the node's pods: red, its name is typed; systemUUID of another server forbids it, with both evidences; another node's word for it does not, but for what it says beside that")
def across(cloud):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "blast-pod", "namespace": "default"},
           "spec": {"nodeName": "blast-node", "terminationGracePeriodSeconds": 0, "tolerations": [{"operator": "Exists"}], "containers": [{"name": "c", "image": "x"}]}}
    with Made(cloud, "contract-blast") as s, Made(cloud, "contract-blast-2") as other:
        stop = lambda *more: cloud.strata("server", "stop", s.id, "--cloud", cloud.admin_cloud, "--yes", *more)      # it looks in all clusters by itself
        try:
            make_node(cloud, "blast-node", s.id, other.id)
            r = stop()
            equal(r.code, 4, r)
            for words in ("what it is contradicts itself", "E11-1 providerID " + s.id, "E11-4 systemUUID " + other.id):
                check(words in r.err, r)
            end = r.err.strip().splitlines()[-1]
            check("look at node blast-node of " in end and end.endswith("or go on with --ignore-clusters, which asks no cluster"), "the ways out, whole: %r" % r)
            equal(s.admin.server(s.id)["status"], "ACTIVE", "nothing was done")
            says = cloud.strata("blast", "stop", "server", s.id, "--cloud", cloud.admin_cloud, "--context", context(cloud))
            check(says.code == 8 and "REFUSED: what it is contradicts itself" in says.out and end.split("contradicts itself; ")[1].split(" and mend")[0].split(" of ")[0] in says.out, "the verb says so, too: %r" % says)
            make_node(cloud, "blast-node", s.id, s.id)
            make_node(cloud, "blast-twin", s.id, s.id)          # a server is one node of a cluster
            r = stop()
            check(r.code == 4 and "node blast-node is server" in r.err and "node blast-twin is server" in r.err, r)
            cloud.kubectl_all("delete", "node", "blast-twin", "--ignore-not-found")
            make_node(cloud, "blast-liar", s.id, other.id)      # whoever may write a node of a cluster blocks nobody's server that is known
            code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps(pod))
            check(code == 0, out)
            r = cloud.strata("server", "reboot", s.id, "--cloud", cloud.admin_cloud, "--ignore-clusters", "--dry-run")      # what was not looked at is not green
            check("blast radius: yellow" in r.out and "caution: blast radius: no cluster is asked" in r.out, r)
            with silent(cloud) as env:                        # clusters that cannot be seen are named, and hold nothing up
                r = cloud.strata("server", "reboot", s.id, "--cloud", cloud.admin_cloud, "--dry-run", env=env)
            for words in ("DANGER: it is node blast-node of cluster ", "caution: whether it is a node of cluster contract-silent could not be seen: does not answer a health check, still waiting",
                          "caution: whether it is a node of cluster contract-plugin could not be seen: credential plugin contract-login wants a terminal"):
                check(words in r.out, "%s: %r" % (words, r))
            equal(r.out.count("it is node blast-node"), 1, "of several contexts of one cluster: %r" % r)
            check("nodes of viewer" not in r.out and "nodes of mgmt-viewer" not in r.out, "who may not see them beside one who does: %r" % r)
            check(re.search("caution: node blast-liar of cluster .* says falsely that it is server contract-blast .*: node blast-node of cluster .* is that, and counts", r.out), "who says falsely: " + r.out)
            check("it is node blast-liar" not in r.out, "the false one is not the node: " + r.out)
            r = cloud.strata("server", "reboot", other.id, "--cloud", cloud.admin_cloud, "--dry-run")      # that one nobody else bears out, nor overrules
            both = ("is server contract-blast [X E11-1 providerID %s, falsely: that is node blast-node]" % s.id, "is server contract-blast-2 [X E11-4 systemUUID %s]" % other.id)
            check(r.code == 4 and "look at node blast-liar of " in r.err and all(words in r.out for words in both), r.out)
            check("blast radius: RED" in r.out and "blast radius: yellow" not in r.out, "one verdict, that of the verb: " + r.out)
            r = cloud.strata("why", "server", other.id, "--cloud", cloud.admin_cloud, "--context", context(cloud))
            check("node blast-liar is contradictory: it is server contract-blast" in r.out and "nothing is wrong" not in r.out, r)
            r = cloud.strata("blast", "stop", "server", s.id, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
            equal(r.code, 8, r)
            says = json.loads(r.out)[0]
            equal(sorted((h["kind"], h["name"]) for h in says["harm"] if h["harm"] == "lost"), [("nodes", "blast-node"), ("pods", "blast-pod"), ("server", "contract-blast")], says)
            r = stop()
            equal(r.code, 4, r)
            check("blast radius: RED: data plane: 1 node, 1 pod, 1 server lost" in r.err and "--confirm 'contract-blast'" in r.err, r)
            equal(stop("--confirm", "contract-blast").code, 0, "typed")
            equal(s.admin.server(s.id)["status"], "SHUTOFF", "what was told to be lost")
            equal(other.admin.server(other.id)["status"], "ACTIVE", "what was not")
            r = cloud.strata("server", "start", s.id, "--cloud", cloud.admin_cloud, "--yes", "-o", "json")
            equal(r.code, 0, r)
            r = cloud.strata("ops", "--rollback", json.loads(r.out)["key"], "--dry-run")      # a stop, too: it looks in all clusters by itself
            check("it is node blast-node of cluster " in r.out, r)
        finally:
            cloud.kubectl_all("delete", "pod", "blast-pod", "-n", "default", "--ignore-not-found", "--force")
            cloud.kubectl_all("delete", "node", "blast-node", "blast-liar", "blast-twin", "--ignore-not-found")


@case("blast: the server of a tenant's node is stopped: what was foretold is what kubectl finds lost in the tenant's cluster, no more and no less", "sim")
def foretold(cloud):
    with World(speed="30") as w:
        node = "tenant-a-node-1"

        def run(*args, code):
            p = subprocess.run([STRATA, *args, "--context", "tenant-a", "--context", "tenant-b", "--context", "mgmt", "--cloud", "demo"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                               env=dict(os.environ, HOME=w.dir, XDG_STATE_HOME=w.dir + "/s", XDG_CONFIG_HOME=w.dir + "/c", KUBECONFIG=w.dir + "/kubeconfig", OS_CLIENT_CONFIG_FILE=w.dir + "/clouds.yaml"))
            equal(p.returncode, code, "strata %s: %s" % (" ".join(args), p.stderr))
            return p

        def lost(of):
            found = set()
            for context in ("tenant-a", "tenant-b", "mgmt"):
                found |= {(context, "nodes", n["metadata"]["name"]) for n in w.get(context, "nodes")["items"] if w.ready(context, n["metadata"]["name"]) != "True"}
            return found | (of - running())

        running = lambda: {(c, "pods", p["metadata"]["name"]) for c in ("tenant-a", "tenant-b", "mgmt") for p in w.get(c, "pods", "-A")["items"] if up(p)}
        every = running()
        quiet = lost(every)
        first = next(n["metadata"]["name"] for n in w.get("tenant-b", "nodes")["items"] if "node-role.kubernetes.io/control-plane" in n["metadata"]["labels"])
        for verb, words in (("stop", "blast radius: RED: "), ("stop", "control plane of cluster tenant-b lost: 0 of 1 of its nodes stay, 1 needed; its API does not answer then"),
                            ("reboot", "blast radius: yellow: "), ("reboot", "control plane of cluster tenant-b lost for a while: 0 of 1 of its nodes stay")):
            check(words in run(verb, "server", first, "--dry-run", code=0).stdout, (verb, words))
        check("control plane of cluster tenant-b lost: " in run("blast", "lose", "server", first, code=8).stdout, "blast")
        says = json.loads(run("blast", "stop", "server", node, "-o", "json", code=8).stdout)[0]
        told = {(h["source"], h["kind"], h["name"]) for h in says["harm"] if h["harm"] == "lost" and h["kind"] in ("nodes", "pods") and h["plane"] == "DP"}
        check(("tenant-a", "nodes", node) in told, told)
        balancer = next(h for h in says["harm"] if h["kind"] == "loadbalancer")     # it has a member on each of the four nodes
        equal((balancer["harm"], balancer["alive"], balancer["of"]), ("degraded", 3, 4), balancer)
        check("blast radius: RED" in run("stop", "server", node, "--yes", code=4).stderr, "-y alone")
        run("stop", "server", node, "--yes", "--confirm", node, code=0)
        until("the node is silent", lambda: w.ready("tenant-a", node) == "Unknown", 60)
        last = set()

        def came():
            last.clear()
            last.update(lost(every) - quiet)
            return last == told
        try:
            until("what was foretold is lost", came, 60)
        finally:
            equal(sorted(last), sorted(told), "lost, foretold")
        until("its monitor sees it", lambda: [b["operating_status"] for b in w.see("/load-balancer/v2/lbaas/loadbalancers")["loadbalancers"] if b["name"] == balancer["name"]] == ["DEGRADED"], 30)
        chain = run("why", "loadbalancer", balancer["name"], code=0).stdout.splitlines()
        for line, words in zip(chain, ("operating DEGRADED", "sends to lb-member %s (demo): ERROR" % node, "leads to node %s (tenant-a): NotReady" % node, "is server %s (demo): SHUTOFF" % node)):
            check(words in line, (words, chain))
        equal({n for n, s in w.servers().items() if s["status"] == "SHUTOFF"} & {h["name"] for h in says["harm"] if h["kind"] == "server" and h["harm"] == "lost"}, {node}, "servers")
