"""Operations on Kubernetes objects, in namespaces of their own: what strata does and says, next to what kubectl then finds."""

from case import collector
from cases_life import Kube, template, workload
from cloud import check, equal, until

CASES = []
PARTS = 2
case = collector(CASES)


def strata(cloud, k, *args, code=0, seconds=120):
    r = cloud.strata(*args, "-n", k.ns, timeout=seconds)
    check(r.code == code, "strata %s: %r" % (" ".join(args), r))
    return r


def revisions(text):
    return [line.split()[0] for line in text.splitlines() if line.split() and line.split()[0].isdigit()]


@case("rollout status, history and diff of deployments and sets, as kubectl has them")
def rollouts(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 2), workload("StatefulSet", "db", 2, serviceName="db"), workload("DaemonSet", "ag"))
        for what in "deployment/web", "statefulset/db", "daemonset/ag":
            r = strata(cloud, k, "rollout", "status", what)
            check("successfully rolled out" in r.out, r)
            k.run("rollout", "status", what, "--timeout=1s")                 # it is: kubectl says so at once
        k.run("set", "image", "deployment/web", "c=registry.example.org/life:2")
        k.run("rollout", "restart", "statefulset/db")
        k.run("annotate", "deployment/web", "kubernetes.io/change-cause=a new one")
        strata(cloud, k, "rollout", "status", "deployment/web")
        strata(cloud, k, "rollout", "status", "statefulset/db")
        for what in "deployment/web", "statefulset/db", "daemonset/ag":
            equal(revisions(strata(cloud, k, "rollout", "history", what).out), revisions(k.run("rollout", "history", what)), what)
        until("the cause is in the history", lambda: "a new one" in strata(cloud, k, "rollout", "history", "deployment/web").out)
        lines = strata(cloud, k, "rollout", "diff", "deployment/web").out.splitlines()
        equal([line for line in lines if line[:1] in "+-"],
              ["- revision 1", "+ revision 2", "-   - image: registry.example.org/life:1", "+   - image: registry.example.org/life:2"], "diff")
        one = strata(cloud, k, "rollout", "history", "deployment/web", "--revision=1").out
        check("image: registry.example.org/life:1" in one and "pod-template-hash" not in one, one)
        strata(cloud, k, "rollout", "history", "deployment/web", "--revision=9", code=3)
        strata(cloud, k, "rollout", "status", "deployment/none", code=3)


@case("a rollout that cannot be done says why a pod is not ready, and stops when its time is over", "sim")
def stuck(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1, template=template("web", "registry.example.org/none:latest-broken"), progressDeadlineSeconds=5))
        r = strata(cloud, k, "rollout", "status", "deployment/web", "--timeout=20s", code=1)
        check("ImagePull" in r.err or "cannot be scheduled" in r.err, r)
