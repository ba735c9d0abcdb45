# SPDX-License-Identifier: MIT
"""The servers of a boot: each is started in the foreground, awaited by its listening socket, and logs to a file."""

import os
import subprocess
import time
from pathlib import Path

from . import demands, network

READY_SECONDS = 10
LISTEN = "0A"  # state of a listening TCP socket in /proc/net/tcp (include/net/tcp_states.h)
UNCONNECTED = "07"


def _listens(protocol: str, port: int) -> bool:
    state = LISTEN if protocol == "tcp" else UNCONNECTED
    tables = ("raw6",) if protocol == "icmp6" else (protocol, protocol + "6")
    for table in tables:
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

    def __init__(self, name: str, command: list[str], log: Path, protocol: str, port: int,
                 environment: dict[str, str] | None = None):
        self.name, self.log = name, log
        log.unlink(missing_ok=True)
        # Appending: nginx opens the same file a second time, and neither may write over the other.
        with open(log, "ab") as file:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                             env=dict(os.environ, **(environment or {})))
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


def dhcp_tftp(directory: Path, tftp_root: Path | None = None, boot_file: str = "", options: tuple[str, ...] = ()) -> Server:
    """dnsmasq: DHCP and router advertisements; TFTP and a boot file when they are given."""
    command = [
        demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", "--conf-file=/dev/null", "--user=", "--pid-file=",
        "--port=0",  # no DNS
        "--log-dhcp", f"--dhcp-leasefile={directory}/leases",
        f"--interface={network.BRIDGE}", "--bind-interfaces",
        f"--dhcp-range={network.FIRST_LEASE},{network.LAST_LEASE},{network.NETMASK},1h",
        f"--dhcp-option=option:dns-server,{network.SERVER}", f"--domain={network.DOMAIN}",
        "--no-ping",  # offer at once instead of probing the address first
        "--enable-ra", "--dhcp-range=fd77::,ra-only",
        "--dhcp-userclass=set:ipxe,iPXE",
        # iPXE's own option 175, sub-option 176 no-pxedhcp: do not wait 3 s for a proxy DHCP server.
        "--dhcp-option=tag:ipxe,encap:175,176,1b",
        *options,
    ]
    if tftp_root:
        command += ["--enable-tftp", f"--tftp-root={tftp_root}", f"--dhcp-boot={boot_file}"]
    return Server("dnsmasq", command, directory / "dnsmasq.log", "udp", 67)


def http(directory: Path, site: Path | str) -> Server:
    """nginx on port 80, one access line a request in its log. site: the directory to serve, or a server block as text."""
    if isinstance(site, Path):
        site = f"""server {{
    listen {network.SERVER}:80;
    root {site};
  }}"""
    scratch = directory / "nginx"
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
{bodies}  {site}
}}
""", encoding="utf-8")
    command = [demands.tool("nginx", "nginx-light"), "-e", "stderr", "-p", str(scratch),
               "-c", str(scratch / "nginx.conf")]
    return Server("nginx", command, directory / "nginx.log", "tcp", 80)


def router(directory: Path) -> Server:
    """Router advertisements alone, as any network with IPv6 has them: without one iPXE waits 16 s for IPv6."""
    command = [demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", "--conf-file=/dev/null", "--user=", "--pid-file=",
               "--port=0", f"--interface={network.BRIDGE}", "--enable-ra", "--dhcp-range=fd77::,ra-only"]
    return Server("router", command, directory / "router.log", "icmp6", 58)


def dnsmasq(directory: Path, snippet: Path) -> Server:
    """dnsmasq with a configuration of mkpxerd. The namespace may have no other user, and no DNS is tested."""
    command = [demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", f"--conf-file={snippet}", "--user=",
               "--pid-file=", "--port=0", "--log-dhcp", f"--dhcp-leasefile={directory}/leases"]
    return Server("dnsmasq", command, directory / "dnsmasq.log", "udp", 67)


def foreign_dhcp(directory: Path) -> Server:
    """A DHCP server that knows nothing of network boots."""
    network.plug_foreign()
    command = [demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", "--conf-file=/dev/null", "--user=", "--pid-file=",
               "--port=0", "--log-dhcp", "--no-ping", f"--dhcp-leasefile={directory}/foreign.leases",
               f"--interface={network.FOREIGN_PORT}", "--bind-interfaces",
               f"--dhcp-range={network.FIRST_LEASE},{network.LAST_LEASE},{network.NETMASK},1h",
               f"--dhcp-option=option:router,{network.SERVER}"]
    return Server("foreign", command, directory / "foreign.log", "udp", 67)


def dnsmasq_proxy(directory: Path, snippet: Path) -> Server:
    """dnsmasq as a proxy beside that server, which has port 67 on its own card."""
    command = [demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", f"--conf-file={snippet}", "--user=", "--pid-file=",
               f"--interface={network.BRIDGE}", "--bind-interfaces", "--log-dhcp", f"--dhcp-leasefile={directory}/leases"]
    return Server("dnsmasq_proxy", command, directory / "dnsmasq_proxy.log", "udp", 4011)  # of PXE's boot servers


def dhcpd(directory: Path, snippet: Path) -> Server:
    """ISC dhcpd with a configuration of mkpxerd."""
    leases = directory / "dhcpd.leases"
    leases.touch()
    command = [demands.tool("dhcpd", "isc-dhcp-server"), "-4", "-f", "-d", "--no-pid", "-cf", str(snippet), "-lf",
               str(leases), network.BRIDGE]
    return Server("dhcpd", command, directory / "dhcpd.log", "udp", 67)


def kea(directory: Path, snippet: Path) -> Server:
    """Kea with a configuration of mkpxerd."""
    state = directory / "kea"
    state.mkdir()
    environment = {"KEA_PIDFILE_DIR": str(state), "KEA_LOCKFILE_DIR": str(state)}
    # Its leases go to a directory that its service makes; the mount namespace is ours alone.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib"], check=True)
    Path("/var/lib/kea").mkdir()
    command = [demands.tool("kea-dhcp4", "kea-dhcp4-server"), "-c", str(snippet)]
    return Server("kea", command, directory / "kea.log", "udp", 67, environment)


def tftpd(directory: Path, snippet: Path) -> Server:
    """tftpd-hpa, with the variables that its service reads from a file of mkpxerd. It logs nowhere but to syslog."""
    values = dict(line.split("=", 1) for line in snippet.read_text(encoding="ascii").splitlines()
                  if line and not line.startswith("#"))
    said = {name: value.strip('"') for name, value in values.items()}
    command = [demands.tool("in.tftpd", "tftpd-hpa"), "--foreground", "--user", "root", "--address",
               said["TFTP_ADDRESS"], *said["TFTP_OPTIONS"].split(), said["TFTP_DIRECTORY"]]
    return Server("tftpd", command, directory / "tftpd.log", "udp", 69)


def rpcbind(directory: Path) -> Server:
    """Without it nobody finds a server of NFS version 3. It keeps its state in /run."""
    return Server("rpcbind", [demands.tool("rpcbind", "rpcbind"), "-f", "-h", network.SERVER], directory / "rpcbind.log", "tcp", 111)


def nfs(directory: Path, exports: dict[str, Path], clients: str = "*", versions: str = "4", security: str = "sys") -> Server:
    """nfs-ganesha, NFS version 4 only (needs no rpcbind): exported path -> directory, read-only; clients: who may mount.
    versions "3, 4": with an rpcbind beside it."""
    recovery = directory / "ganesha"
    recovery.mkdir()
    text = f"""NFS_CORE_PARAM {{
  NFS_Port = 2049; Protocols = {versions}; Bind_addr = {network.SERVER}; mount_path_pseudo = true;
  Enable_NLM = false; Enable_RQUOTA = false;
}}
NFSV4 {{ Graceless = true; RecoveryBackend = fs; RecoveryRoot = {recovery}; Only_Numeric_Owners = true; }}
LOG {{ Facility {{ name = STDERR; destination = STDERR; enable = active; }} }}
"""
    read = "Access_Type = RO;"
    access = read if clients == "*" else f"Access_Type = None; CLIENT {{ Clients = {clients}; {read} }}"
    for number, (path, source) in enumerate(exports.items(), start=1):
        text += f"""EXPORT {{
  Export_Id = {number}; Path = {source}; Pseudo = {path};
  {access} Squash = no_root_squash; Protocols = {versions}; Transports = TCP; SecType = {security};
  FSAL {{ Name = VFS; }}
}}
"""
    (recovery / "ganesha.conf").write_text(text, encoding="utf-8")
    # It keeps state in /run whatever it is told; the mount namespace is ours alone.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    Path("/run/ganesha").mkdir()
    if versions != "4":
        rpcbind(directory)
    command = [demands.tool("ganesha.nfsd", "nfs-ganesha"), "-F", "-L", "STDERR", "-f",
               str(recovery / "ganesha.conf"), "-p", "/run/ganesha/pid"]
    if not list(Path("/usr/lib").glob("*/ganesha/libfsalvfs.so")):
        raise demands.Missing("libfsalvfs.so is missing (Debian package nfs-ganesha-vfs)")
    return Server("ganesha", command, directory / "ganesha.log", "tcp", 2049)
