# SPDX-License-Identifier: MIT
"""A boot test: `boot_case(run)` in a script is its whole frame. Outside it makes the namespaces and judges;
inside it builds the wire, calls run(lab), prints the milestones, and on a failure the console and the logs.
"""

import argparse
import functools
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import demands, guest, network, parts, sandbox, servers
from .guest import Guest
from .parts import CONSOLE
from .proof import Proof

STEP_SECONDS = 40  # the longest wait for one milestone; usual is less than 10
CASE_SECONDS = 500  # for the whole test, however busy the machine is
BUDGET_SECONDS = 15  # what a whole boot should take
# What it must not take even so, the time in the queue for a processor not counted: twice the budget, because cores
# that share their parts are slow without a queue.
LIMIT_SECONDS = 30


class Lab:
    """What a test works with. Everything it starts ends with the namespaces."""

    def __init__(self, build: Path, directory: Path, form: tuple[str, ...] = ()):
        """form: options of the build that wrote the image, if it is not the usual one."""
        self.parts = parts.Parts(build)
        if form:
            self.parts = parts.Parts(build, form, directory / "formed")
            parts.build_image(self.parts, self.parts.image, "-F", parts.SMALL_FEATURES)
        self.kernel = parts.kernel()
        self.directory = directory
        self.web_root = directory / "www"
        self.web_root.mkdir()
        self.guest: Guest | None = None
        self.servers: list[servers.Server] = []
        self.limit = LIMIT_SECONDS

    def serve_dhcp(self, options: tuple[str, ...] = ()) -> None:
        self.servers.append(servers.dhcp_tftp(self.directory, options=options))

    def serve_http(self) -> None:
        self.servers.append(servers.http(self.directory, self.web_root))

    def serve_nfs(self, exports: dict[str, Callable[[Path], None]], clients: str = "*", versions: str = "4",
                  security: str = "sys") -> None:
        """exported path -> what fills the directory; clients: who may mount them, security: and how. On a tmpfs: the server opens files by handle, which the file
        system of a container may not support."""
        memory = self.directory / "export"
        memory.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(memory)], check=True)
        sources = {}
        for number, (path, fill) in enumerate(exports.items()):
            sources[path] = memory / str(number)
            sources[path].mkdir()
            fill(sources[path])
        self.servers.append(servers.nfs(self.directory, sources, clients, versions, security))

    def boot_direct(self, options: str, image: Path | None = None, machine: tuple[str, ...] = (),
                    card: str = guest.CARD) -> Guest:
        """QEMU puts kernel and image into memory itself; the card's ROM is off. machine: more arguments of QEMU."""
        self.guest = Guest(self.directory / "console.log", [
            "-global", "virtio-net-pci.romfile=",
            "-kernel", str(self.kernel.image), "-initrd", str(image or self.parts.image),
            "-append", f"{CONSOLE} {options}", *machine], card)
        return self.guest

    def boot_chain(self, options: str) -> Guest:
        """The card's iPXE ROM: DHCP, a script by TFTP, kernel and image by HTTP. Options may use iPXE's variables."""
        tftp_root = self.directory / "tftp"
        tftp_root.mkdir()
        (tftp_root / "boot.ipxe").write_text(f"""#!ipxe
echo LAB script runs on ${{net0/ip}}
kernel http://${{next-server}}/vmlinuz initrd=pxerd {CONSOLE} BOOTIF=01-${{net0/mac:hexhyp}} {options}
echo LAB kernel fetched
initrd --name pxerd http://${{next-server}}/pxerd
echo LAB image fetched
boot
""", encoding="ascii")
        (self.web_root / "vmlinuz").symlink_to(self.kernel.image)
        (self.web_root / "pxerd").symlink_to(self.parts.image)
        self.servers.append(servers.dhcp_tftp(self.directory, tftp_root, "boot.ipxe"))
        self.guest = Guest(self.directory / "console.log", [])
        for name, pattern in (("rom", r"iPXE \d"), ("script", "LAB script runs on"), ("kernel", "LAB kernel fetched"),
                              ("image", "LAB image fetched")):
            self.guest.wait_for(name, pattern, STEP_SECONDS)
        return self.guest

    def until_proof(self, seconds: float = STEP_SECONDS) -> Proof:
        """From the first word of /init to the machine's end; returns what the new root printed. seconds: for each step."""
        guest = self.guest
        guest.wait_for("init", "mkpxerd: ", seconds)
        guest.wait_for("handover", r"mkpxerd: handover to /sbin/init on \S+ after [0-9.]+ s", seconds)
        return self.read_proof(seconds)

    def read_proof(self, seconds: float = STEP_SECONDS) -> Proof:
        """What the new root prints, to the machine's end, whatever the init said before."""
        guest = self.guest
        guest.wait_for("proof", "PROOF begin", seconds)
        guest.wait_for("proof read", "PROOF end", seconds)
        guest.wait_end(seconds)
        self._check_budget()
        return Proof(guest.lines)

    def requests(self, path: str) -> list[str]:
        """Lines of the web server's log for one path."""
        log = (self.directory / "nginx.log").read_text(encoding="utf-8", errors="replace")
        return [line for line in log.splitlines() if f'"GET {path} ' in line]

    def report(self) -> None:
        """Prints the milestones."""
        if self.guest and self.guest.milestones:
            print("milestones (seconds since the machine was started):")
            for milestone in self.guest.milestones:
                print(f"  {milestone.seconds:6.2f}  {milestone.name}")

    def explain(self) -> None:
        """For a failure: the end of the console and of each server's log."""
        if self.guest:
            print(f"--- console, last lines (all: {self.directory / 'console.log'})\n{self.guest.tail(60)}")
        for server in self.servers:
            print(f"--- {server.name}, last lines (all: {server.log})\n{server.tail(15)}")

    def _check_budget(self) -> None:
        total, starved = self.guest.milestones[-1].seconds, self.guest.starved
        print(f"the boot took {total:.1f} s, {starved:.1f} s of it waiting for a processor (budget {BUDGET_SECONDS} s)")
        if total - starved > self.limit:
            raise AssertionError(f"the boot itself took more than {self.limit} s")

    def close(self) -> None:
        if self.guest:
            self.guest.stop()
        for server in self.servers:
            server.stop()


def _inside(run: Callable[[Lab], None], build: Path, directory: Path, form: tuple[str, ...]) -> int:
    sandbox.enter()
    lab = None

    def give_up(*_: object) -> None:
        raise AssertionError(f"the test did not end within {CASE_SECONDS} s")

    # Earlier than the outside would end it, so that there is something to read.
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(CASE_SECONDS)
    try:
        network.make()
        lab = Lab(build, directory, form)
        run(lab)
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except (AssertionError, KeyError) as error:
        if lab:
            lab.report()
            lab.explain()
        print(f"FAILED: {error if isinstance(error, AssertionError) else f'no {error} in the proof'}")
        return 1
    finally:
        if lab:
            lab.close()
    lab.report()
    return 0


def boot_case(run: Callable[..., None], needs_root: bool = False, cases: dict[str, object] | None = None) -> None:
    """Ends the process with 0, 1, or 77 for a missing tool or right. cases: the script is a table of them, its argument
    says which one run(lab, case) is called with; `--list` prints their names. A case may have a needs_root of its own.
    --form repeats a case with an image of other options."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, help="build tree with mkpxerd and the parts")
    parser.add_argument("--form", nargs="+", default=[], metavar="WORD=VALUE",
                        help="long options of mkpxerd, without the dashes, for the image")
    if cases:
        parser.add_argument("--list", action="store_true")
        parser.add_argument("case", nargs="?", choices=list(cases))
    arguments = parser.parse_args()
    if cases and arguments.list:
        print("\n".join(cases))
        sys.exit(0)
    if not arguments.build or (cases and not arguments.case):
        parser.error("--build DIR is needed, and the case of a table")
    build = arguments.build.resolve()
    name = "_".join([Path(sys.argv[0]).stem, *([arguments.case] if cases else []), *arguments.form]).replace("=", "-")
    form = tuple(f"--{option}" for option in arguments.form)
    directory = build / "tests" / "boot" / "work" / name
    if sandbox.is_inside():
        chosen = functools.partial(run, case=cases[arguments.case]) if cases else run
        sys.exit(_inside(chosen, build, directory, form))
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    started = time.monotonic()
    try:
        needs_root = needs_root or cases and getattr(cases[arguments.case], "needs_root", False)
        code = sandbox.run(sys.argv, needs_root, CASE_SECONDS + 20)
    except demands.Missing as missing:
        code = demands.verdict_for(missing)
    if code == 0:
        print(f"passed in {time.monotonic() - started:.1f} s, nothing left behind")
    sys.exit(code)
