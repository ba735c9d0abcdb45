#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a boot tells others: its lines to a syslog server, its report to a URL; with everything fetched by a proxy."""

import http.server
import json
import re
import socket
import threading

from lab import network, parts
from lab.case import Lab, boot_case
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


def received(log: socket.socket) -> list[str]:
    lines = []
    log.setblocking(False)
    while True:
        try:
            lines.append(log.recv(4096).decode())
        except BlockingIOError:
            return lines


def run(lab: Lab) -> None:
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.bind((network.SERVER, 514))
    reports = Reports()
    lab.serve_dhcp()
    lab.serve_http()
    lab.boot_direct(f"ip=dhcp apkovl=http://{BEHIND_THE_PROXY}/node.apkovl.tar.gz?{SECRET} "
                    f"mkpxerd.proxy=http://{network.SERVER} mkpxerd.log={network.SERVER} "
                    f"mkpxerd.report=http://{network.SERVER}:8080/report", lab.parts.small_image)
    lab.until_proof()
    lines = received(log)
    expect("messages of the form of RFC 5424",
           [line for line in lines if not re.match(r"<\d+>1 \d{4}-\d\d-\d\dT[0-9:.]+Z \S+ mkpxerd - - - ", line)], [])
    for text in ("kernel ", "by DHCP from", "handover to"):  # the first is from before there was a network
        expect(f"messages with {text}", any(text in line for line in lines), True)
    expect("reports", len(reports.bodies), 1)
    report = json.loads(reports.bodies[0])
    expect("result", report["result"], "handover")
    expect("stages", [stage["name"] for stage in report["stages"]][-1], "handover")
    check_footprint(lab, report)
    expect("driver of the card", report["nics"][0]["driver"], "virtio_net")
    for where, text in (("report", reports.bodies[0].decode()), ("console", "\n".join(lab.guest.lines)),
                        ("syslog", "\n".join(lines))):
        expect(f"secrets in the {where}", SECRET in text, False)
    log_lines = (lab.folder / "nginx.log").read_text(encoding="utf-8")
    expect("requests through the proxy", log_lines.count(f"http://{BEHIND_THE_PROXY}/node.apkovl.tar.gz"), 1)


if __name__ == "__main__":
    boot_case(run)
