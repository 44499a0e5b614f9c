#!/usr/bin/env python3
"""direct_openai.py BASE_URL REQUESTS IN_FLIGHT FOLDER: what most people write: the official client, and a semaphore around it."""

import asyncio
import json
import pathlib
import sys

from openai import AsyncOpenAI


async def ask(client, places, row, out):
    async with places:
        answer = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Say hello."}])
    out.write(json.dumps({"custom_id": f"r-{row}", "response": {"status_code": 200, "body": answer.model_dump()}}) + "\n")


async def main(base_url, requests, in_flight, folder):
    places = asyncio.Semaphore(in_flight)
    with open(pathlib.Path(folder) / "openai.results", "w") as out:
        async with AsyncOpenAI(base_url=base_url, api_key="k") as client:
            await asyncio.gather(*(ask(client, places, row, out) for row in range(1, requests + 1)))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
