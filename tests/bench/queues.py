"""Queues: many small files that share their batches, what these wait for, and folders in which nothing happens."""

import collections
import pathlib
import re
import signal
import subprocess
import time

import inputs
import machine
import scale

QUEUES = 1_000
IDLE_SECONDS = 30


def many_files(bench):
    """All are there when the daemon starts. The provider answers at once, so that all of the time is work."""
    count = bench.files
    provider = machine.Provider(bench.build, bench.folder / "provider")
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider, extra="[queue.small]\n")
    queue = daemon.inbox / "small"
    queue.mkdir()
    try:
        inputs.write_small_files(queue, count)
        begin = time.monotonic()
        daemon.start()
        machine.wait_for(lambda: daemon.ask("SELECT 1 FROM batches WHERE batch_id IS NOT NULL"), 60)
        first = time.monotonic() - begin
        daemon.wait_for_jobs(count, 3600)
        seconds = time.monotonic() - begin
        batches = daemon.ask("SELECT count(*) FROM batches")
        # It works beside the daemon, on the other core: what it takes of the processor is what it holds up at most.
        beyond = seconds - provider.cpu_seconds()
        add = bench.table.add
        add(f"{count:,} files of one request, dropped at once into a queue", f"{batches} batches", "≤ 20")
        add("their first batch", f"created after {first:.2f} s", "≤ 0.5 s")
        add("until the last is delivered", f"{seconds:.1f} s, {beyond:.1f} s without the provider's own", "≤ 60 s beyond it")
        add("files a second, drop to folder", f"{count / seconds:,.0f}", "≥ 2,000")
        add("peak memory with them", f"{daemon.peak_mib():.0f} MiB, {daemon.cpu_seconds():.1f} s of CPU", "≤ 48 MiB")
    finally:
        daemon.stop()
        provider.stop()


def syncs(bench):
    """How often a small file waits for the disk: commits of the database, and its own files and folders."""
    count = 1_000
    provider = machine.Provider(bench.build, bench.folder / "provider")
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider)
    daemon.start()
    calls = bench.folder / "syncs"
    tracer = subprocess.Popen(["strace", "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", calls,
                               "-p", str(daemon.process.pid)])
    try:
        machine.wait_for(lambda: machine.is_traced(daemon.process.pid), 10)
        staged = bench.folder / "staged"
        staged.mkdir()
        inputs.write_small_files(staged, count)
        for path in sorted(staged.iterdir()):
            path.rename(daemon.inbox / path.name)
        daemon.wait_for_jobs(count)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        places = collections.Counter(place_of(line) for line in calls.read_text().splitlines() if "sync(" in line)
        commits = places.pop("batchd.db-wal", 0)
        rest = ", ".join(f"{name} {number / count:.2f}" for name, number in places.most_common(6))
        bench.table.add(f"syncs for each of {count:,} small files", f"{commits / count:.2f} commits, "
                        f"{sum(places.values()) / count:.2f} of files and folders ({rest})", "–")
    finally:
        tracer.kill()
        daemon.stop()
        provider.stop()


def place_of(line):
    """What is synced, from a line of strace: a file by its name, a folder by its place."""
    path = pathlib.Path(re.search(r"<(.*?)>", line).group(1))
    if path.name.startswith("batchd.db"):
        return path.name
    name = path.name if path.suffix else "a folder of " + next(
        (part for part in reversed(path.parts[:-1]) if part in ("work", "outbox", "inbox", "state")), path.name)
    return re.sub(r"[0-9a-f-]{8,}|\d+", "N", name)


def idle(bench):
    """A scan of all folders, as it comes every `spool.scan_interval`, falls into the time."""
    provider = machine.Provider(bench.build, bench.folder / "provider")
    queues = "".join(f"[queue.q{number}]\n" for number in range(QUEUES))
    daemon = machine.Daemon(bench.build, bench.folder / "daemon", provider, "1h", queues)
    try:
        daemon.start()
        scale.wait_until_quiet(daemon)
        before, cpu = daemon.wake_ups(), daemon.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        bench.table.add(f"{QUEUES:,} queues, nothing happens for {IDLE_SECONDS} s",
                        f"{daemon.wake_ups() - before} wake-ups, {daemon.cpu_seconds() - cpu:.2f} s of CPU, "
                        f"{daemon.resident_mib():.0f} MiB", "0 wake-ups, ≤ 20 MiB")
    finally:
        daemon.stop()
        provider.stop()


def measure(bench):
    many_files(bench)
    syncs(bench)
    idle(bench)
