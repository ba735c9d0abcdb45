# SPDX-License-Identifier: MIT
"""HTTPS: which servers the init trusts, its messages when it does not, and its clock."""
import os
import ssl
import time

import netlab
from authority import Authority
from faulty_ntp import TimeServer
from webtest import SIZE, WebTest

URL = "https://10.9.0.1/object"
DAY = 86400


class TlsTest(WebTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.directory, "site authority")
        self.ca = f"--ca={self.authority.certificate}"

    def secure_web(self, names=("IP:10.9.0.1", "DNS:boot.example"), **options):
        return self.web(443, self.authority.server(names, **options))

    def secure_fetch(self, url=URL, extra=(), timeout=20):
        return self.fetch(url, timeout, (self.ca, *extra), need="10.9.0.1:443")


class Trust(TlsTest):
    def test_an_authority_of_the_image_is_believed_by_address_and_by_name(self):
        self.secure_web()
        self.assert_fetched(self.secure_fetch())
        self.dnsmasq("s0", "--port=53", "--address=/boot.example/10.9.0.1")
        self.assert_fetched(self.secure_fetch("https://boot.example/object", ("--dns=10.9.0.1",)))

    def test_both_versions_of_tls_are_spoken_and_no_older_one(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                server = self.secure_web(version=version)
                self.assert_fetched(self.secure_fetch())
                server.stop()

    def test_nginx_serves_with_tls(self):
        self.authority.server(["IP:10.9.0.1"])
        site = os.path.join(self.directory, "site")
        os.mkdir(site)
        with open(os.path.join(site, "object"), "wb") as file:
            file.write(self.content)
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"daemon off; master_process off; user root root; pid {self.directory}/nginx.pid;"
                       "error_log stderr notice; events {} http { access_log off; server { listen 10.9.0.1:443 ssl;"
                       f"ssl_certificate '{self.authority.path('server.pem')}';"
                       f"ssl_certificate_key '{self.authority.path('server.key')}'; root {site}; }} }}")
        self.server("/usr/sbin/nginx", "-p", self.directory, "-e", "stderr", "-c", config, ready="getrlimit")
        self.assert_fetched(self.secure_fetch())

    def test_an_unknown_authority_is_refused_and_named(self):
        other = Authority(self.directory, "somebody else")
        self.web(443, other.server(["IP:10.9.0.1"]))
        run = self.secure_fetch()
        self.assert_failed(run, "MPX-TLS-03", URL, "somebody else", "--ca")
        self.assert_within(run.seconds, 4, run)
        self.assert_nothing_left()

    def test_a_certificate_for_another_host_is_refused(self):
        self.secure_web(names=["IP:10.9.0.2", "DNS:boot.example"])
        self.assert_failed(self.secure_fetch(), "MPX-TLS-04", URL)

    def test_a_name_that_only_looks_right_is_refused(self):
        self.secure_web(names=["DNS:example", "DNS:*.boot.example"])
        self.dnsmasq("s0", "--port=53", "--address=/boot.example/10.9.0.1")
        self.assert_failed(self.secure_fetch("https://boot.example/object", ("--dns=10.9.0.1",)), "MPX-TLS-04")

    def test_an_image_without_authorities_says_so(self):
        self.secure_web()
        self.ca = f"--ca={self.directory}/nothing.pem"
        self.assert_failed(self.secure_fetch(), "MPX-TLS-06", "nothing.pem")

    def test_a_server_without_tls_is_named(self):
        self.web(443)
        self.assert_failed(self.secure_fetch(timeout=4), "MPX-TLS-05", URL)

    def test_redirects_never_leave_tls(self):
        self.secure_web()
        self.web()
        run = self.secure_fetch("https://10.9.0.1/x?redirect=http://10.9.0.1/object")
        self.assert_failed(run, "MPX-HTTP-05", "http://10.9.0.1/object")
        self.assert_fetched(self.secure_fetch("http://10.9.0.1/x?redirect=https://10.9.0.1/object"))


class Faults(TlsTest):
    def test_a_download_cut_within_tls_is_resumed(self):
        server = self.secure_web()
        run = self.secure_fetch(URL + "?cut=900000&times=3")
        self.assert_fetched(run)
        self.assertLessEqual(server.sent["/object"], SIZE + 65536)

    def test_a_body_that_only_the_connection_ends_is_not_believed_without_the_end_of_tls(self):
        self.secure_web()
        run = self.secure_fetch(URL + "?nolen=1&norange=1&cut=900000", timeout=4)
        self.assert_failed(run, "MPX-FETCH-07", "without TLS close_notify")
        self.assert_nothing_left()


class Clocks(TlsTest):
    def test_an_expired_certificate_is_refused_with_both_dates(self):
        self.secure_web(since=-30, until=-2)
        run = self.secure_fetch()
        expired = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 2 * DAY))
        today = time.strftime("%Y-%m-%d", time.gmtime())
        self.assert_failed(run, "MPX-TLS-01", "expired", expired, today, "the machine's clock")

    def test_a_clock_in_1970_is_blamed_not_the_certificate(self):
        self.secure_web()
        run = self.secure_fetch(extra=("--clock=7",))
        self.assert_failed(run, "MPX-TLS-02", "the clock says 1970-01-01", "is valid only from 20", "time server")

    def test_a_time_server_sets_the_clock_before_the_first_tls(self):
        self.secure_web()
        server = TimeServer("10.9.0.1", time.time())
        self.addCleanup(server.stop)
        run = self.secure_fetch(extra=("--clock=7", "--ntp=10.9.0.200", "--ntp=10.9.0.1"))
        self.assert_fetched(run)
        self.assertIn("clock set by 10.9.0.1", run.log)

    def test_a_clock_that_is_ahead_is_set_back(self):
        self.secure_web()
        server = TimeServer("10.9.0.1", time.time())
        self.addCleanup(server.stop)
        for ahead in (2_200_000_000, 4_400_000_000, 7_000_000_000):  # 2039, 2109, 2191: in other eras of NTP, too
            run = self.secure_fetch(extra=(f"--clock={ahead}", "--ntp=10.9.0.1", "--image-time=1767225600"))
            self.assert_fetched(run)
            since = time.strftime("%Y-%m-%d", time.gmtime(ahead))
            self.assertIn(f"warning: clock set back by 10.9.0.1 from {since}", run.log)

    def test_the_clock_is_never_set_to_before_the_image(self):
        self.secure_web()
        server = TimeServer("10.9.0.1", 7)
        self.addCleanup(server.stop)
        now = int(time.time())
        run = self.secure_fetch(extra=("--ntp=10.9.0.1", f"--clock={now}", f"--image-time={now - DAY}"))
        self.assert_fetched(run)
        self.assertNotIn("clock set", run.log)
        self.assertIn("10.9.0.1 sent the time 1970-01-01 00:00:07: the clock stays", run.log)
        self.assertEqual(server.questions, 1)

    def test_a_dead_time_server_is_a_warning(self):
        self.secure_web()
        run = self.secure_fetch(extra=("--ntp=10.9.0.200",))
        self.assert_fetched(run)
        self.assertIn("MPX-NTP-01 NTP: no reply from 10.9.0.200", run.log)

    def test_without_tls_nobody_asks_for_the_time(self):
        self.web()
        server = TimeServer("10.9.0.1", time.time())
        self.addCleanup(server.stop)
        self.assert_fetched(self.fetch("http://10.9.0.1/object", extra=("--ntp=10.9.0.1",)))
        self.assertEqual(server.questions, 0)


if __name__ == "__main__":
    netlab.main()
