#!/usr/bin/env python3
"""scrape.py BATCHD SOURCE_DIR: what Prometheus itself says of our metrics, and of the alerts that ship. Exit code 77 without
promtool."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent))
from page_process import GOOD, RunningPage, wait_for  # noqa: E402


def scrape(page):
    return page.get("/metrics")


def scraped_with(page, part):
    """A scrape, once it has this in it."""
    text = scrape(page)
    return text if part in text else ""


def names(text):
    return {line.split("{")[0].split()[0] for line in text.splitlines() if not line.startswith("#")}


def promtool(*words, stdin=None):
    subprocess.run(["promtool", *words], input=stdin, text=True, check=True)


def check_metrics(batchd, folder):
    textfile = pathlib.Path(folder) / "batchd.prom"
    with RunningPage(batchd, folder, f'[metrics]\ntextfile = "{textfile}"') as page:
        page.drop("good", [GOOD])
        page.drop("bad", ["no JSON"])
        page.drop("left alone", [GOOD])
        os.rename(page.inbox / "left alone.jsonl", page.inbox / "left-alone.json")
        scraped = wait_for(lambda: scraped_with(page, 'result="rejected"} 1'), "no job was rejected")
        promtool("check", "metrics", stdin=scraped)
        written = wait_for(lambda: textfile.exists() and textfile.read_text(), "no textfile")
        promtool("check", "metrics", stdin=written)
        # The daemon may have begun before there was a job.
        assert names(written) >= {"batchd_build_info", "batchd_daemon_running", "batchd_jobs", "batchd_jobs_total"}, written
        assert "batchd_daemon_running 1" in written, written
        assert textfile.stat().st_mode & 0o777 == 0o644
        page.daemon.terminate()
        page.daemon.wait()
        assert not textfile.exists(), "what stays behind says that the daemon runs"
        wait_for(lambda: "batchd_daemon_running 0" in scrape(page), "the page does not see that the daemon is gone")


def check_alerts(source, folder):
    for file in (source / "config/monitoring/alerts.yml", here / "alerts_test.yml"):
        shutil.copy(file, folder)
    promtool("check", "rules", f"{folder}/alerts.yml")
    promtool("test", "rules", f"{folder}/alerts_test.yml")


def main():
    if not shutil.which("promtool"):
        print("skipped: there is no promtool (Debian: prometheus)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        check_metrics(sys.argv[1], folder)
        check_alerts(pathlib.Path(sys.argv[2]), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
