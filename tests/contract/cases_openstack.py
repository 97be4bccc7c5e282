"""OpenStack: rows against openstackclient's, admin against member, objects, console, services."""
import http.server
import json
import os
import re
import tempfile
import threading

from case import collector
from cloud import check, equal, settled

CASES = []
case = collector(CASES)

# strata's kind, openstackclient's command, {our cell: their field}; the row is found by id
LISTS = [
    ("server", "server list --all-projects --long", {"name": "Name", "status": "Status", "power": "Power State", "task": "Task State", "host": "Host"}),
    ("hypervisor", "hypervisor list --os-compute-api-version 2.88", {"name": "Hypervisor Hostname", "state": "State", "type": "Hypervisor Type", "host-ip": "Host IP"}),
    ("volume", "volume list --all-projects --long", {"name": "Name", "status": "Status", "type": "Type", "bootable": "Bootable"}),
    ("image", "image list --long", {"name": "Name", "status": "Status", "visibility": "Visibility", "format": "Disk Format"}),
    ("flavor", "flavor list --all", {"name": "Name", "vcpus": "VCPUs", "public": "Is Public"}),
    ("network", "network list --long", {"name": "Name", "status": "Status", "admin": "State", "shared": "Shared", "type": "Network Type"}),
    ("subnet", "subnet list", {"name": "Name", "subnet": "Subnet"}),
    ("port", "port list", {"mac": "MAC Address", "status": "Status"}),
    ("router", "router list", {"name": "Name", "status": "Status", "admin": "State"}),
    ("floating-ip", "floating ip list", {"address": "Floating IP Address", "fixed": "Fixed IP Address"}),
    ("security-group", "security group list", {"name": "Name", "description": "Description"}),
    ("project", "project list", {"name": "Name"}),
]
POWER = {0: "NOSTATE", 1: "Running", 3: "Paused", 4: "Shutdown", 6: "Crashed", 7: "Suspended"}


def plain(v):
    """Without what a terminal must not see: escape sequences, control characters, their replacement character."""
    return re.sub(r"\x1b\[[0-9;]*m|[^ -~\u00a1-\uffef]", "", v)


def theirs_to_text(field, v):
    if v is None or v == "None":
        return ""
    if field == "State" and isinstance(v, bool):
        return "UP" if v else "DOWN"
    if field == "Power State":
        return POWER.get(v, str(v))
    return str(v)


def compare_list(cloud, kind, command, fields):
    want = {o.get("ID"): o for o in cloud.openstack(*command.split())}
    rows = {c.get("id") or c["uid"]: c for c in cloud.os_cells(kind)}
    equal(sorted(rows), sorted(want), "ids of %s" % kind)
    for i, o in want.items():
        for mine, field in fields.items():
            a, b = rows[i][mine], theirs_to_text(field, o.get(field))
            check(plain(a).lower() == plain(b).lower() or (mine == "power" and a.lower().startswith(b.lower()[:4])),
                  "%s %s: %s: got %r, openstack %s says %r" % (kind, i, mine, a, field, b))


@case("{0}: ids and values as openstack {1}", each=LISTS)
def lists(cloud, kind, command, fields):
    settled(lambda: compare_list(cloud, kind, command, fields), 3)


def services_wanted(cloud):
    nova = {(s["Binary"], s["Host"]): (s["State"], s["Status"]) for s in cloud.openstack("compute", "service", "list")}
    agents = {(a["Binary"], a["Host"]): ("up" if a["Alive"] else "down", "") for a in cloud.openstack("network", "agent", "list")}
    cinder = {(s["Binary"], s["Host"]): (s["State"], s["Status"]) for s in cloud.openstack("volume", "service", "list")}
    return nova, agents, cinder


@case("os-services: nova's, neutron's and cinder's workers with state and status")
def services(cloud):
    def once():
        rows = cloud.os_cells("os-services")
        by = {(c["binary"], c["host"]): c for c in rows if c["id"] or c["host"]}
        for group in services_wanted(cloud):
            check(group, "openstackclient lists no workers")
            for who, (state, status) in group.items():
                check(who in by, "%s is missing; there are %s" % (who, sorted(by)))
                equal(by[who]["state"], state, "state of %s" % (who,))
                if status and by[who]["status"] != "forced-down":
                    check(status in by[who]["status"], "%s: status %r, not %r" % (who, by[who]["status"], status))
    settled(once, 4)


@case("os-services: one head row for each API of the catalog")
def heads(cloud):
    types = {c["Type"] for c in cloud.openstack("catalog", "list")}
    got = {c["type"] for c in cloud.os_cells("os-services") if c["endpoint"]}
    check(types <= got, "no head row for %s" % (types - got))


@case("a member sees the servers of the own project")
def member(cloud):
    def once():
        want = sorted(s["ID"] for s in cloud.openstack("server", "list", cloud=cloud.member_cloud))
        got = sorted(c["id"] for c in cloud.os_cells("server", cloud=cloud.member_cloud))
        equal(got, want, "ids")
        check(set(want) < {c["id"] for c in cloud.os_cells("server")}, "the admin does not see more than the member")
    settled(once, 3)


@case("a member's own project is all there is to show, unless all projects are asked for")
def member_whole(cloud):
    def once():
        own = cloud.strata("get", "server", "--cloud", cloud.member_cloud)
        check(own.code == 0 and not own.err and own.out.startswith("NAME"), own)
        everything = cloud.strata("get", "server", "--cloud", cloud.member_cloud, "-A")
        check(everything.code == 1 and everything.err.count("\n") == 1 and "not allowed to list all projects" in everything.err, everything)
        equal(len(everything.out.splitlines()), len(own.out.splitlines()), "rows")
        raw = cloud.strata("get", "server", "--cloud", cloud.member_cloud, "-o", "json")
        check(raw.code == 0 and raw.err.count("\n") == 1 and "not allowed to list all projects" in raw.err, raw)
        equal(len(json.loads(raw.out)["servers"]), len(own.out.splitlines()) - 1, "servers")
    settled(once)                                                 # what the case before deleted goes meanwhile
    none = cloud.strata("get", "server", "NOSUCH", "--cloud", cloud.member_cloud)
    check(none.code == 3 and none.err == 'strata: server "NOSUCH" not found\n', none)
    admin = cloud.strata("get", "server", "--cloud", cloud.admin_cloud, "-A")
    check(admin.code == 0 and not admin.err, admin)


@case("os-services: each name of -o name is one that get takes back")
def service_names(cloud):
    names = cloud.strata("get", "os-services", "--cloud", cloud.admin_cloud, "-o", "name").out.split()
    back = cloud.strata("get", *names, "--cloud", cloud.admin_cloud, "-o", "name")
    check(names and back.code == 0 and not back.err, back)
    equal(sorted(back.out.split()), sorted(names), "names")


@case("a member is told what is not allowed: hypervisors")
def member_denied(cloud):
    r = cloud.strata("get", "hypervisor", "--cloud", cloud.member_cloud)
    check(r.code == 1 and re.search("allow|polic|forbidden|right", r.err, re.I), r)


@case("an application credential works like the password")
def appcred(cloud):
    name = cloud.admin_cloud.replace("demo", "demo-appcred") if cloud.sim else cloud.admin_cloud + "-appcred"
    settled(lambda: equal(sorted(c["id"] for c in cloud.os_cells("server", cloud=name)), sorted(c["id"] for c in cloud.os_cells("server")), "ids"))


def a_server(cloud, status="ACTIVE"):
    rows = [c for c in cloud.os_cells("server") if c["status"] == status and re.fullmatch(r"[a-z0-9-]+", c["name"])]
    check(rows, "no %s server" % status)
    return sorted(rows, key=lambda c: c["name"])[0]


@case("server -o json is an array of what nova sent")
def server_json(cloud):
    def once():
        r = cloud.strata("get", "server", "--cloud", cloud.admin_cloud, "-o", "json")
        equal(r.code, 0, r)
        doc = json.loads(r.out)
        equal(sorted(s["id"] for s in doc["servers"]), sorted(c["id"] for c in cloud.os_cells("server")), "ids")
        check(all("OS-EXT-STS:vm_state" in s for s in doc["servers"]), "not nova's own fields")
    settled(once)


@case("describe server: id, status, flavor and addresses as openstack server show")
def describe_server(cloud):
    s = a_server(cloud)
    r = cloud.strata("describe", "server", s["id"], "--cloud", cloud.admin_cloud)
    equal(r.code, 0, r)
    show = cloud.openstack("server", "show", s["id"])
    for word in (s["id"], show["status"], show["name"], list(show["addresses"].values())[0][0]):
        check(word in r.out, "%r is not in %r" % (word, r.out[:800]))


@case("the fault of a server in ERROR is shown")
def fault_text(cloud):
    rows = [c for c in cloud.os_cells("server") if c["status"] == "ERROR"]
    check(rows and any(c["fault"] for c in rows), "no fault text in %r" % rows)
    show = cloud.openstack("server", "show", [c for c in rows if c["fault"]][0]["id"])
    check([c for c in rows if c["fault"]][0]["fault"][:30] in show["fault"]["message"], "not nova's words")


@case("logs of a server are its console")
def console(cloud):
    s = a_server(cloud)
    r = cloud.strata("logs", "server/" + s["id"], "--cloud", cloud.admin_cloud, "--tail", "5")
    check(r.code == 0 and "login" in r.out and len(r.out.splitlines()) == 5, r)


@case("a bad password: one sentence that says so, no secret in it")
def bad_password(cloud):
    with open(cloud.environ()["OS_CLIENT_CONFIG_FILE"]) as f:
        text = f.read()
    secret = re.search(r"password: '?([0-9A-Za-z]+)", text).group(1)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as f:
        f.write(text.replace(secret, "wrong" + secret[::-1]))
    r = cloud.strata("get", "server", "--cloud", cloud.admin_cloud, env={"OS_CLIENT_CONFIG_FILE": f.name})
    os.unlink(f.name)
    check(r.code == 1 and r.err.startswith("strata:") and secret[::-1] not in r.err, r)
    check(re.search("password|credential|refuse|authent", r.err), r)


@case("user and password in an auth_url are shown nowhere: not in errors, by doctor or in a trace")
def url_password(cloud):
    entry = "clouds:\n  leaky:\n    auth: {auth_url: 'http://who:SECRETURL@127.0.0.1:%d/v3', username: u, password: p, project_name: x," \
            " user_domain_name: d, project_domain_name: d}\n"
    mute = type("Mute", (http.server.BaseHTTPRequestHandler,), {"log_message": lambda *a: None})
    server = http.server.HTTPServer(("127.0.0.1", 0), mute)     # answers 501: no Keystone
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory() as d:
            for port in (1, server.server_address[1]):
                with open(d + "/clouds.yaml", "w") as f:
                    f.write(entry % port)
                env = {"OS_CLIENT_CONFIG_FILE": d + "/clouds.yaml", "STRATA_TRACE": d + "/trace"}
                said = [cloud.strata(*args, "--cloud", "leaky", env=env) for args in (["get", "server"], ["doctor"])]
                with open(d + "/trace") as f:
                    text = f.read() + "".join(r.out + r.err for r in said)
                check("127.0.0.1:%d" % port in text and "leaky" in said[0].err, said)
                check("SECRETURL" not in text, [line for line in text.splitlines() if "SECRETURL" in line])
    finally:
        server.shutdown()
        server.server_close()


@case("a cloud entry without a scope: what is missing is said, not that the cloud has no services")
def unscoped(cloud):
    import yaml
    with open(cloud.environ()["OS_CLIENT_CONFIG_FILE"]) as f:
        entry = yaml.safe_load(f)["clouds"][cloud.admin_cloud]
    entry["auth"] = {k: v for k, v in entry["auth"].items() if not k.startswith("project")}
    if entry.get("cacert"):
        entry["cacert"] = os.path.join(os.path.dirname(cloud.environ()["OS_CLIENT_CONFIG_FILE"]), entry["cacert"])
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        yaml.safe_dump({"clouds": {"bare": entry}}, f)
        f.flush()
        for args in (["get", "server"], ["get", "os-services"], ["doctor"]):
            r = cloud.strata(*args, "--cloud", "bare", env={"OS_CLIENT_CONFIG_FILE": f.name})
            check(r.code == 1 and "for no project" in r.out + r.err and "project_name" in r.out + r.err, r)


@case("an unknown cloud: says which there are")
def unknown_cloud(cloud):
    r = cloud.strata("get", "server", "--cloud", "no-such-cloud")
    check(r.code in (1, 3) and "no-such-cloud" in r.err and cloud.admin_cloud in r.err, r)


@case("a server that is not there: exit status 3")
def no_server(cloud):
    r = cloud.strata("describe", "server", "no-such-server", "--cloud", cloud.admin_cloud)
    check(r.code == 3 and "no-such-server" in r.err, r)


@case("quota -o json: what the services sent for each project of the table", "live")
def quota_json(cloud):
    def once():
        rows = {c["id"]: c for c in cloud.os_cells("quota")}
        r = cloud.strata("get", "quota", "--cloud", cloud.admin_cloud, "-o", "json")
        equal(r.code, 0, r)
        got = {q["project_id"]: q for q in json.loads(r.out)["quotas"]}
        equal(sorted(got), sorted(rows), "projects")
        for i, q in got.items():
            equal("%s/%s" % (q["compute"]["instances"]["in_use"], q["compute"]["instances"]["limit"]), rows[i]["instances"], "instances")
        return rows
    rows = settled(once)
    names = [c["project"] for c in rows.values()]
    name = next(n for n in names if names.count(n) == 1)
    one = cloud.strata("get", "quota", name, "--cloud", cloud.admin_cloud, "-o", "json")
    check(json.loads(one.out)["project_name"] == name and "network" in json.loads(one.out), one)


@case("stacks of a member are those of the own project, which is named", "live")
def member_stacks(cloud):
    rows = cloud.os_cells("stack", cloud=cloud.member_cloud)
    theirs = cloud.openstack("stack", "list", cloud=cloud.member_cloud)
    equal(sorted(c["id"] for c in rows), sorted(s["ID"] for s in theirs), "ids")
    admin = {c["id"]: c["project"] for c in cloud.os_cells("stack")}
    check(rows, "no stacks")
    for c in rows:
        check(c["project"] and c["project"] == admin.get(c["id"], c["project"]), "project %r, the admin sees %r" % (c["project"], admin.get(c["id"])))


@case("os-services with system scope: what has no endpoint there is a row that says so", "live")
def services_system(cloud):
    name = cloud.admin_cloud.replace("admin", "system")
    rows = cloud.os_cells("os-services", cloud=name, ok=(0, 1))
    heads = {c["type"]: c for c in rows if not c["id"] and c["service"].endswith(" API")}
    types = {s["Type"] for s in cloud.openstack("catalog", "list")}
    equal(sorted(heads), sorted(types), "services")
    blind = [c for c in heads.values() if not c["endpoint"]]
    check(blind and all(c["state"] == "unknown" and "system scope" in c["reason"] for c in blind), blind)
    said = cloud.strata("get", "os-services", "--cloud", name).err
    check(all(c["type"] in said for c in blind) and said.count("\n") == 1, said)
