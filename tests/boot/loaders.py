#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every loader, from the first packet of the card to a diskless root, with the project's own bundle: what the servers
are told comes from `mkpxerd snippet`, what the loaders read is in the bundle, and nothing else is written.

usage: loaders.py --build DIR CASE | --list
"""

import dataclasses
import shutil
from pathlib import Path

from lab import demands, network, parts, servers
from lab.case import Lab, boot_case
from lab.guest import MAC, Guest
from lab.proof import expect

# Firmware and loaders wait actively and in real mode, which an emulated processor does slowly: no time is asserted here.
LIMIT_SECONDS = 400
WAIT_SECONDS = 150
FIRMWARE = Path("/usr/share/OVMF")


@dataclasses.dataclass(frozen=True)
class Case:
    servers: tuple[str, ...] = ("dnsmasq", "nginx")
    firmware: str = "rom"  # how the machine begins, see MACHINES
    card: str = "virtio-net-pci"
    loader: str = "ipxe"  # as --loader has it
    said: tuple[tuple[str, str], ...] = ()  # milestones on the console: name, pattern
    fetched: tuple[str, ...] = ("/vmlinuz", "/pxerd")  # by HTTP
    own_script: bool = False  # the machine has an iPXE script of its own in the bundle, and an archive
    configuration: str = ""  # a snippet and its place: with options that the loader has to quote
    late_kernel: bool = False  # the web server has no kernel at first, and a page in the place of each script

    @property
    def needs_root(self) -> bool:
        """tftpd-hpa sets its groups, which a user namespace of one user forbids."""
        return "tftpd" in self.servers


UNDIONLY = (("undionly", "using undionly on"),)
PXELINUX = (("pxelinux", r"PXELINUX \d"),)
LPXELINUX = (("lpxelinux", r"PXELINUX \d.*lwIP"),)
ISC = ("dhcpd", "tftpd", "nginx")
SCRIPT = ("/boot.ipxe", "/vmlinuz", "/pxerd")
# What each loader must pass as it is.
WORDS = 'a="b  c" || ; && #d $e {f}'

CASES = {
    "rom": Case(said=(("rom", r"iPXE \d"),), fetched=("/boot.ipxe", "/vmlinuz", "/pxerd")),
    "rom_own_script": Case(fetched=("/boot.ipxe", "/vmlinuz", "/pxerd"), own_script=True),
    "rom_e1000": Case(card="e1000"),
    "rom_rtl8139": Case(card="rtl8139"),
    "rom_kea_e1000e": Case(("kea", "tftpd", "nginx"), card="e1000e"),
    "undionly_isc": Case(ISC, "vendor", said=UNDIONLY, fetched=("/boot.ipxe", "/vmlinuz", "/pxerd")),
    "undionly_kea": Case(("kea", "tftpd", "nginx"), "vendor", said=UNDIONLY, fetched=("/boot.ipxe", "/vmlinuz", "/pxerd")),
    "gpxe_script": Case(ISC, "guide", fetched=("/gpxe-script", "/vmlinuz", "/pxerd")),
    "rom_late_kernel": Case(fetched=SCRIPT, configuration="boot.ipxe", late_kernel=True),
    "proxy": Case(("dnsmasq_proxy", "nginx"), "vendor", said=UNDIONLY, fetched=SCRIPT),
    "proxy_uefi": Case(("dnsmasq_proxy", "nginx"), "uefi", said=(("ipxe.efi", r"iPXE \d"),), fetched=SCRIPT),
    "pxelinux": Case(firmware="vendor", loader="pxelinux", said=PXELINUX, fetched=(), configuration="pxelinux"),
    "lpxelinux": Case(firmware="vendor", loader="lpxelinux", said=LPXELINUX),
    "uefi_ipxe": Case(firmware="uefi", said=(("ipxe.efi", r"iPXE \d"),), fetched=("/boot.ipxe", "/vmlinuz", "/pxerd")),
    "uefi_own_script": Case(firmware="uefi", fetched=SCRIPT, own_script=True),
    "uefi_snponly": Case(firmware="uefi", loader="snponly", said=(("snponly.efi", r"iPXE \d"),), fetched=SCRIPT),
    "uefi_grub_isc": Case(ISC, "uefi", loader="grub", fetched=(), configuration="grub.cfg"),
    "uefi_http": Case(firmware="uefi_http", said=(("ipxe.efi", r"iPXE \d"),),
                      fetched=("/ipxe.efi", "/boot.ipxe", "/vmlinuz", "/pxerd")),
    "uefi_http_isc": Case(ISC, "uefi_http", loader="grub", fetched=("/ipxe.efi", "/vmlinuz", "/pxerd")),
}


def other_rom(lab: Lab, script: str) -> list[str]:
    """A BIOS machine whose card has no iPXE: Debian packages no other ROM, so iPXE plays one, by not saying its name."""
    program = next((file for file in map(Path, ("/usr/lib/ipxe/ipxe.lkrn", "/boot/ipxe.lkrn")) if file.exists()), None)
    if program is None:
        raise demands.Missing("ipxe.lkrn is missing (Debian package ipxe)")
    file = lab.directory / "rom.ipxe"
    file.write_text(f"#!ipxe\nset user-class PXE\n{script}\n", encoding="ascii")
    return ["-kernel", str(program), "-initrd", str(file)]


def uefi(lab: Lab, *more: str) -> list[str]:
    if not (FIRMWARE / "OVMF_CODE_4M.fd").exists():
        raise demands.Missing(f"{FIRMWARE}/OVMF_CODE_4M.fd is missing (Debian package ovmf)")
    variables = lab.directory / "variables.fd"
    shutil.copyfile(FIRMWARE / "OVMF_VARS_4M.fd", variables)
    return ["-machine", "q35", "-drive",
            f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
            "-drive", f"if=pflash,format=raw,unit=1,file={variables}", *more]


def no_pxe(lab: Lab) -> list[str]:
    return uefi(lab, "-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no",
                "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no")


# name -> arguments of QEMU, and whether the card keeps its iPXE ROM
MACHINES = {
    "rom": (lambda lab: [], True),
    "vendor": (lambda lab: other_rom(lab, "autoboot net0"), False),
    "guide": (lambda lab: other_rom(lab, "dhcp net0\nchain http://${net0/next-server}/gpxe-script"), False),
    "uefi": (uefi, False),
    "uefi_http": (no_pxe, False),
}


PLACES = {"boot.ipxe": "boot.ipxe", "pxelinux": "pxelinux.cfg/default", "grub.cfg": "grub/grub.cfg"}


def snippet(lab: Lab, name: str, bundle: Path, *options: str) -> str:
    return parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "snippet", name, "--server", network.SERVER,
                              "-o", str(bundle), *options])


def own_bundle(lab: Lab, case: Case) -> Path:
    """The common bundle, or one of this machine's own, as the other tests use the common one."""
    if not (case.own_script or case.configuration or lab.parts.form):
        return lab.parts.bundle
    bundle = lab.directory / "bundle"
    shutil.copytree(lab.parts.bundle, bundle)
    if lab.parts.form:
        shutil.copyfile(lab.parts.image, bundle / "pxerd")
    if case.own_script:
        script = bundle / "mac" / f"{MAC.replace(':', '-')}.ipxe"
        script.parent.mkdir()
        script.write_text("#!ipxe\nset more proof.files=/proc/cmdline\nset archive own\n", encoding="ascii")
        # An option that only this machine has: the init names a subject that it does not know.
        own = lab.directory / "own" / "etc" / "mkpxerd.d" / "own.conf"
        own.parent.mkdir(parents=True)
        own.write_text("debug_init=dsn\n", encoding="ascii")
        parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "overlay", "-o", str(bundle / "own"),
                           str(lab.directory / "own")])
    if case.configuration:
        options = f"{parts.CONSOLE} proof.module={parts.PROOF_MODULE} proof.files=/proc/cmdline {WORDS}"
        text = snippet(lab, case.configuration, bundle, "--apkovl", "machine.apkovl.tar.gz", "--cmdline", options)
        (bundle / PLACES[case.configuration]).write_text(text, encoding="ascii")
    if case.late_kernel:
        (bundle / "vmlinuz").rename(lab.directory / "vmlinuz")
        (bundle / "page.html").write_text("<!doctype html><title>not here</title>\n", encoding="ascii")
    return bundle


def serve(lab: Lab, case: Case) -> Path:
    """Servers, each with its snippet for this bundle and loader. Returns the bundle."""
    bundle = own_bundle(lab, case)
    names = {"dnsmasq": "dnsmasq.conf", "dnsmasq_proxy": "dnsmasq-proxy.conf", "dhcpd": "dhcpd.conf",
             "kea": "kea-dhcp4.conf", "tftpd": "tftpd-hpa", "nginx": "nginx.conf"}
    lab.servers.append(servers.router(lab.directory))
    if "dnsmasq_proxy" in case.servers:
        lab.servers.append(servers.foreign_dhcp(lab.directory))
    for name in case.servers:
        text = snippet(lab, names[name], bundle, "--loader", case.loader)
        if name == "nginx":
            if case.late_kernel:
                text = text.replace("default_type", "location /mac/ { error_page 404 =200 /page.html; }\n    default_type")
            lab.servers.append(servers.http(lab.directory, text))
        else:
            file = lab.directory / names[name]
            file.write_text(text, encoding="ascii")
            lab.servers.append(getattr(servers, name)(lab.directory, file))
    return bundle


def run(lab: Lab, case: Case) -> None:
    bundle = serve(lab, case)
    arguments, keeps_rom = MACHINES[case.firmware]
    lab.limit = LIMIT_SECONDS
    lab.guest = Guest(lab.directory / "console.log", arguments(lab), case.card if keeps_rom else case.card + ",romfile=")
    for name, pattern in case.said:
        lab.guest.wait_for(name, pattern, WAIT_SECONDS)
    if case.late_kernel:
        lab.guest.wait_for("a page", f"mac/{MAC.replace(':', '-')}.ipxe is not used", WAIT_SECONDS)
        lab.guest.wait_for("first attempt", f"mkpxerd: nothing to boot from http://{network.SERVER}", WAIT_SECONDS)
        lab.guest.wait_for("second attempt", f"mkpxerd: nothing to boot from http://{network.SERVER}", WAIT_SECONDS)
        lab.guest.wait_for("a longer pause", "follows in 2 s", WAIT_SECONDS)
        (lab.directory / "vmlinuz").rename(bundle / "vmlinuz")
    lab.guest.wait_for("kernel and init", "mkpxerd: init started|mkpxerd: kernel ", WAIT_SECONDS)
    if case.own_script:
        lab.guest.wait_for("the archive of this machine", "debug_init: unknown subject 'dsn'", WAIT_SECONDS)
    proof = lab.until_proof(WAIT_SECONDS)

    proof.check_system()
    proof.check_root("tmpfs")
    proof.check_module(parts.PROOF_MODULE, "squashfs")
    expect("gateway", proof.address["gateway"], network.SERVER)
    for path in ("/vmlinuz", "/pxerd", *case.fetched):
        expect(f"{path} was fetched by HTTP", bool(lab.requests(path)), path in case.fetched)
    said = proof.files.get("/proc/cmdline", "")
    if case.configuration:
        # GRUB puts the quotes around the whole word.
        expect(f"the kernel got {WORDS} from its loader", WORDS in said.replace('"a=b  c"', 'a="b  c"'), True)
    else:
        expect("the option of the machine's own script", said.split()[-1:],
               ["proof.files=/proc/cmdline"] if case.own_script else [])


if __name__ == "__main__":
    boot_case(run, cases=CASES)
