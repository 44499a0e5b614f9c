"""drive.py BATCHD NAME… [--requests N | --quick]: a file of real paragraphs through each of these servers, whatever happens.

The daemon is killed five times. What comes back must be whole, in order, each answer that of its own request where the
server says the same twice, and counted: by the server's own log no more was sent twice than `possibly_repeated` says. Of
llmock, which judges its clients, no complaint is accepted.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "servers")]
from daemon import Daemon, wait_until  # noqa: E402
from paragraphs import take  # noqa: E402
from servers import answers, free_port  # noqa: E402

DIRECT = """
[provider]
kind = "direct"
base_url = "http://127.0.0.1:{port}/v1"
max_in_flight = 64
"""
IN_FLIGHT = 64  # of DIRECT
KILLS = 5  # of the daemon; a new life has not heard what a server asked the one before to wait, so before llmock there are none


class Model:
    """A server of `command`, where {port} and {folder} are put in, and how it is asked. `quick` are fewer requests than
    `requests`; `taken` is what its log says once for each that it begins."""

    def __init__(self, command, requests, quick, url, body, taken="", same=None, ready="/v1/models"):
        self.command, self.requests, self.quick, self.ready = command, requests, quick, ready
        self.url, self.body, self.taken, self.same = url, body, taken, same


def closeness(one, other):
    a, b = (answer["data"][0]["embedding"] for answer in (one, other))
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


MODELS = {
    "llmock": Model([str(Path(sys.executable).parent / "llmock"), "serve", "--port", "{port}", "--rpm", "3000", "--error-rate", "429=0.05",
                     "--error-rate", "503=0.05", "--latency-ms", "20"], 1000, 100, "/v1/chat/completions",
                    lambda text: {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]},
                    ready="/_llmock/requests"),  # a look at anything else may be refused, and is judged as well
    "embeddings": Model([sys.executable, str(here / "embedder.py"), "{port}"], 20000, 30, "/v1/embeddings",
                        lambda text: {"model": "e5-passage", "input": text}, "request: POST /v1/embeddings", closeness),
    "chat": Model([sys.executable, str(here / "gemma.py"), "{port}", "{folder}/gemma.gguf"], 200, 8, "/v1/chat/completions",
                  lambda text: {"model": "gemma", "max_tokens": 16, "temperature": 0,
                                "messages": [{"role": "user", "content": "In one word, what is this about? " + text[:400]}]},
                  "launch_slot_"),
}


def ask(port, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def is_ready(port, path):
    try:
        return answers(port) and bool(ask(port, path))
    except OSError:
        return False


def drop(daemon, model, texts):
    lines = [{"custom_id": f"p-{row}", "url": model.url, "body": model.body(text)} for row, text in enumerate(texts)]
    hidden = daemon.folder / "inbox" / ".paragraphs"
    hidden.write_text("".join(json.dumps(line) + "\n" for line in lines))
    hidden.rename(daemon.folder / "inbox" / "paragraphs.jsonl")


class Answers:
    """How many lines the daemon has written since this was made, and what was there before. Each byte is read once."""

    def __init__(self, daemon):
        self.daemon, self.read, self.lines = daemon, {}, 0

    def count(self):
        for path in self.daemon.folder.glob("state/direct/*/*/results.jsonl"):
            with open(path, "rb") as results:
                results.seek(self.read.get(path, 0))
                self.lines += sum(piece.count(b"\n") for piece in iter(lambda: results.read(1 << 20), b""))
                self.read[path] = results.tell()
        return self.lines


def has_ended(daemon):
    return bool(daemon.ask("SELECT 1 FROM jobs WHERE finished_at IS NOT NULL"))


def is_over(daemon):
    """The job has ended, or the daemon by itself, which then is wrong."""
    return has_ended(daemon) or daemon.process.poll() is not None


def run_killed(daemon, count, kills):
    """Until its end; killed at even parts of the way. Answers how often, for the end may come first."""
    for life in range(kills):
        answers_there = Answers(daemon)
        daemon.start()
        part = (life + 1) * count // (kills + 1)
        wait_until(f"{part} answers", lambda: answers_there.count() >= part or is_over(daemon), 3600)
        if is_over(daemon):
            return life
        daemon.end(9)
    daemon.start()
    wait_until("the end of the job", lambda: is_over(daemon), 3600)
    return kills


def wrong_in(daemon, model, texts, port, taken):
    if not has_ended(daemon):
        yield f"no end: {daemon.states()}"
        return
    rows = [json.loads(line) for line in (daemon.folder / "outbox/paragraphs/output.jsonl").read_text().splitlines()]
    if [row["custom_id"] for row in rows] != [f"p-{row}" for row in range(len(texts))]:
        yield f"{len(rows)} answers of {len(texts)}, or in another order"
        return
    for row in range(0, len(texts), max(1, len(texts) // 20)) if model.same else ():
        again = ask(port, model.url, model.body(texts[row]))
        if model.same(rows[row]["response"]["body"], again) < 0.999:
            yield f"p-{row} has the answer of another"
    summary = json.loads((daemon.folder / "outbox/paragraphs/job.json").read_text())
    print(f"    possibly repeated: {summary['possibly_repeated']} of {len(texts)}; tokens in and out: "
          f"{summary['input_tokens']}, {summary['output_tokens']}")
    # Beside what is under way there are answers that are on their way to the disk.
    if summary["possibly_repeated"] > KILLS * 2 * IN_FLIGHT:
        yield f"{summary['possibly_repeated']} may have been sent twice"
    if model.taken:
        print(f"    the server began {taken} requests")
        if not len(texts) <= taken <= len(texts) + summary["possibly_repeated"]:
            yield f"the server began {taken} requests for {len(texts)}"


def log_of(folder):
    return (Path(folder) / "server.log").read_text(errors="replace")


def run(name, binary, requests, folder):
    model, port = MODELS[name], free_port()
    texts = take(requests)
    kills = 0 if name == "llmock" else KILLS
    command = [part.format(port=port, folder=folder) for part in model.command]
    with open(Path(folder) / "server.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    daemon = None
    try:
        if not wait_until(f"{name} is ready", lambda: server.poll() is not None or is_ready(port, model.ready), 300):
            return [f"{name} is not ready: {log_of(folder)[-2000:]}"]
        if server.poll() is not None:
            return [f"{name} does not start: {log_of(folder)[-2000:]}"]
        daemon = Daemon(binary, Path(folder) / "batchd", port, SimpleNamespace(key="sk-models-0123456789"), DIRECT)
        drop(daemon, model, texts)
        begin = time.monotonic()
        killed = run_killed(daemon, len(texts), kills)
        daemon.end()
        print(f"    {len(texts)} requests in {time.monotonic() - begin:.0f} s, {killed} kills; {daemon.states()}", flush=True)
        taken = log_of(folder).count(model.taken)
        wrong = list(wrong_in(daemon, model, texts, port, taken))
        if name == "llmock":
            verdict = ask(port, "/_llmock/verdict")
            print(f"    its verdict: {json.dumps(verdict)[:400]}")
            wrong += [json.dumps(finding) for finding in verdict.get("findings", [])]
        if wrong:
            print((daemon.folder / "batchd.log").read_text(errors="replace")[-4000:], log_of(folder)[-2000:], sep="\n")
        return wrong
    finally:
        if daemon:
            daemon.end(9)
        server.kill()
        server.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("binary")
    arguments.add_argument("names", nargs="+", choices=MODELS)
    how_many = arguments.add_mutually_exclusive_group()
    how_many.add_argument("--requests", type=int)
    how_many.add_argument("--quick", action="store_true", help="few requests, in a minute or two")
    given = arguments.parse_args()
    failed = False
    for name in given.names:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory(prefix="batchd-models-") as folder:
            model = MODELS[name]
            wrong = run(name, given.binary, given.requests or (model.quick if given.quick else model.requests), folder)
        for sentence in wrong:
            print(f"    WRONG: {sentence}")
        print(f"    {'FAILED' if wrong else 'passed'}", flush=True)
        failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
