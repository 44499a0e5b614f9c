"""Requests that are sent one by one, beside an aiohttp script with workers, to a server that answers at once."""

import subprocess
import venv

from loops import cpus, run, walls
from table import in_turns, ratio, seconds

REQUESTS, IN_FLIGHT = 20_000, 64


def measure(bench):
    folder = bench.build / "tests/bench"
    server = subprocess.Popen([folder / "batchd-instant-server"], stdout=subprocess.PIPE, text=True)
    try:
        send(bench, folder / "batchd-direct", f"http://127.0.0.1:{server.stdout.readline().strip()}/v1")
    finally:
        server.kill()


def python_with_aiohttp(bench):
    """Of the version that is the newest now: what people would have."""
    folder = bench.folder / "aiohttp"
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "--quiet", "install", "aiohttp"], check=True)
    return folder / "bin/python"


def send(bench, direct, url):
    into = bench.folder / "direct"
    into.mkdir(exist_ok=True)

    def ours():
        for old in into.iterdir():
            old.unlink()
        return run([direct, url, str(REQUESTS), str(IN_FLIGHT), into])

    python = python_with_aiohttp(bench)
    script = bench.here / "rival/direct_aiohttp.py"
    mine, rival = in_turns(
        bench.turns, ours, lambda: run([python, script, url, str(REQUESTS), str(IN_FLIGHT), bench.folder]))
    bench.table.add("20,000 requests one by one, 64 in flight", seconds(walls(mine)), "≤ 0.67",
                    "aiohttp " + seconds(walls(rival)), ratio(walls(mine), walls(rival)))
    bench.table.add("the same: CPU of the client", seconds(cpus(mine)), "≤ 0.5", "aiohttp " + seconds(cpus(rival)),
                    ratio(cpus(mine), cpus(rival)))
