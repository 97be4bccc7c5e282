"""Runs the contract cases and prints TAP. Cases are functions in cases_*.py, each with the modes it is for."""
import sys
import traceback

import cases_kube
import cases_openstack
import cases_sim
from cloud import Cloud, Skip


def main():
    mode, words = sys.argv[1], sys.argv[2:]
    cases = [c for m in (cases_kube, cases_openstack, cases_sim) for c in m.CASES if mode in c.modes]
    cases = [c for c in cases if not words or any(w in c.title for w in words)]
    cloud = Cloud(mode)
    failed = 0
    print("1..%d" % len(cases))
    try:
        for n, c in enumerate(cases, 1):
            try:
                c.run(cloud)
                print("ok %d - %s" % (n, c.title))
            except Skip as why:
                print("ok %d - %s # SKIP %s" % (n, c.title, why))
            except Exception as e:                              # a broken case is a failed case, the rest goes on
                failed += 1
                print("not ok %d - %s" % (n, c.title))
                text = str(e) if isinstance(e, AssertionError) else traceback.format_exc()
                print("\n".join("# " + line for line in text.splitlines()[-12:])[:2500])
            finally:
                if cloud.sim:
                    cloud.sim.clear()
            sys.stdout.flush()
    finally:
        cloud.stop()
    return 1 if failed else 0


sys.exit(main())
