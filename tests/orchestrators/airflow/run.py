"""run.py BATCHD BATCHD-SIM: the DAG of config/examples, as it stands there, run by Airflow itself against a daemon and the practice
provider: once with a file that is fine, and once with one that is rejected."""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "config/examples"
REQUEST = '{{"custom_id": "{}", "body": {{"model": "gpt-4o-mini", "messages": [{{"role": "user", "content": "Summarise: x"}}]}}}}'
IDS = ["a-1", "a-2", "a-3"]
FINE, BAD = "2026-11-27T18:00:00+00:00", "2026-11-28T18:00:00+00:00"


def wait_for(condition, what, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


class Bench:
    """As a context: a practice provider, a daemon, and a command `batchd` that knows its configuration."""

    def __init__(self, batchd, sim, folder):
        self.batchd, self.sim, self.folder = batchd, sim, folder
        self.processes = []
        self.environment = {**os.environ, "OPENAI_API_KEY": "sk-practice"}

    def start(self, *command):
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.log", "w")
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=self.environment))

    def __enter__(self):
        port, tls, inbox = self.folder / "port", self.folder / "tls", self.folder / "inbox"
        inbox.mkdir()
        self.start(self.sim, "--port", "0", "--port-file", port, "--data", self.folder / "provider", "--self-signed", tls,
                   "--key", "sk-practice", "--validating", "0.1", "--in-progress", "0.3", "--finalizing", "0.1")
        wait_for(lambda: port.exists() and port.read_text(), "the practice provider does not start")
        configuration = self.folder / "batchd.toml"
        configuration.write_text(f"""
spool = {{ inbox = "{inbox}", outbox = "{self.folder}/outbox", rejected = "{self.folder}/rejected" }}
state.directory = "{self.folder}/state"
provider = {{ base_url = "https://localhost:{port.read_text().strip()}/v1", ca_file = "{tls}/ca.pem" }}
poll.interval = "200ms"
control.socket = "{self.folder}/control.sock"
""")
        shim = self.folder / "bin/batchd"
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec "{self.batchd}" --config "{configuration}" "$@"\n')
        shim.chmod(0o755)
        self.start(self.batchd, "--config", configuration, "run")
        wait_for((self.folder / "control.sock").exists, "the daemon does not start")
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()


class Airflow:
    """In a folder of its own, which has the DAG and nothing else."""

    def __init__(self, bench):
        self.home = bench.folder / "airflow"
        (self.home / "dags").mkdir(parents=True)
        (self.home / "dags/dag.py").symlink_to(EXAMPLES / "airflow_dag.py")
        self.environment = {
            **os.environ, "AIRFLOW_HOME": str(self.home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONWARNINGS": "ignore",
            "PATH": f"{bench.folder}/bin:{os.environ['PATH']}"}
        self.run("db", "migrate")

    def run(self, *words):
        program = pathlib.Path(sys.executable).parent / "airflow"
        ended = subprocess.run([program, *words], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, timeout=600, check=False)
        self.said = ended.stdout
        return ended.returncode

    def test(self, when, **conf):
        self.run("dags", "test", "batchd_articles", when, "--conf", json.dumps(conf))
        with sqlite3.connect(self.home / "airflow.db") as database:
            return dict(database.execute("SELECT task_id, state FROM task_instance WHERE run_id LIKE ?", (f"%{when}",)))


def expect(what, wanted, got, said):
    if wanted != got:
        print(said)
        sys.exit(f"{what}: wanted {wanted}, got {got}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        with Bench(*sys.argv[1:3], folder) as bench:
            airflow = Airflow(bench)
            (folder / "fine").write_text("".join(REQUEST.format(id) + "\n" for id in IDS))
            (folder / "bad").write_text("no JSON\n")
            outbox = str(folder / "outbox")
            states = airflow.test(FINE, file=str(folder / "fine"), outbox=outbox)
            expect("tasks", {"submit": "success", "wait": "success", "use": "success"}, states, airflow.said)
            answers = (folder / "outbox/articles-20261127T180000/output.jsonl").read_text().splitlines()
            expect("answers", IDS, [json.loads(line)["custom_id"] for line in answers], airflow.said)
            states = airflow.test(BAD, file=str(folder / "bad"), outbox=outbox)
            expect("tasks", {"submit": "success", "wait": "failed", "use": "upstream_failed"}, states, airflow.said)
            jobs = json.loads(subprocess.check_output([folder / "bin/batchd", "status", "--json"]))["jobs"]
            expect("jobs", {"done": 1, "rejected": 1}, {job["state"]: 1 for job in jobs}, jobs)
            expect("number of jobs", 2, len(jobs), jobs)
    print("Airflow's DAG has its answers, and fails where a file is rejected")


if __name__ == "__main__":
    main()
