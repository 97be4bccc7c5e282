"""Kinds and workers of a cloud by the words that openstackclient and the tables use."""
from case import collector
from cloud import check, equal

CASES = []
case = collector(CASES)

WORDS = {
    "load-balancer": "loadbalancer", "load balancer": "loadbalancer", "loadbalancer": "loadbalancer", "loadbalancer amphora": "amphora", "loadbalancer member": "lb-member", "floating ip": "floating-ip",
    "network agent": "network-agent", "compute service": "compute-service", "volume service": "volume-service", "volume snapshot": "snapshot",
    "server group": "server-group", "server migration": "migration", "security group": "security-group", "availability zone": "availability-zone",
    "baremetal node": "baremetal", "coe cluster": "coe-cluster",
}


@case("kinds by openstackclient's words, workers by the host that the table shows; of several, or of none, what there is is said")
def words(cloud):
    at = ("--cloud", cloud.admin_cloud)
    rows = lambda *kind: sorted(cloud.strata("get", *kind, "-o", "name", *at).out.split("\n"))
    for said, kind in WORDS.items():
        equal(rows(*said.split()), rows(kind), said)
        if " " in said:
            equal(rows(said), rows(kind), "as one word: " + said)
    agents = [x.split("/", 1)[1] for x in rows("network-agent") if "/" in x]
    host = [a for a in agents if a.startswith("neutron-l3-agent/")][0].split("/", 1)[1]
    there = [a for a in agents if a.endswith("/" + host)]
    dry = lambda *args: cloud.strata(*args, "--dry-run", *at)
    r = dry("network-agent", "disable", host)
    equal(r.code, 2, r)
    check("several network-agent on %s" % host in r.err and all(a in r.err for a in there), r)
    r = dry("network-agent", "disable", "neutron-l3-agent@" + host)
    equal(r.code, 0, r)
    check("network-agent neutron-l3-agent/%s on" % host in r.out, r)
    alone = [a for a in agents if sum(b.endswith("/" + a.split("/", 1)[1]) for b in agents) == 1][0]
    check("network-agent %s on" % alone in dry("network-agent", "disable", alone.split("/", 1)[1]).out, alone)
    computes = [x.split("/", 1)[1] for x in rows("compute-service") if x and "nova-" not in x]
    r = dry("compute-service", "disable", "nova-compute@" + computes[0])
    check("compute-service %s on" % computes[0] in r.out, r)
    r = dry("compute-service", "disable", "compute-99")
    equal(r.code, 3, r)
    check('"compute-99" not found; there are ' in r.err and computes[0] in r.err, r)
    for words in (("hypervisor", "drain", "compute-2", "--leave=no-such-server"), ("hypervisor", "drain", "compute-2", "--concurrency=none")):
        r = dry(*words)
        check(r.code == 2 and r.out == "" and r.err.count("\n") == 1, "what is mistyped has no plan: %r" % r)
    r = cloud.strata("restart", "deployment", "web", "-n", "lab", "--probe=http://127.0.0.1:1/", "--probe-min=101", "--yes")
    check(r.code == 2 and "--probe-min must be a whole number from 0 to 100" in r.err and r.err.count("\n") == 1, r)
    volumes = [x.split("/", 1)[1] for x in rows("volume-service") if "@" in x]
    r = dry("volume-service", "disable", "cinder-volume@" + volumes[0])
    check("volume-service %s on" % volumes[0] in r.out, r)


@case("one hypervisor has no objects to count: --at-once is refused in words that say --concurrency")
def at_once(cloud):
    r = cloud.strata("hypervisor", "drain", "compute-2", "--leave=all", "--at-once=1", "--dry-run", "--cloud", cloud.admin_cloud)
    equal(r.code, 2, r)
    check("--concurrency" in r.err, r)
