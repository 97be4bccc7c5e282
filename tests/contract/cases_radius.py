"""`strata blast ACTION` and the plan of that action are one answer: every row of the table of actions, on a demo cloud that is well and on
one that is not."""
import collections
import json
import os
import re
import subprocess

from case import collector
from cases_world import World
from cloud import STRATA, check, equal

CASES = []
PARTS = 4
case = collector(CASES)

# What an action wants to be told; of a kind where it differs.
OPTIONS = {"scale": ["--replicas=0"], "set-image": ["*=registry.example.org/life:2"], "label": ["contract=x"], "annotate": ["contract=x"], "reset-state": ["--state=error"],
           ("taint", "nodes"): ["contract=x:NoExecute"], ("drain", "nodes"): ["--ignore-daemonsets", "--force", "--delete-emptydir-data"], ("resize", "server"): ["--flavor=m1.large"],
           ("maintenance", "nodes"): ["--ignore-daemonsets", "--force", "--delete-emptydir-data"], ("host-drain", "nodes"): ["--ignore-daemonsets", "--force"],
           ("extend", "volume"): ["--size=200"], ("attach", "volume"): ["--server=mail-1"]}
# Of a kind with many kinds of rows, the one that has most hanging on it.
NAMED = {"server": "tenant-a-node-1", "nodes": "compute-2", "hypervisor": "compute-2", "network": "demo-net", "subnet": "demo-net-v4", "image": "debian-12", "stack": "tenant-a-stack",
         "router": "demo-net-router", "compute-service": "compute-2", "network-agent": "neutron-l3-agent/controller-1", "os-services": "nova-compute/compute-2"}


class Asked:
    def __init__(self, world):
        self.w = world
        self.env = dict(os.environ, HOME=world.dir, XDG_STATE_HOME=world.dir + "/s", XDG_CONFIG_HOME=world.dir + "/c", KUBECONFIG=world.dir + "/kubeconfig", OS_CLIENT_CONFIG_FILE=world.dir + "/clouds.yaml")
        self.all = ("--context", "mgmt", "--context", "tenant-a", "--context", "tenant-b", "--cloud", "demo")

    def run(self, *args):
        return subprocess.run([STRATA, *args, *self.all], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, env=self.env)

    def rows(self):
        """(verb, kind) of all that a user may ask for; "*" stands for kinds that servers alone know."""
        said = self.run("--help").stdout.split("\nActions, ", 1)[1]
        for verb in re.findall(r"^  (\S+) KIND NAME", said, re.M):
            for kinds in re.findall(r"^Of ([^:]+): ", self.run("help", verb).stdout, re.M):
                for kind in kinds.split(", "):
                    if kind != "any kind":
                        yield verb, kind

    @staticmethod
    def kube(kind):
        return kind.endswith("s") and kind != "os-services"      # Kubernetes' ids of kinds are plurals

    def one(self, kind):
        if kind in NAMED:
            return NAMED[kind], None
        r = subprocess.run([STRATA, "get", kind, "-A", "-o", "cells", *(self.all[:2] if self.kube(kind) else self.all[6:])], capture_output=True, text=True, timeout=60, env=self.env)
        line = next((json.loads(x) for x in r.stdout.splitlines()), None)
        return (line.get("id") or line.get("name"), line.get("namespace")) if line else (None, None)


# What the plan alone says: the trial on the server, and in short what the verb has whole.
ONLY_PLAN = re.compile(r"blast radius: (green|yellow|RED|unknown)|(lost|at risk|perhaps), (data plane|control plane|storage), on |the server would do it|the control plane of cluster |control plane of cluster |\d+ [\w-]+.* run on and can be|not tried on|.*the server was asked|.*rules contradict")


def counted(line):
    """{(plane, harm): how many} of the line of the plan."""
    found = collections.Counter()
    for plane, said in re.findall(r"(data plane|storage|control plane): ([^;]*)", re.sub(r" \(\d+ for a while\)| for a while", "", line)):
        n = 0
        for number, harm in re.findall(r"(\d+) [\w-]+|\b(lost|at risk|degraded)\b", said):
            if number:
                n += int(number)
            else:
                found[plane, harm] += n
                n = 0
    return found


def compare(asked, verb, kind, name, options):
    """What both say; None: neither knows a radius."""
    r, p = asked.run("blast", verb, kind, name, *options, "-o", "json"), asked.run(verb, kind, name, *options, "--dry-run", "-o", "json")
    what = "%s %s %s %s: blast %d %s%s, plan %d %s%s" % (verb, kind, name, options, r.returncode, r.stdout[:300], r.stderr[-300:], p.returncode, p.stdout[-300:], p.stderr[-300:])
    check(p.stdout.startswith("{"), what)
    check(r.stdout.startswith("[{"), what)
    mine, plan = json.loads(r.stdout)[0], json.loads(p.stdout)
    anew = lambda t: re.sub("(whether it is a node of cluster .* could not be seen): .*", r"\1", re.sub("-manual-[a-z0-9]{5} ", "-manual ", t))      # made up for each; as far as it was tried
    plain = lambda facts: {anew(f["text"]) for f in facts}
    words = {re.sub("-manual-[a-z0-9]{5} ", "-manual ", x) for x in mine["words"]}
    said = plain(f for part in [plan] + plan["steps"] for f in part["facts"])
    check("facts" in mine, "no plan told it: " + what)
    equal(sorted(plain(mine["facts"]) - said), [], "the verb says what the plan does not: " + what)
    equal(sorted(t for t in said - plain(mine["facts"]) - words if not ONLY_PLAN.match(t)), [], "the plan says what the verb does not: " + what)
    equal(mine["verdict"], {0: "green", 7: "yellow", 8: "red"}.get(r.returncode), what)
    radius = [t for t in said if t.startswith("blast radius: ") and t.split()[2].rstrip(":;") in ("green", "yellow", "RED")]
    if plan["state"] == "refused" or not radius:               # a plan that is refused ends there: the verb goes on
        return None
    equal(mine["verdict"], radius[0].split()[2].rstrip(":;").lower(), what)
    planes = {"DP": "data plane", "CP": "control plane", "ST": "storage"}
    equal(collections.Counter((planes[h["plane"]], h["harm"]) for h in mine["harm"]), counted(radius[0]), what)
    return mine


def every_row(kube, rows, radii):
    with World(speed="1") as w:
        asked, seen, wrong, with_radius = Asked(w), set(), [], 0
        for verb, kind in asked.rows():
            name, ns = asked.one(kind)
            if not name or verb in ("edit", "apply", "debug") or asked.kube(kind) != kube:
                continue
            options = OPTIONS.get((verb, kind), OPTIONS.get(verb, [])) + (["-n", ns] if ns else [])
            if asked.run(verb, kind, name, *options, "--dry-run", "-o", "json").returncode == 2:      # it wants to be told more
                continue
            seen.add((verb, kind))
            try:
                with_radius += compare(asked, verb, kind, name, options) is not None
            except AssertionError as e:
                wrong.append(str(e)[:400])
        check(not wrong, "%d rows differ:\n%s" % (len(wrong), "\n".join(wrong)))
        check(len(seen) >= rows and with_radius >= radii, "%d rows, %d with a radius: %r" % (len(seen), with_radius, sorted(seen)))


@case("radius: of every action on a cluster's objects `strata blast` tells the radius, the verdict and all else that its plan tells", "sim")
def clusters(cloud):
    every_row(True, 20, 10)


@case("radius: of every action on a cloud's objects `strata blast` tells the radius, the verdict and all else that its plan tells", "sim")
def clouds(cloud):
    every_row(False, 40, 15)


@case("radius: with a nova-compute that is silent, one that is out of use, or a cluster that does not answer, `strata blast` says what the plan says", "sim")
def with_faults(cloud):
    with World(speed="1") as w:
        asked = Asked(w)
        services = {s["host"]: s["id"] for s in w.ask("GET", "/compute/v2.1/os-services?binary=nova-compute")[1]["services"]}
        server = {s["name"]: s for s in w.ask("GET", "/compute/v2.1/servers/detail?all_tenants=1")[1]["servers"]}["tenant-a-node-1"]
        host = server["OS-EXT-SRV-ATTR:host"]
        put = lambda **what: check(w.ask("PUT", "/compute/v2.1/os-services/" + services[host], what)[0] == 200, what)
        rows = [("stop", "server", server["name"]), ("reboot", "server", server["name"]), ("delete", "server", server["name"]), ("live-migrate", "server", server["name"]),
                ("drain", "hypervisor", host), ("disable", "compute-service", host), ("delete", "subnet", "admin-net-v4")]
        ill = {"down": (lambda: put(forced_down=True), lambda: put(forced_down=False)), "out of use": (lambda: put(status="disabled", disabled_reason="x"), lambda: put(status="enabled")),
               "no cluster": (lambda: w.fault(kind="refuse", on="tenant-a", ms=600000), w.clear)}
        wrong = []
        for what, (begin, end) in ill.items():
            begin()
            said = {}
            for verb, kind, name in rows:
                try:
                    said[verb, kind] = asked.run("blast", verb, kind, name).stdout
                    compare(asked, verb, kind, name, [])
                except AssertionError as e:
                    wrong.append("%s: %s" % (what, str(e)[:500] + " ... " + str(e)[-500:]))
            silent = "the nova-compute of its host %s does not report" % host
            equal([silent in said[verb, "server"] for verb in ("stop", "reboot", "delete")][:2], [what == "down"] * 2, "%s: %r" % (what, said))
            if what == "no cluster":
                check("unknown: " in said["stop", "server"] and said["stop", "server"].splitlines()[0].endswith((": yellow", ": red")), said)
            end()
        check(not wrong, "%d differ:\n%s" % (len(wrong), "\n".join(wrong)))
