"""Files to and from containers: what kubectl cp brings and takes, and what it does not do: nothing is written over, all is counted."""
import filecmp
import os
import subprocess

from case import collector
from cases_exec import pod, running
from cases_life import Kube
from cases_ops import journal
from cloud import check, equal

CASES = []
case = collector(CASES)


def tree(top):
    """Every file, folder and link below it, with what is in it."""
    found = {}
    for folder, names, files in os.walk(top):
        for name in names + files:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                found[os.path.relpath(path, top)] = "-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as f:
                    found[os.path.relpath(path, top)] = f.read()
            else:
                found[os.path.relpath(path, top)] = None
    return found


@case("cp: a folder and a big file there and back, as kubectl has them; nothing is written over; refused, missing, no tar: said; the journal has it")
def cp_both_ways(cloud):
    with Kube(cloud) as kube:
        kube.apply(pod("box"))
        running(kube, "box")
        here = cloud.home + "/cp"
        os.makedirs(here + "/src/deep/er")
        big = os.urandom(4 << 20) + b"\0\r\n\xff" * 1000
        for name, data in (("big", big), ("empty", b""), ("deep/er/a b", b"x"), ("deep/-dash", b"y"), ("n" * 150, b"long")):
            with open(here + "/src/" + name, "wb") as f:
                f.write(data)
        os.symlink("../big", here + "/src/deep/in")
        os.symlink("/etc/passwd", here + "/src/out")
        there = "/tmp/strata-cp-%s" % kube.ns          # KWOK runs the host's programs

        def cp(*args, code=0, says=None, options=()):
            r = cloud.strata(*options, "cp", "-n", kube.ns, *args)
            equal(r.code, code, "cp %s: %r" % (args, r))
            if says:
                check(says in r.out + r.err, "%s: %r" % (says, r))
            return r

        def kubectl_cp(*args):
            subprocess.run(["kubectl", "-n", kube.ns, "cp", "-c", "second", *args], check=True, capture_output=True, timeout=120, env=cloud.environ())
        try:
            cp(here + "/src", "box:" + there, says="5 files, 3 folders, 2 links, %d bytes" % (len(big) + 6))
            cp(here + "/src", "box:%s/again/" % there, code=3, says="is no folder there")
            cp(here + "/src/big", "box:" + there, code=4, says="big is there already: --force writes over it")
            cp(here + "/src/big", "box:" + there, "--force", says="1 file, %d bytes" % len(big))
            # back: links that stay are kept, one that leads out is not, and it says so
            r = cp("%s/box:%s" % (kube.ns, there), here + "/back", code=1, says="left out back/out: the link leads out of the folder")
            check("5 files" in r.out, "what came is told: %r" % r)
            want = tree(here + "/src")
            want.pop("out")
            equal(tree(here + "/back"), want, "every byte")
            cp("box:" + there, here + "/back", code=1, says="-> %s/back: 5 files" % here)      # into the folder, under its name
            equal(tree(here + "/back/" + os.path.basename(there)), want, "again, into the folder")
            cp("box:%s/big" % there, here + "/back", code=4, says="is there already: --force writes over it")
            cp("box:%s/nothing" % there, here + "/x", code=3, says="No such file")
            check(not os.path.exists(here + "/x"), "nothing came, nothing is there")
            # kubectl reads what we wrote, we read what it wrote
            kubectl_cp("box:%s/big" % there, here + "/theirs")
            check(filecmp.cmp(here + "/theirs", here + "/src/big", shallow=False), "kubectl has the same")
            if cloud.mode == "sim":                        # KWOK never tells kubectl that tar has ended
                kubectl_cp(here + "/theirs", "box:%s/by-kubectl" % there)
            cp("box:%s/%s" % (there, "by-kubectl" if cloud.mode == "sim" else "big"), here + "/ours")
            check(filecmp.cmp(here + "/theirs", here + "/ours", shallow=False), "of kubectl the same")
            # the guard
            cp(here + "/ours", "box:%s/no" % there, code=4, says="read-only", options=("--read-only",))
            cp("box:%s/big" % there, here + "/read-only", options=("--read-only",))
            cp("box:/a", "box:/b", code=2, says="from pod to pod")
            cp("./a", "/b:c", code=2, says="one of the two must be in a pod")
            lines = [line for line in journal(cloud, kube.ns) if line.get("verb") in ("upload", "download")]
            intents = [line for line in lines if line["event"] == "intent"]
            equal(len(intents) * 2, len(lines), "each line has its outcome")
            check(any(line["command"].startswith("tar xmvf - -C /tmp (from %s/src" % here) for line in intents), "what was run: %r" % intents)
            sent = max(line.get("bytes_sent", 0) for line in lines)
            got = max(line.get("bytes_received", 0) for line in lines)
            check(sent > len(big) and got > len(big), "how much: %r" % lines)
            if cloud.mode == "sim":
                kube.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": {"containers": [
                    {"name": "c", "image": "registry.example.org/distroless:1"}], "terminationGracePeriodSeconds": 0}})
                running(kube, "bare")
                cp("bare:/etc/hosts", here + "/h", code=1, says="pod bare has no tar in its default container, and cp needs it there")
        finally:
            cloud.strata("exec", "-n", kube.ns, "box", "--", "rm", "-rf", there)
