"""A daemon and a page that run, in a folder of their own, for whoever asks them something over HTTP."""

import os
import pathlib
import socket
import subprocess
import time
import urllib.request

GOOD = '{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": []}}'


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, what, seconds=600):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(what)


class RunningPage:
    """As a context: the programs end with it. Nobody is at the provider's address: jobs wait for it."""

    def __init__(self, batchd, folder, more="", listen=None):
        self.batchd = batchd
        self.folder = pathlib.Path(folder).resolve()
        self.inbox = self.folder / "inbox"
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.listen = listen or f"127.0.0.1:{self.port}"
        self.more = more
        self.processes = []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure()

    def configure(self, more=None):
        """Writes the configuration, with other lines at its end than the object was made with, where they are given."""
        (self.folder / "batchd.toml").write_text(f"""
[spool]
inbox = "{self.inbox}"
outbox = "{self.folder}/outbox"
rejected = "{self.folder}/rejected"
settle_time = "0s"
empty_wait = "0s"
[state]
directory = "{self.folder}/state"
[provider]
base_url = "http://127.0.0.1:9/v1"
[control]
socket = "{self.folder}/control.sock"
[web]
listen = "{self.listen}"
{self.more if more is None else more}
""")

    def start(self, *words):
        environment = {**os.environ, "OPENAI_API_KEY": "sk-practice", "RUNTIME_DIRECTORY": str(self.folder)}
        log = open(self.folder / f"{words[0]}.log", "w")
        process = subprocess.Popen([self.batchd, "--config", self.folder / "batchd.toml", *words], stdout=subprocess.DEVNULL,
                                   stderr=log, env=environment)
        self.processes.append(process)
        return process

    def __enter__(self):
        self.daemon = self.start("run")
        wait_for((self.folder / "control.sock").exists, "the daemon does not start")
        self.page = self.start("web")
        token = self.folder / f"token-{self.listen.replace('/', '_')}"
        wait_for(lambda: token.exists() and token.read_text(), "the page does not start")
        self.token = token.read_text().strip()
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()

    def get(self, path):
        """The text of an answer, to somebody who has the page's token."""
        request = urllib.request.Request(self.origin + path, headers={"Authorization": "Bearer " + self.token})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def drop(self, name, lines):
        """Puts a file into the inbox, whole."""
        hidden = self.inbox / f".{name}.jsonl"
        hidden.write_text("".join(line + "\n" for line in lines))
        hidden.rename(self.inbox / f"{name}.jsonl")
