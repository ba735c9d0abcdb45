#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots that fetch by HTTPS and FTP on a machine whose clock starts in 1970, with the /init that has TLS.

usage: transports.py --build DIR CASE | --list
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from lab import demands, network, parts, servers
from lab.case import Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure
from lab.footprint import check_footprint
from lab.proof import expect

sys.path.append(str(Path(__file__).resolve().parents[1] / "net"))
from authority import Authority  # noqa: E402

FTP_PORT = 21
SECRETS = ("s3cret", "t0ken")
YEARS_AGO = ("-rtc", "base=1970-01-02T00:00:00")


@dataclasses.dataclass(frozen=True)
class Case:
    apkovl: str
    code: str = ""
    named: str = ""
    certificate_for: str = f"IP:{network.SERVER}"
    expired: bool = False
    trusted: bool = True  # the image has the authority of the server


CASES = {
    "https": Case(f"https://user:s3cret@{network.SERVER}/node.apkovl.tar.gz?token=t0ken"),
    "https_unknown_issuer": Case(f"https://{network.SERVER}/node.apkovl.tar.gz", "MPX-TLS-03", "own-authority", trusted=False),
    "https_other_host": Case(f"https://{network.SERVER}/node.apkovl.tar.gz", "MPX-TLS-04", network.SERVER,
                             certificate_for="DNS:elsewhere.example"),
    "https_expired": Case(f"https://{network.SERVER}/node.apkovl.tar.gz", "MPX-TLS-01", network.SERVER, expired=True),
    "ftp": Case(f"ftp://{network.SERVER}/node.apkovl.tar.gz"),
}


def serve_https(lab: Lab, authority: Authority, case: Case) -> None:
    """nginx, as on any provisioning server."""
    authority.server([case.certificate_for], since=-2, until=-1 if case.expired else 365)
    lab.servers.append(servers.http(lab.directory, f"""server {{
    listen {network.SERVER}:80;
    listen {network.SERVER}:443 ssl;
    ssl_certificate "{authority.path("server.pem")}";
    ssl_certificate_key "{authority.path("server.key")}";
    root {lab.web_root};
  }}"""))


def serve_ftp(lab: Lab) -> None:
    python = "/usr/bin/python3"  # of the distribution, whose module it is
    if subprocess.run([python, "-c", "import pyftpdlib"], capture_output=True, check=False).returncode != 0:
        raise demands.Missing("pyftpdlib is missing (Debian package python3-pyftpdlib)")
    lab.servers.append(servers.Server("ftp", [python, "-m", "pyftpdlib", "-i", network.SERVER, "-p", str(FTP_PORT), "-d",
                                              str(lab.web_root)], lab.directory / "ftp.log", "tcp", FTP_PORT))


def make_image(lab: Lab, trusted: Authority) -> Path:
    image = lab.directory / "pxerd"
    os.environ["SOURCE_DATE_EPOCH"] = str(int(time.time()))  # where the clock of a machine without battery starts
    parts.build_image(lab.parts, image, "-F", "base network dhcp squashfs virtio", "--ca", trusted.certificate)
    return image


def run(lab: Lab, case: Case) -> None:
    demands.tool("openssl", "openssl")
    authority = Authority(str(lab.directory), "own-authority")
    other = Authority(str(lab.directory), "other-authority")
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    shutil.copyfile(lab.parts.modloop, lab.web_root / "modloop.squashfs")  # an FTP server follows no link out of its root
    lab.serve_dhcp()
    serve_https(lab, authority, case)
    serve_ftp(lab)
    lab.boot_direct(f"ip=dhcp apkovl={case.apkovl} modloop=ftp://{network.SERVER}/modloop.squashfs panic={COUNTDOWN_SECONDS} "
                    f"proof.module={parts.PROOF_MODULE} proof.files=/run/mkpxerd/report.json",
                    make_image(lab, authority if case.trusted else other), YEARS_AGO)
    if case.code:
        check_failure(lab, case.code, case.named)
        return
    proof = lab.until_proof()
    proof.check_system()
    proof.check_root("tmpfs")
    proof.check_module(parts.PROOF_MODULE, "squashfs")
    text = proof.files["/run/mkpxerd/report.json"]
    report = json.loads(text)
    expect("what was fetched", sorted(download["name"] for download in report["downloads"]), ["apkovl", "modloop"])
    for secret in SECRETS:
        for where, said in (("report", text), ("console", "\n".join(lab.guest.lines))):
            expect(f"{secret} in the {where}", secret in said, False)
    check_footprint(lab, report)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
