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
# A case that fails beside the others runs once more, alone, at the end: so many at most, and each is named. What is broken
# fails twice; more than a few at once are no accident.
AGAIN_MAX = 6
GROUPS_AT_ONCE = threading.BoundedSemaphore(8)       # each is a demo cloud and clients in Python: more only wait for each other


def run_case(cloud, c, state, second=False):
    why = ""
    try:
        c.run(cloud)
        line = "- %s" % c.title
        ok = True
    except Skip as skip:
        line, ok = "- %s # SKIP %s" % (c.title, skip), True
    except Exception as e:                                      # a broken case is a failed case, the rest goes on
        text = str(e) if isinstance(e, AssertionError) else traceback.format_exc()
        why = "\n".join("# " + x for x in text.splitlines()[-12:])[:2500]
        line, ok = "- %s\n%s" % (c.title, why), False
    finally:
        if cloud.sim:
            cloud.sim.clear()
    if second and ok:
        line += " # the second time"
    with LOCK:
        if not ok and not second:
            state["late"].append((c, why))
            return
        state["n"] += 1
        state["failed"] += not ok
        print("%s %d %s" % ("ok" if ok else "not ok", state["n"], line), flush=True)


def run_late(mode, state):
    late, state["late"] = state["late"], []
    for c, why in late:
        if len(late) > AGAIN_MAX:
            state["n"] += 1
            state["failed"] += 1
            print("not ok %d - %s\n%s" % (state["n"], c.title, why), flush=True)
            continue
        print("# runs again, alone: %s\n%s" % (c.title, why), flush=True)
        run_group(mode, [c], state, second=True)


def run_group(mode, cases, state, second=False):
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
            run_case(cloud, c, state, second)
    finally:
        cloud.stop()


def run_in_turn(mode, cases, state):
    with GROUPS_AT_ONCE:
        run_group(mode, cases, state)


def main():
    mode, words = sys.argv[1], sys.argv[2:]
    chosen = lambda cases: [c for c in cases if mode in c.modes and (not words or any(w in c.title for w in words))]
    files = sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases_*.py")))
    modules = [importlib.import_module(os.path.basename(f)[:-3]) for f in files]
    parts = lambda m: getattr(m, "PARTS", 1)
    groups = [chosen(m.CASES)[i::parts(m)] for m in modules for i in range(parts(m))]
    state = {"n": 0, "failed": 0, "late": []}
    print("1..%d" % sum(len(g) for g in groups), flush=True)
    if mode == "live":                                          # one real cloud: one after the other
        run_group(mode, [c for g in groups for c in g], state)
    else:
        threads = [threading.Thread(target=run_in_turn, args=(mode, g, state)) for g in groups]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    run_late(mode, state)
    return 1 if state["failed"] else 0


sys.exit(main())
