"""Capacity beside what the servers say, one by one: kubectl describe node, Placement's own answers, the quota's usage."""
import json
import re
import time

from case import collector
from cases_links import context
from cloud import check, equal
from ostk_api import Api

CASES = []
case = collector(CASES)
UNITS = {"": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "k": 10 ** 3, "M": 10 ** 6, "G": 10 ** 9}


def capacity(cloud, *args, who=None):
    r = cloud.strata("capacity", *args, "--cloud", who or cloud.admin_cloud, "--context", context(cloud), "-o", "json")
    check(r.out, r)
    return json.loads(r.out)


def steady(theirs, ours, times=12):
    """Other cases work on the same servers: what is compared stood still while both were read."""
    for _ in range(times):
        before, mine = theirs(), ours()
        if before == theirs():
            return before, mine
    check(False, "the servers never stood still")


def amount(text):
    n, unit = re.fullmatch(r"(\d+)(\D*)", text).groups()
    return int(n) * UNITS[unit]


@case("capacity: of each node what kubectl describe node says is asked for, of the cluster the sum")
def nodes(cloud):
    def theirs():
        out, name = {}, None
        for line in cloud.kubectl("describe", "nodes").splitlines():
            m = re.match(r"Name: +(\S+)", line)
            name = m.group(1) if m else name
            m = re.match(r"Non-terminated Pods: +\((\d+) in total\)", line)
            if m:
                out[name] = [int(m.group(1))]
            m = re.match(r"  (cpu|memory) +(\d+)(m?)(\S*) \(", line)
            if m and name in out and len(out[name]) < 3:
                out[name].append(int(m.group(2)) * (1 if m.group(3) else 1000) if m.group(1) == "cpu" else amount(m.group(2) + m.group(4)))
        return out
    want, got = steady(theirs, lambda: capacity(cloud, "node", "cluster"))
    mine = {x["name"]: [x["pods"], x["cpu_milli"]["requested"], x["memory_bytes"]["requested"]] for x in got if x["what"] == "node" and x["source"] == context(cloud)}
    equal(mine, want, "pods, CPU and memory requested")
    have = {n["metadata"]["name"]: n["status"].get("allocatable", {}) for n in json.loads(cloud.kubectl("get", "nodes", "-o", "json"))["items"]}
    for x in got:
        if x["what"] == "node":
            equal(x["memory_bytes"]["have"], amount(have[x["name"]]["memory"]), x)
    total, = [x for x in got if x["what"] == "cluster"]
    equal((total["nodes"], total["pods"], total["cpu_milli"]["requested"]), (len(want), sum(v[0] for v in want.values()), sum(v[1] for v in want.values())), "the cluster")
    equal(cloud.strata("capacity", "nonsense").code, 2, "of what")


@case("capacity: of each hypervisor Placement's inventory, ratio and usage; of each project what its quota counts")
def hypervisors(cloud):
    admin = Api(cloud, cloud.admin_cloud)

    def theirs():
        out = {}
        for h in admin.get("/os-hypervisors")["hypervisors"]:
            inv = admin.get("/resource_providers/%s/inventories" % h["id"], "1.29", "placement")["inventories"]
            use = admin.get("/resource_providers/%s/usages" % h["id"], "1.29", "placement")["usages"]
            room = [int((inv[c]["total"] - inv[c]["reserved"]) * inv[c]["allocation_ratio"]) for c in ("VCPU", "MEMORY_MB")]
            out[h["hypervisor_hostname"]] = (inv["VCPU"]["total"] * 1000, room[0] * 1000, use["VCPU"] * 1000, inv["MEMORY_MB"]["total"] << 20, room[1] << 20, use["MEMORY_MB"] << 20)
        quotas = {}
        for p in (admin, Api(cloud, cloud.member_cloud)):
            q = admin.get("/os-quota-sets/%s/detail" % p.project)["quota_set"]
            quotas[p.project] = (q["instances"]["in_use"], q["cores"]["in_use"] * 1000, q["ram"]["in_use"] << 20)
        return out, quotas
    (want, quotas), got = steady(theirs, lambda: capacity(cloud, "hypervisor", "project"))
    mine = {x["name"]: (x["cpu_milli"]["have"], x["cpu_milli"]["room"], x["cpu_milli"]["requested"], x["memory_bytes"]["have"], x["memory_bytes"]["room"],
                        x["memory_bytes"]["requested"]) for x in got if x["what"] == "hypervisor"}
    equal(mine, want, "have, room and given of processors and memory")
    projects = {x["uid"]: (x["servers"], x["cpu_milli"]["requested"], x["memory_bytes"]["requested"]) for x in got if x["what"] == "project"}
    for p, q in quotas.items():
        equal(projects.get(p, (0, 0, 0)), q, "project " + p)
    under = {x["name"]: x["cpu_milli"]["own_pods"] for x in got if x["what"] == "hypervisor"}
    below = {x["name"]: x["cpu_milli"]["requested"] for x in capacity(cloud, "node")}
    check(any(under[h] == below.get(h.split(".")[0]) for h in under), "the pods of the node that a hypervisor is: %r %r" % (under, below))


def bound(cloud, admin, names, want):
    """A flavor that wants hosts of an aggregate: on these alone, as Nova would place it."""
    hosts = {h["id"]: h["service"]["host"] for h in admin.get("/os-hypervisors/detail")["hypervisors"]}
    one = [(uid, h) for uid, h in sorted(hosts.items()) if want.get(uid)][0]
    name = "contract-fit-%x" % time.time_ns()           # not that of a run that was killed
    code, made = admin.call("POST", "/flavors", {"flavor": {"name": name, "ram": 64, "vcpus": 1, "disk": 0}})
    equal(code, 200, made)
    flavor = made["flavor"]["id"]
    code, made = admin.call("POST", "/os-aggregates", {"aggregate": {"name": name}})
    equal(code, 200, made)
    where = "/os-aggregates/%s" % made["aggregate"]["id"]

    def fit(n):
        r = cloud.strata("capacity", "--fit", "%dx%s" % (n, name), "--cloud", cloud.admin_cloud, "-o", "json")
        doc = json.loads(r.out)
        return r.code, doc["by_aggregates"], [h["name"] for h in doc["hosts"]]
    try:
        equal(admin.call("POST", where + "/action", {"set_metadata": {"metadata": {"contract-fit": "gold,silver"}}})[0], 200, "metadata")
        equal(admin.call("POST", "/flavors/%s/os-extra_specs" % flavor, {"extra_specs": {"aggregate_instance_extra_specs:contract-fit": "silver"}})[0], 200, "properties")
        equal(fit(1), (1, True, []), "an aggregate without hosts")
        equal(admin.call("POST", where + "/action", {"add_host": {"host": one[1]}})[0], 200, "a host of it")
        equal(fit(1), (0, True, [names[one[0]]]), "the aggregate's host")
    finally:
        admin.call("POST", where + "/action", {"remove_host": {"host": one[1]}})
        admin.call("DELETE", where)
        admin.call("DELETE", "/flavors/" + flavor)


@case("capacity: servers of a flavor fit where Placement's candidates are; who is no admin is told that it is not told")
def fits(cloud):
    admin = Api(cloud, cloud.admin_cloud)
    flavor = {f["name"]: f for f in admin.get("/flavors/detail")["flavors"]}["m1.small"]
    ask = "&resources=VCPU:%d,MEMORY_MB:%d" % (flavor["vcpus"], flavor["ram"]) + (",DISK_GB:%d" % flavor["disk"] if flavor["disk"] else "")

    def theirs():
        doc = admin.get("/allocation_candidates?required=!COMPUTE_STATUS_DISABLED&limit=1000" + ask, "1.29", "placement")
        out, up = {}, {h["id"] for h in admin.get("/os-hypervisors")["hypervisors"] if h["state"] == "up"}      # Nova chooses no other
        for a in doc["allocation_requests"]:
            (uid, part), = a["allocations"].items()
            if uid not in up:
                continue
            has = doc["provider_summaries"][uid]["resources"]
            out[uid] = min((has[c]["capacity"] - has[c]["used"]) // n for c, n in part["resources"].items())
        return out

    def ours():
        return cloud.strata("capacity", "--fit", "2xm1.small", "--cloud", cloud.admin_cloud, "-o", "json")
    want, r = steady(theirs, ours)
    got = json.loads(r.out)
    equal({h["uid"]: h["fits"] for h in got["hosts"]}, want, "hosts")
    equal((got["fits"], got["wanted"], r.code), (sum(want.values()), 2, 0 if sum(want.values()) >= 2 else 1), r)
    names = {h["id"]: h["hypervisor_hostname"] for h in admin.get("/os-hypervisors")["hypervisors"]}
    equal({h["uid"]: h["name"] for h in got["hosts"]}, {u: names[u] for u in want}, "names")
    bound(cloud, admin, names, want)
    r = cloud.strata("capacity", "--fit", "100000xm1.small", "--cloud", cloud.admin_cloud)
    check(r.code == 1 and "they do not fit" in r.out, r)
    r = cloud.strata("capacity", "--fit", "2xm1.small", "--cloud", cloud.member_cloud)
    check(r.code == 1 and "Placement tells only an admin what the hosts have" in r.err and not r.out, r)
    equal(cloud.strata("capacity", "--fit", "0xm1.small", "--cloud", cloud.admin_cloud).code, 2, "none")
    equal(cloud.strata("capacity", "--fit", "2xno-such-flavor", "--cloud", cloud.admin_cloud).code, 3, "no such flavor")
    r = cloud.strata("capacity", "project", "--cloud", cloud.member_cloud)
    check("Projects" in r.out and "not seen: " in r.err, r)


@case("capacity: where servers of a flavor fit is told zone by zone, as Nova's zones are; a host that is down does not count", "sim")
def zones(cloud):
    admin = Api(cloud, cloud.admin_cloud)
    fit = lambda n, *words: cloud.strata("capacity", "--fit", "%dxm1.small" % n, "--cloud", cloud.admin_cloud, *words)
    before = json.loads(fit(1, "-o", "json").out)
    equal([z["name"] for z in before["zones"]], ["nova"], before)
    check("zone" not in fit(1).out, "one zone is none")
    one = before["hosts"][0]
    code, made = admin.call("POST", "/os-aggregates", {"aggregate": {"name": "contract-fit-zone", "availability_zone": "contract-az"}})
    equal(code, 200, made)
    where = "/os-aggregates/%s" % made["aggregate"]["id"]
    try:
        equal(admin.call("POST", where + "/action", {"add_host": {"host": one["name"]}})[0], 200, "a host of it")
        theirs = {z["zoneName"]: set(z["hosts"]) for z in admin.get("/os-availability-zone/detail")["availabilityZoneInfo"] if z["zoneName"] != "internal"}
        doc = json.loads(fit(1, "-o", "json").out)
        equal({z["name"]: z["services"] for z in doc["zones"]}, {z: len(hosts) for z, hosts in theirs.items()}, "zones of Nova")
        for h in doc["hosts"]:
            check(h["name"] in theirs[h["zone"]], h)
        for z in doc["zones"]:
            equal((z["hosts"], z["fits"]), (sum(h["zone"] == z["name"] for h in doc["hosts"]), sum(h["fits"] for h in doc["hosts"] if h["zone"] == z["name"])), z)
        r = fit(doc["fits"])
        check(r.code == 0 and "not all in one zone" in r.out and re.search("^zone contract-az: %d, on 1 of its 1 hosts\n +%d  %s$" % (one["fits"], one["fits"], one["name"]), r.out, re.M), r)
        service, = [s["id"] for s in admin.get("/os-services?binary=nova-compute")["services"] if s["host"] == one["name"]]
        equal(admin.call("PUT", "/os-services/" + service, {"forced_down": True})[0], 200, "down")
        try:
            r = fit(doc["fits"])
            check(r.code == 1 and "they do not fit" in r.out and "not counted: room for %d on 1 host whose compute service is down" % one["fits"] in r.out, r)
        finally:
            admin.call("PUT", "/os-services/" + service, {"forced_down": False})
    finally:
        admin.call("POST", where + "/action", {"remove_host": {"host": one["name"]}})
        admin.call("DELETE", where)
