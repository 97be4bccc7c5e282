"""One user of an OpenStack cloud at the wire: a token by password, the catalog's addresses, any request."""
import json
import ssl
import urllib.error
import urllib.request

from cloud import Skip, equal

TYPES = {"volume": ("volumev3", "block-storage", "volume"), "share": ("sharev2", "shared-file-system")}     # one service, several names


class Api:
    """One user's APIs; compute unless another service is named. Tokens by password from the clouds.yaml of the run."""

    def __init__(self, cloud, name):
        try:
            import yaml
        except ImportError:
            raise Skip("python3-yaml is not installed")
        with open(cloud.environ()["OS_CLIENT_CONFIG_FILE"]) as f:
            entry = yaml.safe_load(f)["clouds"][name]
        auth, self.ssl = entry["auth"], ssl.create_default_context(cafile=entry.get("cacert"))
        domain = {"name": "Default"}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": auth["username"], "password": str(auth["password"]), "domain": domain}}},
            "scope": {"project": {"name": auth["project_name"], "domain": domain}}}}
        url = auth["auth_url"].rstrip("/")
        url = url if url.endswith("/v3") else url + "/v3"
        rq = urllib.request.Request(url + "/auth/tokens", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(rq, timeout=30, context=self.ssl) as r:
            self.token, doc = r.headers["X-Subject-Token"], json.load(r)["token"]
        self.project, self.user = doc["project"]["id"], doc["user"]["id"]
        self.urls = {s["type"]: [e["url"] for e in s["endpoints"] if e["interface"] == "public"][0].rstrip("/") for s in doc["catalog"]}
        self.urls["identity"] = url

    def call(self, method, path, body=None, version="2.93", service="compute"):
        head = {"X-Auth-Token": self.token, "Content-Type": "application/json", "Accept": "application/json"}
        if version and service == "baremetal":
            head["X-OpenStack-Ironic-API-Version"] = version
        elif version and service == "share":
            head["X-OpenStack-Manila-API-Version"] = version
        elif version and version.startswith("old "):
            head["X-OpenStack-Nova-API-Version"] = version[4:]
        elif version:
            head["OpenStack-API-Version"] = service + " " + version
        known = [t for t in TYPES.get(service, (service,)) if t in self.urls]
        if not known:
            raise Skip("no %s in the catalog" % service)
        url = path if path.startswith("http") else self.urls[known[0]] + path
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        try:
            r = urllib.request.urlopen(urllib.request.Request(url, method=method, headers=head, data=data), timeout=60, context=self.ssl)
        except urllib.error.HTTPError as e:
            r = e
        text = r.read().decode()
        self.headers, self.request = r.headers, r.headers.get("X-OpenStack-Request-Id")
        return r.status, json.loads(text) if text else None

    def raw(self, method, path, service, body=None, ctype="application/json"):
        """Bytes both ways."""
        rq = urllib.request.Request(self.urls[service] + path, method=method, data=body, headers={"X-Auth-Token": self.token, "Content-Type": ctype})
        with urllib.request.urlopen(rq, timeout=60, context=self.ssl) as r:
            return r.status, r.read()

    def get(self, path, version="2.93", service="compute"):
        code, doc = self.call("GET", path, version=version, service=service)
        equal(code, 200, "GET %s: %r" % (path, doc))
        return doc

    def server(self, sid):
        return self.get("/servers/" + sid)["server"]


class Service:
    """One service through an Api: want is the status that must come."""

    def __init__(self, api, name, version=None):
        self.api, self.name, self.version = api, name, version

    def call(self, method, path, body=None):
        return self.api.call(method, path, body, self.version, self.name)

    def ask(self, method, path, body=None, want=200):
        code, doc = self.call(method, path, body)
        equal(code, want, "%s %s %s: %r" % (method, path, json.dumps(body), doc))
        return doc

    def get(self, path):
        return self.ask("GET", path)
