#!/usr/bin/env python3
"""tidy.py FOLDER: holds the tree in FOLDER against rules.py; a line for each place that is wrong, and 1 if there is one."""

import collections
import pathlib
import re
import sys

import rules

SOURCES = {".cpp", ".hpp"}
SCRIPTS = {".py", ".sh", ".mjs", ".sql"}
SKIPPED = {"node_modules", "__pycache__", "data", "corpus"}


def files(root):
    """All sources and scripts of the tree, without what others wrote and what tests only read."""
    for top in ("lib", "daemon", "tests"):
        for path in sorted((root / top).rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in SOURCES | SCRIPTS and not SKIPPED & set(inside.parts) and path.is_file():
                yield inside


def code_of(line):
    """The line without its comment: what a comment says is no use of a word."""
    return line.split("//", 1)[0]


def room_of(path):
    """lib/store/tables/jobs.cpp is in "store", all of daemon/ in "daemon"; tests are above all of them, in None."""
    if path.parts[0] == "daemon":
        return "daemon"
    return path.parts[1] if path.parts[0] == "lib" and len(path.parts) > 2 else None


def visible_from(path):
    """The first folders of the includes that a file may have; None stands for any."""
    if path.parts[0] == "tests":
        return rules.TEST_FOLDERS.get(path.parts[1])
    return up_to(room_of(path), rules.FLOORS)


def up_to(room, floors):
    """The rooms below that one and itself; none where it is on no floor."""
    below = set()
    for floor in floors:
        if room in floor:
            return below | {room}
        below |= set(floor)
    return set()


def wrong_includes(path, lines):
    room, visible = room_of(path), visible_from(path)
    if room and not visible:
        yield 1, f'"{room}" is on no floor: name it in FLOORS of tests/tidy/rules.py'
        return
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not include:
            continue
        name = include.group(1)
        folder = name.split("/")[0] if "/" in name else room
        if ".." in name.split("/") or (visible is not None and folder and folder not in visible):
            yield number, f'"{name}" is not on a floor below'


def wrong_daemon_includes(path, lines):
    """daemon/ is one library, so that only this keeps its rooms from including upwards, or each other in a circle."""
    if path.parts[0] != "daemon" or len(path.parts) < 3:
        return
    visible = up_to(path.parts[1], rules.DAEMON_FLOORS)
    if not visible:
        yield 1, f'"{path.parts[1]}" is on no floor: name it in DAEMON_FLOORS of tests/tidy/rules.py'
        return
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#\s*include\s+"(daemon/([^"/]+)/[^"]+)"', line)
        if include and include.group(2) not in visible:
            yield number, f'"{include.group(1)}" is not on a floor below'


def forbidden_words(path, lines):
    for reason, pattern, homes in rules.FORBIDDEN:
        if path.as_posix() in homes:
            continue
        for number, line in enumerate(lines, 1):
            if re.search(pattern, code_of(line)):
                yield number, reason


def once_only(path, lines):
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        yield 1, "a header begins with #pragma once"


def length(path, lines):
    if len(lines) > rules.LINES_MAX and path.name not in rules.LONG_FILES:
        yield len(lines), f"more than {rules.LINES_MAX} lines: it does more than one thing"


def unbuilt(root, paths):
    """A source that no CMakeLists.txt of its folder or above names is compiled by nobody, and a test in it never runs."""
    for path in paths:
        recipes = [root / folder / "CMakeLists.txt" for folder in path.parents]
        words = {word for recipe in recipes if recipe.exists() for word in re.split(r'[\s()"/]+', recipe.read_text())}
        if path.suffix == ".cpp" and not {path.name, path.stem} & words:
            yield f"{path}: is in no CMakeLists.txt, so nobody compiles it"


def crowded(paths):
    rooms = collections.Counter(path.parent for path in paths if path.parts[0] != "tests" and path.suffix in SOURCES)
    for room, count in sorted(rooms.items()):
        if count > rules.ROOM_MAX:
            yield f"{room}: {count} sources, more than {rules.ROOM_MAX}: it wants folders"


def circle_in(includes):
    """A way from a room back to it, as a list; None where there is none. `includes`: by room, the others that it includes."""
    done = set()

    def from_here(way):
        for room in sorted(includes.get(way[-1], ())):
            if room in way:
                return way[way.index(room):] + [room]
            if room not in done and (found := from_here(way + [room])):
                return found
        done.add(way[-1])
        return None

    return next((found for room in sorted(includes) if room not in done and (found := from_here([room]))), None)


def circles(root, paths):
    """Where rooms of one library include each other in a circle, none of them is understood or tested without the others."""
    includes = collections.defaultdict(lambda: collections.defaultdict(set))
    for path in paths:
        if path.parts[0] != "lib" or len(path.parts) < 4 or path.suffix not in SOURCES:
            continue
        library, room = path.parts[1:3]
        for other in re.findall(rf'#\s*include\s+"{library}/([^"/]+)/', (root / path).read_text()):
            if other != room:
                includes[library][room].add(other)
    for library in sorted(includes):
        if circle := circle_in(includes[library]):
            yield f"lib/{library}: its rooms include each other in a circle: {' > '.join(circle)}"


def silent(root, paths):
    """Rooms (folders of lib/, and daemon/) whose sources say too little of why, or whose headers of what."""
    lines, comments = collections.Counter(), collections.Counter()
    for path in paths:
        if path.suffix not in SOURCES or path.parts[0] == "tests":
            continue
        room = "/".join(path.parts[: 2 if path.parts[0] == "lib" else 1])
        for line in (root / path).read_text().splitlines():
            lines[room, path.suffix] += bool(line.strip())
            comments[room, path.suffix] += bool(re.search(r"(^|\s)//", line))
    for (room, suffix), count in sorted(lines.items()):
        least = rules.COMMENTS_MIN[suffix]
        if count >= rules.MEASURED_LINES_MIN and 100 * comments[room, suffix] < least * count:
            share = 100 * comments[room, suffix] / count
            yield f"{room}: {share:.1f} % of the lines of its {suffix} files bear a comment, fewer than {least} %: say why"


def needless_exceptions(root, paths):
    long = {path.name for path in paths if len((root / path).read_text().splitlines()) > rules.LINES_MAX}
    for name in sorted(rules.LONG_FILES - long):
        yield f"tests/tidy/rules.py: {name} is not too long any more: take it off LONG_FILES"


def complaints(root):
    paths = list(files(root))
    for path in paths:
        lines = (root / path).read_text().splitlines()
        checks = (wrong_includes, wrong_daemon_includes, forbidden_words, once_only, length) if path.suffix in SOURCES else (length,)
        for check in checks:
            yield from (f"{path}:{number}: {what}" for number, what in check(path, lines))
    yield from unbuilt(root, paths)
    yield from crowded(paths)
    yield from circles(root, paths)
    yield from silent(root, paths)
    yield from needless_exceptions(root, paths)


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
