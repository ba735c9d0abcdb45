#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""iPXE ROM to a diskless root: tmpfs filled by an apkovl that carries its own /sbin/init, modules from a modloop."""

from lab import network, parts
from lab.case import Lab, boot_case
from lab.guest import MAC
from lab.proof import expect


def run(lab: Lab) -> None:
    parts.make_apkovl(lab.web_root / f"{MAC}.apkovl.tar.gz", lab.parts.proof)
    (lab.web_root / "modloop.squashfs").symlink_to(lab.parts.modloop)
    lab.serve_http()
    lab.boot_chain("ip=dhcp apkovl=http://${next-server}/{MAC}.apkovl.tar.gz "
                   f"modloop=http://${{next-server}}/modloop.squashfs proof.module={parts.PROOF_MODULE}")
    proof = lab.until_proof()

    proof.check_system()
    proof.check_leased_address()
    proof.check_root("tmpfs")
    proof.check_module(parts.PROOF_MODULE, "squashfs")
    expect("nameserver", proof.resolv["nameserver"], network.SERVER)
    expect("search domain", proof.resolv["search"], network.DOMAIN)
    expect("requests for the apkovl of this card", len(lab.requests(f"/{MAC}.apkovl.tar.gz")), 1)
    expect("requests for the modloop", len(lab.requests("/modloop.squashfs")), 1)


if __name__ == "__main__":
    boot_case(run)
