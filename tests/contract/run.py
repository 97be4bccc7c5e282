"""Runs the contract cases and prints TAP. Cases are functions in cases_*.py, each with the modes it is for;
a file whose cases are slow says with PARTS in how many parts they run, each on a demo cloud of its own."""
import glob
import importlib
import os
import sys
import threading
import traceback

from cloud import Cloud, Skip

LOCK = threading.Lock()


def run_case(cloud, c, state):
    try:
        c.run(cloud)
        line = "- %s" % c.title
        ok = True
    except Skip as why:
        line, ok = "- %s # SKIP %s" % (c.title, why), True
    except Exception as e:                                      # a broken case is a failed case, the rest goes on
        text = str(e) if isinstance(e, AssertionError) else traceback.format_exc()
        line, ok = "- %s\n%s" % (c.title, "\n".join("# " + x for x in text.splitlines()[-12:])[:2500]), False
    finally:
        if cloud.sim:
            cloud.sim.clear()
    with LOCK:
        state["n"] += 1
        state["failed"] += not ok
        print("%s %d %s" % ("ok" if ok else "not ok", state["n"], line), flush=True)


def run_group(mode, cases, state):
    if not cases:
        return
    try:
        cloud = Cloud(mode)
    except Exception:
        with LOCK:
            state["failed"] += 1
            print("not ok - the servers of the cases\n# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
        return
    try:
        for c in cases:
            run_case(cloud, c, state)
    finally:
        cloud.stop()


def main():
    mode, words = sys.argv[1], sys.argv[2:]
    chosen = lambda cases: [c for c in cases if mode in c.modes and (not words or any(w in c.title for w in words))]
    files = sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases_*.py")))
    modules = [importlib.import_module(os.path.basename(f)[:-3]) for f in files]
    parts = lambda m: getattr(m, "PARTS", 1)
    groups = [chosen(m.CASES)[i::parts(m)] for m in modules for i in range(parts(m))]
    state = {"n": 0, "failed": 0}
    print("1..%d" % sum(len(g) for g in groups), flush=True)
    if mode == "live":                                          # one real cloud: one after the other
        run_group(mode, [c for g in groups for c in g], state)
    else:
        threads = [threading.Thread(target=run_group, args=(mode, g, state)) for g in groups]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return 1 if state["failed"] else 0


sys.exit(main())
