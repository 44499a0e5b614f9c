"""Whole jobs against a provider that answers at once: time, memory."""

import json
import os
import shutil
import subprocess
import time

import inputs
import machine
from loops import run, walls
from table import in_turns, ratio, seconds

# An answer is as long as a request: about 220 MB for 50,000.
ANSWER_BYTES = 4200


def start_provider(bench):
    return machine.Provider(bench.build, bench.folder / "provider", file_bytes_max=10**12, rows_max=10**9,
                            answer_bytes=ANSWER_BYTES)


def job(bench, provider, copies):
    """Runs the job of `copies` files, dropped at once. Wall seconds from the drop to the last delivery, and the daemon's
    peak of resident memory in MiB."""
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider)
    daemon.start()
    try:
        begin = time.monotonic()
        for number, path in enumerate(copies, 1):
            daemon.drop(path, f"job-{number}")
        daemon.wait_for_jobs(len(copies))
        return time.monotonic() - begin, daemon.peak_mib()
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
    ours, curls, bare, rivals = [], [], [], []
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
        bare += results[2]
        if rival:
            rivals += results[3]
    times = [wall for wall, _ in ours]
    table.add("whole job", seconds(times), "≤ 2", "curl up + curl down " + seconds(curls), ratio(times, curls))
    table.add("whole job", seconds(times), "–", "curl up, provider's work, curl down " + seconds(bare), ratio(times, bare))
    if rival:
        table.add("whole job", seconds(times), "≤ 0.33", "Node client " + seconds([wall for wall, _ in rivals]),
                  ratio(times, [wall for wall, _ in rivals]))
    memory(bench, max(peak for _, peak in ours), max((peak for _, peak in rivals), default=None))


def memory(bench, of_one_job, of_rival):
    table = bench.table
    table.add("peak memory, 227 MB job", f"{of_one_job:.0f} MiB", "≤ 32 MiB",
              f"Node client {of_rival:.0f} MiB" if of_rival else "–")
    provider = start_provider(bench)
    try:
        _, peak = job(bench, provider, [bench.requests] * 4)
        table.add("peak memory, four of them at once", f"{peak:.0f} MiB", "≤ 48 MiB")
        for gigabytes in bench.large_jobs:
            path = bench.folder / "large.jsonl"
            inputs.write_requests(path, 250_000 * gigabytes, 4000)
            _, peak = job(bench, provider, [path])
            table.add(f"peak memory, {gigabytes} GB job", f"{peak:.0f} MiB", "≤ 40 MiB")
            path.unlink()
    finally:
        provider.stop()
