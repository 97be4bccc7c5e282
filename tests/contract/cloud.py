"""How a case reaches the program under test and the servers: strata, the demo cloud, raw HTTP, kubectl, openstack."""
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

STRATA = os.environ.get("STRATA", "./strata")
SIM = os.environ.get("STRATA_SIM", "./strata-sim")
SEED = os.environ.get("STRATA_SIM_SEED", "7")


class Skip(Exception):
    """The case makes no sense here; the reason is printed."""


class Result:
    def __init__(self, code, out, err, raw):
        self.code, self.out, self.err, self.raw = code, out, err, raw

    def __repr__(self):
        return "exit %s, out %r, err %r" % (self.code, self.out[:300], self.err[:400])


def check(ok, why):
    if not ok:
        raise AssertionError(why)


def equal(got, want, what):
    if got != want:
        raise AssertionError("%s: got %r, want %r" % (what, got, want))


def until(what, fn, seconds=60):
    """Repeats fn until it returns something true; the last answer or the deadline decides."""
    end = time.monotonic() + seconds
    while True:
        got = fn()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("not within %s s: %s" % (seconds, what))


def settled(compare, tries=6, seconds=5):
    """compare() raises AssertionError when two answers differ; servers change between two questions, so ask again: so often and so long."""
    end = time.monotonic() + seconds
    while True:
        try:
            return compare()
        except AssertionError:
            tries -= 1
            if tries <= 0 and time.monotonic() > end:
                raise


class Sim:
    """The demo cloud as a child process; it ends with its standard input. Ids differ with the seed: no case may lean on one."""

    def __init__(self, *args):
        self.dir = tempfile.mkdtemp(prefix="strata-contract.")
        args = args if "--seed" in args else ("--seed", SEED, *args)
        self.proc = subprocess.Popen([SIM, "--dir", self.dir, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.proc.stdout.readline()
        check(line.startswith("ready "), "strata-sim did not start: %r" % line)
        with open(self.dir + "/sim.json") as f:
            self.conf = json.load(f)
        self.ssl = ssl.create_default_context(cafile=self.dir + "/ca.pem")

    def stop(self):
        self.proc.stdin.close()
        self.proc.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def fault(self, **spec):
        return self._control("POST", spec)

    def clear(self):
        return self._control("DELETE")

    def state(self):
        return self._control("GET")

    def log(self):
        """Every request that came and is no mere reading, oldest first."""
        return self._control("GET", at="/log")["requests"]

    def _control(self, method, spec=None, at="/fault"):
        rq = urllib.request.Request(self.conf["control"].replace("/fault", at), method=method, data=json.dumps(spec).encode() if spec else None,
                                    headers={"X-Sim-Secret": self.conf["secret"]})
        with urllib.request.urlopen(rq, timeout=10, context=self.ssl) as r:
            return json.load(r)

    def kube(self, path, table=False, method="GET", token=None, body=None):
        head = {"Authorization": "Bearer " + (token or self.conf["token"]), "Accept": "application/json"}
        if table:
            head["Accept"] = "application/json;as=Table;v=v1;g=meta.k8s.io"
        rq = urllib.request.Request(self.conf["kubernetes"] + path, method=method, headers=head, data=body)
        with urllib.request.urlopen(rq, timeout=20, context=self.ssl) as r:
            return json.load(r)

    def open(self, rq):
        rq.add_header("Authorization", "Bearer " + self.conf["token"])
        rq.full_url = self.conf["kubernetes"] + rq.full_url.split("//base", 1)[1]
        return urllib.request.urlopen(rq, timeout=30, context=self.ssl)

    def env(self):
        return {"KUBECONFIG": self.dir + "/kubeconfig-all", "OS_CLIENT_CONFIG_FILE": self.dir + "/clouds.yaml"}


class Proxy:
    """kubectl proxy: the real server's raw answers with kubectl's own credentials."""

    def __init__(self):
        self.proc = subprocess.Popen(["kubectl", "proxy", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found = re.search(r"127\.0\.0\.1:\d+", self.proc.stdout.readline())
        check(found, "kubectl proxy did not start")
        self.base = "http://" + found.group(0)

    def stop(self):
        self.proc.terminate()
        self.proc.wait(10)

    def kube(self, path, table=False):
        head = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io" if table else "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=head), timeout=30) as r:
            return json.load(r)


    def open(self, rq):
        rq.full_url = self.base + rq.full_url.split("//base", 1)[1]
        return urllib.request.urlopen(rq, timeout=30)


class Cloud:
    """One run: mode "sim" or "live"."""

    def __init__(self, mode):
        self.mode = mode
        self.sim = Sim() if mode == "sim" else None
        self.proxy = None
        self.env_extra = self.sim.env() if self.sim else {}
        self.admin_cloud = "demo" if self.sim else os.environ.get("OS_CLOUD", "lab-admin")
        self.member_cloud = "demo-member" if self.sim else self.admin_cloud.replace("admin", "demo")
        self.home = tempfile.mkdtemp(prefix="strata-home.")
        self.saved = {}
        if mode == "live":
            self.proxy = Proxy()

    def stop(self):
        if self.sim:
            self.sim.stop()
        if self.proxy:
            self.proxy.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def environ(self, **more):
        env = dict(os.environ, **self.env_extra)
        env.update(HOME=self.home, XDG_CONFIG_HOME=self.home + "/c", XDG_STATE_HOME=self.home + "/s", XDG_CACHE_HOME=self.home + "/k")
        env.update({k: v for k, v in more.items() if v is not None})
        return env

    def strata(self, *args, env=None, timeout=60, stdin=None):
        p = subprocess.run([STRATA, *args], capture_output=True, timeout=timeout, env=self.environ(**(env or {})),
                           stdin=subprocess.DEVNULL if stdin is None else None, input=stdin)
        return Result(p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace"), p.stdout)

    def start(self, *args, env=None, out=True, err=False):
        """strata beside the case, which reads what it asks for: its output, its errors."""
        return subprocess.Popen([STRATA, *args], env=self.environ(**(env or {})), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if out else subprocess.DEVNULL,
                                stderr=subprocess.PIPE if err else subprocess.DEVNULL, text=True)

    def cells(self, *args, ok=(0,), **kw):
        r = self.strata("get", *args, "-o", "cells", **kw)
        check(r.code in ok, "strata get %s: %r" % (" ".join(args), r))
        return [json.loads(line) for line in r.out.splitlines()]

    def os_cells(self, kind, *args, cloud=None, **kw):
        return self.cells(kind, "--cloud", cloud or self.admin_cloud, *args, **kw)

    def kube(self, path, table=False):
        return (self.sim or self.proxy).kube(path, table)

    def raw(self, method, path, ctype=None, body=None, accept="application/json"):
        """Any request to the Kubernetes API as admin: status, headers, the document (or the text when it is none)."""
        data = None if body is None else json.dumps(body).encode()
        rq = urllib.request.Request("http://base" + path, method=method, data=data, headers={"Accept": accept})
        if ctype:
            rq.add_header("Content-Type", ctype)
        try:
            r = (self.sim or self.proxy).open(rq)
        except urllib.error.HTTPError as e:
            r = e
        with r:
            text = r.read().decode()
            try:
                return r.status, r.headers, json.loads(text)
            except ValueError:
                return r.status, r.headers, text

    def stream(self, path, then=None):
        """The lines of a watch until its server ends it; then() runs once the first one is there."""
        out = []
        with (self.sim or self.proxy).open(urllib.request.Request("http://base" + path)) as r:
            for line in r:
                out.append(json.loads(line))
                if then:
                    then()
                    then = None
        return out

    def kubectl_all(self, *args, stdin=""):
        """Exit status, and what kubectl said on both outputs."""
        p = subprocess.run(["kubectl", *args], capture_output=True, timeout=90, env=self.environ(), input=stdin.encode())
        return p.returncode, (p.stdout + p.stderr).decode("utf-8", "replace")

    def kubectl(self, *args, ok=True):
        env = dict(os.environ, **self.env_extra)
        p = subprocess.run(["kubectl", *args], capture_output=True, timeout=60, env=env)
        check(p.returncode == 0 or not ok, "kubectl %s: %s" % (" ".join(args), p.stderr.decode()[:300]))
        return p.stdout.decode("utf-8", "replace")

    def openstack(self, *args, cloud=None):
        exe = "/usr/bin/openstack" if os.path.exists("/usr/bin/openstack") else shutil.which("openstack")
        if not exe:
            raise Skip("openstackclient is not installed")
        env = {"PATH": "/usr/bin:/bin", "HOME": self.home, "LC_ALL": "C.UTF-8"}
        env["OS_CLIENT_CONFIG_FILE"] = self.environ().get("OS_CLIENT_CONFIG_FILE", "")
        p = subprocess.run([exe, "--os-cloud", cloud or self.admin_cloud, *args, "-f", "json"], capture_output=True, timeout=90, env=env)
        check(p.returncode == 0, "openstack %s: %s" % (" ".join(args), p.stderr.decode()[-300:]))
        return json.loads(p.stdout)
