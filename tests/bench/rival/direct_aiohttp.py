#!/usr/bin/env python3
"""direct_aiohttp.py BASE_URL REQUESTS IN_FLIGHT FOLDER: the best script that we could write for it: workers on one session,
results appended to a file."""

import asyncio
import json
import pathlib
import sys

import aiohttp


async def work(session, url, rows, out):
    for row in rows:
        body = {"model": "m", "messages": [{"role": "user", "content": "Say hello."}]}
        async with session.post(url, json=body) as response:
            answer = await response.json()
        line = {"custom_id": f"r-{row}", "response": {"status_code": response.status, "body": answer}, "error": None}
        out.write(json.dumps(line) + "\n")


async def main(base_url, requests, in_flight, folder):
    rows = iter(range(1, requests + 1))
    connector = aiohttp.TCPConnector(limit=in_flight)
    with open(pathlib.Path(folder) / "aiohttp.results", "w") as out:
        async with aiohttp.ClientSession(connector=connector, headers={"Authorization": "Bearer k"}) as session:
            await asyncio.gather(*(work(session, base_url + "/chat/completions", rows, out) for _ in range(in_flight)))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
