"""The Kubernetes API itself, request by request and kubectl command by command: the same expectation for both servers."""
import contextlib
import json
import os
import re
import time

from case import collector
from cloud import check, equal, until

CASES = []
case = collector(CASES)
J, SM, MP, JP, AP = ("application/json", "application/strategic-merge-patch+json", "application/merge-patch+json", "application/json-patch+json",
                     "application/apply-patch+yaml")
HERE = os.path.dirname(os.path.abspath(__file__))


@contextlib.contextmanager
def space(cloud):
    """A namespace of the case's own: its name and a function that asks within it."""
    name = "strata-case-%d" % (time.monotonic_ns() % 10 ** 9)
    equal(cloud.raw("POST", "/api/v1/namespaces", J, {"metadata": {"name": name}})[0], 201, "create the namespace")
    try:
        yield name
    finally:
        cloud.raw("DELETE", "/api/v1/namespaces/" + name)


def deployment(name="d", replicas=0, label="d", image="x:1"):
    return {"metadata": {"name": name}, "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": label}}, "template": {
        "metadata": {"labels": {"app": label}}, "spec": {"containers": [{"name": "c", "image": image}]}}}}


def columns():
    with open(HERE + "/columns.txt") as f:
        return [tuple(line.rstrip("\n").split(" ", 1)) for line in f if not line.startswith("#")]


@case("table of {0}: the columns of a real server", each=columns())
def table_columns(cloud, path, want):
    t = cloud.kube(path + "?limit=1", table=True)
    got = "; ".join("%s:%s:%s:%d" % (c["name"], c["type"], c["format"], c["priority"]) for c in t["columnDefinitions"])
    equal(got, want, "columns")
    for row in t["rows"] or []:
        check(len(row["cells"]) >= len(t["columnDefinitions"]), "too few cells: %s" % row["cells"])     # 1.36 has one too many for addresses


# method, path below the namespace, content type, body -> code, reason, what the message contains
ANSWERS = [
    ("POST", "configmaps", J, {"metadata": {"name": "have"}}, 409, "AlreadyExists", 'configmaps "have" already exists'),
    ("POST", "configmaps", J, {"data": {"k": "v"}}, 422, "Invalid", 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'),
    ("POST", "configmaps", J, {"metadata": {"name": "A_b"}}, 422, "Invalid", "a lowercase RFC 1123 subdomain must consist of"),
    ("POST", "configmaps", J, {"metadata": {"name": "c", "labels": {"a b": "x"}}}, 422, "Invalid", 'metadata.labels: Invalid value: "a b": name part must'),
    ("POST", "configmaps", J, {"metadata": {"name": "b", "namespace": "other"}}, 400, "BadRequest", "does not match the namespace sent on the request"),
    ("POST", "configmaps", J, {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "b"}}, 400, "BadRequest", "cannot be handled as a ConfigMap"),
    ("POST", "configmaps?dryRun=Some", J, {"metadata": {"name": "b"}}, 422, "Invalid", 'dryRun: Unsupported value: ["Some"]: supported values: "All"'),
    ("PUT", "configmaps/have", J, {"metadata": {"name": "have", "resourceVersion": "1"}}, 409, "Conflict", "the object has been modified; please apply"),
    ("PUT", "configmaps/have", J, {"metadata": {"name": "no"}}, 400, "BadRequest", "the name of the object (no) does not match the name on the URL (have)"),
    ("PUT", "configmaps/gone", J, {"metadata": {"name": "gone"}}, 404, "NotFound", 'configmaps "gone" not found'),
    ("PATCH", "configmaps/have", MP, {"metadata": {"resourceVersion": "1"}, "data": {"z": "1"}}, 409, "Conflict", "the object has been modified"),
    ("PATCH", "configmaps/have", MP, {"metadata": {"uid": "1-2"}}, 422, "Invalid", "field is immutable"),
    ("PATCH", "configmaps/gone", MP, {"data": {}}, 404, "NotFound", 'configmaps "gone" not found'),
    ("PATCH", "configmaps/have", "text/plain", {"data": {}}, 415, "UnsupportedMediaType", "415: Unsupported Media Type"),
    ("PATCH", "configmaps/have", MP, [1], 400, "BadRequest", "cannot unmarshal array into Go value"),
    ("PATCH", "configmaps/have", JP, [{"op": "test", "path": "/data/k", "value": "no"}], 422, "Invalid", "the server rejected our request due to an error in our"),
    ("PATCH", "configmaps/have", JP, [{"op": "remove", "path": "/data/none"}], 422, "Invalid", "the server rejected our request due to an error in our"),
    ("PATCH", "configmaps/have", SM, {"data": {"k": 5}}, 422, "Invalid", "cannot convert int64 to string"),
    ("PATCH", "configmaps/have", SM, {"$patch": "fly"}, 500, None, "unknown patch type: fly"),
    ("PATCH", "configmaps/have", AP, {"kind": "ConfigMap", "apiVersion": "v1"}, 422, "Invalid", "fieldManager: Required value: is required for apply patch"),
    ("DELETE", "configmaps/have", J, {"preconditions": {"uid": "x"}}, 409, "Conflict", "the UID in the precondition (x) does not match the UID in record"),
    ("DELETE", "configmaps/have", J, {"preconditions": {"resourceVersion": "1"}}, 409, "Conflict", "the ResourceVersion in the precondition (1) does not match"),
    ("DELETE", "configmaps/have", J, {"propagationPolicy": "Sideways"}, 422, "Invalid", 'propagationPolicy: Unsupported value: "Sideways"'),
    ("DELETE", "configmaps/gone", None, None, 404, "NotFound", 'configmaps "gone" not found'),
    ("PUT", "configmaps", J, {}, 405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    ("GET", "nothings", None, None, 404, "NotFound", "the server could not find the requested resource"),
    ("GET", "configmaps/have/status", None, None, 404, "NotFound", "the server could not find the requested resource"),
    ("GET", "configmaps?limit=x", None, None, 400, "BadRequest", 'strconv.ParseInt: parsing "x": invalid syntax'),
    ("GET", "configmaps?labelSelector=a===", None, None, 400, "BadRequest", "unable to parse requirement: found '=', expected: identifier"),
    ("GET", "configmaps?labelSelector=a+in", None, None, 400, "BadRequest", "unable to parse requirement: found '' expected: '('"),
    ("GET", "configmaps?fieldSelector=bad.field%3D1", None, None, 400, "BadRequest", '"bad.field" is not a known field selector: only "metadata.name"'),
    ("GET", "pods?fieldSelector=bad.field%3D1", None, None, 400, "BadRequest", "field label not supported: bad.field"),
    ("GET", "configmaps?resourceVersionMatch=Exact", None, None, 422, "Invalid", "resourceVersionMatch is forbidden unless resourceVersion is provided"),
    ("GET", "configmaps?resourceVersion=99999999999&resourceVersionMatch=NotOlderThan", None, None, 504, "Timeout", "Too large resource version: 99999999999"),
    ("GET", "configmaps?resourceVersion=abc", None, None, 400, "BadRequest", 'strconv.ParseUint: parsing "abc": invalid syntax'),
    ("POST", "services", J, {"metadata": {"name": "s"}, "spec": {}}, 422, "Invalid", 'Service "s" is invalid: spec.ports: Required value'),
    ("POST", "pods", J, {"metadata": {"name": "p"}, "spec": {"containers": []}}, 422, "Invalid", 'Pod "p" is invalid: spec.containers: Required value'),
    ("POST", "pods", J, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}}, 422, "Invalid", "spec.containers[0].image: Required value"),
    ("POST", "pods/none/eviction", J, {"metadata": {"name": "none"}}, 404, "NotFound", 'pods "none" not found'),
]


@case("a request and its answer: {0} {1} {3}", each=ANSWERS)
def answers(cloud, method, path, ctype, body, code, reason, text):
    with space(cloud) as ns:
        base = "/api/v1/namespaces/%s/" % ns
        cloud.raw("POST", base + "configmaps", J, {"metadata": {"name": "have"}, "data": {"k": "v"}})
        got, _, d = cloud.raw(method, base + path, ctype, body)
        equal(got, code, "status, %s" % d)
        equal(d.get("reason"), reason, "reason")
        check(text in d["message"], "message %r has no %r" % (d["message"], text))
        equal((d["kind"], d["apiVersion"], d["status"], d["code"]), ("Status", "v1", "Failure", code), "status document")


def containers(d):
    return [c["name"] for c in d["spec"]["template"]["spec"]["containers"]]


@case("strategic merge patch: containers by name, order, delete, replace, retained keys; generation counts")
def strategic(cloud):
    with space(cloud) as ns:
        path = "/apis/apps/v1/namespaces/%s/deployments" % ns
        equal(cloud.raw("POST", path, J, deployment())[0], 201, "create")

        def patch(body, ctype=SM, sub=""):
            code, _, d = cloud.raw("PATCH", path + "/d" + sub, ctype, body)
            equal(code, 200, d)
            return d

        def spec(**kw):
            return {"spec": {"template": {"spec": kw}}}
        d = patch(spec(containers=[{"name": "n", "image": "n"}], **{"$setElementOrder/containers": [{"name": "c"}, {"name": "n"}]}))
        equal(containers(d), ["c", "n"], "the order that was asked for")
        d = patch(spec(containers=[{"name": "first", "image": "n", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]))
        equal(containers(d), ["first", "c", "n"], "new ones go first")
        d = patch(spec(containers=[{"name": "first", "env": [{"name": "C", "value": "3"}, {"name": "B", "$patch": "delete"}]}]))
        equal([e["name"] for e in d["spec"]["template"]["spec"]["containers"][0]["env"]], ["C", "A"], "env")
        d = patch(spec(containers=[{"name": "n", "$patch": "delete"}]))
        equal(containers(d), ["first", "c"], "after a delete")
        before = d["metadata"]["generation"]
        d = patch({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})
        equal(d["spec"]["strategy"], {"type": "Recreate"}, "retained keys")
        equal(d["metadata"]["generation"], before + 1, "generation")
        d = patch({"metadata": {"labels": {"a": "b"}, "finalizers": ["x.y/one", "x.y/two"]}})
        equal(d["metadata"]["generation"], before + 1, "labels do not count")
        d = patch({"metadata": {"finalizers": ["x.y/three"]}})
        equal(d["metadata"]["finalizers"], ["x.y/three", "x.y/one", "x.y/two"], "plain lists grow")
        d = patch({"metadata": {"$deleteFromPrimitiveList/finalizers": ["x.y/one", "x.y/three"]}})
        equal(d["metadata"]["finalizers"], ["x.y/two"], "and shrink")
        d = patch({"metadata": {"finalizers": None}}, MP)
        check("finalizers" not in d["metadata"], "null removes")
        d = patch({"spec": {"replicas": 1}}, MP, "/scale")
        equal((d["kind"], d["apiVersion"], d["spec"]["replicas"], d["status"]["selector"]), ("Scale", "autoscaling/v1", 1, "app=d"), "scale")
        code, _, d = cloud.raw("PUT", path + "/d/scale", J, {"metadata": {"name": "d", "namespace": ns, "resourceVersion": "1"}, "spec": {"replicas": 2}})
        equal((code, d["reason"]), (409, "Conflict"), "scale of an old version")
        code, _, d = cloud.raw("PATCH", path + "/d", SM, {"spec": {"selector": {"matchLabels": {"app": "z"}}}})
        equal(code, 422, "selector")
        check("field is immutable" in d["message"] and "`selector` does not match template `labels`" in d["message"], d["message"])
        code, _, d = cloud.raw("PATCH", path + "/d", SM, spec(containers=[{"image": "y"}]))
        equal(code, 500, "an item without its key")
        check("does not contain declared merge key: name" in d["message"], d["message"])


@case("JSON Patch: every operation; a custom resource takes no strategic patch")
def json_patch(cloud):
    with space(cloud) as ns:
        path = "/api/v1/namespaces/%s/configmaps" % ns
        cloud.raw("POST", path, J, {"metadata": {"name": "a"}, "data": {"k": "v"}})
        code, _, d = cloud.raw("PATCH", path + "/a", JP, [{"op": "test", "path": "/data/k", "value": "v"}, {"op": "add", "path": "/data/n~1m", "value": "x"},
                                                           {"op": "copy", "from": "/data/n~1m", "path": "/data/m"}, {"op": "move", "from": "/data/m", "path": "/data/o"},
                                                           {"op": "remove", "path": "/data/n~1m"}, {"op": "replace", "path": "/data/k", "value": "w"}])
        equal((code, d.get("data")), (200, {"k": "w", "o": "x"}), "data")
        rv = d["metadata"]["resourceVersion"]
        code, _, d = cloud.raw("PATCH", path + "/a", MP, {"data": {"k": "w"}})
        equal((code, d["metadata"]["resourceVersion"]), (200, rv), "a patch that changes nothing writes nothing")
    item = cloud.kube("/apis/lcm.hybrid.lab/v1alpha1/openstackdeployments")["items"][0]["metadata"]
    code, _, d = cloud.raw("PATCH", "/apis/lcm.hybrid.lab/v1alpha1/namespaces/%s/openstackdeployments/%s" % (item["namespace"], item["name"]), SM, {"spec": {}})
    equal((code, d["reason"]), (415, "UnsupportedMediaType"), "strategic patch of a custom resource")
    check("application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml" in d["message"], d["message"])


@case("server-side dry run: create, patch, scale and delete answer and change nothing")
def dry_run(cloud):
    with space(cloud) as ns:
        base = "/apis/apps/v1/namespaces/%s/deployments" % ns
        code, _, d = cloud.raw("POST", base + "?dryRun=All", J, deployment("dry"))
        equal((code, d["spec"]["revisionHistoryLimit"], "resourceVersion" in d["metadata"]), (201, 10, False), "create")
        equal(cloud.raw("GET", base + "/dry")[0], 404, "not created")
        equal(cloud.raw("POST", base, J, deployment())[0], 201, "create")
        uid = cloud.raw("GET", base + "/d")[2]["metadata"]["uid"]
        code, _, d = cloud.raw("PATCH", base + "/d?dryRun=All", SM, {"spec": {"replicas": 7}})
        equal((code, d["spec"]["replicas"]), (200, 7), "patch")
        code, _, d = cloud.raw("PATCH", base + "/d/scale?dryRun=All", MP, {"spec": {"replicas": 8}})
        equal((code, d["spec"]["replicas"]), (200, 8), "scale")
        code, _, d = cloud.raw("DELETE", base + "/d?dryRun=All")
        equal((code, d["status"], d["details"]), (200, "Success", {"name": "d", "group": "apps", "kind": "deployments", "uid": uid}), "delete")
        code, _, d = cloud.raw("GET", base + "/d")
        equal((code, d["spec"]["replicas"]), (200, 0), "as it was")


def strip(d):
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"):
        d["metadata"].pop(key, None)
    return d


DEFAULTS = [
    ("apps/v1", "deployments", deployment(), {"replicas": 0, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
                                              "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}),
    ("apps/v1", "statefulsets", deployment(), {"podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                                               "revisionHistoryLimit": 10, "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}}),
    ("batch/v1", "cronjobs", {"metadata": {"name": "d"}, "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}}}}},
     {"concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}),
    ("v1", "services", {"metadata": {"name": "d"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}},
     {"type": "ClusterIP", "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster",
      "ports": [{"protocol": "TCP", "port": 80, "targetPort": 80}]}),
    ("v1", "pods", {"metadata": {"name": "d"}, "spec": {"nodeName": "nowhere", "containers": [{"name": "c", "image": "x:1"}]}},
     {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "serviceAccountName": "default", "securityContext": {},
      "schedulerName": "default-scheduler", "priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}),
]


@case("what the server fills in: {1}", each=DEFAULTS)
def defaults(cloud, gv, plural, body, want):
    with space(cloud) as ns:
        if plural == "pods":
            until("the service account", lambda: cloud.raw("GET", "/api/v1/namespaces/%s/serviceaccounts/default" % ns)[0] == 200)
        code, _, d = cloud.raw("POST", "/%s/%s/namespaces/%s/%s?dryRun=All" % ("apis" if "/" in gv else "api", gv, ns, plural), J, body)
        equal(code, 201, d)
        equal({k: d["spec"].get(k) for k in want}, want, "spec")
        if "template" in d["spec"]:
            t = d["spec"]["template"]["spec"]
            equal({k: t.get(k) for k in ("restartPolicy", "dnsPolicy", "schedulerName", "terminationGracePeriodSeconds")},
                  {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30}, "template")
            equal(t["containers"][0], {"name": "c", "image": "x:1", "resources": {}, "terminationMessagePath": "/dev/termination-log",
                                       "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent"}, "container")


@case("eviction: 400, 404 and 409 like a real server; 429 with its cause while the budget allows none, 201 after")
def eviction(cloud):
    with space(cloud) as ns:
        base = "/api/v1/namespaces/%s/pods" % ns
        equal(cloud.raw("POST", "/apis/apps/v1/namespaces/%s/deployments" % ns, J, deployment(replicas=1))[0], 201, "create")
        pdb = "/apis/policy/v1/namespaces/%s/poddisruptionbudgets" % ns
        equal(cloud.raw("POST", pdb, J, {"metadata": {"name": "keep"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "d"}}}})[0], 201, "budget")
        until("one healthy pod", lambda: cloud.raw("GET", pdb + "/keep")[2].get("status", {}).get("currentHealthy") == 1, 40)
        pod = cloud.raw("GET", base)[2]["items"][0]["metadata"]
        ask = lambda name, body, query="": cloud.raw("POST", "%s/%s/eviction%s" % (base, name, query), J, body)
        code, _, d = ask(pod["name"], {"metadata": {"name": "zzz"}})
        equal((code, d["message"]), (400, "name in URL does not match name in Eviction object"), "another name")
        for query in ("?dryRun=All", ""):
            code, head, d = ask(pod["name"], {"metadata": {"name": pod["name"]}}, query)
            equal((code, d["reason"], d["message"]), (429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."), d)
            equal(d["details"], {"causes": [{"reason": "DisruptionBudget", "message": "The disruption budget keep needs 1 healthy pods and has 1 currently"}]}, "cause")
        equal(cloud.raw("PATCH", pdb + "/keep", MP, {"spec": {"minAvailable": 0}})[0], 200, "give way")
        until("a disruption allowed", lambda: cloud.raw("GET", pdb + "/keep")[2]["status"].get("disruptionsAllowed"), 20)
        code, _, d = ask(pod["name"], {"metadata": {"name": pod["name"]}}, "?dryRun=All")
        equal((code, d), (201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}), "dry run")
        check("deletionTimestamp" not in cloud.raw("GET", base + "/" + pod["name"])[2]["metadata"], "the dry run deleted it")
        code, _, d = ask(pod["name"], {"metadata": {"name": pod["name"]}, "deleteOptions": {"preconditions": {"uid": "abc"}}}, "?dryRun=All")
        equal((code, d["reason"], d["details"]["kind"]), (409, "Conflict", "Pod"), d)
        equal(ask(pod["name"], {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod["name"]}})[0], 201, "eviction")

        def replaced():
            code, _, d = cloud.raw("GET", base + "/" + pod["name"])
            return code == 404 or d["metadata"].get("deletionTimestamp")
        until("the pod goes", replaced)


@case("server-side apply: create, own, drop what is no longer named, conflict with another manager, force")
def apply(cloud):
    with space(cloud) as ns:
        path = "/api/v1/namespaces/%s/configmaps/ssa" % ns
        put = lambda who, data, query="": cloud.raw("PATCH", "%s?fieldManager=%s%s" % (path, who, query), AP,
                                                    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ssa"}, "data": data})
        equal(put("me", {"a": "1", "b": "x"})[0], 201, "create")
        code, _, d = put("me", {"a": "2"})
        equal((code, d["data"]), (200, {"a": "2"}), "what I no longer name goes")
        rv = d["metadata"]["resourceVersion"]
        equal(put("me", {"a": "2"})[2]["metadata"]["resourceVersion"], rv, "nothing new, nothing written")
        code, _, d = put("other", {"a": "3"})
        equal((code, d["reason"], d["message"]), (409, "Conflict", 'Apply failed with 1 conflict: conflict with "me": .data.a'), d)
        equal(d["details"], {"causes": [{"reason": "FieldManagerConflict", "message": 'conflict with "me"', "field": ".data.a"}]}, "cause")
        code, _, d = put("other", {"a": "3", "c": "y"}, "&force=true")
        equal((code, d["data"]), (200, {"a": "3", "c": "y"}), "force")
        code, _, d = put("me", {"z": "1"})
        equal((code, d["data"]), (200, {"a": "3", "c": "y", "z": "1"}), "what another owns stays")


@case("lists: pages, partial metadata, tables without objects, selectors of fields")
def lists(cloud):
    with space(cloud) as ns:
        base = "/api/v1/namespaces/%s/configmaps" % ns
        until("the controller's own", lambda: len(cloud.raw("GET", base)[2]["items"]) == 1)
        for n in range(5):
            cloud.raw("POST", base, J, {"metadata": {"name": "m%d" % n, "labels": {"n": str(n)}}})
        seen, token = [], ""
        for _ in range(10):
            d = cloud.raw("GET", base + "?limit=2&continue=" + token)[2]
            seen.append([o["metadata"]["name"] for o in d["items"]])
            token = d["metadata"].get("continue", "")
            if not token:
                break
            equal(d["metadata"].get("remainingItemCount"), 6 - sum(len(p) for p in seen), "remaining")
        equal(seen, [["kube-root-ca.crt", "m0"], ["m1", "m2"], ["m3", "m4"]], "pages")
        d = cloud.raw("GET", base + "?labelSelector=n+notin+(1,2),n", accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")[2]
        equal((d["kind"], d["apiVersion"], [o["metadata"]["name"] for o in d["items"]]), ("PartialObjectMetadataList", "meta.k8s.io/v1", ["m0", "m3", "m4"]), "partial")
        check(all("data" not in o for o in d["items"]), "partial metadata has data")
        d = cloud.raw("GET", base + "?fieldSelector=metadata.name%3Dm3&includeObject=None", accept="application/json;as=Table;v=v1;g=meta.k8s.io")[2]
        equal([(r["cells"][0], r.get("object")) for r in d["rows"]], [("m3", None)], "table without objects")
        d = cloud.raw("GET", base + "?fieldSelector=metadata.name!%3Dm3,metadata.namespace%3D" + ns)[2]
        equal(len(d["items"]), 5, "not equal")


@case("watch: initial events end with a bookmark, then changes; too old a version is an error of 410")
def watch(cloud):
    with space(cloud) as ns:
        base = "/api/v1/namespaces/%s/configmaps" % ns
        until("the controller's own", lambda: len(cloud.raw("GET", base)[2]["items"]) == 1)
        lines = cloud.stream(base + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=3&"
                             "resourceVersion=", lambda: [cloud.raw("POST", base, J, {"metadata": {"name": "new"}}), cloud.raw("DELETE", base + "/new")])
        equal([x["type"] for x in lines[:4]], ["ADDED", "BOOKMARK", "ADDED", "DELETED"], "events")
        equal(lines[1]["object"]["metadata"]["annotations"], {"k8s.io/initial-events-end": "true"}, "bookmark")
        check(int(lines[3]["object"]["metadata"]["resourceVersion"]) > int(lines[2]["object"]["metadata"]["resourceVersion"]), "a delete has a version of its own")
        lines = cloud.stream(base + "?watch=1&resourceVersion=1&timeoutSeconds=3")
        equal((lines[0]["type"], lines[0]["object"]["code"], lines[0]["object"]["reason"]), ("ERROR", 410, "Expired"), "too old")


KUBECTL = [
    ("auth whoami", 0, r"Username +kubernetes-admin"), ("auth can-i delete pods", 0, "yes"), ("auth can-i delete pods --context viewer", 1, "no"),
    ("auth can-i get pods --context viewer", 0, "yes"), ("auth can-i list nodes --context viewer", 1, "no"),
    ("auth can-i get secrets -n openstack --context ns-only", 1, "no"), ("auth can-i get pods -n openstack --context ns-only", 0, "yes"),
    ("auth can-i --list --context viewer", 0, r"pods/log +\[\] +\[\] +\[get list watch\]"),
    ("get secrets --context viewer", 1, r'secrets is forbidden: User "viewer" cannot list resource "secrets" in API group "" in the namespace "default"'),
    ("delete pod x -n openstack --context viewer", 1, r'pods "x" is forbidden: User "viewer" cannot delete resource "pods" in API group "" in the namespace "openstack"'),
    ("get nodes --context nobody", 1, r'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope'),
    ("get --raw /readyz?verbose --context viewer", 0, r"\[\+\]ping ok(.|\n)*readyz check passed"), ("get --raw /livez", 0, "^ok$"),
    ("version", 0, r"Server Version: v1\.3"), ("api-versions", 0, r"(?m)^policy/v1$"), ("top nodes", 0, r"NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\)"),
    ("top pods -n openstack", 0, r"NAME +CPU\(cores\) +MEMORY\(bytes\)"), ("get pod nothing", 1, r'Error from server \(NotFound\): pods "nothing" not found'),
    ("get nothings", 1, r"""error: the server doesn't have a resource type "nothings\""""), ("get all -n lab", 0, r"deployment.apps/"),
    ("get pods -n lab --field-selector status.phase=Nothing", 0, "No resources found in lab namespace."),
    ("get pdb,pv,pvc,sc,ing,netpol,hpa,quota,limits,cm,secrets,sa,ep,endpointslices,leases,controllerrevisions,roles,rolebindings,crd,apiservices,pc -A", 0, "NAME"),
]


@case("kubectl {0}", each=KUBECTL)
def kubectl(cloud, args, code, want):
    got, out = cloud.kubectl_all(*args.split())
    equal(got, code, out[-300:])
    check(re.search(want, out), "no %r in %r" % (want, out[:600]))


STORY = [
    ("apply -f -", 0, "configmap/conf created\ndeployment.apps/app created"), ("apply -f -", 0, "configmap/conf unchanged\ndeployment.apps/app unchanged"),
    ("diff -f -", 0, ""), ("rollout status deploy/app --timeout=60s", 0, "successfully rolled out"),
    ("scale deploy app --replicas=3 --current-replicas=2", 0, "deployment.apps/app scaled"),
    ("scale deploy app --replicas=3 --current-replicas=2", 1, "xpected replicas to be 2, was 3"),
    ("set image deploy/app c=x:2", 0, "deployment.apps/app image updated"), ("rollout status deploy/app --timeout=60s", 0, "successfully rolled out"),
    ("rollout history deploy/app", 0, r"REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>"), ("rollout undo deploy/app", 0, "deployment.apps/app rolled back"),
    ("get deploy app -o jsonpath={.spec.template.spec.containers[0].image}", 0, "^x:1$"), ("rollout restart deploy/app", 0, "deployment.apps/app restarted"),
    ("label deploy app a=b", 0, "deployment.apps/app labeled"), ("label deploy app a=c", 1, "already has a value"), ("annotate deploy app note-", 0, "annotat"),
    ("patch deploy app -p {\"spec\":{\"replicas\":1}} --dry-run=server", 0, r"deployment.apps/app patched"), ("get deploy app -o jsonpath={.spec.replicas}", 0, "^3$"),
    ("patch deploy app --type=json -p [{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":9}]", 1, "The request is invalid"),
    ("expose deploy app --port=80", 0, "service/app exposed"), ("create cm conf --from-literal=a=b", 1, 'configmaps "conf" already exists'),
    ("create secret generic s --from-literal=a=b", 0, "secret/s created"), ("get secret s -o jsonpath={.data.a}", 0, "^Yg==$"),
    ("create sa robot", 0, "serviceaccount/robot created"), ("create role r --verb=get --resource=pods", 0, "role.rbac.authorization.k8s.io/r created"),
    ("create rolebinding rb --role=r --user=nobody", 0, "rolebinding.rbac.authorization.k8s.io/rb created"), ("auth can-i get pods --context nobody", 0, "yes"),
    ("create pdb keep --selector=app=app --min-available=1", 0, "poddisruptionbudget.policy/keep created"), ("create cronjob cj --image=x --schedule=0_0_1_1_*", 0, "created"),
    ("create job j --image=x", 0, "job.batch/j created"), ("describe deploy app", 0, r"Replicas: +3 desired"), ("describe pdb keep", 0, r"Min available: +1"),
    ("delete deploy app", 0, 'deployment.apps "app" deleted'), ("get deploy app", 1, 'deployments.apps "app" not found'),
    ("delete cm,secret,svc --all", 0, "deleted"),
]
MANIFEST = json.dumps({"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a": "1"}},
    dict(deployment("app", 2, "app"), apiVersion="apps/v1", kind="Deployment")]})


@case("kubectl from apply to delete, command by command")
def story(cloud):
    with space(cloud) as ns:
        until("the service account", lambda: cloud.raw("GET", "/api/v1/namespaces/%s/serviceaccounts/default" % ns)[0] == 200)
        for args, code, want in STORY:
            words = [w.replace("_", " ") if w.startswith("--schedule") else w for w in args.split()]
            got, out = cloud.kubectl_all(*words, "-n", ns, stdin=MANIFEST)
            equal(got, code, "kubectl %s: %s" % (args, out[-300:]))
            check(re.search(want, out), "kubectl %s: no %r in %r" % (args, want, out[:600]))


@case("kubectl drain: budgets are respected, daemons stay, the node is closed", "sim")
def drain(cloud):
    pod = [o for o in cloud.kube("/api/v1/namespaces/lab/pods")["items"] if o["metadata"]["labels"].get("application") == "web"][0]
    node = pod["spec"]["nodeName"]
    pdb = "/apis/policy/v1/namespaces/lab/poddisruptionbudgets"
    cloud.raw("POST", pdb, J, {"metadata": {"name": "web"}, "spec": {"minAvailable": 4, "selector": {"matchLabels": {"application": "web"}}}})
    until("the budget is counted", lambda: cloud.raw("GET", pdb + "/web")[2]["status"].get("currentHealthy") == 4)
    try:
        code, out = cloud.kubectl_all("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=4s")
        check(code == 1 and "Cannot evict pod as it would violate the pod's disruption budget." in out, out[-600:])
        check("ignoring DaemonSet-managed Pods" in out, out[:300])
        equal(cloud.kube("/api/v1/nodes/" + node)["spec"].get("unschedulable"), True, "the node is closed")
        cloud.raw("DELETE", pdb + "/web")
        code, out = cloud.kubectl_all("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s")
        check(code == 0 and "node/%s drained" % node in out, out[-600:])
    finally:
        cloud.raw("DELETE", pdb + "/web")
        cloud.kubectl_all("uncordon", node)
