"""A change of the template with an API that is asked meanwhile: a good one ends with its ratio, a bad one is taken back by itself."""
import contextlib
import http.server
import threading

from case import collector
from cases_heal import running
from cases_ops import act, deployment, journal
from cloud import check, equal

CASES = []
case = collector(CASES)
MP = "application/merge-patch+json"


@contextlib.contextmanager
def site(good):
    """An API that answers so many times well, and then with 503."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if len(asked) <= good else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d/" % s.server_address[1]
    finally:
        s.shutdown()
        s.server_close()


def image(cloud, ns):
    return deployment(cloud, ns)["spec"]["template"]["spec"]["containers"][0]["image"]


@case("set-image with a probe: a good one ends with the ratio; a bad image and an API that degrades are taken back by themselves", "sim")
def probed(cloud):
    with running(cloud, "deployments", 2) as ns:
        where = ("deployment/w", "-n", ns, "--yes")
        sent = lambda: [x for x in journal(cloud, ns) if x["event"] == "intent" and not x["dry_run"]]
        for probe, words in (("http://me:word@127.0.0.1/", "without a password"), ("nova", "no cloud is there")):
            o = act(cloud, "set-image", *where, "--image=c=x:2", "--probe=" + probe, code=1)
            equal((o["state"], words in o["note"], sent()), ("failed", True, []), o)
        with site(1 << 30) as url:
            o = act(cloud, "set-image", *where, "--image=c=x:2", "--probe=" + url)
            equal((o["state"], image(cloud, ns)), ("done", "x:2"), o)
            check("new 2 of 2, old 0, ready 2" in o["note"] and "probe %s: 100.0 %% of" % url in o["note"], o["note"])
            cloud.raw("PATCH", "/apis/apps/v1/namespaces/%s/deployments/w" % ns, MP, {"spec": {"progressDeadlineSeconds": 5}})
            r = cloud.strata("set-image", *where, "--image=c=registry.example.org/none:latest-broken", "--probe=" + url, "--undo-on-failure", timeout=120)
            equal((r.code, image(cloud, ns)), (1, "x:2"), r)
            check("ImagePull" in r.err and "progress deadline" in r.err, r)
            equal(deployment(cloud, ns)["status"].get("unavailableReplicas", 0), 0, "the old one is whole again")
        with site(8) as url:
            r = cloud.strata("set-image", *where, "--image=c=x:3", "--probe=" + url, "--undo-on-failure", timeout=120)
            equal((r.code, image(cloud, ns)), (1, "x:2"), r)
            check("fewer than asked for" in r.err, r)
        equal([x["args"]["image"] for x in sent()][1:], ["c=registry.example.org/none:latest-broken", "c=x:2", "c=x:3", "c=x:2"], "what was sent")
