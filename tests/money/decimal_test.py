#!/usr/bin/env python3
"""decimal_test.py PRICE_ANSWERS PRICES: 50,000 mixed answers cost to the nano-dollar what Python's decimal says.

The rules are written down a second time here, from their description alone."""

import decimal
import json
import random
import re
import subprocess
import sys
from decimal import Decimal

ANSWERS = 50_000
TIERS = {"standard": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
# Whole tokens, odd prices: prices as floating point prints them, and such as make ties at half a nano-dollar.
ODD_PRICES = {
    "odd-floats": {"litellm_provider": "openai", "input_cost_per_token": "1.5000020000000002e-05",
                   "output_cost_per_token": "9.499999999999999e-07",
                   "cache_read_input_token_cost": "2.857142857142857e-08"},
    "odd-ties": {"litellm_provider": "openai", "input_cost_per_token": "5E-10", "output_cost_per_token": "0.0000000025",
                 "cache_read_input_token_cost_batches": "0.5e-9"},
    "other-seller": {"litellm_provider": "groq", "input_cost_per_token": "1e-6", "output_cost_per_token": "2e-6"},
    "own-reasoning": {"input_cost_per_token": "1e-6", "output_cost_per_token": "2e-6",
                      "output_cost_per_reasoning_token": "3.3e-6"},
    "nothing": {"litellm_provider": "openai", "input_cost_per_token": "0", "output_cost_per_token": "0.0"},
}
KINDS = {"input": "input_cost_per_token", "cached": "cache_read_input_token_cost",
         "write": "cache_creation_input_token_cost", "output": "output_cost_per_token",
         "reasoning": "output_cost_per_reasoning_token"}


def rate(price, kind, tier, total):
    ending = TIERS[tier]
    above = 0
    for key in price:
        match = re.search(r"_above_(\d+)k_tokens(_batches|_flex|_priority)?$", key)
        if match and (match[2] or "") in ("", ending) and total > int(match[1]) * 1000:
            above = max(above, int(match[1]))
    long = f"_above_{above}k_tokens" if above else ""
    own = price.get(KINDS[kind] + long + ending)
    if own is not None:
        return own
    if tier != "batch" or price["litellm_provider"] not in ("", "openai", "text-completion-openai"):
        return None
    if kind in ("cached", "write", "reasoning") and any(key.endswith("_batches") for key in price):
        return None
    standard = price.get(KINDS[kind] + long)
    return None if standard is None else standard / 2


def cost(price, tier, usage):
    total, cached, write, output, reasoning = usage
    terms = ((total - cached - write, "input", "input"), (cached, "cached", "input"), (write, "write", "input"),
             (output - reasoning, "output", "output"), (reasoning, "reasoning", "output"))
    result = Decimal(0)
    for tokens, kind, whole in terms:
        if tokens == 0:
            continue
        per_token = rate(price, kind, tier, total)
        if per_token is None:
            per_token = rate(price, whole, tier, total)
        if per_token is None:
            return None
        result += tokens * per_token
    return result


def nano(amount):
    return "unknown" if amount is None else str((amount * 10**9).quantize(Decimal(1), decimal.ROUND_HALF_EVEN))


def random_usage(chance):
    total = chance.choice((0, 1, 3, chance.randrange(2000), chance.randrange(200_000), chance.randrange(1_000_000),
                           272_000, 272_001))
    cached = chance.choice((0, 0, total, chance.randint(0, total)))
    write = chance.choice((0, 0, 0, chance.randint(0, total - cached)))
    output = chance.choice((0, 1, chance.randrange(500), chance.randrange(100_000)))
    return total, cached, write, output, chance.choice((0, output, chance.randint(0, output)))


def prices_with_odd_ones(path, folder):
    text = open(path, encoding="utf-8").read().rstrip().removesuffix("}")
    for name, price in ODD_PRICES.items():
        inside = ", ".join(f'"{key}": {value if "cost" in key else json.dumps(value)}' for key, value in price.items())
        text += f',\n"{name}": {{{inside}}}'
    mixed = f"{folder}/prices.json"
    with open(mixed, "w", encoding="utf-8") as file:
        file.write(text + "\n}\n")
    return mixed


def read_prices(path):
    with open(path, encoding="utf-8") as file:
        models = json.load(file, parse_float=Decimal, parse_int=Decimal)
    for price in models.values():
        price.setdefault("litellm_provider", "")
    return models


def check(program, shipped, folder):
    path = prices_with_odd_ones(shipped, folder)
    models = read_prices(path)
    chance = random.Random(20261127)
    names = sorted(models) + ["not-in-the-table"]
    rows = [(chance.choice(names), chance.choice(sorted(TIERS)), random_usage(chance)) for _ in range(ANSWERS)]
    lines = "".join(f"{name} {tier} {' '.join(map(str, usage))}\n" for name, tier, usage in rows)
    answer = subprocess.run([program, path], input=lines, capture_output=True, text=True, check=True)
    *got, sums = answer.stdout.splitlines()
    assert len(got) == ANSWERS, len(got)
    paid = standard = Decimal(0)
    unpriced = 0
    for (name, tier, usage), line in zip(rows, got):
        # A model without any price in the table is not in it.
        known = any("cost" in key for key in models.get(name, ()))
        costs = [cost(models[name], wanted, usage) if known else None for wanted in (tier, "standard")]
        if costs[0] is None:
            costs[1] = None
        assert line == " ".join(map(nano, costs)), (name, tier, usage, line, costs)
        unpriced += costs[0] is None
        paid += costs[0] or 0
        standard += (costs[0] if costs[1] is None else costs[1]) or 0
    assert 1000 < unpriced < ANSWERS / 2, unpriced
    assert sums == f"{nano(paid)} {nano(standard)} {unpriced}", (sums, paid, standard, unpriced)


if __name__ == "__main__":
    import tempfile

    decimal.getcontext().prec = 60
    with tempfile.TemporaryDirectory() as folder:
        check(sys.argv[1], sys.argv[2], folder)
