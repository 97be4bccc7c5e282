"""Operations: planned, guarded, sent once, followed to their seen end, and written down; on workloads and servers of the case's own."""
import json
import os
import signal
import subprocess
import time
from collections import Counter

from case import collector
from cases_heal import running
from cases_move import Fast
from cases_nova import Made
from cloud import STRATA, check, equal, until

CASES = []
case = collector(CASES)
MP = "application/merge-patch+json"


def journal(cloud, word):
    return lines_below(cloud.home + "/s", word)


def lines_below(state, word=""):
    lines = []
    for root, _, names in os.walk(state):
        for name in sorted(names):
            if name.startswith("audit.jsonl") and not name.endswith(".lock"):
                with open(os.path.join(root, name)) as f:
                    lines += [json.loads(line) for line in f if word in line and line.endswith("\n")]      # one that is being written is none yet
    return lines


def unsettled(lines):
    """Requests without their outcome, outcomes without a request. An outcome stands under the key of the operation that saw it, and names the
    one that it goes on with."""
    open_ = Counter()
    for x in lines:
        if x["event"] in ("intent", "outcome"):
            open_[x.get("resumes") or x.get("key"), x.get("step"), bool(x.get("dry_run"))] += 1 if x["event"] == "intent" else -1
    return {k: n for k, n in open_.items() if n}


def left(cloud, word="", running=False):
    """Operations that a strata left in the middle; running: that another one is at."""
    return [x for x in json.loads(cloud.strata("ops", "-o", "json").out) if word in x["title"] and x["running"] == running]


def act(cloud, *args, code=0, **kw):
    r = cloud.strata(*args, "-o", "json", timeout=120, **kw)
    equal(r.code, code, r)
    return json.loads(r.out)


def deployment(cloud, ns):
    return cloud.kube("/apis/apps/v1/namespaces/%s/deployments/w" % ns)


@case("scale: a dry run changes nothing, an end is an end that was seen, again it already is, and the journal has it all")
def scale(cloud):
    with running(cloud, "deployments", 1) as ns:
        o = act(cloud, "scale", "deployment/w", "-n", ns, "--replicas=2", "--dry-run")
        equal((o["state"], o["dry_run"], deployment(cloud, ns)["spec"]["replicas"]), ("planned", True, 1), "dry run")
        check("PATCH" in o["steps"][0]["request"] and "/scale" in o["steps"][0]["request"], o)
        check(any("dry run" in f["text"] for f in o["steps"][0]["facts"]), o)
        r = cloud.strata("scale", "deployment", "w", "-n", ns)
        equal(r.code, 2, r)
        r = cloud.strata("scale", "deployment", "w", "-n", ns, "--replicas", "2")
        equal((r.code, deployment(cloud, ns)["spec"]["replicas"]), (4, 1), "without --yes")
        o = act(cloud, "scale", "deployment/w", "-n", ns, "--replicas=2", "--yes")
        equal((o["state"], o["done"], o["steps"][0]["state"]), ("done", 1, "done"), "scaled")
        equal(deployment(cloud, ns)["status"].get("readyReplicas"), 2, "it is there when strata says so")
        o = act(cloud, "scale", "deployment/w", "-n", ns, "--replicas=2", "--yes")
        equal(o["steps"][0]["state"], "already", o)
        o = act(cloud, "restart", "deployment/w", "-n", ns, "--yes")
        d = deployment(cloud, ns)
        equal((o["state"], d["status"]["updatedReplicas"], d["status"]["replicas"]), ("done", 2, 2), "restarted")
        check("kubectl.kubernetes.io/restartedAt" in d["spec"]["template"]["metadata"]["annotations"], d)
        template, restarted = d["spec"]["template"], o["key"]
        lines = journal(cloud, '"scope":"%s"' % ns)
        count = lambda ev, **want: len([x for x in lines if x["event"] == ev and all(x.get(k) == v for k, v in want.items())])
        equal((count("intent", dry_run=False), count("answer"), count("outcome", result="done")), (2, 2, 2), "lines")
        check(all(x["request_id"] for x in lines if x["event"] == "answer"), lines)
        equal(count("intent"), count("outcome"), "each intent has its outcome")
        o = act(cloud, "ops", "--rollback", restarted, "--yes")
        d = deployment(cloud, ns)
        check("restartedAt" not in json.dumps(d["spec"]["template"]) and (o["action"], o["state"]) == ("undo", "done"), "the revision before: %s" % o)
        equal((d["spec"]["template"]["spec"], d["status"]["updatedReplicas"]), (template["spec"], 2), "taken back")


@case("an operation is refused each way around: read-only, protected, too many, another object of that name")
def refusals(cloud):
    config = cloud.home + "/ops-guard.yaml"
    context = cloud.strata("get", "nodes", "-o", "cells")
    context = json.loads(context.out.splitlines()[0])["source"]
    with open(config, "w") as f:
        f.write("sources:\n- {match: '%s', protected: true}\nmax-objects: 1\n" % context)
    address = cloud.home + "/ops-address.yaml"
    with open(address, "w") as f:
        f.write("sources:\n- {match: 'https://127.0.0.1:*', protected: true}\n")
    with running(cloud, "deployments", 1) as ns:
        code, _, doc = cloud.raw("POST", "/apis/apps/v1/namespaces/%s/deployments" % ns, "application/json", {"metadata": {"name": "w2"}, "spec": deployment(cloud, ns)["spec"]})
        check(code == 201, doc)
        where = ["deployment/w", "-n", ns, "--replicas=3", "--yes"]
        for args in (["--read-only", "scale"] + where, ["--read-only", "scale"] + where + ["--dry-run"], ["--config", config, "scale"] + where,
                     ["--config", address, "scale"] + where, ["--config", config, "scale"] + where + ["--confirm", "w"],
                     ["--config", config, "scale", "deployment", "w", "w2", "-n", ns, "--replicas=3", "--yes", "--confirm", context]):
            r = cloud.strata(*args)
            equal((r.code, deployment(cloud, ns)["spec"]["replicas"]), (4, 1), args)
        r = cloud.strata("scale", "deployment/none", "-n", ns, "--replicas=3", "--yes")
        equal(r.code, 3, r)
        r = cloud.strata("--config", config, "scale", "deployment/w", "-n", ns, "--replicas=1", "--yes")
        equal((r.code, "it already is" in r.out), (0, True), r)      # nothing is to be done, so nothing is confirmed
        equal([x for x in journal(cloud, ns) if x["event"] == "intent" and not x["dry_run"]], [], "nothing was sent")
        r = cloud.strata("--config", config, "scale", *where, "--confirm", context)
        equal((r.code, deployment(cloud, ns)["spec"]["replicas"]), (0, 3), "confirmed")


@case("ctrl-c and TERM cancel: the rest is not begun; what is under way is followed while there is news of it, then told as it stands; a way back ends so, too")
def cancel(cloud):
    with running(cloud, "deployments", 1) as ns:
        path, stuck = "/apis/apps/v1/namespaces/%s/deployments" % ns, {"spec": {"nodeSelector": {"no": "where"}}}
        code, _, doc = cloud.raw("POST", path, "application/json", {"metadata": {"name": "w2"}, "spec": deployment(cloud, ns)["spec"]})
        check(code == 201, doc)
        cloud.raw("PATCH", path + "/w", MP, {"spec": {"template": stuck}})
        answers = lambda: len([x for x in journal(cloud, ns) if x["event"] == "answer"])

        def canceled(sig, *args):
            before = answers()
            p = cloud.start(*args, "--yes", "-o", "json", err=True)
            until("it was sent", lambda: answers() > before)
            p.send_signal(sig)
            if sig == signal.SIGTERM:
                time.sleep(0.05)
                p.send_signal(sig)               # as timeout(1) does: to the program, and to its group
            out, err = p.communicate(timeout=90)
            o = json.loads(out)
            (last,) = [x for x in journal(cloud, o["key"]) if x["event"] == "op-end"]
            equal((o["state"], p.returncode, last["result"]), ("unsure", 5, "unsure"), err)
            check("canceled: it was accepted, and its end not seen: " in o["steps"][0]["note"], o)
            return o
        o = canceled(signal.SIGTERM, "scale", "deployment", "w", "w2", "-n", ns, "--replicas=3", "--at-once=1")
        equal([x["state"] for x in o["steps"]], ["unsure", "canceled"], o)
        canceled(signal.SIGINT, "ops", "--rollback", o["key"])
        equal((deployment(cloud, ns)["spec"]["replicas"], answers()), (1, 2), "taken back, and the second was never begun")


@case("a server is stopped and started, and each end is the server's own; what cannot be done is refused before it is sent")
def power(cloud):
    with Made(cloud, "ops-power") as m:
        o = act(cloud, "server", "stop", m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal((o["state"], m.admin.server(m.id)["status"]), ("done", "SHUTOFF"), "stopped")
        request = o["steps"][0]["request_id"]
        equal(m.action(request)["action"], "stop", "the request id is Nova's")
        o = act(cloud, "stop", "server", m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal(o["steps"][0]["state"], "already", o)
        o = act(cloud, "start", "server/" + m.id, "--cloud", cloud.admin_cloud, "--yes")
        equal((o["state"], m.admin.server(m.id)["status"]), ("done", "ACTIVE"), "started")
        m.act(m.admin, {"pause": None})
        m.settle("PAUSED")
        o = act(cloud, "server", "stop", m.id, "--cloud", cloud.admin_cloud, "--yes", code=4)
        equal((o["state"], m.admin.server(m.id)["status"]), ("refused", "PAUSED"), "refused")


@case("strata is killed in the middle: the operation is listed, and gone on with without being sent again; what was done is taken back")
def resumed(cloud):
    with running(cloud, "deployments", 1) as ns:
        path = "/apis/apps/v1/namespaces/%s/deployments/w" % ns
        cloud.raw("PATCH", path, MP, {"spec": {"template": {"spec": {"nodeSelector": {"no": "where"}}}}})
        p = cloud.start("scale", "deployment/w", "-n", ns, "--replicas=2", "--yes", out=False)
        until("it was sent", lambda: [x for x in journal(cloud, ns) if x["event"] == "answer"])
        (one,) = left(cloud, ns, running=True)
        equal(one["pid"], p.pid, "it is still there")
        check("under way in another strata, pid %d" % p.pid in one["state"], one)
        for word in ("--resume", "--give-up"):
            r = cloud.strata("ops", word, one["key"], "--yes")
            check(r.code == 4 and "is still there (process %d)" % p.pid in r.err, r)
        r = cloud.strata("ops", "--resume", "-y")
        check(r.code == 2 and "--resume needs a value" in r.err, r)
        p.kill()
        p.wait()
        (one,) = left(cloud, ns)
        check("1 was under way" in one["state"], one)
        cloud.raw("PATCH", path, MP, {"spec": {"template": {"spec": {"nodeSelector": None}}}})
        o = act(cloud, "ops", "--resume", one["key"], "--yes")
        equal((o["state"], deployment(cloud, ns)["status"]["readyReplicas"], left(cloud, ns)), ("done", 2, []), "gone on with")
        lines = [x for x in journal(cloud, ns) if not x.get("dry_run")]
        equal((len([x for x in lines if x["event"] == "intent"]), len([x for x in lines if x["event"] == "outcome"])), (1, 1), "sent once, one outcome")
        key = [x for x in lines if x["event"] == "outcome"][0]["key"]
        check(o["key"] == key and any(key in f["text"] and one["key"] in f["text"] for f in o["facts"]), o)
        r = cloud.strata("ops", "--rollback", one["key"], "--context", "no-part", "--yes")
        check(r.code == 2 and "context no-part has no part in this operation" in r.err, r)
        r = cloud.strata("ops", "--rollback", one["key"], "--yes")
        check(r.code == 4 and "rollback: refused: it was gone on with as " + key in r.err, r)
        cloud.raw("PATCH", path, MP, {"spec": {"template": {"spec": {"nodeSelector": {"no": "where"}}}}})
        p = cloud.start("scale", "deployment/w", "-n", ns, "--replicas=3", "--yes", out=False)
        until("it was sent", lambda: len([x for x in journal(cloud, ns) if x["event"] == "answer"]) > 1)
        p.kill()
        p.wait()
        (one,) = left(cloud, ns)
        r = cloud.strata("ops", "--give-up", one["key"])
        check(r.code == 4 and len(left(cloud, ns)) == 1, r)
        r = cloud.strata("ops", "--give-up", one["key"], "--yes")
        check(r.code == 0 and left(cloud, ns) == [] and deployment(cloud, ns)["spec"]["replicas"] == 3, r)
        (end,) = [x for x in journal(cloud, one["key"]) if x["event"] == "op-end"]
        check(end["result"] == "given up" and "1 sent, how it ended was not seen (w)" in end["text"], end)
        cloud.raw("PATCH", path, MP, {"spec": {"template": {"spec": {"nodeSelector": None}}}})
        o = act(cloud, "ops", "--rollback", one["key"], "--yes")
        o = act(cloud, "ops", "--rollback", key, "--yes")
        equal((o["state"], deployment(cloud, ns)["spec"]["replicas"]), ("done", 1), "taken back")
        r = cloud.strata("audit", "--since", "1h")
        check("op-end" in r.out and ns in r.out, r)


@case("a server that is slow: the plan is waited for, and only then anything begins", "sim")
def slow(cloud):
    with Fast("10") as sim:
        node = sim.kube("/api/v1/nodes")["items"][0]["metadata"]["name"]
        sim.fault(kind="latency", on="kube", ms=300)
        equal(act(cloud, "drain", node, "--pod-selector=app=none", "--yes", env=sim.env())["state"], "done", "drained")


@case("one operation over two clusters: killed in the middle, it opens both by itself and goes on; a result for each", "sim")
def clusters(cloud):
    with Fast("10") as sim:
        env = dict(dict(os.environ, **sim.env()), KUBECONFIG=sim.dir + "/kubeconfig", XDG_STATE_HOME=sim.dir + "/state")
        run = lambda *args: subprocess.run([STRATA, *args], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, text=True)
        both = ("--context", "tenant-a", "--context", "tenant-b")
        sim.fault(kind="latency", ms=3000, method="PATCH", skip=12)       # 9 dry runs, 3 real ones
        p = subprocess.Popen([STRATA, "label", "nodes", "--all-objects", "two=clusters", *both, "--at-once=1", "--yes"], env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("the fourth is under way", lambda: len([x for x in lines_below(sim.dir + "/state") if x["event"] == "intent" and not x["dry_run"]]) > 3)
        p.kill()
        p.wait()
        sim.clear()
        (left,) = json.loads(run("ops", "-o", "json").stdout)
        check("3 of 9 ended" in left["state"], left)
        r = run("ops", "--resume", left["key"], "--yes", "-o", "json")
        o = json.loads(r.stdout or "{}")
        equal((r.returncode, o.get("state"), {x["source"] for x in o.get("steps", [])}), (0, "done", {"tenant-a", "tenant-b"}), r.stderr)
        got = run("get", "nodes", "-l", "two=clusters", *both, "-o", "name").stdout.split()
        equal(len(got), 9, got)
        r = run("ops", "--rollback", o["key"], "--yes", "-o", "json")
        equal((r.returncode, json.loads(r.stdout or "{}").get("done"), run("get", "nodes", "-l", "two=clusters", *both, "-o", "name").stdout), (0, 9, ""), "all of both is taken back: " + r.stderr)
