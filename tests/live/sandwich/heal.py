#!/usr/bin/env python3
"""The scene strata was made for: a nova-api pod is deleted while the real nova-api answers through its pods. With two
replicas not one request fails; with one, the outage that strata reports must contain the one the relay itself measured.

    heal.py STRATA KUBECONFIG OPENSTACK_DIR CLOUD      ends with 0 when both hold
"""
import json, os, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
strata, kubeconfig, openstack, cloud = sys.argv[1:5]
env = dict(os.environ, KUBECONFIG=kubeconfig, OS_CLIENT_CONFIG_FILE=os.path.join(openstack, "clouds-through-pods.yaml"))


def kubectl(*args): return subprocess.run(["kubectl", "-n", "openstack", *args], env=env, check=True, capture_output=True, text=True).stdout


def scale(n):
    kubectl("scale", "deployment/nova-api-osapi", "--replicas=%d" % n)
    kubectl("wait", "deployment/nova-api-osapi", "--for=jsonpath={.status.readyReplicas}=%d" % n, "--timeout=60s")
    kubectl("wait", "deployment/nova-api-osapi", "--for=jsonpath={.status.replicas}=%d" % n, "--timeout=60s")
    time.sleep(3)


def heal():
    out = subprocess.run([strata, "heal", "deployment/nova-api-osapi", "-n", "openstack", "--yes", "--context", "admin", "--cloud", cloud, "-o", "json"],
                         env=env, capture_output=True, text=True, timeout=180)
    if out.returncode: sys.exit("strata heal ended with %d: %s" % (out.returncode, out.stderr))
    run = json.loads(out.stdout)["runs"][0]
    api = next(p for p in run["probes"] if p["probe"] == "P1")
    if "(compute)" not in api["target"]: sys.exit("the compute API was not probed: %s %s" % (api["target"], api["note"]))
    print(run["headline"], flush=True)
    return api["numbers"]


def changes(log):
    """Moments (s) at which the relay saw nova-api go and come."""
    words = [line.split() for line in open(log) if " nova-api ready " in line]
    return [(float(w[0]), int(w[3]), int(w[5])) for w in words]


log = os.path.join(openstack, "through-pods.log")
with open(log, "w") as f:
    relay = subprocess.Popen([sys.executable, os.path.join(HERE, "through_pods.py"), "--kubeconfig", kubeconfig, "--openstack", openstack], stdout=f)
try:
    for _ in range(100):
        if any(after for _, _, after in changes(log)): break
        time.sleep(0.2)
    scale(2)
    two = heal()
    if two["failed"]: sys.exit("two replicas, and %d of %d requests failed" % (two["failed"], two["sent"]))
    scale(1)
    seen = len(changes(log))
    one = heal()
    down = next(at for at, _, after in changes(log)[seen:] if after == 0)
    up = next(at for at, before, after in changes(log)[seen:] if at > down and after > 0)
    low, high = one["outage_at_least_us"] / 1e6, (one["outage_at_most_us"] or 0) / 1e6
    print("the relay: down for %.3f s; strata: at least %.3f s, at most %.3f s" % (up - down, low, high))
    if not one["failed"] or not low <= up - down + 0.005 or not up - down <= high + 0.005: sys.exit("the bounds do not contain it")
finally:
    try: scale(2)
    finally:
        relay.terminate()
        relay.wait()
