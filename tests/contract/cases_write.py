"""Objects written whole: edited in an editor, applied from files; what kubectl then finds, and what is refused in the servers' words."""
import json
import os
import re
import stat

from case import collector
from cases_life import Kube, workload
from cases_ops import journal
from cloud import check, equal, until

CASES = []
case = collector(CASES)

EDITOR = """#!/bin/sh
# Each round runs the next script of $SCRIPTS on the file and keeps what was shown.
n=$(cat "$SCRIPTS/n" 2>/dev/null || echo 1)
cp "$1" "$SCRIPTS/shown.$n"
ls -ln "$1" > "$SCRIPTS/mode.$n"
echo "$1" > "$SCRIPTS/path"
echo $((n + 1)) > "$SCRIPTS/n"
[ -e "$SCRIPTS/$n" ] && FILE=$1 sh "$SCRIPTS/$n"
exit 0
"""


class Editor:
    """An editor that does what a list of shell scripts says, a round each."""

    def __init__(self, cloud, *rounds):
        self.dir = os.path.join(cloud.home, "editor-%d" % len(os.listdir(cloud.home)))
        os.mkdir(self.dir)
        with open(self.dir + "/ed", "w") as f:
            f.write(EDITOR)
        os.chmod(self.dir + "/ed", 0o755)
        for n, script in enumerate(rounds, 1):
            with open("%s/%d" % (self.dir, n), "w") as f:
                f.write(script)
        self.env = {"KUBE_EDITOR": "", "VISUAL": "", "EDITOR": self.dir + "/ed", "SCRIPTS": self.dir, "TMPDIR": self.dir, "XDG_RUNTIME_DIR": ""}

    def shown(self, n):
        with open("%s/shown.%d" % (self.dir, n)) as f:
            return f.read()

    def rounds(self):
        return len([f for f in os.listdir(self.dir) if f.startswith("shown.")])

    def path(self):
        with open(self.dir + "/path") as f:
            return f.read().strip()


def edit(cloud, k, what, *rounds, args=("--yes",), code=0):
    e = Editor(cloud, *rounds)
    r = cloud.strata("edit", *what.split("/"), "-n", k.ns, *args, env=e.env)
    equal(r.code, code, "edit %s: %r" % (what, r))
    e.result = r
    return e


@case("edit: what is saved is sent, nothing is sent of nothing, a wrong text comes back with the server's words, and none is lost")
def edited(cloud):
    with Kube(cloud) as k:
        k.apply(workload("Deployment", "web", 1), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cfg"}, "data": {"a": "one\ntwo\n", "b": "x"}})
        rv = k.get("configmap", "cfg")["metadata"]["resourceVersion"]
        e = edit(cloud, k, "configmap/cfg", "true")
        check("nothing was changed" in e.result.out, e.result)
        check("managedFields" not in e.shown(1) and "\n  a: |" in e.shown(1), e.shown(1))
        check(not os.path.exists(e.path()) and not os.path.exists(os.path.dirname(e.path())), "the file is gone")
        with open(e.dir + "/mode.1") as f:
            check(f.read().startswith("-rw-------"), "the file is the user's alone")
        equal(k.get("configmap", "cfg")["metadata"]["resourceVersion"], rv, "nothing was sent")
        e = edit(cloud, k, "configmap/cfg", "sed -i 's/two/zwei/; s/b: x/c: why/' $FILE", args=("--dry-run",))
        check("data.a:" in e.result.out and "- two" in e.result.out and "+ zwei" in e.result.out and "data.b: \"x\" removed" in e.result.out, e.result)
        equal(k.get("configmap", "cfg")["metadata"]["resourceVersion"], rv, "a dry run changes nothing")
        edit(cloud, k, "configmap/cfg", "sed -i 's/two/zwei/; s/b: x/c: why/' $FILE")
        now = k.get("configmap", "cfg")
        equal(now["data"], {"a": "one\nzwei\n", "c": "why"}, "edited")
        check(cloud.mode == "sim" or any(m["manager"] == "strata-edit" for m in json.loads(k.run("get", "cm", "cfg", "-o", "json", "--show-managed-fields"))["metadata"]["managedFields"]), "manager")
        # no YAML, then an unknown field, then a value that is wrong, then right
        e = edit(cloud, k, "deployment/web", "echo '  - [' >> $FILE", "sed -i '/^  - \\[/d; s/^  replicas: 1/  replicaz: 1/' $FILE",
                 "sed -i 's/^  replicaz: 1/  replicas: -1/' $FILE", "sed -i 's/^  replicas: -1/  replicas: 2/' $FILE")
        equal(e.rounds(), 4, "rounds")
        check("cannot be used like this: line:" in e.shown(2), e.shown(2)[:600])
        check('unknown field "spec.replicaz"' in e.shown(3) and "  replicaz: 1" in e.shown(3), e.shown(3)[:600])
        check("spec.replicas: Invalid value: -1" in e.shown(4), e.shown(4)[:600])
        equal(k.get("deployment", "web")["spec"]["replicas"], 2, "edited")
        k.ready("deployment", "web", 2)
        e = edit(cloud, k, "deployment/web", "sed -i 's/^  replicas: 2/  replicas: 0/' $FILE", args=("--dry-run",))       # what it does is told, whichever way it is done
        for words in ("DANGER: all its pods end", "blast radius: yellow"):
            check(words in e.result.out, "%s: %r" % (words, e.result))
        path = os.path.join(cloud.home, "one-%s.json" % k.ns)
        with open(path, "w") as f:
            doc = workload("Deployment", "web", 2)
            doc["spec"]["template"]["metadata"]["labels"]["round"] = "2"
            json.dump(doc, f)
        r = cloud.strata("apply", "-f", path, "-n", k.ns, "--force", "--dry-run")
        check("blast radius: green" in r.out, r)
        # an immutable field, and the editor is left: the text is kept
        e = edit(cloud, k, "deployment/web", "sed -i 's/^      app: web/      app: other/' $FILE", "true", code=4)
        words = " ".join(line[2:] for line in e.shown(2).splitlines() if line.startswith("#"))       # wrapped
        check("is immutable" in words and "delete the object and make it anew" in words, e.shown(2)[:800])
        check("left alone (" in e.result.err and "is immutable" in e.result.err, "the reason is said here, too: %r" % e.result)
        check("kept in " + e.path() in e.result.err and os.path.exists(e.path()), e.result)
        equal(stat.S_IMODE(os.stat(e.path()).st_mode), 0o600, "kept for the user alone")
        e = edit(cloud, k, "configmap/cfg", "sed -i 's/^  name: cfg/  name: other/' $FILE", code=4)
        check("metadata.name cannot be changed by an edit" in e.shown(2), e.shown(2)[:400])
        e = edit(cloud, k, "configmap/cfg", "sed -i 's/c: why/c: z/' $FILE", args=(), code=4)
        check("give --yes" in e.result.err and os.path.exists(e.path()), "what was not confirmed is kept: %r" % e.result)
        lines = [line for line in journal(cloud, k.ns) if line.get("action") == "edit"]
        check(any(line["event"] == "outcome" and line.get("result") == "done" for line in lines), "it is in the journal")


@case("edit: a change on the server meanwhile is told, and the edit goes on from there; status alone disturbs nobody; Secrets")
def conflict(cloud):
    with Kube(cloud) as k:
        k.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cfg"}, "data": {"mine": "a", "theirs": "a", "both": "a"}})
        k.run("create", "secret", "generic", "key", "--from-literal=pass=geheim", "--from-literal=other=x")
        other = "kubectl -n %s patch configmap cfg --type=merge -p '{\"data\":{\"theirs\":\"b\",\"both\":\"b\"}}'" % k.ns
        e = edit(cloud, k, "configmap/cfg", other + "; sed -i 's/mine: a/mine: c/; s/both: a/both: c/' $FILE", "sed -i 's/^  both: c/  both: d/' $FILE")
        check('data.theirs: "a" -> "b"' in e.shown(2) and "Changed by both" in e.shown(2) and "data.both" in e.shown(2), e.shown(2)[:800])
        check("  mine: c\n  theirs: b\n" in e.shown(2), e.shown(2))
        equal(k.get("configmap", "cfg")["data"], {"mine": "c", "theirs": "b", "both": "d"}, "both")
        # several, one after the other: the first meets a conflict and is left, the second is left as it is, the third goes its own way
        k.apply(*({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": n}, "data": {"mine": "a"}} for n in ("two", "three")))
        e = edit(cloud, k, "configmap/cfg/two/three/two", other.replace('"b"', '"e"') + "; sed -i 's/mine: c/mine: f/' $FILE", "true", "true", "sed -i 's/mine: a/mine: z/' $FILE", code=4)
        equal((e.rounds(), [k.get("configmap", n)["data"]["mine"] for n in ("cfg", "two", "three")]), (4, ["c", "a", "z"]), e.result)
        check("Changed there" in e.shown(2) or "changed on the server meanwhile" in e.shown(2), e.shown(2)[:600])
        equal(edit(cloud, k, "configmap/two/none", "true", code=3).rounds(), 0, "one that is not there is told before anything is typed")
        e = edit(cloud, k, "secret/key", "sed -i 's/^  pass: .*/  pass: bmV1/' $FILE")
        check("geheim" not in e.shown(1) and "bmV1" not in e.result.err + e.result.out, "not decoded unless asked")
        e = edit(cloud, k, "secret/key", "sed -i 's/pass: neu/pass: klar/' $FILE", args=("--yes", "--decode"))
        check("pass: neu" in e.shown(1), e.shown(1))
        equal(k.get("secret", "key")["data"], {"pass": "a2xhcg==", "other": "eA=="}, "encoded again")
        text = json.dumps(journal(cloud, k.ns))
        check("a2xhcg" not in text and "bmV1" not in text, "no secret in the journal")
        e = Editor(cloud, "true")
        r = cloud.strata("--read-only", "edit", "configmap", "cfg", "-n", k.ns, env=e.env)
        equal((r.code, e.rounds()), (4, 0), "read-only is said before anything is typed: %r" % r)
        guarded = os.path.join(e.dir, "guarded.yaml")
        with open(guarded, "w") as f:
            f.write("sources:\n- {match: '*', protected: true}\n")
        r = cloud.strata("--config", guarded, "edit", "configmap", "cfg", "-n", k.ns, "--yes", env=e.env)
        equal((r.code, e.rounds()), (4, 0), "so is that a name is to be given: %r" % r)
        r = cloud.strata("--config", guarded, "edit", "configmap", "cfg", "-n", k.ns, "--yes", "--confirm=cfg", env=e.env)
        check(r.code == 4 and e.rounds() == 0 and "--confirm 'cfg' is not what must be typed" in r.err, "nor opened with a wrong one: %r" % r)
        r = cloud.strata("--context", "viewer", "edit", "configmap", "cfg", "-n", k.ns, env=e.env)
        check(r.code == 4 and e.rounds() == 0 and "may not patch configmaps" in r.err, "nor without the right: %r" % r)
        r = cloud.strata("edit", "server", "web-1", env=e.env)
        check(r.code == 2 and "OpenStack" in r.err, r)


def files(cloud, name, *docs):
    path = os.path.join(cloud.home, name)
    with open(path, "w") as f:
        f.write("\n---\n".join(d if isinstance(d, str) else json.dumps(d, indent=1) for d in docs))
    return path


@case("apply: makes and changes what stands in files, in an order that can be done; conflicts name manager and field; nothing is hidden")
def applied(cloud):
    with Kube(cloud) as k:
        new = k.ns + "-b"
        web = workload("Deployment", "web", 1)
        cfg = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cfg", "namespace": new}, "data": {"a": "1"}}
        path = files(cloud, "all.yaml", cfg, {"apiVersion": "v1", "kind": "List", "items": [dict(web, metadata={"name": "web", "namespace": k.ns})]},
                     "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}" % new)
        try:
            r = cloud.strata("apply", "-f", path, "--dry-run")
            equal(r.code, 0, "dry run: %r" % r)
            check("it is not there yet" in r.out and "what it belongs to comes with this operation" in r.out, r)
            check(k.run("get", "namespace", new, fail=True)[0] != 0, "a dry run makes nothing")
            r = cloud.strata("apply", "-f", path, "--yes")
            equal(r.code, 0, "apply: %r" % r)
            equal(json.loads(k.run("get", "configmap", "cfg", "-n", new, "-o", "json"))["data"], {"a": "1"}, "made in the namespace that came with it")
            check(k.get("deployment", "web")["spec"]["replicas"] == 1, "of a List")
            r = cloud.strata("apply", "-f", path, "--yes", "-o", "json")
            equal([s["note"] for s in json.loads(r.out)["steps"]], ["applied: unchanged"] * 3, "again")
        finally:
            k.run("delete", "namespace", new, "--wait=false", fail=True)
        # another manager owns it
        k.run("apply", "--server-side", "--force-conflicts", "--field-manager=other", "--validate=false", "-f", "-",
              stdin=json.dumps(dict(web, metadata={"name": "web"}, spec=dict(web["spec"], replicas=2))))
        path = files(cloud, "web.yaml", web)
        r = cloud.strata("apply", "-f", path, "-n", k.ns, "--yes")
        check(r.code == 4 and 'conflict with "other"' in r.err and ".spec.replicas" in r.err and "--force" in r.err and "web.yaml:1" in r.err, r)
        r = cloud.strata("apply", "-f", path, "-n", k.ns, "--dry-run", "--force")
        check("spec.replicas: 2 -> 1" in r.out, r)
        equal(cloud.strata("apply", "-f", path, "-n", k.ns, "--yes", "--force").code, 0, "taken over")
        equal(k.get("deployment", "web")["spec"]["replicas"], 1, "taken over")
        # what is wrong is said with its place, and nothing is sent
        for text, code, words in (("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n---\nkind: [", 4, "w.yaml:6"),
                                  ("kind: ConfigMap\napiVersion: v1\nmetadata: {generateName: a}\n", 4, "generateName"),
                                  ("\n\nkind: Gear\napiVersion: none.example.org/v1\nmetadata: {name: a}\n", 4, "w.yaml:3: the server has no Gear in none.example.org/v1"),
                                  ("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a, namespace: other}\n", 4, "-n says"),
                                  ("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {a: b}\ndatas: 1\n", 4, "datas"),
                                  ("# nothing\n", 2, "no object stands in")):
            r = cloud.strata("apply", "-f", files(cloud, "w.yaml", text), "-n", k.ns, "--yes")
            check(r.code == code and words in r.err, "%s: %r" % (words, r))
        equal(k.run("get", "configmap", "a", fail=True)[0], 1, "nothing was sent")
        os.makedirs(cloud.home + "/twice/more.yaml", exist_ok=True)
        twice = os.path.dirname(files(cloud, "twice/a.yaml", *({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "again"}, "data": {"v": v}} for v in "12")))
        r = cloud.strata("apply", "-f", twice, "-n", k.ns, "--yes")
        equal((r.code, k.get("configmap", "again")["data"]), (0, {"v": "2"}), r)
        check("not applied: %s/more.yaml is a directory (-R goes into it)" % twice in r.err, r)
        check(re.search(r"caution: .*it stands twice in what is applied: \S+/a.yaml:\d+, and \S+/a.yaml:\d+, which has the last word", r.err), r)
        r = cloud.strata("apply", "--read-only", "-f", path, "-n", k.ns, "--yes")
        equal(r.code, 4, "read-only: %r" % r)
        r = cloud.strata("apply", "-f", files(cloud, "s.yaml", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"p": "geheimnis"}}), "-n", k.ns, "--yes")
        with open(cloud.home + "/s/strata/audit.jsonl") as f:
            check(r.code == 0 and "geheimnis" not in f.read() + r.out + r.err, "no secret is said or kept: %r" % r)


@case("apply: a definition and what it defines from the same files in one go; scaling what counts no replicas ends with that word")
def defined(cloud):
    with Kube(cloud) as k:
        group = "g%s.example.org" % k.ns.replace("-", "")
        version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                   "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}}
        thing = {"apiVersion": group + "/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {"replicas": 2}}
        crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things." + group}, "spec": {
            "group": group, "scope": "Namespaced", "names": {"kind": "Thing", "listKind": "ThingList", "plural": "things", "singular": "thing"}, "versions": [version]}}
        try:
            r = cloud.strata("apply", "-f", files(cloud, "old.yaml", dict(thing, apiVersion=group + "/v0"), crd), "-n", k.ns, "--yes")
            check(r.code == 4 and "serves no such version" in r.err, r)
            path = files(cloud, "both.yaml", thing, crd)         # the thing stands first
            r = cloud.strata("apply", "-f", path, "-n", k.ns, "--dry-run")
            check(r.code == 0 and "what it belongs to comes with this operation" in r.out, r)
            equal(k.run("get", "crd", "things." + group, fail=True)[0], 1, "a dry run makes nothing")
            r = cloud.strata("apply", "-f", path, "-n", k.ns, "--yes")
            check(r.code == 0 and "2 applied" in r.out, r)
            equal(k.get("things." + group, "one")["spec"]["replicas"], 2, "made")
            r = cloud.strata("scale", "things." + group, "one", "-n", k.ns, "--replicas=5", "--yes")
            check(r.code == 0 and "its status reports no count of replicas (.status.replicas)" in r.out + r.err, r)
            equal(k.get("things." + group, "one")["spec"]["replicas"], 5, "scaled")
        finally:
            k.run("delete", "crd", "things." + group, "--wait=false", fail=True)


@case("debug: a container is added to a running pod and runs, or why it does not; what cannot be is said before, in the server's words")
def debug(cloud):
    with Kube(cloud) as k:
        k.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "box"}, "spec": {"containers": [{"name": "c", "image": "registry.example.org/life:1"}]}})
        until("it runs", lambda: k.get("pod", "box")["status"].get("phase") == "Running", 60)
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox", "--target=none", "--yes")
        check(r.code == 4 and "it has no container none to look into, it has: c" in r.err, r)
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox", "--name=Bad_Name", "--yes")
        theirs = k.run("debug", "box", "--image=busybox", "-c", "Bad_Name", fail=True)
        check(r.code == 4 and theirs[0] == 1, (r, theirs))
        check("spec.ephemeralContainers[0].name: Invalid value" in r.err and "spec.ephemeralContainers[0].name: Invalid value" in theirs[1], (r, theirs))
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox", "--target=c", "--dry-run")
        check(r.code == 0 and "cannot be taken out again" in r.out and "ephemeralcontainers {" in r.out, r)
        check("ephemeralContainers" not in k.get("pod", "box")["spec"], "a dry run adds nothing")
        r = cloud.strata("--read-only", "debug", "box", "-n", k.ns, "--image=busybox", "--yes")
        equal(r.code, 4, "read-only: %r" % r)
        k.run("debug", "box", "--image=busybox", "-c", "theirs", "--target=c", "-q", "--attach=false")
        if cloud.mode == "live":             # KWOK has no kubelet: the request is made by hand, the answer is the server's
            spec = {"spec": {"ephemeralContainers": [{"name": "ours", "image": "busybox", "stdin": True, "tty": True, "terminationMessagePolicy": "File", "targetContainerName": "c"}]}}
            code, _, doc = cloud.raw("PATCH", "/api/v1/namespaces/%s/pods/box/ephemeralcontainers" % k.ns, "application/strategic-merge-patch+json", spec)
            equal((code, [c["name"] for c in doc["spec"]["ephemeralContainers"]]), (200, ["ours", "theirs"]), "added")
            return
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox", "--target=c", "--name=ours", "--yes")
        check(r.code == 0 and "container ours runs" in r.out, r)
        mine = {c["name"]: c for c in k.get("pod", "box")["spec"]["ephemeralContainers"]}
        equal(sorted(mine), ["ours", "theirs"], "both are there")
        equal((mine["ours"]["targetContainerName"], mine["ours"]["image"]), ("c", "busybox"), "as asked for")
        equal(cloud.strata("exec", "-n", k.ns, "box", "-c", "ours", "--", "echo", "there").out, "there\n", "it can be entered")
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox:no-such", "--yes", "-o", "json", "--dry-run")
        equal(r.code, 0, "no image is looked for in a dry run: %r" % r)
        r = cloud.strata("debug", "box", "-n", k.ns, "--image=busybox", "--name=ours", "--yes")
        check(r.code == 4 and "it has a container ours already" in r.err, r)
