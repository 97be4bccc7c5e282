"""Members of load balancers: as rows, as links to nodes and servers, in what a stop of one would do, and in words."""
import contextlib
import json

from case import collector
from cases_links import context, found
from cases_services import both, gone, subnet_of_mine
from cloud import check, equal, until
from ostk_api import Service

CASES = []
case = collector(CASES)
NODE = "members-node"


@contextlib.contextmanager
def node_at(cloud, address):
    """A node of which nothing is known but its name and its address."""
    cloud.kubectl_all("delete", "node", NODE, "--ignore-not-found")
    code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}))
    check(code == 0, out)
    try:
        code, _, doc = cloud.raw("PATCH", "/api/v1/nodes/%s/status" % NODE, "application/merge-patch+json", {"status": {"addresses": [{"type": "InternalIP", "address": address}]}})
        check(code == 200, doc)
        yield
    finally:
        cloud.kubectl_all("delete", "node", NODE, "--ignore-not-found")


@contextlib.contextmanager
def balancer(lb, subnet):
    """One with a listener, and a pool that no listener leads to; make() adds to it, when it may be changed."""
    d = lb.ask("POST", "/v2/lbaas/loadbalancers", {"loadbalancer": {"name": "contract-members", "vip_subnet_id": subnet["id"]}}, 201)["loadbalancer"]
    path = "/v2/lbaas/loadbalancers/" + d["id"]

    def make(what, word, **args):
        until("ACTIVE", lambda: lb.get(path)["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)
        return lb.ask("POST", "/v2/lbaas/" + what, {word: args}, 201)[word]
    try:
        yield d, make
    finally:
        until("it may be deleted", lambda: lb.call("DELETE", path + "?cascade=true")[0] in (204, 404), 60)
        gone(lb, path)


@case("load balancers: members are rows, lead to the node of their name and address and to the server of their project; one of two that stops leaves it at risk")
def members(cloud):
    member = both(cloud)[1]
    lb, subnet = Service(member, "load-balancer"), subnet_of_mine(Service(member, "network"))
    first = ".".join(subnet["cidr"].split(".")[:3]) + "."
    at = {}
    for s in Service(member, "compute", "2.93").get("/servers/detail?status=ACTIVE")["servers"]:
        mine = [a["addr"] for net in s["addresses"].values() for a in net if a["addr"].startswith(first)]
        if mine and not s["name"].startswith("contract"):
            at[s["id"]] = mine[0]
    check(len(at) > 1, at)
    (one, ip1), (two, ip2) = sorted(at.items())[:2]

    def strata(*args, codes=(0,)):
        r = cloud.strata(*args, "--cloud", cloud.admin_cloud, "--context", context(cloud))
        check(r.code in codes, r)
        return r.out
    with balancer(lb, subnet) as (d, make), node_at(cloud, ip1):
        listener = make("listeners", "listener", name="m-http", protocol="HTTP", protocol_port=80, loadbalancer_id=d["id"])
        pool = make("pools", "pool", name="m-pool", protocol="HTTP", lb_algorithm="ROUND_ROBIN", listener_id=listener["id"])
        path = "pools/%s/members" % pool["id"]
        m1 = make(path, "member", name=NODE, address=ip1, protocol_port=30080)
        make(path, "member", address=ip2, protocol_port=30080)
        make("healthmonitors", "healthmonitor", name="m-hm", type="TCP", delay=5, timeout=3, max_retries=3, pool_id=pool["id"])
        loose = make("pools", "pool", name="m-loose", protocol="HTTP", lb_algorithm="ROUND_ROBIN", loadbalancer_id=d["id"])
        make("pools/%s/members" % loose["id"], "member", address="192.0.2.7", protocol_port=80)      # no listener leads there: it serves nobody
        until("ACTIVE", lambda: lb.get("/v2/lbaas/loadbalancers/" + d["id"])["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)

        tree = lb.get("/v2/lbaas/loadbalancers/%s/status" % d["id"])["statuses"]["loadbalancer"]
        shown = tree["listeners"][0]["pools"][0]
        equal(sorted(shown["health_monitor"]), ["id", "name", "operating_status", "provisioning_status", "type"], "its monitor")
        rows = {c["uid"]: c for c in cloud.os_cells("lb-member") if c["loadbalancer-id"] == d["id"]}
        want = {"%s/%s" % (pool["id"], m["id"]): (m["name"] or "%s:30080" % m["address"], m["address"], "30080", m["operating_status"], "m-pool", "m-http", "contract-members")
                for m in lb.get("/v2/lbaas/" + path)["members"]}
        equal({u: tuple(c[k] for k in ("name", "address", "port", "operating", "pool", "listener", "loadbalancer")) for u, c in rows.items()}, want, "rows")

        edges = json.loads(strata("links", "loadbalancer", d["id"], "-o", "json"))
        equal(sorted(u for c, u, _ in found(edges, "members", "loadbalancer", "contract-members") if c == "A"), sorted(want), "its members")
        targets = lambda name, kind: [(c, u if kind == "server" else n) for e in edges if e["to"]["kind"] == kind for c, u, n in found([e], "target", "lb-member", name)]
        equal((targets(NODE, "nodes"), targets(NODE, "server"), targets(ip2 + ":30080", "server")), ([("B", NODE)], [("B", one)], [("B", two)]), "what they lead to")
        check([r for e in edges if e["relation"] == "machine" and e["from"]["name"] == NODE for r in json.dumps(e).split() if "E11-8" in r], "E11-8 in %r" % edges)

        says = json.loads(strata("blast", "stop", "server", one, "-o", "json", codes=(7, 8)))[0]
        equal([(h["harm"], h["alive"], h["of"]) for h in says["harm"] if h["kind"] == "loadbalancer" and h["name"] == "contract-members"], [("at risk", 1, 2)], "one is left")
        text = strata("describe", "loadbalancer", d["id"])
        for words in ("  Listener m-http: ", "    Pool m-pool: ", "      Health monitor m-hm TCP: ", "      Member %s %s port 30080: %s" % (NODE, ip1, want["%s/%s" % (pool["id"], m1["id"])][3])):
            check("\n" + words in text, (words, text))
        check("Weight:" in strata("describe", "lb-member", NODE), "describe of a member")


@case("load balancers: a member with a subnet is the server of the port there, in any project; both stopped, it is lost; without a subnet an address is a guess")
def of_servers(cloud):
    admin, member = both(cloud)
    lb, net = Service(admin, "load-balancer"), Service(member, "network")
    subnet = subnet_of_mine(net)
    at = {p["device_id"]: f["ip_address"] for p in net.get("/v2.0/ports")["ports"] for f in p["fixed_ips"] if f["subnet_id"] == subnet["id"] and p["device_owner"].startswith("compute:")}
    up = {s["id"] for s in Service(member, "compute", "2.93").get("/servers/detail?status=ACTIVE")["servers"] if not s["name"].startswith("contract")}
    (one, ip1), (two, ip2) = sorted((u, ip) for u, ip in at.items() if u in up)[:2]
    where = ("--cloud", cloud.admin_cloud)              # no cluster, and no node
    with balancer(lb, subnet) as (d, make):
        listener = make("listeners", "listener", name="s-http", protocol="HTTP", protocol_port=80, loadbalancer_id=d["id"])
        pool = make("pools", "pool", name="s-pool", protocol="HTTP", lb_algorithm="ROUND_ROBIN", listener_id=listener["id"])
        for name, args in (("s-one", {"address": ip1, "subnet_id": subnet["id"]}), ("s-two", {"address": ip2, "subnet_id": subnet["id"]})):
            make("pools/%s/members" % pool["id"], "member", name=name, protocol_port=80, **args)
        until("ACTIVE", lambda: lb.get("/v2/lbaas/loadbalancers/" + d["id"])["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)
        equal(sorted(c["subnet-id"] for c in cloud.os_cells("lb-member") if c["loadbalancer-id"] == d["id"]), [subnet["id"]] * 2, "subnets")
        target = lambda name, uid: found(json.loads(cloud.strata("links", "server", uid, *where, "-o", "json").out), "target", "lb-member", name)
        equal([(c, u) for n, uid in (("s-one", one), ("s-two", two)) for c, u, _ in target(n, uid)], [("B", one), ("B", two)], "what they lead to")

        says = lambda *ids: [(h["harm"], h["class"], h["alive"], h["of"]) for h in json.loads(cloud.strata("blast", "stop", "server", *ids, *where, "-o", "json").out)[0]["harm"] if h["kind"] == "loadbalancer" and h["name"] == "contract-members"]
        equal((says(one), says(one, two)), ([("at risk", "B", 1, 2)], [("lost", "B", 0, 2)]), "one of two, and both")
        make("pools/%s/members" % pool["id"], "member", name="s-lone", address=ip1, protocol_port=81)
        until("a guess", lambda: [c for c, _, _ in target("s-lone", one)] == ["C"], 60)


@case("load balancers: one whose pool has no members is told so, whatever Octavia's state of it says; with a member it is not")
def without_members(cloud):
    admin, member = both(cloud)
    lb, subnet = Service(admin, "load-balancer"), subnet_of_mine(Service(member, "network"))
    with balancer(lb, subnet) as (d, make):
        words = lambda: cloud.strata("why", "loadbalancer", d["id"], "--cloud", cloud.admin_cloud).out
        listener = make("listeners", "listener", name="e-http", protocol="HTTP", protocol_port=80, loadbalancer_id=d["id"])
        check("no members" not in words(), "a listener without a pool")
        pool = make("pools", "pool", name="e-pool", protocol="HTTP", lb_algorithm="ROUND_ROBIN", listener_id=listener["id"])
        until("told", lambda: ": its pool has no members\n" in words().replace(";", "\n"), 90)
        make("pools/%s/members" % pool["id"], "member", address="192.0.2.7", protocol_port=80)
        until("not any more", lambda: "no members" not in words(), 60)
        until("ACTIVE", lambda: lb.get("/v2/lbaas/loadbalancers/" + d["id"])["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)
        second = make("pools", "pool", name="e-second", protocol="HTTP", lb_algorithm="ROUND_ROBIN", loadbalancer_id=d["id"])
        until("of one of two pools", lambda: ": 1 of its 2 pools has no members: %s; " % second["id"] in words(), 90)


@contextlib.contextmanager
def service_of(cloud, name, balancer_id):
    """A Service that says which load balancer was made for it."""
    meta = {"name": name, "namespace": "default", "annotations": {"loadbalancer.openstack.org/load-balancer-id": balancer_id}}
    cloud.kubectl_all("delete", "service", name, "-n", "default", "--ignore-not-found")
    code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}))
    check(code == 0, out)
    try:
        yield
    finally:
        cloud.kubectl_all("delete", "service", name, "-n", "default", "--ignore-not-found")


@case("load balancers: with one goes the Service that it was made for, from outside, as is foretold; afterwards its annotation names nothing")
def way_in(cloud):
    member = both(cloud)[1]
    lb, subnet = Service(member, "load-balancer"), subnet_of_mine(Service(member, "network"))
    where = ("--cloud", cloud.admin_cloud, "--context", context(cloud))
    with balancer(lb, subnet) as (goes, _), balancer(lb, subnet) as (stays, _), service_of(cloud, "way-goes", goes["id"]), service_of(cloud, "way-stays", stays["id"]):
        for d in goes, stays:
            until("ACTIVE", lambda d=d: lb.get("/v2/lbaas/loadbalancers/" + d["id"])["loadbalancer"]["provisioning_status"] == "ACTIVE", 60)
        r = cloud.strata("blast", "delete", "loadbalancer", goes["id"], *where, "-o", "json")
        says = json.loads(r.out)[0]
        equal((r.code, says["verdict"], says["clusters"], [(h["plane"], h["harm"], h["class"], h["name"]) for h in says["harm"] if h["kind"] == "services"]), (8, "red", 1, [("DP", "lost", "A", "way-goes")]), "foretold")
        check("service way-goes <- loadbalancer contract-members, from outside: its pods run on" in cloud.strata("blast", "delete", "loadbalancer", goes["id"], *where).out, "in words")
        lb.ask("DELETE", "/v2/lbaas/loadbalancers/%s?cascade=true" % goes["id"], None, 204)
        gone(lb, "/v2/lbaas/loadbalancers/" + goes["id"])
        words = "its annotation load-balancer-id names loadbalancer %s, which is not there" % goes["id"]
        until("the annotation names nothing", lambda: words in cloud.strata("why", "service", "way-goes", *where).out, 60)
        check("not there" not in cloud.strata("why", "service", "way-stays", *where).out, "the other one is well")
