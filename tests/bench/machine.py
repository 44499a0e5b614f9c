"""The two programs under measurement, the practice provider and batchd, each in a folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import ssl
import subprocess
import time
import urllib.request

KEY = "sk-bench"


def wait_for(condition, seconds=600, step=0.005):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(step)
    raise TimeoutError("what the benchmark waits for does not come")


def is_traced(pid):
    return "TracerPid:\t0" not in pathlib.Path(f"/proc/{pid}/status").read_text()


class Program:
    """A running program, and what the kernel knows of it. Its own figures: a child's ru_maxrss has its parent's in it."""

    def __init__(self, process):
        self.process = process

    def _status(self, key):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        return 0

    def bytes_written(self):
        """What it has given to the file systems so far."""
        for line in open(f"/proc/{self.process.pid}/io"):
            if line.startswith("write_bytes:"):
                return int(line.split()[1])

    def peak_mib(self):
        return self._status("VmHWM") / 1024

    def resident_mib(self):
        return self._status("VmRSS") / 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wake_ups(self):
        """How often a thread of it has waited and was woken, since the start."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Provider(Program):
    """batchd-sim over TLS."""

    def __init__(self, build, folder, **settings):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = [build / "tests/sim/batchd-sim", "--port", "0", "--port-file", folder / "port", "--data", folder / "data",
                   "--self-signed", folder / "tls", "--key", KEY]
        for name, value in settings.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        super().__init__(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        port_file = folder / "port"
        port = wait_for(lambda: port_file.exists() and port_file.read_text().strip(), 10)
        self.ca = folder / "tls/ca.pem"
        self.origin = f"https://localhost:{port}"
        self.url = self.origin + "/v1"

    def call(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.origin + path, body, headers or {}, method=method)
        request.add_header("Authorization", "Bearer " + KEY)
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(request, context=context) as answer:
            return json.loads(answer.read())

    def admin(self, path, body):
        self.call("POST", "/admin/" + path, json.dumps(body).encode())

    def curl(self):
        """The start of a curl command to this provider."""
        return ["curl", "-sS", "--fail", "--cacert", self.ca, "-H", "Authorization: Bearer " + KEY]

    def upload(self, path):
        """The id of the file, sent by curl."""
        answer = subprocess.run(
            self.curl() + ["-F", "purpose=batch", "-F", f"file=@{path};filename=input.jsonl", self.url + "/files"],
            check=True, stdout=subprocess.PIPE).stdout
        return json.loads(answer)["id"]


class NoProvider:
    """Nobody is called: a daemon that has nothing to ask for."""

    url = "http://127.0.0.1:9/v1"
    ca = "/etc/ssl/certs/ca-certificates.crt"


def new_batch(file_id):
    """The body of POST /v1/batches for an uploaded file."""
    return json.dumps({"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}).encode()


class Daemon(Program):
    """batchd on a spool and a state directory under `folder`. start() may be called again on the same state."""

    def __init__(self, build, folder, provider, poll="100ms", extra=""):
        self.build = build
        self.folder = folder
        self.inbox = folder / "inbox"
        self.outbox = folder / "outbox"
        self.database = folder / "state/batchd.db"
        shutil.rmtree(folder, ignore_errors=True)
        self.inbox.mkdir(parents=True)
        self.provider_url = provider.url
        self.ca = provider.ca
        self.configure(poll, extra)

    def configure(self, poll, extra=""):
        (self.folder / "batchd.toml").write_text(f"""
[spool]
inbox = "{self.inbox}"
outbox = "{self.outbox}"
rejected = "{self.folder}/rejected"
settle_time = "0s"
[state]
directory = "{self.folder}/state"
[provider]
base_url = "{self.provider_url}"
ca_file = "{self.ca}"
max_connections = 4
[poll]
interval = "{poll}"
{extra}
""")

    def start(self):
        """Starts it; answers the seconds until it says that it is ready."""
        import socket

        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            name = f"\0batchd-bench-{os.getpid()}"
            listener.bind(name)
            environment = {**os.environ, "OPENAI_API_KEY": KEY, "NOTIFY_SOCKET": "@" + name[1:]}
            begin = time.monotonic()
            self.process = subprocess.Popen(
                [self.build / "daemon/batchd", "--config", self.folder / "batchd.toml", "run"],
                stderr=open(self.folder / "batchd.log", "a"), env=environment)
            listener.settimeout(60)
            while b"READY=1" not in listener.recv(65536):
                pass
            return time.monotonic() - begin

    def ask(self, sql, *values):
        """The first column of the first row."""
        state = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            row = state.execute(sql, values).fetchone()
            return row[0] if row else None
        except sqlite3.OperationalError:
            return None  # the daemon has not made it yet
        finally:
            state.close()

    def drop(self, path, name, queue="."):
        """Moves a hard link of `path` into the inbox: whole from the first moment."""
        folder = self.inbox / queue
        hidden = folder / f".{name}.jsonl"
        os.link(path, hidden)
        hidden.rename(folder / f"{name}.jsonl")

    def wait_for_jobs(self, count, seconds=600):
        """Until `count` jobs have been there, and all have ended."""
        # By an index: whoever waits must not take the time of those that it waits for.
        wait_for(lambda: self.ask(
            "SELECT (SELECT max(id) FROM jobs) >= ? AND NOT EXISTS (SELECT 1 FROM jobs"
            " WHERE state IN ('claimed', 'planned', 'running', 'delivering'))", count), seconds, 0.02)
        wrong = self.ask("SELECT name || ' ' || state || ' ' || coalesce(reason, '') FROM jobs"
                         " WHERE finished_at IS NOT NULL AND state <> 'done'")
        if wrong:
            raise RuntimeError("a job did not end well: " + wrong)
