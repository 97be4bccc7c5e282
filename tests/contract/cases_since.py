"""What others changed since an operation: its way back says so and wants the name."""
from case import collector
from cases_life import Kube, workload
from cases_ops import act, journal
from cloud import check, equal

CASES = []
case = collector(CASES)


@case("what somebody else set since is named by the way back, which -y alone does not begin; what is as it was left goes back without a word")
def since(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1))
        k.ready("deployment", "web", 1)
        where = ["deployment/web", "-n", k.ns, "--yes"]
        had = k.get("deployment", "web")
        replicas = lambda d: d["spec"]["replicas"]
        label = lambda d: d["metadata"].get("labels", {}).get("tier")
        image = lambda d: d["spec"]["template"]["spec"]["containers"][0]["image"]
        template = lambda d: d["spec"]["template"]
        name = had["spec"]["template"]["spec"]["containers"][0]["name"]
        repo = image(had).rsplit(":", 1)[0]
        ways = [(["scale", *where, "--replicas=3"], ["scale", "deployment/web", "--replicas=2"], replicas,
                 "replicas was set to 2 by somebody else since (this operation left 3)"),
                (["label", *where, "--set=tier=gold"], ["label", "--overwrite", "deployment/web", "tier=lead"], label,
                 "tier=lead was set by somebody else since (this operation left tier=gold)"),
                (["annotate", *where, "--set=note=a, b"], ["annotate", "--overwrite", "deployment/web", "note=a, c"], lambda d: d["metadata"]["annotations"].get("note"),
                 "note=a, c was set by somebody else since (this operation left note=a, b)"),
                (["set-image", *where, "%s=%s:2" % (name, repo)], ["set", "image", "deployment/web", "%s=%s:1.1" % (name, repo)], image,
                 "%s=%s:1.1 was set by somebody else since (this operation left %s=%s:2)" % (name, repo, name, repo)),
                (["restart", *where], ["set", "env", "deployment/web", "BY=others"], template, "its template was changed by somebody else since")]
        for ours, theirs, of, words in ways:
            was = of(k.get("deployment", "web"))
            o = act(cloud, *ours)
            equal(o["state"], "done", o)
            k.run(*theirs)
            now = of(k.get("deployment", "web"))
            check(now != was, "somebody set it")
            plan = act(cloud, "ops", "--rollback", o["key"], "--dry-run")
            check(("danger", words) in [(f["level"], f["text"]) for f in plan["steps"][0]["facts"]], plan)
            r = cloud.strata("ops", "--rollback", o["key"], "--yes")
            equal((r.code, of(k.get("deployment", "web"))), (4, now), r)
            check("--confirm 'web'" in r.err and words in r.err, r)
            equal(act(cloud, "ops", "--rollback", o["key"], "--yes", "--confirm=web")["state"], "done", "confirmed")
            equal(of(k.get("deployment", "web")), was, "as it was before")
            equal(len([x for x in journal(cloud, k.ns) if x["event"] == "intent" and x["key"] == o["key"] and not x["dry_run"]]), 1, "sent once")
        o = act(cloud, "scale", *where, "--replicas=3")
        equal(act(cloud, "ops", "--rollback", o["key"], "--yes")["state"], "done", "nobody set anything")
        equal(replicas(k.get("deployment", "web")), 1, "as it was before")
        if cloud.mode == "live":             # who wrote a field last is kept by real servers
            ways = [(["scale", *where, "--replicas=3"], [["scale", "deployment/web", "--replicas=2"], ["scale", "deployment/web", "--replicas=3"]], "replicas"),
                    (["label", *where, "--set=tier=gold"], [["label", "--overwrite", "deployment/web", "tier=" + v] for v in ("lead", "gold")], "label tier"),
                    (["annotate", *where, "--set=note=a, b"], [["annotate", "--overwrite", "deployment/web", "note=" + v] for v in ("x", "a, b")], "annotation note"),
                    (["set-image", *where, "%s=%s:2" % (name, repo)], [["set", "image", "deployment/web", "%s=%s:%s" % (name, repo, v)] for v in ("1.1", "2")], "image of " + name)]
            for ours, theirs, field in ways:
                o = act(cloud, *ours)
                plain = act(cloud, "ops", "--rollback", o["key"], "--dry-run")
                for t in theirs:
                    k.run(*t)
                plan = act(cloud, "ops", "--rollback", o["key"], "--dry-run")
                has = lambda p: [f["level"] for f in p["steps"][0]["facts"] if f["text"].startswith("%s is as this operation left it, but kubectl" % field)]
                equal((has(plain), has(plan)), ([], ["caution"]), plan)
