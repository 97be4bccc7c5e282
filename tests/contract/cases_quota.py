"""Resource quotas: what they let in, what they refuse and in which words, what a controller makes of a refusal."""
from case import collector
from cases_kubeapi import J, MP, deployment, space
from cloud import check, equal, until

CASES = []
case = collector(CASES)


def quota(cloud, ns, name, hard):
    base = "/api/v1/namespaces/%s/resourcequotas" % ns
    equal(cloud.raw("POST", base, J, {"metadata": {"name": name}, "spec": {"hard": hard}})[0], 201, "create the quota " + name)
    until("the quota is counted", lambda: cloud.raw("GET", base + "/" + name)[2].get("status", {}).get("used"))


def pod(name, **resources):
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "x:1", "resources": resources}]}}


def refused(cloud, path, body, why):
    code, _, doc = cloud.raw("POST", path, J, body)
    equal((code, doc.get("reason"), doc.get("message")), (403, "Forbidden", why), "POST " + path)
    equal(doc["details"]["name"], body["metadata"]["name"], "the name in the details")


def service(name, kind="ClusterIP"):
    return {"metadata": {"name": name}, "spec": {"type": kind, "ports": [{"port": 80}]}}


@case("resource quota: one more is refused with what was asked, used and limited; status.used counts")
def counts(cloud):
    with space(cloud) as ns:
        at = "/api/v1/namespaces/%s/" % ns
        # what a real cluster puts into every namespace is there before it is counted
        until("the service account", lambda: cloud.raw("GET", at + "serviceaccounts/default")[0] == 200)
        quota(cloud, ns, "q", {"pods": "1", "secrets": "1", "services": "1", "services.nodeports": "0", "count/deployments.apps": "1",
                               "requests.storage": "1Gi", "persistentvolumeclaims": "5", "example.com/none": "3"})
        says = '%s "%s" is forbidden: exceeded quota: q, requested: %s, used: %s, limited: %s'
        for plural, one, two, key in (("pods", pod("a"), pod("b"), "pods"), ("secrets", {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, "secrets"),
                                      ("services", service("a"), service("b"), "services")):
            equal(cloud.raw("POST", at + plural, J, one)[0], 201, "the first of " + plural)
            refused(cloud, at + plural, two, says % (plural, "b", key + "=1", key + "=1", key + "=1"))
            refused(cloud, at + plural + "?dryRun=All", two, says % (plural, "b", key + "=1", key + "=1", key + "=1"))
        refused(cloud, at + "services", service("n", "NodePort"), says % ("services", "n", "services=1,services.nodeports=1",
                                                                         "services=1,services.nodeports=0", "services=1,services.nodeports=0"))
        apps = "/apis/apps/v1/namespaces/%s/deployments" % ns
        equal(cloud.raw("POST", apps, J, deployment("a"))[0], 201, "the first deployment")
        refused(cloud, apps, deployment("b"), says % ("deployments.apps", "b", *("count/deployments.apps=1",) * 3))
        claim = {"metadata": {"name": "p"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}}
        refused(cloud, at + "persistentvolumeclaims", claim,
                says % ("persistentvolumeclaims", "p", "requests.storage=2Gi", "requests.storage=0", "requests.storage=1Gi"))
        used = until("everything is counted", lambda: (lambda u: u if u.get("secrets") == "1" and u.get("services") == "1" else None)(
            cloud.raw("GET", at + "resourcequotas/q")[2]["status"]["used"]))
        equal(used, {"pods": "1", "secrets": "1", "services": "1", "services.nodeports": "0", "count/deployments.apps": "1", "requests.storage": "0",
                     "persistentvolumeclaims": "0"}, "status.used")
        equal(cloud.raw("DELETE", at + "secrets/a")[0], 200, "delete the secret")
        until("there is room again", lambda: cloud.raw("POST", at + "secrets", J, {"metadata": {"name": "b"}})[0] == 201)


@case("resource quota of CPU and memory: every container has to say what is limited; sums are compared")
def compute(cloud):
    with space(cloud) as ns:
        at = "/api/v1/namespaces/%s/" % ns
        until("the service account", lambda: cloud.raw("GET", at + "serviceaccounts/default")[0] == 200)
        quota(cloud, ns, "q", {"requests.cpu": "1", "requests.memory": "1Gi", "limits.cpu": "2", "limits.memory": "2Gi"})
        refused(cloud, at + "pods", pod("a"), 'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c; limits.memory for: c; '
                'requests.cpu for: c; requests.memory for: c')
        two = pod("a", limits={"memory": "1Gi"}, requests={"cpu": "100m"})
        two["spec"]["containers"].append({"name": "d", "image": "x:1", "resources": {"limits": {"cpu": "1"}}})
        refused(cloud, at + "pods", two, 'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c; limits.memory for: d; requests.memory for: d')
        body = pod("a", requests={"cpu": "600m", "memory": "700Mi"}, limits={"cpu": "1", "memory": "1.5Gi"})
        equal(cloud.raw("POST", at + "pods", J, body)[0], 201, "the first pod")
        refused(cloud, at + "pods", dict(body, metadata={"name": "b"}), 'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=1536Mi,'
                'requests.cpu=600m,requests.memory=700Mi, used: limits.memory=1536Mi,requests.cpu=600m,requests.memory=700Mi, '
                'limited: limits.memory=2Gi,requests.cpu=1,requests.memory=1Gi')
        equal(until("it is counted", lambda: (lambda u: u if u["limits.cpu"] != "0" else None)(cloud.raw("GET", at + "resourcequotas/q")[2]["status"]["used"])),
              {"requests.cpu": "600m", "requests.memory": "700Mi", "limits.cpu": "1", "limits.memory": "1536Mi"}, "status.used")


@case("resource quota: controllers say FailedCreate and try again, a deployment has ReplicaFailure; with room they make their pods")
def controllers(cloud):
    with space(cloud) as ns:
        at, apps = "/api/v1/namespaces/%s/" % ns, "/apis/apps/v1/namespaces/%s/" % ns
        until("the service account", lambda: cloud.raw("GET", at + "serviceaccounts/default")[0] == 200)
        quota(cloud, ns, "q", {"pods": "0"})
        tail = "is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"
        equal(cloud.raw("POST", apps + "deployments", J, deployment("w", 2))[0], 201, "the deployment")
        stateful = deployment("st", 1, "st")
        equal(cloud.raw("POST", apps + "statefulsets", J, dict(stateful, spec=dict(stateful["spec"], serviceName="s")))[0], 201, "the stateful set")

        def condition(plural):
            for d in cloud.raw("GET", apps + plural)[2]["items"]:
                for c in d.get("status", {}).get("conditions", []):
                    if c["type"] == "ReplicaFailure":
                        return c
        for plural in ("replicasets", "deployments"):
            c = until("%s say ReplicaFailure" % plural, lambda: condition(plural))
            equal((c["status"], c["reason"]), ("True", "FailedCreate"), plural)
            check(c["message"].startswith('pods "w-') and c["message"].endswith(tail), c["message"])
        equal(cloud.raw("GET", apps + "deployments/w")[2]["status"].get("unavailableReplicas"), 2, "unavailableReplicas")

        def said(kind):
            return [e["message"] for e in cloud.raw("GET", at + "events")[2]["items"]
                    if e["reason"] == "FailedCreate" and e["type"] == "Warning" and e["involvedObject"]["kind"] == kind]
        for m in until("events of the replica set", lambda: said("ReplicaSet")):
            check('Error creating: pods "w-' in m and m.endswith(tail), m)
        for m in until("events of the stateful set", lambda: said("StatefulSet")):
            check('Create Pod st-0 in StatefulSet st failed error: pods "st-0" ' + tail in m, m)
        equal(cloud.raw("PATCH", at + "resourcequotas/q", MP, {"spec": {"hard": {"pods": "9"}}})[0], 200, "make room")
        until("the pods are there", lambda: len(cloud.raw("GET", at + "pods")[2]["items"]) == 3, 60)
        until("no replica set fails", lambda: not condition("replicasets"))
        until("the deployment does not fail", lambda: not condition("deployments"))
