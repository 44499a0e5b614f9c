#!/usr/bin/env python3
"""Measures batchd beside its rivals, in alternating turns, and prints a table. Never a pass or fail: it says what is.

    tests/bench/run.sh [--quick] [--only transfers]

Times are the least of several turns (the one that was disturbed least) and their median; memory is the kernel's own
figure for the daemon.
"""

import argparse
import datetime
import os
import pathlib
import platform
import tempfile

import direct
import inputs
import jobs
import loops
import page
import queues
import scale
import transfers
from table import Table

PARTS = {"loops": loops.measure, "transfers": transfers.measure, "jobs": jobs.measure, "scale": scale.measure,
         "latency": scale.latency, "polling": scale.polling, "waiting": scale.waiting,
         "queues": queues.measure, "files": queues.many_files, "syncs": queues.syncs, "idle": queues.idle,
         "direct": direct.measure, "pace": direct.pace, "page": page.measure, "upload": page.upload, "beside": page.beside_daemon}
WHOLE = ["loops", "transfers", "jobs", "scale", "queues", "page"]


class Bench:
    """Where things are, how much of everything there is, and the table."""

    def __init__(self, options, folder):
        self.here = pathlib.Path(__file__).resolve().parent
        self.build = options.build.resolve()
        self.folder = folder
        self.table = Table()
        self.quick = quick = options.quick
        self.turns = 3 if quick else 9
        self.job_turns = 1 if quick else 3
        self.large_jobs = [1] if quick else [1, 2]
        self.in_flight = 2_000 if quick else 10_000
        self.ended_jobs = 20_000 if quick else 100_000
        self.files = 2_000 if quick else 100_000
        self.drops = 20 if quick else 100
        self.requests = folder / "requests.jsonl"
        inputs.write_requests(self.requests, 50_000, 4540)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a release build with tests")
    parser.add_argument("--quick", action="store_true", help="fewer turns and smaller numbers: a look, not a measurement")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given several times")
    parser.add_argument("--folder", type=pathlib.Path, help="where to work (a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batchd-bench-", dir=options.folder) as name:
        bench = Bench(options, pathlib.Path(name))
        for part in options.only or WHOLE:
            PARTS[part](bench)
    print(f"\n{datetime.date.today()}, {os.cpu_count()} cores, {processor()}, Linux {platform.release()}\n")
    bench.table.show()


if __name__ == "__main__":
    main()
