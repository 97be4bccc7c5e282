"""Port-forwards: several connections at once, a service, what does not answer, and the journal."""
import re
import signal
import socket
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from case import collector
from cases_exec import pod, running
from cases_ops import journal
from cases_life import Kube
from cloud import STRATA, check, equal

CASES = []
case = collector(CASES)


class Forward:
    """strata port-forward until the end of the block."""

    def __init__(self, cloud, *args):
        self.proc = subprocess.Popen([STRATA, "port-forward", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=cloud.environ())

    def __enter__(self):
        line = self.proc.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+) -> (\d+)", line)
        if not found:
            raise AssertionError("it does not listen: %r %r" % (line, self.proc.communicate()))
        self.port, self.remote = int(found.group(1)), int(found.group(2))
        return self

    def __exit__(self, *a):
        self.proc.send_signal(signal.SIGINT)
        self.out, self.err = self.proc.communicate(timeout=30)

    def get(self, path="/"):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=30) as r:
            return r.status, r.read()


@case("port-forward: many connections to a pod, one through a service, each end in the journal")
def port_forward(cloud):
    with Kube(cloud) as kube:
        kube.apply(dict(pod("box"), **{"metadata": {"name": "box", "labels": {"app": "box"}}}),
                   {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                    "spec": {"selector": {"app": "box"}, "ports": [{"port": 80, "targetPort": 8080}]}})
        running(kube, "box")
        with Forward(cloud, "-n", kube.ns, "box", ":8080") as f:
            equal(f.get()[0], 200, "the first answer")
            with ThreadPoolExecutor(8) as pool:
                equal({r[0] for r in pool.map(lambda i: f.get("/%d" % i), range(16))}, {200}, "16 at once")
            with socket.create_connection(("127.0.0.1", f.port)) as s:       # says all, then listens
                s.sendall(b"GET /half HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                s.shutdown(socket.SHUT_WR)
                check(s.recv(100).startswith(b"HTTP/1.1 200"), "an answer after our end")
        equal(f.proc.returncode, 0, "ended with ctrl-c: %r" % f.err)
        with Forward(cloud, "-n", kube.ns, "svc/web", ":80") as f:
            equal((f.remote, f.get()[0]), (8080, 200), "the target port of the service")
        lines = [line for line in journal(cloud, kube.ns) if line.get("verb") == "port-forward"][-4:]
        equal([line["event"] for line in lines], ["intent", "outcome"] * 2, "each with its end")
        r = cloud.strata("--read-only", "port-forward", "-n", kube.ns, "box", "8080")
        equal(r.code, 4, "read-only: %r" % r)
        for what in "box", "svc/web":                # told at once, not by the first connection
            r = cloud.strata("--context", "viewer", "port-forward", "-n", kube.ns, what, ":80")
            check(r.code != 0 and not r.out and "may not get pods/portforward in namespace " + kube.ns in r.err, r)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            r = cloud.strata("port-forward", "-n", kube.ns, "box", "%d:8080" % taken.getsockname()[1])
        check(r.code == 1 and "choose another port" in r.err, "a port that is taken: %r" % r)


@case("port-forward: a port where nobody listens is said, and ends that connection alone", "sim")
def port_closed(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")
        with Forward(cloud, "-n", kube.ns, "box", ":81") as f:
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", f.port)) as s:
                    equal(s.recv(10), b"", "closed")
        equal(f.err.count("connection refused"), 2, "said each time: %r" % f.err)
