#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: guest.py BUILD KERNEL_ROOT

Boots machines whose /init is the counting one of the coverage build: one hands over, one fails, one breaks. What each init
has counted, which comes out of the second serial port, goes to BUILD/coverage/guest-CASE-N.profraw. Then the counting mkpxerd
makes a bundle of the same image, and tries the image and the bundle.
"""
import functools
import http.server
import io
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import threading

MARK = b"MPXCOUNT"
# The words of the command line; how many sets of counters come out (one of each program that PID 1 was, and ended as by
# itself); and what the console says.
CASES = {
    "hands_over": ("root={server}/root.tar apkovl={server}/apkovl.tar.gz modloop={server}/modloop", 1, "mkpxerd: arrived"),
    "fails": ("root={server}/absent.tar mkpxerd.onfail=poweroff", 1, "failed MPX-"),
    "breaks": ("root={server}/silent COUNTERS_CRASH=1 mkpxerd.onfail=reboot:1", 2, "failed MPX-BUG-01"),
}
SECONDS = 240  # for one boot, on a busy machine


def main():
    build, kernel_root = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    os.environ["LLVM_PROFILE_FILE"] = str(build / "coverage/%m.profraw")
    work = build / "coverage" / "guest"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    version = next((kernel_root / "lib/modules").iterdir()).name
    image = make_image(build, kernel_root, version, work)
    make_root(build / "bin/coverage_arrival", work)
    make_modloop(version, work)
    with serve(work) as server:
        address = f"http://10.0.2.2:{server.server_port}"  # this machine's loopback, for the guest
        machines = {name: Machine(name, kernel_root / "boot" / f"vmlinuz-{version}", image, work,
                                  options.format(server=address)) for name, (options, _, _) in CASES.items()}
        for name, machine in machines.items():
            machine.check(build / "coverage", *CASES[name][1:])
    check_trials(build, kernel_root / "boot" / f"vmlinuz-{version}", image, work)


def make_image(build, kernel_root, version, work):
    """An image of ours, and behind it an archive with the counting init and its libraries."""
    image = work / "image"
    # The generator wants an init beside it; it is replaced below.
    for program in ("bin/mkpxerd", "bin/counting_init"):
        target = work / program.replace("bin/counting_init", "lib/mkpxerd/init")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(build / program, target)
    (work / "share").symlink_to(build / "share")
    run(work / "bin/mkpxerd", "--no-cache", "-o", image, "--profile", "minimal-virtio", "--kernel-root", kernel_root, version)
    archive = pack_init(build / "bin/counting_init", work / "files")
    with image.open("ab") as file:
        file.write(bytes(-file.tell() % 512) + archive)
    return image


def check_trials(build, kernel, image, work):
    """The sanitizers see `try` as well, at an image and at a bundle, which QEMU reaches through the relay."""
    for name, program in {"arrival": "coverage_arrival", "relay": "coverage_relay"}.items():
        shutil.copy(build / "bin" / program, work / "lib/mkpxerd" / name)
    bundle = work / "bundle"
    run(work / "bin/mkpxerd", "bundle", "-o", bundle, "--server", "10.0.0.1", "--kernel-root", kernel.parents[1], "--no-modloop",
        "--profile", "minimal-virtio", "--root", work / "root.tar", kernel.name.removeprefix("vmlinuz-"))
    shutil.copy(image, bundle / "pxerd")
    trials = {"image": ["--kernel", kernel, image], "bundle": [bundle]}
    running = {name: start(work / "bin/mkpxerd", "try", "--timeout", SECONDS, *words) for name, words in trials.items()}
    try:
        for name, process in running.items():
            said, _ = process.communicate()
            if process.returncode != 0 or "it boots" not in said:
                sys.exit(f"FAILED: try of the {name}: {said[-6000:]}")
            print(f"try of the {name}: it boots")
    finally:
        for process in running.values():
            process.kill()  # and with it its machine


def pack_init(program, files):
    """An archive with /init and the libraries that it loads."""
    files.mkdir()
    run("objcopy", "--strip-debug", program, files / "init")
    for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
        target = files / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    names = "\n".join(str(path.relative_to(files)) for path in sorted(files.rglob("*")))
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=files, input=names.encode(),
                          stdout=subprocess.PIPE, check=True).stdout


def make_root(arrival, work):
    with tarfile.open(work / "root.tar", "w") as root:
        for name in ("dev", "proc", "run", "sbin", "sys", "tmp", "etc"):
            directory = tarfile.TarInfo(name)
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            root.addfile(directory)
        root.add(arrival, "sbin/init")
    with tarfile.open(work / "apkovl.tar.gz", "w:gz") as apkovl:
        hostname = tarfile.TarInfo("etc/hostname")
        hostname.size = 6
        apkovl.addfile(hostname, io.BytesIO(b"guest\n"))


def make_modloop(version, work):
    """The directory by which the init knows a modloop of its kernel."""
    (work / "modloop.d/modules" / version).mkdir(parents=True)
    run("mksquashfs", work / "modloop.d", work / "modloop", "-quiet", "-no-progress")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/silent":
            threading.Event().wait()  # the machine is to break before it has its root
        super().do_GET()

    def log_message(self, *_):
        pass


class serve:
    """The files of a directory by HTTP, on a port of the loopback."""

    def __init__(self, directory):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=directory))

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server

    def __exit__(self, *_):
        self.server.shutdown()


class Machine:
    def __init__(self, name, kernel, image, work, options):
        self.name, self.console, self.counters = name, work / f"{name}.console", work / f"{name}.counters"
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-machine", "q35,graphics=off", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-nodefaults",
            "-display", "none", "-no-reboot", "-serial", f"file:{self.console}", "-serial", f"file:{self.counters}",
            "-netdev", "user,id=wire", "-device", "virtio-net-pci,netdev=wire,romfile=", "-kernel", kernel, "-initrd", image,
            "-append", f"console=ttyS0 no_timer_check panic=-1 mkpxerd.timeout=60 {options}"])

    def check(self, target, sets, said):
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.fail(f"the machine still runs after {SECONDS} s")
        if said not in self.console.read_text(errors="replace"):
            self.fail(f'"{said}" is not on the console')
        data, found = self.counters.read_bytes(), 0
        while data:
            length, = struct.unpack_from("<Q", data, len(MARK)) if data.startswith(MARK) and len(data) >= 16 else (None,)
            if length is None or len(data) < 16 + length:
                self.fail(f"the counters are damaged after set {found}")
            (target / f"guest-{self.name}-{found}.profraw").write_bytes(data[16:16 + length])
            data, found = data[16 + length:], found + 1
        if found != sets:
            self.fail(f"{found} sets of counters came out, not {sets}")
        print(f"{self.name}: {found} sets of counters")

    def fail(self, why):
        print(self.console.read_text(errors="replace")[-6000:])
        sys.exit(f"FAILED: {self.name}: {why}")


def start(*command):
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(*command):
    process = start(*command)
    said, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"FAILED: {command[0]}: {said}")
    return said


if __name__ == "__main__":
    main()
