#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: loader_scripts_test.py MKPXERD

The scripts of iPXE, gPXE, PXELINUX and lpxelinux, run by the real iPXE and PXELINUX for every set of options. The kernel that
they load is a small one, which shows its command line and restarts the machine: so two machines run all scripts, one after
the other."""

import http.server
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "boot"))
from echo_kernel import echo_kernel  # noqa: E402
from lab import demands  # noqa: E402
from snippet_sets import SERVER, SETS, line_of, url_of  # noqa: E402

BOOT_SECONDS = 60
# These differ only in what a DHCP server says.
SAME_SCRIPTS = ("a router with the last address", "a bundle without iPXE")
MACS = {"ipxe": "52:54:00:77:00:01", "pxelinux": "52:54:00:77:00:02"}
OWN_SCRIPT = "two name servers"  # the set whose machine has a script of its own
PLAIN = f"http://{SERVER}/plain"  # in the place of https, which Debian's iPXE lacks
LOADERS = [Path("/usr/lib/PXELINUX/pxelinux.0"), Path("/usr/lib/PXELINUX/lpxelinux.0")]
MODULE = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")
IPXE = Path("/usr/lib/ipxe/ipxe.lkrn")


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


class Job:
    """One script, what its machine must ask for by HTTP, and the command line that the kernel must get."""

    def __init__(self, number: int, name: str, snippet: str, text: str):
        options = SETS[name]
        self.what, self.snippet, self.text = f"{snippet}: {name}", snippet, text
        self.machine = "pxelinux" if "pxelinux" in snippet else "ipxe"
        # An address of its own: lpxelinux has the same ports after each start, and the server still knows them.
        self.address = f"10.0.0.{number + 10}"
        self.url = PLAIN if url_of(options).startswith("https") and snippet == "boot.ipxe" else url_of(options)
        self.line = line_of(options).replace(url_of(options), self.url)
        self.requests: list[str] = []
        # The machine has a script of its own.
        self.own_script = "#!ipxe\nset more quiet\nset archive host7\n" if self.what == f"boot.ipxe: {OWN_SCRIPT}" else ""

    def wanted(self) -> tuple[list[str], str]:
        mac = MACS[self.machine]
        bootif = f"BOOTIF=01-{mac.replace(':', '-')}"
        files = [f"{self.url}/vmlinuz", f"{self.url}/pxerd"]
        head, dash, init = self.line.partition(" -- ")
        if self.snippet == "boot.ipxe":
            scripts = [f"{self.url}/{name}" for name in ("boot.ipxe", "mac/none", f"mac/{mac.replace(':', '-')}.ipxe")]
            second, more = ("initrd=host7", "quiet") if self.own_script else ("", "")
            files += [f"{self.url}/host7"] if self.own_script else []
            return scripts + files, f"initrd=pxerd {second} {bootif} {head} {more}{dash}{init}"
        if self.snippet == "gpxe-script":
            return [f"{self.url}/gpxe-script", *files], f"initrd=pxerd BOOTIF=01-{mac} {self.line}"
        url = self.url + "/" if self.snippet == "lpxelinux" else ""
        return (files if url else []), f"BOOT_IMAGE={url}vmlinuz initrd={url}pxerd {self.line}" + ("" if dash else f" {bootif}")

    def script(self) -> str:
        """How the machine comes to its script: iPXE plays the firmware of PXELINUX."""
        begin = f"#!ipxe\nset net0/ip {self.address}\n"
        if self.machine == "ipxe":
            return begin + (f"set base {PLAIN}\n" if self.url == PLAIN else "") + f"chain {self.url}/{self.snippet}\n"
        place = f"tftp://{SERVER}/{self.address}/"
        return f"{begin}set 210:string {place}\nchain {place}{self.snippet}.0\n"

    def place_files(self, tftp: Path) -> None:
        if self.machine != "pxelinux":
            return
        directory = tftp / self.address
        (directory / "pxelinux.cfg").mkdir(parents=True)
        (directory / "pxelinux.cfg" / "default").write_text(self.text, encoding="ascii")
        for file in (*LOADERS, MODULE):
            shutil.copy(file, directory)
        (directory / "vmlinuz").write_bytes(echo_kernel())
        (directory / "pxerd").write_bytes(b"image")


class Web(http.server.ThreadingHTTPServer):
    """Hands out the next script to a machine that starts, and then the files of that script."""

    def __init__(self, port: int, jobs: list[Job]):
        self.waiting = {machine: [job for job in jobs if job.machine == machine] for machine in MACS}
        self.jobs = {job.address: job for job in jobs}
        super().__init__((SERVER, port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def content(self, client: str, host: str, path: str) -> bytes | None:
        if path.startswith("/next/"):
            waiting = self.waiting[path.removeprefix("/next/")]
            return waiting.pop(0).script().encode() if waiting else None
        job = self.jobs[client]
        job.requests.append(f"http://{host}{path}")
        files = {"vmlinuz": echo_kernel(), "pxerd": b"image", job.snippet: job.text.encode()}
        if job.own_script:
            files |= {f"{MACS['ipxe'].replace(':', '-')}.ipxe": job.own_script.encode(), "host7": b"archive"}
        return files.get(path.split("/")[-1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.server.content(self.client_address[0], self.headers["Host"], self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


class Machine:
    """Runs as long as its block. Each start of it runs the next script."""

    def __init__(self, name: str, directory: Path):
        script = directory / f"{name}.ipxe"
        script.write_text(f"#!ipxe\nset net0/ip 10.0.0.{list(MACS).index(name) + 2}\nset net0/netmask 255.255.255.0\n"
                          f"set net0/gateway {SERVER}\nset net0/dns {SERVER}\nifopen net0\nchain http://{SERVER}/next/{name}\n",
                          encoding="ascii")
        self.command = [
            demands.tool("qemu-system-x86_64", "qemu-system-x86"), "-accel", "tcg", "-m", "256", "-nodefaults", "-nographic",
            "-serial", "stdio", "-netdev", f"tap,id=wire,ifname={name},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=wire,mac={MACS[name]},romfile=", "-kernel", str(IPXE), "-initrd", str(script)]
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.said: list[str] = []

    def __enter__(self) -> "Machine":
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def listen(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\r\n"))

    def next_command_line(self, what: str) -> str:
        while True:
            try:
                line = self.lines.get(timeout=BOOT_SECONDS)
            except queue.Empty:
                raise AssertionError(f"{what}: no kernel within {BOOT_SECONDS} s; the console: {self.said[-5:]}") from None
            self.said.append(line)
            if "modloop=" in line:
                return line


def make_jobs(mkpxerd: str, directory: Path) -> list[Job]:
    jobs = []
    for snippet in ("boot.ipxe", "gpxe-script", "pxelinux", "lpxelinux"):
        for name, options in SETS.items():
            lacks_https = snippet in ("gpxe-script", "lpxelinux")
            if name in SAME_SCRIPTS or (lacks_https and url_of(options).startswith("https")):
                continue
            done = subprocess.run([mkpxerd, "snippet", snippet, "-o", str(directory), *options], text=True, capture_output=True,
                                  check=False)
            expect(f"{snippet}: {name}: {done.stderr}", done.returncode, 0)
            jobs.append(Job(len(jobs), name, snippet, done.stdout))
    return jobs


def check(machine: Machine, jobs: list[Job], failures: list[str]) -> None:
    try:
        for job in jobs:
            line = machine.next_command_line(job.what)
            requests, wanted = job.wanted()
            expect(f"{job.what}: the kernel's command line", line, wanted)
            expect(f"{job.what}: requests", job.requests, requests)
    except AssertionError as error:
        failures.append(str(error))


def run_scripts(directory: Path) -> None:
    jobs = make_jobs(sys.argv[1], directory / "none")
    for job in jobs:
        job.place_files(directory)
    for port in (80, 8080):
        Web(port, jobs)
    # Names for machines, and TFTP.
    dnsmasq = subprocess.Popen(
        [demands.tool("dnsmasq", "dnsmasq-base"), "--no-daemon", "--conf-file=/dev/null", "--user=", "--pid-file=", "--no-resolv",
         f"--address=/boot.example.org/{SERVER}", "--enable-tftp", f"--tftp-root={directory}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    failures: list[str] = []
    try:
        with Machine("ipxe", directory) as ipxe, Machine("pxelinux", directory) as pxelinux:
            checks = [threading.Thread(target=check, args=(machine, [job for job in jobs if job.machine == name], failures))
                      for name, machine in (("ipxe", ipxe), ("pxelinux", pxelinux))]
            for thread in checks:
                thread.start()
            for thread in checks:
                thread.join()
    finally:
        dnsmasq.terminate()
        dnsmasq.wait(10)
    expect("failures", failures, [])
    print(f"{len(jobs)} scripts")


def run() -> None:
    for file, package in ((IPXE, "ipxe"), (LOADERS[0], "pxelinux"), (MODULE, "syslinux-common")):
        if not file.exists():
            raise demands.Missing(f"{file} is missing (Debian package {package})")
    if sys.argv[2:] != ["inside"]:
        unshare = [demands.tool("unshare", "util-linux"), "--user", "--map-root-user", "--net"]
        if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode != 0:
            raise demands.Missing("user namespaces are not allowed here")
        os.execv(unshare[0], [*unshare, sys.executable, "-B", __file__, sys.argv[1], "inside"])
    taps = "".join(f"tuntap add {name} mode tap\nlink set {name} master br0 up\n" for name in MACS)
    commands = f"link set lo up\nlink add br0 type bridge\naddr add {SERVER}/24 dev br0\n{taps}link set br0 up\n"
    subprocess.run([demands.tool("ip", "iproute2"), "-batch", "-"], input=commands, text=True, check=True)
    with tempfile.TemporaryDirectory() as directory:
        run_scripts(Path(directory))


if __name__ == "__main__":
    sys.exit(demands.judged(run))
