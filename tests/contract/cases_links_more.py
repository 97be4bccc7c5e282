"""Links through storage, traffic, releases and what operators write down: objects made on real servers with the fields of the upstreams."""
import json
import os
import re
import subprocess
import tempfile
from uuid import uuid4

from case import collector
from cases_links import context, found, servers_of_others
from cases_nova import Made
from cloud import Skip, check, equal, until

CASES = []
case = collector(CASES)
PRE = "links-more-"
NS = PRE + "ns"
CAPI, CAPO = "cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io"


def obj(api, kind, name, meta=None, **rest):
    return dict(apiVersion=api, kind=kind, metadata=dict({"name": PRE + name}, **(meta or {})), **rest)


def spaced(api, kind, name, meta=None, **rest):
    return obj(api, kind, name, dict({"namespace": NS}, **(meta or {})), **rest)


def apply(cloud, *objects):
    code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
    check(code == 0, out)


def links(cloud, kind, name):
    r = cloud.strata("links", kind, name, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
    check(r.out, r)
    return json.loads(r.out)


def forget(cloud, kind, *names):
    cloud.kubectl_all("delete", kind, *[PRE + n for n in names], "--ignore-not-found", "--wait=false")


def fresh(cloud, ns, **others):
    """A new namespace of that name: what a run before left, which was killed or is still ending, goes first, with others of these kinds."""
    cloud.kubectl_all("delete", "ns", ns, "--ignore-not-found", "--wait=false")
    for kind, names in others.items():
        forget(cloud, kind, *names)
    until("namespace " + ns, lambda: cloud.kubectl_all("create", "ns", ns)[0] == 0, 90)


def uid(cloud, kind, name):
    return json.loads(cloud.kubectl_all("get", kind, PRE + name, "-n", NS, "-o", "json")[1])["metadata"]["uid"]


@case("links, why: of a kind that no rule speaks of it is said that nothing is linked to it, not that the object is not there")
def unlinked(cloud):
    for verb, kind in (("links", "flavor"), ("why", "flavor"), ("links", "keypair")):
        r = cloud.strata(verb, kind, "m1.tiny", "--cloud", cloud.admin_cloud, "--context", context(cloud))
        check(r.code == 3 and "no rule links any %s to anything; strata get %s" % (kind, kind) in r.err and "not found" not in r.err, r)


@case("links: a pod's claim is a volume of Cinder, an Ingress leads through its Service's endpoints to the pod, a workload is of its Helm release")
def storage_and_traffic(cloud):
    fresh(cloud, NS, volumeattachment=["va"], pv=["pv"])
    volume = cloud.openstack("volume", "create", "--size", "1", PRE + "volume")["id"]
    try:
        spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain", "storageClassName": ""}
        template = {"metadata": {"labels": {"app": "none"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
        node = json.loads(cloud.kubectl_all("get", "nodes", "-o", "json")[1])["items"][0]["metadata"]["name"]
        notes = {"meta.helm.sh/release-name": "rel", "meta.helm.sh/release-namespace": NS}
        apply(cloud,
              obj("v1", "PersistentVolume", "pv", spec=dict(spec, csi={"driver": "cinder.csi.openstack.org", "volumeHandle": volume}, claimRef={"namespace": NS, "name": PRE + "claim"})),
              spaced("v1", "PersistentVolumeClaim", "claim", spec={"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": PRE + "pv", "resources": {"requests": {"storage": "1Gi"}}}),
              spaced("v1", "Pod", "pod", spec={"schedulerName": "nobody", "containers": [{"name": "c", "image": "x"}],
                                               "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": PRE + "claim"}}]}),
              obj("storage.k8s.io/v1", "VolumeAttachment", "va", spec={"attacher": "cinder.csi.openstack.org", "nodeName": node, "source": {"persistentVolumeName": PRE + "pv"}}),
              spaced("v1", "Service", "svc", spec={"ports": [{"port": 80}]}),
              spaced("networking.k8s.io/v1", "Ingress", "ing", spec={"rules": [{"host": "links.example.org", "http": {"paths": [
                  {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": PRE + "svc", "port": {"number": 80}}}}]}}]}),
              *[spaced("v1", "Secret", "rel.v%d" % n, {"labels": {"owner": "helm", "name": "rel", "status": status, "version": str(n)}}, type="helm.sh/release.v1",
                       data={"release": "c2VjcmV0"}) for n, status in ((1, "superseded"), (2, "deployed"))],
              spaced("apps/v1", "Deployment", "dep", {"annotations": notes}, spec={"replicas": 0, "selector": {"matchLabels": {"app": "none"}}, "template": template}))
        pod = uid(cloud, "pod", "pod")
        apply(cloud, spaced("discovery.k8s.io/v1", "EndpointSlice", "slice", {"labels": {"kubernetes.io/service-name": PRE + "svc"}}, addressType="IPv4",
                            endpoints=[{"addresses": ["10.9.9.9"], "targetRef": {"kind": "Pod", "name": PRE + "pod", "namespace": NS, "uid": pod}}]))
        got = links(cloud, "pod", PRE + "pod")
        for relation, kind, name, to in (("claims", "pods", "pod", PRE + "claim"), ("bound", "persistentvolumeclaims", "claim", PRE + "pv"),
                                         ("sends", "services", "svc", PRE + "pod"), ("routes", "ingresses", "ing", PRE + "svc")):
            equal([(c, n) for c, _, n in found(got, relation, kind, PRE + name)], [("A", to)], relation)
        equal(found(got, "disk", "persistentvolumes", PRE + "pv"), [("A", volume, PRE + "volume")], "the volume behind it")
        equal([(c, n) for c, _, n in found(got, "mounted", "persistentvolumes", PRE + "pv")], [("A", node)], "the node it is attached to")
        # asked from the other end, by a name that is known by discovery alone
        up = links(cloud, "pv", PRE + "pv")
        equal(found(up, "disk", "persistentvolumes", PRE + "pv"), [("A", volume, PRE + "volume")], "the volume, from pv")
        of = links(cloud, "deployment", PRE + "dep")
        equal([(c, n) for c, _, n in found(of, "released", "deployments", PRE + "dep")], [("A", PRE + "rel.v2")], "its release")
        r = cloud.strata("get", "helm", "-n", NS, "--context", context(cloud), "-o", "json")
        equal([i["metadata"]["name"] for i in json.loads(r.out)["items"]], [PRE + "rel.v1", PRE + "rel.v2"], "releases")
    finally:
        cloud.kubectl_all("delete", "ns", NS, "--wait=false")
        forget(cloud, "volumeattachment", "va")
        forget(cloud, "pv", "pv")
        cloud.kubectl_all("patch", "pv", PRE + "pv", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        until("the volume can go", lambda: cloud.openstack("volume", "show", volume)["status"] in ("available", "error"), 60)
        cloud.strata("delete", "volume", volume, "--cloud", cloud.admin_cloud, "--yes")


@case("why: a Service whose only pod is ready and has lost its claim's volume leads to the claim")
def lost(cloud):
    def told(kind, name):
        entry, = json.loads(cloud.strata("why", kind, PRE + name, "-n", NS + "3", "--context", context(cloud), "-o", "json").out)
        return [(c["state"], [h["kind"] for h in c["chain"]]) for c in entry["causes"]]
    there, label = {"namespace": NS + "3"}, {"app": PRE + "lost"}
    fresh(cloud, NS + "3", pv=["lost"])
    try:
        claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": PRE + "lost", "resources": {"requests": {"storage": "1Gi"}}}
        apply(cloud,
              obj("v1", "PersistentVolume", "lost", spec={"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "",
                                                          "hostPath": {"path": "/tmp"}, "claimRef": {"namespace": NS + "3", "name": PRE + "claim"}}),
              obj("v1", "PersistentVolumeClaim", "claim", there, spec=claim),
              obj("v1", "Pod", "pod", dict(there, labels=label), spec={"containers": [{"name": "c", "image": "registry.example.org/web:1"}], "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": PRE + "claim"}}]}),
              obj("v1", "Service", "svc", there, spec={"selector": label, "ports": [{"port": 80}]}))
        ready = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        until("the pod is ready", lambda: cloud.kubectl_all("get", "pod", PRE + "pod", "-n", NS + "3", ready)[1].strip() == "True", 60)
        equal(told("service", "svc"), [], "nothing is wrong")
        cloud.kubectl_all("delete", "pv", PRE + "lost", "--wait=false")
        cloud.kubectl_all("patch", "pv", PRE + "lost", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        until("the claim is lost", lambda: cloud.kubectl_all("get", "pvc", PRE + "claim", "-n", NS + "3", "-o=jsonpath={.status.phase}")[1].strip() == "Lost", 60)
        equal(told("service", "svc"), [("broken", ["services", "pods", "persistentvolumeclaims"])], "by its Service")
        equal(told("pod", "pod"), [("broken", ["pods", "persistentvolumeclaims"])], "by itself")
        check("ClaimLost" in cloud.kubectl_all("get", "events", "-n", NS + "3", "-o=jsonpath={.items[*].reason}")[1], "and the server says so")
    finally:
        cloud.kubectl_all("delete", "ns", NS + "3", "--wait=false")
        cloud.kubectl_all("delete", "pv", PRE + "lost", "--ignore-not-found", "--wait=false")


def definition(group, version, plural, kind, scope):
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": plural + "." + group, "labels": {"made-by": PRE + "case"}}, "spec": {
        "group": group, "names": {"kind": kind, "plural": plural, "singular": kind.lower()}, "scope": scope,
        "versions": [{"name": version, "served": True, "storage": True, "schema": schema}]}}


DEFINITIONS = ((CAPI, "v1beta1", "machines", "Machine", "Namespaced"), (CAPO, "v1beta1", "openstackmachines", "OpenStackMachine", "Namespaced"),
               ("kvm.cloud.sap", "v1", "hypervisors", "Hypervisor", "Cluster"), ("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance", "Namespaced"))


@case("links: what Cluster API, SAP's hypervisor operator and KubeVirt write down is certain; a CSINode that names another server than providerID is a conflict")
def operators(cloud):
    one, two, *_ = servers_of_others(cloud, "--all-projects")
    host = next(h for h in cloud.openstack("--os-compute-api-version", "2.53", "hypervisor", "list") if h["Hypervisor Hostname"])
    made = [d for d in DEFINITIONS if cloud.kubectl_all("get", "%s.%s" % (d[2], d[0]), "-A")[0] != 0]
    names = ["%s.%s" % (d[2], d[0]) for d in made]
    fresh(cloud, NS + "2", node=["made", "bad", "kvm"], csinode=["bad"])
    there = {"namespace": NS + "2"}
    try:
        if made:
            apply(cloud, *[definition(*d) for d in made])
        for d in DEFINITIONS:
            until("%s is served" % d[2], lambda d=d: cloud.kubectl_all("get", "%s.%s" % (d[2], d[0]), "-A")[0] == 0, 30)
        notes = {"cluster.x-k8s.io/machine": PRE + "m", "cluster.x-k8s.io/cluster-namespace": NS + "2"}
        node = lambda name, **spec: obj("v1", "Node", name, {"annotations": notes if name == "made" else {}}, spec=spec)
        apply(cloud,
              node("made"), node("bad", providerID="openstack:///" + one["ID"]), node("kvm"),
              obj("storage.k8s.io/v1", "CSINode", "bad", spec={"drivers": [{"name": "cinder.csi.openstack.org", "nodeID": two["ID"], "topologyKeys": []}]}),
              obj(CAPI + "/v1beta1", "Machine", "m", there, spec={"clusterName": "c", "providerID": "openstack://RegionOne/" + one["ID"], "bootstrap": {}, "infrastructureRef": {"name": PRE + "osm"}}),
              obj(CAPO + "/v1beta1", "OpenStackMachine", "osm", there, spec={}, status={"instanceID": one["ID"]}),
              obj("kvm.cloud.sap/v1", "Hypervisor", "kvm", spec={}, status={"hypervisorId": str(host["ID"])}),
              obj("kubevirt.io/v1", "VirtualMachineInstance", "vmi", there, spec={"domain": {"firmware": {"uuid": "77777777-0000-4000-8000-000000000001"}}}))
        if cloud.mode == "live":                                  # its status was kept apart where the kind says so
            cloud.raw("PATCH", "/apis/kvm.cloud.sap/v1/hypervisors/%skvm/status" % PRE, "application/merge-patch+json", {"status": {"hypervisorId": str(host["ID"])}})
        vmi = json.loads(cloud.kubectl_all("get", "virtualmachineinstances.kubevirt.io", PRE + "vmi", "-n", NS + "2", "-o", "json")[1])["metadata"]["uid"]
        apply(cloud, obj("v1", "Pod", "launcher", dict(there, labels={"kubevirt.io/created-by": vmi}), spec={"schedulerName": "nobody", "containers": [{"name": "c", "image": "x"}]}))
        got = links(cloud, "node", PRE + "made")
        equal(found(got, "machine", "nodes", PRE + "made"), [("A", one["ID"], one["Name"])], "the server of a node that says its Machine")
        equal([(c, n) for c, _, n in found(got, "declared", "nodes", PRE + "made")], [("A", PRE + "m")], "its Machine")
        equal([(c, n) for c, _, n in found(got, "declared", "server", one["Name"]) if n == PRE + "osm"], [("A", PRE + "osm")], "its OpenStackMachine")
        equal(found(links(cloud, "node", PRE + "bad"), "machine", "nodes", PRE + "bad"),
              sorted([("X", one["ID"], one["Name"]), ("X", two["ID"], two["Name"])]), "two that differ")
        equal([(c, n) for c, _, n in found(links(cloud, "node", PRE + "kvm"), "host", "hypervisor", host["Hypervisor Hostname"]) if n == PRE + "kvm"],
              [("A", PRE + "kvm")], "the node its operator names")
        equal([(c, n) for c, _, n in found(links(cloud, "pod", PRE + "launcher"), "guest", "virtualmachineinstances", PRE + "vmi")], [("A", PRE + "launcher")], "the machine of a launcher")
    finally:
        forget(cloud, "node", "made", "bad", "kvm")
        forget(cloud, "csinode", "bad")
        for d in DEFINITIONS:
            if d not in made and d[4] == "Cluster":
                forget(cloud, "%s.%s" % (d[2], d[0]), "kvm")
        cloud.kubectl_all("delete", "ns", NS + "2", "--wait=false")
        if names:
            cloud.kubectl_all("delete", "crd", *names, "--wait=false")


@case("links: one cluster through several contexts is one, one cloud through several users as well: each object once, in the layers too")
def one_cluster(cloud):
    contexts = ["admin", "viewer", "token-file"]
    args = [a for c in contexts for a in ("--context", c)] + ["--cloud", cloud.admin_cloud]
    r = cloud.strata("layers", *args, "-o", "json")
    clusters = [x for x in json.loads(r.out) if x["plane"] == "kubernetes"]
    equal(len(clusters), 1, "clusters of %s" % [x["source"] for x in clusters])
    nodes = json.loads(cloud.kubectl_all("get", "nodes", "--context", contexts[0], "-o", "json")[1])["items"]
    equal(clusters[0]["nodes"], len(nodes), "its nodes")
    r = cloud.strata("links", "node", nodes[0]["metadata"]["name"], *args, "-o", "json")
    edges = json.loads(r.out)
    keys = [(e["from"]["uid"], e["relation"], e["to"]["uid"]) for e in edges if e["relation"] in ("runs-on", "host", "belongs-to")]
    equal(len(keys), len(set(keys)), "each link once")
    equal({e["to"]["source"] for e in edges if e["relation"] == "runs-on"}, {contexts[0]}, "by the context that sees the most")
    one = json.loads(cloud.strata("layers", "--cloud", cloud.admin_cloud, "-o", "json").out)[0]
    r = cloud.strata("layers", "--cloud", cloud.member_cloud, "--cloud", cloud.admin_cloud, "-o", "json")
    both = json.loads(r.out)
    equal([(x["source"], [a["source"] for a in x["also"]]) for x in both], [(cloud.admin_cloud, [cloud.member_cloud])], "the cloud, and who else leads to it: %s" % r)
    equal(both[0]["hypervisors"], one["hypervisors"], "its hypervisors")
    check(cloud.member_cloud not in r.err, "what the admin sees is not unseen: %s" % r.err)


@case("links: a profile of one's own is a file that strata reads; a bad one is told with file and line")
def own_profile(cloud):
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(home + "/strata/profiles")
        file = home + "/strata/profiles/mine.profile"
        ask = lambda: cloud.strata("links", "deployment", PRE + "idp", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json", env={"XDG_CONFIG_HOME": home})
        template = {"metadata": {"labels": {"idp": "mine"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
        apply(cloud, obj("apps/v1", "Deployment", "idp", {"namespace": "default", "labels": {"idp": "mine"}}, spec={"replicas": 0, "selector": {"matchLabels": {"idp": "mine"}}, "template": template}))
        try:
            edges = lambda: [(e["class"], e["from"]["name"]) for e in json.loads(ask().out) if e["relation"] == "backed" and e["to"]["name"] == PRE + "idp"]
            equal(edges(), [], "without a profile")
            with open(file, "w") as f:
                f.write("profile mine\nlabel idp\nmine - identity cp\n")
            equal([c for c, _ in edges()], ["C"], "labels alone are a guess")
            with open(file, "w") as f:
                f.write("profile mine\nlabel idp\nmine - identity everything\n")
            r = ask()
            check("%s:3: a component is" % file in r.err, r)
        finally:
            cloud.kubectl_all("delete", "deployment", PRE + "idp", "-n", "default", "--ignore-not-found")


@case("links: who is no admin sees the server of a node by its id; by an address alone it is a guess, and what is hidden is said")
def viewer(cloud):
    servers = [s for s in servers_of_others(cloud, who=cloud.member_cloud) if s["Networks"]]
    everyone = cloud.openstack("server", "list", "--all-projects", "--long")
    alone = lambda s, a: sum(a in addresses for o in everyone for addresses in (o["Networks"] or {}).values()) == 1
    one, address = next((s, a) for s in servers for addresses in s["Networks"].values() for a in addresses if alone(s, a))
    apply(cloud, obj("v1", "Node", "id", spec={"providerID": "openstack:///" + one["ID"]}), obj("v1", "Node", "address"))
    try:
        code, _, doc = cloud.raw("PATCH", "/api/v1/nodes/%saddress/status" % PRE, "application/merge-patch+json", {"status": {"addresses": [{"type": "InternalIP", "address": address}]}})
        check(code == 200, doc)

        def ask(name, who):
            r = cloud.strata("links", "node", PRE + name, "--cloud", who, "--context", context(cloud), "-o", "json")
            return found(json.loads(r.out), "machine", "nodes", PRE + name), r.err
        by_id, hidden = ask("id", cloud.member_cloud)
        equal(by_id, [("A", one["ID"], one["Name"])], "by its id")
        check("not seen: %s: hypervisor: " % cloud.member_cloud in hidden, hidden)
        forget(cloud, "node", "id")                # a server is one node: beside it the other one would be wrong
        equal(ask("address", cloud.member_cloud)[0], [("C", one["ID"], one["Name"])], "by an address, seen in part")
        equal(ask("address", cloud.admin_cloud)[0], [("B", one["ID"], one["Name"])], "by an address, seen whole")
    finally:
        forget(cloud, "node", "id", "address")


@case("links: ports, floating addresses, routers and networks hang on what openstackclient says, agents too")
def network(cloud):
    ask = lambda kind, name: json.loads(cloud.strata("links", kind, name, "--cloud", cloud.admin_cloud, "-o", "json").out)
    to = lambda edges, relation, kind, uid: sorted(e["to"]["uid"] for e in edges if e["relation"] == relation and e["from"]["kind"] == kind and e["from"]["uid"] == uid)
    host = lambda edges, kind, uid: sorted(e["to"]["name"].split("/")[-1] for e in edges if e["relation"] in ("served-by", "addressed") and e["from"]["kind"] == kind and e["from"]["uid"] == uid)
    router = next(r for r in cloud.openstack("router", "list", "--long") if r.get("External gateway info") and not r["Name"].startswith("contract"))["ID"]
    edges = ask("router", router)
    agents = lambda *args: sorted(a["Host"] for a in cloud.openstack("network", "agent", "list", *args))
    equal(host(edges, "router", router), agents("--router", router), "L3 agents of a router")
    ports = [p["ID"] for p in cloud.openstack("port", "list", "--router", router)]
    equal(sorted(e["from"]["uid"] for e in edges if e["relation"] == "plugged" and e["to"]["uid"] == router), sorted(ports), "its ports")
    shown = cloud.openstack("port", "show", ports[0])
    equal(to(ask("port", ports[0]), "network", "port", ports[0]), [shown["network_id"]], "the network of a port")
    dhcp = next(p for p in cloud.openstack("port", "list", "--device-owner", "network:dhcp"))["ID"]
    net = cloud.openstack("port", "show", dhcp)["network_id"]
    equal(host(ask("network", net), "network", net), agents("--network", net), "DHCP agents of a network")
    fip = next(f for f in cloud.openstack("floating", "ip", "list") if f["Port"])
    equal(to(ask("floating-ip", fip["ID"]), "routes", "floating-ip", fip["ID"]), [fip["Port"]], "the port of a floating address")
    whole = cloud.openstack("floating", "ip", "show", fip["ID"])
    equal(to(ask("floating-ip", fip["ID"]), "through", "floating-ip", fip["ID"]), [whole["router_id"]] if whole["router_id"] else [], "its router")


def two_clusters(cloud):
    """The contexts of two clusters, and what leads to both."""
    if cloud.sim:
        return ("mgmt", "tenant-a"), {"KUBECONFIG": cloud.sim.dir + "/kubeconfig"}
    both = os.path.join(os.path.dirname(os.path.dirname(os.environ.get("KUBECONFIG", "").split(":")[0])), "kubeconfig")
    if not os.path.exists(both):
        raise Skip("no second cluster")
    return ("mgmt", "tenant"), {"KUBECONFIG": both}


@case("links: nodes of two clusters that say they are one server are doubted and block what crosses the layers, until one is proven; by an address alone both are guesses")
def two_of_one(cloud):
    contexts, env = two_clusters(cloud)
    names = dict(zip(contexts, (PRE + "one", PRE + "other")))
    where = [x for c in contexts for x in ("--context", c)] + ["--cloud", cloud.admin_cloud]

    def kubectl(c, *args, stdin=""):
        p = subprocess.run(["kubectl", "--context", c, *args], capture_output=True, timeout=90, env=cloud.environ(**env), input=stdin.encode())
        check(p.returncode == 0, "kubectl %s: %s" % (" ".join(args), (p.stdout + p.stderr).decode("utf-8", "replace")))

    def node(c, server="", uuid="", address=""):
        kubectl(c, "delete", "node", names[c], "--ignore-not-found")
        spec = {"providerID": "openstack:///" + server} if server else {}
        kubectl(c, "create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Node", "metadata": {"name": names[c]}, "spec": spec}))
        info = {k: "x" for k in ("machineID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture")}
        kubectl(c, "patch", "node", names[c], "--subresource=status", "--type=merge", "-p", json.dumps({"status": {
            "nodeInfo": dict(info, systemUUID=uuid), "addresses": [{"type": "InternalIP", "address": address}] if address else [],
            "conditions": [{"type": "Ready", "status": "True", "reason": "Made", "message": "made so"}]}}))

    def classes(uid):
        r = cloud.strata("links", "server", uid, *where, "-o", "json", env=env)
        check(r.out, r)
        return {e["from"]["name"]: e["class"] for e in json.loads(r.out) if e["relation"] == "machine" and e["to"]["uid"] == uid}

    one, other = contexts
    try:
        with Made(cloud, "contract-two") as s:
            stop = lambda: cloud.strata("server", "stop", s.id, "--cloud", cloud.admin_cloud, "--dry-run", env=env)      # it looks in all clusters by itself
            node(one, s.id)
            node(other, uuid=s.id)
            equal(classes(s.id), {names[one]: "X", names[other]: "X"}, "an id against an id")
            r = stop()
            look = "look at node %s of %s and node %s of %s and mend" % (names[one], one, names[other], other)
            check(r.code == 4 and look in r.err, r)
            r = cloud.strata("why", "--all", *where, "-o", "json", env=env)
            told = {c["chain"][-1]["name"]: c.get("contradicts", "") for c in json.loads(r.out)}
            for c in contexts:
                check(told[names[c]].startswith("is server contract-two ") and told[names[c]].endswith(": a server is a node of one cluster"), told)
            node(one, s.id, s.id)                       # proven: what else is said is false, and blocks nobody
            node(other, s.id)
            equal(classes(s.id), {names[one]: "A", names[other]: "X"}, "two facts against one")
            r = stop()
            check(r.code == 0 and "it is node %s of cluster %s" % (names[one], one) in r.out and "it is node %s" % names[other] not in r.out, r)
            check("node %s of cluster %s says falsely that it is server contract-two" % (names[other], other) in r.out, r.out)
        everyone = cloud.openstack("server", "list", "--all-projects", "--long")
        taken = cloud.strata("get", "nodes", *where, "-o", "cells", env=env).out
        alone = lambda a: sum(a in addresses for o in everyone for addresses in (o["Networks"] or {}).values()) == 1 and a not in taken
        uid, address = [(o["ID"], a) for o in everyone if o["Status"] == "ACTIVE" and not o["Name"].startswith("contract") for addresses in (o["Networks"] or {}).values()
                        for a in addresses if alone(a) and o["ID"] not in taken][-1]
        node(one, address=address)
        node(other, address=address)
        equal(classes(uid), {names[one]: "C", names[other]: "C"}, "an address in two clusters")
    finally:
        for c in contexts:
            kubectl(c, "delete", "node", names[c], "--ignore-not-found")


@case("why: a node whose server and a volume that the cloud does not have are told, as causes and in links; who sees but a project's share does not say so")
def ghosts(cloud):
    gone = {"server": str(uuid4()), "volume": str(uuid4())}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain", "storageClassName": ""}
    volume = ""

    def told(*args, cloud_name=cloud.admin_cloud):
        r = cloud.strata(*args, "--context", context(cloud), "--cloud", cloud_name)
        check(r.out, r)
        return r.out
    missing = lambda kind, of: "its %s names %s %s, which is not there" % (of, kind, gone[kind])
    fresh(cloud, NS + "-ghost", node=["there", "ghost"], pv=["lost"])
    try:
        volume = cloud.openstack("volume", "create", "--size", "1", PRE + "there")["id"]          # of a cloud that shows no volume nothing is known
        with Made(cloud, "contract-ghost") as s:
            in_ns = {"namespace": NS + "-ghost"}
            apply(cloud, obj("v1", "Node", "there", spec={"providerID": "openstack:///" + s.id}),       # which cloud this cluster is on
                  obj("v1", "Node", "ghost", spec={"providerID": "openstack:///" + gone["server"]}),
                  obj("v1", "PersistentVolume", "lost", spec=dict(spec, csi={"driver": "cinder.csi.openstack.org", "volumeHandle": gone["volume"]},
                                                                  claimRef={"namespace": NS + "-ghost", "name": PRE + "lost"})),
                  obj("v1", "PersistentVolumeClaim", "lost", in_ns, spec={"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": PRE + "lost",
                                                                         "resources": {"requests": {"storage": "1Gi"}}}),
                  obj("v1", "Pod", "lost", in_ns, spec={"schedulerName": "nobody", "containers": [{"name": "c", "image": "x"}],
                                                        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": PRE + "lost"}}]}))
            until("the volume is seen to be gone", lambda: missing("volume", "volumeHandle") in told("why", "pv", PRE + "lost"), 60)
            why = told("why", "pod", PRE + "lost")
            check("  = persistentvolume %slost is dangling: %s" % (PRE, missing("volume", "volumeHandle")) in why, why)
            check(missing("volume", "volumeHandle") in told("links", "pv", PRE + "lost").splitlines()[0], "links of the volume")
            check(missing("server", "providerID") in told("links", "node", PRE + "ghost").splitlines()[0], "links of the node")
            every = {c["chain"][-1]["name"]: c for c in json.loads(told("why", "--all", "-o", "json"))}       # the table has but the first
            equal((every[PRE + "lost"]["state"], every[PRE + "lost"]["known"]), ("dangling", missing("volume", "volumeHandle")), "a cause of its own")
            ghost = every[PRE + "ghost"]                # real clusters find soon that no kubelet is there
            check(ghost["state"] in ("dangling", "broken") and missing("server", "providerID") in ghost["known"], ghost)
            for args in (("why", "pv", PRE + "lost"), ("why", "pod", PRE + "lost"), ("why", "node", PRE + "ghost"), ("links", "pv", PRE + "lost")):
                check("which is not there" not in told(*args, cloud_name=cloud.member_cloud), "who sees a part: %r" % (args,))
    finally:
        cloud.kubectl_all("delete", "ns", NS + "-ghost", "--wait=false")
        forget(cloud, "node", "there", "ghost")
        forget(cloud, "pv", "lost")
        cloud.kubectl_all("patch", "pv", PRE + "lost", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        if volume:
            until("the volume can go", lambda: cloud.openstack("volume", "show", volume)["status"] in ("available", "error"), 60)
            cloud.strata("delete", "volume", volume, "--cloud", cloud.admin_cloud, "--yes")
