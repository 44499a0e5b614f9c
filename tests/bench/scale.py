"""Many of everything: batches in flight, years of jobs; and one file alone."""

import http.client
import json
import sqlite3
import ssl
import time

import inputs
import machine
from table import milliseconds

FOR_EVER = 10**6  # seconds


def create_batches(bench, provider, count):
    """`count` batches of one request that run for ever; their ids, the oldest first."""
    file_id = provider.upload(inputs.one_small_file(bench))
    port = int(provider.url.split(":")[2].split("/")[0])
    connection = http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context(cafile=provider.ca))
    headers = {"Authorization": "Bearer " + machine.KEY, "Content-Type": "application/json"}
    body = machine.new_batch(file_id)
    ids = []
    for _ in range(count):
        connection.request("POST", "/v1/batches", body, headers)
        ids.append(json.loads(connection.getresponse().read())["id"])
    return ids


def with_state(bench, provider, ended, in_flight, poll):
    """A daemon, not started, whose database has `ended` jobs and the batches `in_flight`."""
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider, poll)
    daemon.start()  # makes the database
    daemon.stop()
    inputs.add_ended_jobs(daemon.database, ended)
    inputs.add_batches_in_flight(daemon.database, in_flight)
    return daemon


def polled(daemon):
    """How many batches have been seen at the provider."""
    return daemon.ask("SELECT count(*) FROM batches WHERE phase = 'watching' AND polled_at IS NOT NULL") or 0


def batch_requests(provider):
    """How often the provider was asked for batches."""
    requests = provider.call("GET", "/admin/report?rows=0")["requests"]
    return sum(count for route, count in requests.items() if route.startswith("GET /v1/batches"))


def wait_until_quiet(daemon):
    """Until nothing has woken the daemon for longer than it gathers what it records later."""
    def quiet():
        before = daemon.wake_ups()
        time.sleep(6)
        return daemon.wake_ups() == before
    machine.wait_for(quiet, 120)


def polling(bench):
    count = bench.in_flight
    provider = machine.Provider(bench.build, bench.folder / "provider", in_progress=FOR_EVER)
    daemon = None
    try:
        ids = create_batches(bench, provider, count)
        daemon = with_state(bench, provider, 0, ids, "1h")
        requests = batch_requests(provider)
        daemon.start()
        machine.wait_for(lambda: polled(daemon) == count, 120)
        wait_until_quiet(daemon)
        requests = batch_requests(provider) - requests
        bench.table.add(f"{count:,} batches in flight, a start and one poll",
                        f"{requests} requests, {daemon.cpu_seconds():.2f} s of CPU, peak {daemon.peak_mib():.0f} MiB",
                        "≈ 100 requests, < 1 s, ≤ 48 MiB", f"one by one: {count:,} requests")
    finally:
        if daemon:
            daemon.stop()
        provider.stop()


def waiting(bench):
    """Years of jobs in the database, a thousand batches in flight: how long a start takes, and what waiting costs."""
    provider = machine.Provider(bench.build, bench.folder / "provider", in_progress=FOR_EVER)
    daemon = None
    try:
        ids = create_batches(bench, provider, 1000)
        daemon = with_state(bench, provider, 0, ids, "1h")
        daemon.start()
        machine.wait_for(lambda: polled(daemon) == 1000, 60)
        wait_until_quiet(daemon)
        before, cpu = daemon.wake_ups(), daemon.cpu_seconds()
        time.sleep(10)
        bench.table.add("idle for 10 s, 1,000 batches in flight",
                        f"{daemon.wake_ups() - before} wake-ups, {daemon.cpu_seconds() - cpu:.2f} s of CPU, "
                        f"{daemon.resident_mib():.0f} MiB", "0 wake-ups, ≤ 16 MiB", "Python script 31 MiB")
        daemon.stop()

        daemon = with_state(bench, provider, bench.ended_jobs, ids, "1h")
        starts = []
        for _ in range(bench.turns):
            starts.append(daemon.start())
            machine.wait_for(lambda: polled(daemon) == 1000, 60)
            daemon.stop()
        size = daemon.database.stat().st_size / 1e6
        bench.table.add(f"start with {bench.ended_jobs:,} ended jobs ({size:.0f} MB) and 1,000 in flight, to READY",
                        milliseconds(starts), "< 300 ms")
    finally:
        if daemon:
            daemon.stop()
        provider.stop()


def drop_times(daemon, path, count):
    """One small file after the other: seconds from the rename into the inbox until the batch's id is on record."""
    machine.wait_for(lambda: daemon.ask("SELECT 1 FROM events WHERE kind = 'started'"))
    state = sqlite3.connect(f"file:{daemon.database}?mode=ro", uri=True)
    submitted = "SELECT count(*) FROM batches WHERE batch_id IS NOT NULL"
    before = state.execute(submitted).fetchone()[0]
    times = []
    for number in range(before + 1, before + count + 1):
        begin = time.monotonic()
        daemon.drop(path, f"small-{number}")
        while state.execute(submitted).fetchone()[0] < number:
            time.sleep(0.0002)
        times.append(time.monotonic() - begin)
        time.sleep(0.02)
    state.close()
    return times


def latency(bench):
    provider = machine.Provider(bench.build, bench.folder / "provider", in_progress=FOR_EVER)
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider, "1h")
    daemon.start()
    try:
        times = drop_times(daemon, inputs.one_small_file(bench), bench.drops)
        bench.table.add("drop → batch id on record", milliseconds(times), "median ≤ 12 ms")
    finally:
        daemon.stop()
        provider.stop()


def measure(bench):
    latency(bench)
    polling(bench)
    waiting(bench)
