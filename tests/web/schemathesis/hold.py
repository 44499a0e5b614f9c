"""hold.py BATCHD: the API of a page that runs, asked by schemathesis for whatever lib/web/openapi.yaml lets it think of. Each
answer has to be as it says there; nothing may be a server's error."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent))
from page_process import GOOD, RunningPage, wait_for  # noqa: E402


def number_of_jobs(page):
    return len(json.loads(page.get("/api/v1/jobs"))["jobs"])


def main():
    with tempfile.TemporaryDirectory() as folder, RunningPage(sys.argv[1], folder) as page:
        # A job that waits, and one that has ended badly: their numbers are among those that are asked for.
        page.drop("good", [GOOD])
        page.drop("bad", ["no JSON"])
        wait_for(lambda: number_of_jobs(page) == 2, "the jobs are not there")
        command = [
            pathlib.Path(sys.executable).parent / "st", "run", here.parents[2] / "lib/web/openapi.yaml", "--url", page.origin,
            "--header", "Authorization: Bearer " + page.token, "--phases", "examples,coverage,fuzzing", "--max-examples", "10",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
                        "response_headers_conformance,ignored_auth,unsupported_method",
            "--warnings", "off", "--generation-database", "none", "--seed", "1", "--request-timeout", "30", "--no-color"]
        return subprocess.run(command, cwd=folder, env={**os.environ, "SCHEMATHESIS_HOOKS": "jsonl", "PYTHONPATH": str(here)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
