"""compare.py PRINT_MOMENTS: holds the moments of ten years in five zones against croniter; 1 where they differ.

croniter is asked twice, for one pass over ten years with a time zone takes it minutes:

- ten years without a zone: which times of day the line names. The clocks are Python's zoneinfo then, and what a change of the
  clocks makes of these times is written out here once more, in `moments_of_times`.
- the days around each change of the clocks, with the zone. There croniter and we differ in one thing, by intent: where the
  hours are times of day, it counts what the clocks show twice both times. Those second times are taken out of its answer
  (`without_second_showing`), nothing else, and there have to be some. And it forgets some of the second showings of "*" and its
  steps where the clocks are put back by half an hour, as on Lord Howe; those days are held in the first way only.

Two things that croniter 7.0.0 gets wrong are in no line: "4-4" for a weekday, which it takes for the whole week, and a range
that comes to all hours, such as "20-19", which it takes for "*".
"""

import bisect
import datetime
import functools
import random
import subprocess
import sys
import zoneinfo

from croniter import croniter

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
# With the changes of today; and around the day that Apia left out in 2011.
BEGIN, END = datetime.datetime(2026, 1, 1), datetime.datetime(2036, 1, 1)
BEGIN_APIA, END_APIA = datetime.datetime(2011, 1, 1), datetime.datetime(2013, 1, 1)

LINES = (
    "30 2 * * *", "0 2 * * *", "0 3 * * *", "*/20 2-3 * * *", "15,45 1,2 * * *", "59 1 * * sun", "10 2 * * sun",
    "0 0 * * *", "30 0 * * *", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "59 23 31 12 *",
    "30 * * * *", "*/20 * * 3,4,10,11 sun", "7 */2 * * *", "0,30 */3 * * sat-sun", "5/25 */6 * * *", "0 */12 * * *",
    "0 2 * * mon-fri", "0 18 * * 5", "0 0 * * 7", "0 0 * * 0", "0 6 * * fri-mon", "0 6 * * MON,WED",
    "0 0 13 * fri", "0 0 1,15 * mon", "0 0 */2 * mon", "0 0 1-31/7 * *", "0 0 31 * *", "0 0 25-5 * *", "0 0 31 2 sun",
    "0 0 29 2 *", "0 12 29 feb *", "0 0 1 jan,jul *", "0 0 * nov-feb wed", "0 9-17/2 1-7 */3 tue", "0 22-4/2 * * *", "0 0-23/2 * * *",
)
SECOND = datetime.timedelta(seconds=1)


def random_lines(count):
    """Lines of any form; the same ones each time."""
    chance = random.Random(13)

    def field(low, high):
        def value():
            return chance.randint(low, high)
        def span():
            first = value()
            last = chance.choice([other for other in range(low, high + 1) if (other - first) % (high - low + 1) not in (0, high - low)])
            return f"{first}-{last}"
        forms = (lambda: "*", lambda: str(value()), lambda: f"{value()},{value()}", span,
                 lambda: f"*/{chance.randint(1, high - low)}", lambda: f"{low}-{value()}/{chance.randint(1, high - low)}")
        return chance.choice(forms)()

    for _ in range(count):
        # Few minutes, so that ten years are not too many.
        yield " ".join((str(chance.randint(0, 59)), field(0, 23), field(1, 28), field(1, 12), field(0, 6)))


class Ours:
    """The moments that our program prints, in seconds since 1970: later than `begin`, and not later than `end`."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def moments(self, line, zone, begin, end):
        self.process.stdin.write(f"{begin} {end} {zone} {line}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer.endswith("\n"):
            sys.exit(f"our program ended at {line} in {zone}")
        return [int(word) for word in answer.split()]


def seconds(local, zone):
    return int(local.replace(tzinfo=zone).timestamp())


def shown(moment, zone):
    return datetime.datetime.fromtimestamp(moment, zone)


@functools.cache  # of each line the same, and they are searched for every six hours of ten years
def changes(zone, begin, end):
    """(moment, from, to): the clocks that would have shown `from` show `to`."""
    found, moment, step = [], begin, 6 * 3600

    def offset(at):
        return shown(at, zone).utcoffset()

    while moment < end:
        if offset(moment) != offset(moment + step):
            low, high = moment, moment + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append((high, shown(low, zone).replace(tzinfo=None) + SECOND, shown(high, zone).replace(tzinfo=None)))
        moment += step
    return found


def hours_of(line):
    """How the hours are meant: "every" hour, every "few" hours, or "times" of day."""
    hours = "0" if line.startswith("@") else line.split()[1]
    if hours in ("*", "*/1"):
        return "every"
    return "few" if hours.startswith("*/") else "times"


def local_times(line, begin, end):
    """The times of day that croniter names, whatever the clocks do."""
    times, turn = [], croniter(line, begin - SECOND)
    while (time := turn.get_next(datetime.datetime)) < end:
        times.append(time)
    return times


def moments_of_times(times, line, zone, all_changes):
    """The moments at which the clocks show these times, and what is made up for."""
    hours, skipped, moments = hours_of(line), set(), set()
    for moment, before, after in all_changes:
        between = times[bisect.bisect_left(times, min(before, after)):bisect.bisect_left(times, max(before, after))]
        if before < after:
            skipped.update(between)
            if between and hours != "every":
                moments.add(moment)
        elif hours != "times":
            moments.update(seconds(time.replace(fold=1), zone) for time in between)
    moments.update(seconds(time, zone) for time in times if time not in skipped)
    return sorted(moments)


def with_zone(line, zone, begin, end):
    """What croniter makes of the line in the zone."""
    moments, turn = [], croniter(line, shown(begin, zone))
    while (moment := int(turn.get_next(float))) <= end:
        moments.append(moment)
    return moments


def without_second_showing(moments, line, zone):
    return moments if hours_of(line) != "times" else [moment for moment in moments if shown(moment, zone).fold == 0]


class Comparison:
    def __init__(self, ours):
        self.ours = ours
        self.moments = self.second_showings = self.differences = 0

    def compare(self, what, line, name, theirs, begin, end):
        ours = self.ours.moments(line, name, begin, end)
        self.moments += len(theirs)
        if ours == theirs:
            return
        self.differences += 1
        zone = zoneinfo.ZoneInfo(name)
        for owner, these, others in (("ours", ours, theirs), ("theirs", theirs, ours)):
            alone = [shown(moment, zone).isoformat() for moment in sorted(set(these) - set(others))]
            print(f'{what}: "{line}" in {name}: only {owner}: {len(alone)}, the first {alone[:3]}')

    def all_years(self, line, name, begin, end, times):
        zone = zoneinfo.ZoneInfo(name)
        first, last = seconds(begin, zone) - 1, seconds(end, zone) - 1
        theirs = moments_of_times(times, line, zone, changes(zone, first, last))
        self.compare("all years", line, name, theirs, first, last)

    def around_changes(self, line, name, begin, end):
        zone = zoneinfo.ZoneInfo(name)
        for moment, before, after in changes(zone, seconds(begin, zone), seconds(end, zone)):
            if datetime.timedelta(0) < before - after < datetime.timedelta(hours=1) and hours_of(line) != "times":
                continue
            first, last = moment - 26 * 3600, moment + 26 * 3600
            all_theirs = with_zone(line, zone, first, last)
            theirs = without_second_showing(all_theirs, line, zone)
            self.second_showings += len(all_theirs) - len(theirs)
            self.compare("around a change", line, name, theirs, first, last)


def main():
    comparison = Comparison(Ours(sys.argv[1]))
    lines = list(LINES) + list(random_lines(15))
    for line in lines:
        times, apia_times = local_times(line, BEGIN, END), local_times(line, BEGIN_APIA, END_APIA)
        for name in ZONES:
            comparison.all_years(line, name, BEGIN, END, times)
            comparison.around_changes(line, name, BEGIN, datetime.datetime(2028, 1, 1))
        comparison.all_years(line, "Pacific/Apia", BEGIN_APIA, END_APIA, apia_times)
    print(f"{len(lines)} lines, {comparison.moments} moments, {comparison.differences} differences; "
          f"{comparison.second_showings} moments of croniter's are a second showing of times of day")
    sys.exit(0 if comparison.differences == 0 and comparison.moments > 500_000 and comparison.second_showings > 0 else 1)


if __name__ == "__main__":
    main()
