"""Whole jobs against a provider that answers at once: time, memory."""

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from typing import NamedTuple

import inputs
import machine
from loops import run, walls
from table import in_turns, ratio, seconds

# An answer is as long as a request: about 220 MB for 50,000.
ANSWER_BYTES = 4200


def start_provider(bench):
    return machine.Provider(bench.build, bench.folder / "provider", file_bytes_max=10**12, rows_max=10**9,
                            answer_bytes=ANSWER_BYTES)


class Job(NamedTuple):
    wall: float  # seconds from the drop to the last delivery
    cpu: float  # seconds of the daemon, in it
    peak_mib: float  # the daemon's resident memory
    written: int  # bytes that the daemon wrote
    disk: int  # bytes on disk at the peak, of what the daemon has: input, work, answers


def on_disk(folder):
    """Bytes of the files below, each counted once under however many names."""
    sizes = {}
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(os.path.join(place, name))
                sizes[status.st_ino] = status.st_blocks * 512
            except FileNotFoundError:
                pass  # renamed meanwhile
    return sum(sizes.values())


@contextlib.contextmanager
def watched_disk(folder):
    """The largest on_disk() of the time within, in a list of one."""
    peak, over = [0], threading.Event()

    def watch():
        while not over.wait(0.02):
            peak[0] = max(peak[0], on_disk(folder))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def job(bench, provider, copies):
    """Runs the job of `copies` files, dropped at once."""
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider)
    daemon.start()
    try:
        before = daemon.cpu_seconds()
        with watched_disk(daemon.folder) as disk:
            begin = time.monotonic()
            for number, path in enumerate(copies, 1):
                daemon.drop(path, f"job-{number}")
            daemon.wait_for_jobs(len(copies))
            wall = time.monotonic() - begin
        return Job(wall, daemon.cpu_seconds() - before, daemon.peak_mib(), daemon.bytes_written(), disk[0])
    finally:
        daemon.stop()
        shutil.rmtree(daemon.folder)


def prepare_rival(bench):
    """The official client in a folder of its own; None where there is no Node.js."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    folder = bench.folder / "rival"
    shutil.copytree(bench.here / "rival", folder, dirs_exist_ok=True)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True)
    return folder


def rival_job(bench, provider, rival):
    environment = {**os.environ, "OPENAI_BASE_URL": provider.url, "OPENAI_API_KEY": machine.KEY,
                   "NODE_EXTRA_CA_CERTS": str(provider.ca)}
    begin = time.monotonic()
    answer = subprocess.run(["node", rival / "job.mjs", bench.requests, bench.folder / "answers"], env=environment, check=True,
                            stdout=subprocess.PIPE).stdout
    return time.monotonic() - begin, json.loads(answer)["peak_mib"]


def curl_both_ways(bench, provider):
    """Seconds of sending the requests and fetching as much again."""
    curl = provider.curl()
    sent = run(curl + ["-F", "purpose=batch", "-F", f"file=@{bench.requests}", provider.url + "/files"])
    newest = provider.call("GET", "/v1/files?limit=1")["data"][0]["id"]
    fetched = run(curl + ["-o", bench.folder / "fetched", f"{provider.url}/files/{newest}/content"])
    return sent[0] + fetched[0], sent[1] + fetched[1]


def curl_job(bench, provider):
    """Seconds that the job takes at least: sent, answered by the provider, fetched; unchecked, unsplit and unsorted."""
    begin = time.monotonic()
    body = machine.new_batch(provider.upload(bench.requests))
    made = provider.call("POST", "/v1/batches", body, {"Content-Type": "application/json"})
    while made["status"] != "completed":
        time.sleep(0.1)  # as often as the daemon asks
        made = provider.call("GET", "/v1/batches/" + made["id"])
    run(provider.curl() + ["-o", bench.folder / "fetched", f"{provider.url}/files/{made['output_file_id']}/content"])
    return time.monotonic() - begin


def measure(bench):
    table = bench.table
    rival = prepare_rival(bench)
    ours, curls, curl_times, bare, rivals = [], [], [], [], []
    for _ in range(bench.job_turns):
        provider = start_provider(bench)  # a new one each time: it keeps what it was sent
        try:
            contestants = [lambda: job(bench, provider, [bench.requests]), lambda: curl_both_ways(bench, provider),
                           lambda: curl_job(bench, provider)]
            if rival:
                contestants.append(lambda: rival_job(bench, provider, rival))
            results = in_turns(1, *contestants)
        finally:
            provider.stop()
        ours += results[0]
        curls += walls(results[1])
        curl_times += results[1]
        bare += results[2]
        if rival:
            rivals += results[3]
    times = [one.wall for one in ours]
    table.add("whole job", seconds(times), "≤ 2", "curl up + curl down " + seconds(curls), ratio(times, curls))
    table.add("whole job", seconds(times), "–", "curl up, provider's work, curl down " + seconds(bare), ratio(times, bare))
    if rival:
        table.add("whole job", seconds(times), "≤ 0.33", "Node client " + seconds([wall for wall, _ in rivals]),
                  ratio(times, [wall for wall, _ in rivals]))
    spent(bench, ours, [cpu for _, cpu in curl_times])
    memory(bench, max(one.peak_mib for one in ours), max((peak for _, peak in rivals), default=None))


def spent(bench, ours, curl_cpus):
    """What a job takes of the machine beside its answers."""
    answers = (bench.folder / "fetched").stat().st_size
    requests = bench.requests.stat().st_size
    bench.table.add("CPU of a whole job", seconds([one.cpu for one in ours]), "≤ 1.6",
                    "curl up + curl down " + seconds(curl_cpus), ratio([one.cpu for one in ours], curl_cpus))
    written = min(one.written for one in ours)
    bench.table.add("bytes written for a job", f"{written / 1e6:.0f} MB", "≤ 2.05", f"its answers {answers / 1e6:.0f} MB",
                    f"{written / answers:.2f}")
    disk = max(one.disk for one in ours)
    bench.table.add("disk used at the peak", f"{disk / 1e6:.0f} MB", "≤ 2",
                    f"input + answers {(requests + answers) / 1e6:.0f} MB", f"{disk / (requests + answers):.2f}")


def memory(bench, of_one_job, of_rival):
    table = bench.table
    table.add("peak memory, 227 MB job", f"{of_one_job:.0f} MiB", "≤ 24 MiB",
              f"Node client {of_rival:.0f} MiB" if of_rival else "–")
    provider = start_provider(bench)
    try:
        peak = job(bench, provider, [bench.requests] * 4).peak_mib
        table.add("peak memory, four of them at once", f"{peak:.0f} MiB", "≤ 36 MiB")
        for gigabytes in bench.large_jobs:
            path = bench.folder / "large.jsonl"
            inputs.write_requests(path, 250_000 * gigabytes, 4000)
            peak = job(bench, provider, [path]).peak_mib
            table.add(f"peak memory, {gigabytes} GB job", f"{peak:.0f} MiB", "≤ 32 MiB")
            path.unlink()
    finally:
        provider.stop()
