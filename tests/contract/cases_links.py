"""The links between the layers, compared with what the servers say of each other: nodes made for servers that are there."""
import datetime
import json
import re
import tempfile

from case import collector
from cases_nova import Made
from cases_services import both
from cloud import check, equal, settled, until
from ostk_api import Service

CASES = []
case = collector(CASES)


def make_node(cloud, name, server, uuid, ready=None):
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": {"providerID": "openstack:///" + server}}
    cloud.kubectl_all("delete", "node", name, "--ignore-not-found")
    code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps(node))
    check(code == 0, out)
    info = {k: "x" for k in ("machineID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture")}
    code, _, doc = cloud.raw("PATCH", "/api/v1/nodes/%s/status" % name, "application/merge-patch+json", {"status": {"nodeInfo": dict(info, systemUUID=uuid), "conditions": [
        {"type": "Ready", "status": ready, "reason": "Made", "message": "made so"}] if ready else []}})
    check(code == 200, doc)


def links(cloud, name):
    r = cloud.strata("links", "node", name, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
    check(r.out, r)
    return json.loads(r.out)


def context(cloud):
    return cloud.kubectl("config", "current-context").strip()


def found(edges, relation, kind, name):
    return sorted((e["class"], e["to"]["uid"], e["to"]["name"]) for e in edges if e["relation"] == relation and e["from"]["kind"] == kind and e["from"]["name"] == name)


def servers_of_others(cloud, *args, who=None):
    """That run and stay: those of the cases come and go. Of plain names, as what a terminal must not see is not shown."""
    return [s for s in cloud.openstack("server", "list", "--long", *args, cloud=who) if s["Status"] == "ACTIVE" and not s["Name"].startswith("contract") and re.fullmatch("[ -~]+", s["Name"])]


@case("links: a node is the server its providerID names, which runs on the hypervisor Nova says; another systemUUID is a conflict")
def node_server(cloud):
    one, two, *_ = servers_of_others(cloud, "--all-projects")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "links-pod", "namespace": "default"},
           "spec": {"nodeName": "links-good", "terminationGracePeriodSeconds": 0, "tolerations": [{"operator": "Exists"}], "containers": [{"name": "c", "image": "x"}]}}
    try:
        make_node(cloud, "links-good", one["ID"], one["ID"].upper())
        cloud.kubectl_all("delete", "pod", "links-pod", "-n", "default", "--ignore-not-found", "--force")
        code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps(pod))
        check(code == 0, out)
        r = cloud.strata("server", "stop", one["ID"], "--cloud", cloud.admin_cloud, "--context", context(cloud), "--dry-run")
        check("it is node links-good of cluster %s: 1 pod there will go down with it" % context(cloud) in r.out, r)
        make_node(cloud, "links-bad", one["ID"], two["ID"])
        good, bad = links(cloud, "links-good"), links(cloud, "links-bad")
    finally:
        cloud.kubectl_all("delete", "pod", "links-pod", "-n", "default", "--ignore-not-found", "--force")
        cloud.kubectl_all("delete", "node", "links-good", "links-bad", "--ignore-not-found")
    equal(found(good, "machine", "nodes", "links-good"), [("A", one["ID"], one["Name"])], "the node's server")
    where = cloud.openstack("server", "show", one["ID"])["OS-EXT-SRV-ATTR:hypervisor_hostname"]
    equal([(c, name) for c, _, name in found(good, "hosted", "server", one["Name"])], [("A", where)], "the server's hypervisor")
    up = [e for e in good if e["relation"] == "managed" and e["from"]["name"] == where]
    equal([e["class"] for e in up], ["A"], "its nova-compute: %r" % up)
    equal(sorted(found(bad, "machine", "nodes", "links-bad")), sorted([("X", one["ID"], one["Name"]), ("X", two["ID"], two["Name"])]), "a node that is two servers")


@case("why: a server that was stopped says who asked for it and explains itself; one that runs has nothing wrong; a kind and a name are asked for")
def why(cloud):
    def ask(*args):
        return cloud.strata("why", *args, "--cloud", cloud.admin_cloud, "--context", context(cloud))

    def told(server):
        entry, = json.loads(ask("server", server, "-o", "json").out)
        return [(c["state"], c["class"], [(h["kind"], h["uid"]) for h in c["chain"]]) for c in entry["causes"]]
    def told_of_node(name):
        entry, = json.loads(ask("node", name, "-o", "json").out)
        return [(c["state"], c["class"], [(h["kind"], h["name"]) for h in c["chain"]]) for c in entry["causes"]]
    def since(server):
        entry, = json.loads(ask("server", server, "-o", "json").out)
        return [(c["since_ms"] // 1000, c["chain"][0].get("since_ms", 0) // 1000) for c in entry["causes"]]
    def seconds(stamp):
        return int(datetime.datetime.fromisoformat(stamp[:19] + "+00:00").timestamp())
    with Made(cloud, "contract-why-huge", "huge.96cpu", wait="ERROR") as m:
        made = seconds(m.admin.server(m.id)["fault"]["created"])
        equal(m.member.call("PUT", "/servers/" + m.id, {"server": {"name": "contract-why-named"}})[0], 200, "its record is changed")
        equal(since(m.id), [(made, made)], "since its fault, not since its record changed")
    with Made(cloud, "contract-why") as m:
        equal(told(m.id), [], "a server that runs")
        m.act(m.member, {"os-stop": None})
        m.settle("SHUTOFF")
        equal(told(m.id), [("planned", "A", [("server", m.id)])], "the stopped server")
        try:
            make_node(cloud, "why-silent", m.id, m.id, "Unknown")
            equal(told_of_node("why-silent"), [("planned", "A", [("nodes", "why-silent"), ("server", "contract-why")])], "a node that is not heard: down to its server")
        finally:
            cloud.kubectl_all("delete", "node", "why-silent", "--ignore-not-found")
        stopped = [a for a in m.member.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"] if a["action"] == "stop"][0]
        equal([a for a, _ in since(m.id)], [seconds(stopped["start_time"])], "since it was asked to stop")
        r = ask("server", m.id)
        user = m.member.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"][0]["user_id"]
        user = cloud.openstack("user", "show", user)["name"]
        check("): SHUTOFF, power Shutdown" in r.out and "server contract-why is planned: user %s asked for stop " % user in r.out and "look at: strata describe server contract-why" in r.out, r)
        dot = ask("server", m.id, "-o", "dot").out
        check(dot.startswith("strict digraph why {") and '"server\\ncontract-why\\n%s" [xlabel="planned",color=blue' % cloud.admin_cloud in dot and dot.endswith("}\n"), dot)
    r = cloud.strata("why", env={"KUBECONFIG": "/dev/null", "OS_CLIENT_CONFIG_FILE": "/nonexistent"})
    check("nothing is red\n" not in r.out, r)
    equal(ask("server").code, 2, "which server")
    equal(ask("nonsense", "x").code, 2, "no such kind")
    r = ask()
    check(re.search(r"^(\d+ causes? explains? \d+ red rows?(; \d+ planned( explains? \d+)?)?|\d+ planned explains? \d+|nothing is red( of what can be seen)?(; what is planned:)?)$", r.out, re.M), r)


def made_of(cloud, *objects):
    for o in objects:
        code, out = cloud.kubectl_all("create", "-f", "-", stdin=json.dumps(o))
        check(code == 0, out)


@case("why: a pod that waits where its volume is not attached says so, and two persistent volumes that are one volume contradict each other")
def attached_elsewhere(cloud):
    def volume(name):
        return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "contract-attach",
            "csi": {"driver": "cinder.csi.openstack.org", "volumeHandle": used["id"]}}}

    def told(kind, name):
        r = cloud.strata("why", kind, name, "-n", "default", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
        entry, = json.loads(r.out)
        return [(c["state"], c["class"], [(h["kind"], h["name"]) for h in c["chain"]], c["known"]) for c in entry["causes"]]

    with Made(cloud, "contract-attach") as m:
        used = [v for v in json.loads(cloud.strata("get", "volume", "--cloud", cloud.admin_cloud, "-o", "json").out)["volumes"] if v["attachments"]][0]
        server = m.admin.server(used["attachments"][0]["server_id"])["name"]
        try:
            make_node(cloud, "attach-node", m.id, m.id, "Unknown")
            made_of(cloud, volume("attach-pv"), {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "attach-data", "namespace": "default"}, "spec": {
                "accessModes": ["ReadWriteOnce"], "volumeName": "attach-pv", "storageClassName": "contract-attach", "resources": {"requests": {"storage": "1Gi"}}}},
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "attach-pod", "namespace": "default"}, "spec": {
                    "nodeName": "attach-node", "tolerations": [{"operator": "Exists"}], "containers": [{"name": "c", "image": "x", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}],
                    "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "attach-data"}}]}})
            where = [("A", [("pods", "attach-pod"), ("persistentvolumeclaims", "attach-data"), ("persistentvolumes", "attach-pv")],
                      "it is attached to server %s, and pod attach-pod waits for it on node attach-node, which is server contract-attach" % server)]
            # the claim is bound when its controller comes to it
            settled(lambda: equal([c[1:] for c in told("pod", "attach-pod") if c[2][-1][0] == "persistentvolumes"], where, "where its volume is"), seconds=60)
            made_of(cloud, volume("attach-pv2"))
            one = told("persistentvolume", "attach-pv2")
            equal([c[:3] for c in one], [("contradictory", "X", [("persistentvolumes", "attach-pv2")])], "two that are one: %r" % one)
            check("is volume " in one[0][3] and "and so is persistentvolume " in one[0][3], one)
        finally:
            for kind, name in (("pod", "attach-pod"), ("pvc", "attach-data"), ("pv", "attach-pv"), ("pv", "attach-pv2"), ("node", "attach-node")):
                cloud.kubectl_all("delete", kind, name, "--ignore-not-found", "--wait=false", *(["--grace-period=0", "--force"] if kind == "pod" else []))


@case("why: a Keystone that never answered is a cause by itself, with what is not read for it, and the API that its words name")
def no_keystone(cloud):
    entry = "clouds:\n  gone: {auth: {auth_url: 'http://127.0.0.1:1/v3', username: u, password: p, project_name: x, user_domain_name: d, project_domain_name: d}}\n"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(entry)
        f.flush()
        env = {"OS_CLIENT_CONFIG_FILE": f.name, "KUBECONFIG": "/dev/null"}
        all_red = cloud.strata("why", "--cloud", "gone", env=env).out.splitlines()
        equal((all_red[0], len(all_red)), ("1 cause explains 1 red row", 3), all_red)
        check(re.search(r"^ +1 +broken .* A  os-service identity \(gone\): down, reason .*127\.0\.0\.1:1 .*; \d+ lists of gone are not read$", all_red[2]), all_red)
        r = cloud.strata("get", "os-services", "--cloud", "gone", env=env)
        check(r.code == 1 and re.search(r"^identity API +127\.0\.0\.1:1 +down ", r.out, re.M), r)
        check("os-service identity is broken" in cloud.strata("why", "os-service", "identity", "--cloud", "gone", env=env).out, "by its name")


@case("links, why, blast: of several of one name, those of the namespaces that were named")
def named_place(cloud):
    for ns in "default", "kube-public":
        r = cloud.strata("why", "service", "kubernetes", "-n", ns, "--context", context(cloud), "-o", "json")
        found = [x["scope"] for x in json.loads(r.out or "[]")]
        equal((found, r.code), (["default"], 0) if ns == "default" else ([], 3), r)
        check(r.code == 0 or 'service "kubernetes" not found' in r.err, r)
        equal(cloud.strata("links", "service", "kubernetes", "-n", ns, "--context", context(cloud)).code, r.code, "what it hangs on")
    equal(cloud.strata("blast", "delete", "service", "kubernetes", "-n", "kube-public", "--context", context(cloud)).code, 3, "nor its blast radius")


@case("layers: the cloud stands on the cluster whose nodes its hypervisors are, counted as both list them")
def layers(cloud):
    r = cloud.strata("layers", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
    got = {x["source"]: x for x in json.loads(r.out)}
    top, below = got[cloud.admin_cloud], got[context(cloud)]
    nodes = {n["metadata"]["name"]: [a["address"] for a in n["status"].get("addresses", [])] for n in json.loads(cloud.kubectl_all("get", "nodes", "-o", "json")[1])["items"]}
    hosts = [h["Hypervisor Hostname"] for h in cloud.openstack("hypervisor", "list")]
    stands = [o for o in top["runs_on"] if o["source"] == context(cloud)]
    equal([(o["hypervisors"], o["class"]) for o in stands], [(len([h for h in hosts if h.split(".")[0] in nodes]), "B")], "hypervisors that are nodes")
    equal((top["hypervisors"], top["plane"], below["plane"]), (len(hosts), "openstack", "kubernetes"), "all of them")
    check(top["level"] > below["level"] and below["level"] == 1 and not below["runs_on"], got)
    equal([(x["source"], "cause" in x) for x in got.values()], [(x["source"], x["red"] > 0) for x in got.values()], "what is red names its first cause")
    dot = cloud.strata("layers", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "dot").out
    check(dot.startswith("digraph layers {") and '"%s" -> "%s" [label=' % (cloud.admin_cloud, context(cloud)) in dot, dot)
    check("runs on %s: " % context(cloud) in cloud.strata("layers", "--cloud", cloud.admin_cloud, "--context", context(cloud)).out, "in words")


@case("stack: one row a service, its agents and replicas counted as openstack and kubectl count them")
def stack(cloud):
    r = cloud.strata("stack", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
    got = {x["service"]: x for x in json.loads(r.out)}
    compute = got["compute"]
    agents = cloud.openstack("compute", "service", "list")
    equal((compute["agents"], compute["source"], compute["api"], compute["project"]), (len(agents), cloud.admin_cloud, True, "nova"), r)
    enabled = [a for a in agents if a["Status"] == "enabled"]
    equal(compute["off"], len(agents) - len(enabled), "those that are disabled")
    if all(a["State"] == "up" for a in enabled) and compute["ready"] == compute["wanted"]:
        equal((compute["health"], compute["why"]), ("ok", ""), r)
    sets = {s["metadata"]["name"]: s for s in json.loads(cloud.kubectl_all("get", "statefulsets", "-n", "openstack", "-o", "json")[1])["items"]}
    budgets = json.loads(cloud.kubectl_all("get", "poddisruptionbudgets", "-n", "openstack", "-o", "json")[1])["items"]
    for name, s in sets.items():
        if name in got:
            n = s["spec"]["replicas"]
            equal((got[name]["wanted"], got[name]["quorum"], got[name]["api"]), (n, n // 2 + 1, False), name)
            labels = s["spec"]["template"]["metadata"].get("labels", {})
            mine = [b["status"]["disruptionsAllowed"] for b in budgets if labels.items() >= b["spec"]["selector"].get("matchLabels", {}).items()]
            equal((got[name]["budgets"], got[name]["may_go"]), (len(mine), min(mine, default=0)), "budgets of " + name)
    check("mariadb-server" in got and got["mariadb-server"]["source"] == context(cloud), got.keys())
    check(re.search(r"^SERVICE +SOURCE +HEALTH", cloud.strata("stack", "--cloud", cloud.admin_cloud, "--context", context(cloud)).out), "in words")


@case("why: a cordoned node that takes no pods is no alarm, and says who cordoned it: a drain of strata, or somebody with kubectl")
def cordoned(cloud):
    def ask(name):
        r = cloud.strata("why", "node", name, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json")
        entry, = json.loads(r.out)
        return [c for c in entry["causes"] if c["state"] != "planned"], entry.get("cordon", "")      # no kubelet is there: real servers miss it soon
    try:
        make_node(cloud, "why-drained", "", "", "True")
        make_node(cloud, "why-cordoned", "", "", "True")
        r = cloud.strata("drain", "why-drained", "--context", context(cloud), "--ignore-daemonsets", "--yes", "--confirm", "why-drained")
        equal(r.code, 0, r)
        code, out = cloud.kubectl_all("cordon", "why-cordoned")
        equal(code, 0, out)
        def told(name):
            causes, words = ask(name)
            return (causes, words) if words else None
        causes, words = until("the drained node is cordoned", lambda: told("why-drained"))
        check(not causes and re.match(r"cordoned since \S+ by drain \S+ of \S+@\S+ with strata at \S+Z$", words), (causes, words))
        causes, words = until("the other one as well", lambda: told("why-cordoned"))
        kept = "managedFields" in cloud.kubectl("get", "node", "why-cordoned", "--show-managed-fields", "-o", "json")       # the demo cloud does not keep who wrote
        check(not causes and re.match(r"cordoned since \S+ by somebody with kubectl\S* at \S+Z$" if kept else r"cordoned since \S+$", words), (causes, words))
    finally:
        cloud.kubectl_all("delete", "node", "why-drained", "why-cordoned", "--ignore-not-found")


@case("why, stack: an agent of layer 3 that is disabled is planned work: its routers name it, and so does the list of causes, though nothing is red")
def disabled_agent(cloud):
    def told(*args):
        return json.loads(cloud.strata(*args, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json").out)
    routed = lambda: [f for f in cloud.openstack("floating", "ip", "list", "--long") if f["Router"]]
    router = cloud.openstack("router", "show", routed()[0]["Router"])
    router = {"ID": router["id"], "Name": router["name"]}
    agent = cloud.openstack("network", "agent", "list", "--router", router["ID"])[0]
    name = "neutron-l3-agent/" + agent["Host"]
    before = next(s for s in told("stack") if s["service"] == "network")["up"]
    r = cloud.strata("disable", "network-agent", agent["ID"], "--cloud", cloud.admin_cloud, "--yes", "--confirm", name)
    try:
        equal(r.code, 0, r)
        until("its router names it", lambda: [(c["state"], c["class"], [h["name"] for h in c["chain"]]) for c in told("why", "router", router["ID"])[0]["causes"]][:1]
              == [("planned", "A", [router["Name"], name])], 40)
        causes = [(c["state"], c["chain"][-1]["name"]) for c in told("why")]
        check(("planned", name) in causes, causes)
        network = next(s for s in told("stack") if s["service"] == "network")
        check("neutron-l3-agent of %s" % agent["Host"] in network["why"] and "disabled, as planned" in network["why"] and network["up"] == before - 1, network)
        if cloud.sim:                                             # the lab's agents have no data plane
            check(all(f["Status"] == "DOWN" for f in routed() if f["Router"] == router["ID"]), routed())
    finally:
        cloud.strata("enable", "network-agent", agent["ID"], "--cloud", cloud.admin_cloud, "--yes", "--confirm", name)
    until("nothing is wrong", lambda: told("why", "router", router["ID"])[0]["causes"] == [], 40)


@case("why, blast: a DHCP agent that is disabled loses its ports, and its networks name it all the same, by its own list")
def disabled_dhcp(cloud):
    def told(*args):
        return json.loads(cloud.strata(*args, "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json").out)
    def ports():
        return [p["network_id"] for p in net.get("/v2.0/ports?device_owner=network:dhcp")["ports"] if p["binding:host_id"] == agent["host"]]
    net = Service(both(cloud)[0], "network")
    leased = {s["network_id"] for s in net.get("/v2.0/subnets")["subnets"] if s["enable_dhcp"]}
    of = lambda a: [n["id"] for n in net.get("/v2.0/agents/%s/dhcp-networks" % a["id"])["networks"] if n["id"] in leased]
    agent, has = next((a, of(a)) for a in net.get("/v2.0/agents")["agents"] if a["agent_type"] == "DHCP agent" and a["alive"] and of(a))
    name = "neutron-dhcp-agent/" + agent["host"]
    until("a port on each", lambda: set(has) <= set(ports()), 60)
    equal(told("why", "network", has[0])[0]["causes"], [], "before")
    r = cloud.strata("disable", "network-agent", agent["id"], "--cloud", cloud.admin_cloud, "--yes", "--confirm", name)
    try:
        equal(r.code, 0, r)
        until("its ports are gone", lambda: not ports(), 60)
        cause = told("why", "network", has[0])[0]["causes"][0]
        equal((cause["state"], cause["class"], cause["chain"][-1]["name"]), ("planned", "A", name), cause)
        check("networks of the agent" in cloud.strata("why", "network", has[0], "--cloud", cloud.admin_cloud, "--context", context(cloud)).out, "how it is known")
        check(("planned", name) in [(c["state"], c["chain"][-1]["name"]) for c in told("why")], "among the causes")
    finally:
        cloud.strata("enable", "network-agent", agent["id"], "--cloud", cloud.admin_cloud, "--yes", "--confirm", name)
    until("its ports are back", lambda: set(has) <= set(ports()), 60)
    equal(told("why", "network", has[0])[0]["causes"], [], "after")


@case("why: agents of several services that fall silent together are one guess at what they share, which looks well; those of one service are not", "sim")
def silent_together(_):
    from cases_world import World
    with World() as w:
        host = lambda a: "%s %s" % (a["binary"], a["host"])
        queue = lambda: [c for c in w.strata_json("why", "--all") if c["chain"][-1]["name"] == "rabbitmq-rabbitmq"]
        nova = [(b, h) for b in ("nova-compute", "nova-conductor", "nova-scheduler") for h, state in w.services(b).items() if state == "up" and h != "compute-3"]
        for b, h in nova:
            w.do("agent-stop %s %s" % (b, h))
        until("nova's are down", lambda: all(w.services(b)[h] == "down" for b, h in nova), 40)
        equal(queue(), [], "one service alone is silent")
        agents = [a for a in w.see("/network/v2.0/agents")["agents"] if a["alive"]]
        for a in agents:
            w.do("agent-stop " + host(a))
        until("neutron's are down", lambda: not any(a["alive"] for a in w.see("/network/v2.0/agents")["agents"]), 40)
        causes = w.strata_json("why", "--all")
        c = causes[0]
        silent = len(nova) + len(agents)
        equal((c["chain"][-1]["name"], c["class"], c["guess"], c["silent"]), ("rabbitmq-rabbitmq", "C", True, silent), c)
        check(c["silent"] <= c["explains"] and 2 * c["silent"] > c["of"] and c["within_ms"] <= 120000, c)
        check("%d of %d services that need it fell silent within " % (silent, c["of"]) in c["known"] and c["known"].endswith(": perhaps statefulset rabbitmq-rabbitmq"), c["known"])
        check(not any(x["chain"][-1]["name"] in ["/".join(a) for a in nova] for x in causes), "none of them is a cause of its own")
        one, = [n for n in w.strata_json("why", "os-service", "nova-conductor/nova-conductor-0") if n["name"] == "nova-conductor/nova-conductor-0"]
        equal([(x["chain"][-1]["name"], x.get("guess", False)) for x in one["causes"]],
              [("rabbitmq-rabbitmq", True), ("mariadb-server", True), ("nova-conductor/nova-conductor-0", False)], "the queue, the database, itself")


@case("why: the queue that all services need is their one cause once its quorum is lost, and none before; to take two of its pods is red: no agent is heard, and who asks none goes on", "sim")
def needed(_):
    from cases_world import World, up
    with World() as w:
        w.see("/compute/v2.1/servers?limit=1")
        pods = {p["metadata"]["name"]: p for p in w.pods("mgmt", "openstack", "rabbitmq")}
        blast = lambda *names: json.dumps(w.strata_json("blast", "delete", *("pod/" + pods[n]["metadata"]["uid"] for n in names)))
        check("os-service" not in blast("rabbitmq-rabbitmq-1"), "one of three: the quorum holds")
        two = blast("rabbitmq-rabbitmq-1", "rabbitmq-rabbitmq-2")
        hurt = {(i["name"], i["harm"]) for d in json.loads(two) for i in d["harm"] if i["kind"] == "os-services"}
        check('"red"' in two and ("compute", "degraded") in hurt and not any(name in ("identity", "placement", "image") for name, _ in hurt), hurt)
        check({name for name, harm in hurt if harm == "lost"} >= {"nova-conductor/" + host for host in w.services("nova-conductor")}, hurt)
        check(not any(i["kind"] in ("server", "router") and i["plane"] == "DP" and i["harm"] == "lost" for d in json.loads(two) for i in d["harm"]), "what runs runs on: " + two)
        for n, lost in ((2, False), (1, True)):
            name = "rabbitmq-rabbitmq-%d" % n
            w.do("probe-fails mgmt openstack " + name)
            until(name + " is not ready", lambda: not up(w.pods("mgmt", "openstack", name)[0]), 40)
            if lost:
                until("no conductor is heard", lambda: set(w.services("nova-conductor").values()) == {"down"}, 40)
                until("no agent is heard", lambda: set(w.agents("neutron-l3-agent").values()) == {False}, 40)
            causes = [(c["chain"][-1]["name"], c["class"], c["explains"]) for c in w.strata_json("why", "--all")]
            mine = [c for c in causes if c[0].startswith("rabbitmq")]
            if not lost:
                check(not any(c[2] > 3 for c in mine), causes)
                continue
            check(mine == causes[:1] and mine[0][1] == "B" and mine[0][2] > 9, causes)
            check(not any(c[0].startswith(("nova-", "neutron-l3")) for c in causes), causes)
