"""kubectl's own words, command by command: kubectl/words.txt holds what it says and its exit status on a real server. Each section is a
story in a namespace of its own, told on the demo cloud and on real servers. `cases_words.py KUBECONFIG COMMANDS` writes such a file."""
import os
import re
import shutil
import subprocess
import sys
import time

from case import collector
from cloud import Skip, check

CASES = []
PARTS = 3
case = collector(CASES)
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kubectl")
SAME = [                                                        # what differs from run to run
    (r"\b[a-z0-9]{7,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "HASH"), (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b\d+(\.\d+){3}\b", "IP"), (r"\b\d+(\.\d+)?[smhd](\d+[smhd])*\b", "AGE"), (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ \+0000", "TIME"), (r'resourceVersion: "\d+"', "VERSION"), (r" +", " "), (r" +$", ""),
]


def run(ns, command, env):
    """Exit status, then what was said. NS in a command is the namespace, which is also the default of kubectl."""
    line = re.sub(r"\bkubectl\b", "kubectl -n " + ns, command).replace("/NS/", "/%s/" % ns)
    p = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120, cwd=HERE, env=dict(os.environ, **env))
    text = (p.stdout + p.stderr).replace(ns, "NS")
    for what, name in SAME:
        text = re.sub(what, name, text, flags=re.M)
    return ["exit %d" % p.returncode] + [x for x in text.splitlines() if x.strip()]


class Space:
    def __init__(self, env):
        if not shutil.which("kubectl"):
            raise Skip("kubectl is not installed")
        self.env, self.ns = env, "strata-words-%d-%d" % (os.getpid(), time.monotonic_ns() % 100000)

    def __enter__(self):
        subprocess.run(["kubectl", "create", "namespace", self.ns], env=dict(os.environ, **self.env), capture_output=True, check=True)
        for _ in range(100):
            if run(self.ns, "kubectl get serviceaccount default", self.env)[0] == "exit 0":
                break
        return self.ns

    def __exit__(self, *a):
        subprocess.run(["kubectl", "delete", "namespace", self.ns, "--wait=false"], env=dict(os.environ, **self.env), capture_output=True)


def sections(path):
    """[title, [[command, [expected line...]]...]]: '## title', '$ command', then what follows."""
    out = []
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines():
            if line.startswith("## "):
                out.append([line[3:], []])
            elif line.startswith("$ "):
                out[-1][1].append([line[2:], []])
            elif line:
                out[-1][1][-1][1].append(line)
    return out


@case("kubectl word by word: {0}", each=[(title, story) for title, story in sections(os.path.join(HERE, "words.txt"))])
def words(cloud, title, story):
    wrong = []
    with Space(cloud.env_extra) as ns:
        for command, want in story:
            got = run(ns, command, cloud.env_extra)
            if got != want:
                wrong.append("$ %s\nexpected:\n%s\ngot:\n%s" % (command, "\n".join(want), "\n".join(got)))
    check(not wrong, "%d of %d commands\n%s" % (len(wrong), len(story), "\n".join(wrong)))


def record(kubeconfig, commands):
    env, story = {"KUBECONFIG": kubeconfig}, []
    with open(commands, encoding="utf-8") as f:
        for line in f.read().splitlines():
            if line.startswith("## "):
                story.append([line, []])
            elif line:
                story[-1][1].append(line)
    for title, lines in story:
        print(title)
        with Space(env) as ns:
            for line in lines:
                print("$ " + line + "\n" + "\n".join(run(ns, line, env)), flush=True)


if __name__ == "__main__":
    record(*sys.argv[1:])
