"""Where what a drain evicts finds a place: what strata says before is what the scheduler of the cluster finds after."""
import re

from case import collector
from cases_life import Kube, template, workload
from cases_links import context
from cloud import check, equal, until

CASES = []
case = collector(CASES)

HOST = "kubernetes.io/hostname"


def plain(node):
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])
    return ready and not node["spec"].get("unschedulable") and not node["spec"].get("taints")


def waiting(k):
    return {p["metadata"]["labels"]["app"] for p in k.get("pods")["items"] if "deletionTimestamp" not in p["metadata"] and
            any(c["type"] == "PodScheduled" and c["status"] == "False" and c.get("reason") == "Unschedulable" for c in p["status"].get("conditions", []))}


@case("drain: pods that no other node takes for room, ports, anti-affinity of theirs or of another, or their spread are told to stay Pending, and do; the others find a place")
def finds_a_place(cloud):
    with Kube(cloud) as k:
        nodes = [n for n in k.get("nodes")["items"] if plain(n)][:2]
        names = [n["metadata"]["name"] for n in nodes]
        hosts = [n["metadata"]["labels"][HOST] for n in nodes]
        cpu = min(int(n["status"]["allocatable"]["cpu"]) for n in nodes)
        either = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": HOST, "operator": "In", "values": hosts}]}]}}
        far = lambda app: {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": HOST, "labelSelector": {"matchLabels": {"app": app}}}]}
        spread = lambda app, **more: [dict({"maxSkew": 1, "topologyKey": HOST, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": app}}}, **more)]

        def app(name, replicas=2, affinity=None, container=None, **spec):
            t = template(name, terminationGracePeriodSeconds=1, affinity=dict({"nodeAffinity": either}, **(affinity or {})), **spec)
            t["spec"]["containers"][0].update(container or {})
            return workload("Deployment", name, replicas, template=t)

        k.apply(app("hermit", 1, {"podAntiAffinity": far("soft")}, nodeSelector={HOST: hosts[1]}))
        k.ready("deployment", "hermit", 1)
        k.apply(app("soft", 1), app("free"), app("apart", 2, {"podAntiAffinity": far("apart")}), app("spread", topologySpreadConstraints=spread("spread")),
                app("counted", topologySpreadConstraints=spread("counted", nodeTaintsPolicy="Honor", matchLabelKeys=["pod-template-hash"])),
                app("greedy", container={"resources": {"requests": {"cpu": str(cpu * 51 // 100)}}}), app("port", container={"ports": [{"containerPort": 80, "hostPort": 9998}]}))
        for name, n in (("soft", 1), ("free", 2), ("apart", 2), ("spread", 2), ("counted", 2), ("greedy", 2), ("port", 2)):
            k.ready("deployment", name, n)
        there = [p["metadata"]["name"] for p in k.get("pods")["items"] if p["spec"]["nodeName"] == names[0]]
        r = cloud.strata("blast", "drain", "node", names[0], "--ignore-daemonsets", "--pod-selector", "of=%s" % k.ns, "--context", context(cloud))
        told = {re.sub(r"-[a-z0-9]+-[a-z0-9]+$", "", p) for line in re.findall(r"pods? will stay Pending until a node is back: ([^;]*);", r.out) for p in line.split(", ")}
        equal((r.code, told), (8, {"soft", "apart", "spread", "greedy", "port"}), r)
        for words in ("that may not stand beside it (anti-affinity)", "would have too many of its kind (topology spread)", "has too little CPU left", "has its port taken"):
            check(words in r.out, (words, r))
        try:
            k.run("cordon", names[0])
            k.run("delete", "pod", *there)
            until("what was told waits, and nothing else", lambda: waiting(k) == told, 60)
        finally:
            k.run("uncordon", names[0])
        until("all have a place again", lambda: not waiting(k), 90)
