"""Commands in containers: the same output and exit status as kubectl's, a terminal with its size, and what is refused."""
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios

from case import collector
from cases_life import Kube, workload
from cases_ops import journal
from cloud import STRATA, check, equal, until

CASES = []
case = collector(CASES)


def pod(name, **more):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": {"kubectl.kubernetes.io/default-container": "second"}},
            "spec": {"containers": [{"name": "first", "image": "registry.example.org/life:1"},
                                    dict({"name": "second", "image": "registry.example.org/life:1", "ports": [{"containerPort": 8080}]}, **more)],
                     "terminationGracePeriodSeconds": 0}}


def running(kube, *names):
    for name in names:
        until("%s runs" % name, lambda: kube.get("pod", name)["status"].get("phase") == "Running", 60)


@case("exec: output, errors and exit status are kubectl's; the journal has each, without its secrets")
def exec_as_kubectl(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")
        for command in (["echo", "a b", "c"], ["sh", "-c", "echo out; echo err >&2"], ["sh", "-c", "exit 3"], ["nosuchprogram"]):
            ours = cloud.strata("exec", "-n", kube.ns, "box", "-c", "first", "--", *command)
            theirs = subprocess.run(["kubectl", "-n", kube.ns, "exec", "box", "-c", "first", "--", *command], capture_output=True, timeout=60, env=cloud.environ())
            equal((ours.code, ours.out), (theirs.returncode, theirs.stdout.decode()), "exec %s" % command)
            if "err >&2" in command[-1]:
                check("err\n" in ours.err, "stderr apart: %r" % ours)
        if cloud.mode != "sim":          # the demo cloud has no such device
            p = subprocess.Popen([STRATA, "exec", "-n", kube.ns, "box", "-c", "first", "--", "cat", "/dev/zero"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=cloud.environ())
            equal(p.stdout.read(10), bytes(10), "a command without an end")
            p.stdout.close()                                     # "| head"
            equal(p.wait(60), -13, "ended by SIGPIPE")
        if cloud.mode == "sim":          # KWOK runs host programs that do not know the container
            equal(cloud.strata("exec", "-n", kube.ns, "box", "--", "env").out.count("CONTAINER=second\n"), 1, "the default container")
            big = b"0123456789abcdef" * 8192
            equal(cloud.strata("exec", "-i", "-n", kube.ns, "box", "--", "cat", stdin=big).raw, big, "128 KiB there and back, and the end of the input")
        cloud.strata("exec", "-n", kube.ns, "box", "--", "echo", "--password=hunter2", "PGPASSWORD=hunter2")
        lines = journal(cloud, kube.ns)
        check("hunter2" not in json.dumps(lines), "no secret in the journal")
        last = [line for line in lines if line.get("verb") == "exec"][-2:]
        equal([line["event"] for line in last], ["intent", "outcome"], "a line before, a line after")
        equal((last[0]["command"], last[1]["result"]), ("echo --password=*** PGPASSWORD=***", "OK"), "what was run, how it ended")


@case("exec: no such container, a pod that has ended, no right, read-only, protected: said, and nothing runs")
def exec_refused(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")

        def refused(code, words, *args, env=None):
            r = cloud.strata(*args, "exec", "-n", kube.ns, "box", *(["-c", "third"] if words == "no container third" else []), "--", "echo", "ran", env=env)
            equal((r.code, r.out), (code, ""), "%s: %r" % (words, r))
            check(words in r.err, "%s: %r" % (words, r))
        refused(3, "no container third")
        refused(4, "read-only", "--read-only")
        refused(4, "cannot", "--context", "viewer")
        name = kube.cloud.kubectl("config", "current-context").strip()
        conf = cloud.home + "/protected.yaml"
        with open(conf, "w") as f:
            f.write("sources:\n  - {match: \"%s\", protected: true}\n" % name)
        refused(4, "protected", "--config", conf)
        r = cloud.strata("--config", conf, "exec", "-n", kube.ns, "--confirm", name, "box", "--", "echo", "ran")
        equal((r.code, r.out), (0, "ran\n"), "its name was given: %r" % r)


@case("exec: a workload or a service stands for a pod of it that is ready, as with kubectl; what has none is told")
def exec_by_owner(cloud):
    with Kube(cloud) as kube:
        kube.apply(workload("Deployment", "web", 2), workload("StatefulSet", "db", 1, serviceName="db"), workload("Deployment", "none", 0),
                   {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
        kube.ready("deployment", "web", 2)
        kube.ready("statefulset", "db", 1)
        for what in ("deploy/web", "svc/web", "sts/db", "pod/db-0"):
            r = cloud.strata("exec", "-n", kube.ns, what, "--", "echo", "here")
            equal((r.code, r.out), (0, "here\n"), "%s: %r" % (what, r))
            kube.run("exec", what, "--", "echo", "here")
        used = [line["name"] for line in journal(cloud, kube.ns) if line.get("verb") == "exec" and line["event"] == "intent"]
        check(len(used) == 4 and set(used[:2]) <= set(kube.pods("web")) and used[2:] == ["db-0"] * 2, used)
        for what, code, words in (("deploy/none", 3, "deployment none has no pod"), ("deploy/other", 3, "not found"), ("configmap/kube-root-ca.crt", 1, "selects no pods"),
                                  ("server/web", 2, "has no pods")):
            r = cloud.strata("exec", "-n", kube.ns, what, "--", "echo", "here")
            check(r.code == code and words in r.err and not r.out, r)


class Terminal:
    """strata in a terminal of its own."""

    def __init__(self, cloud, rows, cols, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            os.execve(STRATA, [STRATA, *args], cloud.environ(TERM="xterm"))
        self.seen = b""

    def until(self, what):
        while what not in self.seen:
            check(select.select([self.fd], [], [], 30)[0], "%r is not seen in %r" % (what, self.seen))
            try:
                self.seen += os.read(self.fd, 4096)
            except OSError:
                raise AssertionError("it ended before %r was seen: %r" % (what, self.seen))

    def type(self, text):
        self.seen = b""
        os.write(self.fd, text)

    def end(self):
        try:
            while os.read(self.fd, 4096):
                pass
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@case("exec -it: a shell in a terminal that has this one's size, follows it, and gives it back", "sim")
def exec_tty(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")
        t = Terminal(cloud, 33, 101, "exec", "-it", "-n", kube.ns, "box", "--", "sh")
        t.until(b"box:/# ")
        raw = termios.tcgetattr(t.fd)[3]
        check(not raw & termios.ECHO and not raw & termios.ICANON, "keys go on one by one")
        t.type(b"stty size\r")
        t.until(b"33 101\r\n")
        fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 77, 0, 0))

        def size():
            t.type(b"stty size\r")
            t.until(b"/# ")
            return b"44 77" in t.seen
        until("the new size is there", size)
        t.type(b"sleep 9\r\x03")
        t.until(b"^C")
        t.type(b"exit 7\r")
        t.until(b"exit 7\r\n")
        until("the terminal is as it was", lambda: termios.tcgetattr(t.fd)[3] & termios.ICANON)
        equal(t.end(), 7, "the shell's exit status")


@case("debug -it: joined to its container once that runs, with the command as it was given, and ends as that does", "sim")
def debug_tty(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")
        t = Terminal(cloud, 33, 101, "debug", "-it", "box", "-n", kube.ns, "--image=busybox", "--target=first", "--yes", "--", "sleep", "it's \"60\" s", "-x=1")
        t.until(b"press enter\r\n")
        t.type(b"\r")
        t.until(b"box:/# ")
        t.type(b"stty size\r")
        t.until(b"33 101\r\n")
        t.type(b"exit 7\r")
        t.until(b"exit 7\r\n")
        equal(t.end(), 7, "its exit status")
        (c,) = kube.get("pod", "box")["spec"]["ephemeralContainers"]
        equal((c["command"], c["targetContainerName"]), (["sleep", "it's \"60\" s", "-x=1"], "first"), "as asked for")
        check(c["name"].startswith("debugger-"), c["name"])
        r = cloud.strata("restart", "pod", "box", "-n", kube.ns, "-i", "--yes")
        check(r.code == 2 and "--stdin does not go with" in r.err, r)
