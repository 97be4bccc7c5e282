"""No request without a line of the journal, no line without its outcome: what strata wrote down beside the servers' own log."""
import json
import signal
import urllib.parse
from collections import Counter

from case import collector
from cases_heal import running
from cases_nova import Made
from cases_ops import act, deployment, journal, left, unsettled
from cloud import check, equal, until

CASES = []
case = collector(CASES)
ASKS = ("/v3/auth/tokens", "/selfsubjectaccessreviews", "/selfsubjectrulesreviews")      # a POST that changes nothing


def came(cloud):
    """What came from strata to any server and could change something."""
    return Counter((x["method"], x["path"], x["dry_run"]) for x in cloud.sim.log()
                   if x["agent"].startswith("strata") and not x["path"].endswith(ASKS))


def written(cloud, lines):
    """What the journal says was sent. OpenStack's paths stand below the service's endpoint there."""
    out, seen = Counter(), came(cloud)
    for x in lines:
        if x["event"] in ("intent", "trial"):
            method, path = x["request"].split()[:2]
            path = path if path.startswith("/") else x["request"].split()[2]
            path = urllib.parse.unquote(path.split("?")[0])
            full = [p for m, p, _ in seen if m == method and (p == path or p.endswith(path))]
            out[(method, full[0] if full else path, x["dry_run"])] += 1
    return out


def agree(cloud, what):
    lines = journal(cloud, "")
    equal(written(cloud, lines), came(cloud), "after %s: written down, and what came" % what)
    return lines


@case("no request without its line, no line without its outcome: done, refused, put off, failed, canceled, killed, answers that are lost; both planes", "sim")
def lines(cloud):
    sim = cloud.sim
    with running(cloud, "deployments", 1) as ns, Made(cloud, "journal") as m:
        dep, where = "/apis/apps/v1/namespaces/%s/deployments/w" % ns, ("deployment/w", "-n", ns, "--yes")
        servers = urllib.parse.urlparse(m.admin.urls["compute"]).path + "/servers/" + m.id
        nova = ("server/" + m.id, "--cloud", cloud.admin_cloud, "--yes")
        patches = lambda: sum(n for (method, path, dry), n in came(cloud).items() if path.startswith(dep) and not dry)
        posts = lambda: came(cloud)[("POST", servers + "/action", False)]

        act(cloud, "scale", *where, "--replicas=2")
        act(cloud, "label", *where, "a=b")
        act(cloud, "stop", *nova)
        act(cloud, "start", *nova)
        agree(cloud, "what was done")

        sim.fault(kind="status", status=403, method="PATCH", prefix=dep, skip=1, count=1)      # the dry run is let through
        o = act(cloud, "label", *where, "c=d", code=4)
        equal(o["state"], "failed", o)
        sim.clear()
        sim.fault(kind="status", status=429, method="PATCH", prefix=dep, skip=1, count=2)
        equal(act(cloud, "label", *where, "c=d")["state"], "done", "put off twice")
        sim.clear()
        sim.fault(kind="status", status=403, method="POST", prefix=servers)
        o = act(cloud, "stop", *nova, code=4)
        equal((o["state"], m.admin.server(m.id)["status"]), ("failed", "ACTIVE"), "forbidden")
        sim.clear()
        agree(cloud, "refusals")

        # The connection ends without a word before the server did it, a kept one for all that strata knows: looked for; what does no more
        # when it comes twice is sent once more, the other is not.
        for args, prefix, skip, count, code, sent in ((("scale", *where, "--replicas=1"), dep, 1, patches, 0, 2), (("stop", *nova), servers, 0, posts, 1, 1)):
            before = count()
            sim.fault(kind="close", method="POST" if prefix == servers else "PATCH", prefix=prefix, skip=skip, count=1)
            o = act(cloud, *args, code=code)
            check(code == 0 or "nothing of it is to be seen" in o["note"], o)
            equal((sim.state()["faults"][0]["hits"], count() - before), (1, sent), "the fault, and how often it was sent: %s" % args[0])
            sim.clear()
        agree(cloud, "connections that ended before it was done")
        act(cloud, "stop", *nova)

        # The server did it, and its answer is lost: seen to have come, not sent again.
        before = patches()
        sim.fault(kind="cut", method="PATCH", prefix=dep, skip=1, count=1)
        equal((act(cloud, "scale", *where, "--replicas=2")["state"], deployment(cloud, ns)["spec"]["replicas"]), ("done", 2), "its answer was cut")
        equal((sim.state()["faults"][0]["hits"], patches() - before), (1, 1), "sent once")
        sim.clear()
        pod = cloud.kube("/api/v1/namespaces/%s/pods" % ns)["items"][0]["metadata"]["name"]
        evict = "/api/v1/namespaces/%s/pods/%s/eviction" % (ns, pod)
        sim.fault(kind="cut", method="POST", prefix=evict, skip=1, count=1)
        equal(act(cloud, "evict", "pod/" + pod, "-n", ns, "--yes")["state"], "done", "evicted")
        equal((sim.state()["faults"][0]["hits"], came(cloud)[("POST", evict, False)]), (1, 1), "evicted once")
        sim.clear()
        agree(cloud, "answers that were cut")

        # Canceled while the first of two is at the server.
        before = posts()
        sim.fault(kind="latency", ms=1500, method="POST", prefix=servers)
        p = cloud.start("start", *nova, "-o", "json", err=True)
        until("it is at the server", lambda: posts() > before)
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=60)
        equal((json.loads(out)["state"], m.admin.server(m.id)["status"]), ("done", "ACTIVE"), err)
        sim.clear()
        agree(cloud, "one that was canceled")

        # Killed while it is at the server, and gone on with: both planes.
        for what, args, prefix, count, skip in (("scale", ("scale", *where, "--replicas=3"), dep, patches, 1), ("stop", ("stop", *nova), servers, posts, 0)):
            before = count()
            sim.fault(kind="latency", ms=1500, method="POST" if prefix == servers else "PATCH", prefix=prefix, skip=skip, count=1)
            p = cloud.start(*args, out=False)
            until("it is at the server", lambda: count() > before)
            p.kill()
            p.communicate()
            sim.clear()
            (one,) = left(cloud)
            equal(act(cloud, "ops", "--resume", one["key"], "--yes", *nova[1:3] if count is posts else ())["state"], "done", what + " is gone on with")
        equal((deployment(cloud, ns)["spec"]["replicas"], m.admin.server(m.id)["status"]), (3, "SHUTOFF"), "what was wanted")

        # A trial that is killed left nothing to be done, and no line that waits for another.
        before = came(cloud)[("PATCH", dep, True)]
        sim.fault(kind="latency", ms=1500, method="PATCH", prefix=dep, count=1)
        p = cloud.start("label", *where, "killed=yes", "--dry-run", out=False)
        until("its trial is at the server", lambda: came(cloud)[("PATCH", dep, True)] > before)
        p.kill()
        p.communicate()
        sim.clear()
        equal(left(cloud), [], "nothing is unfinished")
        last = [x for x in json.loads(cloud.strata("audit", "-o", "json").out) if x.get("action") == "label"][-1]
        equal((last["event"], last["dry_run"], last["result"]), ("trial", True, "changes nothing"), last)
        words = [x for x in cloud.strata("audit").out.splitlines() if "killed" in x][-1]
        check("trial    (dry run) label deployments" in words and ", changes nothing" in words, words)

        # And one that somebody overtook meanwhile: theirs stays.
        image = lambda: deployment(cloud, ns)["spec"]["template"]["spec"]["containers"][0]["image"]
        before = patches()
        sim.fault(kind="latency", ms=900000, method="PATCH", prefix=dep, skip=1, count=1)       # whether it still comes nobody can know
        p = cloud.start("set-image", *where, "--image=*=mine:2", out=False)
        until("it is at the server", lambda: patches() > before)
        p.kill()
        p.communicate()
        sim.clear()
        cloud.raw("PATCH", dep, "application/json-patch+json", [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "theirs:9"}])
        (one,) = left(cloud)
        o = act(cloud, "ops", "--resume", one["key"], "--dry-run", code=1)
        check(o["dry_run"] and "somebody changed it since" in o["note"], o)
        equal(len(left(cloud)), 1, "a dry run leaves it")
        o = act(cloud, "ops", "--resume", one["key"], "--yes", code=1)
        check(image() == "theirs:9" and "somebody changed it since" in o["note"] and "now image=" in o["note"], o)
        equal(left(cloud), [], "nothing is left")
    lines = agree(cloud, "all")
    equal(unsettled(lines), {}, "lines without an outcome, or outcomes without a line")
    begun, ended = ({x["key"] for x in lines if x["event"] == ev} for ev in ("op", "op-end"))
    equal(begun - ended, set(), "operations without an end")
    check(len(begun) > 12, begun)


@case("a token of a plugin that ends in the middle of a change: the plugin is asked once more, the change is done once; refused again it is not sent a third time", "sim")
def plugin(cloud):
    sim, runs, conf = cloud.sim, cloud.home + "/plugin-runs", cloud.home + "/plugin.yaml"
    script = 'echo run >> %s; echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}\'' % (runs, sim.conf["token"])
    with open(conf, "w") as f:                    # JSON is YAML
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "plug", "contexts": [{"name": "plug", "context": {"cluster": "c", "user": "u"}}],
                   "clusters": [{"name": "c", "cluster": {"server": sim.conf["kubernetes"], "certificate-authority": sim.dir + "/ca.pem"}}],
                   "users": [{"name": "u", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script],
                                                             "interactiveMode": "Never"}}}]}, f)

    def tried(value, count, code):
        """How often the plugin ran, the change came, the journal has it; and what was said."""
        open(runs, "w").close()
        sim.fault(kind="status", status=401, method="PATCH", prefix=dep, skip=1, count=count)      # the dry run is let through
        before = came(cloud)[("PATCH", dep, False)]
        o = act(cloud, "label", "deployment/w", "-n", ns, "tried=" + value, "--overwrite", "--yes", code=code, env={"KUBECONFIG": conf})
        sim.clear()
        with open(runs) as f:
            ran = len(f.readlines())
        lines = [x["event"] for x in journal(cloud, o["key"]) if x["event"] in ("intent", "outcome") and not x.get("dry_run")]
        return o, ran, came(cloud)[("PATCH", dep, False)] - before, lines

    with running(cloud, "deployments", 1) as ns:
        dep = "/apis/apps/v1/namespaces/%s/deployments/w" % ns
        label = lambda: deployment(cloud, ns)["metadata"].get("labels", {}).get("tried")
        o, *counts = tried("once", 1, 0)
        equal((o["state"], label(), counts), ("done", "once", [2, 2, ["intent", "outcome"]]), o)
        o, *counts = tried("never", -1, 1)
        equal((o["state"], label(), counts), ("failed", "once", [2, 2, ["intent", "outcome"]]), o)
        check("refuses what credential plugin sh gave" in o["note"], o["note"])
