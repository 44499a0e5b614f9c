"""What the tree may look like, as values. How it is held against the tree is in tidy.py."""

# Each floor sees those before it; the rooms of one floor are strangers to each other.
FLOORS = (
    ("base",),
    ("money", "schedule"),
    ("config", "http", "jsonl", "server", "spool", "store"),
    ("notify", "provider", "report"),
    ("engine",),
    ("control",),
    ("hooks", "web"),
    ("daemon",),
)

# The floors within daemon/, likewise. What lies beside the rooms, main.cpp, is above all of them.
DAEMON_FLOORS = (
    ("configuration", "console", "host"),
    ("line", "state"),
    ("check", "run"),
    ("command", "web"),
)

# What a folder of tests may include, where that is less than everything. The practice provider shares none of the daemon's
# code but the ground floor, so that it can share none of its misunderstandings.
TEST_FOLDERS = {"sim": {"base", "sim", "support"}}

# Words that no source has, but for the files that are their home: (why not, what it looks like, homes).
FORBIDDEN = (
    # Nothing can interrupt getaddrinfo(), so the thread of a name lookup is left to itself.
    ("detached work has no parent that joins it; give it to a TaskGroup", r"\bdetached\b|\bdetach\s*\(\s*\)",
     {"lib/http/resolve.cpp"}),
    ("time comes from a Clock", r"\bsystem_clock::now\b", {"lib/base/clock.cpp"}),
    # A command looks until the daemon has answered in the database, and has nothing else to do.
    ("wait for what is to be seen, not for time to pass",
     r"\bsleep_until\b|\bthis_thread::sleep|(?<![\w.>])(u|nano)?sleep\s*\(", {"daemon/console/pause.cpp"}),
    # Seen with g++ 12: the frame of such a coroutine, where it has no variables, lost its parameters.
    ("await it on the line above, and look at what came of it", r"\bif \(!?co_await run_(within|until)\(", set()),
)

# A file longer than this has more than one responsibility.
LINES_MAX = 350

# A room with more sources than this is a corridor: it wants folders. Tests are not held to it.
ROOM_MAX = 16

# Of the lines of a room that are not empty, so many of a hundred bear a comment, behind code or alone: sources give their reasons,
# headers are contracts. A room of fewer lines than the last number is too small to be measured.
COMMENTS_MIN = {".cpp": 8, ".hpp": 25}
MEASURED_LINES_MIN = 100

# Files that are longer all the same, by name. The list only ever shrinks: a name that is not needed any more fails the test.
LONG_FILES = {
    "collector_evidence_test.cpp",
    "collector_test.cpp",
    "poller_test.cpp",
    "request_line_test.cpp",
    "schema.sql",
    "submitter_doubt_test.cpp",
    "worker_test.cpp",
}
