# SPDX-License-Identifier: MIT
"""The servers of a boot: each is started in the foreground, awaited by its listening socket, and logs to a file."""

import subprocess
import time
from pathlib import Path

from . import demands, network

READY_SECONDS = 10
LISTEN = "0A"  # state of a listening TCP socket in /proc/net/tcp (include/net/tcp_states.h)
UNCONNECTED = "07"


def _listens(protocol: str, port: int) -> bool:
    state = LISTEN if protocol == "tcp" else UNCONNECTED
    for table in (protocol, protocol + "6"):
        try:
            lines = Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue  # a kernel without IPv6
        for line in lines:
            _, local, _, line_state = line.split()[:4]
            if int(local.rsplit(":", 1)[1], 16) == port and line_state == state:
                return True
    return False


class Server:
    """One running server."""

    def __init__(self, name: str, command: list[str], log: Path, protocol: str, port: int):
        self.name, self.log = name, log
        log.unlink(missing_ok=True)
        # Appending: nginx opens the same file a second time, and neither may write over the other.
        with open(log, "ab") as file:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        deadline = time.monotonic() + READY_SECONDS
        while not _listens(protocol, port):
            if self._process.poll() is not None:
                raise AssertionError(f"{name} ended with {self._process.returncode} before it listened")
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} does not listen on {protocol} port {port} after {READY_SECONDS} s")
            time.sleep(0.02)

    def tail(self, lines: int) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """The namespace ends what ignores this."""
        self._process.terminate()


def dhcp_tftp(folder: Path, tftp_root: Path | None = None, boot_file: str = "") -> Server:
    """dnsmasq: DHCP and router advertisements; TFTP and a boot file when they are given."""
    command = [
        demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", "--conf-file=/dev/null", "--user=", "--pid-file=",
        "--port=0",  # no DNS
        "--log-dhcp", f"--dhcp-leasefile={folder}/leases",
        f"--interface={network.BRIDGE}", "--bind-interfaces",
        f"--dhcp-range={network.FIRST_LEASE},{network.LAST_LEASE},{network.NETMASK},1h",
        f"--dhcp-option=option:dns-server,{network.SERVER}", f"--domain={network.DOMAIN}",
        "--no-ping",  # offer at once instead of probing the address first
        "--enable-ra", "--dhcp-range=fd77::,ra-only",
        "--dhcp-userclass=set:ipxe,iPXE",
        # iPXE's own option 175, sub-option 176 no-pxedhcp: do not wait 3 s for a proxy DHCP server.
        "--dhcp-option=tag:ipxe,encap:175,176,1b",
    ]
    if tftp_root:
        command += ["--enable-tftp", f"--tftp-root={tftp_root}", f"--dhcp-boot={boot_file}"]
    return Server("dnsmasq", command, folder / "dnsmasq.log", "udp", 67)


def http(folder: Path, web_root: Path) -> Server:
    """nginx on port 80, one access line a request in its log."""
    scratch = folder / "nginx"
    scratch.mkdir()
    bodies = "".join(f"  {kind}_temp_path {scratch}/{kind};\n"
                     for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Root inside the namespace may be the only user there is, so the worker keeps it.
    (scratch / "nginx.conf").write_text(f"""daemon off;
worker_processes 1;
user root root;
pid {scratch}/pid;
error_log stderr info;
events {{ worker_connections 64; }}
http {{
  access_log /dev/stdout;
  default_type application/octet-stream;
  sendfile on;
{bodies}  server {{
    listen {network.SERVER}:80;
    root {web_root};
  }}
}}
""", encoding="utf-8")
    command = [demands.tool("nginx", "nginx-light"), "-e", "stderr", "-p", str(scratch),
               "-c", str(scratch / "nginx.conf")]
    return Server("nginx", command, folder / "nginx.log", "tcp", 80)


def nfs(folder: Path, exports: dict[str, Path]) -> Server:
    """nfs-ganesha, NFS version 4 only (needs no rpcbind): exported path -> folder, read-only."""
    recovery = folder / "ganesha"
    recovery.mkdir()
    text = f"""NFS_CORE_PARAM {{
  NFS_Port = 2049; Protocols = 4; Bind_addr = {network.SERVER};
  Enable_NLM = false; Enable_RQUOTA = false;
}}
NFSV4 {{ Graceless = true; RecoveryBackend = fs; RecoveryRoot = {recovery}; Only_Numeric_Owners = true; }}
LOG {{ Facility {{ name = STDERR; destination = STDERR; enable = active; }} }}
"""
    for number, (path, source) in enumerate(exports.items(), start=1):
        text += f"""EXPORT {{
  Export_Id = {number}; Path = {source}; Pseudo = {path};
  Access_Type = RO; Squash = no_root_squash; Protocols = 4; Transports = TCP; SecType = sys;
  FSAL {{ Name = VFS; }}
}}
"""
    (recovery / "ganesha.conf").write_text(text, encoding="utf-8")
    # It keeps state in /run whatever it is told; the mount namespace is ours alone.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    Path("/run/ganesha").mkdir()
    command = [demands.tool("ganesha.nfsd", "nfs-ganesha"), "-F", "-L", "STDERR", "-f",
               str(recovery / "ganesha.conf"), "-p", "/run/ganesha/pid"]
    if not list(Path("/usr/lib").glob("*/ganesha/libfsalvfs.so")):
        raise demands.Missing("libfsalvfs.so is missing (Debian package nfs-ganesha-vfs)")
    return Server("ganesha", command, folder / "ganesha.log", "tcp", 2049)
