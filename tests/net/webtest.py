# SPDX-License-Identifier: MIT
"""One machine with 10.9.0.7, a server with 10.9.0.1 and an object on it."""
import os

from faulty_http import FaultyServer
from netlab import NetTest

SIZE = 3_000_000


class WebTest(NetTest):
    """One machine with 10.9.0.7, the server with 10.9.0.1."""

    def setUp(self):
        super().setUp()
        self.client = self.machine()
        self.client.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        self.content = os.urandom(SIZE)

    def web(self, port=80, context=None):
        server = FaultyServer("10.9.0.1", port, context)
        self.addCleanup(server.stop)
        server.objects["/object"] = self.content
        return server

    def fetch(self, url, timeout=30, extra=(), need="10.9.0.1:80"):
        self.destination = os.path.join(self.directory, "out", "object")
        if os.path.exists(self.destination):
            os.remove(self.destination)
        return self.probe(self.client, "--ip=10.9.0.7::10.9.0.1:24::eth0:none", f"--need={need}",
                          f"--timeout={timeout}", *extra, f"--fetch={url},{self.destination}")

    def assert_fetched(self, run, content=None):
        self.assert_done(run)
        with open(self.destination, "rb") as file:
            self.assertTrue(file.read() == (content or self.content), "the content differs")
        self.assertEqual(os.listdir(os.path.dirname(self.destination)), ["object"])

    def assert_nothing_left(self):
        directory = os.path.dirname(self.destination)
        self.assertEqual(os.listdir(directory) if os.path.isdir(directory) else [], [])
