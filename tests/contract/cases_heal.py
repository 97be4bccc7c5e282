"""What the self-healing stage must prove, on workloads of its own, so that the same cases run on the demo cloud and on real
controllers: order and durations of the milestones, the traffic of a server, clocks that lie, pods that will not heal."""
import contextlib
import http.server
import json
import re
import socket
import socketserver
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta

from case import collector
from cases_kubeapi import J, space
from cloud import check, equal, until

CASES = []
PARTS = 2
case = collector(CASES)
SLOW = {"pod-ready.stage.kwok.x-k8s.io/delay": "3s", "sim.strata/ready-ms": "3000"}      # ready 3 s after it was started


def workload(kind, replicas, labels=None, **spec):
    labels = dict(labels or {}, app="w")
    pod = {"containers": [{"name": "c", "image": "x:1", "ports": [{"containerPort": 80}]}], **spec}
    o = {"metadata": {"name": "w"}, "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "w"}},
         "template": {"metadata": {"labels": labels, "annotations": SLOW}, "spec": pod}}}
    if kind == "statefulsets":
        o["spec"]["serviceName"] = "w"
    return o


def pods(cloud, ns):
    return [o for o in cloud.kube("/api/v1/namespaces/%s/pods" % ns)["items"] if "deletionTimestamp" not in o["metadata"]]


@contextlib.contextmanager
def running(cloud, kind, replicas, **more):
    """A namespace with a workload called w, its service, and all its pods ready."""
    with space(cloud) as ns:
        until("the namespace has its account", lambda: cloud.raw("GET", "/api/v1/namespaces/%s/serviceaccounts/default" % ns)[0] == 200)
        svc = {"metadata": {"name": "w"}, "spec": {"selector": {"app": "w"}, "ports": [{"port": 80}]}}
        equal(cloud.raw("POST", "/api/v1/namespaces/%s/services" % ns, J, svc)[0], 201, "create the service")
        equal(cloud.raw("POST", "/apis/apps/v1/namespaces/%s/%s" % (ns, kind), J, workload(kind, replicas, **more))[0], 201, "create the workload")
        until("its pods are ready", lambda: len(ready(cloud, ns)) == replicas, 60)
        yield ns


def ready(cloud, ns):
    return [o for o in pods(cloud, ns) if any(c["type"] == "Ready" and c["status"] == "True" for c in o["status"].get("conditions", []))]


def heal(cloud, ns, kind, *args, code=0, env=None):
    r = cloud.strata("heal", kind + "/w", "-n", ns, "--yes", "-o", "json", *args, timeout=120, env=env)
    equal(r.code, code, r)
    run = json.loads(r.out)["runs"][-1]
    return run, {m["id"]: m for m in run["milestones"]}


def at(t, id):
    check(t[id]["at_us"] is not None, "%s was not seen: %s" % (id, t[id]))
    return t[id]["at_us"] / 1e6


@case("heal: a pod that gets ready 3 s after its start, with a twin: order and durations")
def durations(cloud):
    with running(cloud, "deployments", 2) as ns:
        run, t = heal(cloud, ns, "deployment")
    check(at(t, "T2") < 10, t["T2"])                     # not 30 s, which the old one is given
    check(at(t, "T2") < at(t, "T10"), "the new pod waited for the old one")
    started = at(t, "T6") if at(t, "T7") - at(t, "T6") > 1 else at(t, "T5")     # these kubelets tell both at once
    check(2.7 <= at(t, "T7") - started <= 8, "ready %.3f s after its start" % (at(t, "T7") - started))
    equal(t["T9"]["detail"], "2 of 2 endpoints", "T9")
    events = " ".join(n["text"] for n in run["notes"])
    for word in "SuccessfulCreate", "Scheduled", "Started", "Killing":
        check(word in events, "no %s in: %s" % (word, events))


@case("heal: a stateful set waits until the old pod is gone, and its new one has the old name")
def one_after_the_other(cloud):
    with running(cloud, "statefulsets", 1, terminationGracePeriodSeconds=5) as ns:
        run, t = heal(cloud, ns, "statefulset")
    check(at(t, "T10") <= at(t, "T2"), (t["T10"], t["T2"]))
    equal((run["pod"], run["new_pod"]), ("w-0", "w-0"), "names")
    check("only then the new one was made" in run["verdict"] or at(t, "T10") == at(t, "T2"), run["verdict"])
    equal(t["T11"]["seen"], "not_expected", "T11")


@case("heal: scaled to 0 is refused, a budget that allows nothing is told and does not stop a delete")
def will_it(cloud):
    with running(cloud, "deployments", 1) as ns:
        budget = {"metadata": {"name": "w"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "w"}}}}
        equal(cloud.raw("POST", "/apis/policy/v1/namespaces/%s/poddisruptionbudgets" % ns, J, budget)[0], 201, "create the budget")
        until("the budget is counted", lambda: cloud.kube("/apis/policy/v1/namespaces/%s/poddisruptionbudgets/w" % ns).get("status", {}).get("expectedPods"), 30)
        old = ready(cloud, ns)[0]["metadata"]["uid"]
        r = cloud.strata("heal", "deployment/w", "-n", ns, "--yes", timeout=120)
        equal(r.code, 0, r)
        check("disruption budget allows none now. DELETE does not ask it" in r.err + r.out, r)
        check("One replica" in r.err + r.out, r)
        check(old not in [o["metadata"]["uid"] for o in pods(cloud, ns)], "the pod is there")
        code, _, d = cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, "application/merge-patch+json", {"spec": {"replicas": 0}})
        equal(code, 200, d)
        until("no pod is left", lambda: not pods(cloud, ns), 30)
        r = cloud.strata("heal", "deployment/w", "-n", ns, "--yes")
        equal(r.code, 4, r)
        check("scaled to 0" in r.err, r)


class Echo:
    """A TCP port that stands for a server's traffic; away() closes it for a while and says how long nobody could connect."""

    def __init__(self):
        self.listen(0)
        self.port = self.socket.getsockname()[1]

    def listen(self, port):
        self.socket = socket.create_server(("127.0.0.1", port), backlog=64)
        self.socket.settimeout(0.05)
        self.on = True
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.on:
            try:
                self.socket.accept()[0].close()
            except OSError:
                pass

    def close(self):
        self.on = False
        self.thread.join()
        self.socket.close()

    def away(self, seconds):
        """At least, at most: this thread may stand still between a clock and what it does."""
        self.on = False
        self.thread.join()
        before = time.monotonic()
        self.socket.close()
        after = time.monotonic()
        time.sleep(seconds)
        back = time.monotonic()
        self.listen(self.port)
        return back - after, time.monotonic() - before


@case("heal: traffic of a server that is lost for longer than the pod is waited for until it is back, and is told by the strip of the data plane alone")
def data_plane(cloud):
    echo, lost = Echo(), []
    with running(cloud, "deployments", 2) as ns:
        old = {o["metadata"]["uid"] for o in ready(cloud, ns)}
        # counts from the delete on: nothing is lost while strata measures what is normal
        cut = threading.Thread(target=lambda: until("the delete", lambda: len(old & {o["metadata"]["uid"] for o in pods(cloud, ns)}) == 1, 60)
                               and lost.extend(echo.away(7)))
        cut.start()
        run, _ = heal(cloud, ns, "deployment", "--vm", "127.0.0.1:%d" % echo.port)
        cut.join()
    echo.close()
    vm = next(p for p in run["probes"] if p["probe"] == "P4")
    check(vm["data_plane"] and vm["numbers"]["failed"] > 5, vm["numbers"])
    low, high = vm["numbers"]["outage_at_least_us"] / 1e6, vm["numbers"]["outage_at_most_us"] / 1e6
    check(low <= lost[1] + 0.01 and lost[0] <= high + 0.01, "lost for %.3f to %.3f s, told %.3f to %.3f s" % (*lost, low, high))
    row = next(w for w in run["rows"] if w["role"] == "server")
    equal(row["text"], "TCP 127.0.0.1:%d: %d of %d failed" % (echo.port, vm["numbers"]["failed"], vm["numbers"]["sent"]), "the server's row")
    equal(vm["basis"], "that address was asked for", "why that address")
    told = re.search(r"VM traffic was touched, \d+ of \d+ failed, down for (\d+\.\d+) s to (\d+\.\d+) s", run["headline"])
    check("The data plane was touched" in run["verdict"] and told, run["headline"])
    check(abs(float(told[1]) - low) < 0.06 and abs(float(told[2]) - high) < 0.06, (run["headline"], low, high))
    equal(sum(p["numbers"]["failed"] for p in run["probes"] if not p["data_plane"]), 0, "failed requests of the APIs")


# ---- clocks ----

def moved(stamp, seconds):
    when = datetime.fromisoformat(stamp.rstrip("Z").split(".")[0]) + timedelta(seconds=seconds)
    rest = stamp[19:]                                          # the fraction and the Z
    return when.isoformat() + rest


NODE_TIMES = re.compile(r'("(?:startedAt|finishedAt|renewTime)": ?")([0-9T:.\-]+Z)')
NODE_CONDITION = re.compile(r'\{[^{}]*"type": ?"(?:Ready|ContainersReady|Initialized|PodReadyToStartContainers)"[^{}]*\}')
CONDITION_TIME = re.compile(r'("lastTransitionTime": ?")([0-9T:.\-]+Z)')


class Skewed(http.server.BaseHTTPRequestHandler):
    """The API server behind a clock that is 45 s ahead, its kubelets behind clocks that are 90 s late."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + 45)

    def rewrite(self, line):
        shift = lambda m: m.group(1) + moved(m.group(2), -90)
        line = NODE_CONDITION.sub(lambda m: CONDITION_TIME.sub(shift, m.group(0)), line)
        return NODE_TIMES.sub(shift, line)

    def answer(self):
        n = int(self.headers.get("Content-Length") or 0)
        rq = urllib.request.Request("http://base" + self.path, method=self.command, data=self.rfile.read(n) if n else None, headers={"Accept": "application/json"})
        if n:
            rq.add_header("Content-Type", self.headers.get("Content-Type", "application/json"))
        try:
            r = self.server.upstream.open(rq)
        except urllib.error.HTTPError as e:
            r = e
        with r:
            self.send_response(r.status)
            self.send_header("Content-Type", r.headers.get("Content-Type", "application/json"))
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for line in r:
                    data = self.rewrite(line.decode()).encode()
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PATCH = answer


class Proxy(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, upstream):
        super().__init__(("127.0.0.1", 0), Skewed)
        self.upstream = upstream
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def config(self, path):
        with open(path, "w") as f:
            f.write("{apiVersion: v1, kind: Config, current-context: skewed, contexts: [{name: skewed, context: {cluster: c, user: u}}], users: [{name: u, user: {}}], "
                    "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]}" % self.server_address[1])
        return path


@case("heal: an API server 45 s ahead and kubelets 90 s late change no duration, and are found out")
def skew(cloud):
    proxy = Proxy(cloud.sim or cloud.proxy)
    try:
        with running(cloud, "deployments", 2) as ns:
            run, t = heal(cloud, ns, "deployment", env={"KUBECONFIG": proxy.config(cloud.home + "/skewed")})
    finally:
        proxy.shutdown()
    seen = [m for m in t.values() if m["at_us"] is not None]
    check(all(m["at_us"] >= 0 and m["since_us"] >= 0 for m in seen), "a negative duration")
    started = at(t, "T6") if at(t, "T7") - at(t, "T6") > 1 else at(t, "T5")
    check(2.7 <= at(t, "T7") - started <= 8, "ready %.3f s after its start" % (at(t, "T7") - started))
    check(re.search(r"clock skew, the clock of the API server is 4[45]\.\d+ s ahead", run["verdict"]), run["verdict"])
    check(re.search(r"clock skew, the clock of node \S+ and that of the API server differ", run["verdict"]), run["verdict"])


@case("heal: a pod that finds no node any more is not healed, and the scheduler's reason is told")
def no_node(cloud):
    nodes = [n["metadata"]["name"] for n in cloud.kube("/api/v1/nodes")["items"] if n["metadata"]["name"].startswith("compute-") and not n["spec"].get("unschedulable")]
    path, mp = "/api/v1/nodes/" + nodes[0], "application/merge-patch+json"
    label = "strata-case-%d" % (time.monotonic_ns() % 10 ** 9)
    equal(cloud.raw("PATCH", path, mp, {"metadata": {"labels": {label: "here"}}})[0], 200, "label the node")
    try:
        with running(cloud, "deployments", 1, nodeSelector={label: "here"}) as ns:
            equal(cloud.raw("PATCH", path, mp, {"metadata": {"labels": {label: None}}})[0], 200, "take the label away")
            run, t = heal(cloud, ns, "deployment", "--timeout", "6s", code=1)
    finally:
        cloud.raw("PATCH", path, mp, {"metadata": {"labels": {label: None}}})
    equal(run["outcome"], "not_healed", run["verdict"])
    check(re.search(r"^NOT HEALED: it cannot be scheduled: 0/\d+ nodes are available: .*node affinity/selector", run["headline"]), run["headline"])
    check("last warning" not in run["headline"], "the reason twice: " + run["headline"])
    equal([t[m]["seen"] for m in ("T2", "T3", "T7", "T8")], ["seen", "not_seen", "not_seen", "not_seen"], "milestones")


@case("heal: a replacement that hangs in an init container: which one, what it waits for in its own words, how far it got", "sim")
def hangs(cloud):
    env = [{"name": "DEPENDENCY_SERVICE", "value": "openstack:mariadb"}]
    init = [{"name": "init", "image": "x:1", "env": env}]
    with running(cloud, "statefulsets", 1, terminationGracePeriodSeconds=1, initContainers=init) as ns:
        path, mp = "/apis/apps/v1/namespaces/%s/statefulsets/w" % ns, "application/merge-patch+json"
        equal(cloud.raw("PATCH", path, mp, {"spec": {"updateStrategy": {"type": "OnDelete"}}})[0], 200, "OnDelete")
        equal(cloud.raw("PATCH", path, mp, {"spec": {"template": {"metadata": {"annotations": {"sim.strata/behaviour": "init"}}}}})[0], 200, "the next pod hangs")
        run, t = heal(cloud, ns, "statefulset", "--timeout", "9s", code=1)
    check("init container init still runs, 0 of 1 are done; it waits for SERVICE openstack:mariadb" in run["headline"], run["headline"])
    check(re.search(r'its log: "\S.*Resolving dependency Service mariadb in namespace \S+ failed', run["why"]), run["why"])
    check(re.search(r"It got as far as T[34] ", run["verdict"]), run["verdict"])


@case("heal: scaling is bound to the uid: another workload of that name is left alone")
def scale_of_another(cloud):
    path, mp = "/apis/apps/v1/namespaces/%s/deployments/w", "application/merge-patch+json"
    with space(cloud) as ns:
        equal(cloud.raw("POST", "/apis/apps/v1/namespaces/%s/deployments" % ns, J, workload("deployments", 1))[0], 201, "create the deployment")
        scale = {"metadata": {"uid": "00000000-0000-0000-0000-000000000000"}, "spec": {"replicas": 0}}
        code, _, d = cloud.raw("PATCH", path % ns + "/scale", mp, scale)
        equal((code, d.get("reason")), (409, "Conflict"), d)
        check("Precondition failed: UID in precondition" in d["message"], d)
        o = cloud.kube(path % ns)
        equal(o["spec"]["replicas"], 1, "replicas")
        scale["metadata"]["uid"] = o["metadata"]["uid"]
        code, _, d = cloud.raw("PATCH", path % ns + "/scale", mp, scale)
        equal((code, d["spec"].get("replicas", 0)), (200, 0), d)
