#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fault matrix, as far as it takes a whole machine: each fault, and what the boot must make of it.

A fault is either fatal (a code, and a word that its text must hold) or one that the boot recovers from (a line that
must be said on the way). Faults of servers and wires alone are in tests/net, which are faster; docs/failures.md lists all.

usage: faults.py --build DIR FAULT | --list
"""

import dataclasses
import gzip
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from lab import guest, network, parts
from lab.case import STEP_SECONDS, Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure
from lab.proof import expect

WEB = f"http://{network.SERVER}"
OVL = f"apkovl={WEB}/node.apkovl.tar.gz"


@dataclasses.dataclass(frozen=True)
class Fault:
    options: str
    prepare: Callable[[Lab], None]
    code: str = ""  # of the failure; empty: the boot recovers
    named: str = ""  # the failing object in the failure's text, or else what a line of the console must hold
    said: str = ""  # what else must be on the console
    card: str = guest.CARD
    cut: bool = False  # the image ends early
    machine: tuple[str, ...] = ()  # more arguments of QEMU
    features: str = ""  # of an image of its own
    hardware: str = ""  # a card that it has a driver for
    needs_root: bool = False  # nfs-ganesha opens files by handle
    later: tuple[str, Callable[[Lab], None]] | None = None  # a line of the console, and what happens after it


def web(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_http()


def good_apkovl(lab: Lab) -> Path:
    file = lab.web_root / "node.apkovl.tar.gz"
    parts.make_apkovl(file, lab.parts.proof)
    return file


def whole_apkovl(lab: Lab) -> None:
    web(lab)
    good_apkovl(lab)


def cut_apkovl(lab: Lab) -> None:
    web(lab)
    file = good_apkovl(lab)
    os.truncate(file, file.stat().st_size // 2)


def page_as_apkovl(lab: Lab) -> None:
    web(lab)
    (lab.web_root / "node.apkovl.tar.gz").write_text("<html>Please log in</html>\n", encoding="ascii")


def climbing_apkovl(lab: Lab) -> None:
    web(lab)
    with tarfile.open(lab.web_root / "node.apkovl.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("etc/../../../bin/climbed"))


def large_apkovl(lab: Lab) -> None:
    """64 MiB of zeros in a few KiB: more than the root may hold."""
    web(lab)
    with tarfile.open(lab.web_root / "node.apkovl.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("var-large")
        entry.size = 64 << 20
        with open("/dev/zero", "rb") as zeros:
            archive.addfile(entry, zeros)


def apkovl_of_names(lab: Lab) -> None:
    """One directory with a name of almost 4096 bytes, 40000 times: 160 MB of names in a few MB."""
    web(lab)
    directory = tarfile.TarInfo("/".join("n" * 240 for _ in range(16)))
    directory.type = tarfile.DIRTYPE
    directory.mode = 0o755
    with tarfile.open(lab.web_root / "node.apkovl.tar.gz", "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as archive:
        for _ in range(40000):
            archive.addfile(directory)


def empty_apkovl(lab: Lab) -> None:
    web(lab)
    with tarfile.open(lab.web_root / "node.apkovl.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("hello"))


def foreign_init(lab: Lab) -> None:
    """/sbin/init of another processor."""
    web(lab)
    program = bytearray(lab.parts.proof.read_bytes())
    program[18:20] = (183).to_bytes(2, "little")  # e_machine: EM_AARCH64
    changed = lab.directory / "foreign"
    changed.write_bytes(program)
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", changed)


def squashfs(lab: Lab, directory: Path, name: str) -> None:
    subprocess.run(["mksquashfs", str(directory), str(lab.web_root / name), "-noappend", "-all-root", "-no-progress", "-quiet"],
                   check=True, stdout=subprocess.DEVNULL)


def modloop_of(version: str) -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        whole_apkovl(lab)
        directory = lab.directory / "modloop"
        (directory / "modules" / version).mkdir(parents=True)
        (directory / "modules" / version / "modules.dep").write_text("", encoding="ascii")
        squashfs(lab, directory, "modloop")
    return prepare


def no_modloop(lab: Lab) -> None:
    whole_apkovl(lab)
    (lab.web_root / "modloop").write_bytes(gzip.compress(b"no squashfs"))


def root_image(lab: Lab) -> None:
    web(lab)
    directory = lab.directory / "root"
    parts.make_root(directory, lab.parts.proof, lab.kernel, "")
    squashfs(lab, directory, "root.squashfs")


def depot(lab: Lab) -> None:
    def fill(directory: Path) -> None:
        (directory / "boot").mkdir()
        (directory / "boot" / "modloop").symlink_to("elsewhere")
    lab.serve_dhcp()
    lab.serve_nfs({"/srv/depot": fill})
    good_apkovl(lab)


def leave_with_the_web_in_place(lab: Lab) -> None:
    """The apkovl comes only now, and what is wanted next of the NFS server finds none."""
    lab.servers.pop().stop()
    lab.serve_http()


def nfs_without(what: str) -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        lab.serve_dhcp()

        def fill(directory: Path) -> None:
            parts.make_root(directory, lab.parts.proof, lab.kernel, "")
            path = directory / what
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        lab.serve_nfs({"/srv/root": fill})
    return prepare


def nfs_export(lab: Lab, clients: str = "*", versions: str = "4", security: str = "sys") -> None:
    lab.serve_nfs({"/srv/root": lambda directory: parts.make_root(directory, lab.parts.proof, lab.kernel, "")}, clients, versions,
                  security)


def nfs(clients: str, versions: str, security: str = "sys") -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        lab.serve_dhcp()
        nfs_export(lab, clients, versions, security)
    return prepare


def nothing(_: Lab) -> None:
    pass


VERSION_99 = "99.0.0-other"
OTHERS = "192.0.2.1"  # a client that is not the machine (RFC 5737)
FAULTS = {
    # Hardware.
    "no_nic": Fault(f"ip=dhcp {OVL} mkpxerd.timeout=4", nothing, "MPX-NET-02", "no wired interface", card=""),
    "no_driver": Fault(f"ip=dhcp {OVL} mkpxerd.timeout=4", nothing, "MPX-NET-02", "no wired interface",
                       "no driver for pci 8086:100e at 0000:00:03.0: module e1000 is not in this image: rebuild it with the "
                       "--hardware list of this machine", card="e1000"),
    "no_feature": Fault(f"ip=dhcp {OVL} mkpxerd.timeout=4", nothing, "MPX-NET-02", "no wired interface",
                        "no driver for pci 8086:10d3 at 0000:00:03.0: module e1000e is not in this image: rebuild it with "
                        "feature network", card="e1000e", features="base dhcp squashfs virtio"),
    # A later 82551: e100 does not start it without its microcode, which is in no kernel package.
    "no_firmware": Fault(f"ip=dhcp {OVL} mkpxerd.timeout=4", nothing, "MPX-NET-05",
                         "e100 at 0000:00:03.0: firmware e100/d102e_ucode.bin", "cannot be brought up", card="i82551",
                         features="base network dhcp", hardware="pci:v00008086d00001209sv00008086sd00000000bc02sc00i00"),
    "no_offer": Fault(f"ip=dhcp {OVL} mkpxerd.timeout=6", nothing, "MPX-DHCP-01", "eth0"),
    "no_disk": Fault("root=LABEL=absent mkpxerd.timeout=4", nothing, "MPX-DEV-01", "LABEL=absent"),
    # As with too little memory: the kernel stops unpacking and goes on.
    "half_unpacked": Fault(f"ip=dhcp {OVL}", nothing, "MPX-INIT-01", "initramfs: was not unpacked completely", cut=True),
    # Command lines.
    "nothing_to_boot": Fault("ip=dhcp", nothing, "MPX-OPT-01", "command line: asks for nothing to boot"),
    "contradiction": Fault("ip=off root=nfs:10.77.0.1:/srv/root", nothing, "MPX-NET-01", "ip=off: the network is switched off"),
    # The tag that boards have and QEMU's does not.
    "unknown_placeholder": Fault(f"ip=dhcp apkovl={WEB}/{{ASSET}}.apkovl.tar.gz", web, "MPX-URL-01", "{ASSET}"),
    # What servers send.
    "apkovl_missing": Fault(f"ip=dhcp {OVL}", web, "MPX-HTTP-01", f"{WEB}/node.apkovl.tar.gz: 404"),
    "apkovl_cut": Fault(f"ip=dhcp {OVL}", cut_apkovl, "MPX-TAR-01", "node.apkovl.tar.gz"),
    "apkovl_page": Fault(f"ip=dhcp {OVL}", page_as_apkovl, "MPX-TAR-01", "node.apkovl.tar.gz"),
    "apkovl_climbs": Fault(f"ip=dhcp {OVL}", climbing_apkovl, "MPX-TAR-02", "climbed"),
    "apkovl_no_space": Fault(f"ip=dhcp {OVL} rootflags=size=16m", large_apkovl, "MPX-TAR-03", "var-large"),
    # Who remembers each of its names needs more memory than the machine has.
    "apkovl_of_names": Fault(f"ip=dhcp {OVL}", apkovl_of_names, "MPX-ROOT-01", "/sbin/init", machine=("-m", "256")),
    "apkovl_wrong_hash": Fault(f"ip=dhcp {OVL}#sha256={'0' * 64}", whole_apkovl, "MPX-FETCH-08", "node.apkovl.tar.gz"),
    "apkovl_optional": Fault(f"ip=dhcp apkovl={WEB}/absent|{WEB}/node.apkovl.tar.gz", whole_apkovl, "", "PROOF end"),
    "apkovl_may_be_missing": Fault(f"ip=dhcp root={WEB}/root.squashfs overlaytmpfs {OVL} mkpxerd.optional=apkovl", root_image,
                                   "", "continuing without an apkovl: MPX-HTTP-01"),
    "no_init": Fault(f"ip=dhcp {OVL}", empty_apkovl, "MPX-ROOT-01", "/sbin/init"),
    "foreign_init": Fault(f"ip=dhcp {OVL}", foreign_init, "MPX-ROOT-04", "/sbin/init"),
    "modloop_of_other_kernel": Fault(f"ip=dhcp {OVL} modloop={WEB}/modloop", modloop_of(VERSION_99), "MPX-LOOP-01",
                                     VERSION_99),
    "modloop_is_none": Fault(f"ip=dhcp {OVL} modloop={WEB}/modloop", no_modloop, "MPX-MNT-02", "modloop"),
    "modloop_optional": Fault(f"ip=dhcp {OVL} modloop={WEB}/modloop mkpxerd.optional=modloop", modloop_of(VERSION_99), "",
                              "continuing without a modloop"),
    # NFS.
    # nfs-ganesha hides from version 4 what a client may not mount; version 3 has an error of its own for it.
    "nfs_hidden": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root mkpxerd.timeout=8", nfs(OTHERS, "4"), "MPX-NFS-02",
                        "srv/root: the server has no such export", needs_root=True),
    "nfs_denied": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root mkpxerd.timeout=20", nfs(OTHERS, "3, 4"), "MPX-NFS-01",
                        "srv/root: access denied by server", needs_root=True),
    "nfs_kerberos": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root mkpxerd.timeout=20", nfs("*", "3, 4", "krb5, krb5p"),
                          "MPX-NFS-07", "srv/root: the server offers sec=krb5", needs_root=True),
    "nfs_no_export": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/other mkpxerd.timeout=20", nfs("*", "3, 4"),
                           "MPX-NFS-02", "srv/other: the server has no such export", needs_root=True),
    "nfs_no_server": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root mkpxerd.timeout=6", lambda lab: lab.serve_dhcp(),
                           "MPX-NFS-03", network.SERVER),
    "nfs_late": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root", lambda lab: lab.serve_dhcp(),
                      needs_root=True, later=(r"nfs:.*trying again", nfs_export)),
    "nfs_only_3": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root", nfs("*", "3"), "", "srv/root: mounted, version 3",
                        needs_root=True),
    # The server goes while its files are still to be read: no event loop sees that.
    "nfs_gone": Fault(f"ip=dhcp alpine_dev=nfs:{network.SERVER}:/srv/depot {OVL} modloop=boot/modloop mkpxerd.timeout=25",
                      depot, "MPX-SYS-04", "no progress for 60 s", needs_root=True,
                      said="MPX-SYS-04 modloop: blocked in the kernel for 20 s",
                      later=("nfs:.*/srv/depot: mounted", leave_with_the_web_in_place)),
    "nfs_no_init": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root", nfs_without("sbin/init"), "MPX-ROOT-01",
                         "/sbin/init", needs_root=True),
    "nfs_no_mount_point": Fault(f"ip=dhcp root=nfs:{network.SERVER}:/srv/root", nfs_without("proc"), "MPX-ROOT-05", "/proc",
                                needs_root=True),
    # An image without authorities has an /init without TLS.
    "https_without_tls": Fault(f"ip=dhcp apkovl=https://{network.SERVER}/node.apkovl.tar.gz", web, "MPX-TLS-06", "no TLS"),
    # Packages without what installs them.
    "packages_without_apk": Fault(f"ip=dhcp {OVL} pkgs=nginx", whole_apkovl, "MPX-PKG-01", "apk"),
}


def run(lab: Lab, case: Fault) -> None:
    case.prepare(lab)
    image = lab.parts.small_image
    if case.features:
        image = lab.directory / "own"
        arguments = ["-F", case.features]
        if case.hardware:
            card = lab.directory / "card.modalias"
            card.write_text(case.hardware, encoding="ascii")
            arguments += ["--hardware", str(card)]
        parts.build_image(lab.parts, image, *arguments)
    if case.cut:
        image = parts.without_end(image, lab.directory / "cut")
    lab.boot_direct(f"{case.options} panic={COUNTDOWN_SECONDS}", image, case.machine, case.card)
    if case.later:
        lab.guest.wait_for("fault", case.later[0], STEP_SECONDS)
        case.later[1](lab)
    if case.code:
        check_failure(lab, case.code, case.named)
    else:
        lab.until_proof()
    for text in filter(None, (case.said, "" if case.code else case.named)):
        expect(f"the console says: {text}", any(text in line for line in lab.guest.lines), True)


if __name__ == "__main__":
    boot_case(run, cases=FAULTS)
