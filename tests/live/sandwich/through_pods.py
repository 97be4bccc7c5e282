#!/usr/bin/env python3
"""The OpenStack APIs behind the pods that stand for them: what kube-proxy would do, on loopback.

For each Service of OpenStack in the cluster `mgmt` one port of 127.0.0.1 accepts connections exactly while the Service
has a ready endpoint, hands each connection to one endpoint (in turn), and breaks it when that endpoint's pod is gone.
So deleting the only nova-api pod makes the compute API refuse connections until its replacement is ready, and with two
replicas not one request fails. Clients use clouds-through-pods.yaml, which this writes beside the lab's clouds.yaml.

    through_pods.py [--kubeconfig FILE] [--openstack DIR]        runs until TERM or INT; prints each change of state
"""
import argparse, asyncio, json, os, signal, socket, struct, sys, time

SERVICES = {                     # Service in namespace openstack: (our port, the real API's port)
    "keystone-api": (15000, 5000), "nova-api": (18774, 8774), "neutron-server": (19696, 9696),
    "glance-api": (19292, 9292), "placement-api": (18778, 8778), "heat-api": (18004, 8004)}
OVERRIDES = {"compute": "http://127.0.0.1:18774/v2.1", "network": "http://127.0.0.1:19696",
             "image": "http://127.0.0.1:19292", "placement": "http://127.0.0.1:18778"}
ready = {}                       # service -> {slice name: {pod uid: ready}}
links = {}                       # pod uid -> writers of its connections
turn = {}


def say(*words):
    print(f"{time.time():.3f}", *words, flush=True)


def endpoints(service):
    return {uid: ok for slice_ in ready.get(service, {}).values() for uid, ok in slice_.items()}


def take(event):
    """One watch event of an EndpointSlice."""
    o = event["object"]
    service = o["metadata"].get("labels", {}).get("kubernetes.io/service-name")
    if service not in SERVICES: return
    before = endpoints(service)
    slices = ready.setdefault(service, {})
    if event["type"] == "DELETED": slices.pop(o["metadata"]["name"], None)
    else:
        slices[o["metadata"]["name"]] = {
            e.get("targetRef", {}).get("uid", str(e["addresses"])): bool(e.get("conditions", {}).get("ready"))
            for e in o.get("endpoints") or []}
    after = endpoints(service)
    for uid in before.keys() - after.keys():
        for writer in links.pop(uid, set()): reset(writer)
    if sum(before.values()) != sum(after.values()): say(service, "ready", sum(before.values()), "->", sum(after.values()))


def reset(writer):
    s = writer.get_extra_info("socket")
    if s is not None: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def watch(kubeconfig):
    while True:
        p = await asyncio.create_subprocess_exec(
            "kubectl", "get", "endpointslices", "-n", "openstack", "-w", "--output-watch-events", "-o", "json",
            env={**os.environ, "KUBECONFIG": kubeconfig}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        text, decoder = "", json.JSONDecoder()
        try:
            while data := await p.stdout.read(1 << 16):
                text += data.decode()
                while text := text.lstrip():
                    try: event, n = decoder.raw_decode(text)
                    except ValueError: break
                    text = text[n:]
                    take(event)
        finally:
            if p.returncode is None: p.kill()
        await asyncio.sleep(0.5)          # the API server is away: the last state stays, as in kube-proxy


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError): pass
    finally: writer.close()


async def serve(service, real):
    async def client(reader, writer):
        up = sorted(uid for uid, ok in endpoints(service).items() if ok)
        if not up: return reset(writer)
        turn[service] = turn.get(service, 0) + 1
        uid = up[turn[service] % len(up)]
        try: r, w = await asyncio.open_connection("127.0.0.1", real)
        except OSError: return reset(writer)
        mine = links.setdefault(uid, set())
        mine.add(writer)
        try: await asyncio.gather(pump(reader, w), pump(r, writer))
        finally: mine.discard(writer)
    return client


async def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--kubeconfig", default="/var/tmp/strata-lab/kubernetes/mgmt/admin.kubeconfig")
    a.add_argument("--openstack", default="/var/tmp/strata-lab/openstack")
    a = a.parse_args()
    try: import yaml
    except ImportError: sys.exit("through_pods: python3-yaml is missing")
    clouds = yaml.safe_load(open(os.path.join(a.openstack, "clouds.yaml")))
    for c in clouds["clouds"].values():
        c["auth"]["auth_url"] = c["auth"]["auth_url"].replace(":5000", ":15000")
        c.update({f"{k}_endpoint_override": v for k, v in OVERRIDES.items()})
    out = os.path.join(a.openstack, "clouds-through-pods.yaml")
    with open(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f: yaml.safe_dump(clouds, f)
    for service, (port, real) in SERVICES.items():
        await asyncio.start_server(await serve(service, real), "127.0.0.1", port)
    say("OS_CLIENT_CONFIG_FILE=" + out)
    watcher = asyncio.create_task(watch(a.kubeconfig))
    for s in (signal.SIGTERM, signal.SIGINT): asyncio.get_running_loop().add_signal_handler(s, watcher.cancel)
    try: await watcher
    except asyncio.CancelledError: pass

asyncio.run(main())
