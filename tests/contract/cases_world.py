"""Cause and effect across the layers of the demo cloud: pods of mgmt -> services of the cloud -> its servers -> nodes of the tenants.
Told by kubectl and by the OpenStack APIs, each case on a demo cloud of its own that works ten times faster than in life."""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from case import collector
from cloud import STRATA, Sim, Skip, check, equal, until

CASES = []
PARTS = 4
case = collector(CASES)


class World(Sim):
    """A demo cloud with a fast clock."""

    def __init__(self, *args, speed="10"):
        if not shutil.which("kubectl"):
            raise Skip("kubectl is not installed")
        super().__init__("--speed", speed, *args)
        self.token, self.who = None, "admin"

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.stop()

    def run(self, context, *args, stdin=None, fail=False):
        p = subprocess.run(["kubectl", "--context", context, *args], input=stdin, capture_output=True, text=True, timeout=90,
                           env=dict(os.environ, KUBECONFIG=self.dir + "/kubeconfig", HOME=self.dir))
        check(fail or p.returncode == 0, "kubectl %s: %s" % (" ".join(args), p.stderr[-400:]))
        return p.stdout

    def get(self, context, *args):
        return json.loads(self.run(context, "get", *args, "-o", "json"))

    def ask(self, method, path, body=None):
        """Status and document (text when it is none); the token of who asks, in the project of that name, is asked for once."""
        if not self.token:
            domain = {"name": "Default"}
            auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": self.who, "domain": domain, "password": self.conf["password"]}}},
                             "scope": {"project": {"name": self.who, "domain": domain}}}}
            rq = urllib.request.Request(self.conf["openstack"] + "/identity/v3/auth/tokens", data=json.dumps(auth).encode(), method="POST")
            with urllib.request.urlopen(rq, timeout=10, context=self.ssl) as r:
                self.token = r.headers["X-Subject-Token"]
        rq = urllib.request.Request(self.conf["openstack"] + path, method=method, data=json.dumps(body).encode() if body else None,
                                    headers={"X-Auth-Token": self.token, "OpenStack-API-Version": "compute 2.93", "Content-Type": "application/json"})
        try:
            r = urllib.request.urlopen(rq, timeout=10, context=self.ssl)
        except urllib.error.HTTPError as e:
            r = e
        with r:
            text = r.read().decode()
            try:
                return r.status, json.loads(text) if text else None
            except ValueError:
                return r.status, text

    def see(self, path):
        status, doc = self.ask("GET", path)
        equal(status, 200, "GET " + path)
        return doc

    def servers(self):
        return {s["name"]: s for s in self.see("/compute/v2.1/servers/detail?all_tenants=1")["servers"]}

    def act(self, name, action):
        status, doc = self.ask("POST", "/compute/v2.1/servers/%s/action" % self.servers()[name]["id"], action)
        equal(status, 202, "%s of %s: %r" % (action, name, doc))

    def strata_json(self, *args, cloud="demo"):
        p = subprocess.run([STRATA, *args, "--context", "mgmt", "--context", "tenant-a", "--cloud", cloud, "-o", "json"], capture_output=True, text=True, timeout=60,
                           stdin=subprocess.DEVNULL, env=dict(os.environ, HOME=self.dir, KUBECONFIG=self.dir + "/kubeconfig", OS_CLIENT_CONFIG_FILE=self.dir + "/clouds.yaml",
                                                                OS_CLIENT_SECURE_FILE=self.dir + "/secure.yaml", XDG_CONFIG_HOME=self.dir, XDG_STATE_HOME=self.dir))
        check(p.stdout, "strata %s: %s" % (" ".join(args), p.stderr[-400:]))
        return json.loads(p.stdout)

    def do(self, words):
        """One of the actions of the scenarios."""
        rq = urllib.request.Request(self.conf["control"].replace("/fault", "/act"), data=json.dumps({"do": words}).encode(), method="POST",
                                    headers={"X-Sim-Secret": self.conf["secret"]})
        with urllib.request.urlopen(rq, timeout=10, context=self.ssl) as r:
            return json.load(r)

    def ready(self, context, node):
        return [c["status"] for c in self.get(context, "node", node)["status"]["conditions"] if c["type"] == "Ready"][0]

    def services(self, binary):
        return {s["host"]: s["state"] for s in self.see("/compute/v2.1/os-services?binary=" + binary)["services"]}

    def agents(self, binary):
        return {a["host"]: a["alive"] for a in self.see("/network/v2.0/agents?binary=" + binary)["agents"]}

    def pods(self, context, ns, prefix):
        return [p for p in self.get(context, "pods", "-n", ns)["items"] if p["metadata"]["name"].startswith(prefix)]


class Probe(threading.Thread):
    """Asks for a page again and again, as a monitor does; what was answered, in order."""

    def __init__(self, world, path):
        super().__init__(daemon=True)
        self.world, self.path, self.on, self.codes = world, path, True, []
        world.see(path)
        self.start()
        self.more(1)

    def run(self):
        while self.on:
            try:
                self.codes.append(self.world.ask("GET", self.path)[0])
            except OSError as e:
                self.codes.append(str(e))
            time.sleep(0.01)

    def more(self, n):
        """So many answers that came after this was asked; the one that is under way may be older."""
        had = len(self.codes) + 1
        until("%d more answers" % n, lambda: len(self.codes) >= had + n)

    def end(self):
        self.on = False
        self.join(20)
        return self.codes


def up(pod):
    return "deletionTimestamp" not in pod["metadata"] and any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


# ---- pods of mgmt are the services of the cloud ----

@case("nova-api has two replicas: one of them is deleted, not one request fails", "sim")
def two_replicas(cloud):
    with World(speed="4") as w:
        before = {p["metadata"]["name"] for p in w.pods("mgmt", "openstack", "nova-api-osapi")}
        equal(len(before), 2, "replicas")
        probe = Probe(w, "/compute/v2.1/servers?limit=1")
        w.run("mgmt", "delete", "pod", "-n", "openstack", sorted(before)[0])
        until("two are ready, one of them new", lambda: {p["metadata"]["name"] for p in w.pods("mgmt", "openstack", "nova-api-osapi") if up(p)} - before, 60)
        probe.more(20)
        codes = probe.end()
        check(set(codes) == {200}, "answers: %r" % {c: codes.count(c) for c in set(codes)})


@case("nova-api has one replica: it is deleted, the compute API answers 503 until the new pod is ready; others go on", "sim")
def one_replica(cloud):
    with World(speed="2") as w:
        w.run("mgmt", "scale", "deployment", "-n", "openstack", "nova-api-osapi", "--replicas=1")
        pod = until("one is left", lambda: (lambda p: len(p) == 1 and p)(w.pods("mgmt", "openstack", "nova-api-osapi")), 60)[0]
        probe, other = Probe(w, "/compute/v2.1/servers?limit=1"), Probe(w, "/network/v2.0/networks")
        w.run("mgmt", "delete", "pod", "-n", "openstack", pod["metadata"]["name"], "--wait=false")
        until("it is refused", lambda: 503 in probe.codes, 30)
        status, page = w.ask("GET", "/compute/v2.1/servers?limit=1")
        if status == 503:
            check("503 Service Temporarily Unavailable" in page, "the page: %r" % page)
        until("a new one is ready", lambda: [p for p in w.pods("mgmt", "openstack", "nova-api-osapi") if up(p)], 60)
        until("it answers", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 200, 10)
        probe.more(1)
        codes = probe.end()
        equal([c for c, last in zip(codes, [None] + codes) if c != last], [200, 503, 200], "what was answered, one after the other")
        equal(set(other.end()), {200}, "answers of the network API")


@case("a pod of placement-api that is not ready: its API answers 503, nova's servers stay", "sim")
def not_ready(cloud):
    with World() as w:
        w.see("/placement/resource_providers")
        w.do("probe-fails mgmt openstack placement-api")
        until("it is refused", lambda: w.ask("GET", "/placement/resource_providers")[0] == 503, 20)
        equal(w.ask("GET", "/compute/v2.1/servers?limit=1")[0], 200, "the compute API")
        w.do("probe-works mgmt openstack " + w.pods("mgmt", "openstack", "placement-api")[0]["metadata"]["name"])
        until("it answers again", lambda: w.ask("GET", "/placement/resource_providers")[0] == 200, 20)


@case("why of a node that is well: how far its machine is seen counts, the hypervisor below that, too", "sim")
def node_of_member(cloud):
    with World() as w:
        for who, told in (("demo-member", True), ("demo", False)):
            it, = w.strata_json("why", "node", "tenant-a-master-0", cloud=who)
            equal((it["causes"], it["below"], any("cannot see beyond hypervisor of %s: HTTP 403" % who in x for x in it["unseen"])), ([], [], told), it)


@case("the pod of a hypervisor's nova-compute is gone: its service goes down, its servers stay; it comes back", "sim")
def compute_pod(cloud):
    with World() as w:
        pod = [p for p in w.pods("mgmt", "openstack", "nova-compute") if p["spec"]["nodeName"] == "compute-1"][0]["metadata"]["name"]
        w.run("mgmt", "patch", "daemonset", "-n", "openstack", "nova-compute-default", "--type=merge", "-p",
              '{"spec":{"template":{"spec":{"nodeSelector":{"openstack-compute-node":"enabled","kubernetes.io/hostname":"compute-2"}}}}}')
        until("its pod is gone", lambda: pod not in {p["metadata"]["name"] for p in w.pods("mgmt", "openstack", "nova-compute")}, 60)
        until("nova-compute is down there", lambda: w.services("nova-compute")["compute-1"] == "down", 30)
        equal(w.services("nova-compute")["compute-2"], "up", "nova-compute of compute-2")
        equal(w.servers()["tenant-a-node-0"]["status"], "ACTIVE", "a server there")
        equal(w.ready("tenant-a", "tenant-a-node-0"), "True", "the node that this server is")
        w.run("mgmt", "patch", "daemonset", "-n", "openstack", "nova-compute-default", "--type=merge", "-p",
              '{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":null}}}}}')
        until("nova-compute is up again", lambda: w.services("nova-compute")["compute-1"] == "up", 60)


@case("rabbitmq: without one pod of three all goes on; without two no agent is heard and no server is built; with two all comes back", "sim")
def quorum(cloud):
    with World() as w:
        w.run("mgmt", "delete", "pod", "-n", "openstack", "rabbitmq-rabbitmq-0", "--wait=false")
        equal(set(w.services("nova-conductor").values()), {"up"}, "conductors while one pod is away")
        until("it is back", lambda: all(up(p) for p in w.pods("mgmt", "openstack", "rabbitmq")) and len(w.pods("mgmt", "openstack", "rabbitmq")) == 3, 60)
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "rabbitmq-rabbitmq", "--replicas=1")
        until("no service of nova's is heard", lambda: set(w.services("nova-compute").values()) | set(w.services("nova-conductor").values()) == {"down"}, 40)
        until("no agent of neutron's is heard", lambda: set(w.agents("neutron-l3-agent").values()) == {False}, 40)
        status, _ = w.ask("GET", "/compute/v2.1/servers?limit=1")
        equal(status, 200, "the API, which reads from the database")
        equal(w.ready("tenant-a", "tenant-a-node-0"), "True", "a node of a tenant: its data path needs no queue")
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "rabbitmq-rabbitmq", "--replicas=3")
        until("nova's services are heard again", lambda: set(w.services("nova-compute").values()) == {"up"}, 60)
        until("neutron's agents are heard again", lambda: set(w.agents("neutron-l3-agent").values()) == {True}, 60)


@case("mariadb: without two pods of three the APIs answer 500 in their own words; with two they answer", "sim")
def database(cloud):
    with World() as w:
        w.see("/compute/v2.1/servers?limit=1")
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "mariadb-server", "--replicas=1")
        until("nova fails", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 500, 30)
        status, doc = w.ask("GET", "/compute/v2.1/servers?limit=1")
        check("Unexpected API Error" in json.dumps(doc), "nova's words: %r" % doc)
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "mariadb-server", "--replicas=3")
        until("it answers", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 200, 60)


# ---- servers are the nodes of the tenants ----

@case("a server is stopped: its node goes NotReady, its pods are evicted and run elsewhere; started: the node is Ready again", "sim")
def server_stopped(cloud):
    with World(speed="30") as w:
        node = "tenant-a-node-1"
        ours = {p["metadata"]["name"] for p in w.get("tenant-a", "pods", "-n", "shop")["items"] if p["spec"]["nodeName"] == node and
                p["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet" and up(p)}
        check(ours, "no pod of a deployment on " + node)
        w.act(node, {"os-stop": None})
        until("the node is silent", lambda: w.ready("tenant-a", node) == "Unknown", 30)
        taints = {t["key"] for t in w.get("tenant-a", "node", node)["spec"].get("taints", [])}
        check("node.kubernetes.io/unreachable" in taints, "taints: %r" % taints)
        member = lambda: [m["operating_status"] for p in w.see("/load-balancer/v2/lbaas/pools")["pools"] for m in
                          w.see("/load-balancer/v2/lbaas/pools/%s/members" % p["id"])["members"] if m["address"] == "10.50.0.21"]
        until("the load balancer sees it", lambda: member() == ["ERROR"], 20)
        until("its pods end", lambda: all("deletionTimestamp" in p["metadata"] for p in w.get("tenant-a", "pods", "-n", "shop")["items"]
                                          if p["metadata"]["name"] in ours), 60)
        until("others run elsewhere", lambda: len([p for p in w.pods("tenant-a", "shop", "shop-") if up(p) and p["spec"]["nodeName"] != node and
                                                   p["metadata"]["labels"].get("app.kubernetes.io/component") == "front"]) == 3, 60)
        w.act(node, {"os-start": None})
        until("the node is back", lambda: w.ready("tenant-a", node) == "True", 30)
        until("the load balancer sees it", lambda: member() == ["ONLINE"], 20)
        until("what ended there is gone", lambda: not ours & {p["metadata"]["name"] for p in w.get("tenant-a", "pods", "-n", "shop")["items"]}, 60)


@case("the server of a tenant's control plane is stopped: its API is away, Magnum says so, what runs there is not touched; started: it answers", "sim")
def control_plane(cloud):
    with World() as w:
        answers = lambda: "Running" in w.run("tenant-a", "--request-timeout=2s", "get", "pods", "-n", "shop", fail=True)
        cluster = lambda: w.see("/container-infra/v1/clusters")["clusters"][0]
        check(answers(), "it does not answer")
        w.act("tenant-a-master-0", {"os-stop": None})
        until("its API is away", lambda: not answers(), 20)
        equal((cluster()["name"], cluster()["health_status"]), ("tenant-a", "UNHEALTHY"), "what Magnum says")
        equal(w.servers()["tenant-a-node-0"]["status"], "ACTIVE", "a server that is a node")
        check("Running" in w.run("mgmt", "get", "pods", "-n", "openstack"), "the cluster below does not answer")
        w.act("tenant-a-master-0", {"os-start": None})
        until("it answers", answers, 20)
        until("Magnum is content", lambda: cluster()["health_status"] == "HEALTHY", 20)


@case("a server is deleted: the cloud controller manager removes its node, its volume is free, the pods are elsewhere with it", "sim")
def server_deleted(cloud):
    with World(speed="30") as w:
        node = "tenant-b-md-0-6kq4z-7xw2p"
        pv = w.get("tenant-b", "pvc", "-n", "analytics", "data-warehouse-0")["spec"]["volumeName"]
        equal(w.get("tenant-b", "pod", "-n", "analytics", "warehouse-0")["spec"]["nodeName"], node, "the node of warehouse-0")
        status, _ = w.ask("DELETE", "/compute/v2.1/servers/" + w.servers()[node]["id"])
        equal(status, 204, "delete")
        until("the node is gone", lambda: node not in [n["metadata"]["name"] for n in w.get("tenant-b", "nodes")["items"]], 60)
        pod = until("warehouse-0 runs elsewhere", lambda: [p for p in w.pods("tenant-b", "analytics", "warehouse-0") if up(p) and p["spec"]["nodeName"] != node], 90)[0]
        att = [a for a in w.get("tenant-b", "volumeattachments")["items"] if a["spec"]["source"]["persistentVolumeName"] == pv]
        equal([(a["spec"]["nodeName"], a["status"]["attached"]) for a in att], [(pod["spec"]["nodeName"], True)], "attachments")
        server = w.servers()[pod["spec"]["nodeName"]]["id"]
        volume = [v for v in w.see("/volume/v3/%s/volumes/detail?all_tenants=1" % admin_project(w))["volumes"] if v["name"] == pv][0]
        equal([a["server_id"] for a in volume["attachments"]], [server], "the volume's attachment")


@case("a stack is deleted: the servers that it made are gone before it is", "sim")
def stack_deleted(cloud):
    with World() as w:
        project = [p["id"] for p in w.see("/identity/v3/projects")["projects"] if p["name"] == "demo"][0]
        alive = lambda: {s["id"] for s in w.servers().values()}
        its = {s["id"] for n, s in w.servers().items() if n.startswith("tenant-a-")}
        heat, w.token, w.who = "/heat-api/v1/%s/stacks" % project, None, "demo"
        at = "%s/tenant-a-stack/%s" % (heat, [s["id"] for s in w.see(heat)["stacks"] if s["stack_name"] == "tenant-a-stack"][0])
        equal({r["physical_resource_id"] for r in w.see(at + "/resources")["resources"]}, its, "what it made")
        equal(w.ask("DELETE", at)[0], 204, "delete")
        until("the stack is gone", lambda: "tenant-a-stack" not in [s["stack_name"] for s in w.see(heat)["stacks"]], 60)
        w.token, w.who = None, "admin"
        check(len(its) > 1 and not its & alive(), "of its servers are left: %r" % (its & alive()))


@case("a hypervisor dies: its node, nova-compute, agent, servers and the tenants' nodes on it go down; all come back with it", "sim")
def hypervisor(cloud):
    with World(speed="20") as w:
        there = [n for n, s in w.servers().items() if s["OS-EXT-SRV-ATTR:host"] == "compute-2" and s["status"] == "ACTIVE"]
        check("tenant-a-node-1" in there, "servers of compute-2: %r" % there)
        w.do("host-down compute-2")
        until("the node of mgmt is silent", lambda: w.ready("mgmt", "compute-2") == "Unknown", 30)
        until("nova-compute is down", lambda: w.services("nova-compute")["compute-2"] == "down", 30)
        until("the agent is dead", lambda: not w.agents("neutron-openvswitch-agent")["compute-2"], 30)
        until("the hypervisor is down", lambda: [h["state"] for h in w.see("/compute/v2.1/os-hypervisors")["hypervisors"]
                                                 if h["hypervisor_hostname"] == "compute-2"] == ["down"], 30)
        until("the tenant's node is silent", lambda: w.ready("tenant-a", "tenant-a-node-1") == "Unknown", 30)
        equal(w.servers()["tenant-a-node-1"]["host_status"], "UNKNOWN", "host_status")
        for kind, name, within in (("node", "tenant-a-node-1", "tenant-a"), ("os-service", "nova-compute/compute-2", "demo"), ("hypervisor", "compute-2", "demo")):
            why = [x for x in w.strata_json("why", kind, name) if x["causes"]]
            first = why[0]["causes"][0]
            last = first["chain"][-1]
            equal([len(why), len(why[0]["causes"]), first["state"], last["kind"], last["name"], last["source"]], [1, 1, "broken", "nodes", "compute-2", "mgmt"],
                  "what explains %s %s of %s: %r" % (kind, name, within, why))
        w.fault(kind="status", status=503, prefix="/compute")       # and nothing of what is between is read any more
        try:
            for kind, name, cls in (("node", "tenant-a-node-1", "B"), ("apiserver", "tenant-a", "C")):
                causes = [x for x in w.strata_json("why", kind, name) if x["causes"]][0]["causes"]
                equal([(c["class"], c.get("guess", False), c["chain"][-1]["name"], "cannot see beyond server of demo: HTTP 503" in c.get("beyond", "")) for c in causes],
                      [("C", True, "compute-2", True), (cls, False, "tenant-a-node-1", True)], "what is beyond is a guess: %r" % causes)
            causes = w.strata_json("why")
            told = [(c["class"], c["chain"][-1]["kind"], c["chain"][-1]["name"]) for c in causes]
            equal(sorted(t[1:] for t in told[:2]), [("nodes", "compute-2"), ("os-services", "compute")], "what two faults bring about: %r" % told)
            check(all(t[0] in "AB" for t in told[:2]), "B while none of the pods on it is red, which are known to be there by an id: %r" % told)
            check(all(c.get("guessed", 0) > 0 for c in causes if c["chain"][-1]["name"] == "compute-2"), causes)
            check("tenant-a-node-1" not in [t[2] for t in told], told)
            w.clear()
            w.fault(kind="status", status=503, prefix="/identity")
            told = [(c["class"], c["chain"][-1]["kind"], c["chain"][-1]["name"]) for c in w.strata_json("why")]
            equal(sorted(t[1:] for t in told[:2]), [("nodes", "compute-2"), ("os-services", "identity")], "without Keystone: %r" % told)
            w.clear()
            w.fault(kind="status", status=503, on="mgmt", prefix="/")       # an API that answers errors alone is a cause, as one that refuses
            causes = {c["chain"][-1]["kind"]: c for c in w.strata_json("why") if c["chain"][-1]["source"] == "mgmt"}
            equal(causes["apiserver"]["state"], "broken", "an API that answers errors alone: %r" % causes)
        finally:
            w.clear()
        causes = [x for x in w.strata_json("why", "node", "tenant-a-node-1", cloud="demo-member") if x["causes"]][0]["causes"]
        equal([(c["class"], c["chain"][-1]["name"], "cannot see beyond hypervisor of demo-member: HTTP 403" in c.get("beyond", "")) for c in causes],
              [("C", "compute-2", True), ("B", "tenant-a-node-1", True)], "who may not see hypervisors: %r" % causes)
        w.do("host-up compute-2")
        until("nova-compute is up", lambda: w.services("nova-compute")["compute-2"] == "up", 30)
        until("the node of mgmt is back", lambda: w.ready("mgmt", "compute-2") == "True", 30)
        until("its servers run", lambda: all(w.servers()[n]["status"] == "ACTIVE" and w.servers()[n]["OS-EXT-STS:power_state"] == 1 for n in there), 30)
        until("the tenant's node is back", lambda: w.ready("tenant-a", "tenant-a-node-1") == "True", 30)
        w.do("agent-stop nova-compute compute-4")
        until("nova-compute alone is down", lambda: w.services("nova-compute")["compute-4"] == "down", 30)
        equal(w.ready("mgmt", "compute-4"), "True", "its node")
        node, = [n for n in w.strata_json("why", "node", "tenant-a-node-3") if n["name"] == "tenant-a-node-3"]
        equal((node["causes"], [(c["chain"][-1]["name"], "no server of it can be started" in c["means"]) for c in node["below"] if c["chain"][-1]["name"].startswith("nova")]),
              ([], [("nova-compute/compute-4", True)]), "a node that is well says what is below it: %r" % node)
        agent, = [c for c in w.strata_json("why") if c["chain"][-1]["name"] == "neutron-openvswitch-agent/compute-4"]
        ports = [p for p in w.see("/network/v2.0/ports")["ports"] if p["binding:host_id"] == "compute-4" and p["device_owner"].startswith("compute:")]
        equal((agent["explains"], agent["endangers"].split(",")[0]), (1, "%d ports" % len(ports)), "an agent that died long ago is no alarm of what it wired")
        w.do("agent-start nova-compute compute-4")
        until("nova-compute beats again", lambda: w.services("nova-compute")["compute-4"] == "up", 30)


@case("the data of a server: its port answers while it runs, whatever becomes of the APIs; stopped: it is closed", "sim")
def data_path(cloud):
    def answers(w):
        host, port = w.conf["vm"].split(":")
        try:
            with socket.create_connection((host, int(port)), timeout=5) as c:
                c.sendall(b"ping")
                return c.recv(4) == b"ping"
        except OSError:
            return False
    with World() as w:
        check(answers(w), "it does not answer")
        w.run("mgmt", "scale", "deployment", "-n", "openstack", "nova-api-osapi", "--replicas=0")
        until("the compute API is away", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 503, 30)
        check(answers(w), "it does not answer without the compute API")
        w.run("mgmt", "scale", "deployment", "-n", "openstack", "nova-api-osapi", "--replicas=1")
        until("the compute API is back", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 200, 30)
        w.act("shop-frontend", {"os-stop": None})
        until("it is closed", lambda: not answers(w), 20)
        w.act("shop-frontend", {"os-start": None})
        until("it answers again", lambda: answers(w), 20)


# ---- what several layers say of one thing ----

def admin_project(w):
    return [p["id"] for p in w.see("/identity/v3/projects")["projects"] if p["name"] == "admin"][0]


@case("nodes of {}: providerID, systemUUID, addresses and flavor are the server's", "sim", each=["tenant-a", "tenant-b"])
def same_node(cloud, tenant):
    with World() as w:
        servers = w.servers()
        nodes = w.get(tenant, "nodes")["items"]
        check(len(nodes) >= 4, "%d nodes" % len(nodes))
        for n in nodes:
            s = servers[n["metadata"]["name"]]
            equal(n["spec"]["providerID"].rsplit("/", 1)[1], s["id"], "providerID of " + s["name"])
            equal(n["status"]["nodeInfo"]["systemUUID"], s["id"], "systemUUID of " + s["name"])
            fixed = [a["addr"] for net in s["addresses"].values() for a in net if a["OS-EXT-IPS:type"] == "fixed"]
            equal([a["address"] for a in n["status"]["addresses"] if a["type"] == "InternalIP"], fixed, "addresses of " + s["name"])
            equal(n["metadata"]["labels"]["node.kubernetes.io/instance-type"], s["flavor"]["original_name"], "flavor of " + s["name"])
            ports = w.see("/network/v2.0/ports?device_id=" + s["id"])["ports"]
            equal([p["fixed_ips"][0]["ip_address"] for p in ports], fixed, "ports of " + s["name"])
            check(s["OS-EXT-SRV-ATTR:host"] in {m["metadata"]["name"] for m in w.get("mgmt", "nodes")["items"]}, "its hypervisor is no node of mgmt")


@case("volumes: a claim's volume is Cinder's, attached to the server that is its pod's node", "sim")
def same_volumes(cloud):
    with World() as w:
        servers = {s["id"]: n for n, s in w.servers().items()}
        volumes = {v["id"]: v for v in w.see("/volume/v3/%s/volumes/detail?all_tenants=1" % admin_project(w))["volumes"]}
        seen = 0
        for tenant in ("tenant-a", "tenant-b"):
            pvs = {v["metadata"]["name"]: v for v in w.get(tenant, "pv")["items"]}
            pods = w.get(tenant, "pods", "-A")["items"]
            for pvc in w.get(tenant, "pvc", "-A")["items"]:
                pv = pvs[pvc["spec"]["volumeName"]]
                if pv["spec"]["csi"]["driver"] != "cinder.csi.openstack.org":
                    continue                                   # Manila's (cases_shares.py)
                v = volumes[pv["spec"]["csi"]["volumeHandle"]]
                equal((v["name"], v["status"], "%dGi" % v["size"]), (pv["metadata"]["name"], "in-use", pv["spec"]["capacity"]["storage"]), "the volume")
                nodes = [p["spec"]["nodeName"] for p in pods if p["metadata"]["namespace"] == pvc["metadata"]["namespace"] and
                         any(x.get("persistentVolumeClaim", {}).get("claimName") == pvc["metadata"]["name"] for x in p["spec"]["volumes"])]
                equal([servers[a["server_id"]] for a in v["attachments"]], nodes, "who has " + v["name"])
                attached = w.see("/compute/v2.1/servers/%s/os-volume_attachments" % v["attachments"][0]["server_id"])["volumeAttachments"]
                check(v["id"] in {a["volumeId"] for a in attached}, "nova does not know that it is attached")
                seen += 1
        equal(seen, 5, "claims")
        loose = [v["name"] for v in volumes.values() if v["status"] == "in-use" and not v["attachments"]]
        equal(loose, [], "volumes in use by nobody")


@case("load balancers: a Service's address is the floating IP of its load balancer, its members are the nodes, its amphorae servers", "sim")
def same_balancers(cloud):
    with World() as w:
        servers = w.servers()
        for tenant in ("tenant-a", "tenant-b"):
            svc = [s for s in w.get(tenant, "services", "-A")["items"] if s["spec"]["type"] == "LoadBalancer"][0]
            name = "kube_service_%s_%s_%s" % (tenant, svc["metadata"]["namespace"], svc["metadata"]["name"])
            lbs = [b for b in w.see("/load-balancer/v2/lbaas/loadbalancers")["loadbalancers"] if b["id"] == svc["metadata"]["annotations"]["loadbalancer.openstack.org/load-balancer-id"]]
            equal([b["name"] for b in lbs], [name], "the load balancer")
            fips = w.see("/network/v2.0/floatingips?port_id=" + lbs[0]["vip_port_id"])["floatingips"]
            equal([f["floating_ip_address"] for f in fips], [i["ip"] for i in svc["status"]["loadBalancer"]["ingress"]], "its address")
            pool = w.see("/load-balancer/v2/lbaas/pools?loadbalancer_id=" + lbs[0]["id"])["pools"][0]["id"]
            members = w.see("/load-balancer/v2/lbaas/pools/%s/members" % pool)["members"]
            workers = [n for n in w.get(tenant, "nodes")["items"] if "node-role.kubernetes.io/control-plane" not in n["metadata"]["labels"]]
            equal({m["address"] for m in members}, {n["status"]["addresses"][0]["address"] for n in workers}, "its members")
            equal({m["protocol_port"] for m in members}, {svc["spec"]["ports"][0]["nodePort"]}, "the members' port")
            amphorae = w.see("/load-balancer/v2/octavia/amphorae?loadbalancer_id=" + lbs[0]["id"])["amphorae"]
            check(amphorae and all(a["compute_id"] in {s["id"] for s in servers.values()} for a in amphorae), "amphorae: %r" % amphorae)


@case("a deployment's pod with a volume is deleted: the volume goes with its replacement; a claim that is deleted takes its volume along", "sim")
def volume_moves(cloud):
    with World() as w:
        volume = lambda pv: [v for v in w.see("/volume/v3/%s/volumes/detail?all_tenants=1" % admin_project(w))["volumes"] if v["name"] == pv]
        pv = w.get("tenant-a", "pvc", "-n", "shop", "media")["spec"]["volumeName"]
        old = w.pods("tenant-a", "shop", "shop-media")[0]
        w.run("tenant-a", "cordon", old["spec"]["nodeName"])
        w.run("tenant-a", "delete", "pod", "-n", "shop", old["metadata"]["name"], "--wait=false")
        new = until("another one runs elsewhere", lambda: [p for p in w.pods("tenant-a", "shop", "shop-media") if up(p) and p["metadata"]["name"] != old["metadata"]["name"]], 60)[0]
        check(new["spec"]["nodeName"] != old["spec"]["nodeName"], "it is on the same node")
        equal([a["server_id"] for a in volume(pv)[0]["attachments"]], [w.servers()[new["spec"]["nodeName"]]["id"]], "the server that has the volume")
        reasons = [e["reason"] for e in w.get("tenant-a", "events", "-n", "shop")["items"] if e["involvedObject"]["name"] == new["metadata"]["name"]]
        check("SuccessfulAttachVolume" in reasons, "events: %r" % reasons)
        w.run("tenant-a", "scale", "statefulset", "-n", "shop", "shop-db", "--replicas=3")
        until("a third one runs", lambda: [p for p in w.pods("tenant-a", "shop", "shop-db-2") if up(p)], 60)
        made = w.get("tenant-a", "pvc", "-n", "shop", "data-shop-db-2")["spec"]["volumeName"]
        equal([v["status"] for v in volume(made)], ["in-use"], "its volume was made by Cinder")
        w.run("tenant-a", "scale", "statefulset", "-n", "shop", "shop-db", "--replicas=2")
        until("it is free", lambda: volume(made)[0]["status"] == "available", 60)
        w.run("tenant-a", "delete", "pvc", "-n", "shop", "data-shop-db-2", "--wait=false")
        until("its volume is gone", lambda: not volume(made), 30)


@case("a Service of type LoadBalancer: Octavia makes a load balancer for it, with an amphora and a floating IP; deleted: all of it is gone", "sim")
def balancer_made(cloud):
    with World(speed="30") as w:
        named = lambda n: [b for b in w.see("/load-balancer/v2/lbaas/loadbalancers")["loadbalancers"] if b["name"] == "kube_service_tenant-a_shop_" + n]
        service = lambda n: w.get("tenant-a", "service", "-n", "shop", n)
        address = lambda n: [i["ip"] for i in service(n)["status"].get("loadBalancer", {}).get("ingress", [])]
        servers = len(w.servers())
        w.run("tenant-a", "expose", "deployment", "-n", "shop", "shop-cart", "--name=cart-public", "--type=LoadBalancer", "--port=443", "--target-port=8081")
        until("Octavia makes it", lambda: named("cart-public"), 20)
        ip = until("it has an address", lambda: address("cart-public"), 30)[0]
        lb = named("cart-public")[0]
        equal((lb["provisioning_status"], lb["operating_status"]), ("ACTIVE", "ONLINE"), "its state")
        pool = w.see("/load-balancer/v2/lbaas/pools?loadbalancer_id=" + lb["id"])["pools"][0]["id"]
        members = {(m["address"], m["protocol_port"]) for m in w.see("/load-balancer/v2/lbaas/pools/%s/members" % pool)["members"]}
        equal(members, {("10.50.0.2%d" % i, service("cart-public")["spec"]["ports"][0]["nodePort"]) for i in range(4)}, "members")
        equal([f["port_id"] for f in w.see("/network/v2.0/floatingips?floating_ip_address=" + ip)["floatingips"]], [lb["vip_port_id"]], "the floating IP")
        equal(len(w.servers()), servers + 1, "servers, with its amphora")
        for name in ("cart-public", "shop-front-public"):
            w.run("tenant-a", "delete", "service", "-n", "shop", name, "--timeout=60s")
            equal(named(name), [], "load balancers of " + name)
        equal(w.see("/network/v2.0/floatingips?floating_ip_address=" + ip)["floatingips"], [], "floating IPs")
        until("the amphorae are gone", lambda: not [n for n in w.servers() if n.startswith("amphora-") and "batch" not in n], 30)


# ---- the program ----

@case("about 60 servers in 4 projects, 4 hypervisors that are nodes of mgmt, 4 machines of metal, 11 services, something broken of each kind", "sim")
def size(cloud):
    with World() as w:
        servers = w.servers()
        check(55 <= len(servers) <= 65, "%d servers" % len(servers))
        equal(len({s["tenant_id"] for s in servers.values()}), 4, "projects")
        hosts = {h["hypervisor_hostname"] for h in w.see("/compute/v2.1/os-hypervisors")["hypervisors"]}
        equal(len(hosts), 4, "hypervisors")
        check(hosts <= {n["metadata"]["name"] for n in w.get("mgmt", "nodes")["items"]}, "hypervisors that are no nodes")
        equal(len(w.see("/baremetal/v1/nodes")["nodes"]), 4, "machines of metal")
        equal(len(w.see("/identity/v3/services")["services"]), 11, "services")
        why = {c["state"]["waiting"]["reason"] for p in w.get("mgmt", "pods", "-A")["items"] for c in p["status"].get("containerStatuses", []) if "waiting" in c["state"]}
        check({"CrashLoopBackOff", "ImagePullBackOff"} <= why, "pods wait for: %r" % why)
        check([p for p in w.get("mgmt", "pods", "-A")["items"] if p["status"]["phase"] == "Pending" and not p["spec"].get("nodeName")], "every pod has a node")
        check([s for s in servers.values() if s["status"] == "ERROR" and s["fault"]["message"]], "no server failed")
        check([a for a in w.see("/network/v2.0/agents")["agents"] if not a["alive"]], "every agent lives")
        check([v for v in w.see("/volume/v3/%s/volumes/detail?all_tenants=1" % admin_project(w))["volumes"] if v["status"] == "detaching"], "no volume is stuck")
        token = json.loads(w.run("tenant-b", "config", "view", "--raw", "--minify", "-o", "json"))["users"][0]["user"]["token"].split(".")[1]
        left = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["exp"] - time.time()
        check(3600 < left < 86400, "the token of tenant-b lasts %d s" % left)


@case("the same seed gives the same names and ids, another one others", "sim")
def seeds(cloud):
    def names(seed):
        sim = World.__new__(World)
        Sim.__init__(sim, "--seed", seed)
        sim.token, sim.who = None, "admin"
        try:
            return {s["id"] for s in sim.servers().values()}, {p["metadata"]["name"] for p in sim.get("mgmt", "pods", "-A")["items"]}
        finally:
            sim.stop()
    a, b, c = names("3"), names("3"), names("4")
    equal(a, b, "twice the seed 3")
    check(not a[0] & c[0], "ids of two seeds are the same")


@case("scenario {}: its story, its hints, and the first thing that it does", "sim",
      each=["calm", "self-healing", "rolling-upgrade", "node-failure", "noisy-night"])
def scenario(cloud, name):
    with World("--scenario", name, speed="20") as w:
        with open(w.dir + "/hints") as f:
            hints = f.read().splitlines()
        check(hints and all(re.match(r"\d+-\d+\|[a-z]*\|.{21,72}$", h) for h in hints), "hints: %r" % hints)
        until("the story begins", lambda: open(w.dir + "/story").read().strip(), 10)
        image = lambda d: w.get("mgmt", "deployment", "-n", "openstack", d)["spec"]["template"]["spec"]["containers"][0]["image"]
        if name == "rolling-upgrade":
            until("keystone is upgraded", lambda: image("keystone-api").endswith(":2024.2-ubuntu_jammy"), 20)
            until("heat cannot be", lambda: "ImagePullBackOff" in w.run("mgmt", "get", "pods", "-n", "openstack"), 30)
        elif name == "node-failure":
            until("nova-compute is down", lambda: w.services("nova-compute")["compute-2"] == "down", 30)
            until("it is back", lambda: w.services("nova-compute")["compute-2"] == "up", 60)
        elif name == "noisy-night":
            count = lambda: sum(len(w.get(c, "events", "-A")["items"]) for c in ("mgmt", "tenant-a", "tenant-b"))
            before = count()
            until("things happen", lambda: count() > before + 10, 40)


@case("it ends with its parent, leaves no file and no process", "sim")
def trace(cloud):
    w = World()
    home = w.dir
    check(os.path.exists(home + "/kubeconfig"), "no kubeconfig")
    w.proc.stdin.close()
    equal(w.proc.wait(10), 0, "exit status")
    left = os.listdir(home)
    shutil.rmtree(home, ignore_errors=True)
    equal(left, [], "files that are left")
    made = home + ".made"
    subprocess.run([os.environ.get("STRATA_SIM", "./strata-sim"), "--dir", made], input=b"", capture_output=True, timeout=20)
    check(not os.path.exists(made), "the directory that it made")
    parent = subprocess.Popen(["sh", "-c", '"$0" </dev/zero & echo $!; wait', os.environ.get("STRATA_SIM", "./strata-sim")], stdout=subprocess.PIPE, text=True)
    lines = sorted([parent.stdout.readline(), parent.stdout.readline()])
    pid, directory = int(lines[0]), lines[1].split()[1]
    parent.kill()
    parent.wait()
    def ended():
        try:
            with open("/proc/%d/stat" % pid) as f:
                return f.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True
    until("it ended with the shell that was killed", ended, 10)
    until("its directory is gone", lambda: not os.path.exists(directory), 5)
