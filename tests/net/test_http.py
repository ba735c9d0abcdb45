# SPDX-License-Identifier: MIT
"""Names and downloads over a static network: objects arrive complete, or a code says why not."""
import gzip
import os
import threading
import urllib.parse

import netlab
from faulty_dns import DnsServer
from webtest import SIZE, WebTest


class Whole(WebTest):
    def test_an_object_is_fetched_in_one_request(self):
        server = self.web()
        run = self.fetch("http://10.9.0.1/object")
        self.assert_fetched(run)
        self.assertEqual(run["attempts"], "1")
        self.assertEqual(server.headers[0]["Host"], "10.9.0.1")

    def test_nginx_serves(self):
        site = os.path.join(self.directory, "site")
        os.mkdir(site)
        with open(os.path.join(site, "object"), "wb") as file:
            file.write(self.content)
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"daemon off; master_process off; user root root; pid {self.directory}/nginx.pid; error_log stderr notice;"
                       "events {} http { access_log off; "
                       f"server {{ listen 10.9.0.1:80; root {site}; }} }}")
        self.server("/usr/sbin/nginx", "-p", self.directory, "-e", "stderr", "-c", config, ready="getrlimit")
        self.assert_fetched(self.fetch("http://10.9.0.1/object"))

    def test_chunked_bodies_and_bodies_without_length_arrive(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?chunked=1"))
        self.assert_fetched(self.fetch("http://10.9.0.1/object?nolen=1"))

    def test_an_empty_object_is_an_object(self):
        self.web().objects["/empty"] = b""
        run = self.fetch("http://10.9.0.1/empty")
        self.assert_done(run)
        self.assertEqual(os.path.getsize(self.destination), 0)

    def test_a_password_goes_to_the_server_and_nowhere_else(self):
        server = self.web()
        run = self.fetch("http://user:s3cret@10.9.0.1/object?token=t0ken")
        self.assert_fetched(run)
        self.assertEqual(server.headers[0]["Authorization"], "Basic dXNlcjpzM2NyZXQ=")
        self.assertNotIn("s3cret", run.text())
        self.assertNotIn("t0ken", run.text())

    def test_heads_without_a_reason_and_with_line_feeds_alone_are_read(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?bare=1"))
        self.assert_fetched(self.fetch("http://10.9.0.1/object?bare=1&chunked=1"))

    def test_a_login_follows_a_redirect_on_its_host_and_stays_there(self):
        server = self.web()
        other = self.web(8080)
        there = urllib.parse.quote("http://10.9.0.1/object?login=1", safe="")
        self.assert_fetched(self.fetch(f"http://user:s3cret@10.9.0.1/x?redirect={there}"))
        self.assertEqual(server.headers[-1]["Authorization"], "Basic dXNlcjpzM2NyZXQ=")
        away = urllib.parse.quote("http://10.9.0.1:8080/object", safe="")
        self.assert_fetched(self.fetch(f"http://user:s3cret@10.9.0.1/x?redirect={away}"))
        self.assertNotIn("Authorization", other.headers[-1])

    def test_an_encoding_that_nobody_asked_for_is_named_unless_it_is_the_form_of_the_file(self):
        server = self.web()
        server.objects["/object.tar.gz"] = gzip.compress(self.content)
        self.assert_fetched(self.fetch("http://10.9.0.1/object.tar.gz?encoding=gzip"), server.objects["/object.tar.gz"])
        server.objects["/twice.tar.gz"] = gzip.compress(server.objects["/object.tar.gz"])
        self.assert_failed(self.fetch("http://10.9.0.1/twice.tar.gz?encoding=gzip"), "MPX-HTTP-09", "twice.tar.gz")
        run = self.fetch("http://10.9.0.1/object?encoding=gzip")
        self.assert_failed(run, "MPX-HTTP-09", "http://10.9.0.1/object?...", "Content-Encoding gzip")
        self.assert_within(run.seconds, 2, run)
        self.assert_nothing_left()

    def test_redirects_are_followed_and_loops_are_not(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/x?redirect=/y%3Fredirect%3D/object"))
        run = self.fetch("http://10.9.0.1/x?redirect=/x%3Fredirect%3D/x")
        self.assert_failed(run, "MPX-HTTP-01")
        run = self.fetch("http://10.9.0.1/x?loop=1")
        self.assert_failed(run, "MPX-HTTP-05", "10 redirects")

    def test_a_slow_download_shows_progress_and_outlives_the_deadline(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?slow=500000", timeout=5)
        self.assert_fetched(run)
        lines = [line for line in run.log.splitlines() if " % " in line or " %," in line]
        self.assertGreaterEqual(len(lines), 3, run.log)


class Broken(WebTest):
    def test_a_download_cut_three_times_is_resumed_and_no_byte_is_sent_twice(self):
        for kind in ("cut", "cut&rst=1"):
            with self.subTest(kind):
                server = self.web()
                name, _, extra = kind.partition("&")
                run = self.fetch(f"http://10.9.0.1/object?{name}=900000&times=3&{extra}")
                self.assert_fetched(run)
                self.assertEqual(run["attempts"], "4")
                self.assertLessEqual(server.sent["/object"], SIZE + 65536)
                server.stop()

    def test_a_reset_at_ten_fifty_and_ninety_nine_percent_is_survived(self):
        server = self.web()
        for percent in (10, 50, 99):
            with self.subTest(percent):
                # Counted by path: each percentage has its own object.
                server.objects[f"/{percent}"] = self.content
                run = self.fetch(f"http://10.9.0.1/{percent}?cut={SIZE * percent // 100}&rst=1&times=1")
                self.assert_fetched(run)
                self.assertEqual(run["attempts"], "2")

    def test_a_server_without_ranges_starts_over(self):
        server = self.web()
        run = self.fetch("http://10.9.0.1/object?cut=900000&norange=1&times=2")
        self.assert_fetched(run)
        self.assertEqual(server.sent["/object"], 900000 * 2 + SIZE)

    def test_an_object_without_a_tag_starts_over(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?cut=900000&notag=1&times=2"))

    def test_a_range_says_where_an_object_ends(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?nolen=1&cut=900000&rst=1"))

    def test_an_object_that_changes_midway_is_never_mixed(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?cut=900000&newtag=1&times=1")
        self.assert_fetched(run, self.content[::-1])

    def test_a_stalled_download_goes_on(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?stall=900000&times=1", timeout=40, extra=("--patience=2",))
        self.assert_fetched(run)
        self.assertIn("stalled", run.log)

    def test_a_server_slow_to_its_first_byte_is_waited_for(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?late=6", extra=("--patience=2",))
        self.assert_fetched(run)
        self.assertEqual(run["attempts"], "2")
        self.assertIn("stalled: no data for 2 s", run.log)
        self.assertIn("with a patience of 8 s", run.log)

    def test_a_server_that_never_sends_a_byte_ends_with_the_deadline(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?late=60", timeout=8, extra=("--patience=1",))
        self.assert_failed(run, "MPX-FETCH-06", "http://10.9.0.1/object?...", "gave up after 3 attempts")
        self.assert_within(run.seconds, 10, run)

    def test_a_server_that_sends_another_range_is_named_and_everything_is_taken_anew(self):
        server = self.web()
        run = self.fetch("http://10.9.0.1/object?cut=900000&times=1&shift=1")
        self.assert_fetched(run)
        self.assertIn("MPX-HTTP-06 http://10.9.0.1/object?...: the server sent another range", run.log)
        self.assertEqual(server.requests["/object"], 3)

    def test_a_rest_that_comes_with_status_200_is_not_taken_for_the_whole(self):
        server = self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?cut=900000&times=2&say200=1"))
        self.assertLessEqual(server.sent["/object"], SIZE + 2 * 65536)
        server.requests.clear()
        run = self.fetch("http://10.9.0.1/object?cut=900000&times=1&say200=1&shift=1")
        self.assert_fetched(run)
        self.assertIn("MPX-HTTP-06 http://10.9.0.1/object?...: the server sent another range", run.log)

    def test_a_download_that_stalls_to_the_end_is_named(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?stall=900000", timeout=5)
        self.assert_failed(run, "MPX-FETCH-06", "http://10.9.0.1/object?...", "stalled", "900000 of 3000000 bytes")
        self.assert_nothing_left()

    def test_a_server_that_promises_too_much_is_never_believed(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?lie=1000", timeout=5)
        self.assert_failed(run, "MPX-FETCH-07", "http://10.9.0.1/object?...", "gave up after", "3001000")
        self.assert_nothing_left()

    def test_server_errors_are_retried_and_then_named(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/object?status=503&times=2"))
        run = self.fetch("http://10.9.0.1/object?status=500", timeout=4)
        self.assert_failed(run, "MPX-HTTP-03", "500", "http://10.9.0.1/object?...")
        self.assert_nothing_left()

    def test_retry_after_is_honoured(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?status=503&after=3&times=1")
        self.assert_fetched(run)
        self.assertGreater(run.seconds, 3)

    def test_refusals_are_definite_at_once(self):
        self.web()
        run = self.fetch("http://10.9.0.1/object?status=403")
        self.assert_failed(run, "MPX-HTTP-02", "403")
        self.assert_within(run.seconds, 2, run)

    def test_what_is_not_http_is_named(self):
        self.web()
        self.assert_failed(self.fetch("http://10.9.0.1/object?garbage=1", timeout=3), "MPX-HTTP-04")

    def test_a_closed_port_is_named_and_a_late_server_is_met(self):
        run = self.fetch("http://10.9.0.1/object", timeout=3)
        self.assert_failed(run, "MPX-FETCH-04", "10.9.0.1:80", "refuses")
        timer = threading.Timer(3, self.web)
        timer.start()
        self.addCleanup(timer.join)
        self.assert_fetched(self.fetch("http://10.9.0.1/object", timeout=20))

    def test_no_route_to_the_server_is_named(self):
        run = self.fetch("http://10.9.0.99/object", timeout=6)
        self.assert_failed(run, "MPX-FETCH-05", "http://10.9.0.99/object")


class Lists(WebTest):
    def test_only_not_found_goes_on_to_the_next_url(self):
        server = self.web()
        run = self.fetch("http://10.9.0.1/a|http://10.9.0.1/b?status=410|http://10.9.0.1/object|http://10.9.0.1/never")
        self.assert_fetched(run)
        self.assertEqual(run["fetched"], "http://10.9.0.1/object")
        self.assertEqual(server.requests["/never"], 0)
        run = self.fetch("http://10.9.0.1/a?status=500|http://10.9.0.1/object", timeout=3)
        self.assert_failed(run, "MPX-HTTP-03")

    def test_what_the_server_refuses_goes_on_to_the_next_url(self):
        self.web()
        self.assert_fetched(self.fetch("http://10.9.0.1/a?status=403|http://10.9.0.1/object"))
        run = self.fetch("http://10.9.0.1/a?status=403|http://10.9.0.1/b")
        self.assert_failed(run, "MPX-HTTP-02", "403")
        self.assert_failed(self.fetch("http://10.9.0.1/a?status=401|http://10.9.0.1/object"), "MPX-HTTP-02", "401")

    def test_all_not_found_names_them_all(self):
        self.web()
        run = self.fetch("http://10.9.0.1/a|http://10.9.0.1/b")
        self.assert_failed(run, "MPX-HTTP-01", "http://10.9.0.1/a", "http://10.9.0.1/b", "404")
        self.assert_within(run.seconds, 2, run)
        self.assert_nothing_left()

    def test_a_bad_url_is_named(self):
        self.assert_failed(self.fetch("gopher://10.9.0.1/a"), "MPX-FETCH-01", "gopher")


class Names(WebTest):
    def resolve(self, *names, dns=("10.9.0.1",), timeout=20):
        return self.probe(self.client, "--ip=10.9.0.7::10.9.0.1:24::eth0:none", f"--timeout={timeout}",
                          *[f"--dns={server}" for server in dns], *[f"--resolve={name}" for name in names])

    def names(self, *options):
        return self.dnsmasq("s0", "--port=53", "--address=/boot.example/10.9.0.1", "--local=/example/", *options)

    def test_a_name_is_resolved_and_fetched_from(self):
        self.names()
        server = self.web()
        run = self.fetch("http://boot.example/object", extra=("--dns=10.9.0.1",))
        self.assert_fetched(run)
        self.assertEqual(server.headers[0]["Host"], "boot.example")

    def test_a_dead_first_server_costs_nothing(self):
        self.names()
        run = self.resolve("boot.example", dns=("10.9.0.200", "10.9.0.201", "10.9.0.1"))
        self.assert_done(run)
        self.assertLess(float(run["resolved"].split()[2]), 1)

    def test_no_such_name_is_told_from_no_answer(self):
        self.names()
        self.assert_failed(self.resolve("nothing.example"), "MPX-DNS-01", "nothing.example", "10.9.0.1")
        run = self.resolve("boot.example", dns=("10.9.0.200",))
        self.assert_failed(run, "MPX-DNS-02", "10.9.0.200")
        self.assert_within(run.seconds, 7, run)
        self.assert_failed(self.resolve("boot.example", dns=()), "MPX-DNS-03")

    def test_a_name_without_an_ipv4_address_is_told_from_an_unknown_one(self):
        self.names("--host-record=six.example,fd00::1")
        self.assert_failed(self.resolve("six.example"), "MPX-DNS-05", "six.example", "10.9.0.1")

    def test_a_name_that_stays_unknown_ends_the_fetch_before_the_deadline(self):
        self.names()
        run = self.fetch("http://nothing.example/object", timeout=60, extra=("--dns=10.9.0.1",))
        self.assert_failed(run, "MPX-DNS-01", "nothing.example")
        self.assert_within(run.seconds, 15, run)

    def test_a_refusing_server_is_named(self):
        self.dnsmasq("s0", "--port=53", "--local=/example/")  # no upstream: REFUSED
        self.assert_failed(self.resolve("boot.other"), "MPX-DNS-04", "10.9.0.1", "refused")

    def test_an_answer_too_long_for_udp_comes_by_tcp(self):
        records = [f"--host-record=many.example,10.7.{i // 250}.{i % 250 + 1}" for i in range(60)]
        self.names(*records)
        run = self.resolve("many.example")
        self.assert_done(run)
        self.assertGreaterEqual(len(run.values["resolved"]), 16)

    def dns(self, names, **faults):
        server = DnsServer("10.9.0.1", names, **faults)
        self.addCleanup(server.stop)
        return server

    def test_every_address_of_a_name_is_tried(self):
        self.web()
        self.address("s0", "10.9.0.2/24")  # nobody listens there, and nobody has 10.9.0.99
        for addresses in (["10.9.0.2", "10.9.0.99", "10.9.0.1"], ["10.9.0.1", "10.9.0.99", "10.9.0.2"]):
            with self.subTest(addresses):
                server = DnsServer("10.9.0.1", {"boot.example": addresses})
                try:
                    self.assert_fetched(self.fetch("http://boot.example/object", extra=("--dns=10.9.0.1",)))
                finally:
                    server.stop()
                self.assertIn(("udp", "boot.example"), server.asked)
        self.dns({"dead.example": ["10.9.0.2", "10.9.0.2"]})
        run = self.fetch("http://dead.example/object", timeout=3, extra=("--dns=10.9.0.1",))
        self.assert_failed(run, "MPX-FETCH-04", "dead.example:80 (10.9.0.2)")

    def test_a_needed_host_is_reached_by_any_address_of_its_name(self):
        self.dns({"boot.example": ["192.0.2.80", "10.9.0.99", "10.9.0.1"]})  # without a route, nobody's, the server's
        run = self.probe(self.client, "--ip=10.9.0.7:::24::eth0:none:10.9.0.1", "--need=boot.example", "--timeout=10")
        self.assert_done(run)
        self.assertIn("reach=10.9.0.1 answers", run["nic"])

    def test_a_server_that_fails_for_one_domain_is_asked_for_the_next(self):
        self.dnsmasq("s0", "--port=0", "--dhcp-range=10.9.0.50,10.9.0.60,1h",
                     "--dhcp-option=option:domain-search,fails.example,refuses.example,lame.example,good.example",
                     "--dhcp-option=option:dns-server,10.9.0.1")
        server = self.dns({"boot.fails.example": "servfail", "boot.refuses.example": "refused",
                           "boot.lame.example": "lame", "boot.good.example": ["10.9.0.9"]})
        run = self.probe(self.client, "--ip=dhcp", "--timeout=10", "--resolve=boot")
        self.assert_done(run)
        self.assertIn("boot 10.9.0.9", run["resolved"])
        self.assertEqual([name.split(".")[1] for _, name in server.asked], ["fails", "refuses", "lame", "good"])

    def test_a_server_that_does_not_serve_the_domain_has_no_say_in_it(self):
        self.dns({"boot.example": "lame"})
        self.assert_failed(self.resolve("boot.example"), "MPX-DNS-04", "does not serve this domain")

    def test_a_truncated_answer_is_asked_for_by_tcp(self):
        server = self.dns({"boot.example": ["10.9.0.8", "10.9.0.9"]}, truncate=True)
        run = self.resolve("boot.example")
        self.assert_done(run)
        self.assertEqual(len(run.values["resolved"]), 2)
        self.assertEqual([by for by, _ in server.asked], ["udp", "tcp"])

    def test_the_search_list_completes_a_short_name(self):
        self.dnsmasq("s0", "--port=53", "--address=/boot.lab.example/10.9.0.1", "--local=/example/",
                     "--dhcp-range=10.9.0.50,10.9.0.60,1h", "--domain=lab.example")
        run = self.probe(self.client, "--ip=dhcp", "--timeout=10", "--resolve=boot")
        self.assert_done(run)
        self.assertIn("boot 10.9.0.1", run["resolved"])


if __name__ == "__main__":
    netlab.main()
