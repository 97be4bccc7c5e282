"""Shares of Manila: what the table shows against what the API says, its refusals, a share deleted by its name, and what hangs on one."""
from case import collector
from cloud import check, equal, until
from ostk_api import Api, Service

CASES = []
case = collector(CASES)
NOWHERE = "00000000-0000-4000-8000-000000000000"


@case("shares: every cell is what Manila says, members see their own; described with where they are exported; one is deleted, and what may not be is refused in words")
def shares(cloud):
    api = Api(cloud, cloud.admin_cloud)
    admin, member = Service(api, "share", "2.69"), Service(Api(cloud, cloud.member_cloud), "share", "2.69")
    share = admin.ask("POST", "/shares", {"share": {"size": 1, "name": "contract-share", "share_proto": "NFS"}}, 200)["share"]
    path = "/shares/" + share["id"]
    try:
        until("made", lambda: admin.get(path)["share"]["status"] == "available")
        check("export_locations" not in admin.get(path)["share"], "since 2.9 told by a call of its own")
        old = api.call("GET", path, None, "2.8", "share")[1]["share"]
        check(old["export_locations"] and "access_rules_status" not in old, old)
        want = {s["id"]: (s["name"] or s["id"], s["status"], s["share_proto"], s["share_type_name"], s["host"], s["availability_zone"], "%dGi" % s["size"])
                for s in admin.get("/shares/detail?all_tenants=1")["shares"]}
        got = {c["id"]: tuple(c[k] for k in ("name", "status", "proto", "type", "host", "zone", "size")) for c in cloud.os_cells("share")}
        equal(got, want, "cells")
        mine = {s["id"] for s in member.get("/shares/detail")["shares"]}
        equal({c["id"] for c in cloud.os_cells("shares", cloud=cloud.member_cloud)}, mine, "of a member")
        check(share["id"] not in mine, "of another project")
        r = cloud.strata("describe", "share", share["id"], "--cloud", cloud.admin_cloud)
        check("Export locations:\n  " + admin.get(path + "/export_locations")["export_locations"][0]["path"] in r.out, r)
        check("Status:               available" in r.out, r)
        admin.ask("POST", path + "/action", {"reset_status": {"status": "error_deleting"}}, 202)
        r = cloud.strata("delete", "share", share["id"], "--yes", "--cloud", cloud.admin_cloud)
        check(r.code == 4 and "it is error_deleting: Manila deletes what is available" in r.err, r)
        equal(api.call("DELETE", path, None, "2.69", "share")[1]["forbidden"]["message"],
              "Invalid share: Share status must be one of ('available', 'error', 'inactive').", "what Manila says of that")
        admin.ask("POST", path + "/action", {"reset_status": {"status": "available"}}, 202)
        r = cloud.strata("share", "delete", share["id"], "--yes", "--cloud", cloud.admin_cloud)
        check(r.code == 0 and "deleted" in r.out, r)
        equal(api.call("GET", path, None, "2.69", "share")[0], 404, "gone")
    finally:
        api.call("POST", path + "/action", {"force_delete": None}, "2.69", "share")
    for who, method, at, version, code, fault, text in (
            (admin, "GET", "/shares/" + NOWHERE, "2.69", 404, "itemNotFound", "The resource could not be found."),
            (admin, "GET", "/shares/%s/export_locations" % NOWHERE, "2.69", 404, "itemNotFound", "Share '%s' not found." % NOWHERE),
            (member, "GET", "/services", "2.69", 403, "forbidden", "Policy doesn't allow service:index to be performed."),
            (member, "GET", "/shares?limit=-1", "2.69", 400, "badRequest", "limit param must be positive"),
            (admin, "GET", "/shares", "2.999", 406, "computeFault", None)):
        got = who.api.call(method, at, None, version, "share")
        equal((got[0], list(got[1])), (code, [fault]), at)
        check(text in (None, got[1][fault]["message"]), got)


@case("shares: a claim of Manila's CSI driver leads to its share and to the worker that serves it; what deleting it takes is told", "sim")
def mounted(cloud):
    claim = [c for c in cloud.os_cells("share") if "tenant-a" in c["properties"]][0]
    ask = lambda *args: cloud.strata(*args, "--cloud", cloud.admin_cloud, "--context", "tenant-a", "--context", "mgmt", env={"KUBECONFIG": cloud.sim.dir + "/kubeconfig"})
    r = ask("links", "pvc", "uploads", "-n", "shop")
    check("shareID " + claim["id"] in r.out and "os-service manila-share/manila-share@cephfs" in r.out and "deployment openstack/manila-share" in r.out, r)
    r = ask("delete", "share", claim["name"], "--dry-run")
    check(r.code == 0 and "3 pods" in r.out and "RED" in r.out, r)
    line = [x for x in ask("stack").out.split("\n") if x.startswith("sharev2")][0].split()
    equal(line[2:7], ["ok", "up", "v2.0", "3/3", "2/2"], "its line in the stack")
