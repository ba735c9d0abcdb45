#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`mkpxerd try` as an ordinary user: success with a root of its own, a failure's code, what is missing, and a bundle.

No namespaces: user networking needs no right, and the machine meets this one's loopback alone.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from lab import demands, parts
from lab.proof import expect

NOBODY = 65534
LIMIT_SECONDS = 150


class Program:
    """The program, run without any right."""

    def __init__(self, build: Path):
        demands.tool("qemu-system-x86_64", "qemu-system-x86")
        self._program = build / "bin" / "mkpxerd"
        self._become = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def run(self, *arguments: object, **environment: str) -> tuple[int, str]:
        """Exit code, and console and messages as one text."""
        with self.start(*arguments, **environment) as trial:
            output, _ = trial.communicate()
        return trial.returncode, output

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen:
        return subprocess.Popen([str(self._program), "try", *map(str, arguments), "--timeout", str(LIMIT_SECONDS)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", env=dict(os.environ, **environment), **self._become)


def expect_said(output: str, text: str) -> None:
    if text not in output:
        raise AssertionError(f"'{text}' was not said:\n{output[-3000:]}")


def check_bundle(program: Program, build: Path) -> None:
    """The README's example, made for a server that this machine does not reach."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        work.chmod(0o755)
        bundle = work / "bundle"
        cards = work / "cards.modalias"
        cards.write_text(parts.CARDS["virtio-net-pci"] + "\n", encoding="ascii")
        make = [str(build / "bin" / "mkpxerd"), "bundle", "-o", str(bundle), "--server", "192.0.2.9:8080", "--kernel-root",
                str(parts.kernel().root), "--no-modloop", "-F", "base network dhcp nfs squashfs virtio", "--hardware", str(cards),
                "--apkovl", "http://192.0.2.9:8080/{MAC}.apkovl.tar.gz"]
        parts.run_program([*make, "--alpine-dev", "nfs:192.0.2.9:/srv/nfs/depot"])
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            proxy.setblocking(False)
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            code, output = program.run(bundle, http_proxy=address, https_proxy=address, HTTP_PROXY=address, all_proxy=address)
            try:
                proxy.accept()
                raise AssertionError("the trial went out through the proxy of the environment")
            except BlockingIOError:
                pass  # nobody connected
        for text in ("alpine_dev=nfs:192.0.2.9:/srv/nfs/depot: a trial has no NFS server: the machine boots without it",
                     "the bundle has no such file of any machine: a small system stands in for it",
                     "mkpxerd: try: it boots: mkpxerd: arrived: /sbin/init runs as process 1 with 192.0.2."):
            expect_said(output, text)
        expect("exit code of the README's bundle", code, 0)

        # A machine's own apkovl and script.
        system = work / "system"
        (system / "sbin").mkdir(parents=True)
        shutil.copyfile(build / "lib" / "mkpxerd" / "arrival", system / "sbin" / "init")
        (system / "sbin" / "init").chmod(0o755)
        with tarfile.open(bundle / "aa:bb:cc:00:00:07.apkovl.tar.gz", "w:gz") as archive:
            for name in ("dev", "proc", "sys", "run", "tmp"):
                entry = tarfile.TarInfo(name)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            archive.add(system / "sbin", "sbin")
        (bundle / "mac").mkdir()
        (bundle / "mac" / "aa-bb-cc-00-00-07.ipxe").write_text(
            "#!ipxe\nset more own.word=7 ip=192.0.2.77::192.0.2.9:24:node7::none\n", encoding="ascii")
        code, output = program.run(bundle, "-v", "--nic", "virtio-net-pci", "--nic", "e1000")
        expect_said(output, "/aa:bb:cc:00:00:07.apkovl.tar.gz in ")
        expect_said(output, " own.word=7 ip=192.0.2.77::192.0.2.9:24:node7::none console=ttyS0 ")
        expect_said(output, "/sbin/init runs as process 1 with 192.0.2.77")
        expect_said(output, "0000:00:02.0: ")  # the second card
        expect("exit code of a machine's own system", code, 0)

        # Nothing goes to a server of another place, and JSON has the reason.
        parts.run_program([*make[:-1], "http://192.0.2.10/site.apkovl.tar.gz"])
        code, output = program.run(bundle, "--json", "--cmdline", "mkpxerd.timeout=5")
        told = json.loads(output)
        expect("a bundle of another server boots", told["boots"], False)
        expect_said(told["code"], "MPX-")
        note = "{object}: {text}".format(**told["notes"][0])
        expect_said(note, "http://192.0.2.10/site.apkovl.tar.gz: is not a file of the bundle")
        expect("exit code of a server that a trial does not reach", code, 1)


def check_timeline(report: dict) -> None:
    """What is on the kernel's clock stands in the order in which it happens."""
    timeline = report["timeline"]
    kernel, phases = timeline["kernel"], timeline["phases"]
    interface = next(each for each in timeline["interfaces"] if "lease" in each)
    download = next(each for each in timeline["downloads"] if each["name"] == "root")
    mount = next(each for each in timeline["mounts"] if each["name"] == "/newroot")
    times = [kernel["unpack_begin"], kernel["unpack_end"], kernel["run_init"], phases[0]["begin"], interface["begin"],
             interface["discover"], interface["offer"], interface["lease"], interface["reach"], interface["end"],
             download["begin"], download["first_byte"], download["end"], timeline["handover"]]
    # The two clocks are compared by a line that takes a moment itself.
    for before, after in zip(times, times[1:]):
        if after < before - 0.05:
            raise AssertionError(f"{after} comes before {before} in {json.dumps(timeline)}")
    expect("the end of each phase but the last", [each["name"] for each in phases if "end" not in each], ["handover"])
    if not mount["end"] >= mount["begin"] >= kernel["run_init"]:
        raise AssertionError(f"the root is mounted when? {mount}")
    if not any(each["name"] == "virtio_net" and each["queued"] <= each["begin"] <= each["end"] for each in timeline["modules"]):
        raise AssertionError(f"no module of the card: {timeline['modules']}")


def check_chart(build: Path, report: Path, names: list[str]) -> None:
    """The kept report can be drawn."""
    picture = subprocess.run([str(build / "bin" / "mkpxerd"), "chart", str(report)], check=True, capture_output=True,
                             text=True).stdout
    for name in names:
        expect_said(picture, name)


def check_images(program: Program, build: Path) -> None:
    made, kernel = parts.Parts(build), parts.kernel().image

    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o777)
        kept = Path(directory) / "report.json"
        code, output = program.run(made.small_image, "--kernel", kernel, "--report", kept)
        expect_said(output, "mkpxerd: try: it boots: mkpxerd: arrived: /sbin/init runs as process 1 with 10.0.2.15")
        expect_said(output, "mkpxerd: handover to /sbin/init on http://10.0.2.2:")
        expect("exit code of a boot that works", code, 0)
        check_timeline(json.loads(kept.read_text(encoding="utf-8")))
        check_chart(build, kept, ["kernel until /init", "unpacks image", "network", "eth0 DHCP", "root", "hand-over"])

        # It fails before there is a network.
        code, output = program.run(made.image, "--kernel", kernel, "--cmdline", "ip=dhcp", "--nic", "e1000", "--report", kept)
        expect_said(output, "mkpxerd: try: failed MPX-OPT-01 ")
        expect("exit code of a boot that fails", code, 1)
        report = json.loads(kept.read_text(encoding="utf-8"))
        expect("the code in the report", report["failure"]["code"], "MPX-OPT-01")
        expect("the code in the timeline", report["timeline"]["phases"][-1]["code"], "MPX-OPT-01")
        check_chart(build, kept, ["options", "failed MPX-OPT-01"])

        # The text precedes the init, and the trial goes on for the report.
        kept.unlink()
        code, output = program.run(made.small_image, "--kernel", kernel, "--cmdline", "ip=dhcp", "--expect", "Linux version",
                                   "--report", kept)
        expect_said(output, "mkpxerd: try: it boots: ")
        expect("exit code of an expected text with a report", code, 0)
        expect("the result in the report", json.loads(kept.read_text(encoding="utf-8"))["failure"]["code"], "MPX-OPT-01")

        # Its init reads no options of ours before the kernel ends it.
        before = kept.read_bytes()
        code, output = program.run(made.small_image, "--kernel", kernel, "--cmdline", "rdinit=/absent root=/dev/none panic=-1",
                                   "--report", kept)
        expect_said(output, f"{kept}: stays as it was: the machine wrote no report")
        expect("exit code without a report", code, 1)
        expect("the file without a report", kept.read_bytes(), before)

    # Nobody has this address: the init tries until its patience is over, long before the trial's is.
    code, output = program.run(made.small_image, "--kernel", kernel, "--cmdline",
                               "ip=dhcp apkovl=http://10.0.2.77/x.apkovl.tar.gz mkpxerd.timeout=5")
    expect_said(output, "mkpxerd: try: failed MPX-FETCH-")
    expect("exit code of a server that nobody reaches", code, 1)

    # A text of the kernel, long before the init: the machine is not run any further.
    code, output = program.run(made.small_image, "--kernel", kernel, "--cmdline", "ip=dhcp", "--expect", "Linux version",
                               "--uefi")
    expect_said(output, "mkpxerd: try: it boots: ")
    expect("exit code of an expected text", code, 0)
    expect("words of the init", output.count("mkpxerd: init"), 0)
    expect("lines of the kernel's log", output.count("Command line:"), 0)


def check_refusals(program: Program, build: Path) -> None:
    """What is wrong is said before a machine starts."""
    image, kernel = parts.Parts(build).small_image, parts.kernel().image
    bundle = parts.Parts(build).bundle

    def refused(expected_code: int, text: str, *arguments: object) -> None:
        code, output = program.run(*arguments)
        expect_said(output, text)
        expect("a machine that started", output.count("mkpxerd: try: boots "), 0)
        expect(f"exit code of: {text}", code, expected_code)

    refused(2, "mkpxerd: --kernel is for an image", bundle, "--kernel", kernel)
    refused(1, "mkpxerd: /etc/passwd: does not begin like a kernel (name the kernel, vmlinuz, by --kernel)",
            image, "--kernel", "/etc/passwd")
    refused(1, "mkpxerd: /nonexistent/vmlinuz: is not a file", image, "--kernel", "/nonexistent/vmlinuz")
    refused(1, "mkpxerd: /etc/passwd: is not a whole initrd: ", "/etc/passwd", "--kernel", kernel)
    refused(1, "mkpxerd: --nic e10000: QEMU has no such network card (did you mean e1000?)",
            image, "--kernel", kernel, "--nic", "e10000")
    refused(2, "mkpxerd: --report: the console goes to standard output", image, "--kernel", kernel, "--report", "-")
    refused(1, "mkpxerd: /nonexistent/report.json: ", image, "--kernel", kernel, "--report", "/nonexistent/report.json")
    refused(2, "mkpxerd: --memory 32M: no kernel starts with less than 64M", image, "--memory", "32M")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        incomplete = shutil.copytree(bundle, Path(directory) / "bundle", ignore=lambda *_: ["vmlinuz"])
        refused(1, "vmlinuz: is missing: boot.ipxe loads it (run mkpxerd bundle again)", incomplete)


def is_running(process: str) -> bool:
    """Not if it has ended and nobody has asked how, as in a container whose first process does not."""
    try:
        status = Path("/proc", process, "stat").read_text(encoding="ascii")
    except OSError:
        return False
    return not status.rpartition(") ")[2].startswith("Z")


def check_interrupted(program: Program, build: Path) -> None:
    """Ctrl-C ends the machine, too."""
    with program.start(parts.Parts(build).small_image, "--kernel", parts.kernel().image) as trial:
        children = Path(f"/proc/{trial.pid}/task/{trial.pid}/children")
        deadline = time.monotonic() + LIMIT_SECONDS
        while not (machine := children.read_text(encoding="ascii").split()) and time.monotonic() < deadline:
            time.sleep(0.01)
        expect("machines that started", len(machine), 1)
        trial.send_signal(signal.SIGINT)
        expect("what ended the trial", trial.wait(), -signal.SIGINT)
    while is_running(machine[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    expect("a machine after Ctrl-C", is_running(machine[0]), False)


def check(build: Path) -> None:
    """Two machines at once: the loaders of the bundles' machines mostly wait, as iPXE does for a second DHCP server."""
    program = Program(build)
    check_refusals(program, build)
    check_interrupted(program, build)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = [pool.submit(each, program, build) for each in (check_bundle, check_images)]
    for each in started:
        each.result()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    build = parser.parse_args().build.resolve()
    return demands.judged(lambda: check(build))


if __name__ == "__main__":
    sys.exit(main())
