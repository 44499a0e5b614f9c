"""Sends a file of requests each evening, waits for the answers, and hands their folder on."""

import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.sensors.bash import BashSensor

with DAG(
    "batchd_articles",
    schedule="0 18 * * *",
    start_date=datetime.datetime(2026, 1, 1),
    catchup=False,
    params={"file": "/srv/articles.jsonl", "outbox": "/var/spool/batchd/outbox"},
):
    # One name a run, by which the next task finds the job. What is submitted twice is paid twice: it is not retried.
    submit = BashOperator(
        task_id="submit",
        bash_command="batchd submit --name 'articles-{{ ts_nodash }}' '{{ params.file }}'",
        retries=0,
    )
    # Looks now and then instead of holding a worker: 0 is done, 3 is "not yet", which goes for a file that still lies in the inbox
    # as well; anything else fails. To wait again is harmless.
    wait = BashSensor(
        task_id="wait",
        bash_command="job='articles-{{ ts_nodash }}'; batchd status $job || exit 3; batchd wait $job --timeout 20s",
        retry_exit_code=3,
        mode="reschedule",
        poke_interval=datetime.timedelta(minutes=5),
        timeout=datetime.timedelta(hours=36),
        retries=3,
        retry_delay=datetime.timedelta(minutes=1),
    )
    use = BashOperator(
        task_id="use",
        bash_command="wc -l '{{ params.outbox }}/articles-{{ ts_nodash }}/output.jsonl'",
    )
    submit >> wait >> use
