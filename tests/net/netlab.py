# SPDX-License-Identifier: MIT
"""A network in namespaces for these tests: this process and the servers are one side, each machine under test
has a namespace of its own, joined by veth pairs. Everything ends with the test; no packet leaves the machine.

Run a test file as `unshare -Urn python3 test_x.py PROBE`, where PROBE is the net_probe executable."""
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

# NET_TEST_SCALE stretches time limits on slow or busy machines.
SCALE = float(os.environ.get("NET_TEST_SCALE", "1"))
PROBE = None


def run(*command):
    subprocess.run(command, check=True)


def ip(*arguments):
    run("ip", *arguments)


class Server:
    """A process whose standard error is read continuously; ends with the test."""

    def __init__(self, *command):
        self.lines = []
        self.news = threading.Condition()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.follow, daemon=True)
        self.reader.start()

    def follow(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def wait_for(self, text, seconds=10):
        def seen():
            return any(text in line for line in self.lines) or not self.reader.is_alive()
        with self.news:
            self.news.wait_for(seen, seconds * SCALE)
            if not any(text in line for line in self.lines):
                raise AssertionError(f"{self.process.args[0]} never printed {text!r}: {''.join(self.lines)}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stderr.close()


class Machine:
    """A separate network namespace that exists as long as its holder."""

    def __init__(self):
        # The holder is cat: it prints one line once it is in the namespace, and ends with its input.
        self.holder = subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.peers = []
        self.rights = ()  # what runs a command with fewer of them
        self.holder.stdin.write(b"here\n")
        self.holder.stdin.flush()
        self.holder.stdout.readline()

    def plug(self, name, peer, mac=None, up=True):
        """A cable: `name` in the machine, `peer` here. The link of the machine's end stays down."""
        ip("link", "add", peer, "type", "veth", "peer", "name", name, "netns", str(self.holder.pid))
        self.peers.append(peer)
        if mac:
            self.ip("link", "set", name, "address", mac)
        if up:
            ip("link", "set", peer, "up")

    def wait_for_carrier(self, name, seconds=10):
        end = time.monotonic() + seconds * SCALE
        while "LOWER_UP" not in self.output("ip", "link", "show", name):
            if time.monotonic() > end:
                raise AssertionError(f"{name} has no carrier")
            time.sleep(0.01)

    def command(self, *command):
        return ["nsenter", "--target", str(self.holder.pid), "--net", *self.rights, *command]

    def ip(self, *arguments):
        run(*self.command("ip", *arguments))

    def output(self, *command):
        return subprocess.run(self.command(*command), check=True, capture_output=True, text=True).stdout

    def close(self):
        for peer in self.peers:  # the kernel removes a namespace some time after its last process
            ip("link", "del", peer)
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()


class Run:
    """A run of net_probe: its lines by key, its log, its exit status, its time."""

    def __init__(self, machine, *arguments):
        self.started = time.monotonic()
        self.process = subprocess.Popen(machine.command(PROBE, *arguments), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def finish(self, seconds=60):
        out, self.log = self.process.communicate(timeout=seconds * SCALE)
        self.seconds = time.monotonic() - self.started
        self.status = self.process.returncode
        self.values = {}
        for line in out.splitlines():
            key, _, value = line.partition("=")
            self.values.setdefault(key, []).append(value)
        return self

    def __getitem__(self, key):
        return self.values[key][0]

    def text(self):
        return f"status {self.status} after {self.seconds:.1f} s\n{self.values}\n{self.log}"


class NetTest(unittest.TestCase):
    """Ends servers and machines, newest first; fails with the log of the run."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="mkpxerd-net-")
        self.addCleanup(shutil.rmtree, self.directory)
        ip("link", "set", "lo", "up")

    def machine(self):
        machine = Machine()
        self.addCleanup(machine.close)
        return machine

    def address(self, interface, address):
        ip("address", "add", address, "dev", interface)

    def server(self, *command, ready=None):
        server = Server(*command)
        self.addCleanup(server.stop)
        if ready:
            server.wait_for(ready)
        return server

    def dnsmasq(self, interface, *options, ready="started"):
        """dnsmasq on one interface; DNS is off unless options say --port=53."""
        port = [] if any(option.startswith("--port") for option in options) else ["--port=0"]
        return self.server("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=", "--group=",
                           "--log-facility=-", "--log-dhcp", "--no-ping", "--no-resolv", "--no-hosts", "--bind-interfaces",
                           "--except-interface=lo", f"--interface={interface}", "--leasefile-ro",
                           f"--pid-file={self.directory}/{interface}.pid", *port, *options, ready=ready)

    def probe(self, machine, *arguments, seconds=60):
        return Run(machine, *arguments).finish(seconds)

    def start_probe(self, machine, *arguments):
        run_ = Run(machine, *arguments)
        self.addCleanup(lambda: run_.process.poll() is None and run_.process.kill())
        return run_

    def assert_done(self, run_):
        self.assertEqual(run_.status, 0, run_.text())

    def assert_failed(self, run_, code, *texts):
        self.assertEqual(run_.status, 1, run_.text())
        self.assertTrue(run_["failed"].startswith(code + " "), run_.text())
        for text in texts:
            self.assertIn(text, " ".join(run_.values["failed"]), run_.text())

    def assert_within(self, seconds, limit, run_):
        self.assertLess(seconds, limit * SCALE, run_.text())


def main():
    global PROBE
    if len(sys.argv) < 2:
        sys.exit("usage: unshare -Urn python3 TEST PROBE [TESTNAME...]")
    PROBE = sys.argv.pop(1)
    unittest.main(module="__main__", verbosity=2)
