#!/usr/bin/env python3
"""Side-by-side measurements of terminal programs against a Kubernetes API.

A program is started on a real pseudo-terminal; a separate reader process
stamps every chunk it writes, so the terminal emulation done here (pyte) never
delays a timestamp.  See README.md for the method and for how to add a tool.
Every result is one JSON line in --out; `report` turns them into tables.
"""
import argparse, base64, collections, fcntl, http.client, json, os, pty, random
import re, select, shutil, signal, socket, ssl, statistics, struct, subprocess
import sys, tempfile, termios, threading, time, urllib.parse

try:
    import pyte
    import yaml
except ImportError:
    sys.exit("bench.py needs pyte and pyyaml (python3 -m venv V; V/bin/pip install pyte pyyaml)")

HERE = os.path.dirname(os.path.abspath(__file__))
CLK = os.sysconf("SC_CLK_TCK")

# --------------------------------------------------------------------------
# Drivers: everything the harness must know about a tool.
#   bin      program name (found with --path DIR or $PATH)
#   args     arguments that open the pods of all namespaces
#   files    {path under the private home: text}; {home} is replaced
#   env      extra environment
#   open     keys to send after `open_when` (regex on the screen) is seen, if
#            arguments alone cannot open the view
#   count    regex for the row count in the frame (group 1), or None: then
#            "full" is found by going to the end (`end` key) and seeing the
#            last row
#   down/top/end/quit/filter/commit/clear   keys; "DOWN" follows DECCKM
#   version  arguments for the start-time test
#   oneshot  prints and exits (kubectl)
#   restarts True if a RESTARTS column is on screen (used by the lag test)
# --------------------------------------------------------------------------
DRIVERS = {
    "k9s": dict(
        bin="k9s", args=["-A", "-c", "pods", "--readonly"],
        files={"k9s/config.yaml": "k9s:\n  skipLatestRevCheck: true\n"},
        env={"K9S_CONFIG_DIR": "{home}/k9s", "K9S_LOGS_DIR": "{home}"},
        count=r"pods\(all\)\[([\d,]+)\]", filter="/", commit="\r", clear="\x1b",
        quit="\x03", version=["version", "-s"]),
    "k9s-nosplash": dict(
        like="k9s",
        files={"k9s/config.yaml": "k9s:\n  skipLatestRevCheck: true\n  ui:\n    splashless: true\n"}),
    "sofka": dict(
        bin="sofka", args=["-A", "--readonly", "pods"],
        files={"sofka/config.toml": "[skin]\nname = \"catppuccin-mocha\"\n"},
        count=r"[Pp]ods[^\[\]]{0,20}\[([\d,]+)\]", filter="/", commit="\r",
        clear="\x1b", quit="\x03", version=["--version"]),
    "kdash": dict(
        bin="kdash", args=[], count=r"Pods \(ns: all\) \[([\d,]+)\]",
        filter="/", commit="\r", clear="\x1b", quit="\x03", version=["--version"]),
    "strata": dict(bin="strata", args=["-A", "--view", "pods"],
                   count=r"[Pp]ods[^\[\]]{0,40}\[(?:[\d,]+/)?([\d,]+)\]", filter="/", commit="\r",
                   clear="\x1b", quit="q", version=["--version"]),
    "kubectl": dict(bin="kubectl", args=["get", "pods", "-A"], oneshot=True,
                    version=["version", "--client"]),
    "kubectl-nochunk": dict(like="kubectl", args=["get", "pods", "-A", "--chunk-size=0"]),
    "kubectl-wide": dict(like="kubectl", args=["get", "pods", "-A", "-o", "wide"]),
}


def driver(name):
    d = dict(DRIVERS[name])
    if "like" in d:
        base = driver(d.pop("like"))
        base.update(d)
        d = base
    for k, v in dict(env={}, files={}, count=None, down="DOWN", top="g", end="G",
                     quit="\x03", oneshot=False, open=None, open_when=None,
                     restarts=True, version=["--version"]).items():
        d.setdefault(k, v)
    return d


# --------------------------------------------------------------------------
# Terminal: pyte plus the sequences it lacks and real programs use.
# --------------------------------------------------------------------------
class Screen(pyte.Screen):
    last = " "

    def draw(self, data):
        if data:
            self.last = data[-1]
        super().draw(data)

    def repeat_char(self, n=1, **kw):            # REP, used by ncurses
        self.draw(self.last * max(1, n))

    def scroll_up(self, n=1, **kw):              # SU
        top, bot = self.margins or (0, self.lines - 1)
        save, self.cursor.y = self.cursor.y, top
        self.delete_lines(n or 1)
        self.cursor.y = save

    def scroll_down(self, n=1, **kw):            # SD
        top, bot = self.margins or (0, self.lines - 1)
        save, self.cursor.y = self.cursor.y, top
        self.insert_lines(n or 1)
        self.cursor.y = save

    def select_graphic_rendition(self, *a, **kw):
        if not kw.get("private"):
            super().select_graphic_rendition(*a)

    def set_margins(self, *a, **kw):
        if not kw.get("private"):
            super().set_margins(*a)

    def report_device_status(self, *a, **kw):
        pass                                     # answered by Session

    def report_device_attributes(self, *a, **kw):
        pass


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b="repeat_char", S="scroll_up", T="scroll_down")
    events = pyte.ByteStream.events | {"repeat_char", "scroll_up", "scroll_down"}


DROP = re.compile(rb"\x1b\[[>=<][0-9;:]*[ -/]*[@-~]|\x1bP[^\x1b]*\x1b\\|\x1b\[[?0-9;]*\$[a-z]|\x1b\[\?u"
                  rb"|\x1b\[[0-9]* q|\x1b\[[0-9;]*t")
PARTIAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,4000}\x1b?|P[^\x1b]*\x1b?)?\Z")
REPLIES = [  # what a plain xterm answers
    (re.compile(rb"\x1b\[6n"), lambda s: b"\x1b[%d;%dR" % (s.cursor.y + 1, s.cursor.x + 1)),
    (re.compile(rb"\x1b\[0?c"), lambda s: b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), lambda s: b"\x1b[>41;380;0c"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), lambda s: b"\x1b]10;rgb:cccc/cccc/cccc\x1b\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), lambda s: b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (re.compile(rb"\x1b\[5n"), lambda s: b"\x1b[0n"),
    (re.compile(rb"\x1b\[\?2026\$p"), lambda s: b"\x1b[?2026;2$y"),
]


class Session:
    """One program on one pseudo-terminal."""

    def __init__(self, argv, env, cols=200, rows=60, cwd=None):
        self.cols, self.rows = cols, rows
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        r, w = os.pipe()
        fcntl.fcntl(w, 1031, 1 << 20)            # F_SETPIPE_SZ
        self.t0 = time.monotonic_ns()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in (0, 1, 2):
                    os.dup2(slave, fd)
                os.closerange(3, 256)
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        os.close(slave)
        self.reader = os.fork()
        if self.reader == 0:
            try:
                os.close(r)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                while True:
                    try:
                        data = os.read(master, 65536)
                    except OSError:
                        data = b""
                    rec = struct.pack("<QI", time.monotonic_ns(), len(data)) + data
                    while rec:
                        rec = rec[os.write(w, rec):]
                    if not data:
                        break
            finally:
                os._exit(0)
        os.close(w)
        self.master, self.pipe = master, r
        self.buf = b""
        self.tail = b""
        self.eof = False
        self.exit = None
        self.rusage = None
        self.bytes = 0
        self.chunks = 0
        self.raw = []                            # undecoded (ts, data) when parked
        self.park = False
        self.screen = Screen(cols, rows)
        self.stream = Stream(self.screen)
        self.lines = [""] * rows
        self.sigs = [None] * rows
        self.last_ts = self.t0

    # -- input
    def send(self, keys):
        data = keys if isinstance(keys, bytes) else keys.encode()
        t = time.monotonic_ns()
        os.write(self.master, data)
        return t

    def key(self, name):
        if name == "DOWN":
            app = (1 << 5) in self.screen.mode   # DECCKM
            return self.send(b"\x1bOB" if app else b"\x1b[B")
        if name == "UP":
            app = (1 << 5) in self.screen.mode
            return self.send(b"\x1bOA" if app else b"\x1b[A")
        return self.send(name)

    # -- output
    def _records(self, timeout):
        """Yield (ts, data) records that are there now (waiting at most timeout)."""
        if self.eof:
            return
        rl, _, _ = select.select([self.pipe], [], [], timeout)
        if not rl:
            return
        data = os.read(self.pipe, 1 << 20)
        if not data:
            self.eof = True
            return
        self.buf += data
        off = 0
        while len(self.buf) - off >= 12:
            ts, n = struct.unpack_from("<QI", self.buf, off)
            if len(self.buf) - off < 12 + n:
                break
            chunk = self.buf[off + 12:off + 12 + n]
            off += 12 + n
            if n == 0:
                self.eof = True
                self.last_ts = ts
                break
            yield ts, chunk
        self.buf = self.buf[off:]

    def _feed(self, ts, data):
        self.bytes += len(data)
        self.chunks += 1
        self.last_ts = ts
        if self.park:
            self.raw.append((ts, data))
            return
        data = self.tail + data
        m = PARTIAL.search(data)
        if m and len(m.group()) < 4096:
            data, self.tail = data[:m.start()], data[m.start():]
        else:
            self.tail = b""
        if b"\x1b" in data:
            for rx, fn in REPLIES:
                for _ in rx.finditer(data):
                    try:
                        os.write(self.master, fn(self.screen))
                    except OSError:
                        pass
            data = DROP.sub(b"", data)
        try:
            self.stream.feed(data)
        except Exception as e:                   # an emulator gap must not end a run
            print("emulator: %r" % e, file=sys.stderr)
        self._refresh()

    def _refresh(self):
        d = self.screen.dirty
        if not d:
            return
        default = self.screen.default_char
        for y in list(d):
            if y >= self.rows:
                continue
            row = self.screen.buffer[y]
            cells = [row.get(x, default) for x in range(self.cols)]
            self.lines[y] = "".join(c.data or " " for c in cells)
            cnt = collections.Counter((c.bg, c.reverse) for c in cells[2:-2])
            self.sigs[y] = cnt.most_common(1)[0][0]
        d.clear()

    def pump(self, seconds, pred=None):
        """Run for `seconds`; with pred return the stamp of the first chunk
        after which pred() holds (None on time-out or end of output)."""
        end = time.monotonic() + seconds
        hit = None
        while not self.eof:
            left = end - time.monotonic()
            if left <= 0:
                break
            for ts, data in self._records(min(left, 0.5)):
                self._feed(ts, data)
                if pred and hit is None and pred():
                    hit = ts
            if hit is not None:
                return hit
        return None

    def unpark(self, on_chunk=None):
        self.park = False
        raw, self.raw = self.raw, []
        for ts, data in raw:
            self.bytes -= len(data)
            self.chunks -= 1
            self._feed(ts, data)
            if on_chunk:
                on_chunk(ts)

    # -- what is on the screen
    def find(self, rx):
        for line in self.lines:
            m = rx.search(line)
            if m:
                return m
        return None

    def rows_matching(self, rx):
        return [(y, m) for y, line in enumerate(self.lines) for m in [rx.search(line)] if m]

    def selected(self, rx):
        """(line number, text of match) of the one row drawn differently."""
        rows = self.rows_matching(rx)
        if len(rows) < 2:
            return (rows[0][0], rows[0][1].groups()) if rows else (None, None)
        cnt = collections.Counter(self.sigs[y] for y, _ in rows)
        odd = [(y, m) for y, m in rows if cnt[self.sigs[y]] == 1]
        if len(odd) == 1 and cnt.most_common(1)[0][1] > 1:
            return odd[0][0], odd[0][1].groups()
        return None, None

    # -- end
    def poll(self):
        if self.exit is None:
            pid, st, ru = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.exit, self.rusage = st, ru
        return self.exit

    def close(self, quit_keys=None):
        how = "already gone" if self.poll() is not None else None
        if how is None and quit_keys:
            try:
                self.send(quit_keys)
            except OSError:
                pass
            self.pump(2)
            for _ in range(20):
                if how is None and self.poll() is not None:
                    how = "quit key"
                elif how is None and self.eof:
                    time.sleep(0.1)
        for sig, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGKILL, "SIGKILL")):
            if how:
                break
            try:
                os.kill(self.pid, sig)
            except ProcessLookupError:
                pass
            for _ in range(30):
                if self.poll() is not None:
                    how = name
                    break
                self.pump(0.1) if not self.eof else time.sleep(0.1)
        try:
            os.kill(self.reader, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.reader, 0)
        os.close(self.master)
        os.close(self.pipe)
        return how


# --------------------------------------------------------------------------
# /proc
# --------------------------------------------------------------------------
def tree(pid):
    """pid and its descendants."""
    out, todo = [], [pid]
    while todo:
        p = todo.pop()
        out.append(p)
        try:
            for t in os.listdir("/proc/%d/task" % p):
                with open("/proc/%d/task/%s/children" % (p, t)) as f:
                    todo += [int(x) for x in f.read().split()]
        except OSError:
            pass
    return out


def cpu(pid):
    """CPU seconds of pid, its live descendants and its reaped children."""
    total = 0.0
    for p in tree(pid):
        try:
            with open("/proc/%d/stat" % p) as f:
                s = f.read().rsplit(")", 1)[1].split()
            total += (int(s[11]) + int(s[12]) + (int(s[13]) + int(s[14]) if p == pid else 0)) / CLK
        except OSError:
            pass
    return total


def mem(pid):
    out = collections.Counter()
    for p in tree(pid):
        try:
            with open("/proc/%d/status" % p) as f:
                for line in f:
                    k, _, v = line.partition(":")
                    if k in ("VmRSS", "VmHWM"):
                        out[k] += int(v.split()[0]) / 1024.0
                    elif k == "Threads":
                        out[k] += int(v)
        except OSError:
            pass
        try:
            with open("/proc/%d/smaps_rollup" % p) as f:
                out["Private"] += sum(int(l.split()[1]) for l in f if l.startswith("Private_")) / 1024.0
        except OSError:
            pass
    return dict(private_mib=round(out["Private"], 1), rss_mib=round(out["VmRSS"], 1), peak_mib=round(out["VmHWM"], 1), threads=out["Threads"])


def busy():
    """CPU seconds used by the whole machine since boot."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (sum(v) - v[3] - v[4]) / CLK


def net_in(pid):
    """Bytes received on the live TCP connections of pid (TLS included)."""
    try:
        txt = subprocess.run(["ss", "-tinpH"], capture_output=True, text=True).stdout
    except OSError:
        return None
    total, mine = 0, False
    pids = {"pid=%d," % p for p in tree(pid)}
    for line in txt.splitlines():
        if not line.startswith((" ", "\t")):
            mine = any(p in line for p in pids)
        if mine:
            m = re.search(r"bytes_received:(\d+)", line)
            if m:
                total += int(m.group(1))
    return total


# --------------------------------------------------------------------------
# Kubernetes API
# --------------------------------------------------------------------------
class Api:
    def __init__(self, kubeconfig):
        with open(kubeconfig) as f:
            self.cfg = cfg = yaml.safe_load(f)
        by = lambda k, n, v: next(x[v] for x in cfg[k] if x["name"] == n)
        ctx = by("contexts", cfg["current-context"], "context")
        cl, us = by("clusters", ctx["cluster"], "cluster"), by("users", ctx["user"], "user")
        self.server = cl["server"]
        u = urllib.parse.urlparse(self.server)
        self.tls = u.scheme == "https"
        self.host, self.port = u.hostname, u.port or (443 if self.tls else 80)
        self.dir = tempfile.mkdtemp(prefix="bench-")
        self.token = us.get("token")

        def material(src, key, base):
            if key + "-data" in src:
                p = os.path.join(self.dir, key)
                with open(p, "wb") as f:
                    f.write(base64.b64decode(src[key + "-data"]))
                return p
            v = src.get(key)
            return os.path.join(os.path.dirname(base), v) if v else None

        self.ca = material(cl, "certificate-authority", kubeconfig)
        self.cert = material(us, "client-certificate", kubeconfig)
        self.keyf = material(us, "client-key", kubeconfig)
        if self.tls:
            self.ctx = ssl.create_default_context(cafile=self.ca)
            if not self.ca:
                self.ctx.check_hostname, self.ctx.verify_mode = False, ssl.CERT_NONE
            if self.cert:
                self.ctx.load_cert_chain(self.cert, self.keyf)
        self.local = threading.local()

    def conn(self, timeout=120):
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, context=self.ctx, timeout=timeout)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def headers(self, **kw):
        h = {"User-Agent": "bench-harness"}
        if self.token:
            h["Authorization"] = "Bearer " + self.token
        h.update(kw)
        return h

    def req(self, method, path, body=None, ctype="application/json", accept="application/json", ok=True):
        for attempt in (0, 1):
            c = getattr(self.local, "c", None) or self.conn()
            self.local.c = c
            try:
                c.request(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body,
                          self.headers(**{"Accept": accept, "Content-Type": ctype}))
                r = c.getresponse()
                data = r.read()
                break
            except (OSError, http.client.HTTPException):
                c.close()
                self.local.c = None
                if attempt:
                    raise
        if ok and r.status >= 300:
            raise RuntimeError("%s %s: %d %s" % (method, path, r.status, data[:300]))
        return r.status, data

    def get(self, path, **kw):
        return json.loads(self.req("GET", path, **kw)[1])

    def metrics(self, rx):
        rx = re.compile(rx)
        out = {}
        for line in self.req("GET", "/metrics", accept="text/plain")[1].decode().splitlines():
            if rx.match(line):
                k, _, v = line.rpartition(" ")
                out[k] = float(v)
        return out

    def pod_count(self):
        d = self.get("/api/v1/pods?limit=1", accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
        return len(d["items"]) + d["metadata"].get("remainingItemCount", 0)

    def user(self, name, path):
        """A user of its own for a tool: requests are then countable through
        the flow schema metric.  Writes a kubeconfig to path."""
        ns = "default"
        flow = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas"
        self.req("POST", "/api/v1/namespaces", {"metadata": {"name": ns}}, ok=False)
        self.req("POST", "/api/v1/namespaces/%s/serviceaccounts" % ns, {"metadata": {"name": name}}, ok=False)
        self.req("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
            "metadata": {"name": name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                                                     "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ns}]}, ok=False)
        st, d = self.req("POST", flow, {
            "metadata": {"name": name}, "spec": {
                "priorityLevelConfiguration": {"name": "exempt"}, "matchingPrecedence": 10,
                "rules": [{"subjects": [{"kind": "ServiceAccount",
                                         "serviceAccount": {"name": name, "namespace": ns}}],
                           "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"],
                                              "namespaces": ["*"], "clusterScope": True}],
                           "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}]}]}}, ok=False)
        st, d = self.req("POST", "/api/v1/namespaces/%s/serviceaccounts/%s/token" % (ns, name),
                         {"spec": {"expirationSeconds": 86400}})
        tok = json.loads(d)["status"]["token"]
        ca = base64.b64encode(open(self.ca, "rb").read()).decode() if self.ca else None
        cl = {"server": self.server}
        cl.update({"certificate-authority-data": ca} if ca else {"insecure-skip-tls-verify": True})
        with open(path, "w") as f:
            yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "current-context": "bench",
                            "clusters": [{"name": "bench", "cluster": cl}],
                            "users": [{"name": name, "user": {"token": tok}}],
                            "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": name,
                                                                        "namespace": "default"}}]}, f)
        os.chmod(path, 0o600)
        return path

    def user_requests(self, name):
        """Requests the API server has dispatched for this user."""
        m = self.metrics(r"apiserver_flowcontrol_dispatched_requests_total\{")
        return sum(v for k, v in m.items() if 'flow_schema="%s"' % name in k)


# --------------------------------------------------------------------------
# The floor: bare downloads of the same list
# --------------------------------------------------------------------------
FORMS = {
    "json": "application/json",
    "proto": "application/vnd.kubernetes.protobuf",
    "table": "application/json;as=Table;v=v1;g=meta.k8s.io",
    "meta-json": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "meta-proto": "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "cbor": "application/cbor",
}
FLOORS = [  # (name, form, page size, 0 for one list or -1 for one list per namespace, gzip, query)
    ("json/500", "json", 500, False, ""), ("json/500/gz", "json", 500, True, ""),
    ("json/rv0", "json", 0, False, "resourceVersion=0"), ("json/rv0/gz", "json", 0, True, "resourceVersion=0"),
    ("proto/500", "proto", 500, False, ""), ("proto/rv0", "proto", 0, False, "resourceVersion=0"),
    ("proto/rv0/gz", "proto", 0, True, "resourceVersion=0"),
    ("table/500", "table", 500, False, "includeObject=None"),
    ("table/500+meta", "table", 500, False, "includeObject=Metadata"),
    ("table/rv0", "table", 0, False, "includeObject=None&resourceVersion=0"),
    ("table/rv0/ns", "table", -1, False, "includeObject=None&resourceVersion=0"),
    ("table/rv0/gz", "table", 0, True, "includeObject=None&resourceVersion=0"),
    ("meta-json/500", "meta-json", 500, False, ""), ("meta-proto/500", "meta-proto", 500, False, ""),
    ("meta-proto/rv0", "meta-proto", 0, False, "resourceVersion=0"),
]
QUICK = ["json/rv0", "table/rv0", "proto/rv0"]


def tokens(api, page):
    """Continue tokens of one walk, taken in the cheapest form beforehand."""
    out, tok = [""], ""
    while True:
        q = "/api/v1/pods?limit=%d" % page + ("&continue=" + urllib.parse.quote(tok) if tok else "")
        d = api.get(q, accept=FORMS["meta-json"])
        tok = d["metadata"].get("continue", "")
        if not tok:
            return out
        out.append(tok)


def floor_one(api, name, apid=None):
    """One bare download with one curl process on one connection."""
    _, form, page, gz, query = next(f for f in FLOORS if f[0] == name)
    toks, spaces = tokens(api, page) if page > 0 else [""], [""]
    if page < 0:
        spaces = ["namespaces/%s/" % x["metadata"]["name"]
                  for x in api.get("/api/v1/namespaces", accept=FORMS["meta-json"])["items"]]
    cf = os.path.join(api.dir, "curlrc")
    with open(cf, "w") as f:
        f.write('silent\nhttp1.1\n')
        f.write('header = "Accept: %s"\n' % FORMS[form])
        f.write('header = "Accept-Encoding: %s"\n' % ("gzip" if gz else "identity"))
        f.write('user-agent = "bench-floor"\n')
        if api.ca:
            f.write('cacert = "%s"\n' % api.ca)
        if api.cert:
            f.write('cert = "%s"\nkey = "%s"\n' % (api.cert, api.keyf))
        if api.token:
            f.write('header = "Authorization: Bearer %s"\n' % api.token)
        f.write('write-out = "%{http_code} %{time_starttransfer} %{time_total} %{size_download}\\n"\n')
        for t, ns in [(t, ns) for ns in spaces for t in toks]:
            q = [x for x in (query, "limit=%d" % page if page > 0 else "", "continue=" + urllib.parse.quote(t) if t else "") if x]
            f.write('url = "%s/api/v1/%spods?%s"\noutput = "/dev/null"\n' % (api.server, ns, "&".join(q)))
    a0 = cpu(apid) if apid else 0
    t0 = time.monotonic()
    p = subprocess.Popen(["curl", "-q", "-K", cf], stdout=subprocess.PIPE)
    out = p.stdout.read().decode()
    _, st, ru = os.wait4(p.pid, 0)
    p.returncode = 0
    dt = time.monotonic() - t0
    rows = [l.split() for l in out.splitlines()]
    bad = [r[0] for r in rows if r[0] != "200"]
    return dict(metric="floor", form=name, seconds=round(dt, 4), bytes=sum(int(r[3]) for r in rows),
                pages=len(rows), bad=bad or None, client_cpu=round(ru.ru_utime + ru.ru_stime, 4),
                server_cpu=round(cpu(apid) - a0, 3) if apid else None,
                first_byte=round(float(rows[0][1]), 4))


def floor_watchlist(api, form="json", apid=None):
    """Streaming list (sendInitialEvents): time to the end-of-initial-events bookmark."""
    s = socket.create_connection((api.host, api.port))
    if api.tls:
        s = api.ctx.wrap_socket(s, server_hostname=api.host)
    q = ("/api/v1/pods?watch=1&sendInitialEvents=true&allowWatchBookmarks=true"
         "&resourceVersionMatch=NotOlderThan" + ("&includeObject=None" if form == "table" else ""))
    h = "".join("%s: %s\r\n" % kv for kv in api.headers(Accept=FORMS[form]).items())
    a0 = cpu(apid) if apid else 0
    t0, c0 = time.monotonic(), time.process_time()
    s.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (q, api.host, h)).encode())
    s.settimeout(120)
    buf, n, tail, first = bytearray(1 << 20), 0, b"", None
    while True:
        k = s.recv_into(buf)
        if not k:
            break
        n += k
        first = first or time.monotonic()
        chunk = bytes(buf[max(0, k - 4096):k])
        if b"initial-events-end" in tail + chunk or (k < 8192 and b"BOOKMARK" in tail + chunk):
            break
        tail = chunk[-64:]
    dt = time.monotonic() - t0
    s.close()
    return dict(metric="floor", form="watchlist-" + form, seconds=round(dt, 4), bytes=n, pages=1, bad=None,
                client_cpu=round(time.process_time() - c0, 4), first_byte=round(first - t0, 4),
                server_cpu=round(cpu(apid) - a0, 3) if apid else None)


# --------------------------------------------------------------------------
# Measurements
# --------------------------------------------------------------------------
class Bench:
    def __init__(self, a):
        self.a = a
        self.api = Api(a.kubeconfig)
        self.row = re.compile(a.row_re)
        self.apid = a.apiserver_pid
        self.home = tempfile.mkdtemp(prefix="bench-home-")
        self.n = a.n or self.api.pod_count()

    def put(self, **kw):
        kw = dict(n=self.n, t=round(time.time(), 1), **kw)
        if getattr(self, "tool", None):
            kw.setdefault("tool", self.tool)
        line = json.dumps(kw)
        print(line, flush=True)
        with open(self.a.out, "a") as f:
            f.write(line + "\n")

    def quiet(self, what):
        """Wait (at most --quiet-wait s) until the machine is nearly idle, so
        that work of others is not measured; what is left is recorded."""
        t0, pct = time.monotonic(), 0
        while True:
            b, t = busy(), time.monotonic()
            time.sleep(1.5)
            pct = 100 * (busy() - b) / (time.monotonic() - t)
            if pct < self.a.quiet or time.monotonic() - t0 > self.a.quiet_wait:
                break
        self.put(metric="quiet", before=what, machine_pct=round(pct), waited=round(time.monotonic() - t0, 1))

    def floors(self, names, reps):
        for rep in range(reps):
            for n in names:
                self.quiet("floor")
                try:
                    self.put(rep=rep, **floor_one(self.api, n, self.apid))
                except Exception as e:
                    self.put(rep=rep, metric="floor", form=n, error=repr(e))

    def env(self, name, d):
        home = os.path.join(self.home, name)
        shutil.rmtree(home, ignore_errors=True)
        for p, text in d["files"].items():
            p = os.path.join(home, p)
            os.makedirs(os.path.dirname(p), exist_ok=True)
            with open(p, "w") as f:
                f.write(text)
        os.makedirs(home, exist_ok=True)
        kc = os.path.join(self.home, name + ".kubeconfig")
        if not os.path.exists(kc):
            self.api.user("bench-" + name, kc)
        e = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TZ")}
        e.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", HOME=home, XDG_CONFIG_HOME=home,
                 XDG_CACHE_HOME=home, XDG_STATE_HOME=home, XDG_DATA_HOME=home, KUBECONFIG=kc, USER="bench")
        e.update({k: v.format(home=home) for k, v in d["env"].items()})
        if self.a.path:
            e["PATH"] = os.path.abspath(self.a.path) + os.pathsep + e["PATH"]
        return e

    def spawn(self, name, d):
        e = self.env(name, d)
        exe = shutil.which(d["bin"], path=e["PATH"])
        if not exe:
            sys.exit("no program " + d["bin"])
        return Session([exe] + d["args"], e, self.a.cols, self.a.rows, cwd=e["HOME"])

    def count(self, s, rx):
        m = s.find(rx)
        return int(m.group(1).replace(",", "")) if m else None

    def start(self, name, d, keep=False):
        """From exec to the first pod row and to all rows; then 5 s of settling."""
        fl = {n: floor_one(self.api, n, self.apid)["seconds"] for n in QUICK}
        u0 = self.api.user_requests("bench-" + name) if os.path.exists(os.path.join(self.home, name + ".kubeconfig")) else 0
        s = self.spawn(name, d)
        a0 = cpu(self.apid) if self.apid else 0
        res = dict(metric="start", floor=fl)
        if d["oneshot"]:
            s.park = True
            end = time.monotonic() + self.a.timeout
            while not s.eof and time.monotonic() < end:
                s.pump(0.2)
            for _ in range(100):
                if s.poll() is not None:
                    break
                time.sleep(0.02)
            txt = b"".join(x for _, x in s.raw)
            first = None
            acc = b""
            for ts, x in s.raw:
                acc += x
                if self.row.search(acc.decode("utf8", "replace")):
                    first = ts
                    break
                acc = acc[-400:]
            nrow = len(self.row.findall(txt.decode("utf8", "replace")))
            ru = s.rusage
            res.update(first_s=(first - s.t0) / 1e9 if first else None, full_s=(s.last_ts - s.t0) / 1e9, rows=nrow,
                       exit=s.exit, tty_bytes=len(txt), server_cpu=round(cpu(self.apid) - a0, 3) if self.apid else None)
            if ru:
                res.update(cpu_s=round(ru.ru_utime + ru.ru_stime, 3), peak_mib=round(ru.ru_maxrss / 1024.0, 1))
            s.close()
            res["requests"] = self.api.user_requests("bench-" + name) - u0
            self.put(**res)
            return None
        opened = [not d["open"]]
        rx = re.compile(d["count"]) if d["count"] else None
        ow = re.compile(d["open_when"]) if d["open_when"] else None
        st = {}

        def pred():
            if not opened[0] and (ow is None or s.find(ow)):
                opened[0] = True
                s.send(d["open"])
            if "first" not in st and s.find(self.row):
                st["first"] = s.last_ts
            if rx:
                c = self.count(s, rx)
                if c is not None:
                    st["max"] = max(st.get("max", 0), c)
                return c is not None and c >= self.n and "first" in st
            return "first" in st and self.at_end(s, d)

        full = s.pump(self.a.timeout, pred)
        cpu_full = cpu(s.pid)
        res.update(first_s=round((st["first"] - s.t0) / 1e9, 4) if "first" in st else None,
                   full_s=round((full - s.t0) / 1e9, 4) if full else None, max_count=st.get("max"),
                   cpu_full_s=round(cpu_full, 3), tty_bytes=s.bytes)
        if full:
            s.pump(self.a.settle)
            res.update(mem(s.pid), cpu_s=round(cpu(s.pid), 3), net_bytes=net_in(s.pid),
                       server_cpu=round(cpu(self.apid) - a0, 3) if self.apid else None)
            res["requests"] = self.api.user_requests("bench-" + name) - u0
        else:
            res.update(mem(s.pid), died=s.poll(), screen=[l.rstrip() for l in s.lines if l.strip()][:12])
        self.put(**res)
        if keep and full:
            return s
        res["end"] = s.close(d["quit"])
        return None

    def at_end(self, s, d):
        last = self.a.last_row
        if last and s.find(re.compile(re.escape(last))):
            return True
        s.send(d["end"])
        return False

    def idle(self, name, s, seconds, rep):
        s.park = True
        m0 = busy()
        r0, c0, b0, n0, t0 = self.api.user_requests("bench-" + name), cpu(s.pid), s.bytes, net_in(s.pid), time.monotonic()
        s.pump(seconds)
        dt = time.monotonic() - t0
        c1, m1 = cpu(s.pid), busy()
        self.put(metric="idle", machine_pct=round(100 * (m1 - m0) / dt, 1), rep=rep, seconds=round(dt, 2), cpu_pct=round(100 * (c1 - c0) / dt, 2),
                 requests_min=round((self.api.user_requests("bench-" + name) - r0) * 60 / dt, 1),
                 tty_bytes_min=int((s.bytes - b0) * 60 / dt), net_bytes_min=int((net_in(s.pid) - n0) * 60 / dt), **mem(s.pid))
        s.unpark()

    def keys(self, d, s, presses, label, gap=(0.03, 0.06)):
        """Cursor down; the effect is the highlighted row naming another pod."""
        lat, lost, key = [], 0, d["down"]
        s.send(d["top"])
        s.pump(1.0)
        _, cur = s.selected(self.row)
        for i in range(presses):
            t = s.key(key)

            def moved():
                _, c = s.selected(self.row)
                return c is not None and c != cur
            hit = s.pump(5, moved)
            if hit is None:
                lost += 1
                if s.eof or lost > 5:
                    break
            else:
                lat.append((hit - t) / 1e6)
            _, c = s.selected(self.row)
            cur = c or cur
            s.pump(random.uniform(*gap))
        self.put(metric="keys", load=label, presses=presses, lost=lost, **quant(lat))
        return lat

    def filter(self, d, s, pattern, rep, label="idle"):
        """Time from the last key of the pattern to a frame with only its rows."""
        rx = re.compile(d["count"]) if d["count"] else None
        s.send(d["top"])
        s.pump(0.5)
        s.send(d["filter"])
        s.pump(0.5)
        want = re.compile(re.escape(pattern))

        def done():
            rows = s.rows_matching(self.row)
            return 0 < len(rows) <= 20 and any(want.search(s.lines[y]) for y, _ in rows)
        # one write, as a fast typist or a paste: without Enter (live) or with it
        enter = rep % 2 == 1
        t = t2 = s.send(pattern + (d["commit"] if enter else ""))
        live = com = None
        if not enter:
            live = s.pump(4, done)
            t2 = s.send(d["commit"])
        if live is None:
            com = s.pump(10, done)
        s.pump(1.0)
        t3 = s.send(d["clear"])
        clr = None
        for _ in range(2):
            clr = s.pump(3, lambda: (self.count(s, rx) == self.n if rx else not done()) and len(s.rows_matching(self.row)) > 3)
            if clr:
                break
            t3 = s.send(d["clear"])
        s.pump(1.0)
        self.put(metric="filter", load=label, rep=rep, live_ms=round((live - t) / 1e6, 2) if live else None,
                 commit_ms=round((com - t2) / 1e6, 2) if com else None,
                 clear_ms=round((clr - t3) / 1e6, 2) if clr else None)
        return live or com

    def typing(self, d, s, pattern, label="idle"):
        """Each letter of a filter: key to the frame that shows it in the prompt (strata filters before it paints)."""
        s.send(d["top"])
        s.pump(0.5)
        s.send(d["filter"])
        s.pump(0.5)
        lat, lost = [], 0
        for i in range(1, len(pattern) + 1):
            seen = re.compile(r"/\s?" + re.escape(pattern[:i]) + r"(?![\w-])")
            t = s.send(pattern[i - 1])
            hit = s.pump(3, lambda: s.find(seen))
            if hit is None:
                lost += 1
            else:
                lat.append((hit - t) / 1e6)
            s.pump(random.uniform(0.04, 0.08))
        s.send(d["clear"])
        s.pump(0.5)
        self.put(metric="typing", load=label, pattern=pattern, lost=lost, each=[round(x, 2) for x in lat])

    def churn(self, name, d, s, rate, seconds, rep, target):
        """CPU, bytes, display lag and key latency while pods change."""
        cmd = self.a.churn.format(rate=rate, seconds=seconds + 20, name=self.a.plane)
        log = open(os.path.join(self.home, "churn.log"), "w+")
        p = subprocess.Popen(cmd, shell=True, stdout=log, stderr=log, start_new_session=True)
        s.send(d["top"])
        s.pump(3)
        for win in range(3):
            s.park = True
            w0, m0 = self.events_total(), busy()
            a0, c0, b0, n0, t0 = cpu(self.apid) if self.apid else 0, cpu(s.pid), s.bytes, net_in(s.pid), time.monotonic()
            s.pump(seconds / 6.0)
            dt = time.monotonic() - t0
            c1, b1, n1, a1, m1 = cpu(s.pid), s.bytes, net_in(s.pid), cpu(self.apid) if self.apid else 0, busy()
            w1 = self.events_total()
            self.put(metric="churn", rate=rate, rep=rep, win=win, seconds=round(dt, 2), cpu_pct=round(100 * (c1 - c0) / dt, 1),
                     tty_bytes_s=int((b1 - b0) / dt), net_bytes_s=int((n1 - n0) / dt), real_rate=round((w1 - w0) / dt, 1),
                     server_cpu_pct=round(100 * (a1 - a0) / dt, 1), machine_pct=round(m1 - m0, 1) and round(100 * (m1 - m0) / dt, 1),
                     **mem(s.pid))
            s.unpark()
        for _ in range(3):
            self.keys(d, s, self.a.churn_presses // 3, "churn%d" % rate)
        s.send(d["top"])
        s.pump(0.5)
        self.lag(s, target, 6, "churn%d" % rate, 2.2)
        if p.poll() is None:
            try:
                p.wait(seconds + 30)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGTERM)
                p.wait()
        log.seek(0)
        tail = log.read()[-300:]
        self.put(metric="churn-log", rate=rate, rep=rep, rc=p.returncode, tail=tail)

    def events_total(self):
        """Pod events that the API server's watch cache took in (PATCHes where that metric is missing)."""
        m = self.api.metrics(r'apiserver_watch_cache_events_received_total\{.*resource="pods"')
        if m:
            return sum(m.values())
        m = self.api.metrics(r'apiserver_request_total\{.*resource="pods".*verb="(PATCH|PUT|APPLY)"')
        m.update(self.api.metrics(r'apiserver_request_total\{.*verb="(PATCH|PUT|APPLY)".*resource="pods"'))
        return sum(m.values())

    def lag(self, s, target, times, label, spread=4.2):
        """Patch the restart count of a pod on the screen; time to the changed
        cell, beside the time to the event on a bare watch of that one pod."""
        ns, pod = target
        base = "/api/v1/namespaces/%s/pods/%s" % (ns, pod)
        cs = self.api.get(base)["status"].get("containerStatuses")
        if not cs:
            self.put(metric="lag", load=label, error="no containerStatuses on %s/%s" % target)
            return
        stop, seen = threading.Event(), {}

        def watch():
            c = self.api.conn()
            c.request("GET", "/api/v1/namespaces/%s/pods?watch=1&fieldSelector=metadata.name%%3D%s&timeoutSeconds=120" % (ns, pod),
                      headers=self.api.headers(Accept="application/json"))
            r = c.getresponse()
            while not stop.is_set():
                line = r.readline()
                if not line:
                    break
                t = time.monotonic_ns()
                m = re.search(rb'"restartCount":(\d+)', line)
                if m:
                    seen.setdefault(int(m.group(1)), t)
        th = threading.Thread(target=watch, daemon=True)
        th.start()
        time.sleep(0.3)
        v = max(cs[0].get("restartCount", 0), 100)
        sent_lag, ack_lag, bare, lost = [], [], [], 0
        prx = re.compile(re.escape(pod))
        for i in range(times):
            v += 1
            if v > 990:
                v = 101
            cs[0]["restartCount"] = v
            cell = re.compile(r"(?<![\w.-])%d(?![\w.-])" % v)  # some tools add an arrow at first
            box = {}

            def patch(body):
                box["send"] = time.monotonic_ns()
                try:
                    self.api.req("PATCH", base + "/status", body, ctype="application/strategic-merge-patch+json")
                except Exception as e:
                    box["err"] = repr(e)
                box["ack"] = time.monotonic_ns()
            pt = threading.Thread(target=patch, args=({"status": {"containerStatuses": cs}},))
            pt.start()

            def shown():
                return any(cell.search(l) for l in s.lines if prx.search(l))
            hit = s.pump(15, shown)
            pt.join(20)
            if "err" in box:
                self.put(metric="lag-error", error=box["err"])
                break
            if hit is None:
                lost += 1
                if lost > 2:
                    break
            else:
                sent_lag.append((hit - box["send"]) / 1e6)
                ack_lag.append((hit - box["ack"]) / 1e6)
                if v in seen:
                    bare.append((seen[v] - box["send"]) / 1e6)
            s.pump(random.uniform(0.2, spread))
        stop.set()
        self.put(metric="lag", load=label, lost=lost, **quant(sent_lag), ack_p50=quant(ack_lag).get("p50"),
                 bare_p50=quant(bare).get("p50"), bare_max=quant(bare).get("max"))


def quant(v):
    if not v:
        return dict(count=0)
    v = sorted(v)
    q = lambda p: round(v[min(len(v) - 1, int(p * len(v)))], 2)
    return dict(count=len(v), min=round(v[0], 2), p50=q(.5), p90=q(.9), p99=q(.99), max=round(v[-1], 2))


def cmd_floor(a):
    b = Bench(a)
    b.floors([f[0] for f in FLOORS if not a.forms or f[0] in a.forms], a.reps)
    for rep in range(a.reps):
        for form in ("json", "proto", "table"):
            try:
                b.put(rep=rep, **floor_watchlist(b.api, form, b.apid))
            except Exception as e:
                b.put(rep=rep, metric="floor", form="watchlist-" + form, error=repr(e))


def cmd_tool(a):
    b = Bench(a)
    todo = a.phases.split(",")
    if not a.pattern:                            # the tail of the name of a pod in the middle
        l = b.api.get("/api/v1/pods?resourceVersion=0", accept=FORMS["meta-json"])["items"]
        l = sorted((p["metadata"]["namespace"], p["metadata"]["name"]) for p in l)
        a.pattern = l[len(l) // 2][1][-6:]
    b.tool = a.tool
    d = driver(a.tool)
    b.env(a.tool, d)
    s = None
    if "start" in todo or not d["oneshot"]:
        reps = a.reps if "start" in todo else 1
        for rep in range(reps):
            last = rep == reps - 1
            b.quiet("start")
            s = b.start(a.tool, d, keep=last and len(todo) > ("start" in todo))
            if not last:
                time.sleep(1)
    if s is None:
        return
    try:
        if "idle" in todo:
            for rep in range(a.reps):
                s.park = True
                s.pump(0.1)
                b.quiet("idle")
                s.pump(0.1)
                s.unpark()
                b.idle(a.tool, s, a.idle, rep)
        if "keys" in todo:
            for rep in range(a.reps):
                s.park = True
                s.pump(0.1)
                b.quiet("keys")
                s.pump(0.1)
                s.unpark()
                b.keys(d, s, a.presses, "idle")
        if "lag" in todo or "churn" in todo or "typing" in todo:
            s.send(d["top"])
            s.pump(3)
            rows = s.rows_matching(b.row)
            target = None
            for y, m in rows[5:]:
                g = m.groups()
                if len(g) >= 2:
                    target = g[0], g[1]
                    break
            print("target", target, file=sys.stderr)
        if "lag" in todo:
            b.quiet("lag")
            b.lag(s, target, a.lags, "idle")
        if "filter" in todo:
            for rep in range(2 * a.reps):
                b.filter(d, s, a.pattern, rep)
        if "typing" in todo:
            name = target[1] if target else a.pattern
            for rep in range(a.reps * 2):
                b.quiet("typing")
                b.typing(d, s, name[:12])
        if "churn" in todo:
            for rate in [int(x) for x in a.rates.split(",")]:
                for rep in range(a.churn_reps):
                    b.quiet("churn")
                    b.churn(a.tool, d, s, rate, a.churn_seconds, rep, target)
        if s.poll() is not None:
            b.put(metric="died", status=s.exit, screen=[l.rstrip() for l in s.lines if l.strip()][-12:])
    finally:
        b.put(metric="end", how=s.close(d["quit"]), **({} if s.exit is None else {"exit": s.exit}))
        if a.dump:
            with open(a.dump, "w") as f:
                f.write("\n".join(s.lines))


def cmd_screen(a):
    """Show what a tool draws: for writing a driver."""
    b = Bench(a)
    b.tool = a.tool
    d = driver(a.tool)
    s = b.spawn(a.tool, d)
    s.pump(a.seconds)
    for k in a.keys:
        s.key(k.encode().decode("unicode_escape"))
        s.pump(2)
    print("\n".join("%2d %-4s %s" % (y, "" if not s.sigs[y] else s.sigs[y][0][:4], l.rstrip()) for y, l in enumerate(s.lines)))
    print("selected:", s.selected(b.row), "rows:", len(s.rows_matching(b.row)), mem(s.pid), "exit", s.poll())
    print(s.close(d["quit"]))


def cmd_version(a):
    for name in a.tools:
        d = driver(name)
        exe = shutil.which(d["bin"], path=(a.path or "") + os.pathsep + os.environ["PATH"])
        if not exe:
            continue
        ts = []
        env = dict(os.environ, HOME=tempfile.mkdtemp(prefix="bench-"), KUBECONFIG="/dev/null")
        for _ in range(a.times):
            t = time.monotonic()
            subprocess.run([exe] + d["version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
            ts.append((time.monotonic() - t) * 1e3)
        r = dict(metric="version", tool=name, size_mib=round(os.path.getsize(os.path.realpath(exe)) / 2**20, 2), **quant(ts))
        print(json.dumps(r))
        with open(a.out, "a") as f:
            f.write(json.dumps(r) + "\n")


def cmd_selftest(a):
    """Floor of the harness: a program that paints each key at once."""
    code = ("import os,sys,tty\ntty.setraw(0)\nn=0\nwhile 1:\n"
            " k=os.read(0,16)\n if k==b'q': break\n n+=1\n os.write(1,b'\\x1b[1;1Hcount %d   '%n)\n")
    s = Session([sys.executable, "-c", code], dict(os.environ, TERM="xterm-256color"), a.cols, a.rows)
    time.sleep(0.3)
    lat = []
    for i in range(1, 201):
        rx = re.compile(r"count %d " % i)
        t = s.send("x")
        hit = s.pump(2, lambda: s.find(rx))
        lat.append((hit - t) / 1e6)
        s.pump(0.02)
    print(json.dumps(dict(metric="selftest", **quant(lat))))
    s.close("q")


def cmd_etcd_churn(a):
    """Watch events at a rate that PATCHes cannot reach on a small machine:
    writes pods back to etcd unchanged (new resourceVersion, same content)
    over its JSON gateway.  Pods under --skip are left alone, for a stale
    value must not undo the lag test's PATCH."""
    u = urllib.parse.urlparse(a.etcd)
    b64 = lambda t: base64.b64encode(t.encode()).decode()
    c = http.client.HTTPConnection(u.hostname, u.port)
    reqs, key = [], "/registry/pods/"
    while True:
        c.request("POST", "/v3/kv/range", json.dumps(dict(key=b64(key), range_end=b64("/registry/pods0"), limit=500)))
        kvs = json.loads(c.getresponse().read()).get("kvs", [])
        for kv in kvs:
            key = base64.b64decode(kv["key"]).decode()
            if not any(key.startswith("/registry/pods/" + p) for p in a.skip):
                body = '{"key":"%s","value":"%s"}' % (kv["key"], kv["value"])
                reqs.append(("POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)).encode())
        if len(kvs) < 500 or len(reqs) >= a.pods:
            break
        key += "\0"
    random.shuffle(reqs)
    socks = [socket.create_connection((u.hostname, u.port)) for _ in range(16)]
    free, busy_, t0, done, i, total = list(socks), [], time.monotonic(), 0, 0, a.rate * a.seconds
    while i < total and time.monotonic() - t0 < a.seconds:
        due = min(total, int((time.monotonic() - t0) * a.rate) + 1)
        while i < due and free:
            s = free.pop()
            s.sendall(reqs[i % len(reqs)])
            busy_.append(s)
            i += 1
        for s in select.select(busy_, [], [], 0.001)[0] if busy_ else time.sleep(0.001) or []:
            if not s.recv(65536):
                sys.exit("etcd closed the connection")
            busy_.remove(s)
            free.append(s)
            done += 1
    dt = time.monotonic() - t0
    print("etcd-churn: asked %d/s over %d pods, done %d in %.1f s = %.0f/s" % (a.rate, len(reqs), done, dt, done / dt))


def fmt(v, digits=2):
    v = [x for x in v if x is not None]
    if not v:
        return "–"
    m = statistics.median(v)
    f = lambda x: ("%.*f" % (digits, x)).rstrip("0").rstrip(".") if digits else "%d" % round(x)
    return f(m) if len(v) == 1 else "%s (%s–%s)" % (f(m), f(min(v)), f(max(v)))


def cmd_report(a):
    rows = []
    for p in a.files:
        with open(p) as f:
            rows += [json.loads(l) for l in f if l.strip()]
    ns = sorted({r["n"] for r in rows if "n" in r})
    for n in ns:
        fl = [r for r in rows if r.get("metric") == "floor" and r["n"] == n and "seconds" in r]
        if fl:
            print("\n### Floor, %d pods\n\n| form | seconds | MB | server CPU s | client CPU s | first byte s |\n|---|---|---|---|---|---|" % n)
            for form in dict.fromkeys(r["form"] for r in fl):
                g = [r for r in fl if r["form"] == form]
                print("| %s | %s | %s | %s | %s | %s |" % (form, fmt([r["seconds"] for r in g], 3), fmt([r["bytes"] / 1e6 for r in g][:1]),
                      fmt([r["server_cpu"] for r in g]), fmt([r["client_cpu"] for r in g], 3), fmt([r["first_byte"] for r in g], 3)))
    for n in ns:
        print("\n### Tools, %d pods" % n)
        tools = dict.fromkeys(r["tool"] for r in rows if r.get("n") == n and "tool" in r)
        for t in tools:
            g = [r for r in rows if r.get("n") == n and r.get("tool") == t]
            st = [r for r in g if r["metric"] == "start"]
            print("\n**%s**" % t)
            if st:
                print("- first row s %s; full s %s; CPU to full %s, +settle %s; RSS %s, peak %s MiB; threads %s; net %s MB; requests %s; API server CPU s %s" % (
                    fmt([r.get("first_s") for r in st]), fmt([r.get("full_s") for r in st]), fmt([r.get("cpu_full_s") for r in st]),
                    fmt([r.get("cpu_s") for r in st]), fmt([r.get("rss_mib") for r in st], 0), fmt([r.get("peak_mib") for r in st], 0),
                    fmt([r.get("threads") for r in st], 0), fmt([r["net_bytes"] / 1e6 if r.get("net_bytes") else None for r in st]),
                    fmt([r.get("requests") for r in st], 0), fmt([r.get("server_cpu") for r in st])))
                for q in QUICK:
                    rat = [r["full_s"] / r["floor"][q] for r in st if r.get("full_s") and q in r.get("floor", {})]
                    print("- full / floor %s: %s (floor %s s)" % (q, fmt(rat, 1), fmt([r["floor"][q] for r in st if q in r.get("floor", {})], 3)))
            for r in [r for r in g if r["metric"] == "start" and not r.get("full_s")]:
                print("- NOT FULL: count %s died %s" % (r.get("max_count"), r.get("died")))
            i = [r for r in g if r["metric"] == "idle"]
            if i:
                print("- idle CPU %% %s; requests/min %s; tty bytes/min %s; net bytes/min %s; RSS %s" % tuple(
                    fmt([r.get(k) for r in i], dg) for k, dg in (("cpu_pct", 1), ("requests_min", 1), ("tty_bytes_min", 0), ("net_bytes_min", 0), ("rss_mib", 0))))
            for load in dict.fromkeys(r["load"] for r in g if r["metric"] == "keys"):
                k = [r for r in g if r["metric"] == "keys" and r["load"] == load]
                print("- keys %s: p50 %s p99 %s max %s ms, lost %s" % (load, fmt([r.get("p50") for r in k], 1), fmt([r.get("p99") for r in k], 1),
                                                                       fmt([r.get("max") for r in k], 1), sum(r["lost"] for r in k)))
            fi = [r for r in g if r["metric"] == "filter"]
            if fi:
                print("- filter live %s ms, on Enter %s ms, clear %s ms" % tuple(fmt([r.get(k) for r in fi], 1) for k in ("live_ms", "commit_ms", "clear_ms")))
            for rate in dict.fromkeys(r["rate"] for r in g if r["metric"] == "churn"):
                c = [r for r in g if r["metric"] == "churn" and r["rate"] == rate]
                print("- churn %d/s (real %s): CPU %% %s; tty bytes/s %s; net bytes/s %s; API server CPU %% %s; RSS %s" % (
                    rate, fmt([r["real_rate"] for r in c], 0), fmt([r["cpu_pct"] for r in c], 1), fmt([r["tty_bytes_s"] for r in c], 0),
                    fmt([r["net_bytes_s"] for r in c], 0), fmt([r["server_cpu_pct"] for r in c], 0), fmt([r["rss_mib"] for r in c], 0)))
            for load in dict.fromkeys(r["load"] for r in g if r["metric"] == "lag"):
                l = [r for r in g if r["metric"] == "lag" and r["load"] == load]
                print("- lag %s: p50 %s max %s ms (bare watch p50 %s), lost %s" % (load, fmt([r.get("p50") for r in l], 0), fmt([r.get("max") for r in l], 0),
                                                                                  fmt([r.get("bare_p50") for r in l], 1), sum(r.get("lost", 0) for r in l)))
            for r in [r for r in g if r["metric"] == "died"]:
                print("- DIED:", r["status"], r["screen"][-3:])
    v = [r for r in rows if r.get("metric") == "version"]
    if v:
        print("\n### Binary\n\n| tool | MiB | version command ms p50 (min–max) |\n|---|---|---|")
        for r in v:
            print("| %s | %s | %s (%s–%s) |" % (r["tool"], r["size_mib"], r["p50"], r["min"], r["max"]))


# What the README shows: (what, goal, digits, how to get it from the lines of one size)
def pick(metric, key, **want):
    return lambda rows: [r.get(key) for r in rows if r["metric"] == metric and all(r.get(k) == v for k, v in want.items())]


def typed_p99(rows):
    v = [x for r in rows if r["metric"] == "typing" for x in r["each"]]
    return [quant(v).get("p99")] if v else []


TABLE = [
    ("first_s", "first pod row, s", "0.1", 2, pick("start", "first_s")),
    ("full_s", "all rows, s", "", 2, pick("start", "full_s")),
    ("ratio_proto", "ratio to the protobuf floor", "1.05", 2,
     lambda rows: [r["full_s"] / r["floor"]["proto/rv0"] for r in rows if r["metric"] == "start" and r.get("full_s")]),
    ("ratio_json", "ratio to the JSON floor", "0.4", 2,
     lambda rows: [r["full_s"] / r["floor"]["json/rv0"] for r in rows if r["metric"] == "start" and r.get("full_s")]),
    ("cpu_full", "CPU s until full", "", 2, pick("start", "cpu_full_s")),
    ("rss", "RSS after 5 s, MiB", "15", 1, pick("start", "rss_mib")),
    ("private", "... of it private (not shared libraries), MiB", "", 1, pick("start", "private_mib")),
    ("net", "MB received", "", 1, lambda rows: [r["net_bytes"] / 1e6 for r in rows if r["metric"] == "start" and r.get("net_bytes")]),
    ("requests", "requests", "", 0, pick("start", "requests")),
    ("idle_cpu", "idle CPU, % of a core", "0.1", 2, pick("idle", "cpu_pct")),
    ("idle_req", "idle requests per min", "0", 0, pick("idle", "requests_min")),
    ("idle_tty", "idle bytes to the terminal per min", "600", 0, pick("idle", "tty_bytes_min")),
    ("key50", "cursor down, idle, p50 ms", "1", 1, pick("keys", "p50", load="idle")),
    ("key99", "cursor down, idle, p99 ms", "5", 1, pick("keys", "p99", load="idle")),
    ("filter", "filter typed at once, ms", "", 1, pick("filter", "live_ms")),
    ("filter_key", "filter keystroke, p99 ms", "10", 1, typed_p99),
    ("clear", "clear the filter, ms", "10", 1, pick("filter", "clear_ms")),
    ("lag", "change to cell, idle, p50 ms", "watch + 10", 0, pick("lag", "p50", load="idle")),
    ("bare", "... bare watch of that pod, p50 ms", "", 0, pick("lag", "bare_p50", load="idle")),
    ("churn_rate", "100 updates/s asked: achieved /s", "", 0, pick("churn", "real_rate")),
    ("churn_cpu", "... CPU, % of a core", "5", 1, pick("churn", "cpu_pct")),
    ("churn_tty", "... bytes to the terminal per s", "0", 0, pick("churn", "tty_bytes_s")),
    ("churn_net", "... MB/s from the API server", "", 2,
     lambda rows: [r["net_bytes_s"] / 1e6 for r in rows if r["metric"] == "churn"]),
    ("churn50", "... cursor down p50 ms", "", 1, pick("keys", "p50", load="churn100")),
    ("churn99", "... cursor down p99 ms", "16", 1, pick("keys", "p99", load="churn100")),
    ("churn_lag", "... change to cell p50 ms", "", 0, pick("lag", "p50", load="churn100")),
    ("churn_bare", "... bare watch p50 ms", "", 0, pick("lag", "bare_p50", load="churn100")),
]


def cmd_table(a):
    """One table of strata at every size measured, beside the peers' figures (peers.json)."""
    rows = []
    for p in a.files:
        with open(p) as f:
            rows += [json.loads(l) for l in f if l.strip()]
    with open(os.path.join(HERE, "peers.json")) as f:
        peers = json.load(f)
    sizes = sorted({r["n"] for r in rows if r.get("tool") == "strata" and "n" in r})
    label = lambda n: "%dk" % (n // 1000) if n % 1000 == 0 else str(n)
    heads = [("strata", label(n)) for n in sizes] + [(t, label(n)) for n in sizes for t in ("sofka", "k9s")]
    print("| | goal | " + " | ".join("%s %s" % h for h in heads) + " |\n|---|---|" + "---|" * len(heads))
    for key, what, goal, digits, get in TABLE:
        cells = []
        for t, size in heads:
            if t == "strata":
                n = next(n for n in sizes if label(n) == size)
                cells.append(fmt(get([r for r in rows if r.get("n") == n and r.get("tool") == t and "metric" in r]), digits))
            else:
                cells.append(peers.get(t + " " + size, {}).get(key, "–"))
        print("| %s | %s | %s |" % (what, goal, " | ".join(cells)))
    v = [r for r in rows if r.get("metric") == "version" and r["tool"] == "strata"][-1:]
    if v:
        same = lambda text: [text] + [""] * (len(sizes) - 1)
        pad = lambda key: [peers.get(t + " " + size, {}).get(key, "–") for t, size in heads[len(sizes):]]
        print("| start (`--version`), ms | 6 | %s |" % " | ".join(same("%s (%s–%s)" % (v[0]["p50"], v[0]["min"], v[0]["max"])) + pad("version")))
        print("| binary, MiB | 2 | %s |" % " | ".join(same("%.1f" % v[0]["size_mib"]) + pad("binary")))
    load = [r["machine_pct"] for r in rows if r.get("metric") == "quiet"]
    if load:
        print("\nMedian (smallest–largest). What else the machine did when a measurement began: %s %% of %d cores." % (
            fmt(load, 0), os.cpu_count()))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    sub = p.add_subparsers(dest="cmd", required=True)
    for name, fn in (("floor", cmd_floor), ("tool", cmd_tool), ("screen", cmd_screen), ("version", cmd_version),
                     ("selftest", cmd_selftest), ("report", cmd_report), ("table", cmd_table)):
        q = sub.add_parser(name, help=fn.__doc__)
        q.set_defaults(fn=fn)
        if name in ("report", "table"):
            q.add_argument("files", nargs="+")
            continue
        q.add_argument("--out", default="results.jsonl")
        q.add_argument("--path", help="directory with the programs")
        q.add_argument("--cols", type=int, default=200)
        q.add_argument("--rows", type=int, default=60)
        if name == "version":
            q.add_argument("tools", nargs="+")
            q.add_argument("--times", type=int, default=30)
            continue
        if name == "selftest":
            continue
        q.add_argument("--kubeconfig", required=True)
        q.add_argument("--apiserver-pid", type=int, help="to report the server's CPU")
        q.add_argument("-n", type=int, help="number of pods (default: asked from the server)")
        q.add_argument("--reps", type=int, default=3)
        q.add_argument("--plane", default="bench")
        q.add_argument("--row-re", default=r"\b([a-z0-9]+(?:-[a-z0-9]+)*)\s+(?:\S\s+)?([a-z0-9]+(?:-[a-z0-9]+)+)\s+.*\d+/\d+",
                       help="regex of a pod row: group 1 namespace, group 2 pod")
        q.add_argument("--quiet", type=float, default=70, help="CPU %% of the whole machine below which a measurement starts")
        q.add_argument("--quiet-wait", type=float, default=60)
        if name == "floor":
            q.add_argument("--forms", nargs="*")
        if name in ("tool", "screen"):
            q.add_argument("tool", choices=sorted(DRIVERS))
            q.add_argument("--timeout", type=float, default=180)
        if name == "screen":
            q.add_argument("--seconds", type=float, default=8)
            q.add_argument("--keys", nargs="*", default=[])
        if name == "tool":
            q.add_argument("--phases", default="start,idle,keys,lag,filter,typing,churn")
            q.add_argument("--settle", type=float, default=5)
            q.add_argument("--idle", type=float, default=60)
            q.add_argument("--presses", type=int, default=200)
            q.add_argument("--churn-presses", type=int, default=100)
            q.add_argument("--lags", type=int, default=10)
            q.add_argument("--pattern", help="filter text that leaves a few rows (default: tail of a pod name)")
            q.add_argument("--last-row", help="text in the last row, for tools without a count")
            q.add_argument("--rates", default="100,1000")
            q.add_argument("--churn", default="true", help="command; {rate} {seconds} {name} are replaced")
            q.add_argument("--churn-seconds", type=int, default=40)
            q.add_argument("--churn-reps", type=int, default=1)
            q.add_argument("--dump", help="write the last screen here")
    q = sub.add_parser("etcd-churn", help=cmd_etcd_churn.__doc__)
    q.set_defaults(fn=cmd_etcd_churn)
    q.add_argument("--etcd", required=True)
    q.add_argument("--rate", type=int, default=1000)
    q.add_argument("--seconds", type=int, default=30)
    q.add_argument("--pods", type=int, default=4000, help="how many different pods at most")
    q.add_argument("--skip", nargs="*", default=[], help="namespace/ or namespace/pod prefixes")
    a = p.parse_args()
    a.fn(a)


if __name__ == "__main__":
    main()
