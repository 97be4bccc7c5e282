"""Kubernetes: tables, selectors, objects, logs, deletes, exit statuses, contexts."""
import json
import os
import re
import subprocess
import time

import expect
from case import collector
from cases_heal import pods, ready, running
from cases_kubeapi import space
from cases_ops import journal
from cloud import STRATA, Skip, check, equal, settled, until

CASES = []
case = collector(CASES)
ALIAS = {"kernelversion": "kernel", "containerruntime": "runtime"}


def squeeze(title):
    return re.sub(r"[^a-z0-9]", "", title.lower())


def key(obj):
    return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def wanted(cloud, kind):
    """uid -> {title: cell} of all objects, from the server's Table, else worked out from the objects."""
    path, work = expect.KINDS[kind]
    if cloud.mode == "live" or kind == "pods":
        t = cloud.kube(path, table=True)
        titles = [squeeze(c["name"]) for c in t["columnDefinitions"]]
        return {r["object"]["metadata"]["uid"]: dict(zip(titles, r["cells"])) for r in t["rows"]}, t["columnDefinitions"]
    out, now = {}, time.time()
    for o in cloud.kube(path)["items"]:
        out[o["metadata"]["uid"]] = dict(work(o, now), name=o["metadata"]["name"], age=expect.age(expect.stamp(o["metadata"]["creationTimestamp"]), now))
    return out, None


def compare_table(cloud, kind, wide):
    want, columns = wanted(cloud, kind)
    rows = {c["uid"]: c for c in cloud.cells(kind, "-A")}
    equal(sorted(rows), sorted(want), "uids of %s" % kind)
    check(want, "there are no %s to compare" % kind)
    skip = {squeeze(c["name"]) for c in columns or [] if bool(c["priority"]) != wide}
    if kind == "events":
        skip.add("source")                                      # a column we do not have
    seen = 0
    for uid, cells in want.items():
        got = {squeeze(k): v for k, v in rows[uid].items()}
        for title, cell in cells.items():
            if title in skip or (kind == "events" and title == "age"):
                continue
            mine = got.get(ALIAS.get(title, title))
            check(mine is not None, "%s: no column for %s in %s" % (kind, title, sorted(got)))
            check(expect.same_cell(title, mine, cell), "%s %s: column %s: got %r, the server says %r" % (kind, got["name"], title, mine, cell))
            seen += 1
    check(seen, "nothing was compared")


@case("get {}: every column as the server's table has it", each=sorted(expect.KINDS))
def table_columns(cloud, kind):
    settled(lambda: compare_table(cloud, kind, False))


@case("get {}: the wide columns", "live", each=["pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "services", "nodes"])
def wide_columns(cloud, kind):
    settled(lambda: compare_table(cloud, kind, True))


@case("get pods: the wide columns on the demo cloud", "sim")
def wide_pods(cloud):
    settled(lambda: compare_table(cloud, "pods", True))


@case("pods: the demo cloud's own table says what its objects say", "sim")
def sim_truth(cloud):
    now = time.time()
    rows = {r["object"]["metadata"]["uid"]: r["cells"] for r in cloud.kube("/api/v1/pods", table=True)["rows"]}
    for o in cloud.kube("/api/v1/pods")["items"]:
        want, cells = expect.pods(o, now), rows[o["metadata"]["uid"]]
        for i, title in enumerate(("ready", "status", "restarts"), 1):
            check(expect.same_cell(title, cells[i], want[title]), "%s: %s: table %r, object %r" % (key(o), title, cells[i], want[title]))


@case("the pod table printed is kubectl's line by line")
def printed_pods(cloud):
    def once():
        ours = [line.split()[:4] for line in cloud.strata("get", "pods", "-A").out.splitlines()]
        theirs = [line.split()[:4] for line in cloud.kubectl("get", "pods", "-A").splitlines()]
        equal(sorted(ours), sorted(theirs), "namespace, name, ready, status")
    settled(once)


@case("a custom resource shows the server's own columns")
def custom(cloud):
    name = "openstackdeployments.lcm.hybrid.lab"
    t = cloud.kube("/apis/lcm.hybrid.lab/v1alpha1/openstackdeployments", table=True)
    rows = {c["uid"]: c for c in cloud.cells(name, "-A")}
    check(t["rows"], "no custom resources")
    for r in t["rows"]:
        got = {squeeze(k): v for k, v in rows[r["object"]["metadata"]["uid"]].items()}
        for c, cell in zip(t["columnDefinitions"], r["cells"]):
            check(expect.same_cell(squeeze(c["name"]), got[squeeze(c["name"])], cell), "column %s: %r, not %r" % (c["name"], got[squeeze(c["name"])], cell))


@case("a custom resource by its short name")
def short_name(cloud):
    equal(len(cloud.cells("osdpl", "-A")), len(cloud.kube("/apis/lcm.hybrid.lab/v1alpha1/openstackdeployments")["items"]), "rows")


@case("kubectl's short name {} is {}", each=[("po", "pods"), ("deploy", "deployments"), ("rs", "replicasets"), ("sts", "statefulsets"), ("ds", "daemonsets"),
                                            ("cj", "cronjobs"), ("svc", "services"), ("no", "nodes"), ("ns", "namespaces")])
def shorts(cloud, short, kind):
    settled(lambda: equal(sorted(c["uid"] for c in cloud.cells(short, "-A")), sorted(o["metadata"]["uid"] for o in cloud.kube(expect.KINDS[kind][0])["items"]), kind))


def some_label(cloud):
    counts = {}
    for o in cloud.kube("/api/v1/pods")["items"]:
        v = o["metadata"].get("labels", {}).get("application")
        if v:
            counts[v] = counts.get(v, 0) + 1
    return sorted(counts, key=lambda v: -counts[v])[0]


@case("label selector {}", each=["application={0}", "application!={0}", "application", "!application", "application in ({0},web)", "application notin ({0})"])
def selectors(cloud, text):
    sel = text.format(some_label(cloud))

    def once():
        want = json.loads(cloud.kubectl("get", "pods", "-A", "-l", sel, "-o", "json"))["items"]
        equal(sorted(c["uid"] for c in cloud.cells("pods", "-A", "-l", sel)), sorted(o["metadata"]["uid"] for o in want), sel)
    settled(once)


@case("one namespace with -n, several with -n a,b")
def namespaces(cloud):
    def once():
        for ns in ("lab", "lab,openstack"):
            got = cloud.cells("pods", "-n", ns)
            want = [o["metadata"]["uid"] for o in cloud.kube("/api/v1/pods")["items"] if o["metadata"]["namespace"] in ns.split(",")]
            equal(sorted(c["uid"] for c in got), sorted(want), "-n " + ns)
    settled(once)


@case("get {} -o json is what the server sent", each=["pods", "deployments", "nodes", "events"])
def json_list(cloud, kind):
    def once():
        r = cloud.strata("get", kind, "-A", "-o", "json")
        equal(r.code, 0, r)
        got = {o["metadata"]["uid"]: o for o in json.loads(r.out)["items"]}
        want = {o["metadata"]["uid"]: o for o in cloud.kube(expect.KINDS[kind][0])["items"]}
        equal(sorted(got), sorted(want), "uids")
        for uid, o in want.items():
            if got[uid]["metadata"]["resourceVersion"] == o["metadata"]["resourceVersion"]:
                equal(got[uid].get("spec"), o.get("spec"), "spec of %s" % (key(o),))
    settled(once)


@case("get -o name prints kind/name")
def names(cloud):
    r = cloud.strata("get", "deployments", "-n", "lab", "-o", "name")
    want = ["deployment.apps/" + o["metadata"]["name"] for o in cloud.kube("/apis/apps/v1/namespaces/lab/deployments")["items"]]
    got = [re.sub(r"^deployments?(\.apps)?/", "deployment.apps/", line) for line in r.out.split()]
    equal(sorted(got), sorted(want), "names")


@case("get -o yaml of one object names it, its uid and its version")
def yaml_one(cloud):
    o = cloud.kube("/apis/apps/v1/namespaces/lab/deployments/web")
    r = cloud.strata("get", "deployment", "web", "-n", "lab", "-o", "yaml")
    equal(r.code, 0, r)
    check("uid: " + o["metadata"]["uid"] in r.out and "name: web" in r.out, "no uid in %r" % r.out[:300])


@case("a name given twice with its kind finds one row")
def by_name(cloud):
    rows = cloud.cells("deployment", "web", "-n", "lab")
    equal([c["name"] for c in rows], ["web"], "names")


@case("--filter and --sort")
def filter_sort(cloud):
    rows = cloud.cells("pods", "-A", "--filter", "status:Running", "--sort", "-name")
    got = [c["name"] for c in rows]
    check(got and all("Running" in c["status"] for c in rows), "filter did not hold")
    check(got[0] >= got[-1], "not sorted downward: %s ... %s" % (got[0], got[-1]))


def web_pod(cloud):
    items = [o for o in cloud.kube("/api/v1/namespaces/lab/pods")["items"] if o["metadata"]["name"].startswith("web-") and "deletionTimestamp" not in o["metadata"]
             and expect.pod_status(o) == "Running"]
    return sorted(items, key=key)[0]


@case("describe pod: the same facts as kubectl describe")
def describe(cloud):
    p = web_pod(cloud)
    name = p["metadata"]["name"]
    r = cloud.strata("describe", "pod", name, "-n", "lab")
    equal(r.code, 0, r)
    theirs = cloud.kubectl("describe", "pod", name, "-n", "lab")
    squash = lambda t: {re.sub(r"\s+", " ", line.strip()) for line in t.splitlines()}
    missing = [line for line in squash(theirs) - squash(r.out) if re.match(r"(Name|Namespace|Priority|Service Account|Node|Start Time|Status|IP|Controlled By|Image|Image ID|"
                                                                           r"State|Ready|Restart Count|QoS Class|Container ID):", line)]
    equal(missing, [], "lines of kubectl describe we do not have")


@case("describe deployment and node: kubectl's first lines")
def describe_others(cloud):
    squash = lambda t: {re.sub(r"\s+", " ", line.strip()) for line in t.splitlines()}
    for kind, args in (("deployment", ("web", "-n", "lab")), ("node", ("compute-1",))):
        ours, theirs = cloud.strata("describe", kind, *args), cloud.kubectl("describe", kind, *args)
        equal(ours.code, 0, ours)
        missing = [line for line in squash(theirs) - squash(ours.out) if re.match(r"(Name|Namespace|Selector|Replicas|StrategyType|Roles|Unschedulable|Kernel Version|OS Image|"
                                                                                  r"Kubelet Version|System UUID|Machine ID):", line)]
        equal(missing, [], "%s: lines of kubectl describe we do not have" % kind)


@case("describe shows the events of the object")
def describe_events(cloud):
    with space(cloud) as ns:
        until("the namespace has its account", lambda: cloud.raw("GET", "/api/v1/namespaces/%s/serviceaccounts/default" % ns)[0] == 200)
        pod = {"metadata": {"name": "nowhere"}, "spec": {"nodeSelector": {"contract": "no-such-node"}, "containers": [{"name": "c", "image": "registry.example.org/life:1"}]}}
        equal(cloud.raw("POST", "/api/v1/namespaces/%s/pods" % ns, "application/json", pod)[0], 201, "a pod")
        until("the scheduler's event", lambda: any(e["reason"] == "FailedScheduling" for e in cloud.kube("/api/v1/namespaces/%s/events" % ns)["items"]), 60)
        r = cloud.strata("describe", "pod", "nowhere", "-n", ns)
        check("FailedScheduling" in r.out and "nodes are available" in r.out, r)


def log_pod(cloud):
    return [o for o in cloud.kube("/api/v1/namespaces/lab/pods")["items"] if o["metadata"]["name"].startswith("log-lab")][0]["metadata"]["name"]


def bare(line):
    """A line without escape sequences and without the fraction of a leading time stamp."""
    line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line.rstrip())
    return re.sub(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z ", r"\1Z ", line)


@case("logs {}: kubectl's lines", each=["--tail 5", "--tail 1", "--tail 20 --timestamps"])
def logs(cloud, opts):
    name, n = log_pod(cloud), int(opts.split()[1])

    def once():                                                 # the log goes on meanwhile: kubectl looks further back
        ours = cloud.strata("logs", name, "-n", "lab", "-c", "api", *opts.split())
        theirs = cloud.kubectl("logs", name, "-n", "lab", "-c", "api", "--tail=%d" % (n + 60), *opts.split()[2:])
        equal(ours.code, 0, ours)
        got, want = [bare(x) for x in ours.out.splitlines()], [bare(x) for x in theirs.splitlines()]
        equal(len(got), n, "number of lines")
        check(got[0] in want, "kubectl does not have %r but %r" % (got[0], want[-1]))
        at = want.index(got[0])
        equal(got, want[at:at + n], "lines")
    settled(once)


@case("logs of all containers name each of them")
def logs_all(cloud):
    name = log_pod(cloud)
    spec = cloud.kube("/api/v1/namespaces/lab/pods/" + name)["spec"]
    r = cloud.strata("logs", name, "-n", "lab", "--all-containers", "--tail", "2")
    equal(r.code, 0, r)
    for c in spec["containers"]:
        if c["name"] != "flood":
            check(c["name"] in r.out, "nothing of container %s in %r" % (c["name"], r.out[:400]))


@case("logs --previous of a container that crashed: kubectl's lines")
def logs_previous(cloud):
    crashed = [o for o in cloud.kube("/api/v1/pods")["items"] if "designate-worker" in o["metadata"]["name"]]
    if not crashed:
        raise Skip("nothing crashes here")
    m = crashed[0]["metadata"]

    def once():
        theirs = cloud.kubectl("logs", m["name"], "-n", m["namespace"], "--previous", ok=False)
        ours = cloud.strata("logs", m["name"], "-n", m["namespace"], "--previous")
        equal(ours.out.split("\n")[:3], theirs.split("\n")[:3], "lines")
    settled(once)


@case("logs of a container that is not there, of a pod that is not there")
def logs_wrong(cloud):
    name = log_pod(cloud)
    r = cloud.strata("logs", name, "-n", "lab", "-c", "nope")
    check(r.code != 0 and "nope" in r.err, r)
    r = cloud.strata("logs", "no-such-pod", "-n", "lab")
    check(r.code == 3 and "no-such-pod" in r.err, r)


def on_terminal(cloud, *args):
    """What strata writes to a terminal."""
    mine, theirs = os.openpty()
    p = subprocess.Popen([STRATA, *args], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, env=cloud.environ())
    os.close(theirs)
    out = b""
    try:
        while True:
            part = os.read(mine, 65536)
            out += part
            if not part:
                break
    except OSError:                                               # the other side is closed
        pass
    os.close(mine)
    p.wait(60)
    return out


@case("logs never let control characters through")
def logs_clean(cloud):
    name = log_pod(cloud)
    args = ["logs", name, "-n", "lab", "-c", "odd", "--tail", "40"]
    raw = on_terminal(cloud, *args).replace(b"\r\n", b"\n")
    check(raw and not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", raw), "control bytes in %r" % raw[:400])


@case("logs into a file or pipe are the server's bytes, with and without its stamps")
def logs_as_sent(cloud):
    name = log_pod(cloud)
    for opts in ([], ["--timestamps"]):
        args = ["logs", name, "-n", "lab", "-c", "odd", "--tail", "40", *opts]
        def once():                                               # it goes on meanwhile: what we have is a part of kubectl's
            mine = cloud.strata(*args).raw
            theirs = subprocess.run(["kubectl", *args[:6], "--tail", "80", *opts], capture_output=True, env=cloud.environ()).stdout
            check(5 < mine.count(b"\n") <= 40 and mine in theirs, "%r is no part of %r" % (mine[:900], theirs[:900]))
            check(re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", mine), "no control byte in 40 lines: %r" % mine[:600])
        settled(once)


@case("delete in --read-only is refused and nothing happens")
def read_only(cloud):
    p = web_pod(cloud)
    r = cloud.strata("--read-only", "delete", "pod", p["metadata"]["name"], "-n", "lab", "--yes")
    check(r.code not in (0, 1, 2) and "read-only" in r.err, r)
    now = cloud.kube("/api/v1/namespaces/lab/pods/" + p["metadata"]["name"])
    check(now["metadata"]["uid"] == p["metadata"]["uid"] and "deletionTimestamp" not in now["metadata"], "it was deleted")


@case("delete without --yes and without a terminal does nothing")
def no_yes(cloud):
    p = web_pod(cloud)
    r = cloud.strata("delete", "pod", p["metadata"]["name"], "-n", "lab")
    check(r.code != 0, r)
    check("deletionTimestamp" not in cloud.kube("/api/v1/namespaces/lab/pods/" + p["metadata"]["name"])["metadata"], "it was deleted")


@case("delete of a namespace: refused without --yes; with it the name on the command line is typed; a protected source wants its own with --confirm")
def confirm(cloud):
    ns, path = "strata-confirm", "/api/v1/namespaces/strata-confirm"
    make = lambda: equal(cloud.raw("POST", "/api/v1/namespaces", "application/json", {"metadata": {"name": ns}})[0], 201, "namespace made")
    gone = lambda: cloud.raw("GET", path)[0] == 404
    cloud.raw("DELETE", path)                          # of a run that was killed
    until("it is not there", gone, 60)
    make()
    config = cloud.home + "/protected.yaml"
    with open(config, "w") as f:
        f.write('sources: [{match: "*", protected: true}]\n')
    context = cloud.cells("ns", ns)[0]["source"]
    whole = context + "/" + ns
    for args in (["delete", "ns", ns], ["delete", "ns", ns, "--confirm", ns], ["--config", config, "delete", "ns", ns, "--yes"],
                 ["--config", config, "delete", "ns", ns, "--yes", "--confirm", context], ["--config", config, "delete", "ns", ns, "--yes", "--confirm", ns],
                 ["--config", config, "delete", "ns", ns, "--confirm", whole]):
        r = cloud.strata(*args)
        check(r.code == 4, (args, r))
        check("deletionTimestamp" not in cloud.kube(path)["metadata"], "it was deleted: %s" % args)
    r = cloud.strata("--config", config, "delete", "ns", ns, "--yes", "--confirm", whole)
    check(r.code == 0, r)
    until("the namespace is gone", gone, 60)
    make()
    r = cloud.strata("delete", "ns", ns, "--yes")
    check(r.code == 0, r)
    until("the namespace is gone", gone, 60)


@case("delete --dry-run asks the server and leaves the pod")
def dry_run(cloud):
    p = web_pod(cloud)
    r = cloud.strata("delete", "pod", p["metadata"]["name"], "-n", "lab", "--yes", "--dry-run")
    equal(r.code, 0, r)
    check("deletionTimestamp" not in cloud.kube("/api/v1/namespaces/lab/pods/" + p["metadata"]["name"])["metadata"], "it was deleted")


@case("delete --yes removes that uid, a replacement appears")
def delete(cloud):
    with running(cloud, "deployments", 1) as ns:
        (p,) = pods(cloud, ns)
        name, uid = p["metadata"]["name"], p["metadata"]["uid"]
        r = cloud.strata("delete", "pod", name, "-n", ns, "--yes")
        equal(r.code, 0, r)
        until("the pod is gone", lambda: uid not in {o["metadata"]["uid"] for o in pods(cloud, ns)}, 60)
        until("a new pod is ready", lambda: [o for o in ready(cloud, ns) if o["metadata"]["uid"] != uid], 60)
        equal([x["event"] for x in journal(cloud, uid) if x["event"] in ("intent", "outcome") and not x.get("dry_run")], ["intent", "outcome"], "the journal")


@case("exit status {1}: {0}", each=[("get nope", 3, "nope"), ("get pod nope -n lab", 3, "nope"), ("get pods --context zz", 1, "zz"), ("get pods --bogus", 2, "--bogus"),
                                    ("get", 2, ""), ("bogus-verb", 2, "bogus-verb"), ("describe pod nope -n lab", 3, "nope"), ("delete pod nope -n lab --yes", 3, "nope"),
                                    ("get pods -o bogus", 2, "cells"), ("get pods --sort bogus", 2, "bogus")])
def statuses(cloud, args, code, word):
    r = cloud.strata(*args.split())
    check(r.code == code and word in r.err and r.err.startswith("strata:"), r)
    check(len(r.err.strip().splitlines()) == 1, "more than one sentence: %r" % r.err)


CONTEXTS = [("nobody", "forbidden|not allowed"), ("bad-token", "token|refuse"), ("unreachable", "refused the connection"), ("wrong-ca", "certificate|CA"),
            ("exec-fails", "plugin")]


@case("context {}: fails with a sentence that says why", each=CONTEXTS)
def contexts_fail(cloud, name, words):
    r = cloud.strata("get", "pods", "-n", "lab", "--context", name)
    check(r.code == 1 and re.search(words, r.err), r)
    check(not re.search(r"[0-9a-f]{32}", r.err), "a token in %r" % r.err)


@case("context {}: works", each=["token-file", "viewer"])
def contexts_work(cloud, name):
    settled(lambda: equal(sorted(c["uid"] for c in cloud.cells("pods", "-n", "lab", "--context", name)),
                          sorted(o["metadata"]["uid"] for o in cloud.kube("/api/v1/namespaces/lab/pods")["items"]), name))


@case("context exec-plugin: works", "live")
def context_exec(cloud):
    contexts_work(cloud, "exec-plugin")


@case("context expired: says that the certificate expired", "live")
def context_expired(cloud):
    r = cloud.strata("get", "pods", "-n", "lab", "--context", "expired")
    check(r.code == 1 and "expired" in r.err, r)


@case("context ns-only: its own namespace; all namespaces is a part, and says so")
def ns_only(cloud):
    rows = cloud.cells("pods", "--context", "ns-only")
    check(rows and {c["namespace"] for c in rows} == {"openstack"}, "namespaces")
    r = cloud.strata("get", "pods", "-A", "--context", "ns-only")
    check(r.code == 1 and "only" in r.err and "openstack" in r.out, r)


@case("the viewer may not list nodes and secrets; the sentence is the server's")
def viewer_secrets(cloud):
    for kind in ("secrets", "nodes"):
        r = cloud.strata("get", kind, "-A", "--context", "viewer")
        check(r.code == 1 and "cannot list resource" in r.err, r)


@case("several contexts in one table: each row says where it is from")
def two_contexts(cloud):
    rows = cloud.cells("pods", "-n", "lab", "--context", "viewer", "--context", "token-file")
    equal({c["source"] for c in rows}, {"viewer", "token-file"}, "sources")


@case("a name that several objects bear: where each of them is")
def several_of_a_name(cloud):
    r = cloud.strata("describe", "configmap", "kube-root-ca.crt", "-A", "--context", "viewer")
    equal(r.code, 2, r)
    check("there are several configmap named 'kube-root-ca.crt'" in r.err.replace("configmaps", "configmap"), r)
    check("lab on viewer" in r.err and "kube-system on viewer" in r.err or r.err.rstrip().endswith(", ...)"), r)


@case("one broken context does not stop the others")
def one_broken(cloud):
    r = cloud.strata("get", "pods", "-n", "lab", "--context", "viewer", "--context", "bad-token", "-o", "cells")
    check(r.code == 1 and "bad-token" in r.err and '"source":"viewer"' in r.out, r)


@case("doctor: a line a check, exit status 0 when all is well")
def doctor(cloud):
    r = cloud.strata("doctor", "--cloud", cloud.admin_cloud)
    check(r.code == 0 and len(r.out.splitlines()) > 5, r)
    r = cloud.strata("doctor", "--context", "bad-token")
    check(r.code == 1 and "fail" in r.out.lower(), r)


def defaulted(pod):
    """What kubectl says on stderr about the container it chose."""
    spec, meta = pod["spec"], pod["metadata"]
    names = {c["name"] for k in ("containers", "initContainers", "ephemeralContainers") for c in spec.get(k) or []}
    wish = meta.get("annotations", {}).get("kubectl.kubernetes.io/default-container")
    if wish in names:
        return ""
    said = 'Default container name "%s" not found in pod %s\n' % (wish, meta["name"]) if wish else ""
    listed = [c["name"] for c in spec["containers"]] + ["%s (init)" % c["name"] for c in spec.get("initContainers") or []]
    return said + ('Defaulted container "%s" out of: %s\n' % (listed[0], ", ".join(listed)) if len(listed) > 1 else "")


@case("logs: the container that was taken is said as kubectl says it")
def logs_defaulted(cloud):
    pods = [p for p in cloud.kube("/api/v1/pods")["items"] if p["status"]["phase"] == "Running" and not p["metadata"].get("deletionTimestamp")
            and not p["spec"].get("ephemeralContainers")]
    chosen = {defaulted(p) != "": p for p in pods}                # one that needs the words, one that does not
    check(True in chosen, "no pod with several containers")
    for p in chosen.values():
        args = ["logs", p["metadata"]["name"], "-n", p["metadata"]["namespace"], "--tail", "1"]
        equal(cloud.strata(*args).err, defaulted(p), "stderr of %s" % " ".join(args))
        equal(cloud.strata(*args, "-c", p["spec"]["containers"][0]["name"]).err, "", "stderr with -c")


@case("get pods,services: one table after the other, the second kind's failure is the status")
def two_kinds(cloud):
    def once():
        r = cloud.strata("get", "pods,services", "-n", "openstack")
        tables = r.out.split("\n\n")
        check(r.code == 0 and len(tables) == 2, r)
        check(tables[0].startswith("NAME") and "READY" in tables[0].split("\n")[0] and "CLUSTER-IP" in tables[1].split("\n")[0], r)
        equal(tables[0].strip(), cloud.strata("get", "pods", "-n", "openstack").out.strip(), "the first table")
    settled(once)                                                # ages go on between two questions
    r = cloud.strata("get", "services,nosuchthing", "-n", "openstack")
    check(r.code == 3 and "CLUSTER-IP" in r.out and "nosuchthing" in r.err, r)
    r = cloud.strata("get", "pods,services", "-n", "openstack", "-o", "json")
    check(r.code == 2 and not r.out, r)


def without_reader(cloud, *args, err=False):
    """Exit status of strata whose standard output (and error) is a pipe that nobody reads."""
    end, start = os.pipe()
    os.close(end)
    try:
        p = subprocess.run([STRATA, *args], stdout=start, stderr=start if err else subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                           env=cloud.environ(), timeout=60)
    finally:
        os.close(start)
    return p.returncode


@case("delete --yes is done and says so by its status when nobody reads what it prints")
def delete_unread(cloud):
    path = "/api/v1/namespaces/lab/configmaps"
    for n in range(4):
        name = "unread-%d-%d" % (os.getpid(), n)
        made = cloud.raw("POST", path, "application/json", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        equal(made[0], 201, made)
        equal(without_reader(cloud, "delete", "configmap", name, "-n", "lab", "--yes", err=n % 2), 0, "exit status")
        equal(cloud.raw("GET", path + "/" + name)[0], 404, "status of the deleted " + name)


@case("a reader that has read enough is no failure: get, describe and logs end with 0, a full disk does not")
def read_enough(cloud):
    pod = log_pod(cloud)
    for args in (["get", "pods", "-A"], ["get", "pods", "-A", "--watch"], ["get", "pods", "-A", "-o", "json"], ["describe", "pod", pod, "-n", "lab"],
                 ["logs", pod, "-n", "lab", "-c", "odd", "-f"]):
        equal(without_reader(cloud, *args), 0, "exit status of " + " ".join(args))
    p = subprocess.Popen([STRATA, "get", "pods", "-A", "-o", "json"], stdout=subprocess.PIPE, env=cloud.environ())
    p.stdout.read(1)                                              # more than a pipe holds: the rest cannot be written
    p.stdout.close()
    equal(p.wait(60), 0, "exit status of get | head")
    with open("/dev/full", "w") as full:
        p = subprocess.run([STRATA, "get", "pods", "-A"], stdout=full, env=cloud.environ(), timeout=60)
    equal(p.returncode, 1, "exit status with a full disk")


@case("get -o {} of several sources and namespaces is one list whose items say their source", each=["json", "yaml"])
def one_list(cloud, form):
    read = json.loads if form == "json" else __import__("yaml").safe_load
    ask = lambda *args: read(cloud.strata("get", *args, "-o", form).out)
    both = ["--context", "viewer", "--context", "token-file"]
    doc = ask("pods", "-n", "lab,openstack", *both)
    equal((doc["apiVersion"], doc["kind"]), ("v1", "List"), "the document")
    got = {(o["strata_source"], o["metadata"]["namespace"]) for o in doc["items"]}
    equal(got, {(s, n) for s in ("viewer", "token-file") for n in ("lab", "openstack")}, "sources and namespaces")
    pod = log_pod(cloud)
    equal([o["strata_source"] for o in ask("pod", pod, "-n", "lab", *both)["items"]], ["viewer", "token-file"], "sources of one name")
    equal(ask("pods", "-n", "kube-public", *both)["items"], [], "none")
    one = ask("pods", "-n", "lab,openstack")
    equal({o["metadata"]["namespace"] for o in one["items"] if "strata_source" not in o}, {"lab", "openstack"}, "one source need not be said")
    equal(ask("pod", pod, "-n", "lab")["metadata"]["name"], pod, "one by name stands alone")
    equal([o["metadata"]["name"] for o in ask("pods", "-n", "lab", "--filter", "name=" + pod)["items"]], [pod], "chosen by a filter")
    servers = ask("server", "--cloud", cloud.admin_cloud, "--cloud", cloud.member_cloud)["servers"]
    equal({s["strata_source"] for s in servers}, {cloud.admin_cloud, cloud.member_cloud}, "clouds")
