#!/usr/bin/env python3
"""Plants one mistake after the other in a small tree of its own: each has to be seen, and nothing else."""

import pathlib
import tempfile
import unittest

import rules
import tidy

TREE = {
    "lib/base/clock.cpp": '#include "base/clock.hpp"\nauto now() { return std::chrono::system_clock::now(); }\n',
    "lib/base/clock.hpp": "#pragma once\n",
    "lib/base/CMakeLists.txt": "batchd_library(base SOURCES clock.cpp)\n",
    "lib/store/tables/jobs.cpp": '#include "base/clock.hpp"\n// Nothing detached, no sleep() here.\n',
    "lib/store/CMakeLists.txt": "batchd_library(store SOURCES jobs.cpp)\n",
    "daemon/main.cpp": '#include "daemon/web/page.hpp"\n#include "store/jobs.hpp"\n',
    "daemon/CMakeLists.txt": "add_executable(batchd main.cpp)\n",
    "tests/store/tables/jobs_test.cpp": '#include "store/jobs.hpp"\nco_await clock.sleep_for(1s);\n',
    "tests/store/CMakeLists.txt": "batchd_test(store SOURCES jobs_test.cpp)\n",
    "tests/sim/server.cpp": '#include "base/file.hpp"\n#include "sim/server.hpp"\n',
    "tests/sim/CMakeLists.txt": "add_library(sim server.cpp)\n",
    "tests/tidy/tidy.py": "pass\n",
}


class TidyTest(unittest.TestCase):
    def complaints(self, planted, long_files=frozenset()):
        """What is said about the tree with `planted` in it, as "file:line" and without the reasons."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**TREE, **planted}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            before, rules.LONG_FILES = rules.LONG_FILES, set(long_files)
            try:
                return [text.split(": ")[0] for text in tidy.complaints(root)]
            finally:
                rules.LONG_FILES = before

    def test_a_tidy_tree_has_no_complaint(self):
        self.assertEqual(self.complaints({}), [])

    def test_an_include_that_goes_up_sideways_or_out_is_seen(self):
        for include in ("engine/plan.hpp", "http/url.hpp", "support/run.hpp", "../base/clock.hpp"):
            planted = {"lib/store/tables/jobs.cpp": f'#include "base/clock.hpp"\n#include "{include}"\n'}
            self.assertEqual(self.complaints(planted), ["lib/store/tables/jobs.cpp:2"], include)

    def test_a_room_may_have_rooms_of_its_own(self):
        planted = {"lib/engine/intake/a.hpp": '#pragma once\n#include "engine/plan/b.hpp"\n#include "store/jobs.hpp"\n'}
        self.assertEqual(self.complaints(planted), [])

    def test_rooms_that_include_each_other_in_a_circle_are_seen(self):
        def rooms(*pairs):
            return {f"lib/engine/{a}/x.hpp": f'#pragma once\n#include "engine/{b}/x.hpp"\n' for a, b in pairs}

        self.assertEqual(self.complaints(rooms(("a", "b"), ("b", "c"))), [])
        self.assertEqual(self.complaints(rooms(("a", "b"), ("b", "c"), ("c", "a"))), ["lib/engine"])

    def test_a_room_that_gives_no_reasons_is_seen(self):
        plain, reason = "int a = 1;\n", "int a = 1;  // since two would be more\n"
        for suffix, least in rules.COMMENTS_MIN.items():
            name = f"lib/base/clock{suffix}"
            start = TREE[name]
            enough = start + plain * (200 - least * 2) + reason * (least * 2 + 2)
            self.assertEqual(self.complaints({name: enough}), [], suffix)
            self.assertEqual(self.complaints({name: start + plain * 200}), ["lib/base"], suffix)

    def test_a_room_on_no_floor_is_seen(self):
        self.assertEqual(self.complaints({"lib/attic/a.hpp": "#pragma once\n"}), ["lib/attic/a.hpp:1"])

    def test_a_room_of_the_daemon_that_includes_up_sideways_or_is_on_no_floor_is_seen(self):
        for include, seen in (("daemon/line/a.hpp", []), ("daemon/run/b.hpp", []), ("daemon/web/a.hpp", ["daemon/run/a.hpp:2"]),
                              ("daemon/check/a.hpp", ["daemon/run/a.hpp:2"])):
            planted = {"daemon/run/a.hpp": f'#pragma once\n#include "{include}"\n'}
            self.assertEqual(self.complaints(planted), seen, include)
        self.assertEqual(self.complaints({"daemon/attic/a.hpp": "#pragma once\n"}), ["daemon/attic/a.hpp:1"])

    def test_the_practice_provider_may_not_share_the_daemons_code(self):
        planted = {"tests/sim/server.cpp": '#include "jsonl/request_line.hpp"\n'}
        self.assertEqual(self.complaints(planted), ["tests/sim/server.cpp:1"])

    def test_detached_work_is_seen(self):
        for line in ("co_spawn(executor, run(), asio::detached);", "std::thread(run).detach();"):
            self.assertEqual(self.complaints({"daemon/main.cpp": line + "\n"}), ["daemon/main.cpp:1"], line)

    def test_a_clock_that_is_read_elsewhere_is_seen(self):
        planted = {"tests/store/tables/jobs_test.cpp": "\nauto now = std::chrono::system_clock::now();\n"}
        self.assertEqual(self.complaints(planted), ["tests/store/tables/jobs_test.cpp:2"])

    def test_a_condition_that_awaits_a_call_with_another_task_is_seen(self):
        for line in ("    if (!co_await run_within(clock, limit, look())) pause();", "if (co_await run_until(stop, look())) {"):
            self.assertEqual(self.complaints({"tests/store/tables/jobs_test.cpp": line + "\n"}), ["tests/store/tables/jobs_test.cpp:1"], line)
        fine = "const bool ended = co_await run_within(clock, limit, look());\n"
        self.assertEqual(self.complaints({"tests/store/tables/jobs_test.cpp": fine}), [])

    def test_a_sleep_is_seen(self):
        for line in ("std::this_thread::sleep_for(1s);", "usleep(5);", "::sleep(1);", "  sleep (1);"):
            self.assertEqual(self.complaints({"tests/store/tables/jobs_test.cpp": line + "\n"}), ["tests/store/tables/jobs_test.cpp:1"], line)

    def test_a_header_that_can_be_read_twice_is_seen(self):
        self.assertEqual(self.complaints({"lib/base/clock.hpp": "int now();\n"}), ["lib/base/clock.hpp:1"])

    def test_a_long_file_is_seen_whatever_its_language(self):
        limit = rules.LINES_MAX
        self.assertEqual(self.complaints({"tests/tidy/tidy.py": "pass\n" * limit}), [])
        self.assertEqual(self.complaints({"tests/tidy/tidy.py": "pass\n" * (limit + 1)}), [f"tests/tidy/tidy.py:{limit + 1}"])

    def test_an_exception_holds_until_it_is_not_needed(self):
        long = {"tests/tidy/tidy.py": "pass\n" * (rules.LINES_MAX + 1)}
        self.assertEqual(self.complaints(long, {"tidy.py"}), [])
        self.assertEqual(self.complaints({}, {"tidy.py"}), ["tests/tidy/rules.py"])

    def test_a_crowded_room_is_seen(self):
        def room(count):
            return {f"lib/base/thing_{i}.hpp": "#pragma once\n" for i in range(count)}

        # The tree has two sources there already.
        self.assertEqual(self.complaints(room(rules.ROOM_MAX - 2)), [])
        self.assertEqual(self.complaints(room(rules.ROOM_MAX + 1)), ["lib/base"])

    def test_a_source_that_nobody_compiles_is_seen(self):
        planted = {"tests/store/forgotten_test.cpp": "TEST(A, B) {}\n"}
        self.assertEqual(self.complaints(planted), ["tests/store/forgotten_test.cpp"])


if __name__ == "__main__":
    unittest.main()
