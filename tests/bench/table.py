"""The figures, and how they are shown."""

import dataclasses
import statistics
import sys


@dataclasses.dataclass
class Row:
    what: str
    ours: str
    goal: str
    rival: str = "–"
    ratio: str = "–"


class Table:
    """Rows, each printed as soon as it is there; show() prints them all as Markdown."""

    def __init__(self):
        self.rows = []

    def add(self, what, ours, goal, rival="–", ratio="–"):
        row = Row(what, ours, goal, rival, ratio)
        self.rows.append(row)
        print(f"  {row.what}: {row.ours}; rival {row.rival}; ratio {row.ratio}; goal {row.goal}", file=sys.stderr)

    def show(self):
        print("| what | ours | rival | ratio | goal |")
        print("| --- | --- | --- | --- | --- |")
        for row in self.rows:
            print(f"| {row.what} | {row.ours} | {row.rival} | {row.ratio} | {row.goal} |")


def in_turns(turns, *contestants):
    """Calls the contestants one after the other, `turns` times; answers the list of what each has returned. In turns,
    so that what else the machine does hits all of them alike."""
    results = [[] for _ in contestants]
    for _ in range(turns):
        for result, contestant in zip(results, contestants):
            result.append(contestant())
    return results


def seconds(values):
    """The least of several times, which is the one that was disturbed least, and their median."""
    return f"{min(values):.2f} s (median {statistics.median(values):.2f})"


def milliseconds(values):
    return f"{1000 * statistics.median(values):.1f} ms (least {1000 * min(values):.1f})"


def ratio(ours, rival):
    """Of the least of each."""
    return f"{min(ours) / min(rival):.2f}"


def rate(size, values):
    return f"{size / min(values) / 1e9:.2f} GB/s"
