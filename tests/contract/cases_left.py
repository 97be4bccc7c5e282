"""Strata killed in the middle of an operation, and started again: what it sends is counted by its journal and seen at the servers."""
import json

from case import collector
from cases_kubeops import budget, on_node
from cases_life import Kube, workload
from cases_ops import act, journal, left, unsettled
from cloud import check, equal, until

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
        p = start(cloud, "drain", node, "--pod-selector=app=web,pod-template-hash", "--grace-period=1")
        try:
            until("it is cordoned", lambda: k.get("node", node)["spec"].get("unschedulable"))
            equal(left(cloud, node), [], "it is there")
            r = cloud.strata("uncordon", node, "--yes")
            check(r.code == 4 and "is at work already: drain node " + node in r.err and "in another strata, process %d;" % p.pid in r.err, r)
            p.kill()
            p.wait()
            (one,) = left(cloud, node)
            check("of %d ended, then strata was gone" % (1 + len(mine)) in one["state"], one)
            for x in mine:
                hold(cloud, k, x["metadata"]["name"], True)
            budget(k, maxUnavailable=1)
            p = start(cloud, "ops", "--resume", one["key"])
            until("an eviction is under way", lambda: any(x["metadata"].get("deletionTimestamp") for x in k.pods("web").values()))
            until("and answered", lambda: [x for x in journal(cloud, k.ns) if x["event"] == "answer"])
            p.kill()
            p.wait()
            (one,) = left(cloud, node)
            check("1 was under way" in one["state"], one)
            for x in mine:
                hold(cloud, k, x["metadata"]["name"], False)
            o = act(cloud, "ops", "--resume", one["key"], "--yes")
            equal((o["state"], on_node(k, node), left(cloud, node)), ("done", set(), []), "gone on with")
            lines = journal(cloud, node) + [x for x in journal(cloud, k.ns) if node not in json.dumps(x)]
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
