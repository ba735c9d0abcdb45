#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No DHCP server answers: the init says so, names the interface, and reboots after the countdown."""

from lab import network
from lab.case import Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure


def run(lab: Lab) -> None:
    lab.boot_direct(f"ip=dhcp apkovl=http://{network.SERVER}/machine.apkovl.tar.gz mkpxerd.timeout=6 "
                    f"panic={COUNTDOWN_SECONDS}")
    check_failure(lab, "DHCP", "eth0")


if __name__ == "__main__":
    boot_case(run)
