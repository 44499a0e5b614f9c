"""drive.py BATCHD BATCHD-SIM SERVERS-FOLDER NAME… [SCENARIO…]: the daemon against servers installed in SERVERS-FOLDER/NAME.

A scenario fails where an answer is lost or wrong, where the same request is answered twice, or where a job does not end.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import Bench, ended
from daemon import wait_until
from scenarios import SCENARIOS, fits, server_killed
from servers import RECIPES


def judge(bench, jobs, ends):
    """What is wrong, a sentence each; `ends` are the states in which a job may have ended."""
    wrong = []
    for name, rows in jobs.items():
        state = bench.daemon.states().get(name, "unknown")
        expected = [f"{name}-{row}" for row in range(rows)]
        if state == "done" and bench.daemon.answered(name) != expected:
            wrong.append(f"{name} is done with {len(bench.daemon.answered(name))} answers of {rows}")
        if state.split(" ")[0] not in ends:
            wrong.append(f"{name} is {state}")
    if twice := bench.twice():
        wrong.append(twice)
    return wrong


def report(bench, wrong):
    print(f"    jobs: {bench.daemon.states()}")
    print(f"    batches made: {len(bench.proxy.created)}; answers lost: {bench.proxy.lost}")
    for key, times in sorted(bench.proxy.answers.items()):
        print(f"    {key[0]:6} {key[1]} -> {key[2]}, {times} times")
    for line in dict.fromkeys(bench.daemon.warnings()):
        print(f"    log: {line[:300]}")
    for sentence in wrong:
        print(f"    WRONG: {sentence}")


def run(recipe, scenario, tools, folder):
    start = time.monotonic()
    bench = Bench(recipe, tools, folder)
    try:
        jobs = scenario(bench)
        wait_until("the end of the jobs", lambda: ended(bench, jobs))
        never_ends = scenario is server_killed and recipe.after_death != "goes on"
        wrong = judge(bench, jobs, ("done", "cancelled", "failed") if never_ends else ("done",))
        print(f"{recipe.name}: {scenario.__name__}: {'FAILED' if wrong else 'passed'} in {time.monotonic() - start:.0f} s")
        report(bench, wrong)
        sys.stdout.flush()
    finally:
        bench.close()
    return not wrong


def main():
    batchd, sim, servers, *names = sys.argv[1:]
    scenarios = {scenario.__name__ for scenario in SCENARIOS}
    unknown = [name for name in names if name not in RECIPES and name not in scenarios]
    if unknown or not any(name in RECIPES for name in names):
        sys.exit(f"no server or scenario {unknown}; there are {', '.join(RECIPES)} and {', '.join(sorted(scenarios))}")
    only = [scenario for scenario in SCENARIOS if scenario.__name__ in names] or SCENARIOS
    tools = {"batchd": batchd, "sim": sim, "servers": Path(servers)}
    passed = failed = 0
    for name in (name for name in names if name in RECIPES):
        for scenario in only:
            if not fits(scenario, RECIPES[name]):
                continue
            folder = Path(tempfile.mkdtemp(prefix="batchd-servers."))
            good = run(RECIPES[name], scenario, tools, folder)
            passed, failed = passed + good, failed + (not good)
            if good:
                shutil.rmtree(folder)
            else:
                print(f"    what it left is in {folder}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
