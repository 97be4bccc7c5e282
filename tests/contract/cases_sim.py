"""What only the demo cloud can do on request: pages, deltas, faults, hostile text; recoveries seen through --watch."""
import http.client
import json
import os
import re
import select
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from case import collector
from cloud import SIM, STRATA, Sim, check, equal, settled, until
from h2 import Dying

CASES = []
PARTS = 3
case = collector(CASES)


class Watch:
    """strata get KIND --watch -o cells, its lines as they come."""

    def __init__(self, cloud, *args):
        self.proc = subprocess.Popen([STRATA, "get", *args, "--watch", "-o", "cells"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, env=cloud.environ())
        self.rest, self.rows = b"", []

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.proc.kill()
        self.proc.wait()
        self.proc.stdout.close()

    def wait(self, what, test, seconds=40):
        """Reads on until a row satisfies the test (those already read count too)."""
        end = time.monotonic() + seconds
        seen = 0
        while True:
            for row in self.rows[seen:]:
                if test(row):
                    return row
            seen = len(self.rows)
            left = end - time.monotonic()
            check(left > 0, "not within %s s: %s" % (seconds, what))
            if not select.select([self.proc.stdout], [], [], left)[0]:
                continue
            got = os.read(self.proc.stdout.fileno(), 65536)
            check(got, "strata ended: %s" % self.proc.poll())
            lines = (self.rest + got).split(b"\n")
            self.rest = lines.pop()
            self.rows += [json.loads(x) for x in lines if x.strip()]


def web(cloud):
    return [o["metadata"] for o in cloud.sim.kube("/api/v1/namespaces/lab/pods")["items"] if o["metadata"]["name"].startswith("web-") and
            "deletionTimestamp" not in o["metadata"]]


def kill_one(cloud):
    name = web(cloud)[0]["name"]
    before = {m["uid"] for m in web(cloud)}
    cloud.sim.kube("/api/v1/namespaces/lab/pods/" + name, method="DELETE")
    return before, until("a replacement", lambda: [m["uid"] for m in web(cloud) if m["uid"] not in before])[0]


@case("--watch shows a replacement from Pending to Running", "sim")
def watch_replacement(cloud):
    with Watch(cloud, "pods", "-n", "lab") as w:
        w.wait("first rows", lambda r: r["name"].startswith("web-"))
        _, uid = kill_one(cloud)
        w.wait("the new pod", lambda r: r["uid"] == uid)
        w.wait("the new pod ready", lambda r: r["uid"] == uid and r["ready"] == "1/1")


FAULTS = [
    ("429 with Retry-After on the list", dict(kind="status", status=429, retry_after=1, on="kube", prefix="/api/v1/", count=3)),
    ("three answers of 500", dict(kind="status", status=500, on="kube", prefix="/api/v1/namespaces/lab/pods", count=3)),
    ("three answers of 503", dict(kind="status", status=503, on="kube", prefix="/api/v1/", count=3)),
    ("cut bodies", dict(kind="cut", on="kube", prefix="/api/v1/namespaces/lab/pods", count=2)),
    ("JSON that ends in the middle", dict(kind="malformed", on="kube", prefix="/api/v1/namespaces/lab/pods", count=2)),
    ("connections closed without an answer", dict(kind="close", on="kube", count=3)),
    ("latency of 700 ms", dict(kind="latency", ms=700, on="kube", count=6)),
]


@case("watching goes on after {0}", "sim", each=FAULTS)
def recover(cloud, what, spec):
    cloud.sim.fault(**spec)
    with Watch(cloud, "pods", "-n", "lab") as w:
        w.wait("first rows", lambda r: r["name"].startswith("web-"))
        _, uid = kill_one(cloud)
        w.wait("the new pod ready", lambda r: r["uid"] == uid and r["ready"] == "1/1")


@case("watching goes on after 410: the history was compacted", "sim")
def compacted(cloud):
    with Watch(cloud, "pods", "-n", "lab") as w:
        w.wait("first rows", lambda r: r["name"].startswith("web-"))
        cloud.sim.fault(kind="compact")
        _, uid = kill_one(cloud)
        w.wait("the new pod ready", lambda r: r["uid"] == uid and r["ready"] == "1/1")


@case("watching goes on after the API server refused connections for 2 s", "sim")
def refused(cloud):
    with Watch(cloud, "pods", "-n", "lab") as w:
        w.wait("first rows", lambda r: r["name"].startswith("web-"))
        cloud.sim.fault(kind="refuse", on="kube", ms=2000)

        def back():
            try:
                return cloud.sim.kube("/version")
            except OSError:
                return None
        until("the server is back", back)
        _, uid = kill_one(cloud)
        w.wait("the new pod ready", lambda r: r["uid"] == uid and r["ready"] == "1/1", 60)


@case("a list in pages whose token expires in between is asked again", "sim")
def page_expired(cloud):
    equal(len(cloud.cells("pods", "-A")), len(cloud.sim.kube("/api/v1/pods")["items"]), "rows")
    got = cloud.sim.kube("/api/v1/pods?limit=5")
    token = got["metadata"]["continue"]
    cloud.sim.fault(kind="compact")
    try:
        cloud.sim.kube("/api/v1/pods?limit=5&continue=" + token)
        raise AssertionError("the demo cloud took an old token")
    except OSError as e:
        equal(getattr(e, "code", None), 410, "status")


@case("2,500 pods in pages: all of them, once each", "sim")
def many_pods(cloud):
    sim = Sim("--pods", "2500")
    try:
        rows = cloud.cells("pods", "-A", env=sim.env())
        want = {o["metadata"]["uid"] for o in sim.kube("/api/v1/pods")["items"]}
        equal(len(rows), len(want), "rows")
        equal({c["uid"] for c in rows}, want, "uids")
    finally:
        sim.stop()


@case("2,300 servers in pages of nova's limit: all of them, once each", "sim")
def many_servers(cloud):
    sim = Sim("--servers", "2300")
    try:
        rows = cloud.os_cells("server", env=sim.env(), timeout=120)
        check(len(rows) == len({c["id"] for c in rows}) and len(rows) > 2300, "%d rows, %d ids" % (len(rows), len({c["id"] for c in rows})))
    finally:
        sim.stop()


@case("changes-since: a deleted server leaves the table", "sim")
def server_deleted(cloud):
    find = lambda: [c for c in cloud.os_cells("server") if c["name"] == "old-batch-01"]
    with Watch(cloud, "server", "--cloud", "demo") as w:
        w.wait("first rows", lambda r: r["name"] == "old-batch-01")
        ostk(cloud, "DELETE", "/compute/v2.1/servers/" + find()[0]["id"])
        until("it left the table", lambda: not find(), 30)
        check(cloud.sim.proc.poll() is None and w.proc.poll() is None, "someone ended")


def ostk(cloud, method, path, body=None, user="admin", project="admin"):
    """A request with a fresh token, apart from strata and openstackclient."""
    import urllib.request
    conf = cloud.sim.conf
    domain = {"name": "Default"}
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": user, "domain": domain, "password": conf["password"]}}},
                     "scope": {"project": {"name": project, "domain": domain}}}}
    rq = urllib.request.Request(conf["openstack"] + "/identity/v3/auth/tokens", data=json.dumps(auth).encode(), method="POST")
    with urllib.request.urlopen(rq, timeout=10, context=cloud.sim.ssl) as r:
        token = r.headers["X-Subject-Token"]
    rq = urllib.request.Request(conf["openstack"] + path, method=method, data=json.dumps(body).encode() if body else None,
                                headers={"X-Auth-Token": token, "OpenStack-API-Version": "compute 2.93", "Content-Type": "application/json"})
    with urllib.request.urlopen(rq, timeout=10, context=cloud.sim.ssl) as r:
        text = r.read()
        return json.loads(text) if text else None


@case("a server in BUILD becomes ACTIVE under the watch", "sim")
def build(cloud):
    sim = Sim()
    old, cloud.sim, cloud.env_extra = cloud.sim, sim, sim.env()
    try:
        with Watch(cloud, "server", "--cloud", "demo") as w:
            w.wait("it is being built", lambda r: r["name"] == "building-01" and r["status"] == "BUILD")
            w.wait("it is active", lambda r: r["name"] == "building-01" and r["status"] == "ACTIVE", 60)
    finally:
        cloud.sim, cloud.env_extra = old, old.env()
        sim.stop()


OS_FAULTS = [
    ("429 of nova", dict(kind="status", status=429, retry_after=1, on="openstack", prefix="/compute/v2.1/servers", count=2)),
    ("500 of nova", dict(kind="status", status=500, on="openstack", prefix="/compute/v2.1/servers", count=2)),
    ("503 of neutron", dict(kind="status", status=503, on="openstack", prefix="/network/", count=1)),
    ("a cut body of nova", dict(kind="cut", on="openstack", prefix="/compute/v2.1/servers", count=1)),
]


@case("servers come after {0}", "sim", each=OS_FAULTS)
def os_recover(cloud, what, spec):
    cloud.sim.fault(**spec)
    with Watch(cloud, "server", "--cloud", "demo") as w:
        w.wait("servers", lambda r: r["name"] == "paused-01", 60)


@case("a busy server is given the time it asks for, and who waits is told: {0}", "sim",
      each=[("pods", ["pods", "-n", "lab"], dict(on="kube", prefix="/api/v1/namespaces/lab/pods", status=503)),
            ("pods as JSON", ["pods", "-n", "lab", "-o", "json"], dict(on="kube", prefix="/api/v1/namespaces/lab/pods", status=429)),
            ("servers", ["server", "--cloud", "demo"], dict(on="openstack", prefix="/compute/v2.1/servers", status=503))])
def patience(cloud, what, args, spec):
    cloud.sim.fault(kind="status", retry_after=3, count=1, **spec)
    r = cloud.strata("get", *args)
    check(r.code == 0 and len(r.out.splitlines()) > 1, r)
    check(re.fullmatch(r"strata: (admin|demo): (compute API )?asks for patience \(HTTP %d\): it is asked again in 3 s\n" % spec["status"], r.err), r)


@case("describe of a named pod: no list, and its events are asked for beside it", "sim")
def describe_at_once(cloud):
    name = web(cloud)[0]["name"]
    with tempfile.TemporaryDirectory(prefix="strata-trace.") as d:
        r = cloud.strata("describe", "pod", name, "-n", "lab", env={"STRATA_TRACE": d + "/trace"})
        check(r.code == 0 and "Name:" in r.out, r)
        with open(d + "/trace") as f:
            lines = [json.loads(line) for line in f]
    net = [(e["event"], e["text"]) for e in lines if e["cat"] == "net" and e["event"] in ("send", "done")]
    check(not any("limit=100" in text for _, text in net), "a list was asked for: %s" % net)
    sent = [i for i, (event, text) in enumerate(net) if event == "send" and ("/pods/" + name in text or "/events?" in text)]
    call = net[sent[0]][1].split(" ")[1]
    done = [i for i, (event, text) in enumerate(net) if event == "done" and call in text.split(" ")][0]
    check(len(sent) == 2 and sent[1] < done, "one after the other: %s" % net)


@case("a credential plugin that takes its time is named", "sim")
def slow_plugin(cloud):
    with tempfile.TemporaryDirectory(prefix="strata-plugin.") as d:
        os.mkfifo(d + "/go")
        plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "interactiveMode": "Never", "args": ["-c", "cat %s/go" % d]}
        conf = json.loads(cloud.kubectl("config", "view", "--raw", "--minify", "--context", "admin", "-o", "json"))
        conf["users"][0]["user"] = {"exec": plugin}
        with open(d + "/config", "w") as f:
            json.dump(conf, f)
        proc = subprocess.Popen([STRATA, "get", "pods", "-n", "lab", "-o", "name", "--kubeconfig", d + "/config"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=cloud.environ())
        try:
            equal(proc.stderr.readline(), "strata: admin: waiting for the credential plugin /bin/sh\n", "its words")
            with open(d + "/go", "w") as f:
                json.dump({"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "status": {"token": cloud.sim.conf["token"]}}, f)
            out, err = proc.communicate(timeout=30)
        finally:
            proc.kill()
            proc.wait()
        check(proc.returncode == 0 and "pod/web-" in out and not err, "exit %s, %r, %r" % (proc.returncode, out, err))


@case("a 401 runs the credential plugin once more, and the request is repeated", "sim")
def plugin_again(cloud):
    with tempfile.TemporaryDirectory(prefix="strata-plugin.") as d:
        reply = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "of-yesterday"}}
        for n, token in ((1, "of-yesterday"), (2, cloud.sim.conf["token"])):
            with open("%s/%d" % (d, n), "w") as f:
                json.dump(dict(reply, status={"token": token}), f)
        plugin = {"apiVersion": reply["apiVersion"], "command": "/bin/sh", "interactiveMode": "Never",
                  "args": ["-c", "echo x >>%s/runs; cat %s/$(wc -l <%s/runs)" % (d, d, d)]}
        conf = json.loads(cloud.kubectl("config", "view", "--raw", "--minify", "--context", "admin", "-o", "json"))
        conf["users"][0]["user"] = {"exec": plugin}
        with open(d + "/config", "w") as f:
            json.dump(conf, f)
        r = cloud.strata("get", "pods", "-n", "lab", "-o", "name", "--kubeconfig", d + "/config")
        check(r.code == 0 and "pod/web-" in r.out and not r.err, r)
        with open(d + "/runs") as f:
            equal(f.read(), "x\nx\n", "runs of the plugin")


@case("expired tokens are renewed without a word", "sim")
def renewed(cloud):
    with Watch(cloud, "server", "--cloud", "demo") as w:
        row = w.wait("servers", lambda r: r["name"] == "paused-01")
        cloud.sim.fault(kind="expire")
        ostk(cloud, "POST", "/compute/v2.1/servers/%s/action" % row["id"], {"unpause": None})
        try:
            w.wait("the change after the expiry", lambda r: r["name"] == "paused-01" and r["status"] == "ACTIVE", 60)
        finally:
            ostk(cloud, "POST", "/compute/v2.1/servers/%s/action" % row["id"], {"pause": None})


@case("hostile text: no control byte on standard output: {}", "sim", each=["get pods -A -o wide", "get events -A -o wide", "get events -A -o cells", "get server --cloud demo -o wide",
                                                                          "describe pod bare-debug-pod -n openstack", "get os-services --cloud demo",
                                                                          "get pod bare-debug-pod -n openstack -o yaml", "get events -A -o yaml"])
def hostile(cloud, args):
    r = cloud.strata(*args.split())
    equal(r.code, 0, r)
    bad = re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]", r.raw)
    check(not bad, "control bytes near %r" % (r.raw[max(0, bad.start() - 60):bad.end() + 20] if bad else b""))


@case("text that turns hostile on request: {}", "sim", each=["get events -n openstack -o wide", "get server --cloud demo --long", "describe pod bare-debug-pod -n openstack",
                                                            "get pods -n openstack -o yaml"])
def turns_hostile(cloud, args):
    cloud.sim.fault(kind="hostile")
    r = cloud.strata(*args.replace(" --long", "").split())
    bad = re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]", r.raw)
    check(not bad, "control bytes near %r" % (r.raw[max(0, bad.start() - 60):bad.end() + 20] if bad else b""))
    check(any(e["message"].startswith("\x1b[2J") for e in cloud.sim.kube("/api/v1/events")["items"]), "the fault does nothing")


@case("bearer tokens that expired are refused with 401, until the fault is cleared", "sim")
def bearer(cloud):
    cloud.sim.fault(kind="expire", on="mgmt")
    r = cloud.strata("get", "pods", "-n", "lab", "--context", "viewer")
    check(r.code and "refuses the token of user viewer" in r.err, r)
    cloud.sim.clear()
    equal(cloud.strata("get", "pods", "-n", "lab", "--context", "viewer").code, 0, "after it")


@case("the manual of strata-sim names every option and every fault", "sim")
def manual(cloud):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "..", "man", "strata-sim.1.in"), encoding="utf-8") as f:
        page = f.read()
    usage = subprocess.run([SIM, "--help"], capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"--([a-z-]+)", usage)):
        check("Fl \\-" + option in page, "--%s is not in the manual" % option)
    for kind in re.search(r'"kind":"([a-z|]+)"', usage).group(1).split("|"):
        check(".It Cm " + kind in page, "the fault %s is not in the manual" % kind)


@case("a body without end is refused, soon", "sim")
def endless(cloud):
    cloud.sim.fault(kind="endless", on="kube", prefix="/api/v1/namespaces/lab/pods")
    r = cloud.strata("get", "pods", "-n", "lab", timeout=60)
    check(r.code == 1 and r.err.startswith("strata:"), r)


@case("clock skew is said by the doctor", "sim")
def skew(cloud):
    cloud.sim.fault(kind="skew", ms=600000)
    r = cloud.strata("doctor", "--context", "admin")
    check(re.search(r"clock", r.out) and re.search(r"(599|600)[.0-9]* s ahead", r.out), r.out)


@case("a kept HTTP/2 connection that the server gave up is no error: asked once more", "sim")
def stale_connection(cloud):
    server = Dying()
    try:
        r = cloud.strata("doctor", "--kubeconfig", server.kubeconfig(), "--context", "h2")
        check(r.code == 0 and "closed" not in r.out and server.connections >= 2, "%r, %d connections" % (r, server.connections))
    finally:
        server.stop()


@case("doctor asks for the rights in the namespaces that will be shown", "sim")
def doctor_namespaces(cloud):
    own = cloud.strata("doctor", "--context", "admin")
    check(" list pods " in own.out and "in all namespaces" not in own.out and "allowed in namespace " in own.out, own)
    two = cloud.strata("doctor", "--context", "admin", "-n", "lab,openstack")
    for ns in ("lab", "openstack"):
        check(re.search(r"ok +admin +read logs +allowed in namespace %s\n" % ns, two.out), two)
    equal(len(re.findall("list nodes", two.out)), 1, "a right that has no namespace")
    check("allowed in all namespaces" in cloud.strata("doctor", "--context", "admin", "-A").out, "-A")


@case("406 for a microversion nobody has; version documents", "sim")
def versions(cloud):
    import urllib.error
    import urllib.request
    base = cloud.sim.conf["openstack"]
    rq = urllib.request.Request(base + "/compute/v2.1/servers", headers={"OpenStack-API-Version": "compute 2.99"})
    try:
        urllib.request.urlopen(rq, timeout=10, context=cloud.sim.ssl)
        raise AssertionError("2.99 was taken")
    except urllib.error.HTTPError as e:
        equal(e.code, 406, "status")
        check("Minimum is 2.1 and maximum is 2.93" in e.read().decode(), "the real words")


@case("the demo cloud goes without a trace when its standard input ends", "sim")
def gone(cloud):
    sim = Sim()
    files = os.listdir(sim.dir)
    check("kubeconfig" in files and all(os.stat(sim.dir + "/" + f).st_mode & 0o77 == 0 for f in files), "files %s" % files)
    sim.fault(kind="latency", on="kube", ms=600000)
    asked = subprocess.Popen([STRATA, "doctor"], env=dict(os.environ, **sim.env()), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until("a request that is put off", lambda: any(f["hits"] for f in sim.state()["faults"]))
    sim.proc.stdin.close()                                     # it does not wait for that one
    equal(sim.proc.wait(10), 0, "exit status")
    asked.kill()
    asked.wait()
    equal(os.listdir(sim.dir), [], "what is left")
    os.rmdir(sim.dir)


@case("a theme that is not there is an error in batch mode, too", "sim")
def wrong_theme(cloud):
    r = cloud.strata("get", "pods", "-n", "lab", "--theme", "nope")
    check(r.code == 2 and 'no theme is called "nope"' in r.err and not r.out, r)
    equal(cloud.strata("get", "pods", "-n", "lab", "--theme", "mono").code, 0, "a theme that is there")


@case("logs -f of a workload forgets the streams of pods that are gone, and goes on with the new ones", "sim")
def logs_forget(cloud):
    trace = cloud.home + "/logs.trace"
    proc = subprocess.Popen([STRATA, "logs", "-f", "deployment/web", "-n", "lab", "--tail", "1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, env=cloud.environ(STRATA_TRACE=trace, STRATA_TRACE_CATS="kube"))
    try:
        proc.stdout.readline()
        name = web(cloud)[0]["name"]
        kill_one(cloud)
        until("the stream of %s is forgotten" % name, lambda: re.search(r"forgotten: %s/" % re.escape(name), open(trace).read()), 40)
        fresh = {m["name"] for m in web(cloud)} - {name}
        end, seen, rest = time.monotonic() + 40, set(), b""
        while not fresh <= seen:
            left = end - time.monotonic()
            check(left > 0, "no lines of %s, only of %s" % (fresh, seen))
            if select.select([proc.stdout], [], [], left)[0]:
                rest += os.read(proc.stdout.fileno(), 65536)
                seen |= set(re.findall(r"^\[([^/\]]+)", rest.decode("utf-8", "replace"), re.M))
        check(proc.poll() is None, "it ended")
    finally:
        proc.kill()
        proc.wait()
        proc.stdout.close()


@case("files of a demo cloud that was killed go when the next one starts; those of one that lives stay", "sim")
def orphans(cloud):
    with tempfile.TemporaryDirectory() as tmp:
        def start():
            p = subprocess.Popen([SIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ, TMPDIR=tmp), text=True)
            return p, p.stdout.readline().split()[1], p.stdout.readline()
        lives, here, _ = start()
        killed, there, exports = start()
        check("KUBECONFIG=%s/kubeconfig" % there in exports and "OS_CLOUD=demo" in exports, exports)
        os.mkdir(tmp + "/strata-sim.foreign")
        killed.kill()
        killed.wait()
        check(os.path.exists(there + "/kubeconfig"), "it could not tidy up")
        third, again, _ = start()
        equal(sorted(os.listdir(tmp)), sorted([os.path.basename(here), os.path.basename(again), "strata-sim.foreign"]), "directories")
        check(os.path.exists(here + "/sim.json"), "the files of the one that lives are gone")
        for p in (lives, third):
            p.stdin.close()
            p.wait(10)
        equal(os.listdir(tmp), ["strata-sim.foreign"], "what is left at the end")


CERTIFICATES = [("the other CA", "cacert: '{0}/other.pem'", 1, "certificate|CA|TLS"), ("no CA", "", 1, "certificate|CA"),
                ("a CA file that is not there", "cacert: '{0}/none.pem'", 1, "none.pem|CA"), ("verify: false", "verify: false", 0, "")]


@case("the OpenStack APIs are TLS; a clouds.yaml with {0}", "sim", each=CERTIFICATES)
def certificates(cloud, what, line, code, said):
    with open(cloud.sim.dir + "/clouds.yaml") as f:
        text = f.read()
    equal(text.count("cacert: '%s/ca.pem'" % os.path.realpath(cloud.sim.dir)), 3, "every cloud names the CA")
    check("http:" not in text, text)
    with tempfile.TemporaryDirectory() as d:
        other = Sim()
        with open(other.dir + "/ca.pem") as f, open(d + "/other.pem", "w") as to:
            to.write(f.read())
        other.stop()
        with open(d + "/clouds.yaml", "w") as f:
            f.write(re.sub("cacert: .*", line.format(d), text))
        r = cloud.strata("get", "server", "--cloud", "demo", env={"OS_CLIENT_CONFIG_FILE": d + "/clouds.yaml"})
    equal(r.code, code, r)
    check(re.search(said, r.err) if code else "shop-frontend" in r.out, r)


NUMBERS = [("--pods", "-4"), ("--servers", "x"), ("--churn", "-1"), ("--seed", "-3"), ("--history", "0"), ("--speed", "abc")]


@case("strata-sim {0} {1}: refused, with what is wanted", "sim", each=NUMBERS)
def numbers(cloud, name, value):
    p = subprocess.run([SIM, name, value], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    check(p.returncode == 2 and p.stderr.startswith("strata-sim: %s wants a" % name), p.stderr)


@case("strata-sim --dir never touches files that are not its own, and takes over those of one that was killed", "sim")
def own_files(cloud):
    def ends(*args):
        p = subprocess.run([SIM, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        return p.returncode, p.stderr
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/clouds.yaml", "w") as f:
            f.write("MINE")
        code, said = ends("--dir", d)
        check(code == 1 and d + " has a file clouds.yaml" in said, said)
        equal(os.listdir(d), ["clouds.yaml"], "files")
        equal(open(d + "/clouds.yaml").read(), "MINE", "what was in it")
        os.unlink(d + "/clouds.yaml")
        first = subprocess.Popen([SIM, "--dir", d], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        check(first.stdout.readline().startswith("ready "), "it did not start")
        mine = open(d + "/sim.json").read()
        code, said = ends("--dir", d)
        check(code == 1 and d + " has a file" in said, said)
        equal(open(d + "/sim.json").read(), mine, "the first one's file")
        first.kill()
        first.communicate()
        second = subprocess.Popen([SIM, "--dir", d], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        check(second.stdout.readline().startswith("ready "), "the dead one's files are in its way")
        second.communicate()
        equal(os.listdir(d), [], "what is left at the end")
    code, said = ends("bogus")
    check(code == 2 and '"bogus"' in said, said)


@case("watches whose clients went away without a word hold no connection of the demo cloud", "sim")
def forsaken_watches(cloud):
    ask = "http://base/api/v1/namespaces/forsaken/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    own = Sim()
    try:
        fds = "/proc/%d/fd" % own.proc.pid
        stays = http.client.HTTPSConnection("127.0.0.1", urllib.parse.urlsplit(own.conf["kubernetes"]).port, context=own.ssl)
        stays.request("GET", "/version")                           # one that is older, and is kept
        stays.getresponse().read()
        before = len(os.listdir(fds))
        quiet = [own.open(urllib.request.Request(ask)) for _ in range(30)]
        check(len(os.listdir(fds)) >= before + 30, "30 watches are open")
        for r in quiet:
            r.close()
        until("their connections are closed", lambda: len(os.listdir(fds)) < before + 5, 30)
        stays.close()
    finally:
        own.stop()
