#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines of ours are whole, wherever the kernel wrote into them; other lines are as they came."""

from lab.console import Console
from lab.proof import expect

READY = "[    3.607805] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready"
DOWN = "[   13.659372] reboot: Power down"
CASES = {
    "whole lines": (f"PROOF begin\r\n{READY}\r\nPROOF end\r\n", ["PROOF begin", READY, "PROOF end"]),
    "a message at the end of a line": (f"PROOF process pid=1 arguments={READY}\r\n\r\nPROOF end\r\n",
                                       [READY, "PROOF process pid=1 arguments=", "PROOF end"]),
    "a message within a line": (f"PROOF mount proc /pr{READY}\r\noc proc rw\r\n", [READY, "PROOF mount proc /proc proc rw"]),
    "two messages within a line": (f"PROOF mount /pr{READY}\r\n{DOWN}\r\noc\r\n", [READY, DOWN, "PROOF mount /proc"]),
    "two messages in two places of a line": (f"PROOF a{READY}\r\nb{DOWN}\r\nc\r\n", [READY, DOWN, "PROOF abc"]),
    "a line of /init": (f"[    3.450] mkpxerd: hand{READY}\r\nover to /sbin/init\r\n",
                        [READY, "[    3.450] mkpxerd: handover to /sbin/init"]),
    "a loader that stops within a line": (f"Booting... {DOWN}\r\nPROOF begin\r\n", [f"Booting... {DOWN}", "PROOF begin"]),
    "control characters": ("\x1b[2J\x1b[1;33mPROOF\x07 begin \r\n", ["PROOF begin"]),
}


def main() -> None:
    for name, (written, wanted) in CASES.items():
        console = Console()
        expect(name, console.feed(written.encode()), wanted)
        console = Console()
        expect(f"{name}, byte by byte", [line for byte in written.encode() for line in console.feed(bytes([byte]))], wanted)
    console = Console()
    console.feed(f"PROOF a{READY}\r\nb".encode())
    expect("what has not ended", console.rest(), "PROOF ab")
    print("every line is whole")


if __name__ == "__main__":
    main()
