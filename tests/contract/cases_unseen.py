"""What strata cannot see it says: users that may not look, servers of others, APIs that do not answer."""
import json
import re

from case import collector
from cases_links import context, make_node
from cloud import check, equal

CASES = []
PARTS = 1
case = collector(CASES)
NOT_MINE = "0b4e0000-0000-4000-8000-000000000b40"


def causes(r):
    check(r.out, r)
    return json.loads(r.out)[0]


@case("why of a node whose server who asks may not see, for it is another project's or no cloud is open: less certain, and said")
def not_mine(cloud):
    make_node(cloud, "unseen-node", NOT_MINE, NOT_MINE, "True")
    code, _, doc = cloud.raw("PATCH", "/api/v1/nodes/unseen-node/status", "application/merge-patch+json", {"status": {"conditions": [
        {"type": t, "status": "True", "reason": "Made", "message": "made so"} for t in ("Ready", "MemoryPressure")]}})
    check(code == 200, doc)
    try:
        whole = causes(cloud.strata("why", "node", "unseen-node", "--cloud", cloud.admin_cloud, "--context", context(cloud), "-o", "json"))
        part = causes(cloud.strata("why", "node", "unseen-node", "--cloud", cloud.member_cloud, "--context", context(cloud), "-o", "json"))
        none = causes(cloud.strata("why", "node", "unseen-node", "--context", context(cloud), "-o", "json"))
        equal(["".join(c["class"] for c in x["causes"][:1]) for x in (whole, part, none)], ["A", "B", "B"], (whole, part, none))
        equal((whole["unseen"], len(part["unseen"]), len(none["unseen"])), ([], 1, 1), (whole, part, none))
        check(re.search("cannot see beyond server of %s: project .* only" % cloud.member_cloud, part["unseen"][0]), part)
        check("no cloud is open here" in none["unseen"][0], none)
        words = cloud.strata("why", "node", "unseen-node", "--cloud", cloud.member_cloud, "--context", context(cloud)).out
        check("  cannot see beyond server of %s: project " % cloud.member_cloud in words and ", since" not in words.split("cannot see beyond")[1].splitlines()[0], words)
    finally:
        cloud.kubectl_all("delete", "node", "unseen-node", "--ignore-not-found")


@case("why, links, blast and timeline of what who asks may not list: forbidden, in the server's words, and not that it is not there")
def forbidden(cloud):
    for words in (["why", "node", "x"], ["links", "node", "x"], ["blast", "drain", "node", "x"]):
        r = cloud.strata(*words, "--context", "viewer")
        check(r.code == 1 and 'cannot see whether node "x" is there: viewer: nodes is forbidden: User "viewer" cannot list resource "nodes"' in r.err, r)
    for verb in ("why", "links", "timeline"):
        r = cloud.strata(verb, "secret", "x", "--context", "viewer")
        check(r.code == 1 and "%s: no secret can be looked at: viewer: secrets is forbidden" % verb in r.err, r)
    r = cloud.strata("why", "nosuchthing", "x", "--context", "viewer")
    check(r.code and 'there is no kind "nosuchthing"' in r.err, r)
    r = cloud.strata("why", "pod", "x", "--context", "unreachable")
    check(r.code == 1 and 'cannot see whether pod "x" is there: unreachable: ' in r.err, r)
    r = cloud.strata("why", "pod", "no-such-pod", "--context", context(cloud))
    check(r.code == 3 and 'pod "no-such-pod" not found' in r.err, r)
    r = cloud.strata("why", "server", "no-such-server", "--cloud", cloud.member_cloud)
    check(r.code == 1 and 'server "no-such-server" not found in what may be looked at; %s: project ' % cloud.member_cloud in r.err, r)
    r = cloud.strata("why", "hypervisor", "no-such-host", "--cloud", cloud.member_cloud)
    check(r.code == 1 and 'cannot see whether hypervisor "no-such-host" is there: %s: ' % cloud.member_cloud in r.err, r)


@case("why of what nothing shows while one of several clusters cannot be read: whether it is there is not known, and it is not called absent")
def one_of_two(cloud):
    r = cloud.strata("why", "node", "no-such-node", "--context", "unreachable", "--context", context(cloud))
    check(r.code == 1 and 'cannot see whether node "no-such-node" is there, only that nothing else shows it: unreachable: ' in r.err and "not found" not in r.err, r)


@case("why of a member: what agents serve that he may not see is well as far as is seen, and that is said")
def agents_unseen(cloud):
    router = cloud.openstack("router", "list", cloud=cloud.member_cloud)[0]["ID"]
    for who, told in ((cloud.member_cloud, True), (cloud.admin_cloud, False)):
        words = cloud.strata("why", "router", router, "--cloud", who).out
        equal("cannot see beyond os-services of %s: workers not shown (not allowed): " % who in words, told, words)
        check("nothing is wrong with it" not in words or (", as far as is seen" in words) == told, words)


@case("stack of a member: an API whose agents he may not see is unknown, not well; an admin sees them, and what the cockpit shows")
def stack(cloud):
    of = lambda c: {x["service"]: x for x in json.loads(cloud.strata("stack", "--cloud", c, "--context", context(cloud), "-o", "json").out) if x["api"]}
    admin, member = of(cloud.admin_cloud), of(cloud.member_cloud)
    for name in ("compute", "network"):
        equal((admin[name]["agents_hidden"], member[name]["agents_hidden"], member[name]["agents"]), (False, True, 0), name)
        check(admin[name]["agents"] > 0 and admin[name]["why"] != member[name]["why"], (admin[name], member[name]))
        if admin[name]["health"] == "ok":
            equal((member[name]["health"], member[name]["why"]), ("unknown", "its agents are not readable by this user"), name)
    equal((member["identity"]["agents_hidden"], member["identity"]["api_state"]), (False, "up"), "Keystone has no agents")
    words = cloud.strata("stack", "--cloud", cloud.admin_cloud, "--context", context(cloud)).out
    check(re.search(r"^SERVICE +SOURCE +HEALTH +API +READY +AGENTS +QUORUM +MAY GO +VERSION +WHY$", words, re.M), words)
    check(re.search(r"^identity +%s +\S+ +up v3\S* " % cloud.admin_cloud, words, re.M), words)
    check(re.search(r"^mariadb-server +%s +\S+ +- +\d/3 +- +2/3 " % context(cloud), words, re.M), words)


@case("why of what is well while Nova answers 503: as far as is seen, and what is not", "sim")
def dark(cloud):
    make_node(cloud, "unseen-well", NOT_MINE, NOT_MINE, "True")
    ask = lambda *words: cloud.strata("why", "node", "unseen-well", "--cloud", cloud.admin_cloud, "--context", context(cloud), *words)
    try:
        equal(causes(ask("-o", "json"))["unseen"], [], "all is seen")
        cloud.sim.fault(kind="status", status=503, on="openstack", prefix="/compute")
        r = ask()
        check(r.code == 1 and "nothing is wrong with it, nor with what it hangs on, as far as is seen\n  cannot see beyond server of demo: HTTP 503, " in r.out, r)
        seen = lambda *words: cloud.strata(*words, "--cloud", cloud.admin_cloud, "--context", context(cloud))
        r = seen("links", "node", "unseen-well")
        check("\n  cannot see beyond server of demo: HTTP 503, " in r.out, r)
        r = seen("why", "server", "web-1")
        check(r.code == 1 and 'cannot see whether server "web-1" is there: demo: ' in r.err and r.out.startswith("os-service compute (demo): down"), r)
        r = seen("layers")
        check(re.search("lists cannot be read: compute API is down", r.out), r)
        check(re.search(r"^ +runs on %s: " % context(cloud), r.out, re.M), r)
    finally:
        cloud.sim.clear()
        cloud.kubectl_all("delete", "node", "unseen-well", "--ignore-not-found")


@case("{0} that takes requests and never answers: one wait for all that is asked of it, then what is not seen, and the cause", "sim",
      each=[("Nova", "/compute", "server, hypervisor: compute API at ", "compute"), ("Nova's list of servers", "/compute/v2.1/servers", "server: compute API: ", None),
            ("Keystone", "/identity", "none of its [0-9]+ kinds is seen: cloud demo: Keystone at ", "identity")])
def hangs(cloud, what, prefix, unseen, cause):
    ask = lambda *words: cloud.strata(*words, "--request-timeout", "3s", "--cloud", cloud.admin_cloud, "--context", context(cloud))
    cloud.sim.fault(kind="latency", ms=600000, on="openstack", prefix=prefix)
    try:
        for words in (["stack"], ["why"], ["layers"]):
            r = ask(*words)
            check(r.code == 1 and re.search("^strata: not seen: demo: %s.*did not answer within 3 s$" % unseen, r.err, re.M) and " no answer for" not in r.err, r)
            if cause and words == ["why"]:
                check(re.search(r"^ +1 +broken .*os-service %s \(demo\): silent, reason .*did not answer within 3 s" % cause, r.out, re.M), r)
        r = ask("get", "server")
        check(r.code == 1 and not r.out and re.fullmatch("strata: demo: .*did not answer within 3 s\n", r.err), r)
        r = ask("why", "server", "web-1")
        check(r.code == 1 and 'cannot see whether server "web-1" is there' in r.err, r)
    finally:
        cloud.sim.clear()


@case("a Nova whose every answer takes its time is waited for; one that asks for longer than is waited is told of", "sim")
def slow(cloud):
    cloud.sim.fault(kind="latency", ms=3000, on="openstack", prefix="/compute")
    try:
        r = cloud.strata("get", "server", "--cloud", cloud.admin_cloud, "--request-timeout", "5s")
        check(r.code == 0 and "paused-01" in r.out and not r.err, r)
        cloud.sim.clear()
        cloud.sim.fault(kind="status", status=503, retry_after=60, on="openstack", prefix="/compute")
        r = cloud.strata("get", "server", "--cloud", cloud.admin_cloud)
        check(r.code == 1 and not r.out and "asks for patience" not in r.err and r.err.startswith("strata: demo: compute API"), r)
    finally:
        cloud.sim.clear()
    r = cloud.strata("get", "server", "--request-timeout", "0")
    check(r.code == 2 and "must be more than 0" in r.err, r)


@case("an API whose every answer is nonsense: its lists are not seen, not absent, and it is not well", "sim")
def nonsense(cloud):
    ask = lambda *words: cloud.strata(*words, "--cloud", cloud.admin_cloud, "--context", context(cloud))
    cloud.sim.fault(kind="malformed", on="openstack", prefix="/network")
    try:
        for words in (["why"], ["stack"]):
            r = ask(*words)
            check(r.code == 1 and re.search("^strata: not seen: demo: port, router, floating-ip, network and 1 more: network API: its version document is not understood", r.err, re.M), r)
        row, = [x for x in json.loads(ask("stack", "-o", "json").out) if x["service"] == "network"]
        check(row["health"] == "bad" and row["api_state"] != "up", row)
        r = ask("get", "network")
        check(r.code == 1 and "not understood" in r.err, r)
        cloud.sim.clear()
        cloud.sim.fault(kind="malformed", on="openstack", prefix="/placement")
        r = cloud.strata("capacity", "--fit", "2xm1.small", "--cloud", cloud.admin_cloud)
        check(r.code == 1 and not r.out and "placement API: its version document is not understood" in r.err, r)
    finally:
        cloud.sim.clear()
