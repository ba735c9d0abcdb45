#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a boot tells others: its lines to a syslog server, its report to a URL.

usage: report.py --build DIR CASE | --list
"""

import dataclasses
import http.server
import json
import re
import socket
import threading
from collections.abc import Callable

from lab import network, parts
from lab.case import Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure
from lab.footprint import check_footprint
from lab.proof import expect

SECRET = "token=s3cret"
BEHIND_THE_PROXY = "192.0.2.80"  # a server that the machine itself cannot reach (RFC 5737)


class Reports(http.server.ThreadingHTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        super().__init__((network.SERVER, 8080), ReportHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ReportHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # the name that http.server asks for
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclasses.dataclass(frozen=True)
class Case:
    options: str
    check: Callable[[Lab, list[bytes]], list[str]]  # gets what was posted; returns what log lines must hold
    log_port: int = 514
    lease: tuple[str, ...] = ()  # options of dnsmasq


def check_log(log: socket.socket, texts: list[str]) -> str:
    """Everything that came."""
    lines = []
    log.setblocking(False)
    try:
        while True:
            lines.append(log.recv(4096).decode())
    except BlockingIOError:
        pass
    expect("messages of the form of RFC 5424",
           [line for line in lines if not re.match(r"<\d+>1 \d{4}-\d\d-\d\dT[0-9:.]+Z \S+ mkpxerd - - - ", line)], [])
    for text in texts:
        expect(f"messages with {text}", any(text in line for line in lines), True)
    return "\n".join(lines)


def by_proxy(lab: Lab, posted: list[bytes]) -> list[str]:
    lab.until_proof()
    expect("reports", len(posted), 1)
    report = json.loads(posted[0])
    expect("result", report["result"], "handover")
    expect("stages", [stage["name"] for stage in report["stages"]][-1], "handover")
    check_footprint(lab, report)
    expect("driver of the card", report["nics"][0]["driver"], "virtio_net")
    log_lines = (lab.directory / "nginx.log").read_text(encoding="utf-8")
    expect("requests through the proxy", log_lines.count(f"http://{BEHIND_THE_PROXY}/node.apkovl.tar.gz"), 1)
    return ["kernel ", "by DHCP from", "handover to"]  # the first is from before there was a network


def failed(lab: Lab, posted: list[bytes]) -> list[str]:
    check_failure(lab, "MPX-HTTP-01", "absent")
    expect("reports", len(posted), 1)
    report = json.loads(posted[0])
    expect("result", report["result"], "failed")
    expect("code and stage", (report["failure"]["code"], report["failure"]["stage"]), ("MPX-HTTP-01", "apkovl"))
    expect("what failed", report["failure"]["object"], f"http://{network.SERVER}/absent?***")
    return ["failed MPX-HTTP-01 apkovl"]


def booted(lab: Lab, posted: list[bytes]) -> list[str]:
    lab.until_proof()
    expect("reports that nobody asked for", posted, [])
    return ["kernel ", "handover to"]


APKOVL = f"apkovl=http://{network.SERVER}/node.apkovl.tar.gz"
REPORT = f"mkpxerd.report=http://{network.SERVER}:8080/report"
CASES = {
    "handover": Case(f"apkovl=http://{BEHIND_THE_PROXY}/node.apkovl.tar.gz?{SECRET} mkpxerd.proxy=http://{network.SERVER} "
                     f"mkpxerd.log={network.SERVER} {REPORT}", by_proxy),
    "failure": Case(f"apkovl=http://{network.SERVER}/absent?{SECRET} mkpxerd.log={network.SERVER}:5140 {REPORT} "
                    f"panic={COUNTDOWN_SECONDS}", failed, log_port=5140),
    "log_server_of_lease": Case(APKOVL, booted, lease=(f"--dhcp-option=option:log-server,{network.SERVER}",)),
}


def run(lab: Lab, case: Case) -> None:
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.bind((network.SERVER, case.log_port))
    reports = Reports()
    lab.serve_dhcp(case.lease)
    lab.serve_http()
    lab.boot_direct(f"ip=dhcp {case.options}", lab.parts.small_image)
    texts = case.check(lab, reports.bodies)
    logged = check_log(log, texts)
    for where, text in (("reports", b"".join(reports.bodies).decode()), ("console", "\n".join(lab.guest.lines)),
                        ("log", logged)):
        expect(f"secrets in the {where}", SECRET in text, False)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
