"""What happens to the daemon and to the server. Each scenario gives the jobs that it has dropped: name and rows."""

import json
import random
import time

from bench import ended
from daemon import wait_until

FEW = 20
MANY = 500  # enough to be caught in the middle


def is_watched(bench, name):
    return bool(bench.daemon.ask(
        f"SELECT 1 FROM batches b JOIN jobs j ON j.id = b.job_id WHERE j.name = '{name}' AND b.phase = 'watching'"))


def one_job(bench, rows=FEW):
    bench.daemon.start()
    bench.daemon.drop("job", rows)
    return {"job": rows}


def lost_upload_answer(bench):
    bench.proxy.lose_next("POST", "/files")
    return one_job(bench)


def lost_create_answer(bench):
    bench.proxy.lose_next("POST", "/batches")
    return one_job(bench)


def lost_create_answer_behind(bench):
    """As above, but on the way from the provider to the gateway, which may try again by itself."""
    fault = {"route": "POST /v1/batches", "action": "reset_after", "times": 1}
    bench.tell_provider("faults", json.dumps(fault).encode())
    return one_job(bench)


def eight_kills(bench):
    pause = random.Random(8)
    jobs = {f"job{number}": FEW for number in range(4)}
    bench.daemon.start()
    for name, rows in jobs.items():
        bench.daemon.drop(name, rows)
    for _ in range(8):
        time.sleep(pause.uniform(0.05, 1.5))  # any moment will do
        bench.daemon.end(9)
        bench.daemon.start()
    return jobs


def end_what_never_ends(bench):
    """A batch that the server has lost: nothing is sent again by itself, and one command of the operator's ends the job."""
    asked = bench.proxy.asked()
    wait_until("the batch is asked for again", lambda: bench.proxy.asked() >= asked + 10 or ended(bench, ["job"]))
    print(f"    job waits for: {bench.daemon.waits_for('job')}")
    bench.daemon.cancel("job")


def server_killed(bench):
    jobs = one_job(bench, MANY)
    wait_until("a batch in flight", lambda: is_watched(bench, "job") or ended(bench, ["job"]))
    bench.server.kill()
    bench.server.start()
    if bench.recipe.after_death != "goes on":
        end_what_never_ends(bench)
    return jobs


SCENARIOS = [one_job, lost_upload_answer, lost_create_answer, lost_create_answer_behind, eight_kills, server_killed]


def fits(scenario, recipe):
    return scenario is not lost_create_answer_behind or recipe.behind == "provider"
