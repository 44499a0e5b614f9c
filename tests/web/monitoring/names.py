#!/usr/bin/env python3
"""names.py SOURCE_DIR: every metric that the alerts, the board and the README name is one that batchd has, and each that it
has stands in the README. A board whose query asks for what nobody counts shows an empty panel, for ever."""

import json
import pathlib
import re
import sys

METRIC = re.compile(r"\bbatchd_[a-z_]+\b")
# Of another exporter.
FOREIGN = {"node_textfile_mtime_seconds"}


def queries(board):
    """All that Prometheus is asked by a board: panels and variables."""
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield "variable " + variable["name"], variable["definition"]


def main():
    source = pathlib.Path(sys.argv[1])
    code = (source / "lib/web/metrics/metrics.cpp").read_text()
    real = set(METRIC.findall(code))
    asked = real | {name + part for name in re.findall(r'histogram\(\s*"(\w+)"', code) for part in ("_bucket", "_sum", "_count")}
    alerts = (source / "config/monitoring/alerts.yml").read_text()
    board = json.loads((source / "config/monitoring/grafana.json").read_text())
    readme = (source / "README.md").read_text()
    wrong = []
    for place, text in [("alerts.yml", "\n".join(re.findall(r"expr:(.*?)\n(?:        \S|\n)", alerts, re.S))), *queries(board)]:
        if not METRIC.search(text) and not FOREIGN & set(re.findall(r"\w+", text)):
            wrong.append(f"{place}: asks for no metric: {text}")
        wrong += [f"{place}: there is no {name}" for name in METRIC.findall(text) if name not in asked]
    wrong += [f"README.md does not name {name}" for name in sorted(real) if f"`{name}" not in readme]
    wrong += [f"README.md: there is no {name}" for name in re.findall(r"`(batchd_[a-z_]+)[`{]", "".join(re.findall(r"^\| `batchd_.*$", readme, re.M))) if name not in real]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(real)} metrics, {len(board['panels'])} panels")


if __name__ == "__main__":
    main()
