"""What happens on one machine: reading, splitting, matching, joining."""

import json
import os
import resource
import subprocess
import time

from table import in_turns, rate, ratio, seconds


def run(command, **options):
    """Wall and CPU seconds of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loop(bench, name):
    """Wall and CPU seconds of one round of a loop of batchd-loops."""
    environment = {**os.environ, "BATCHD_BENCH_INPUT": str(bench.requests)}
    answer = subprocess.run(
        [bench.build / "tests/bench/batchd-loops", f"--benchmark_filter=^{name}(/|$)", "--benchmark_format=json"],
        env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    figures = json.loads(answer)["benchmarks"][0]
    return figures["real_time"] / 1000, figures["cpu_time"] / 1000


def walls(times):
    return [wall for wall, _ in times]


def cpus(times):
    return [cpu for _, cpu in times]


def measure(bench):
    table, size = bench.table, bench.requests.stat().st_size
    copy = bench.folder / "copy"

    def copy_and_hash():
        return run(["sh", "-c", 'cp "$0" "$1" && sha256sum "$1"', bench.requests, copy])

    [check] = in_turns(bench.turns, lambda: run([bench.build / "daemon/batchd", "check", bench.requests]))
    table.add("`batchd check`", rate(size, cpus(check)) + " a core", "≥ 1.5 GB/s")
    plan, rival = in_turns(bench.turns, lambda: loop(bench, "plan"), copy_and_hash)
    table.add("plan: check, ids, split, write, hash", f"{rate(size, walls(plan))} with its syncs, {rate(size, cpus(plan))} of CPU",
              "≥ 0.7 GB/s", f"`cp` + `sha256sum` {rate(size, walls(rival))}", ratio(walls(plan), walls(rival)))
    match, merge = in_turns(bench.turns, lambda: loop(bench, "match"), lambda: loop(bench, "merge"))
    both = [a + b for a, b in zip(cpus(match), cpus(merge))]
    table.add("match and join shuffled answers", f"{seconds(both)} of CPU", "≤ 0.6 s")
    copy.unlink()
