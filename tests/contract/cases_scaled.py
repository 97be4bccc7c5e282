"""What counts votes and was scaled by somebody below what it needs."""
import json

from case import collector
from cases_life import Kube, template, workload
from cases_links import context
from cases_world import World
from cloud import check, equal, until

CASES = []
case = collector(CASES)


@case("why: a set that counts votes and was scaled down is measured by the claims that are left of its members, and who scaled it is told")
def members(cloud):
    with Kube(cloud) as k:
        votes = workload("StatefulSet", "votes", 3, serviceName="votes", podManagementPolicy="Parallel", template=template("votes", terminationGracePeriodSeconds=1),
                         volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "",
                                                                                       "resources": {"requests": {"storage": "1Gi"}}}}])
        votes["metadata"]["labels"] = {"application": "etcd", "component": "server"}        # its own database, which no service of OpenStack needs
        disks = [{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "%s-%d" % (k.ns, i)},
                  "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "", "hostPath": {"path": "/var/empty"},
                           "claimRef": {"namespace": k.ns, "name": "data-votes-%d" % i}}} for i in range(3)]
        told = lambda: json.loads(cloud.strata("why", "statefulset", "votes", "-n", k.ns, "--context", context(cloud), "-o", "json").out)[0]
        try:
            k.apply(*disks, votes)
            k.ready("statefulset", "votes", 3)
            check("scaled" not in json.dumps(told()), told())
            for replicas, said in (1, "it is scaled to 1, and had 3 members: claim data-votes-2 is left: fewer than a majority"), (0, "it is scaled to 0, and had 3 members"):
                k.run("scale", "statefulset", "votes", "--replicas=%d" % replicas)
                until("its pods are gone", lambda: k.get("statefulset", "votes")["status"].get("replicas", 0) == replicas, 60)
                cause = told()["causes"][0]
                who = "by somebody with kubectl" if replicas else "through its scale, by whom the API server does not keep"
                check(said in cause["known"] and cause["known"].endswith(", set " + who), cause)
                equal((cause["state"], cause["class"]), ("not quite well", "C") if replicas else ("planned", "B"), cause)
        finally:
            k.run("delete", "pv", *(d["metadata"]["name"] for d in disks), "--wait=false", "--ignore-not-found", fail=True)


@case("why: a database that somebody scaled to nothing is the one cause of all APIs that need it, planned; a queue that is left one of three is one that broke", "sim")
def needed(_):
    with World() as w:
        cause = lambda name: next((c for c in w.strata_json("why", "--all") if c["chain"][-1]["name"] == name), None)
        w.see("/compute/v2.1/servers?limit=1")
        # the budget tells what its size was: in this world it is set by hand, and its pods have no claims
        w.run("mgmt", "create", "pdb", "keep", "-n", "openstack", "--selector=application=rabbitmq", "--min-available=2")
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "rabbitmq-rabbitmq", "--replicas=1")
        until("no conductor is heard", lambda: set(w.services("nova-conductor").values()) == {"down"}, 40)
        until("no agent is heard", lambda: set(w.agents("neutron-l3-agent").values()) == {False}, 40)
        c = cause("rabbitmq-rabbitmq")
        equal((c["state"], c["class"]), ("broken", "C"), c)
        check(c["explains"] > 9 and "it is scaled to 1, and budget keep wants 2: fewer than a majority, and " in c["known"] and ", set by somebody with kubectl" in c["known"], c)
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "rabbitmq-rabbitmq", "--replicas=3")
        until("the conductors are heard again", lambda: set(w.services("nova-conductor").values()) == {"up"}, 60)
        w.run("mgmt", "scale", "statefulset", "-n", "openstack", "mariadb-server", "--replicas=0")
        until("nova fails", lambda: w.ask("GET", "/compute/v2.1/servers?limit=1")[0] == 500, 30)
        c = cause("mariadb-server")
        equal((c["state"], c["class"]), ("planned", "B"), c)
        check("it is scaled to 0, set through its scale" in c["known"] and c["explains"], c)
        one, = [s for s in w.strata_json("stack") if s["service"] == "mariadb-server"]
        equal((one["health"], one["why"]), ("bad", "it is scaled to 0"), one)
        check(any("mariadb-server" in json.dumps(y) for y in w.strata_json("layers")), "the layers name it")
