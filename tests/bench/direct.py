"""Requests that are sent one by one: beside scripts that do the same, to a server that answers at once; the memory of the
daemon with them; and how it finds out what a server takes."""

import contextlib
import json
import subprocess
import time
import urllib.request
import venv

import inputs
import machine
from loops import cpus, run, walls
from table import in_turns, ratio, seconds

REQUESTS, IN_FLIGHT = 20_000, 64
OFFICIAL_REQUESTS = 4_000  # of the slow one; both are compared by what one request takes
TAKES_MS, CAPACITY = 100, 32


@contextlib.contextmanager
def server(bench, *arguments):
    """The address of one that answers at once, or as its arguments say."""
    command = [bench.build / "tests/bench/batchd-instant-server", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


def python_with(bench, package):
    """Of the version that is the newest now: what people would have."""
    folder = bench.folder / package
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "--quiet", "install", package], check=True)
    return folder / "bin/python"


def sender(bench, origin, requests, in_flight):
    """The command of ours that sends so many, in a new journal."""
    into = bench.folder / "direct"
    into.mkdir(exist_ok=True)
    for old in into.iterdir():
        old.unlink()
    return [bench.build / "tests/bench/batchd-direct", origin + "/v1", str(requests), str(in_flight), into]


def rivals(bench):
    with server(bench) as origin:
        def script(package, requests):
            python = python_with(bench, package)
            command = [python, bench.here / f"rival/direct_{package}.py", origin + "/v1", str(requests), str(IN_FLIGHT),
                       bench.folder]
            return lambda: run(command)

        official = script("openai", OFFICIAL_REQUESTS)
        mine, best = in_turns(bench.turns, lambda: run(sender(bench, origin, REQUESTS, IN_FLIGHT)),
                              script("aiohttp", REQUESTS))
        [usual] = in_turns(bench.job_turns, official)
    scale = REQUESTS / OFFICIAL_REQUESTS
    usual = [(wall * scale, cpu * scale) for wall, cpu in usual]
    what = f"{REQUESTS:,} requests one by one, {IN_FLIGHT} in flight"
    for name, theirs, wall_goal, cpu_goal in (("aiohttp", best, "≤ 0.67", "≤ 0.5"),
                                              ("AsyncOpenAI", usual, "≤ 0.05", "≤ 0.05")):
        bench.table.add(what, seconds(walls(mine)), wall_goal, f"{name} {seconds(walls(theirs))}",
                        ratio(walls(mine), walls(theirs)))
        bench.table.add("the same: CPU of the client", seconds(cpus(mine)), cpu_goal, f"{name} {seconds(cpus(theirs))}",
                        ratio(cpus(mine), cpus(theirs)))


def memory(bench):
    for requests, in_flight, goal in ((20_000, 64, "≤ 24 MiB"), (100_000, 256, "≤ 48 MiB")):
        with server(bench) as origin:
            daemon = machine.Daemon(bench.build, bench.folder / "daemon", machine.NoProvider, "1h", f"""
[provider.gpu]
kind = "direct"
base_url = "{origin}/v1"
api_key = "none"
max_in_flight = {in_flight}
[queue.gpu]
provider = "gpu"
""")
            path = bench.folder / "small.jsonl"
            inputs.write_requests(path, requests, 300)
            daemon.start()
            try:
                begin = time.monotonic()
                daemon.drop(path, "job", "gpu")
                daemon.wait_for_jobs(1)
                wall = time.monotonic() - begin
                bench.table.add(f"peak memory, {requests:,} requests one by one, {in_flight} in flight",
                                f"{daemon.peak_mib():.0f} MiB, drop to folder {wall:.1f} s", goal)
            finally:
                daemon.stop()
                path.unlink()


def counts(origin, path="/counts", method="GET"):
    with urllib.request.urlopen(urllib.request.Request(origin + path, method=method)) as answer:
        return json.loads(answer.read())


def limited(bench):
    """A server that takes 16 at once: found, with a ceiling of 64, beside being told."""
    requests = 1_600 if bench.quick else 8_000
    times, refused = {}, {}
    for in_flight in (16, 64):
        with server(bench, TAKES_MS, 16) as origin:
            times[in_flight], _ = run(sender(bench, origin, requests, in_flight))
            refused[in_flight] = counts(origin)["refused"]
    bench.table.add("a server that takes 16 at once, ceiling 64",
                    f"{requests / times[64]:.0f} a second, {100 * refused[64] / (requests + refused[64]):.1f} % refused",
                    "≥ 0.9, ≤ 2 %", f"a fixed 16: {requests / times[16]:.0f}", f"{times[16] / times[64]:.2f}")


def round_trips_to(answered, begin, capacity):
    """After how many round trips it had 90 % of what the server takes, and kept it for the next ten."""
    for first in range(begin, len(answered) - 10):
        if sum(answered[first:first + 10]) >= 0.9 * 10 * capacity:
            return first - begin
    raise RuntimeError("it has not come back to what the server takes")


def changing(bench):
    """A server that takes half as many from one moment on, and then twice as many again."""
    rounds = 40 if bench.quick else 80
    phases = [CAPACITY, CAPACITY // 2, CAPACITY]
    with server(bench, TAKES_MS, CAPACITY) as origin:
        process = subprocess.Popen(sender(bench, origin, rounds * (sum(phases) + CAPACITY), 2 * CAPACITY),
                                   stdout=subprocess.DEVNULL)
        begins = []
        for capacity in phases:
            counted = counts(origin, f"/at-once/{capacity}", "POST")
            begins.append(len(counted["answered"]))
            time.sleep(rounds * TAKES_MS / 1000)
        answered = counts(origin)["answered"]
        process.terminate()
        process.wait()
    took = [round_trips_to(answered[:end], begin, capacity)
            for begin, end, capacity in zip(begins, begins[1:] + [len(answered)], phases)]
    bench.table.add("the server's capacity halves, then doubles: back at 90 %",
                    f"after {took[1]} and {took[2]} round trips (from the start: {took[0]})", "≤ 20 each")


def pace(bench):
    limited(bench)
    changing(bench)


def measure(bench):
    rivals(bench)
    memory(bench)
    pace(bench)
