"""The page: of a daemon that has worked for years lists, first visits, open browsers, scrapes; uploads; what it costs the
daemon."""

import gzip
import http.client
import itertools
import multiprocessing
import os
import re
import select
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

import inputs
import machine
import scale
from loops import run, walls
from table import in_turns, milliseconds, ratio, seconds

BROWSERS = 200
ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


class Page(machine.Program):
    """`batchd web` beside a database."""

    def __init__(self, daemon):
        self.port = daemon.page_port
        environment = {**os.environ, "RUNTIME_DIRECTORY": str(daemon.folder)}
        super().__init__(subprocess.Popen([daemon.build / "daemon/batchd", "--config", daemon.folder / "batchd.toml", "web"],
                                          stdout=subprocess.PIPE, env=environment, text=True))
        self.token = self.process.stdout.readline().strip().rsplit("/", 1)[1]
        connection = self.connect()
        connection.request("GET", "/link/" + self.token, headers={"Host": "localhost"})
        self.cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        connection.close()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, connection, path):
        connection.request("GET", path, headers={"Host": "localhost", "Cookie": self.cookie})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]}")
        return body

    def open_stream(self):
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"GET /live? HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
        return client

    def wire_bytes(self, path):
        """All that comes for it, heads as well, as a browser asks."""
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"
                           f"Cookie: {self.cookie}\r\n\r\n".encode())
            received = b""
            while piece := client.recv(1 << 20):
                received += piece
        return received


def timed(page, path, count):
    """Seconds of each of `count` requests, and of the server's processor for one."""
    connection = page.connect()
    page.get(connection, path)
    before, times = page.cpu_seconds(), []
    for _ in range(count):
        begin = time.perf_counter()
        page.get(connection, path)
        times.append(time.perf_counter() - begin)
    return times, (page.cpu_seconds() - before) / count


def add_timed(bench, page, what, path, goal):
    times, cpu = timed(page, path, 100)
    bench.table.add(what, f"{milliseconds(times)}, {1000 * cpu:.1f} ms of processor", goal)


def first_visit(bench, page):
    answer = page.wire_bytes("/")
    head, html = answer.split(b"\r\n\r\n", 1)
    if b"gzip" in head:
        html = gzip.decompress(html)
    size = len(answer) + sum(len(page.wire_bytes(path)) for path in set(ASSET.findall(html.decode())))
    bench.table.add("first visit, 50 jobs in the list", f"{size / 1000:.1f} KB on the wire", "≤ 40 KB")


def drain(streams):
    """What waits in them, and how many have said something."""
    said = set()
    while ready := select.select([s for s in streams if s.fileno() >= 0], [], [], 0)[0]:
        for stream in ready:
            if stream.recv(1 << 20):
                said.add(stream)
            else:
                stream.close()
    return said


def wait_for_all(streams, seconds=60):
    """Seconds until each has said something."""
    begin, silent = time.perf_counter(), set(streams)
    while silent and time.perf_counter() - begin < seconds:
        select.select(list(silent), [], [], 1)
        silent -= drain(streams)
    if silent:
        raise TimeoutError(f"{len(silent)} browsers are told nothing")
    return time.perf_counter() - begin


def browsers(bench, page, database):
    streams = [page.open_stream() for _ in range(BROWSERS)]
    try:
        wait_for_all(streams)
        before = page.cpu_seconds()
        time.sleep(10)
        share = (page.cpu_seconds() - before) / 10
        bench.table.add(f"{BROWSERS} browsers with live lists, nothing changes",
                        f"{100 * share:.1f} % of a core, {page.resident_mib():.0f} MiB", "≤ 2 %, ≤ 32 MiB")
        state = sqlite3.connect(database)
        drain(streams)
        times = []
        for turn in range(5):
            with state:
                state.execute("UPDATE jobs SET name = ? WHERE id = (SELECT max(id) FROM jobs)", (f"changed-{turn}",))
            times.append(wait_for_all(streams))
        state.close()
        bench.table.add(f"a change in the database, until the last of {BROWSERS} browsers has it", milliseconds(times), "≤ 1 s")
    finally:
        for stream in streams:
            stream.close()


def upload(bench):
    """A large file through the page until the daemon has it; beside a server that writes what it gets into a file, and
    syncs it."""
    daemon = daemon_with_page(bench, machine.NoProvider)
    daemon.start()
    page = Page(daemon)
    path, kept = bench.folder / "large.jsonl", bench.folder / "kept"
    gigabytes = 0.2 if bench.quick else 2
    size = inputs.write_requests(path, int(250_000 * gigabytes), 4000)
    plain = subprocess.Popen([sys.executable, bench.here / "rival/plain_server.py", kept], stdout=subprocess.PIPE, text=True)
    there = f"http://127.0.0.1:{plain.stdout.readline().strip()}/"

    def send(url):
        return run(["curl", "-sS", "--fail", "-X", "POST", "-H", "Authorization: Bearer " + page.token, "-T", path, url])

    def ours():
        times = send(f"http://127.0.0.1:{page.port}/api/v1/jobs?queue=default&name=large")
        machine.wait_for(lambda: daemon.ask("SELECT NOT EXISTS (SELECT 1 FROM jobs WHERE state = 'claimed')"))
        return times

    try:
        mine, rival = in_turns(bench.job_turns, ours, lambda: send(there))
        bench.table.add(f"upload of {size / 1e9:.1f} GB through the page", seconds(walls(mine)), "as fast",
                        "curl to a plain server " + seconds(walls(rival)), ratio(walls(mine), walls(rival)))
        bench.table.add("the page's memory with it", f"{page.peak_mib():.0f} MiB", "≤ 32 MiB")
    finally:
        plain.kill()
        page.stop()
        daemon.stop()
        path.unlink()


def visit(page):
    """What 200 open browsers do, of whom twenty a second go to another page, and a scraper."""
    streams = [page.open_stream() for _ in range(BROWSERS)]
    connection = page.connect()
    for number in itertools.count():
        drain(streams)
        page.get(connection, "/metrics" if number % 20 == 0 else "/")
        time.sleep(0.05)


def beside_daemon(bench):
    """What the page costs the daemon: a lone file's way, without it, and while it is visited."""
    provider = machine.Provider(bench.build, bench.folder / "provider", in_progress=10**6)
    daemon = daemon_with_page(bench, provider)
    daemon.start()
    path = inputs.one_small_file(bench)
    try:
        alone = scale.drop_times(daemon, path, bench.drops)
        page = Page(daemon)
        visitors = multiprocessing.get_context("fork").Process(target=visit, args=(page,), daemon=True)
        visitors.start()
        try:
            time.sleep(1)
            visited = scale.drop_times(daemon, path, bench.drops)
        finally:
            visitors.kill()
            page.stop()
        bench.table.add(f"drop → batch id on record, while {BROWSERS} browsers and a scraper visit the page",
                        milliseconds(visited), "unchanged", "nobody does " + milliseconds(alone),
                        f"{statistics.median(visited) / statistics.median(alone):.2f}")
    finally:
        daemon.stop()
        provider.stop()


def daemon_with_page(bench, provider):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    folder = bench.folder / "page"
    daemon = machine.Daemon(bench.build, folder, provider, "1h",
                            f'[web]\nlisten = "127.0.0.1:{port}"\n[control]\nsocket = "{folder}/s"\n')
    daemon.page_port = port
    return daemon


def show(bench):
    daemon = daemon_with_page(bench, machine.NoProvider)
    daemon.start()
    daemon.stop()
    flights = 1_000 if bench.ended_jobs < 100_000 else 10_000
    inputs.add_ended_jobs(daemon.database, bench.ended_jobs)
    inputs.add_batches_in_flight(daemon.database, [f"batch_f{number}" for number in range(flights)])
    of = f"of {bench.ended_jobs:,} and {flights:,} running"
    page = Page(daemon)
    try:
        add_timed(bench, page, f"page of 50 jobs {of}", "/", "≤ 5 ms")
        add_timed(bench, page, f"its page of what has ended, 50 {of}", "/?state=ended", "≤ 5 ms")
        first_visit(bench, page)
        add_timed(bench, page, f"scrape of /metrics {of}", "/metrics", "≤ 10 ms")
        browsers(bench, page, daemon.database)
        bench.table.add("the page's memory at its peak", f"{page.peak_mib():.0f} MiB", "≤ 32 MiB")
    finally:
        page.stop()


def measure(bench):
    show(bench)
    upload(bench)
    beside_daemon(bench)
