"""The self-healing stage in batch mode: strata heal on a workload that every lab has, judged by what the server says."""
import json
import re
import signal
import subprocess
import time

from case import collector
from cloud import SEED, STRATA, Sim, check, equal, until

CASES = []
case = collector(CASES)


def heal(cloud, *args, code=0, target="deployment/web", ns="lab", timeout=120):
    r = cloud.strata("heal", target, "-n", ns, "--yes", "-o", "json", *args, timeout=timeout)
    equal(r.code, code, r)
    doc = json.loads(r.out)
    return doc, doc["runs"][-1], {m["id"]: m for m in doc["runs"][-1]["milestones"]}


def pods(cloud, ns="lab"):
    return {o["metadata"]["uid"]: o for o in cloud.kube("/api/v1/namespaces/%s/pods" % ns)["items"]}


def ready_web(cloud):
    """All pods of the deployment answer: a run before may still end."""
    def all_ready():
        mine = [o for o in pods(cloud).values() if o["metadata"]["name"].startswith("web-")]
        return len(mine) == 4 and all(any(c["type"] == "Ready" and c["status"] == "True" for c in o["status"].get("conditions", []))
                                      and "deletionTimestamp" not in o["metadata"] for o in mine) and mine
    return until("the pods of web are ready", all_ready, 60)


def strip(run, probe):
    return next(p for p in run["probes"] if p["probe"] == probe)


@case("heal: the replacement is seen milestone by milestone, by its uid")
def milestones(cloud):
    ready_web(cloud)
    before = pods(cloud)
    doc, run, t = heal(cloud)
    after = pods(cloud)
    equal(run["outcome"], "healed", "outcome")
    check(run["uid"] in before and run["uid"] not in after, "the pod that was named is not the one that is gone")
    new = [o for uid, o in after.items() if uid not in before and o["metadata"]["name"] == run["new_pod"]]
    equal(len(new), 1, "new pods called " + run["new_pod"])
    for pair in ("T0 T2", "T2 T3", "T3 T7", "T2 T10", "T0 T1"):               # a ReplicaSet does not wait for the old pod
        a, b = pair.split()
        check(t[a]["at_us"] <= t[b]["at_us"], "%s at %s, %s at %s" % (a, t[a], b, t[b]))
    check(all(m["at_us"] is None or m["at_us"] >= 0 for m in t.values()), "a negative duration")
    equal(t["T3"]["detail"], "on " + new[0]["spec"]["nodeName"], "node")
    check(strip(run, "P3")["numbers"]["failed"] == 0, "the Kubernetes API failed: %s" % strip(run, "P3")["numbers"])


@case("heal: the file of a run gives the same numbers and words again")
def again(cloud):
    ready_web(cloud)
    r = cloud.strata("heal", "deployment/web", "-n", "lab", "--yes", "-o", "json", timeout=120)
    equal(r.code, 0, r)
    path = cloud.home + "/run.json"
    with open(path, "w") as f:
        f.write(r.out)
    equal(cloud.strata("heal", "--from", path, "-o", "json").out, r.out, "the same again")
    check("| T7 | ready |" in cloud.strata("heal", "--from", path, "-o", "md").out, "no report")
    cast = cloud.strata("heal", "--from", path, "-o", "cast").out.splitlines()
    head, times = json.loads(cast[0]), [json.loads(line)[0] for line in cast[1:]]
    equal(head["version"], 2, "version of the cast")
    check(len(times) > 50 and times == sorted(times), "the cast's times go back")


@case("heal: {0} will not heal and is refused before anything happens", each=[
    ("pod/bare-debug-pod", "openstack", "Nothing owns"), ("deployment/barbican-api", "openstack", "no pod that is ready"), ("service/web", "lab", "for pods and for what runs them")])
def refused(cloud, target, ns, words):
    uids = set(pods(cloud, ns))
    r = cloud.strata("heal", target, "-n", ns, "--yes")
    equal(r.code, 4, r)
    check(words in r.err, r)
    check(uids <= set(pods(cloud, ns)), "a pod is gone")


@case("heal: of a server, the pod that manages it is meant, and the server's address is watched")
def of_a_server(cloud):
    hosts = {o["spec"]["nodeName"]: o["metadata"]["name"] for o in pods(cloud, "openstack").values()
             if o["metadata"].get("labels", {}).get("component") == "compute" and "nodeName" in o["spec"]}
    mine = next(s for s in cloud.os_cells("server") if s.get("host") in hosts and s.get("status") == "ACTIVE")
    r = cloud.strata("heal", "server/" + mine["id"], "--cloud", cloud.admin_cloud, "--context", context(cloud), "--dry-run", "--yes")
    equal(r.code, 0, r)
    check("openstack/%s" % hosts[mine["host"]] in r.out, r)
    check("Server %s is not touched: its agent on %s" % (mine["name"], mine["host"]) in r.err, r)


def context(cloud):
    return cloud.kubectl("config", "current-context").strip()


@case("heal: the pod is left alone with: {0}", each=["--dry-run --yes", "--read-only --yes", "--vm 127.0.0.1:9"])
def left_alone(cloud, args):
    uids = {o["metadata"]["uid"] for o in ready_web(cloud)}
    r = cloud.strata("heal", "deployment/web", "-n", "lab", *args.split())
    equal(r.code, 0 if "--dry-run" in args else 4, r)
    equal({o["metadata"]["uid"] for o in pods(cloud).values() if o["metadata"]["name"].startswith("web-") and "deletionTimestamp" not in o["metadata"]}, uids,
          "pods of web")


@case("heal: a probe that was asked for and proves nothing stops the delete: {1} {2}", each=[
    (3, "--vm", "nosuchvm", "was asked for"), (2, "--vm", "127.0.0.1:99999", "is no address to watch"), (3, "--probe", "nosuch", "no endpoint of nosuch"),
    (2, "--probe", "ftp://x", "a probe is a service"), (4, "--probe", "http://127.0.0.1:1/", "does not answer before the delete either (connection refused)"),
    (2, "--probe", "127.0.0.1:1", "or a URL: https://127.0.0.1:1/"), (2, "--timeout", "0", "must be more than 0"),
    (4, "--vm", "127.0.0.1:1", "does not answer before the delete either")])
def useless_probe(cloud, code, option, value, words):
    uids = {o["metadata"]["uid"] for o in ready_web(cloud)}
    r = cloud.strata("heal", "deployment/web", "-n", "lab", "--yes", "--cloud", cloud.admin_cloud, "--context", context(cloud), option, value, timeout=60)
    equal(r.code, code, r)
    check(("not deleted: " in r.err or option == "--timeout") and words in r.err, r)
    equal({o["metadata"]["uid"] for o in ready_web(cloud)}, uids, "pods of web")


@case("heal: who may not delete the pod is told before anything is measured", "sim")
def no_right(cloud):
    uids = {o["metadata"]["uid"] for o in ready_web(cloud)}
    r = cloud.strata("heal", "deployment/web", "-n", "lab", "--yes", "--context", "viewer")
    equal(r.code, 4, r)
    check("You may not delete pods in lab" in r.err and "measuring" not in r.out, r)
    equal({o["metadata"]["uid"] for o in ready_web(cloud)}, uids, "pods of web")


@case("heal: a server's clock 45 s ahead is a finding, durations do not care", "sim")
def skewed(cloud):
    ready_web(cloud)
    cloud.sim.fault(kind="skew", on="kube", ms=45000)
    try:
        doc, run, t = heal(cloud)
    finally:
        cloud.sim.clear()
    check(re.search(r"clock skew.* 4[45]\.\d+ s ahead", run["verdict"]), run["verdict"])
    check(0 <= t["T7"]["at_us"] < 60e6, t["T7"])
    theta = [(s[5], s[6]) for s in strip(run, "P3")["samples"] if s[5] is not None]
    check(theta and all(lo <= 45000 <= hi for lo, hi in theta), "offsets: %s" % theta[:3])


def started(cloud, *args):
    """heal in the background; returns when the server has the deletion."""
    uids = {o["metadata"]["uid"] for o in ready_web(cloud)}
    p = subprocess.Popen([STRATA, "heal", "deployment/web", "-n", "lab", "--yes", "-o", "json", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         stdin=subprocess.DEVNULL, env=cloud.environ())
    until("the delete", lambda: [o for o in pods(cloud).values() if o["metadata"]["uid"] in uids and "deletionTimestamp" in o["metadata"]], 30)
    return p


def ended(p, code=0):
    out, err = p.communicate(timeout=120)
    equal(p.returncode, code, err.decode())
    run = json.loads(out)["runs"][-1]
    return run, {m["id"]: m for m in run["milestones"]}


@case("heal: an API server that refuses for 2 s in the middle is a gap, and no milestone is invented", "sim")
def gap(cloud):
    p = started(cloud)
    cloud.sim.fault(kind="refuse", on="kube", ms=2000)
    run, t = ended(p)
    down = [g for g in run["gaps"] if "pods" in g["what"]]
    check(down and down[0]["to_us"] - down[0]["from_us"] > 1e6, run["gaps"])
    late = [m for m in t.values() if m["seen"] == "seen_late"]
    check(late and all(m["since_us"] <= m["at_us"] and m["value"].startswith("<=") for m in late), t)
    n = strip(run, "P3")["numbers"]
    check(n["outage_at_least_us"] <= 2.3e6 and n["outage_at_most_us"] >= 1.7e6, n)
    check("Gap from" in run["verdict"], run["verdict"])
    bounded(run)


@case("heal: what happens while strata itself stands still has bounds, and is no proof of health", "sim")
def stood_still(cloud):
    p = started(cloud)
    p.send_signal(signal.SIGSTOP)
    time.sleep(2)
    p.send_signal(signal.SIGCONT)
    run, t = ended(p)
    still = [g for g in run["gaps"] if "stood still" in g["what"]]
    check(still and still[0]["to_us"] - still[0]["from_us"] > 1.9e6, run["gaps"])
    for m in t.values():
        inside = m["at_us"] is not None and still[0]["from_us"] + 0.1e6 < m["at_us"] < still[0]["to_us"] + 0.1e6
        check(not inside or m["id"] in ("T9", "T11") or m["seen"] == "seen_late" and m["since_us"] <= max(still[0]["from_us"], 0) + 1000 and m["value"].startswith("<= "), m)       # as in bounded()
    check(any(m["seen"] == "seen_late" for m in t.values()), t)
    n = strip(run, "P3")["numbers"]
    check(n["not_sent"] >= 8 and n["blind_us"] > 1.9e6, n)
    check(re.search(r"K8s API 0 of \d+ failed, \d+ not sent \(up to [2-9]\.\d+ s unseen\)", run["headline"]), run["headline"])
    check("Gap from" in run["verdict"], run["verdict"])
    bounded(run)


@case("heal: while the API server is silent nothing is told, and what it says afterwards happened at some moment since", "sim")
def silent(cloud):
    p = started(cloud)
    cloud.sim.proc.send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    cloud.sim.proc.send_signal(signal.SIGCONT)
    run, t = ended(p)
    gaps = [g for g in run["gaps"] if "silent" in g["what"]]
    check(len(gaps) == 1 and gaps[0]["to_us"] - gaps[0]["from_us"] > 2.2e6, run["gaps"])
    late = [m for m in t.values() if m["seen"] == "seen_late"]
    check(late, "nothing was learnt by it: %s" % t)
    for m in t.values():
        inside = m["at_us"] is not None and gaps[0]["from_us"] + 0.1e6 < m["at_us"] <= gaps[0]["to_us"]
        check(not inside or m["seen"] == "seen_late" and m["since_us"] <= max(gaps[0]["from_us"], 0), m)
    bounded(run)


@case("heal: an API server that is not heard any more proves nothing: what became of the pod is not known", "sim")
def not_heard(cloud):
    p = started(cloud, "--timeout", "5s")
    cloud.sim.proc.send_signal(signal.SIGSTOP)
    try:
        run, t = ended(p, 1)
    finally:
        cloud.sim.proc.send_signal(signal.SIGCONT)
    equal(run["outcome"], "not_known", run["headline"])
    check(re.search(r"^NOT KNOWN: nothing heard from \S+ since [+-]\d+\.\d\d s: ", run["headline"]), run["headline"])
    check("not known" in run["verdict"] and "did not" not in run["verdict"], run["verdict"])


@case("heal: ended by TERM in the middle it prints what is known so far", "sim")
def interrupted(cloud):
    p = started(cloud)
    p.send_signal(signal.SIGTERM)
    run, t = ended(p, 1)
    equal(run["outcome"], "stopped", run["headline"])
    check("the pod was deleted, what came of it is not judged" in run["verdict"], run["verdict"])
    check(t["T0"]["at_us"] is not None and strip(run, "P3")["numbers"]["sent"] >= 0, t)


def bounded(run):
    """What was learnt by a gap lies in it, to its end."""
    for m in run["milestones"]:
        if m["seen"] != "seen_late" or m["id"] in ("T9", "T11"):               # those come of probes and of questions
            continue
        check(any(max(g["from_us"], 0) <= m["since_us"] + 1000 and g["to_us"] and m["at_us"] <= g["to_us"] for g in run["gaps"]), (m, run["gaps"]))


@case("heal: a token that is refused in the middle is renewed at once, and is no outage", "sim")
def refused_token(cloud):
    p = started(cloud, "--cloud", cloud.admin_cloud)
    cloud.sim.fault(kind="expire", on="openstack", count=1)
    run, t = ended(p)
    n = strip(run, "P2")["numbers"]
    equal((n["failed"], n["reauth"], n["by_class"]["http_4xx"]), (0, 1, 0), "numbers of the read: %s" % n)
    check(" asked for a new token" in run["verdict"] and "failed, down" not in run["headline"], run["verdict"])


@case("heal: a compacted history is a new list, with bounds", "sim")
def compacted(cloud):
    p = started(cloud)
    cloud.sim.fault(kind="compact")
    run, t = ended(p)
    equal(run["outcome"], "healed", run["verdict"])
    check(all(m["at_us"] is None or m["at_us"] >= 0 for m in t.values()), t)
    bounded(run)


def cloud_entry(sim, user):
    return {"auth": {"auth_url": sim.conf["openstack"] + "/identity/v3", "username": user, "password": sim.conf["password"], "project_name": user,
                     "user_domain_name": "Default", "project_domain_name": "Default"}, "region_name": "RegionOne", "cacert": sim.dir + "/ca.pem"}


@case("heal: of several clouds the one whose catalog leads to the pod is asked, and none where nothing or too much shows which", "sim")
def which_cloud(cloud):
    other, path = Sim("--seed", str(int(SEED) + 1)), cloud.home + "/several.yaml"
    entries = {"aaa": cloud_entry(other, "admin"), "aab": cloud_entry(other, "demo"), "zzz": cloud_entry(cloud.sim, "admin"), "zzy": cloud_entry(cloud.sim, "demo")}
    with open(path, "w") as f:
        json.dump({"clouds": entries}, f)
    run = lambda target, ns, clouds, *more: cloud.strata("heal", target, "-n", ns, "--yes", "-o", "json", "--context", context(cloud), "--cloud", clouds, *more,
                                                         env={"OS_CLIENT_CONFIG_FILE": path}, timeout=60)
    def probe(r):
        check(r.out.startswith("{"), r)
        return strip(json.loads(r.out)["runs"][-1], "P1")
    try:
        r = run("deployment/nova-api-osapi", "openstack", "*")
        p = probe(r)
        check(p["target"].startswith(cloud.sim.conf["openstack"] + "/compute"), p["target"])
        equal(p["tie"], "serves", p["basis"])
        check("leads to Service nova-api, by Ingress nova-api" in p["basis"] and "Tied to the pod" in r.out, p["basis"])
        rows = {w["name"]: w for w in json.loads(r.out)["runs"][-1]["rows"]}
        equal((rows["nova-compute"]["text"], rows["nova-compute"]["up_before"]), ("4 of 4 up", 4), "agents of Nova: %s" % rows)
        p = probe(run("deployment/nova-api-metadata", "openstack", "*"))       # two clouds' hypervisors are called like its nodes
        equal((p["tie"], p["samples"]), ("none", []), "a cloud was asked without evidence: " + p["target"])
        check("aaa, zzz are both behind" in p["note"], p["note"])
        r = run("deployment/nova-api-metadata", "openstack", "zzz")
        equal(probe(r)["tie"], "labels", "tie of the labels alone")
        check("tied to the pod by its labels only" in r.out and "API whole" not in r.out.replace("API whole again", ""), r)
        r = run("deployment/web", "lab", "*b")
        check("cloud aab was named" in probe(r)["basis"], r)
        r = run("deployment/web", "lab", "[az][az][by]", "--probe", "compute")
        equal(r.code, 2, r)
        check("nothing shows that" in r.err and "--cloud NAME" in r.err, r)
    finally:
        other.stop()


def alive(cloud):
    try:
        return cloud.sim.kube("/version")
    except OSError:
        time.sleep(0.1)
        return None
