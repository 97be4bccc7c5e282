"""Strata killed in the middle of an operation, and started again: what it sends is counted by its journal and seen at the servers."""
import json
import os
import signal
import subprocess

from case import collector
from cases_kubeops import budget, on_node
from cases_life import Kube, workload
from cases_ops import act, journal, left, unsettled
from cloud import STRATA, check, equal, until

CASES = []
case = collector(CASES)
MP = "application/merge-patch+json"


def start(cloud, *args):
    return cloud.start(*args, "--yes", out=False)


def hold(cloud, k, name, held):
    code, _, doc = cloud.raw("PATCH", "/api/v1/namespaces/%s/pods/%s" % (k.ns, name), MP, {"metadata": {"finalizers": ["example.org/hold"] if held else None}})
    check(code in (200, 404), doc)


@case("a drain killed while it waits and while evictions are under way: gone on with by its own options, nothing evicted twice, its own cordon taken back")
def drain_killed(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2))
        k.ready("deployment", "web", 2)
        budget(k, maxUnavailable=0)
        pod = next(iter(k.pods("web").values()))
        name, node = pod["metadata"]["name"], pod["spec"]["nodeName"]
        mine = [p for p in k.pods("web").values() if p["spec"]["nodeName"] == node]
        of = lambda p: [x for x in left(cloud, node) if "-%x-" % p.pid in x["key"]]         # other cases kill theirs on the same node
        p = start(cloud, "drain", node, "--pod-selector=app=web,of=" + k.ns, "--grace-period=1")
        try:
            until("it is cordoned", lambda: k.get("node", node)["spec"].get("unschedulable"))
            equal(of(p), [], "it is there")
            r = cloud.strata("uncordon", node, "--yes")
            check(r.code == 4 and "is at work already: drain node " + node in r.err and "in another strata, process %d;" % p.pid in r.err, r)
            p.kill()
            p.wait()
            (one,) = of(p)
            ours = [one["key"]]
            check("of %d ended, then strata was gone" % (1 + len(mine)) in one["state"], one)
            o = act(cloud, "uncordon", node, "--dry-run")
            check([f for f in o["facts"] if f["level"] == "caution" and f["text"].startswith("drain node %s on " % node) and "is unfinished: " in f["text"]
                   and one["key"] in f["text"]], o)
            r = cloud.strata("drain", node, "--pod-selector=app=web,of=" + k.ns, "--yes")
            check(r.code == 4 and "unfinished since " in r.err and "strata ops --resume %s goes on with it" % one["key"] in r.err, r)
            r = cloud.strata("drain", node, "--pod-selector=app=web,of=" + k.ns, "--dry-run")
            check("it would be refused now" in r.out, r)
            if cloud.strata("get", "hypervisor", node, "--cloud", cloud.admin_cloud).code == 0:        # that drains its node, too
                r = cloud.strata("host-drain", "node/" + node, "--cloud", cloud.admin_cloud, "--leave=all", "--pod-selector=app=web,of=" + k.ns, "--yes", "--confirm", node)
                check(r.code == 4 and "unfinished since " in r.err, r)
            for x in mine:
                hold(cloud, k, x["metadata"]["name"], True)
            budget(k, maxUnavailable=1)
            p = start(cloud, "ops", "--resume", one["key"])
            until("an eviction is under way", lambda: any(x["metadata"].get("deletionTimestamp") for x in k.pods("web").values()))
            until("and answered", lambda: [x for x in journal(cloud, k.ns) if x["event"] == "answer"])
            p.kill()
            p.wait()
            (one,) = of(p)
            check("1 was under way" in one["state"], one)
            ours.append(one["key"])
            for x in mine:
                hold(cloud, k, x["metadata"]["name"], False)
            o = act(cloud, "ops", "--resume", one["key"], "--yes")
            equal((o["state"], on_node(k, node), [x for x in left(cloud, node) if x["key"] in ours]), ("done", set(), []), "gone on with")
            ours.append(o["key"])               # other cases write of the same node
            lines = [x for x in journal(cloud, "") if x.get("key") in ours]
            equal(unsettled(lines), {}, "each request has its outcome")
            intents = [x for x in lines if x["event"] == "intent" and not x.get("dry_run")]
            equal(sorted(x["name"] for x in intents if x["action"] == "evict" and x["scope"] == k.ns), sorted(x["metadata"]["name"] for x in mine), "evicted once each")
            equal([x["name"] for x in intents if x["action"] == "cordon"], [node], "cordoned once")
            check(all('"gracePeriodSeconds":1' in x["request"] for x in intents if x["action"] == "evict"), intents)
            o = act(cloud, "ops", "--rollback", o["key"], "--yes")
            equal((o["action"], o["state"]), ("uncordon", "done"), "taken back")
            check("unschedulable" not in k.get("node", node)["spec"], "uncordoned")
        finally:
            p.kill()
            p.wait()
            for x in mine:
                hold(cloud, k, x["metadata"]["name"], False)
            k.run("uncordon", node)
        check(name not in k.pods("web"), "it went")


def asked(cloud, typed, answer, *args):
    """At a terminal where something was typed before the question stood there: what was said, and the exit status."""
    mine, theirs = os.openpty()
    os.write(mine, typed)
    p = subprocess.Popen([STRATA, *args], env=cloud.environ(), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while True:
            said += os.read(mine, 4096)
            if answer and b"[y/N]" in said:
                os.write(mine, answer)
                answer = b""
    except OSError:                              # its end is closed
        return said.decode(), p.wait()
    finally:
        p.kill()
        os.close(mine)


@case("a drain that is ended says what stays and who takes it back; what was typed before the question answers nothing; a limit of objects counts what is evicted")
def drain_ended(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2))
        k.ready("deployment", "web", 2)
        budget(k, maxUnavailable=0)
        node = next(iter(k.pods("web").values()))["spec"]["nodeName"]
        mine = [p for p in k.pods("web").values() if p["spec"]["nodeName"] == node]
        words = ("drain", node, "--pod-selector=app=web,of=" + k.ns, "--grace-period=1")
        try:
            r = cloud.strata(*words, "--yes", "--max-objects=1")
            check(r.code == 4 and "%d objects at once are more than the 1 that are allowed" % (1 + len(mine)) in r.err, r)
            said, code = asked(cloud, b"y\n", b"n\n", *words)
            check(code == 4 and "left alone" in said, said)
            check("unschedulable" not in k.get("node", node)["spec"], "nothing was done so far")
            p = cloud.start(*words, "--yes", err=True)
            until("it is cordoned", lambda: k.get("node", node)["spec"].get("unschedulable"))
            p.send_signal(signal.SIGTERM)
            _, err = p.communicate(timeout=90)
            check(p.returncode == 6 and "1 of %d steps were done, and stay: cordon node %s" % (1 + len(mine), node) in err, err)
            check("(uncordon takes that back)" in err and "strata ops --rollback " in err, err)
        finally:
            k.run("uncordon", node)
