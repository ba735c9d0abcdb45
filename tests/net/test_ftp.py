# SPDX-License-Identifier: MIT
"""FTP: a real server, and one that misbehaves."""
import os

import netlab
from faulty_ftp import FaultyFtp
from webtest import SIZE, WebTest

# A server with a user, from Debian's python3-pyftpdlib.
SERVER = """
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
authorizer = DummyAuthorizer()
authorizer.add_anonymous(sys.argv[1])
authorizer.add_user("boot", "s3cret pass", sys.argv[1])
FTPHandler.authorizer = authorizer
FTPHandler.auth_failed_timeout = 0
server = FTPServer(("10.9.0.1", 21), FTPHandler)
print("serving", file=sys.stderr, flush=True)
server.serve_forever()
"""


class FtpTest(WebTest):
    def real_server(self):
        site = os.path.join(self.directory, "site")
        os.makedirs(os.path.join(site, "a b"))
        for name in ("object", "a b/object"):
            with open(os.path.join(site, name), "wb") as file:
                file.write(self.content)
        return self.server("/usr/bin/python3", "-c", SERVER, site, ready="serving")

    def faulty(self, **faults):
        server = FaultyFtp("10.9.0.1", self.content, **faults)
        self.addCleanup(server.stop)
        return server

    def ftp_fetch(self, url="ftp://10.9.0.1/object", timeout=20):
        return self.fetch(url, timeout, need="10.9.0.1:21")


class Real(FtpTest):
    def test_an_object_is_fetched_as_anonymous_and_by_name(self):
        self.real_server()
        self.assert_fetched(self.ftp_fetch())
        run = self.ftp_fetch("ftp://boot:s3cret%20pass@10.9.0.1/a%20b/object;type=i")
        self.assert_fetched(run)
        self.assertNotIn("s3cret", run.text())

    def test_a_missing_object_is_told_at_once_and_the_next_url_taken(self):
        self.real_server()
        run = self.ftp_fetch("ftp://10.9.0.1/nothing")
        self.assert_failed(run, "MPX-FTP-01", "ftp://10.9.0.1/nothing", "550")
        self.assert_within(run.seconds, 3, run)
        self.assert_fetched(self.ftp_fetch("ftp://10.9.0.1/nothing|ftp://10.9.0.1/object"))

    def test_a_wrong_password_is_told_at_once(self):
        self.real_server()
        run = self.ftp_fetch("ftp://boot:wr0ng@10.9.0.1/object")
        self.assert_failed(run, "MPX-FTP-02", "530")
        self.assertNotIn("wr0ng", run.text())
        self.assert_nothing_left()


class Broken(FtpTest):
    def test_a_cut_transfer_is_resumed(self):
        server = self.faulty(cut=900000, times=3)
        run = self.ftp_fetch()
        self.assert_fetched(run)
        self.assertEqual(run["attempts"], "4")
        self.assertEqual(server.sent, SIZE)

    def test_an_old_server_is_served_without_size_and_epsv(self):
        server = self.faulty(old=True, cut=900000, times=1)
        self.assert_fetched(self.ftp_fetch())
        self.assertIn("PASV", server.commands)
        self.assertNotIn("REST", server.commands)

    def test_the_address_in_a_passive_reply_is_not_followed(self):
        self.faulty(old=True, lie=True)
        self.assert_fetched(self.ftp_fetch())

    def test_a_server_without_passive_transfers_is_named(self):
        self.faulty(active=True)
        self.assert_failed(self.ftp_fetch(timeout=3), "MPX-FTP-03", "ftp://10.9.0.1/object", "passive mode", "502 no")

    def test_what_is_not_ftp_is_named(self):
        self.faulty(garbage=True)
        self.assert_failed(self.ftp_fetch(timeout=3), "MPX-FTP-04", "ftp://10.9.0.1/object")

    def test_a_closed_port_is_named(self):
        self.assert_failed(self.ftp_fetch(timeout=3), "MPX-FETCH-04", "10.9.0.1:21")


if __name__ == "__main__":
    netlab.main()
