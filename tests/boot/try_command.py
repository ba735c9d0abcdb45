#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`mkpxerd try` as an ordinary user: success with a root of its own, a failure's code, and what is missing.

No namespaces: user networking needs no right, and the machine meets this one's loopback alone.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from lab import demands, parts
from lab.proof import expect

NOBODY = 65534
LIMIT_SECONDS = 150


class Program:
    """The program, run without any right."""

    def __init__(self, build: Path):
        demands.tool("qemu-system-x86_64", "qemu-system-x86")
        self._program = build / "bin" / "mkpxerd"
        self._become = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def run(self, *arguments: object, limit: int = LIMIT_SECONDS, **environment: str) -> tuple[int, str]:
        """Exit code, and console and messages as one text."""
        done = subprocess.run([str(self._program), "try", *map(str, arguments), "--timeout", str(limit)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False, env=dict(os.environ, **environment), **self._become)
        return done.returncode, done.stdout


def expect_said(output: str, text: str) -> None:
    if text not in output:
        raise AssertionError(f"'{text}' was not said:\n{output[-3000:]}")


def check(build: Path) -> None:
    program = Program(build)
    image, kernel = parts.Parts(build).image, parts.kernel().image

    code, output = program.run(image, "--kernel", kernel)
    expect_said(output, "mkpxerd: try: it boots: mkpxerd: arrived: /sbin/init runs as process 1 with 10.0.2.15")
    expect_said(output, "mkpxerd: handover to /sbin/init on http://10.0.2.2:")
    expect("exit code of a boot that works", code, 0)

    code, output = program.run(image, "--kernel", kernel, "--append", "ip=dhcp", "--nic", "e1000")
    expect_said(output, "mkpxerd: try: failed MPX-OPT-01 ")
    expect("exit code of a boot that fails", code, 1)

    # Nobody has this address: the init tries until its patience is over, which is before that of the trial.
    code, output = program.run(image, "--kernel", kernel, "--append", "ip=dhcp apkovl=http://10.0.2.77/x.apkovl.tar.gz",
                               limit=80)
    expect_said(output, "mkpxerd: try: failed MPX-FETCH-")
    expect("exit code of a server that nobody reaches", code, 1)

    # A text of the kernel, long before the init: the machine is not run any further.
    code, output = program.run(image, "--kernel", kernel, "--append", "ip=dhcp", "--expect", "Linux version", "--uefi")
    expect_said(output, "mkpxerd: try: it boots: ")
    expect("exit code of an expected text", code, 0)
    expect("words of the init", output.count("mkpxerd: init"), 0)

    code, output = program.run(image.parent, "--kernel", kernel)
    expect_said(output, "mkpxerd: --kernel is for an image")
    expect("exit code of a bundle with a kernel", code, 2)

    code, output = program.run(image, "--kernel", "/nonexistent/vmlinuz")
    expect_said(output, "mkpxerd: /nonexistent/vmlinuz: is not a file")
    expect("exit code without a kernel", code, 1)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    build = parser.parse_args().build.resolve()
    return demands.judged(lambda: check(build))


if __name__ == "__main__":
    sys.exit(main())
