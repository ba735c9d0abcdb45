#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options that take a disk or a person at the console. What is fetched is in other tests.

usage: options.py --build DIR CASE | --list
"""

import dataclasses
import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from lab import network, parts
from lab.case import STEP_SECONDS, Lab, boot_case
from lab.failures import COUNTDOWN_SECONDS, check_failure
from lab.guest import FAILURE
from lab.proof import Proof, expect

ROOT_UUID = "6f1b4c1e-0a7d-4b0a-9d5e-1f2a3b4c5d6e"
FEATURES = "base network dhcp squashfs overlay virtio ext4 rescue"
APKOVL = f"http://{network.SERVER}/node.apkovl.tar.gz"
BLANK_DISKS = 16
PROMPT = "`exit` continues the boot"


@dataclasses.dataclass(frozen=True)
class Case:
    options: str
    prepare: Callable[[Lab], list[Path]]  # returns the disks
    check: Callable[[Lab], None]
    card: str = ""
    late_console: bool = False  # hvc0, which its driver brings; kept in a file
    keyboard: bool = False  # that press() reaches


# Disks.
def disk(lab: Lab, label: str, fill: Callable[[Path], None], uuid: str = "random") -> Path:
    directory = lab.directory / label
    directory.mkdir()
    fill(directory)
    file = lab.directory / f"{label}.disk"
    parts.make_disk(file, label, directory, uuid)
    return file


def a_root(lab: Lab, fstab: str = "") -> Path:
    def fill(directory: Path) -> None:
        parts.make_root(directory, lab.parts.proof, lab.kernel, "")
        (directory / "usr").mkdir()
        (directory / "etc" / "fstab").write_text(fstab, encoding="ascii")
    return disk(lab, "root", fill, ROOT_UUID)


def root_alone(lab: Lab) -> list[Path]:
    return [a_root(lab)]


def root_and_usr(lab: Lab) -> list[Path]:
    return [a_root(lab, "LABEL=usr /usr ext4 ro 0 2\n"),
            disk(lab, "usr", lambda directory: (directory / "there").write_text("usr\n", encoding="ascii"))]


def media(lab: Lab, apkovls: tuple[str, ...]) -> Path:
    """As Alpine's media: the apkovl in the root, the modloop in boot/."""
    def fill(directory: Path) -> None:
        for name in apkovls:
            parts.make_apkovl(directory / name, lab.parts.proof)
        (directory / "boot").mkdir()
        shutil.copyfile(lab.parts.modloop, directory / "boot" / f"modloop-{lab.kernel.version.rpartition('-')[2]}")
    return disk(lab, "media", fill)


def whole_media(lab: Lab) -> list[Path]:
    return [media(lab, ("lab.apkovl.tar.gz",))]


def media_among_many(lab: Lab) -> list[Path]:
    """Their bus announces all of them before another program runs."""
    blank = [lab.directory / f"blank{number}" for number in range(BLANK_DISKS)]
    for file in blank:
        file.write_bytes(bytes(1 << 20))
    return [*whole_media(lab), *blank]


def media_without_apkovl(lab: Lab) -> list[Path]:
    return [media(lab, ()), disk(lab, "keep", lambda directory: parts.make_apkovl(directory / "lab.apkovl.tar.gz", lab.parts.proof))]


def media_with_two(lab: Lab) -> list[Path]:
    return [media(lab, ("lab.apkovl.tar.gz", "other.apkovl.tar.gz"))]


def servers(lab: Lab) -> list[Path]:
    lab.serve_dhcp()
    lab.serve_http()
    return []


def short_lease(lab: Lab) -> list[Path]:
    lab.serve_dhcp(("--dhcp-option-force=option:T1,4",))  # seconds, after which it is renewed
    lab.serve_http()
    return []


# Checks.
def on_ext4(proof: Proof) -> None:
    proof.check_system()
    proof.check_module(parts.PROOF_MODULE, "ext4")


def root_with_arguments(lab: Lab) -> None:
    proof = lab.until_proof()
    on_ext4(proof)
    mount = proof.check_root("ext4", "/dev/vda")
    expect("read-only and noatime", [option for option in ("ro", "noatime") if option in mount.options], ["ro", "noatime"])
    expect("arguments", proof.process["arguments"], "one,two,three")


def writable(lab: Lab) -> None:
    proof = lab.until_proof()
    on_ext4(proof)
    expect("writable", "rw" in proof.check_root("ext4").options, True)


def overlay_in_silence(lab: Lab) -> None:
    proof = lab.read_proof()
    proof.check_system()
    proof.check_root("overlay")
    expect("memory for changes", [mount.options for mount in proof.mounts.values() if "size=8192k" in mount.options] != [],
           True)
    said = [line.split("mkpxerd: ")[1].split(" ")[0] for line in lab.guest.lines if "mkpxerd: " in line]
    expect("lines of a quiet boot", said, ["handover"])


def with_usr(options: str) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        proof = lab.until_proof()
        proof.check_root("ext4")
        mount = proof.mounts.get("/usr")
        expect("/usr", mount and options in mount.options, True if options else None)
    return check


def modules_as_told(lab: Lab) -> None:
    proof = lab.until_proof()
    loaded = [line.split()[0] for line in proof.files["/proc/modules"].splitlines()]
    expect("loop loaded", "loop" in loaded, True)
    expect("its parameter", proof.files["/sys/module/loop/parameters/max_loop"], "3\n")
    expect("driver on the blacklist", "virtio_net" in loaded, False)


def from_media(lab: Lab) -> None:
    in_memory(lab.until_proof())


def in_memory(proof: Proof) -> None:
    proof.check_system()
    proof.check_root("tmpfs")
    proof.check_module(parts.PROOF_MODULE, "squashfs")


def on_all_consoles(lab: Lab) -> None:
    proof = lab.until_proof()
    in_memory(proof)
    screen = proof.files["/dev/vcs1"]  # the text of the first virtual terminal, vcs(4)
    for text in ("mkpxerd: diskless root", "mkpxerd: handover to /sbin/init"):
        expect(f"{text} on the screen", text in screen, True)
    late = (lab.directory / "hvc0.log").read_text(encoding="utf-8", errors="replace").splitlines()
    said = [[line.split("mkpxerd: ")[1].strip() for line in lines if "mkpxerd: " in line and "PROOF" not in line]
            for lines in (lab.guest.lines, late)]
    expect("lines on the console that came later", said[1], said[0])


def both_ignored(lab: Lab) -> None:
    guest = lab.guest
    guest.wait_for("ignored", "lab.apkovl.tar.gz, .*other.apkovl.tar.gz are ignored: there is more than one", STEP_SECONDS)
    failure = guest.wait_for("failed", FAILURE.pattern, STEP_SECONDS, failure_expected=True)
    expect("code", failure["code"], "MPX-ROOT-01")
    guest.wait_for("power", "Power down", STEP_SECONDS, failure_expected=True)


def shell_before_handover(lab: Lab) -> None:
    talk(lab, "echo there are $(ls / | grep -c newroot) roots", "there are 1 roots")
    in_memory(lab.read_proof())


def restarted_by_keys(lab: Lab) -> None:
    lab.guest.wait_for("shell", PROMPT, 2 * STEP_SECONDS)
    press(lab, "ctrl", "alt", "delete")
    lab.guest.wait_for("asked", "mkpxerd: a signal requested a restart", STEP_SECONDS)
    lab.guest.wait_for("reboot", "reboot: Restarting system", STEP_SECONDS)
    lab.guest.wait_end(STEP_SECONDS)


def press(lab: Lab, *keys: str) -> None:
    """All of them at once, on the PS/2 keyboard, by QEMU's QMP."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(STEP_SECONDS)
        monitor.connect(str(lab.directory / "qmp"))
        with monitor.makefile("rw", encoding="utf-8") as lines:
            for command, arguments in (("qmp_capabilities", {}),
                                       ("send-key", {"keys": [{"type": "qcode", "data": key} for key in keys]})):
                lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                lines.flush()
                while "return" not in (answer := json.loads(lines.readline())):
                    expect(f"an error of {command}", answer.get("error"), None)


def talk(lab: Lab, command: str, answer: str) -> None:
    """A command in the shell, then `exit`."""
    lab.guest.wait_for("shell", PROMPT, 2 * STEP_SECONDS, failure_expected=True)
    lab.guest.type(command + "\n")
    lab.guest.wait_for("answer", f"^{answer}", STEP_SECONDS, failure_expected=True)
    lab.guest.type("exit\n")


def fetched_after(mend: Callable[[Lab], None]) -> Callable[[Lab], None]:
    """The apkovl is not there; mend() changes that, and the boot goes on."""
    def check(lab: Lab) -> None:
        failure = lab.guest.wait_for("failed", FAILURE.pattern, 2 * STEP_SECONDS, failure_expected=True)
        expect("code", failure["code"], "MPX-HTTP-01")
        parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
        mend(lab)
        lab.guest.wait_for("handover", "mkpxerd: handover", STEP_SECONDS, failure_expected=True)
        proof = lab.read_proof()
        proof.check_leased_address()
        expect("addresses asked for", sum("by DHCP from" in line for line in lab.guest.lines), 1)
    return check


def press_a_key(lab: Lab) -> None:
    lab.guest.wait_for("countdown", "any key opens a shell", STEP_SECONDS, failure_expected=True)
    lab.guest.type("x")
    talk(lab, "echo $((6 * 7)) pressed", "42 pressed")


def in_the_shell(lab: Lab) -> None:
    talk(lab, "echo $((6 * 7)) typed", "42 typed")


def after_renewal(lab: Lab) -> None:
    """The shell is open, and the lease is renewed meanwhile."""
    lab.guest.wait_for("shell", PROMPT, 2 * STEP_SECONDS, failure_expected=True)
    lab.guest.wait_for("renewed", rf"eth0: {network.SERVER} renews ", STEP_SECONDS, failure_expected=True)
    lab.guest.type("exit\n")


def crash_and_restart(lab: Lab) -> None:
    """The shell sends PID 1 a SIGSEGV: the kernel delivers it because the init has a handler for it."""
    lab.guest.wait_for("shell", PROMPT, 2 * STEP_SECONDS)
    lab.guest.type("kill -SEGV 1\n")
    check_failure(lab, "MPX-BUG-01", "segmentation fault")


def every_detail(lab: Lab) -> None:
    from_media(lab)
    expect("modules that are named", any("virtio_blk" in line and "mkpxerd" in line for line in lab.guest.lines), True)
    expect("events lost", any("the kernel dropped events" in line for line in lab.guest.lines), False)


def details_of_devices(lab: Lab) -> None:
    from_media(lab)
    for text, is_shown in (("LABEL=media is /dev/", True), ("module virtio_blk", False), ("option alpine_dev=", False),
                           ("debug_init: unknown subject 'dsn'", True)):
        expect(text, any(text in line and "mkpxerd" in line for line in lab.guest.lines), is_shown)


def after_lost_events(lab: Lab) -> None:
    from_media(lab)
    expect("events lost", any("the kernel dropped events" in line for line in lab.guest.lines), True)


MODULE = f"proof.module={parts.PROOF_MODULE}"
CASES = {
    "root_label": Case(f"root=LABEL=root rootfstype=ext4 rootflags=noatime init_args=\"one two\" {MODULE} -- three",
                       root_alone, root_with_arguments),
    "root_writable": Case(f"root=UUID={ROOT_UUID} rw {MODULE}", root_alone, writable),
    "root_overlay": Case("root=/dev/vda overlaytmpfs overlaytmpfsflags=size=8m quiet", root_alone, overlay_in_silence),
    "root_usr": Case("root=LABEL=root usrflags=nodev", root_and_usr, with_usr("nodev")),
    "root_without_usr": Case("root=LABEL=root usrflags=disable", root_and_usr, with_usr("")),
    "modules": Case("root=LABEL=root modules=loop:max_loop=3 blacklist=virtio_net "
                    "proof.files=/proc/modules,/sys/module/loop/parameters/max_loop", root_alone, modules_as_told,
                    card="virtio-net-pci"),
    "alpine_dev": Case(f"alpine_dev=LABEL=media debug_init {MODULE}", whole_media, every_detail),
    "subjects": Case(f"alpine_dev=LABEL=media debug_init=devices,dsn {MODULE}", whole_media, details_of_devices),
    # The least buffer that the kernel gives holds two or three events, and drivers announce more while one is loaded.
    "small_event_buffer": Case(f"alpine_dev=LABEL=media uevent_buf_size=1 debug_init {MODULE}", media_among_many,
                               after_lost_events),
    "search": Case(f"alpine_dev=LABEL=media modloop=LABEL=media:ext4:boot/modloop-amd64 {MODULE}", media_without_apkovl,
                   from_media),
    "ovl_dev": Case(f"alpine_dev=LABEL=media ovl_dev=LABEL=keep:ext4 {MODULE}", media_without_apkovl, from_media),
    "apkovl_of_device": Case(f"alpine_dev=LABEL=media apkovl=LABEL=keep:ext4:/lab.apkovl.tar.gz {MODULE}", media_without_apkovl,
                             from_media),
    "two_apkovls": Case("alpine_dev=LABEL=media mkpxerd.onfail=poweroff", media_with_two, both_ignored),
    "consoles": Case(f"alpine_dev=LABEL=media console=tty0 console=hvc0 console=ttyS0 proof.files=/dev/vcs1 {MODULE}",
                     whole_media, on_all_consoles, late_console=True),
    "single": Case(f"alpine_dev=LABEL=media single {MODULE}", whole_media, shell_before_handover),
    "ctrl_alt_del": Case(f"alpine_dev=LABEL=media single {MODULE}", whole_media, restarted_by_keys, keyboard=True),
    "init_crash": Case(f"alpine_dev=LABEL=media single panic={COUNTDOWN_SECONDS}", whole_media, crash_and_restart),
    "onfail_shell": Case(f"ip=dhcp apkovl={APKOVL} mkpxerd.onfail=shell", servers, fetched_after(in_the_shell),
                         card="virtio-net-pci"),
    "lease_renewed": Case(f"ip=dhcp apkovl={APKOVL} mkpxerd.onfail=shell debug_init=dhcp", short_lease,
                          fetched_after(after_renewal), card="virtio-net-pci"),
    "onfail_retry": Case(f"ip=dhcp apkovl={APKOVL} mkpxerd.onfail=retry", servers, fetched_after(lambda lab: None),
                         card="virtio-net-pci"),
    "onfail_key": Case(f"ip=dhcp apkovl={APKOVL}", servers, fetched_after(press_a_key), card="virtio-net-pci"),
}


def run(lab: Lab, case: Case) -> None:
    disks = case.prepare(lab)
    image = lab.directory / "pxerd"
    parts.build_image(lab.parts, image, "-F", FEATURES)
    machine = []
    for number, file in enumerate(disks):
        machine += ["-drive", f"file={file},format=raw,if=none,id=disk{number}", "-device",
                    f"virtio-blk-pci,drive=disk{number}"]
    if case.late_console:
        machine += ["-device", "virtio-serial-pci", "-chardev", f"file,id=late,path={lab.directory / 'hvc0.log'}", "-device",
                    "virtconsole,chardev=late"]
    if case.keyboard:
        machine += ["-qmp", f"unix:{lab.directory / 'qmp'},server=on,wait=off"]
    lab.boot_direct(case.options, image, tuple(machine), card=case.card)
    case.check(lab)


if __name__ == "__main__":
    boot_case(run, cases=CASES)
