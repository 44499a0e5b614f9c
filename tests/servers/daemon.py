"""The daemon under test: its folders, its process, and what its database says."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

CONFIGURATION = """
[spool]
inbox = "{folder}/inbox"
outbox = "{folder}/outbox"
rejected = "{folder}/rejected"
settle_time = "100ms"

[state]
directory = "{folder}/state"

[control]
socket = "{folder}/control.sock"
"""
BATCHES = """
[provider]
base_url = "http://127.0.0.1:{port}/v1"
list_lag = "1s"
timeout = "20s"

[poll]
interval = "300ms"

[retry]
max_backoff = "1s"
cancel_patience = "5s"
"""


class Daemon:
    def __init__(self, binary, folder, port, recipe, tables=BATCHES):
        self.binary, self.folder, self.recipe = binary, Path(folder), recipe
        self.process = None
        (self.folder / "inbox").mkdir(parents=True)
        self.configuration = self.folder / "batchd.toml"
        self.configuration.write_text((CONFIGURATION + tables).format(folder=folder, port=port))

    def start(self):
        with open(self.folder / "batchd.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "--config", self.configuration, "run"], stderr=log, env={**os.environ, "OPENAI_API_KEY": self.recipe.key})

    def end(self, with_signal=signal.SIGTERM):
        if self.process:
            self.process.send_signal(with_signal)
            self.process.wait(30)
            self.process = None

    def drop(self, name, rows):
        """A file of chat requests, each with a text of its own."""
        lines = [{"custom_id": f"{name}-{row}", "method": "POST", "url": "/v1/chat/completions",
                  "body": {"model": self.recipe.model, "messages": [{"role": "user", "content": f"say {name}-{row}"}]}}
                 for row in range(rows)]
        hidden = self.folder / "inbox" / f".{name}"
        hidden.write_text("".join(json.dumps(line) + "\n" for line in lines))
        hidden.rename(self.folder / "inbox" / f"{name}.jsonl")

    def ask(self, query):
        """Rows of the database; none while there is no database."""
        try:
            with sqlite3.connect(f"file:{self.folder}/state/batchd.db?mode=ro", uri=True, timeout=5) as database:
                return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    def states(self):
        """Of each job, by its name; with why, where there is a reason."""
        return {name: state if not reason else f"{state} ({reason})"
                for name, state, reason in self.ask("SELECT name, state, reason FROM jobs ORDER BY id")}

    def waits_for(self, name):
        """What `batchd status` says that the job waits for; None where it says nothing."""
        told = subprocess.run([self.binary, "--config", self.configuration, "status", name, "--json"], capture_output=True)
        return json.loads(told.stdout)["jobs"][0]["waits_for"] if told.returncode == 0 else None

    def cancel(self, name):
        subprocess.run([self.binary, "--config", self.configuration, "cancel", name], stdout=subprocess.DEVNULL)

    def warnings(self):
        log = (self.folder / "batchd.log").read_text(errors="replace")
        return [line.split(" ", 1)[1] for line in log.splitlines() if " warning " in line or " error " in line]

    def answered(self, name):
        """Ids of output.jsonl, in its order."""
        output = self.folder / "outbox" / name / "output.jsonl"
        return [json.loads(line)["custom_id"] for line in output.read_text().splitlines()] if output.exists() else []


def wait_until(what, holds, seconds=120):
    """Whether it came true in time, which only ends what hangs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    print(f"    not within {seconds} s: {what}", flush=True)
    return False
