#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The web server has no such apkovl: the machine must not boot unconfigured; the failure names the URL and 404."""

from lab import network
from lab.case import Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure


def run(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    url = f"http://{network.SERVER}/absent.apkovl.tar.gz"
    lab.boot_direct(f"ip=dhcp apkovl={url} panic={COUNTDOWN_SECONDS}")
    check_failure(lab, "HTTP", url)
    if not lab.requests("/absent.apkovl.tar.gz"):
        raise AssertionError("the web server was never asked for the apkovl")


if __name__ == "__main__":
    boot_case(run)
