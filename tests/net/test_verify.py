# SPDX-License-Identifier: MIT
"""Hashes, signatures and proxies: an object that fails verification never appears under its name."""
import base64
import hashlib
import os
import select
import socket
import socketserver
import subprocess
import threading

import netlab
from authority import Authority, openssl
from webtest import WebTest


def flipped(content):
    return content[:1000] + bytes([content[1000] ^ 1]) + content[1001:]


class Hashes(WebTest):
    def test_the_right_hash_is_accepted_also_over_a_broken_connection(self):
        self.web()
        digest = hashlib.sha256(self.content).hexdigest()
        self.assert_fetched(self.fetch(f"http://10.9.0.1/object#sha256={digest}"))
        self.assert_fetched(self.fetch(f"http://10.9.0.1/object?cut=900000&times=3#sha256={digest.upper()}"))
        self.assert_fetched(self.fetch("http://10.9.0.1/object", extra=(f"--sha256={digest}",)))

    def test_one_flipped_bit_is_refused_and_nothing_is_left(self):
        server = self.web()
        digest = hashlib.sha256(self.content).hexdigest()
        server.objects["/object"] = flipped(self.content)
        run = self.fetch(f"http://10.9.0.1/object#sha256={digest}")
        self.assert_failed(run, "MPX-FETCH-08", "http://10.9.0.1/object", digest)
        self.assert_nothing_left()
        self.assertEqual(server.requests["/object"], 2)
        run = self.fetch("http://10.9.0.1/object", extra=(f"--sha256={digest}",))
        self.assert_failed(run, "MPX-FETCH-08")

    def test_a_misspelt_hash_is_not_passed_over(self):
        server = self.web()
        self.assert_failed(self.fetch("http://10.9.0.1/object#sha265=00"), "MPX-FETCH-01", "sha265")
        self.assertEqual(server.requests["/object"], 0)


class Signatures(WebTest):
    def setUp(self):
        super().setUp()
        self.keys = os.path.join(self.directory, "keys")
        os.mkdir(self.keys)
        self.key = os.path.join(self.directory, "signer.key")
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.key)
        openssl("pkey", "-in", self.key, "-pubout", "-out", os.path.join(self.keys, "site.pub"))
        self.site = self.web()

    def sign_bytes(self, content):
        plain, signature = (os.path.join(self.directory, name) for name in ("plain", "signature"))
        with open(plain, "wb") as file:
            file.write(content)
        openssl("pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-in", plain, "-out", signature)
        with open(signature, "rb") as file:
            return file.read()

    def sign(self, content, name="/object", role="object"):
        digest = hashlib.sha256(content).hexdigest()
        return self.sign_bytes(f"mkpxerd signature 1\nobject: {role}\nname: {name}\nsha256: {digest}\n".encode())

    def signed_fetch(self, url="http://10.9.0.1/object"):
        return self.fetch(url, extra=(f"--keys={self.keys}",))

    def test_a_signature_of_a_key_in_the_image_is_accepted_in_both_forms(self):
        plain = self.sign(self.content)
        for signature in (plain, base64.encodebytes(plain)):
            self.site.objects["/object.sig"] = signature
            run = self.signed_fetch()
            self.assert_fetched(run)
            self.assertIn("signed by site.pub", run.log)

    def test_the_query_is_part_of_the_name(self):
        self.site.objects["/object.sig"] = self.sign(self.content, "/object?machine=7")
        self.assert_fetched(self.signed_fetch("http://10.9.0.1/object?machine=7"))
        self.assert_failed(self.signed_fetch("http://10.9.0.1/object?machine=8"), "MPX-FETCH-09")

    def test_a_broken_connection_does_not_spoil_a_signature(self):
        self.site.objects["/object.sig"] = self.sign(self.content, "/object?cut=900000&times=3")
        self.assert_fetched(self.signed_fetch("http://10.9.0.1/object?cut=900000&times=3"))

    def test_what_is_signed_as_another_object_is_refused(self):
        for signature in (self.sign(self.content, "/other"), self.sign(self.content, role="root"),
                          self.sign(self.content, "/object?machine=7")):
            self.site.objects["/object.sig"] = signature
            self.assert_failed(self.signed_fetch(), "MPX-FETCH-09", "http://10.9.0.1/object", "or is not for object /object")
            self.assert_nothing_left()

    def test_a_signature_of_the_bytes_alone_is_refused_and_says_how_to_sign_anew(self):
        self.site.objects["/object.sig"] = self.sign_bytes(self.content)
        self.assert_failed(self.signed_fetch(), "MPX-FETCH-09", "covers only the bytes", "docs/signatures.md")
        self.assert_nothing_left()

    def test_the_commands_of_the_document_sign_what_is_accepted(self):
        text = open(os.path.join(os.path.dirname(__file__), "../../docs/signatures.md"), encoding="utf-8").read()
        blocks = text.split("```sh\n")[1:]
        commands = [block.split("```")[0] for block in blocks]
        work = os.path.join(self.directory, "work")
        os.makedirs(os.path.join(work, "hosts/7"))
        with open(os.path.join(work, "hosts/7/host.apkovl.tar.gz"), "wb") as file:
            file.write(self.content)
        for command in commands:
            subprocess.run(["sh", "-ec", command], cwd=work, check=True)
        os.replace(os.path.join(work, "site.pub"), os.path.join(self.keys, "site.pub"))
        with open(os.path.join(work, "hosts/7/host.apkovl.tar.gz.sig"), "rb") as file:
            self.site.objects["/hosts/7/host.apkovl.tar.gz.sig"] = file.read()
        self.site.objects["/hosts/7/host.apkovl.tar.gz"] = self.content
        run = self.fetch("http://10.9.0.1/hosts/7/host.apkovl.tar.gz",
                         extra=(f"--keys={self.keys}", "--object=apkovl"))
        self.assert_fetched(run)

    def test_a_changed_object_is_refused_and_nothing_is_left(self):
        self.site.objects["/object.sig"] = self.sign(self.content)
        self.site.objects["/object"] = flipped(self.content)
        self.assert_failed(self.signed_fetch(), "MPX-FETCH-09", "http://10.9.0.1/object", "site.pub")
        self.assert_nothing_left()

    def test_a_missing_signature_is_refused(self):
        self.assert_failed(self.signed_fetch(), "MPX-FETCH-10", "http://10.9.0.1/object.sig")
        self.assert_nothing_left()

    def test_a_signature_file_that_never_ends_is_refused(self):
        self.site.objects["/object.sig"] = b"A" * 1000000
        self.assert_failed(self.signed_fetch(), "MPX-FETCH-12", "http://10.9.0.1/object.sig")
        self.assert_nothing_left()

    def test_a_key_asks_for_signatures_whatever_its_file_is_called(self):
        for name in ("site.pem", "site", ".site"):
            os.rename(os.path.join(self.keys, os.listdir(self.keys)[0]), os.path.join(self.keys, name))
            self.assert_failed(self.signed_fetch(), "MPX-FETCH-10")

    def test_a_hash_stands_for_a_signature(self):
        digest = hashlib.sha256(self.content).hexdigest()
        self.assert_fetched(self.signed_fetch(f"http://10.9.0.1/object#sha256={digest}"))

    def test_a_key_that_is_none_is_named(self):
        for name in ("broken.pub", "broken.pem", "README"):
            path = os.path.join(self.keys, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write("nonsense")
            self.assert_failed(self.signed_fetch(), "MPX-FETCH-11", name)
            self.assertEqual(self.site.requests["/object"], 0)
            os.remove(path)

    def test_what_is_fetched_is_for_root_alone(self):
        self.site.objects["/object.sig"] = self.sign(self.content)
        self.assert_fetched(self.signed_fetch())
        self.assertEqual(os.stat(self.destination).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.destination)).st_mode & 0o777, 0o700)


class Proxy(socketserver.ThreadingTCPServer):
    """Forwards CONNECT and absolute http:// requests of clients with the password."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, port, credentials=None):
        super().__init__((address, port), ProxyHandler)
        self.credentials = credentials
        self.lines = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.server_close()


class ProxyHandler(socketserver.StreamRequestHandler):
    def handle(self):
        first = self.rfile.readline().decode()
        if not first:  # a look whether somebody listens
            return
        headers = b""
        for line in self.rfile:
            if line == b"\r\n":
                break
            headers += line
        self.server.lines.append(first.strip())
        if self.server.credentials and f"Proxy-Authorization: Basic {self.server.credentials}".encode() not in headers:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = first.split()
        authority = target if method == "CONNECT" else target.split("/")[2]
        host, _, port = authority.partition(":")
        try:
            upstream = socket.create_connection((host, int(port or 80)), 5)
        except OSError:
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        if method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            path = target.split(authority, 1)[1]
            upstream.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + headers + b"\r\n")
        self.pump(upstream)

    def pump(self, upstream):
        while True:
            ready, _, _ = select.select([self.connection, upstream], [], [], 10)
            for source in ready:
                data = source.recv(65536)
                if not data:
                    upstream.close()
                    return
                (upstream if source is self.connection else self.connection).sendall(data)
            if not ready:
                return


class Proxies(WebTest):
    """The server has an address that the machine has no route to, but the proxy has one."""

    def setUp(self):
        super().setUp()
        self.address("s0", "192.0.2.1/32")

    def proxy(self, credentials=None):
        proxy = Proxy("10.9.0.1", 3128, credentials)
        self.addCleanup(proxy.stop)
        return proxy

    def far_web(self, port=80, context=None):
        from faulty_http import FaultyServer
        server = FaultyServer("192.0.2.1", port, context)
        self.addCleanup(server.stop)
        server.objects["/object"] = self.content
        return server

    def fetch_by(self, proxy, url, extra=()):
        self.destination = os.path.join(self.directory, "out", "object")
        return self.probe(self.client, "--ip=10.9.0.7:::24::eth0:none", "--need=10.9.0.1:3128", "--timeout=5",
                          f"--proxy={proxy}", *extra, f"--fetch={url},{self.destination}")

    def test_http_and_https_go_through_the_proxy(self):
        proxy = self.proxy()
        self.far_web()
        self.assert_fetched(self.fetch_by("http://10.9.0.1:3128", "http://192.0.2.1/object"))
        self.assertEqual(proxy.lines, ["GET http://192.0.2.1/object HTTP/1.1"])
        authority = Authority(self.directory, "site authority")
        self.far_web(443, authority.server(["IP:192.0.2.1"]))
        run = self.fetch_by("http://10.9.0.1:3128", "https://192.0.2.1/object", (f"--ca={authority.certificate}",))
        self.assert_fetched(run)
        self.assertEqual(proxy.lines[1:], ["CONNECT 192.0.2.1:443 HTTP/1.1"])

    def test_a_proxy_that_wants_a_password_is_named_and_served(self):
        self.proxy(base64.b64encode(b"me:s3cret").decode())
        self.far_web()
        self.assert_failed(self.fetch_by("http://10.9.0.1:3128", "http://192.0.2.1/object"), "MPX-HTTP-07", "407")
        run = self.fetch_by("http://10.9.0.1:3128", "https://192.0.2.1/object", (f"--ca={self.ca_file()}",))
        self.assert_failed(run, "MPX-HTTP-07", "http://10.9.0.1:3128/")
        run = self.fetch_by("http://me:s3cret@10.9.0.1:3128", "http://192.0.2.1/object")
        self.assert_fetched(run)
        self.assertNotIn("s3cret", run.text())

    def ca_file(self):
        return Authority(self.directory, "unused authority").certificate

    def test_a_proxy_that_cannot_connect_is_named(self):
        self.proxy()
        run = self.fetch_by("http://10.9.0.1:3128", "https://192.0.2.1/object", (f"--ca={self.ca_file()}",))
        self.assert_failed(run, "MPX-HTTP-08", "502")
        run = self.fetch_by("http://10.9.0.1:3128", "http://192.0.2.1/object")
        self.assert_failed(run, "MPX-HTTP-03", "http://192.0.2.1/object", "502", "through the proxy http://10.9.0.1:3128/")

    def test_a_proxy_that_does_not_run_is_named(self):
        run = self.fetch_by("http://10.9.0.1:3128", "http://192.0.2.1/object")
        self.assert_failed(run, "MPX-FETCH-04", "http://192.0.2.1/object",
                           "the proxy http://10.9.0.1:3128/ cannot be used", "refuses the connection")

    def test_a_proxy_that_is_none_is_refused(self):
        self.assert_failed(self.fetch_by("socks://10.9.0.1", "http://192.0.2.1/object"), "MPX-FETCH-01")


if __name__ == "__main__":
    netlab.main()
