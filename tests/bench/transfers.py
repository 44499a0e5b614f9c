"""Batchd's HTTP client beside curl, over TLS on loopback, to the same server."""

import machine
from loops import cpus, run, walls
from table import in_turns, ratio, seconds


def measure(bench):
    provider = machine.Provider(bench.build, bench.folder / "provider", file_bytes_max=10**12)
    try:
        move_files(bench, provider)
    finally:
        provider.stop()


def move_files(bench, provider):
    table = bench.table
    transfer = bench.build / "tests/bench/batchd-transfer"
    curl = provider.curl()

    ours, rival = in_turns(
        bench.turns,
        lambda: run([transfer, "upload", provider.url + "/files", provider.ca, machine.KEY, bench.requests]),
        lambda: run(curl + ["-F", "purpose=batch", "-F", f"file=@{bench.requests}", provider.url + "/files"]))
    table.add("upload, TLS", seconds(walls(ours)), "≤ 1.05", "curl " + seconds(walls(rival)), ratio(walls(ours), walls(rival)))
    table.add("upload, TLS: CPU of the client", seconds(cpus(ours)), "–", "curl " + seconds(cpus(rival)),
              ratio(cpus(ours), cpus(rival)))

    content = f"{provider.url}/files/{provider.upload(bench.requests)}/content"
    into = bench.folder / "downloaded"
    ours, rival = in_turns(
        bench.turns,
        lambda: run([transfer, "download", content, provider.ca, machine.KEY, into]),
        # batchd has its file on the disk when it is done; so has curl with a sync.
        lambda: run(["sh", "-c", '"$@" && sync "$0"', into] + curl + ["-o", into, content]))
    table.add("download, TLS, synced", seconds(walls(ours)), "≤ 1.05", "curl -o, sync " + seconds(walls(rival)),
              ratio(walls(ours), walls(rival)))
    table.add("download, TLS: CPU of the client", seconds(cpus(ours)), "–", "curl " + seconds(cpus(rival)),
              ratio(cpus(ours), cpus(rival)))
    into.unlink()
