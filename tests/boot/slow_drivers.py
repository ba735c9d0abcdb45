#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machines with drivers that take seconds to probe, by kernel modules of the test's own.

usage: slow_drivers.py --build DIR CASE | --list
"""

import dataclasses
import json
import re
from collections.abc import Callable

from lab import guest, network, parts, slow_modules
from lab.case import STEP_SECONDS, Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS
from lab.guest import FAILURE
from lab.proof import expect

OVL = f"ip=dhcp apkovl=http://{network.SERVER}/node.apkovl.tar.gz proof.files=/run/mkpxerd/report.json,/proc/modules"
LONG_SECONDS = 60  # longer than the boot takes, however busy the machine is


@dataclasses.dataclass(frozen=True)
class Case:
    slow: tuple[str, ...]  # of slow_modules.SLOW
    check: Callable[[Lab], None]
    options: str = ""
    card: str = guest.CARD


def handed_over(lab: Lab) -> None:
    """Before any of the probes has ended: each is named, by the console and by the report."""
    lab.limit += LONG_SECONDS  # the kernel does not stop before the probes have ended
    proof = lab.until_proof(2 * LONG_SECONDS)
    ended = next((i for i, line in enumerate(lab.guest.lines) if line.endswith(": done")), len(lab.guest.lines))
    handover = next(i for i, line in enumerate(lab.guest.lines) if "mkpxerd: handover" in line)
    expect("probes that ended before the hand-over", ended > handover, True)
    report = json.loads(proof.files["/run/mkpxerd/report.json"])
    names = sorted(re.match(r"\S+", text)[0] for text in report["still_loading"])
    expect("modules that still load, in the report", names, sorted(CASES["unneeded"].slow))
    for text in report["still_loading"]:
        if not re.fullmatch(r"slow_\w+ \(pci 0000:[0-9a-f:.]+\) for \d+ s", text):
            raise AssertionError(f"the report says: {text}")
        expect(f"lines of the console with {text}",
               sum(f"mkpxerd: still loading: {text.split(' for ')[0]}" in line for line in lab.guest.lines), 1)


def failed(lab: Lab) -> None:
    """The failure names module and device; the driver keeps the machine neither from failing nor from restarting."""
    failure = lab.guest.wait_for("failed", FAILURE.pattern, 2 * STEP_SECONDS, failure_expected=True)
    expect("code", failure["code"], "MPX-SYS-04")
    if not re.match(r"slow_nic: the module, which drives pci 0000:00:[0-9a-f.]+, has not returned from the kernel for \d+ s",
                    failure["text"]):
        raise AssertionError(f"the failure is: {failure['text']}")
    lab.guest.wait_for("restart", "sysrq: Resetting", LONG_SECONDS, failure_expected=True)
    lab.guest.wait_end(STEP_SECONDS)
    expect("probes that have ended", [line for line in lab.guest.lines if line.endswith(": done")], [])


def at_the_same_time(lab: Lab) -> None:
    """Drivers that are needed probe at the same time: the boot takes as long as the longest, not as all of them."""
    lab.until_proof()
    begun = [line for line in lab.guest.lines if ": probing for " in line]
    first_done = next(i for i, line in enumerate(lab.guest.lines) if line.endswith(": done"))
    expect("probes", len(begun), 3)
    expect("probes that began before one ended", sum(": probing for " in line for line in lab.guest.lines[:first_done]), 3)


CASES = {
    # The card's driver is bound, and DHCP goes on, while two network cards and a storage controller still probe.
    "unneeded": Case(("slow_other", "slow_nic", "slow_nic2", "slow_disk"), handed_over,
                     " ".join(f"{name}.seconds={LONG_SECONDS}" for name in slow_modules.SLOW)),
    "needed": Case(("slow_nic",), failed, f"slow_nic.seconds={2 * LONG_SECONDS} mkpxerd.timeout=5", card=""),
    # The card's driver waits for the other three by softdeps.
    "side_by_side": Case(("slow_nic", "slow_nic2", "slow_disk"), at_the_same_time,
                         "slow_nic.seconds=4 slow_nic2.seconds=4 slow_disk.seconds=4"),
}


def run(lab: Lab, case: Case) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    softdeps = "softdep virtio_net pre: slow_nic slow_nic2 slow_disk\n" if case.check is at_the_same_time else ""
    image = slow_modules.image(lab.parts, lab.directory, softdeps)
    lab.boot_direct(f"{OVL} {case.options} panic={COUNTDOWN_SECONDS}", image, slow_modules.devices(*case.slow), case.card)
    case.check(lab)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
