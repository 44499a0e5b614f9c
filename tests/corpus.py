#!/usr/bin/env python3
"""A job out of real text, end to end: made, run against the practice provider over TLS, and checked.

One summarise or embedding request for every few paragraphs of the documentation that every Debian machine has (copyright
files, changelogs, common licences, man pages), in all the scripts that these are written in: two chat models and
embeddings mixed in one file, in every form of a line that batchd accepts. 3 % of the rows fail at first and one batch
expires half way. What comes back must be exactly the ids of the input, in its order.

    cmake --build build --target batchd batchd-sim
    tests/corpus.py --build build
"""

import argparse
import gzip
import itertools
import json
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCES = [
    "/usr/share/common-licenses/*",
    "/usr/share/doc/*/copyright",
    "/usr/share/doc/*/changelog*.gz",
    "/usr/share/doc/*/NEWS*.gz",
    "/usr/share/doc/*/README*",
    "/usr/share/man/**/*.gz",
    "/usr/share/perl/**/*.pod",
]
LANGUAGES = ["English", "Deutsch", "français", "español", "русский", "日本語", "العربية", "ελληνικά", "한국어", "中文"]
KEY = "sk-corpus"


def read_text(path):
    """The text of a file: UTF-8, or else every byte as the character of its number."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def pieces(text):
    """Paragraphs, the short ones taken together until there is something to summarise."""
    piece = ""
    for paragraph in text.split("\n\n"):
        piece += paragraph + "\n\n"
        if len(piece) >= 1000:
            yield piece
            piece = ""
    if piece.strip():
        yield piece


def paragraphs():
    """(id, text) of all paragraphs, without end: round after round, each asking for another language."""
    files = sorted({path for source in SOURCES for path in pathlib.Path("/").glob(source[1:]) if path.is_file()})
    if not files:
        sys.exit("no documentation on this machine: " + ", ".join(SOURCES))
    for round_number in itertools.count(1):
        for path in files:
            try:
                text = read_text(path)
            except (OSError, EOFError, gzip.BadGzipFile):
                continue
            for number, piece in enumerate(pieces(text), 1):
                yield f"{path} §{number} №{round_number}", piece[:12000], LANGUAGES[round_number % len(LANGUAGES)]


def request(number, name, text, language):
    """A line in one of the forms that people have, and the custom_id that it stands for."""
    chat = {
        "model": "gpt-4o-mini" if number % 9 < 5 else "gpt-4.1-mini",
        "messages": [
            {"role": "system", "content": f"You summarise documentation in two sentences of {language}."},
            {"role": "user", "content": text},
        ],
    }
    if number % 4 == 3:
        body = {"model": "text-embedding-3-small", "input": [text, name] if number % 8 == 3 else text}
        return {"custom_id": name, "method": "POST", "url": "/v1/embeddings", "body": body}, name
    if number % 10 == 0:
        return {"id": "x", "custom_id": name, "response": None, "error": None, "body": chat}, name
    if number % 10 == 2:
        return {"custom_id": name, **chat}, name  # a bare body
    if number % 10 == 4:
        return {"body": chat}, None  # gets line-N
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": chat}, name


def write_corpus(path, lines_min, bytes_min):
    """Writes the file; answers its ids in order and its size."""
    ids = []
    line_number = 0
    size = 0
    with open(path, "wb") as out:
        out.write(b"\xef\xbb\xbf")
        for number, (name, text, language) in enumerate(paragraphs()):
            if len(ids) >= lines_min and size >= bytes_min:
                break
            row, custom_id = request(number, name, text, language)
            line = json.dumps(row, ensure_ascii=number % 3 == 0).encode("utf-8", "surrogatepass")
            line += b"\r\n" if number % 5 == 0 else b"\n"
            if number % 1000 == 999:
                line += b"\n"  # a blank line
            line_number += 1
            ids.append(custom_id if custom_id is not None else f"line-{line_number}")
            line_number += 1 if number % 1000 == 999 else 0
            size += out.write(line)
    return ids, size


def result_ids(path):
    """The custom_ids of a result file, in its order."""
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="\n") as lines:
        return [json.loads(line)["custom_id"] for line in lines]


def is_merge_of(ids, first, second):
    """True when `ids` is what two sequences without common elements come to, each in its order."""
    in_second = set(second)
    return [i for i in ids if i not in in_second] == first and [i for i in ids if i in in_second] == second


def start_provider(build, folder):
    provider = subprocess.Popen(
        [build / "tests/sim/batchd-sim", "--port", "0", "--port-file", folder / "port", "--data", folder / "provider",
         "--self-signed", folder / "tls", "--key", KEY, "--fail-rate", "0.03", "--expire-batch", "[2]",
         "--validating", "0.2", "--in-progress", "0.5", "--finalizing", "0.2"],
        stdout=open(folder / "provider.log", "w"))
    while not (folder / "port").exists() or not (folder / "port").read_text():
        if provider.poll() is not None:
            sys.exit("batchd-sim ended: " + (folder / "provider.log").read_text())
        time.sleep(0.02)
    return provider, (folder / "port").read_text().strip()


def peak_while_it_runs(process):
    """The most memory, in KiB, that the process has had resident. The kernel's ru_maxrss would do, but a child begins with
    that of its parent, and this one holds all the ids."""
    peak = 0
    while process.poll() is None:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")])
        time.sleep(0.02)
    return peak


def run_batchd(build, folder, port):
    (folder / "batchd.toml").write_text(f"""
[spool]
inbox = "{folder}/inbox"
outbox = "{folder}/outbox"
rejected = "{folder}/rejected"
settle_time = "100ms"
[state]
directory = "{folder}/state"
[provider]
base_url = "https://localhost:{port}/v1"
ca_file = "{folder}/tls/ca.pem"
[poll]
interval = "200ms"
""")
    start = time.monotonic()
    with open(folder / "batchd.log", "w") as log:
        daemon = subprocess.Popen([build / "daemon/batchd", "--config", folder / "batchd.toml", "run", "--once"],
                                  stderr=log, env={**os.environ, "OPENAI_API_KEY": KEY})
        peak = peak_while_it_runs(daemon)
    seconds = time.monotonic() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # the provider is still running
    return daemon.returncode, seconds, usage.ru_utime + usage.ru_stime, peak


def check(folder, ids):
    """Everything that is wrong, as text; nothing when all is well."""
    wrong = []
    outbox = folder / "outbox/corpus"
    answered = result_ids(outbox / "output.jsonl")
    failed = result_ids(outbox / "errors.jsonl")
    if not is_merge_of(ids, answered, failed):
        wrong.append(f"the ids that came back ({len(answered)} + {len(failed)}) are not those of the input ({len(ids)})")
    state = json.loads((outbox / "job.json").read_text())["state"]
    if state != "done":
        wrong.append(f"the job ended as {state}")
    same = subprocess.run(["cmp", folder / "corpus.jsonl", outbox / "input.jsonl"], check=False)
    if same.returncode != 0:
        wrong.append("input.jsonl is not the file that was dropped")
    return wrong


def figures(folder, size, seconds, cpu_seconds, peak):
    database = sqlite3.connect(f"file:{folder}/state/batchd.db?mode=ro", uri=True)
    one = lambda sql: database.execute(sql).fetchone()[0]
    requests = one("SELECT requests FROM jobs")
    print(f"requests            {requests:>12,}")
    print(f"bytes               {size:>12,}")
    print(f"answered / failed   {one('SELECT succeeded FROM jobs'):>12,} / {one('SELECT failed FROM jobs'):,}")
    print(f"batches             {one('SELECT count(*) FROM batches'):>12,}")
    print(f"  first attempts    {one('SELECT count(*) FROM batches WHERE attempt = 1'):>12,}")
    print("  expired           {:>12,}".format(one("SELECT count(*) FROM batches WHERE status = 'expired'")))
    print(f"rows sent again     {one('SELECT coalesce(sum(requests), 0) FROM batches WHERE run > 1'):>12,}")
    print(f"wall time           {seconds:>12.2f} s")
    print(f"CPU time            {cpu_seconds:>12.2f} s")
    print(f"peak memory         {peak / 1024:>12.1f} MiB")
    if one("SELECT count(*) FROM batches WHERE status = 'expired'") < 1:
        return ["no batch has expired"]
    if one("SELECT count(*) FROM batches WHERE attempt = 1") < 4:
        return ["it was not split into several batches"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="build directory (build)")
    parser.add_argument("--lines", type=int, default=120_000, help="at least so many requests (120000)")
    parser.add_argument("--bytes", type=int, default=200_000_001, help="at least so many bytes (200000001)")
    parser.add_argument("--only", type=pathlib.Path, metavar="FILE", help="make the corpus, and nothing else")
    options = parser.parse_args()
    if options.only:
        ids, size = write_corpus(options.only, options.lines, options.bytes)
        print(f"{len(ids):,} requests, {size:,} bytes in {options.only}")
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="batchd-corpus-") as name:
        folder = pathlib.Path(name)
        build = options.build.resolve()
        ids, size = write_corpus(folder / "corpus.jsonl", options.lines, options.bytes)
        (folder / "inbox").mkdir()
        os.link(folder / "corpus.jsonl", folder / "inbox/corpus.jsonl")
        provider, port = start_provider(build, folder)
        try:
            code, seconds, cpu_seconds, peak = run_batchd(build, folder, port)
        finally:
            provider.send_signal(signal.SIGTERM)
            provider.wait()
        if code != 0:
            sys.exit(f"batchd ended with {code}:\n" + (folder / "batchd.log").read_text()[-4000:])
        wrong = check(folder, ids) + figures(folder, size, seconds, cpu_seconds, peak)
        if wrong:
            sys.exit("WRONG: " + "; ".join(wrong))
        print("all ids came back, once each, in the order of the input")


if __name__ == "__main__":
    main()
