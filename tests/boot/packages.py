#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A diskless Alpine whose packages the real apk installs from a signed repository by HTTP, and what goes wrong with it.

The packages are made here; apk is the one that the machine has, or that MKPXERD_APK names. Debian has none: without one
the test is skipped, even where everything is demanded.

usage: packages.py --build DIR CASE | --list
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab import demands, network, parts
from lab.case import Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure
from lab.footprint import check_footprint
from lab.proof import expect

SSH_KEYS = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtest admin\n"
REPOSITORY = f"http://{network.SERVER}/repository"


@dataclasses.dataclass(frozen=True)
class Case:
    packages: str = "hello"
    code: str = ""
    named: str = ""
    keys: bool = True  # the image has the key that the repository is signed with
    repository: bool = True
    by_apkovl: bool = False  # it says which packages and which repository
    ssh_key: bool = False  # by URL


CASES = {
    "installed": Case(),
    "named_by_apkovl": Case(by_apkovl=True),
    "ssh_key": Case(ssh_key=True),
    "missing": Case("hello,absent", "MPX-PKG-03", "absent"),
    "unknown_key": Case(code="MPX-PKG-04", named=REPOSITORY, keys=False),
    "dead_repository": Case(code="MPX-PKG-05", named=REPOSITORY, repository=False),
}


def apk_program() -> str:
    program = os.environ.get("MKPXERD_APK") or shutil.which("apk", path=demands.SEARCH_PATH)
    if not program:
        print("SKIPPED: apk is missing (Debian has no package; build apk-tools 3 and give MKPXERD_APK=.../apk)")
        sys.exit(demands.SKIPPED)
    return program


class Repository:
    """Packages alpine-base (an /sbin/init), openssh (its service) and hello (a file), signed with a key of their own."""

    def __init__(self, lab: Lab, apk: str):
        self.apk, self.directory = apk, lab.directory / "packages"
        self.directory.mkdir()
        self.key = self.directory / "lab.rsa"
        self.public_key = self.directory / "lab.rsa.pub"
        self._run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(self.key))
        self._run("openssl", "pkey", "-in", str(self.key), "-pubout", "-out", str(self.public_key))
        place = lab.web_root / "repository" / "x86_64"
        place.mkdir(parents=True)
        self._package(place, "alpine-base", {"sbin/init": lab.parts.proof.read_bytes()})
        self._package(place, "openssh", {"etc/init.d/sshd": b"#!/sbin/openrc-run\n"})
        self._package(place, "hello", {"etc/hello": b"hello from a package\n"})
        keys = self.directory / "keys"
        keys.mkdir()
        shutil.copy(self.public_key, keys)
        self._run(apk, "mkndx", "--keys-dir", str(keys), "--sign-key", str(self.key), "--output",
                  str(place / "APKINDEX.tar.gz"), *map(str, place.glob("*.apk")))

    def _package(self, place: Path, name: str, files: dict[str, bytes]) -> None:
        root = self.directory / name
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
            (root / path).chmod(0o755)
        self._run(self.apk, "mkpkg", "--files", str(root), "--info", f"name:{name}", "--info", "version:1-r0", "--info",
                  "arch:x86_64", "--info", f"description:{name}", "--info", "license:MIT", "--sign-key", str(self.key),
                  "--output", str(place / f"{name}-1-r0.apk"))

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command[:2])} failed: {done.stdout}{done.stderr}")


def make_image(lab: Lab, repository: Repository, with_key: bool) -> Path:
    """An image built from a tree that has apk and its keys, as an Alpine system has."""
    tree = lab.directory / "alpine"
    for directory in ("sbin", "bin", "etc/apk/keys", "etc/ssl/certs"):
        (tree / directory).mkdir(parents=True)
    shutil.copy(repository.apk, tree / "sbin" / "apk")
    shutil.copy(demands.tool("busybox", "busybox-static"), tree / "bin" / "busybox")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", tree / "etc" / "ssl" / "certs")
    (tree / "etc" / "apk" / "arch").write_text("x86_64\n", encoding="ascii")
    if with_key:
        shutil.copy(repository.public_key, tree / "etc" / "apk" / "keys")
    image = lab.directory / "pxerd"
    parts.build_image(lab.parts, image, "-b", str(tree), "--profile", "diskless-alpine")
    return image


def run(lab: Lab, case: Case) -> None:
    repository = Repository(lab, apk_program())
    if not case.repository:
        shutil.rmtree(lab.web_root / "repository")
    lab.serve_dhcp()
    lab.serve_http()
    wanted = f"alpine_repo={REPOSITORY} pkgs={case.packages}"
    if case.ssh_key:
        (lab.web_root / "keys").write_text(SSH_KEYS, encoding="ascii")
        wanted += f" ssh_key=http://{network.SERVER}/keys"
    if case.by_apkovl:
        parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof,
                          {"etc/apk/world": case.packages + "\n", "etc/apk/repositories": REPOSITORY + "\n"})
        wanted = f"apkovl=http://{network.SERVER}/node.apkovl.tar.gz"
    lab.boot_direct(f"ip=dhcp {wanted} panic={COUNTDOWN_SECONDS} "
                    "proof.files=/etc/hello,/etc/apk/world,/etc/apk/repositories,/run/mkpxerd/report.json,"
                    "/root/.ssh/authorized_keys,/etc/runlevels/default/sshd",
                    make_image(lab, repository, case.keys))
    if case.code:
        check_failure(lab, case.code, case.named)
        return
    proof = lab.until_proof()
    proof.check_system()
    proof.check_root("tmpfs")
    expect("file of the package", proof.files["/etc/hello"], "hello from a package\n")
    expect("world", sorted(proof.files["/etc/apk/world"].split()),
           ["alpine-base", "hello", *(["openssh"] if case.ssh_key else [])])
    expect("keys of root", proof.files.get("/root/.ssh/authorized_keys"), SSH_KEYS if case.ssh_key else None)
    expect("service of ssh", "/etc/runlevels/default/sshd" in proof.files, case.ssh_key)
    expect("repositories", proof.files["/etc/apk/repositories"], REPOSITORY + "\n")
    report = json.loads(proof.files["/run/mkpxerd/report.json"])
    expect("result in the report", report["result"], "handover")
    check_footprint(lab, report)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
