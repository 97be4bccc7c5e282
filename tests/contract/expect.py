"""Cells of a table as kubectl prints them, worked out from raw objects: written apart from the program under test."""
import calendar
import re
import time

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}


def stamp(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def seconds(text):
    return sum(int(n) * UNITS[u] for n, u in re.findall(r"(\d+)([smhdy])", text))


def same_age(a, b):
    """Ages of two questions asked one after the other: one smallest unit apart, or a few seconds."""
    if a == b:
        return True
    if not re.fullmatch(r"(\d+[smhdy])+", a) or not re.fullmatch(r"(\d+[smhdy])+", b):
        return False
    unit = max(UNITS[a[-1]], UNITS[b[-1]])
    return abs(seconds(a) - seconds(b)) <= max(unit, 4)


def same_cell(title, got, want):
    want = "" if want is None else str(want)
    got = "" if got is None else str(got)
    if got == want or (want in ("True", "False") and got.lower() == want.lower()):
        return True
    if title in ("age", "lastseen", "firstseen", "lastschedule", "duration"):
        return same_age(got, want)
    if title == "restarts":
        a, b = re.fullmatch(r"(\d+)(?: \((\S+) ago\))?", got), re.fullmatch(r"(\d+)(?: \((\S+) ago\))?", want)
        return bool(a and b and a.group(1) == b.group(1) and bool(a.group(2)) == bool(b.group(2)) and
                    (not a.group(2) or same_age(a.group(2), b.group(2))))
    # Control characters and direction marks never pass; what is left of the text must be the same.
    plain = lambda s: re.sub(r"[^0-9A-Za-z.,:;/_<>()*@=+-]+", "", re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07", "", s))
    return bool(re.search(r"[^ -~]", want)) and plain(got) == plain(want)


def age(then, now):
    s = int(now - then)
    if s < 120:
        return "%ds" % s
    m = s // 60
    if m < 10:
        return "%dm%ds" % (m, s % 60) if s % 60 else "%dm" % m
    if m < 180:
        return "%dm" % m
    h = m // 60
    if h < 8:
        return "%dh%dm" % (h, m % 60) if m % 60 else "%dh" % h
    if h < 48:
        return "%dh" % h
    d = h // 24
    if d < 8:
        return "%dd%dh" % (d, h % 24) if h % 24 else "%dd" % d
    return "%dd" % d if d < 730 else "%dy%dd" % (d // 365, d % 365)


def pairs(d):
    return ",".join("%s=%s" % kv for kv in sorted((d or {}).items())) or "<none>"


def terminated(t):
    return t.get("reason") or ("Signal:%d" % t["signal"] if t.get("signal") else "ExitCode:%d" % t.get("exitCode", 0))


def pod_status(pod):
    st, spec = pod["status"], pod["spec"]
    reason = st.get("reason") or st.get("phase", "Unknown")
    for i, c in enumerate(st.get("initContainerStatuses", [])):
        state = c["state"]
        if state.get("terminated", {}).get("exitCode", 1) == 0:
            continue
        if "terminated" in state:
            return "Init:" + terminated(state["terminated"])
        why = state.get("waiting", {}).get("reason")
        return "Init:" + why if why and why != "PodInitializing" else "Init:%d/%d" % (i, len(spec["initContainers"]))
    for c in reversed(st.get("containerStatuses", [])):
        if c["state"].get("waiting", {}).get("reason"):
            reason = c["state"]["waiting"]["reason"]
        elif "terminated" in c["state"]:
            reason = terminated(c["state"]["terminated"])
    if reason == "Completed" and any(c.get("ready") and "running" in c["state"] for c in st.get("containerStatuses", [])):
        reason = "Running"
    return reason


def pods(o, now):
    cs = o["status"].get("containerStatuses", [])
    # While an init container holds the pod up, containers have not restarted and are not ready.
    n = sum(c["restartCount"] for c in cs)
    last = max([stamp(c["lastState"]["terminated"]["finishedAt"]) for c in cs if "terminated" in c["lastState"]], default=0)
    return {"ready": "%d/%d" % (sum(1 for c in cs if c["ready"] and "running" in c["state"]), len(o["spec"]["containers"])),
            "status": "Terminating" if "deletionTimestamp" in o["metadata"] else pod_status(o),
            "restarts": "%d (%s ago)" % (n, age(last, now)) if n and last else str(n), "ip": o["status"].get("podIP", "<none>"),
            "node": o["spec"].get("nodeName", "<none>"), "nominatednode": "<none>", "readinessgates": "<none>"}


def template(spec):
    c = spec["template"]["spec"]["containers"]
    return {"containers": ",".join(x["name"] for x in c), "images": ",".join(x["image"] for x in c)}


def deployments(o, now):
    st, spec = o["status"], o["spec"]
    return dict(template(spec), ready="%d/%d" % (st.get("readyReplicas", 0), spec["replicas"]), selector=pairs(spec["selector"]["matchLabels"]),
                uptodate=st.get("updatedReplicas", 0), available=st.get("availableReplicas", 0))


def replicasets(o, now):
    st, spec = o["status"], o["spec"]
    return dict(template(spec), desired=spec["replicas"], current=st.get("replicas", 0), ready=st.get("readyReplicas", 0),
                selector=pairs(spec["selector"]["matchLabels"]))


def statefulsets(o, now):
    return dict(template(o["spec"]), ready="%d/%d" % (o["status"].get("readyReplicas", 0), o["spec"]["replicas"]))


def daemonsets(o, now):
    st = o["status"]
    return dict(template(o["spec"]), desired=st["desiredNumberScheduled"], current=st["currentNumberScheduled"], ready=st["numberReady"],
                uptodate=st.get("updatedNumberScheduled", 0), available=st.get("numberAvailable", 0),
                nodeselector=pairs(o["spec"]["template"]["spec"].get("nodeSelector")))


def jobs(o, now):
    st = o["status"]
    done = any(c["type"] == "Complete" and c["status"] == "True" for c in st.get("conditions", []))
    return dict(template(o["spec"]), completions="%d/%d" % (st.get("succeeded", 0), o["spec"]["completions"]), status="Complete" if done else "Running",
                duration=age(stamp(st["startTime"]), stamp(st["completionTime"]) if "completionTime" in st else now))


def cronjobs(o, now):
    last = o["status"].get("lastScheduleTime")
    return {"schedule": o["spec"]["schedule"], "suspend": str(o["spec"]["suspend"]), "active": len(o["status"].get("active", [])),
            "lastschedule": age(stamp(last), now) if last else "<none>"}


def services(o, now):
    spec = o["spec"]
    ports = ",".join("%d/%s" % (p["port"], p["protocol"]) if not p.get("nodePort") else "%d:%d/%s" % (p["port"], p["nodePort"], p["protocol"])
                     for p in spec.get("ports", []))
    return {"type": spec["type"], "clusterip": spec["clusterIP"], "externalip": "<none>", "ports": ports or "<none>", "selector": pairs(spec.get("selector"))}


def nodes(o, now):
    st, info = o["status"], o["status"]["nodeInfo"]
    ready = [c["status"] for c in st["conditions"] if c["type"] == "Ready"]
    status = {"True": "Ready"}.get(ready[0] if ready else "", "NotReady") + (",SchedulingDisabled" if o["spec"].get("unschedulable") else "")
    roles = ",".join(sorted(k.split("/", 1)[1] for k in o["metadata"]["labels"] if k.startswith("node-role.kubernetes.io/")))
    ip = [a["address"] for a in st["addresses"] if a["type"] == "InternalIP"]
    return {"status": status, "roles": roles or "<none>", "version": info["kubeletVersion"], "internalip": ip[0] if ip else "<none>",
            "osimage": info["osImage"], "kernelversion": "%s (%s)" % (info["kernelVersion"], info["architecture"]), "containerruntime": info["containerRuntimeVersion"]}


def namespaces(o, now):
    return {"status": o["status"]["phase"]}


def events(o, now):
    ob, series = o["involvedObject"], o.get("series") or {}
    last = series.get("lastObservedTime") or o["lastTimestamp"] or o["firstTimestamp"] or o["eventTime"]
    return {"lastseen": age(stamp(last), now), "type": o["type"], "reason": o["reason"], "object": "%s/%s" % (ob["kind"].lower(), ob["name"]),
            "count": series.get("count") or o.get("count", 1), "message": o["message"].strip()}


KINDS = {  # path, how the table is worked out where the server does not say it
    "pods": ("/api/v1/pods", pods), "deployments": ("/apis/apps/v1/deployments", deployments),
    "replicasets": ("/apis/apps/v1/replicasets", replicasets), "statefulsets": ("/apis/apps/v1/statefulsets", statefulsets),
    "daemonsets": ("/apis/apps/v1/daemonsets", daemonsets), "jobs": ("/apis/batch/v1/jobs", jobs), "cronjobs": ("/apis/batch/v1/cronjobs", cronjobs),
    "services": ("/api/v1/services", services), "nodes": ("/api/v1/nodes", nodes), "namespaces": ("/api/v1/namespaces", namespaces),
    "events": ("/api/v1/events", events),
}
