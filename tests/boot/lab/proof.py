# SPDX-License-Identifier: MIT
"""What the program in the new root (proof/proof.cpp) printed, and the checks that every boot shares."""

import dataclasses
import ipaddress

from . import network


@dataclasses.dataclass
class Mount:
    source: str
    target: str
    kind: str
    options: list[str]


class Proof:
    """The PROOF lines of a console."""

    def __init__(self, lines: list[str]):
        said = [line.split("PROOF ", 1)[1] for line in lines if "PROOF " in line]
        self.files: dict[str, str] = {}  # path -> text, of proof.files=
        for text in said:
            if text.startswith("file "):
                path, _, line = text.removeprefix("file ").partition(" ")
                self.files[path] = self.files.get(path, "") + line + "\n"
        said = [text.split() for text in said if not text.startswith("file ")]
        words = {entry[0]: entry[1:] for entry in said if entry[0] != "mount"}
        self.mounts = {entry[2]: Mount(entry[1], entry[2], entry[3], entry[4].split(","))
                       for entry in said if entry[0] == "mount"}
        self.process = _pairs(words["process"])
        self.address = _pairs(words.get("address", []))  # empty: the machine has none
        self.module = _pairs(words.get("module", []))  # when one was asked for
        self.resolv = _pairs(words["resolv"])

    def check_system(self) -> None:
        """The program is PID 1 with a console, and the kernel's file systems came along."""
        expect("PID", self.process["pid"], "1")
        expect("program", self.process["exe"], "/sbin/init")
        expect("processes that the init has left", self.process["left"], "none")
        for target, kind in (("/proc", "proc"), ("/sys", "sysfs"), ("/dev", "devtmpfs"), ("/run", "tmpfs")):
            expect(f"file system on {target}", self.mounts[target].kind if target in self.mounts else None, kind)

    def check_leased_address(self) -> None:
        address, _, prefix = self.address["address"].partition("/")
        first, last = ipaddress.ip_address(network.FIRST_LEASE), ipaddress.ip_address(network.LAST_LEASE)
        if not first <= ipaddress.ip_address(address) <= last:
            raise AssertionError(f"the address {address} is none that the server leases ({first} - {last})")
        expect("prefix", prefix, str(network.PREFIX))
        expect("gateway", self.address["gateway"], network.SERVER)

    def check_root(self, kind: str, source: str | None = None) -> Mount:
        expect("file system of the root", self.mounts["/"].kind, kind)
        if source is not None:
            expect("source of the root", self.mounts["/"].source, source)
        return self.mounts["/"]

    def check_module(self, name: str, file_system: str) -> None:
        """It was not there before, was loaded from that file system, and is there now."""
        expect("module", self.module["name"], name)
        expect(f"{name} before", self.module["before"], "no")
        expect(f"error of loading {name}", self.module.get("error"), None)
        expect(f"{name} loaded", self.module["loaded"], "yes")
        expect(f"file system that {name} came from", self.module["from"], file_system)


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise AssertionError(f"{what} is {got}, not {wanted}")


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)
