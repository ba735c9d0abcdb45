#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: table.py LINES_JSON OBJECTS ROOM

Prints how many lines of each room of tests/lint/layers.sh ran, by llvm-cov's summary, and fails when that is less than 85 %
in one. If ROOM is not empty: the files of that room as well. Names the sources of which no line is counted.
"""
import collections
import json
import pathlib
import re
import sys

LEAST = 85  # %
SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
TREES = ("src/", "include/mkpxerd/")
# Only what holds no code of ours, or runs without counters; the reason is printed.
NOT_COUNTED = {
    "src/deploy/trial/arrival.cpp": "the guest runs it static, without counters",
    "src/deploy/trial/relay.cpp": "the guest's QEMU starts it, without counters; boot.try_command tests it",
    "src/base/fmt.cpp": "compiles the library fmt",
    "src/netboot/runtime/asio.cpp": "compiles the library Asio",
    "src/netboot/runtime/cleared_memory.cpp": "replaces the allocator, as the sanitizers do; cli.freed_memory tests it",
}


def main():
    lines_json, objects, wanted = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().split(), sys.argv[3]
    rooms = read_rooms()
    if wanted and wanted not in rooms:
        sys.exit(f"{wanted} is not a room of tests/lint/layers.sh")
    counted = read_lines(lines_json)
    sums = collections.defaultdict(lambda: [0, 0])
    for name, (total, covered) in counted.items():
        room = room_of(name, rooms)
        sums[room][0] += total
        sums[room][1] += covered
    print(f"{'room':22} {'lines':>7} {'run':>7} {'%':>6}")
    low = []
    for room, (total, covered) in sorted(sums.items()) + [("all", [sum(column) for column in zip(*sums.values())])]:
        print(f"{room:22} {total:7} {covered:7} {100 * covered / total:6.1f}")
        if 100 * covered < LEAST * total:
            low.append(room)
    if wanted:
        for name, (total, covered) in sorted(counted.items(), key=lambda entry: entry[1][1] - entry[1][0]):
            if room_of(name, rooms) == wanted:
                print(f"  {name}: {covered} of {total}")
    return report_uncounted(counted, objects) + [f"less than {LEAST} % of its lines ran: {room}" for room in low]


def read_rooms():
    table = re.search(r"^rooms='\n(.*?)^'", (SOURCE_DIR / "tests/lint/layers.sh").read_text(), re.M | re.S).group(1)
    return [line.split(":")[0] for line in table.splitlines()]


def room_of(name, rooms):
    path = name.removeprefix(TREES[0]).removeprefix(TREES[1]).rsplit(".", 1)[0]
    found = [room for room in rooms if path == room or path.startswith(room + "/")]
    if not found:
        sys.exit(f"no room in the table for {name}")
    return max(found, key=len)


def read_lines(lines_json):
    counted = {}
    for file in json.loads(pathlib.Path(lines_json).read_text())["data"][0]["files"]:
        name = file["filename"].removeprefix(str(SOURCE_DIR) + "/")
        lines = file["summary"]["lines"]
        if name.startswith(TREES) and name not in NOT_COUNTED and lines["count"] > 0:
            counted[name] = (lines["count"], lines["covered"])
    return counted


def report_uncounted(counted, objects):
    problems = []
    for path in sorted((SOURCE_DIR / "src").rglob("*.cpp")):
        name = str(path.relative_to(SOURCE_DIR))
        if name in NOT_COUNTED:
            print(f"not counted: {name}: {NOT_COUNTED[name]}")
        elif name in counted:
            continue
        elif any(built.endswith("/" + name.split("/", 2)[2] + ".o") for built in objects):
            print(f"not counted: {name}: has data alone")
        else:
            problems.append(f"{name} is not built by the asan preset, so nothing of it is counted")
    return problems


if __name__ == "__main__":
    found = main()
    for problem in found:
        print(f"FAILED: {problem}")
    sys.exit(1 if found else 0)
