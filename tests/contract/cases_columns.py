"""The columns of a custom resource, as kubectl prints them: titles in any script, dates as ages, what is no date."""
import datetime
import re

from case import collector
from cases_life import Kube, until
from cloud import check, equal, settled

CASES = []
case = collector(CASES)

GROUP, PLURAL = "columns.example.org", "gadgets"
COLUMNS = [("Größe", "integer", ".spec.size"), ("Pri", "number", ".spec.pri"), ("Seit", "date", ".spec.since")]


def definition():
    names = {"kind": "Gadget", "plural": PLURAL, "singular": "gadget"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema,
               "additionalPrinterColumns": [{"name": n, "type": t, "jsonPath": p} for n, t, p in COLUMNS]}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "%s.%s" % (PLURAL, GROUP)},
            "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]}}


def gadget(n, **spec):
    return {"apiVersion": GROUP + "/v1", "kind": "Gadget", "metadata": {"name": "g%d" % n}, "spec": dict(size=n, pri=n + 0.5, **spec)}


@case("a custom resource: titles and dates as kubectl prints them, filters by its columns", "live")
def custom_columns(cloud):
    ago = lambda **t: (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**t)).strftime("%Y-%m-%dT%H:%M:%SZ")
    kind = "%s.%s" % (PLURAL, GROUP)
    with Kube(cloud) as k:
        k.apply(definition())
        try:
            until("the kind is served", lambda: k.run("get", kind, fail=True)[0] == 0, 30)
            k.apply(gadget(1, since=ago(hours=41, seconds=3)), gadget(2, since="rubbish"), gadget(3, since="2099-01-01T00:00:00Z"), gadget(4))
            lines = lambda text: [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
            ours = lambda *args: cloud.strata("get", kind, "-n", k.ns, *args)
            for _ in range(6):                                    # not one hour less, ever
                settled(lambda: equal(lines(ours().out), lines(k.run("get", kind)), "the table"), 2, 0)
            named = lambda *args: [line[0] for line in lines(ours("--no-headers", *args).out)]
            equal(named("--filter", "größe>2"), ["g3", "g4"], "größe>2")
            equal(named("--filter", "pri<2.5"), ["g1"], "pri<2.5")
            for wrong in ("pri>abc", "größe>abc", "größer>5"):
                r = ours("--filter", wrong)
                check(r.code == 2 and len(r.err.splitlines()) == 1, r)
        finally:
            k.run("delete", "crd", kind, "--wait=false", fail=True)
