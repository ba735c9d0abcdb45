#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: snippets_test.py MKPXERD

The snippets, read by the programs that they are for, for ten sets of options and more; and what the DHCP servers then offer to
firmware and to iPXE, in a network namespace of this test."""

import lzma
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "boot"))
from lab import demands  # noqa: E402
from snippet_sets import SERVER, SETS, url_of  # noqa: E402

CARD, MACHINE = "v0", "v1"
OFFER_SECONDS = 10
URL = f"http://{SERVER}"

# Who asks: option 93, option 77, option 175 -> the file that the server names.
SCRIPT, BIOS, UEFI, HTTP = f"{URL}/boot.ipxe", "undionly.kpxe", "ipxe.efi", f"{URL}/ipxe.efi"
IPXE = b"iPXE"
REAL = "b105011af41000 eb03010000 "  # what Debian's iPXE begins with: the card's PCI numbers, its version
QUESTIONS = [
    ([], b"", "", BIOS),
    ([0], b"", "", BIOS),
    ([7], b"", "", UEFI),
    ([9], b"", "", UEFI),
    ([7, 9], b"", "", UEFI),
    ([0, 7], b"", "", BIOS),
    ([16], b"", "", HTTP),
    ([6], b"", "", ""),  # UEFI of 32 bits
    ([11], b"", "", ""),  # UEFI of ARM
    ([15], b"", "", ""),  # HTTP boot of 32 bits
    ([19], b"", "", ""),  # HTTP boot of ARM
    ([6, 7], b"", "", ""),
    ([0], IPXE, "", SCRIPT),
    ([], IPXE, "", SCRIPT),
    ([7], b"\4iPXE", "", SCRIPT),  # as RFC 3004 has it
    ([11], IPXE, "", ""),
    ([0], b"gPXE", "", BIOS),
    ([0], IPXE, "130101 180101", SCRIPT),
    ([7], IPXE, "130101 240101", SCRIPT),
    ([0], IPXE, REAL + "170101 220101 130101 110101 270101 190101 290101 100102 210101 150101 180101 120101", SCRIPT),
    ([0], IPXE, REAL + "170101 220101 110101 270101 190101 290101 100102 210101 150101 180101 120101", BIOS),
    ([0], IPXE, "180101", BIOS),  # without HTTP
    ([0], IPXE, "130101", BIOS),  # without bzImage
    ([7], IPXE, "240101", UEFI),
]
# The same for a web server with https -> the file, if the iPXE of the bundle is known to support https, and if not: then
# it would be loaded again and again.
HTTPS_SCRIPT = "https://boot.example.org/boot.ipxe"
HTTPS_QUESTIONS = [
    ([0], b"", "", BIOS, BIOS),
    ([7], b"", "", UEFI, UEFI),
    ([0], IPXE, "", HTTPS_SCRIPT, HTTPS_SCRIPT),
    ([0], IPXE, "130101 180101", BIOS, ""),  # HTTP alone
    ([0], b"\4iPXE", "130101 180101", BIOS, ""),
    ([0], IPXE, "140101 180101", HTTPS_SCRIPT, HTTPS_SCRIPT),
    ([7], IPXE, "130101 240101", UEFI, ""),
    ([7], IPXE, "130101 140101 240101", HTTPS_SCRIPT, HTTPS_SCRIPT),
]


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


class Test:
    def __init__(self, mkpxerd: str, directory: Path):
        self.mkpxerd, self.directory = mkpxerd, directory
        self.root = directory / "bundle"
        self.root.mkdir()
        self.bare = directory / "bare"  # a bundle of one loader
        self.bare.mkdir()
        for name in ("pxelinux.0", "SHA256SUMS"):
            (self.bare / name).write_text(f"{'0' * 64}  pxelinux.0\n", encoding="ascii")
        self.able = directory / "able"  # a bundle whose iPXE supports https
        self.able.mkdir()
        # As iPXE's zbin compresses what is for BIOS.
        packed = lzma.compress(b"iPXE\0HTTPS\0", lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_X86},
                                                                         {"id": lzma.FILTER_LZMA1, "lc": 2, "lp": 0, "pb": 0}])
        for name, content in (("undionly.kpxe", b"code" + packed), ("ipxe.efi", b"HTTPS\0"),
                              ("SHA256SUMS", b"0" * 64 + b"  vmlinuz\n")):
            (self.able / name).write_bytes(content)

    def snippet(self, name: str, options: list[str], bundle: Path | None = None) -> Path:
        done = subprocess.run([self.mkpxerd, "snippet", name, "-o", str(bundle or self.root), *options], text=True,
                              capture_output=True, check=False)
        expect(f"{name} {' '.join(options)}: {done.stderr}", done.returncode, 0)
        file = self.directory / name
        file.write_text(done.stdout, encoding="ascii")
        return file

    def check(self, what: str, command: list[str]) -> None:
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        expect(f"{what}: {done.stdout}{done.stderr}", done.returncode, 0)

    def read_by_programs(self) -> None:
        key, certificate = self.directory / "web.key", self.directory / "web.crt"
        self.check("certificate", [demands.tool("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                   "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=boot.example.org", "-keyout",
                                   str(key), "-out", str(certificate)])
        for name, options in SETS.items():
            bundle = self.bare if "without" in name else self.root
            self.check(f"dhcpd: {name}", [demands.tool("dhcpd", "isc-dhcp-server"), "-t", "-cf",
                                          str(self.snippet("dhcpd.conf", options, bundle))])
            self.check(f"Kea: {name}", [demands.tool("kea-dhcp4", "kea-dhcp4-server"), "-t",
                                        str(self.snippet("kea-dhcp4.conf", options, bundle))])
            for snippet in ("dnsmasq.conf", "dnsmasq-proxy.conf"):
                self.check(f"dnsmasq: {name}", [demands.tool("dnsmasq", "dnsmasq-base"), "--test", "-C",
                                                str(self.snippet(snippet, options, bundle))])
            self.check(f"GRUB: {name}", [demands.tool("grub-script-check", "grub-common"),
                                         str(self.snippet("grub.cfg", options, bundle))])
            self.check_isc_card(name, self.snippet("isc-dhcp-server", options, bundle))
            site = self.snippet("nginx.conf", options, bundle).read_text(encoding="ascii")
            site = site.replace("/etc/nginx/mkpxerd.", f"{self.directory}/web.")
            whole = self.directory / "whole.conf"
            paths = "".join(f"{kind}_temp_path {self.directory}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            whole.write_text(f"user root root;\npid {self.directory}/pid;\nerror_log stderr;\nevents {{}}\n"
                             f"http {{\naccess_log off;\n{paths}{site}}}\n", encoding="ascii")
            self.check(f"nginx: {name}", [demands.tool("nginx", "nginx-light"), "-t", "-e", "stderr", "-c", str(whole)])

    def check_isc_card(self, name: str, snippet: Path) -> None:
        """A shell reads the file, as Debian's service does."""
        done = subprocess.run(["sh", "-euc", f'. "{snippet}"; echo "$INTERFACESv4/$INTERFACESv6"'], text=True,
                              capture_output=True, check=False)
        expect(f"isc-dhcp-server: {name}: {done.stderr}", done.stdout, f"{CARD}/\n")

    def exports(self) -> None:
        """What exportfs makes of each set, in a system of its own: a path -> who may mount it, and as whom."""
        exportfs = demands.tool("exportfs", "nfs-kernel-server")
        system = self.directory / "etc"
        system.mkdir()
        rows = {"exports of both kinds": {"/srv/depot": "no_root_squash", "/srv/root": "no_root_squash"},
                "an export for an apkovl from elsewhere": {"/srv/depot": "root_squash"}}
        for name, options in SETS.items():
            (system / "exports").write_bytes(self.snippet("exports", options).read_bytes())
            played = f"mount -t tmpfs none /var/lib; mkdir /var/lib/nfs; mount --bind '{system}' /etc; " \
                     f"mount -t tmpfs none /srv; mkdir /srv/depot /srv/root; '{exportfs}' -ra; cat /var/lib/nfs/etab"
            done = subprocess.run([demands.tool("unshare", "util-linux"), "--mount", "sh", "-euc", played], text=True,
                                  capture_output=True, check=False)
            expect(f"exportfs: {name}: {done.stderr}", (done.returncode, done.stderr), (0, ""))
            got = {}
            for path, clients in (line.split("\t") for line in done.stdout.splitlines()):
                client, _, words = clients.partition("(")
                expect(f"exportfs: {name}: clients of {path}", client, "10.0.0.0/24")
                squash = {"root_squash", "no_root_squash"} & set(words.rstrip(")").split(","))
                got[path] = " ".join(squash if "ro" in words.split(",") else ["writable"])
            expect(f"exportfs: {name}", got, rows.get(name, {}))

    def tftp(self) -> None:
        """tftpd-hpa, started as Debian's service does, hands out a file of the bundle, and none outside."""
        if not may_set_groups():
            raise demands.Missing("tftpd-hpa sets its groups, which needs root")
        for number, (name, options) in enumerate(SETS.items()):
            bundle = self.directory / f"tftp-{number}"
            bundle.mkdir()
            (bundle / "pxelinux.cfg").mkdir()
            (bundle / "pxelinux.cfg" / "default").write_text(name, encoding="ascii")
            self.directory.chmod(0o755)
            with Server(["sh", "-euc", f'. "{self.snippet("tftpd-hpa", options, bundle)}"; exec in.tftpd --foreground '
                         '--user "$TFTP_USERNAME" --address "$TFTP_ADDRESS" $TFTP_OPTIONS "$TFTP_DIRECTORY"'],
                        "in.tftpd", "tftpd-hpa"):
                expect(f"tftpd-hpa: {name}", fetch_by_tftp("pxelinux.cfg/default"), name.encode())
                expect(f"tftpd-hpa: {name}: a file outside", fetch_by_tftp("/etc/passwd"), None)

    def answers(self) -> None:
        options = ["--server", SERVER, "--dns", "10.0.0.2", "--dns", "10.0.0.3"]
        with self.dhcpd(self.snippet("dhcpd.conf", options)):
            ask_all("dhcpd")
        with self.kea(self.snippet("kea-dhcp4.conf", options)):
            ask_all("Kea")
        with self.dnsmasq(self.snippet("dnsmasq.conf", options)):
            ask_all("dnsmasq")

    def answers_of_all_sets(self) -> None:
        """BIOS, UEFI and iPXE of each kind, for every set of options."""
        for name, options in SETS.items():
            bare = "without" in name
            loaders = [options[at + 1] for at, word in enumerate(options) if word == "--loader"]
            bios = {"pxelinux": "pxelinux.0", "lpxelinux": "lpxelinux/lpxelinux.0"}
            uefi = {"grub": "grubnetx64.efi", "snponly": "snponly.efi"}
            wanted = [next((bios[loader] for loader in loaders if loader in bios), BIOS),
                      "" if bare else next((uefi[loader] for loader in loaders if loader in uefi), UEFI)]
            script = f"{url_of(options)}/boot.ipxe"
            for snippet, start in (("dhcpd.conf", self.dhcpd), ("kea-dhcp4.conf", self.kea), ("dnsmasq.conf", self.dnsmasq)):
                with start(self.snippet(snippet, options, self.bare if bare else self.root)):
                    got = [ask([arch], user, "").file for arch, user in ((0, b""), (7, b""), (0, IPXE), (7, IPXE))]
                expect(f"{snippet}: {name}", got, [*wanted, script, script])

    def answers_with_https(self) -> None:
        options = ["--server", "https://boot.example.org", "--next-server", SERVER, "--dns", "10.0.0.2"]
        for name, start in (("dhcpd.conf", self.dhcpd), ("kea-dhcp4.conf", self.kea), ("dnsmasq.conf", self.dnsmasq)):
            for bundle in (self.able, self.root):
                with start(self.snippet(name, options, bundle)):
                    for arch, user, features, if_able, if_not in HTTPS_QUESTIONS:
                        expect(f"{name} with https, architecture {arch}, user class {user}, option 175 {features}",
                               ask(arch, user, features).file, if_able if bundle == self.able else if_not)

    def answers_of_proxy(self) -> None:
        """Beside a DHCP server of somebody else: the proxy's offer assigns no address."""
        with self.dnsmasq(self.snippet("dnsmasq-proxy.conf", ["--server", SERVER])):
            for arch, user, script in (([0], IPXE, SCRIPT), ([7], b"\4iPXE", SCRIPT), ([0], b"", ""), ([7], b"", "")):
                offer = ask(arch, user, "")
                expect(f"proxy, {arch} {user}: address", offer.address, "0.0.0.0")
                expect(f"proxy, {arch} {user}: class", offer.options.get(60), b"PXEClient")
                expect(f"proxy, {arch} {user}: file", offer.file, script)
            offer = ask([0], IPXE, "180101")  # without HTTP: a menu with the loader, as for other firmware
            expect("proxy, iPXE without HTTP: file", offer.file, "")
            expect("proxy, iPXE without HTTP: menu", b"mkpxerd" in offer.options.get(43, b""), True)
            for arch in ([11], [16]):  # what it has nothing for, it leaves to others
                expect(f"proxy, {arch}", offered(arch), False)

    def dhcpd(self, snippet: Path) -> "Server":
        snippet.write_text("ping-check false;\n" + snippet.read_text(encoding="ascii"), encoding="ascii")
        (self.directory / "leases").touch()
        return Server(["dhcpd", "-4", "-f", "-q", "--no-pid", "-cf", str(snippet), "-lf", str(self.directory / "leases"), CARD])

    def kea(self, snippet: Path) -> "Server":
        # Its leases go to a directory that its service makes; the mount namespace is ours alone.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib"], check=True)
        Path("/var/lib/kea").mkdir()
        os.environ["KEA_PIDFILE_DIR"] = os.environ["KEA_LOCKFILE_DIR"] = str(self.directory)
        return Server(["kea-dhcp4", "-c", str(snippet)])

    def dnsmasq(self, snippet: Path) -> "Server":
        return Server(["dnsmasq", "--no-daemon", "-C", str(snippet), "--user=", "--pid-file=", "--no-ping",
                       f"--dhcp-leasefile={self.directory}/dnsmasq.leases"])


class Server:
    """Runs as long as its block."""

    def __init__(self, command: list[str], program: str = "", package: str = ""):
        demands.tool(program or command[0], package or command[0])
        self.command = [demands.tool(command[0], command[0]), *command[1:]]

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


class Offer:
    """A DHCP reply (RFC 2131), with the file from where the server put it."""

    def __init__(self, message: bytes):
        self.address = socket.inet_ntoa(message[16:20])
        self.options: dict[int, bytes] = {}
        rest = message[240:]
        while rest and rest[0] != 255:
            if rest[0] == 0:
                rest = rest[1:]
                continue
            code, size = rest[0], rest[1]
            self.options[code] = self.options.get(code, b"") + rest[2:2 + size]
            rest = rest[2 + size:]
        file = self.options.get(67, message[108:236]).split(b"\0")[0]
        self.file = file.decode("ascii")


def option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value if value else b""


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def discover(mac: bytes, number: bytes, arch: list[int], user: bytes, features: str) -> bytes:
    """A frame with a DHCPDISCOVER as firmware broadcasts it, before it has an address."""
    vendor = b"HTTPClient" if 15 <= (arch or [0])[0] <= 20 else b"PXEClient"
    options = (option(53, b"\1") + option(55, bytes([1, 3, 6, 43, 54, 60, 66, 67, 175])) + option(57, struct.pack("!H", 1472)) +
               option(60, vendor + b":Arch:%05d:UNDI:003016" % (arch or [0])[0]) +
               option(77, user) + option(93, struct.pack(f"!{len(arch)}H", *arch)) + option(94, b"\1\3\20") +
               option(97, bytes(17)) + option(175, bytes.fromhex(features)) + b"\xff")
    message = struct.pack("!4B4sHH16x16s192x4s", 1, 1, 6, 0, number, 0, 0x8000, mac, b"\x63\x82\x53\x63") + options
    datagram = struct.pack("!4H", 68, 67, 8 + len(message), 0) + message
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return b"\xff" * 6 + mac + b"\x08\0" + header + datagram


def offered(arch: list[int]) -> bool:
    """Whether a running server answers; it does so at once."""
    try:
        return bool(ask(arch, b"", "", seconds=1))
    except AssertionError:
        return False


def ask(arch: list[int], user: bytes, features: str, seconds: float = OFFER_SECONDS) -> Offer:
    """Asks again until the server, which may still be starting, has answered."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as wire:
        wire.bind((MACHINE, 0x0800))
        number = os.urandom(4)
        frame = discover(wire.getsockname()[4], number, arch, user, features)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            wire.send(frame)
            again = time.monotonic() + 0.3
            while (left := again - time.monotonic()) > 0 and select.select([wire], [], [], left)[0]:
                got = wire.recv(4096)
                message = got[14 + (got[14] & 15) * 4 + 8:]
                if message[:1] == b"\2" and message[4:8] == number:
                    return Offer(message)
    raise AssertionError(f"no offer for {arch} {user} {features}")


def may_set_groups() -> bool:
    """Not in a user namespace of one user."""
    return Path("/proc/self/setgroups").read_text(encoding="ascii").strip() == "allow"


def fetch_by_tftp(name: str) -> bytes | None:
    """The first block of a file (RFC 1350), or nothing if the server refuses. Asks again until the server, which may still be
    starting, answers."""
    deadline = time.monotonic() + OFFER_SECONDS
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.3)
            client.sendto(b"\0\1" + name.encode() + b"\0octet\0", (SERVER, 69))
            try:
                answer, server = client.recvfrom(1024)
            except OSError:
                continue
            client.sendto(b"\0\5\0\0over\0", server)
            return answer[4:] if answer[:2] == b"\0\3" else None
    raise AssertionError(f"no answer by TFTP for {name}")


def ask_all(server: str) -> None:
    for arch, user, features, wanted in QUESTIONS:
        what = f"{server}, architecture {arch}, user class {user}, option 175 {features}"
        offer = ask(arch, user, features)
        expect(what, offer.file, wanted)
        expect(f"{what}: name servers", offer.options.get(6), socket.inet_aton("10.0.0.2") + socket.inet_aton("10.0.0.3"))
        expect(f"{what}: class", offer.options.get(60), b"HTTPClient" if wanted == HTTP else None)
        expect(f"{what}: no second DHCP server", offer.options.get(175, b"")[:3], b"\xb0\1\1" if wanted == SCRIPT else b"")


def run() -> None:
    if sys.argv[2:] != ["inside"]:
        unshare = [demands.tool("unshare", "util-linux"), "--net", "--mount"]
        if os.geteuid() != 0:
            unshare += ["--user", "--map-root-user"]
        if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode != 0:
            raise demands.Missing("user namespaces are not allowed here")
        os.execv(unshare[0], [*unshare, sys.executable, "-B", __file__, sys.argv[1], "inside"])
    commands = (f"link set lo up\nlink add {CARD} type veth peer name {MACHINE}\nlink set {CARD} up\nlink set {MACHINE} up\n"
                f"addr add {SERVER}/24 dev {CARD}\n")
    subprocess.run([demands.tool("ip", "iproute2"), "-batch", "-"], input=commands, text=True, check=True)
    with tempfile.TemporaryDirectory() as directory:
        test = Test(sys.argv[1], Path(directory))
        test.read_by_programs()
        test.answers_of_proxy()
        test.answers()
        test.answers_with_https()
        test.answers_of_all_sets()
        test.exports()
        test.tftp()
    print(f"{len(SETS)} sets of options, {len(QUESTIONS)} questions to each server")


if __name__ == "__main__":
    sys.exit(demands.judged(run))
