"""What operators ask of the services: agents, volumes held by servers, services and lists; refusals in the real words, the same on sim and on real servers."""
from case import collector
from cases_nova import LIVE, Made, sentence
from cases_services import NOWHERE, both, plain
from cloud import check, equal, until
from ostk_api import Service

CASES = []
case = collector(CASES)
YES_NO = ("[True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'%s]")
FIELD = "Invalid input for field/attribute %s. Value: %s. %s"
SWITCH = "Unrecognized value 'zz', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"
# body of an action, code, sentence; asked by an administrator, of a server that is ACTIVE
FORMS = [
    ({"migrate": {"x": 1}}, 400, FIELD % ("migrate", "{'x': 1}", "Additional properties are not allowed ('x' was unexpected)")),
    ({"migrate": "zz"}, 400, FIELD % ("migrate", "zz", "'zz' is not of type 'object', 'null'")),
    ({"os-migrateLive": {"host": None, "block_migration": "zz"}}, 400, FIELD % ("block_migration", "zz", "'zz' is not one of " + YES_NO % ", 'auto'")),
    ({"os-migrateLive": {"host": 1, "block_migration": "auto"}}, 400, FIELD % ("host", "1", "1 is not of type 'string', 'null'")),
    ({"evacuate": {"host": None}}, 400, FIELD % ("host", "None", "None is not of type 'string'")),
    ({"evacuate": {"host": "zz"}}, 404, "Compute host zz not found."),
    ({"lock": {"locked_reason": ""}}, 400, FIELD % ("locked_reason", "", "'' is too short")),
    ({"rebuild": {"imageRef": "zz"}}, 400, FIELD % ("imageRef", "zz", "'zz' is not a 'uuid'")),
    ({"unshelve": {"x": 1}}, 400, FIELD % ("unshelve", "{'x': 1}", "{'x': 1} is not valid under any of the given schemas")),
    ({"os-getConsoleOutput": {"length": "x"}}, 400, FIELD % ("length", "x", "'x' does not match '^-?[0-9]+$'")),
    ({"os-resetState": None}, 400, FIELD % ("os-resetState", "None", "None is not of type 'object'")),
    ({"os-getVNCConsole": {"type": "novnc"}}, 404, "The resource could not be found."),
]
LISTS = [
    ("/servers/detail?all_tenants=zz", SWITCH), ("/servers/detail?locked=zz", SWITCH),
    ("/servers/detail?sort_dir=zz", "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'"),
    ("/servers/detail?ip=((", "Invalid input for query parameters ip. Value: ((. '((' is not a 'regex'"),
    ("/os-services?foo=1", "Additional properties are not allowed ('foo' was unexpected)"),
    ("/os-hypervisors?with_servers=zz", "Invalid input for query parameters with_servers. Value: zz. 'zz' is not one of " + YES_NO % ""),
]
SERVICES = [
    ({"x": 1}, "Additional properties are not allowed ('x' was unexpected)"), ({}, "No updates were requested. Fields 'status' or 'forced_down' should be specified."),
    ({"status": 1}, FIELD % ("status", "1", "1 is not of type 'string'")), ({"status": "zz"}, FIELD % ("status", "zz", "'zz' is not one of ['enabled', 'disabled']")),
    ({"forced_down": "zz"}, FIELD % ("forced_down", "zz", "'zz' is not one of " + YES_NO % "")),
    ({"status": "disabled", "disabled_reason": ""}, FIELD % ("disabled_reason", "", "'' is too short")),
    ({"status": "enabled", "disabled_reason": "x"}, "Specifying 'disabled_reason' with status 'enabled' is invalid."),
]


@case("operate: bodies are looked at before anything else; a locked server, its owner and an administrator")
def forms(cloud):
    with Made(cloud, "contract-forms") as m:
        act = "/servers/%s/action" % m.id
        for body, code, text in FORMS:
            got, doc = m.admin.call("POST", act, body)
            equal((got, sentence(doc)[2] if got >= 400 else doc), (code, text), "%r" % body)
        equal(sentence(m.act(m.admin, {"os-migrateLive": {"host": None, "block_migration": "auto", "force": True}}, 400, "2.60"))[2],
              "Can't force to a non-provided destination", "forced nowhere")
        for path, text in LISTS:
            code, doc = m.admin.call("GET", path)
            equal((code, sentence(doc)[2]), (400, text), path)
        svc = [s for s in m.admin.get("/os-services?binary=nova-compute")["services"]][0]
        for body, text in SERVICES:
            code, doc = m.admin.call("PUT", "/os-services/" + svc["id"], body)
            equal((code, sentence(doc)[2]), (400, text), "%r" % body)
        code, doc = m.admin.call("PUT", "/os-services/disable-log-reason", {"host": svc["host"], "binary": "nova-compute"}, "2.1")
        equal((code, sentence(doc)[2]), (400, "Missing disabled reason field"), "no reason")
        m.act(m.member, {"lock": None})
        equal(sentence(m.member.call("POST", "/servers/%s/metadata" % m.id, {"metadata": {"a": "b"}})[1])[2], "Instance ID is locked", "metadata")
        equal(sentence(m.member.call("DELETE", "/servers/" + m.id)[1])[2], "Instance ID is locked", "delete")
        m.act(m.member, {"unlock": None})
        m.act(m.admin, {"lock": None})
        m.act(m.member, {"lock": None})
        equal(sentence(m.act(m.member, {"unlock": None}, 403))[2], "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.", "unlock")
        equal([a["action"] for a in m.admin.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"]][:3], ["lock", "unlock", "lock"], "its owner's lock changed nothing")
        m.act(m.admin, {"unlock": None})
        m.act(m.member, {"os-stop": None})
        m.settle("SHUTOFF")
        equal(sentence(m.act(m.admin, LIVE, 409))[2], "Cannot 'os-migrateLive' instance ID while it is in vm_state stopped", "a server that is off")
        equal(sentence(m.admin.call("GET", "/servers/%s/diagnostics" % m.id)[1])[2], "Cannot 'get_diagnostics' instance ID while it is in power state shutdown", "diagnostics")


@case("operate: a volume that a server has grows, and only Nova takes it away")
def held(cloud):
    with Made(cloud, "contract-held") as m:
        vol, boss = Service(m.member, "volume", "3.70"), Service(m.admin, "volume", "3.70")
        vid = vol.ask("POST", "/volumes", {"volume": {"size": 1, "name": "contract-held"}}, 202)["volume"]["id"]
        path = "/volumes/" + vid
        status = lambda: vol.get(path)["volume"]["status"]
        mine = "/servers/%s/os-volume_attachments" % m.id
        until("available", lambda: status() == "available", 40)
        try:
            equal(plain(vol.ask("POST", path + "/action", {"os-extend": {"new_size": "zz"}}, 400)), FIELD % ("new_size", "zz", "'zz' does not match '^[0-9]+$'"), "a size")
            equal(plain(vol.ask("POST", path + "/action", {"os-force_detach": {}}, 403)),
                  "Policy doesn't allow volume_extension:volume_admin_actions:force_detach to be performed.", "force")
            code, doc = m.member.call("POST", mine, {"volumeAttachment": {"volumeId": "zz"}})
            equal((code, sentence(doc)[2]), (400, FIELD % ("volumeId", "zz", "'zz' is not a 'uuid'")), "attach nothing")
            code, doc = m.member.call("POST", mine, {"volumeAttachment": {"volumeId": vid}})
            equal((code, sorted(doc["volumeAttachment"])), (200, ["delete_on_termination", "device", "id", "serverId", "tag", "volumeId"]), "attach")
            until("in use", lambda: status() == "in-use", 40)
            equal(sorted(m.member.get(mine + "/" + vid)["volumeAttachment"]), ["attachment_id", "bdm_uuid", "delete_on_termination", "device", "serverId", "tag", "volumeId"], "shown")
            for verb in ("os-detach", "os-force_detach"):
                equal(plain(boss.ask("POST", path + "/action", {verb: {}}, 409)), "ConflictNovaUsingAttachment: Detach volume from instance ID using the Compute API", verb)
            vol.ask("POST", path + "/action", {"os-extend": {"new_size": 2}}, 202)
            until("larger", lambda: status() == "in-use" and vol.get(path)["volume"]["size"] == 2, 40)
            until("the guest hears of it", lambda: m.admin.get("/servers/%s/os-instance-actions" % m.id)["instanceActions"][0]["action"] == "extend_volume", 40)
            boss.ask("POST", path + "/action", {"os-reset_status": {"status": "error"}}, 202)
            equal(status(), "error", "reset")
            boss.ask("POST", path + "/action", {"os-reset_status": {"status": "in-use"}}, 202)
            equal(plain(boss.ask("POST", path + "/action", {"os-reset_status": {}}, 400)), "Must specify 'status', 'attach_status' or 'migration_status' for update.", "nothing")
            equal(m.member.call("DELETE", mine + "/" + vid)[0], 202, "detach")
            until("available", lambda: status() == "available", 40)
            for other, text in ((vid, "Instance ID is not attached to volume ID"), (NOWHERE, "Volume ID could not be found.")):
                code, doc = m.member.call("DELETE", mine + "/" + other)
                equal((code, sentence(doc)[2]), (404, text), other)
        finally:
            m.member.call("DELETE", mine + "/" + vid)
            until("free", lambda: status() != "in-use", 40)
            vol.call("DELETE", path)


@case("operate: a network leaves its DHCP agent and comes back; what agents refuse")
def agents(cloud):
    admin, member = both(cloud)
    net, mine = Service(admin, "network"), Service(member, "network")
    of = {a["agent_type"]: a["id"] for a in net.get("/v2.0/agents")["agents"] if a["alive"]}
    dhcp, l3 = of["DHCP agent"], of["L3 agent"]
    n = mine.ask("POST", "/v2.0/networks", {"network": {"name": "contract-agents"}}, 201)["network"]["id"]
    r = mine.ask("POST", "/v2.0/routers", {"router": {"name": "contract-agents"}}, 201)["router"]["id"]
    networks = "/v2.0/agents/%s/dhcp-networks" % dhcp
    try:
        net.ask("POST", networks, {"network_id": n}, 201)       # without a subnet nobody schedules it by himself
        equal(plain(net.ask("POST", networks, {"network_id": n}, 409)), "NetworkHostedByDHCPAgent: The network ID has been already hosted by the DHCP Agent ID.", "twice")
        equal([a["id"] for a in net.get("/v2.0/networks/%s/dhcp-agents" % n)["agents"]], [dhcp], "whose it is")
        check(n in [x["id"] for x in net.get(networks)["networks"]], "not among its networks")
        net.ask("DELETE", networks + "/" + n, None, 204)
        equal(plain(net.ask("DELETE", networks + "/" + n, None, 409)), "NetworkNotHostedByDhcpAgent: The network ID is not hosted by the DHCP Agent ID.", "not there")
        for want, method, path, body, text in [
                (404, "POST", "/v2.0/agents/%s/dhcp-networks" % l3, {"network_id": n}, "InvalidDHCPAgent: Agent ID is not a valid DHCP Agent or has been disabled."),
                (404, "POST", "/v2.0/agents/%s/l3-routers" % dhcp, {"router_id": r}, "InvalidL3Agent: Agent ID is not a L3 Agent or has been disabled"),
                (404, "POST", networks, {"network_id": NOWHERE}, "NetworkNotFound: Network ID could not be found."),
                (404, "POST", "/v2.0/agents/%s/l3-routers" % l3, {"router_id": NOWHERE}, "RouterNotFound: Router ID could not be found"),
                (404, "DELETE", "/v2.0/agents/%s/l3-routers/%s" % (l3, NOWHERE), None, "RouterNotFound: Router ID could not be found"),
                (400, "PUT", "/v2.0/agents/" + l3, {"agent": {"admin_state_up": "zz"}}, "InvalidInput: Invalid input for operation: 'zz' cannot be converted to boolean."),
                (400, "PUT", "/v2.0/agents/" + l3, {"agent": {"host": "zz"}}, "HTTPBadRequest: Cannot update read-only attribute host"),
                (400, "PUT", "/v2.0/agents/" + l3, {}, "HTTPBadRequest: Resource body required")]:
            equal(plain(net.ask(method, path, body, want)), text, "%s %s %r" % (method, path, body))
        equal(plain(mine.ask("POST", "/v2.0/agents/%s/l3-routers" % l3, {"router_id": r}, 403)), "PolicyNotAuthorized: rule:create_l3-router is disallowed by policy", "a member")
        net.ask("DELETE", "/v2.0/agents/%s/l3-routers/%s" % (l3, r), None, 204)
    finally:
        mine.call("DELETE", "/v2.0/routers/" + r)
        mine.call("DELETE", "/v2.0/networks/" + n)
