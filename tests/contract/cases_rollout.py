"""What is stopped and taken back: a change of the template by an API that is asked meanwhile, a drain by who began it."""
import contextlib
import http.server
import json
import signal
import threading

from case import collector
from cases_heal import pods, running, workload
from cases_kubeapi import J
from cases_life import Kube, template
from cases_life import workload as many
from cases_links import context
from cases_ops import act, deployment, journal
from cloud import check, equal, until

CASES = []
case = collector(CASES)
MP = "application/merge-patch+json"


@contextlib.contextmanager
def site(good):
    """An API that answers so many times well, and then with 503."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if len(asked) <= good else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d/" % s.server_address[1]
    finally:
        s.shutdown()
        s.server_close()


def image(cloud, ns):
    return deployment(cloud, ns)["spec"]["template"]["spec"]["containers"][0]["image"]


@case("set-image with a probe: a good one ends with the ratio; a bad image and an API that degrades are taken back by themselves, or what goes on is told and the next one not begun", "sim")
def probed(cloud):
    with running(cloud, "deployments", 2) as ns:
        where = ("deployment/w", "-n", ns, "--yes")
        both = ("--cloud", cloud.admin_cloud, "--context", cloud.cells("nodes")[0]["source"])
        sent = lambda: [x for x in journal(cloud, ns) if x["event"] == "intent" and not x["dry_run"]]
        for probe, words in (("http://me:word@127.0.0.1/", "without a password"), ("nonsense", "no endpoint of nonsense")):
            o = act(cloud, "set-image", *where, "--image=c=x:2", "--probe=" + probe, *both, code=1)
            equal((o["state"], words in o["note"], sent()), ("failed", True, []), o)
        o = act(cloud, "restart", *where, "--probe=nova", *both)
        check(o["state"] == "done" and "probe compute of %s: 100.0 %% of" % cloud.admin_cloud in o["note"], o["note"])
        with site(1 << 30) as url:
            o = act(cloud, "set-image", *where, "--image=c=x:2", "--probe=" + url)
            equal((o["state"], image(cloud, ns)), ("done", "x:2"), o)
            check("new 2 of 2, old 0, ready 2" in o["note"] and "probe %s: 100.0 %% of" % url in o["note"], o["note"])
            cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, MP, {"spec": {"progressDeadlineSeconds": 5}})
            r = cloud.strata("set-image", *where, "--image=c=registry.example.org/none:latest-broken", "--probe=" + url, "--undo-on-failure", timeout=120)
            equal((r.code, image(cloud, ns)), (1, "x:2"), r)
            check("ImagePull" in r.err and "progress deadline" in r.err, r)
            equal(deployment(cloud, ns)["status"].get("unavailableReplicas", 0), 0, "the old one is whole again")
        with site(8) as url:
            r = cloud.strata("set-image", *where, "--image=c=x:3", "--probe=" + url, "--undo-on-failure", timeout=120)
            equal((r.code, image(cloud, ns)), (1, "x:2"), r)
            check("fewer than asked for" in r.err, r)
        broken = "registry.example.org/none:%s-broken"
        cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, "application/strategic-merge-patch+json",
                  {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": broken % "old"}]}}}})
        r = cloud.strata("set-image", *where, "--image=c=" + broken % "new", "--undo-on-failure", timeout=120)
        equal((r.code, image(cloud, ns)), (1, broken % "old"), r)
        check("undo of set-image deployment %s/w" % ns in r.err and "accepted all the same, set now: image c=" + broken % "old" in r.err, r)
        equal([x["args"]["image"] for x in sent() if x["action"] == "set-image"][1:5], ["c=registry.example.org/none:latest-broken", "c=x:2", "c=x:3", "c=x:2"], "what was sent")
        cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, MP, {"spec": {"progressDeadlineSeconds": 600}})
        p = cloud.start("set-image", *where, "--image=c=" + broken % "ours", "--undo-on-failure", err=True)
        until("it is set", lambda: image(cloud, ns) == broken % "ours")
        cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, "application/strategic-merge-patch+json",
                  {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x:hotfix"}]}}}})
        out, err = p.communicate(timeout=90)
        equal((p.returncode, image(cloud, ns)), (1, "x:hotfix"), err)
        check("another change took over" in err and "not taken back by itself" in err, err)
        second = workload("deployments", 1)
        second["metadata"]["name"] = "w2"
        equal(cloud.raw("POST", "/apis/apps/v1/namespaces/%s/deployments" % ns, J, second)[0], 201, "create the second")
        with site(8) as url:                                  # not asked to take it back: what goes on is said, and how it is taken back
            o = act(cloud, "set-image", "deployment", "w", "w2", "-n", ns, "--yes", "--image=c=x:5", "--probe=" + url, "--keep-going", "--at-once=1", code=1)
            first, other = o["steps"]
            check("fewer than asked for; it is not stopped, the rollout goes on: strata ops --rollback %s takes it back" % o["key"] in first["note"], o)
            equal((first["state"], other["state"], other["note"]), ("failed", "skipped", "not begun, as fewer probes are answered than asked for"), o)
            equal(image(cloud, ns), "x:5", "set, and not taken back")
            r = cloud.strata("ops", "--rollback", o["key"], "--yes", timeout=120)
            equal((r.code, image(cloud, ns)), (0, "x:hotfix"), r)


@case("nodes drained in waves: each is whole before the next begins; one that is canceled with its way back leaves every pod, and the nodes as they were", "sim")
def waves(cloud):
    with running(cloud, "deployments", 6) as ns:
        budget = "/apis/policy/v1/namespaces/%s/poddisruptionbudgets" % ns
        cloud.raw("POST", budget, J, {"metadata": {"name": "w"}, "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "w"}}}})
        until("the budget counts", lambda: cloud.kube(budget + "/w").get("status", {}).get("expectedPods") == 6)
        on = lambda node: {p["metadata"]["uid"] for p in pods(cloud, ns) if p["spec"].get("nodeName") == node}
        nodes = sorted({p["spec"]["nodeName"] for p in pods(cloud, ns)})[:2]
        check(len(nodes) == 2, "all pods are on one node")
        before = [on(n) for n in nodes]
        cordoned = lambda: [n for n in nodes if cloud.kube("/api/v1/nodes/" + n)["spec"].get("unschedulable")]
        args = ["drain", "node", *nodes, "--pod-selector=app=w,pod-template-hash", "--waves=1", "--yes", "-o", "json"]
        try:
            p = cloud.start(*args, "--undo-on-failure", err=True)
            until("both are cordoned", lambda: cordoned() == nodes)
            p.send_signal(signal.SIGINT)
            out, err = p.communicate(timeout=90)
            equal(json.loads(out.splitlines()[0])["state"], "canceled", err)
            equal((cordoned(), [on(n) for n in nodes]), ([], before), "as it was")
            cloud.raw("PATCH", budget + "/w", MP, {"spec": {"maxUnavailable": 2}})
            o = act(cloud, *args[:-3], "--yes")
            equal((o["state"], [on(n) for n in nodes], cordoned()), ("done", [set(), set()], nodes), "drained")
            lines = [x for x in journal(cloud, ns) if x["key"] == o["key"] and x.get("action") == "evict" and not x.get("dry_run")]
            first, second = ([i for i, x in enumerate(lines) if x["event"] in ("intent", "outcome") and x["uid"] in uids] for uids in before)
            check(first and second and (max(first) < min(second) or max(second) < min(first)), "one after the other: %r" % [(x["event"], x["name"]) for x in lines])
        finally:
            for n in nodes:
                cloud.raw("PATCH", "/api/v1/nodes/" + n, MP, {"spec": {"unschedulable": None}})


@case("why: a rollout of a StatefulSet or Deployment under way is planned; pods of the new revision that fail make it the cause")
def planned(cloud):
    def ask(k, kind, name):
        r = cloud.strata("why", kind, name, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
        mine = [x for x in json.loads(r.out or "[]") if x["scope"] == k.ns]
        check(len(mine) == 1, r)
        return [(c["state"], c["known"], [(h["kind"], h["name"]) for h in c["chain"]]) for c in mine[0]["causes"]]

    def fail(k, pod):
        bad = {"name": "c", "image": "x", "imageID": "", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}}
        code, _, doc = cloud.raw("PATCH", "/api/v1/namespaces/%s/pods/%s/status" % (k.ns, pod), MP, {"status": {"phase": "Pending", "containerStatuses": [bad]}})
        check(code == 200, doc)

    with Kube(cloud) as k:
        k.apply(many("StatefulSet", "db", 1, serviceName="db", template=template("db", terminationGracePeriodSeconds=0)),
                many("Deployment", "web", 1, strategy={"type": "Recreate"}, template=template("web", terminationGracePeriodSeconds=0)))
        for kind, name in ("statefulset", "db"), ("deployment", "web"):
            k.ready(kind, name, 1)
            equal(ask(k, kind, name), [], "nothing is rolled out")
            old = k.pods(name)
            k.run("patch", kind, name, "-p", json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"no-such": "node"}}}}}))      # nobody touches its pod

            def made():
                now = [p for p in k.pods(name).values() if p["metadata"]["uid"] not in {o["metadata"]["uid"] for o in old.values()}]
                return now[0]["metadata"]["name"] if now else None
            pod = until("a pod of the new revision", made)
            says = "%s %s rolls out a change" % (kind, name)
            until("it is planned", lambda: all(c[:2] == ("planned", says) for c in ask(k, kind, name)), 60)
            fail(k, pod)
            stuck = "its rollout is stuck at 1 of 1 pods, 1 fails: pod %s of its new revision: ImagePullBackOff" % pod

            def told():
                causes = ask(k, kind, name)
                return causes if causes and causes[0][0] != "planned" else None
            (state, known, chain), = until("it is no longer planned", told, 60)
            check(state in ("broken", "not quite well") and known.startswith(stuck) and chain == [(kind + "s", name)], (state, known, chain))
            (state, known, chain), = ask(k, "pod", pod)
            check(known.startswith(stuck) and chain[0] == ("pods", pod) and chain[-1] == (kind + "s", name), (known, chain))
