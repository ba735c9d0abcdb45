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
from lab.proof import Proof, expect

OVL = f"ip=dhcp apkovl=http://{network.SERVER}/node.apkovl.tar.gz proof.files=/run/mkpxerd/report.json,/proc/modules"
LONG_SECONDS = 60  # longer than the boot takes, however busy the machine is


@dataclasses.dataclass(frozen=True)
class Case:
    slow: tuple[str, ...]  # of slow_modules
    check: Callable[[Lab, Callable[[], None]], None]  # the second one boots the machine without these devices
    options: str = ""
    card: str = guest.CARD
    softdeps: str = ""  # modprobe.d


def read_report(lab: Lab) -> dict:
    """That of a boot which came as far as the new root; the machine is then stopped, as a shutdown waits for probes."""
    lab.guest.wait_for("handover", r"mkpxerd: handover to /sbin/init on \S+ after [0-9.]+ s", LONG_SECONDS)
    lab.guest.wait_for("proof read", "PROOF end", STEP_SECONDS)
    lab.guest.stop()
    return json.loads(Proof(lab.guest.lines).files["/run/mkpxerd/report.json"])


def handed_over(lab: Lab, boot_without: Callable[[], None]) -> None:
    """Before any of the probes has ended, and no later than without them: each is named, by console and report."""
    report = read_report(lab)
    ended = next((i for i, line in enumerate(lab.guest.lines) if line.endswith(": done")), len(lab.guest.lines))
    handover = next(i for i, line in enumerate(lab.guest.lines) if "mkpxerd: handover" in line)
    expect("probes that ended before the hand-over", ended > handover, True)
    names = sorted(re.match(r"\S+", text)[0] for text in report["still_loading"])
    expect("modules that still load, in the report", names, sorted(CASES["unneeded"].slow))
    for text in report["still_loading"]:
        if not re.fullmatch(r"slow_\w+ \(pci 0000:[0-9a-f:.]+\) for \d+ s", text):
            raise AssertionError(f"the report says: {text}")
        expect(f"lines of the console with {text}",
               sum(f"mkpxerd: still loading: {text.split(' for ')[0]}" in line for line in lab.guest.lines), 1)
    boot_without()
    without = read_report(lab)
    expect("modules that still load without these devices", without.get("still_loading", []), [])
    later = report["timeline"]["handover"] - without["timeline"]["handover"]
    print(f"hand-over {later:.2f} s later than without slow drivers")
    expect(f"hand-over {later:.2f} s later than without slow drivers: too late", later > LONG_SECONDS / 4, False)


def failed(lab: Lab, _: Callable[[], None]) -> None:
    """The failure names module and device; the driver keeps the machine neither from failing nor from restarting."""
    failure = lab.guest.wait_for("failed", FAILURE.pattern, 2 * STEP_SECONDS, failure_expected=True)
    expect("code", failure["code"], "MPX-SYS-04")
    if not re.match(r"slow_nic: the module, which drives pci 0000:00:[0-9a-f.]+, has not returned from the kernel for \d+ s",
                    failure["text"]):
        raise AssertionError(f"the failure is: {failure['text']}")
    lab.guest.wait_for("restart", "sysrq: Resetting", LONG_SECONDS, failure_expected=True)
    lab.guest.wait_end(STEP_SECONDS)
    expect("probes that have ended", [line for line in lab.guest.lines if line.endswith(": done")], [])


def went_on(lab: Lab, _: Callable[[], None]) -> None:
    """What the card needs is loaded when its module is live, though its load returns only after the probe of a disk."""
    report = read_report(lab)
    begun = [match[1] for line in lab.guest.lines if (match := re.search(r"(slow_\w+): \S+ probing for ", line))]
    done = [match[1] for line in lab.guest.lines if (match := re.search(r"(slow_\w+): \S+ done", line))]
    expect("probes", sorted(begun), ["slow_async", "slow_nic"])
    expect("probes that ended before the hand-over", done, ["slow_nic"])
    expect("modules that still load, in the report", report.get("still_loading", []), [])


def at_the_same_time(lab: Lab, _: Callable[[], None]) -> None:
    """Drivers that are needed probe at the same time: the boot takes as long as the longest, not as all of them. Those of
    cards begin in the order of their devices."""
    lab.until_proof()
    begun = [match[1] for line in lab.guest.lines if (match := re.search(r"(slow_\w+): \S+ probing for ", line))]
    first_done = next(i for i, line in enumerate(lab.guest.lines) if line.endswith(": done"))
    expect("probes of cards", [name for name in begun if "nic" in name], ["slow_nic", "slow_nic2"])
    expect("probes", sorted(begun), sorted(slow_modules.SLOW))
    needed = [line for line in lab.guest.lines[:first_done] if ": probing for " in line and "slow_other" not in line]
    expect("needed probes that began before one ended", len(needed), 3)


CASES = {
    # The card's driver is bound, and DHCP goes on, while two network cards and a storage controller still probe.
    "unneeded": Case(("slow_other", "slow_nic", "slow_nic2", "slow_disk"), handed_over,
                     " ".join(f"{name}.seconds={LONG_SECONDS}" for name in slow_modules.SLOW)),
    "needed": Case(("slow_nic",), failed, f"slow_nic.seconds={2 * LONG_SECONDS} mkpxerd.timeout=5", card=""),
    # The card's driver waits for the other three by softdeps.
    "side_by_side": Case(tuple(slow_modules.SLOW), at_the_same_time,
                         " ".join(f"{name}.seconds=4" for name in slow_modules.SLOW),
                         softdeps="softdep virtio_net pre: slow_nic slow_nic2 slow_disk\n"),
    # A disk that nothing needs begins to be probed while what the card needs is.
    "asynchronous": Case(("slow_nic", *slow_modules.ASYNCHRONOUS), went_on,
                         f"slow_nic.seconds=4 slow_async.seconds={LONG_SECONDS}",
                         softdeps="softdep virtio_net pre: slow_nic\n"),
}


def run(lab: Lab, case: Case) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    image = slow_modules.image(lab.parts, lab.directory, case.softdeps)

    def boot(*slow: str) -> None:
        lab.boot_direct(f"{OVL} {case.options} panic={COUNTDOWN_SECONDS}", image, slow_modules.devices(*slow), case.card)

    boot(*case.slow)
    case.check(lab, boot)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
