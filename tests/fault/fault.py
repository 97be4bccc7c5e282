"""Whatever fails: an exit status below 124, one sentence on stderr when it is not 0, no control bytes, no silent half."""
import concurrent.futures
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import traceback

from case import collector
from cases_heal import running
from cases_nova import Made
from cases_ops import journal
from cloud import STRATA, Cloud, check, equal, until

CASES = []
case = collector(CASES)
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def sound(r, what):
    check(0 <= r.code < 124, "%s: died: %r" % (what, r))
    check(r.code == 0 or "strata:" in r.err or "fail" in r.out, "%s: no sentence: %r" % (what, r))
    check(not CONTROL.search(r.raw), "%s: control bytes in %r" % (what, r.raw[:200]))
    check(not re.search(r"AddressSanitizer|runtime error|LeakSanitizer", r.err), "%s: %s" % (what, r.err[-1500:]))


def steps(last):
    """1, 2, 3, ... and then further apart."""
    n = 1
    while n <= last:
        yield n
        n += 1 + n // 12


VERBS = [
    ("get pods of a namespace", "get pods -n lab -o name", 6000),
    ("get pods -A -o wide", "get pods -A -o wide --no-headers", 12000),
    ("get a custom resource", "get osdpl -A -o name", 6000),
    ("get -o json", "get deployments -n lab -o json", 3000),
    ("describe pod", "describe pod memcached-memcached-0 -n openstack", 6000),
    ("logs", "logs memcached-memcached-0 -n openstack -c exporter --tail 3", 3000),
    ("a read-only delete", "--read-only delete pod memcached-memcached-0 -n openstack --yes", 2000),
    ("get server", "get server --cloud demo -o name", 6000),
    ("get os-services", "get os-services --cloud demo -o wide --no-headers", 9000),   # an API that failed says so in its row
    ("several sources", "get pods -n lab -o name --context viewer --context bad-token --context token-file", 5000),
]


def one_failure(cloud, args, normal, how):
    try:
        r = cloud.strata(*args, env={"STRATA_FAIL_ALLOC": how}, timeout=20)
        sound(r, "allocation " + how)
        if r.code == 0 and "name" in args:
            equal(sorted(r.out.split()), sorted(normal.out.split()), "allocation %s: exit status 0 with other rows" % how)
    except subprocess.TimeoutExpired:
        return "allocation %s: no end" % how
    except AssertionError as e:
        return str(e)
    return None


@case("allocation failures, once and from then on: {0}", "sim", each=VERBS)
def allocations(cloud, what, args, last):
    args = args.split()
    normal = cloud.strata(*args)
    sound(normal, "without a fault")
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        found = [f for f in pool.map(lambda how: one_failure(cloud, args, normal, how), ["%d%s" % (n, m) for n in steps(last) for m in ("", "+")]) if f]
    check(not found, "%d faults of these: %s" % (len(found), "; ".join(x[:300] for x in found[:6])))


TRANSPORT = [("status %d" % s, dict(kind="status", status=s)) for s in (400, 401, 403, 404, 409, 410, 418, 429, 500, 502, 503, 504)] + [
    ("cut bodies", dict(kind="cut")), ("cut after one byte", dict(kind="cut", bytes=1)), ("malformed JSON", dict(kind="malformed")),
    ("closed connections", dict(kind="close")), ("bodies without end", dict(kind="endless"))]
ASKED = ["get pods -n lab -o name", "describe pod memcached-memcached-0 -n openstack", "get server --cloud demo -o name",
         "logs memcached-memcached-0 -n openstack -c exporter --tail 3"]


@case("nothing but {0}: an end with a sentence", "sim", each=TRANSPORT)
def transport(cloud, what, spec):
    cloud.sim.fault(**spec)
    for args in ASKED:
        r = cloud.strata(*args.split(), timeout=100)
        sound(r, "%s: %s" % (what, args))
        check(r.code != 0, "%s: %s: as if nothing had happened: %r" % (what, args, r))
        check(len(r.err.strip().splitlines()) <= 4, "too many words: %r" % r.err)


@case("{0} ms of latency: only slower", "sim", each=[300, 1500])
def latency(cloud, ms):
    cloud.sim.fault(kind="latency", ms=ms)
    for args in ASKED[:1] + ASKED[2:3]:
        r = cloud.strata(*args.split(), timeout=100)
        check(r.code == 0 and r.out, r)


@case("a body of 2 GiB is refused before it is there", "sim", each=None)
def two_gib(cloud):
    for length in (2 << 30, 0):
        cloud.sim.fault(kind="endless", bytes=length, on="kube", prefix="/api/v1/namespaces/lab/pods")
        for args in ("get pods -n lab", "get pods -n lab -o json"):
            before = time.monotonic()
            p = subprocess.Popen([STRATA, *args.split()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cloud.environ())
            out, err = p.communicate(timeout=100)
            check(p.returncode == 1 and b"strata:" in err, (args, p.returncode, err))
            check(time.monotonic() - before < 60, "%s: that took too long" % args)
        cloud.sim.clear()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check(peak < 700 * 1024, "a child needed %d MiB" % (peak // 1024))


@case("a stream that falls silent keeps its rows and does not spin", "sim")
def silent(cloud):
    before = cloud.sim.fault(kind="silent", on="kube", prefix="/api/v1/namespaces/lab/pods")["requests"]["kube"]
    p = subprocess.Popen([STRATA, *"get pods -n lab --watch -o name".split()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=cloud.environ())
    try:
        first = p.stdout.readline()
        check(first.startswith(b"pod"), first)
        asked = cloud.sim.state()["requests"]["kube"] - before
        p.send_signal(signal.SIGTERM)
        p.wait(10)
        check(asked < 200, "%d requests" % asked)
    finally:
        p.kill()
        p.wait()
        p.stdout.close()


@case("standard output closed: an end without a word about it", "sim")
def closed_pipe(cloud):
    p = subprocess.Popen([STRATA, "get", "pods", "-A", "--watch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cloud.environ())
    p.stdout.readline()
    p.stdout.close()
    cloud.sim.kube("/api/v1/namespaces/lab/pods/" + [o["metadata"]["name"] for o in cloud.sim.kube("/api/v1/namespaces/lab/pods")["items"]
                                                      if o["metadata"]["name"].startswith("web-")][0], method="DELETE")
    try:
        check(p.wait(30) < 124 and p.returncode >= -13, "status %d" % p.returncode)
    finally:
        p.kill()
        p.wait()
        p.stderr.close()


@case("{0} ends a watch at once", "sim", each=["SIGTERM", "SIGINT", "SIGHUP"])
def signals(cloud, name):
    p = subprocess.Popen([STRATA, "get", "pods", "-A", "--watch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=cloud.environ())
    try:
        p.stdout.readline()
        p.send_signal(getattr(signal, name))
        p.wait(10)
    finally:
        p.kill()
        p.wait()
        p.stdout.close()


BROKEN = [("empty", b""), ("binary", b"\x00\x01\xff\xfe" * 64), ("a list", b"- a\n- b\n"), ("not closed", b"clusters: [\n"), ("a tab", b"clusters:\n\t- x\n"),
          ("control characters", b"apiVersion: v1\nkind: Config\ncurrent-context: \"a\\e[31mb\"\ncontexts: []\n"), ("deep", b"[" * 5000), ("long line", b"a: " + b"x" * 300000)]


@case("a kubeconfig and a clouds.yaml that are {0}", "sim", each=BROKEN)
def broken_files(cloud, what, content):
    path = cloud.home + "/broken.yaml"
    with open(path, "wb") as f:
        f.write(content)
    env = {"KUBECONFIG": path, "OS_CLIENT_CONFIG_FILE": path}
    for args in ("get pods", "get server", "get server --cloud demo", "get pods --context x", "doctor --all"):
        r = cloud.strata(*args.split(), env=env)
        sound(r, args)
        check(r.code != 0, "%s: %r" % (args, r))
        check(not CONTROL.search(r.err.encode()), "control bytes in %r" % r.err)


@case("files that cannot be read: a directory, no permission, no file", "sim")
def no_files(cloud):
    for path in (cloud.home, cloud.home + "/nothing-here"):
        for args in ("get pods", "get server --cloud demo"):
            r = cloud.strata(*args.split(), env={"KUBECONFIG": path, "OS_CLIENT_CONFIG_FILE": path})
            sound(r, args)
            check(r.code != 0, r)


def midway(cloud, fault, args, sent):
    """An operation whose server is troubled once its request was answered, and while its end is waited for."""
    before = len(sent())
    p = cloud.start(*args, "--yes", "-o", "json", err=True)
    try:
        until("it was sent", lambda: len(sent()) > before and len([x for x in journal(cloud, "answer") if x["event"] == "answer"]) > before)
        fault()
        out, err = p.communicate(timeout=120)
    finally:
        p.kill()
        p.wait()
    equal((p.returncode, json.loads(out or "{}").get("state"), len(sent()) - before), (0, "done", 1), "done, sent once: %r" % err)
    check(all(f["hits"] for f in cloud.sim.state()["faults"]), "no trouble came: %r" % cloud.sim.state())


@case("an operation whose server goes away, or whose token ends, while its end is waited for: it waits, goes on, sends nothing twice; both planes", "sim")
def operations(cloud):
    sim = cloud.sim
    sent = lambda: [x for x in sim.log() if x["agent"].startswith("strata") and not x["dry_run"] and
                    (x["method"] == "PATCH" or x["path"].endswith("/action"))]
    with running(cloud, "deployments", 1) as ns, Made(cloud, "fault-op") as m:
        scale = lambda n: ["scale", "deployment/w", "-n", ns, "--replicas=%d" % n]
        server = lambda verb: [verb, "server/" + m.id, "--cloud", cloud.admin_cloud]
        for fault in (lambda: sim.fault(kind="refuse", on="kube", ms=2000), lambda: sim.fault(kind="status", status=401, on="kube", prefix="/apis/apps", method="GET", count=2),
                      lambda: sim.fault(kind="cut", on="kube", prefix="/apis/apps", method="GET", count=2)):
            midway(cloud, fault, scale(2 + len(sent())), sent)
            sim.clear()
        for verb, fault in (("stop", lambda: sim.fault(kind="refuse", on="openstack", ms=2000)), ("start", lambda: sim.fault(kind="expire", on="openstack")),
                            ("stop", lambda: sim.fault(kind="status", status=503, on="openstack", count=3))):
            midway(cloud, fault, server(verb), sent)
            sim.clear()


def main():
    words = sys.argv[1:]
    cases = [c for c in CASES if not words or any(w in c.title for w in words)]
    cloud, failed = Cloud("sim"), 0
    print("1..%d" % len(cases))
    try:
        for n, c in enumerate(cases, 1):
            try:
                c.run(cloud)
                print("ok %d - %s" % (n, c.title))
            except Exception as e:
                failed += 1
                text = str(e) if isinstance(e, AssertionError) else traceback.format_exc()
                print("not ok %d - %s\n%s" % (n, c.title, "\n".join("# " + x for x in text.splitlines()[-14:])[:2500]))
            finally:
                cloud.sim.clear()
            sys.stdout.flush()
    finally:
        cloud.stop()
    return 1 if failed else 0


sys.exit(main())
