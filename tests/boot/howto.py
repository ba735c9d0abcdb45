#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/howto-pxe.md, word for word: its commands, taken from the document, run as root of a system of their own (this one
below a layer of memory), start the real servers, and where the document says so a machine boots from them.

Three programs are played, as a namespace has no service manager, no package manager and no NFS server in its kernel:
systemctl starts the programs with the files that their services read, apt-get looks whether the packages are there, and
exportfs checks /etc/exports.

usage: howto.py --build DIR
"""

import re
import socket

from lab import demands, network, parts, servers
from lab.case import Lab, boot_case
from lab.guest import Guest
from lab.proof import expect
from lab.system import System
from loaders import WAIT_SECONDS

DOCUMENT = parts.SOURCE / "docs" / "howto-pxe.md"

PLAYED = {
    "systemctl": r"""[ "$1" = restart ] || exit 1
stop() { # PID FILE: until it has ended; whether somebody asks how does not matter
    [ -s "$1" ] || return 0
    pid=$(cat "$1")
    rm -f "$1"
    kill "$pid"
    while grep -qs '^State:[[:space:]]*[DIRSTt]' "/proc/$pid/status"; do sleep 0.02; done
}
case $2 in
isc-dhcp-server)
    . /etc/default/isc-dhcp-server
    # Without a card the service starts one server for IPv4 and one for IPv6, and the latter fails.
    [ -n "$INTERFACESv4" ] && [ -z "$INTERFACESv6" ] || { echo "/etc/default/isc-dhcp-server names no card"; exit 1; }
    stop /run/dhcpd.pid
    touch /var/lib/dhcp/dhcpd.leases
    dhcpd -4 -q -cf /etc/dhcp/dhcpd.conf -pf /run/dhcpd.pid $INTERFACESv4 ;;
tftpd-hpa)
    . /etc/default/tftpd-hpa
    stop /run/tftpd.pid
    in.tftpd --listen --pidfile /run/tftpd.pid --user "$TFTP_USERNAME" --address "$TFTP_ADDRESS" $TFTP_OPTIONS "$TFTP_DIRECTORY" ;;
nginx)
    stop /run/nginx.pid
    nginx ;;
*) exit 1 ;;
esac""",
    "apt-get": r"""[ "$1 $2" = "install -y" ] || exit 1
shift 2
for package; do
    [ "$package" != nfs-kernel-server ] || continue # exportfs is played
    grep -q "^test .*| $package " PACKAGES || { echo "$package is not in scripts/packages.txt"; exit 1; }
done""",
    "exportfs": r"""[ "$1" = -ra ] || exit 1
lines=0
while read -r path clients; do
    case $path in '#'* | '') continue ;; esac
    [ -d "$path" ] && [ "${clients#*(ro,}" != "$clients" ] || exit 1
    lines=$((lines + 1))
done </etc/exports
[ $lines -gt 0 ]""",
}


def steps(document: str) -> list[str]:
    """Blocks of commands; the empty one is the boot."""
    found = re.findall(r"^```sh\n(.*?)^```$|^<!-- boot -->$", document, re.MULTILINE | re.DOTALL)
    if found.count("") != 1 or len(found) < 10:
        raise AssertionError(f"{len(found)} blocks of commands in {DOCUMENT}, and {found.count('')} boots")
    return found


def prepare(lab: Lab) -> System:
    for name, package in (("dhcpd", "isc-dhcp-server"), ("in.tftpd", "tftpd-hpa"), ("nginx", "nginx-light"),
                          ("mksquashfs", "squashfs-tools")):
        demands.tool(name, package)
    system = System(lab)
    for name, text in PLAYED.items():
        system.play(name, text.replace("PACKAGES", str(parts.SOURCE / "scripts" / "packages.txt")))
    return system


def fetch_by_tftp(name: str) -> bytes:
    """The first block of a file (RFC 1350): 512 bytes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(b"\0\1" + name.encode() + b"\0octet\0", (network.SERVER, 69))
        answer, server = client.recvfrom(1024)
        client.sendto(b"\0\5\0\0over\0", server)
    return answer.removeprefix(b"\0\3\0\1")


def boot(lab: Lab, system: System) -> None:
    """A machine whose card has iPXE, as other loaders take minutes on a busy processor (loaders.py has them): script,
    kernel, image, modloop and apkovl by HTTP. What the others begin with comes by TFTP."""
    for name in ("undionly.kpxe", "ipxe.efi", "pxelinux.0", "grubnetx64.efi"):
        expect(f"{name} by TFTP", fetch_by_tftp(name), system.path(f"/srv/mkpxerd/{name}").read_bytes()[:512])
    lab.limit = WAIT_SECONDS * 3
    lab.guest = Guest(lab.directory / "console.log", [])
    lab.guest.wait_for("rom", r"iPXE \d", WAIT_SECONDS)
    lab.guest.wait_for("kernel and init", "mkpxerd: init started|mkpxerd: kernel ", WAIT_SECONDS)
    proof = lab.until_proof(WAIT_SECONDS)
    proof.check_system()
    proof.check_root("tmpfs")
    expect("gateway", proof.address["gateway"], network.SERVER)


def run(lab: Lab) -> None:
    lab.servers.append(servers.router(lab.directory))
    system = prepare(lab)
    for step in steps(DOCUMENT.read_text(encoding="utf-8")):
        if step:
            system.run(step)
        else:
            boot(lab, system)
    print("every command of the document works")


if __name__ == "__main__":
    network.SERVER = "10.0.0.1"  # of the document
    boot_case(run, needs_root=True)
