# SPDX-License-Identifier: MIT
"""Addresses by DHCP from a real dnsmasq, on networks that misbehave."""
import time

import netlab
from faulty_dhcp import DhcpServer, option
from faulty_http import FaultyServer
from netlab import NetTest, ip
from wire import Wire


class Lease(NetTest):
    def test_everything_the_server_says_is_understood(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        server = self.dnsmasq(
            "s0", "--dhcp-range=10.9.0.50,10.9.0.60,255.255.255.0,1h", "--dhcp-option=option:router,10.9.0.1",
            "--dhcp-option=option:dns-server,10.9.0.2,10.9.0.3", "--dhcp-option=option:ntp-server,10.9.0.4",
            "--dhcp-option=7,10.9.0.5", "--domain=lab.example", "--dhcp-option=option:domain-search,a.example,b.example",
            "--dhcp-option=option:mtu,1400")
        run = self.probe(machine, "--ip=dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertRegex(run["address"], r"^10\.9\.0\.[56]\d/24$")
        self.assertEqual(run["gateway"], "10.9.0.1")
        self.assertEqual(run.values["dns"], ["10.9.0.2", "10.9.0.3"])
        self.assertEqual(run["ntp"], "10.9.0.4")
        self.assertEqual(run["log_server"], "10.9.0.5")
        self.assertEqual(run["domain"], "lab.example")
        self.assertEqual(run.values["search"], ["a.example", "b.example"])
        self.assert_within(float(run["seconds"]), 2, run)
        self.assertIn("mtu 1400", machine.output("ip", "link", "show", "eth0"))
        self.assertIn("default via 10.9.0.1", machine.output("ip", "route"))
        self.assertIn("vendor class: mkpxerd", "".join(server.lines))

    def test_classless_routes_replace_the_router(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        self.address("s0", "172.31.1.1/32")
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h", "--dhcp-option=option:router,10.9.0.9",
                     "--dhcp-option=121,172.31.1.1/32,0.0.0.0,0.0.0.0/0,172.31.1.1,10.77.0.0/16,10.9.0.1")
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assertEqual(run["gateway"], "172.31.1.1")
        self.assertEqual(run.values["route"], ["172.31.1.1/32 by link", "10.77.0.0/16 by 10.9.0.1"])
        routes = machine.output("ip", "route")
        self.assertIn("default via 172.31.1.1", routes)
        self.assertIn("10.77.0.0/16 via 10.9.0.1", routes)
        self.assertNotIn("10.9.0.9", routes)

    def test_a_named_device_and_its_hostname_are_used(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        machine.plug("eth1", "s1")
        self.address("s0", "10.9.0.1/24")
        self.address("s1", "10.9.1.1/24")
        server = self.dnsmasq("s1", "--dhcp-range=10.9.1.50,10.9.1.59,1h")
        silent = self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        run = self.probe(machine, "--ip=::::box:eth1:dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["up"], "eth1")
        server.wait_for("client provides name: box")
        self.assertNotIn("DHCPDISCOVER", "".join(silent.lines))


class Timing(NetTest):
    def test_a_server_that_starts_late_is_met_within_five_seconds(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        run = self.start_probe(machine, "--ip=dhcp", "--timeout=30")
        time.sleep(7)  # the fault itself: nobody answers
        begun = time.monotonic()
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        run.finish()
        self.assert_done(run)
        self.assert_within(time.monotonic() - begun, 6, run)

    def test_nobody_answers_until_the_deadline(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        run = self.probe(machine, "--ip=dhcp", "--timeout=4")
        self.assert_failed(run, "MPX-DHCP-01", "eth0", "carrier", "veth", "0 OFFERs")
        self.assertGreater(run.seconds, 3.9)
        self.assert_within(run.seconds, 5, run)

    def test_silence_is_explained_after_fifteen_seconds(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_failed(run, "MPX-DHCP-01")
        self.assertEqual(run.log.count("STP"), 1, run.log)

    def test_a_cable_that_comes_in_late_is_used_at_once(self):
        machine = self.machine()
        machine.plug("eth0", "s0", up=False)
        self.address("s0", "10.9.0.1/24")
        run = self.start_probe(machine, "--ip=dhcp", "--timeout=30")
        time.sleep(3)
        ip("link", "set", "s0", "up")
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        begun = time.monotonic()
        run.finish()
        self.assert_done(run)
        self.assert_within(time.monotonic() - begun, 3, run)

    def test_an_interface_that_appears_late_is_used(self):
        machine = self.machine()
        run = self.start_probe(machine, "--ip=dhcp", "--timeout=30")
        time.sleep(2)
        machine.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        run.finish()
        self.assert_done(run)
        self.assertEqual(run["up"], "eth0")

    def test_no_carrier_has_its_own_code(self):
        machine = self.machine()
        machine.plug("eth0", "s0", up=False)
        run = self.probe(machine, "--ip=dhcp", "--timeout=2")
        self.assert_failed(run, "MPX-NET-04", "no carrier")

    def test_no_interface_has_its_own_code(self):
        run = self.probe(self.machine(), "--ip=dhcp", "--timeout=1")
        self.assert_failed(run, "MPX-NET-02")


class Kernels(NetTest):
    """Faults of the machine's kernel."""

    def test_without_packet_sockets_there_is_no_dhcp(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        machine.rights = ("setpriv", "--bounding-set=-net_raw")
        run = self.probe(machine, "--ip=dhcp", "--timeout=2")
        self.assert_failed(run, "MPX-NET-07", "af_packet", "eth0")

    def test_a_setting_that_the_kernel_refuses_is_named(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        run = self.probe(machine, "--ip=10.9.0.7::10.9.0.255:24::eth0:none", "--timeout=2")
        self.assert_failed(run, "MPX-NET-06", "eth0", "10.9.0.255")


class FaultyServers(NetTest):
    def serve(self, **faults):
        machine = self.network()
        return machine, self.start("10.9.0.1", "10.9.0.77", **faults)

    def serve_after(self, **faults):
        """A server of 10.9.0.88 with these faults, and one of 10.9.0.77 that is always second."""
        machine = self.network()
        first = self.start("10.9.0.2", "10.9.0.88", **faults)
        return machine, first, self.start("10.9.0.1", "10.9.0.77", after=first)

    def network(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        self.address("s0", "10.9.0.1/24")
        return machine

    def start(self, address, lease, **faults):
        server = DhcpServer("s0", address, lease, **faults)
        self.addCleanup(server.stop)
        return server


class Choice(FaultyServers):
    def test_a_nak_of_another_server_is_not_about_this_lease(self):
        machine, _ = self.serve(foreign_nak=True)
        run = self.probe(machine, "--ip=dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertIn("offers=1 ", run["nic"])
        self.assertNotIn("refuses", run.log)

    def test_a_server_that_offers_and_is_then_deaf_is_passed_over(self):
        machine, deaf, _ = self.serve_after(deaf=1000)
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertEqual(len(deaf.requests), 3, "two for its own offer, one for the other server's")
        self.assert_within(float(run["seconds"]), 4, run)

    def test_a_server_that_always_refuses_is_passed_over(self):
        machine, _, _ = self.serve_after(naks=1000)
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertEqual(run.log.count("refuses"), 1, run.log)

    def test_an_offer_that_does_not_say_whose_it_is_is_used(self):
        machine, server = self.serve(named=False)
        run = self.probe(machine, "--ip=dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertNotIn(54, server.requests[0].options)
        self.assertIn("by DHCP from 10.9.0.1", run.log)

    def test_an_answer_from_another_port_is_used(self):
        machine, _ = self.serve(port=1067)
        run = self.probe(machine, "--ip=dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")

    def test_a_router_that_the_kernel_refuses_costs_the_router_alone(self):
        machine, _ = self.serve(options=option(3, bytes([10, 9, 0, 255])))
        run = self.probe(machine, "--ip=dhcp", "--need=10.9.0.1", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertEqual(run["gateway"], "")
        self.assertIn("MPX-NET-06", run.log)
        self.assertIn("10.9.0.255", run.log)


class Renewal(FaultyServers):
    OTHER_DNS = option(3, bytes([10, 9, 0, 1])) + option(6, bytes([10, 9, 0, 3]))

    def hold(self, **faults):
        routes = option(121, bytes([24, 10, 50, 0, 10, 9, 0, 1]))
        machine, server = self.serve(times=(8, 1, 2), options=option(6, bytes([10, 9, 0, 2])) + routes, **faults)
        run = self.probe(machine, "--ip=dhcp", "--need=10.9.0.1", "--timeout=10", "--hold=20")
        self.assert_done(run)
        self.assertIn("10.9.0.77/24", machine.output("ip", "-brief", "address"))
        return machine, server, run

    def test_a_lease_is_renewed_of_its_server_and_its_changes_are_in_force(self):
        machine, server, run = self.hold(foreign_nak=True, renewed=self.OTHER_DNS)
        self.assertEqual(run["loss"], "")
        self.assertEqual([(one.client, one.unicast) for one in server.renewals], [("10.9.0.77", True)])
        self.assertFalse({50, 54} & set(server.renewals[0].options))
        self.assertEqual(run.values["dns"], ["10.9.0.2", "10.9.0.3"])
        self.assertIn("the renewed lease has gateway 10.9.0.1, 0 classless routes, DNS 10.9.0.3", run.log)
        routes = machine.output("ip", "route")
        self.assertIn("default via 10.9.0.1", routes)
        self.assertNotIn("10.50.0.0", routes)
        self.assert_within(run.seconds, 2.5, run)

    def test_a_server_that_does_not_renew_is_followed_by_all_others(self):
        _, server, run = self.hold(renew="broadcast", renewed=self.OTHER_DNS)
        self.assertEqual(run["loss"], "")
        self.assertEqual([one.unicast for one in server.renewals], [True, False])
        self.assert_within(run.seconds, 4, run)

    def test_a_lease_that_its_server_takes_back_is_told(self):
        _, _, run = self.hold(renew="nak")
        self.assertEqual(run["loss"], "10.9.0.1 withdrew it (not for you)")
        self.assertIn("MPX-DHCP-05 eth0: the lease of 10.9.0.77 is lost", run.log)

    def test_a_lease_that_nobody_renews_is_told_at_its_end(self):
        _, server, run = self.hold(renew="silence")
        self.assertEqual(run["loss"], "no server renewed it within 8 s")
        self.assertIn(False, [one.unicast for one in server.renewals])
        self.assertGreater(run.seconds, 7.9)


class Refusals(FaultyServers):
    def test_a_refused_request_starts_over(self):
        machine, _ = self.serve(naks=2)
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertEqual(run.log.count("refuses 10.9.0.77 (not for you)"), 2)

    def test_a_server_that_always_refuses_is_named(self):
        machine, server = self.serve(naks=1000)
        run = self.probe(machine, "--ip=dhcp", "--timeout=5")
        self.assert_failed(run, "MPX-DHCP-02", "eth0", "10.9.0.1", "not for you")
        self.assertLess(len(server.requests), 10)

    def test_a_lost_acknowledgement_is_asked_for_again(self):
        machine, _ = self.serve(deaf=2)
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assert_within(run.seconds, 8, run)

    def test_an_offer_of_no_address_is_passed_over(self):
        machine, server = self.serve(hollow=2)
        run = self.probe(machine, "--ip=dhcp", "--timeout=20")
        self.assert_done(run)
        self.assertEqual(run["address"], "10.9.0.77/24")
        self.assertEqual((server.hollow, len(server.requests)), (0, 1))

    def test_offers_without_acknowledgement_have_their_own_code(self):
        machine, _ = self.serve(deaf=1000)
        self.assert_failed(self.probe(machine, "--ip=dhcp", "--timeout=6"), "MPX-DHCP-03", "10.9.0.1")

    def test_unreadable_answers_have_their_own_code(self):
        machine, _ = self.serve(garbage=True)
        self.assert_failed(self.probe(machine, "--ip=dhcp", "--timeout=4"), "MPX-DHCP-04")

    def test_a_flood_of_answers_does_not_hold_the_deadline(self):
        machine, _ = self.serve(flood=True)
        start = time.monotonic()
        self.assert_failed(self.probe(machine, "--ip=dhcp", "--timeout=4"), "MPX-DHCP-04")
        self.assertLess(time.monotonic() - start, 8)


class Paths(NetTest):
    def test_a_switch_port_that_opens_late_is_met_within_five_seconds(self):
        machine = self.machine()
        wire = Wire(machine, "eth0", "s0")
        self.addCleanup(wire.stop)
        self.address("s0", "10.9.0.1/24")
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        wire.close_for(18)
        run = self.probe(machine, "--ip=:::::eth0:dhcp", "--timeout=40")
        self.assert_done(run)
        self.assertGreater(run.seconds, 17)
        self.assert_within(run.seconds - 18, 6, run)
        self.assertEqual(run.log.count("STP"), 1, run.log)

    def test_a_download_passes_a_path_that_loses_large_packets_without_a_word(self):
        machine = self.machine()
        wire = Wire(machine, "eth0", "s0")
        self.addCleanup(wire.stop)
        self.address("s0", "10.9.0.1/24")
        web = FaultyServer("10.9.0.1")
        self.addCleanup(web.stop)
        web.objects["/object"] = bytes(300_000)
        wire.largest = 1400
        run = self.probe(machine, "--ip=10.9.0.7::10.9.0.1:24::eth0:none", "--timeout=40",
                         f"--fetch=http://10.9.0.1/object,{self.directory}/object")
        self.assert_done(run)
        self.assertIn("MTU", run.log)
        self.assertGreater(wire.lost, 0)


class Several(NetTest):
    def test_one_answering_port_of_eight_is_enough(self):
        machine = self.machine()
        for i in range(8):
            machine.plug(f"eth{i}", f"s{i}")
        self.address("s5", "10.9.0.1/24")
        self.dnsmasq("s5", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        run = self.probe(machine, "--ip=dhcp", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["up"], "eth5")
        self.assert_within(float(run["seconds"]), 2, run)
        self.assertEqual(len(run.values["nic"]), 8)
        links = machine.output("ip", "-brief", "link")
        self.assertEqual(links.count(" UP "), 1, links)

    def test_a_lease_that_leads_nowhere_does_not_win(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        machine.plug("eth1", "s1", up=False)
        self.address("s0", "10.9.0.1/24")
        self.address("s1", "10.9.1.1/24")
        # The needed host is only behind s1; the port of eth1 opens later.
        dead_end = self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h", "--dhcp-option=option:router")
        run = self.start_probe(machine, "--ip=dhcp", "--need=10.9.1.1", "--timeout=30")
        dead_end.wait_for("DHCPACK")
        ip("link", "set", "s1", "up")
        self.dnsmasq("s1", "--dhcp-range=10.9.1.50,10.9.1.59,1h")
        run.finish()
        self.assert_done(run)
        self.assertEqual(run["up"], "eth1")
        self.assertIn("eth0: not used", run.log)
        self.assertNotIn("10.9.0.", machine.output("ip", "address"))

    def test_an_interface_that_came_up_and_was_slower_is_not_said_to_have_no_carrier(self):
        machine = self.machine()
        machine.plug("eth0", "s0", up=False)
        machine.plug("eth1", "s1")
        # Nobody answers on eth1 at first; the port of eth0 opens, and then the host comes up behind eth1.
        run = self.start_probe(machine, "--ip=10.9.0.7:::24", "--need=10.9.0.1", "--timeout=30")
        time.sleep(2)
        ip("link", "set", "s0", "up")
        machine.wait_for_carrier("eth0")
        self.address("s1", "10.9.0.1/24")
        run.finish()
        self.assert_done(run)
        self.assertEqual(run["up"], "eth1")
        self.assertIn("eth0: not used (slower); eth1 is", run.log)

    def test_bootif_is_the_interface_that_is_asked(self):
        machine = self.machine()
        machine.plug("eth0", "s0", mac="52:54:00:aa:bb:00")
        machine.plug("eth1", "s1", mac="52:54:00:aa:bb:01")
        for i in range(2):
            self.address(f"s{i}", f"10.9.{i}.1/24")
        first = self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        self.dnsmasq("s1", "--dhcp-range=10.9.1.50,10.9.1.59,1h")
        run = self.probe(machine, "--ip=dhcp", "--bootif=01-52-54-00-AA-BB-01", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["up"], "eth1")
        self.assertNotIn("DHCPDISCOVER", "".join(first.lines))

    def test_a_bootif_that_is_not_there_is_said_and_passed_over(self):
        machine = self.machine()
        machine.plug("eth0", "s0", mac="52:54:00:aa:bb:00")
        self.address("s0", "10.9.0.1/24")
        self.dnsmasq("s0", "--dhcp-range=10.9.0.50,10.9.0.60,1h")
        run = self.probe(machine, "--ip=dhcp", "--bootif=01-52-54-00-aa-bb-99", "--timeout=20")
        self.assert_done(run)
        self.assertIn("BOOTIF 52:54:00:aa:bb:99 has not appeared", run.log)
        self.assertIn("eth0 52:54:00:aa:bb:00", run.log)

    def test_a_named_device_that_never_appears_is_named(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        run = self.probe(machine, "--ip=:::::eth7:dhcp", "--timeout=2")
        self.assert_failed(run, "MPX-NET-03", "eth7", "seen: eth0", "the kernel's own name")


class Static(NetTest):
    def test_an_address_without_a_cable_is_no_network(self):
        machine = self.machine()
        machine.plug("eth0", "s0", up=False)
        run = self.probe(machine, "--ip=10.9.0.7::10.9.0.1:24::eth0", "--timeout=2")
        self.assert_failed(run, "MPX-NET-04", "no carrier", "10.9.0.7")

    def test_a_gateway_outside_the_subnet_is_reached(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        self.address("s0", "172.31.1.1/32")
        self.address("lo", "192.0.2.80/32")
        self.addCleanup(ip, "address", "del", "192.0.2.80/32", "dev", "lo")
        ip("route", "add", "95.217.0.7/32", "dev", "s0")
        run = self.probe(machine, "--ip=95.217.0.7::172.31.1.1:255.255.255.255::eth0:none:192.0.2.53",
                         "--need=192.0.2.80:80", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["address"], "95.217.0.7/32")
        self.assertIn("reach=192.0.2.80 answers", run["nic"])
        self.assertEqual(run["dns"], "192.0.2.53")
        self.assert_within(float(run["seconds"]), 2, run)

    def test_without_a_device_the_one_with_the_gateway_is_found(self):
        machine = self.machine()
        for i in range(3):
            machine.plug(f"eth{i}", f"s{i}")
        self.address("s1", "10.9.0.1/24")
        run = self.probe(machine, "--ip=10.9.0.7::10.9.0.1:24", "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["up"], "eth1")
        self.assertEqual(machine.output("ip", "address").count("10.9.0.7"), 1)

    def test_several_named_devices_are_all_configured(self):
        machine = self.machine()
        machine.plug("eth0", "s0")
        machine.plug("eth1", "s1")
        self.address("s0", "10.9.0.1/24")
        self.address("s1", "10.9.1.1/24")
        self.dnsmasq("s1", "--dhcp-range=10.9.1.50,10.9.1.59,1h", "--dhcp-option=option:router")
        run = self.probe(machine, "--ip=10.9.0.7::10.9.0.1:24::eth0:none", "--ip=eth1:dhcp", "--need=10.9.0.1",
                         "--timeout=10")
        self.assert_done(run)
        self.assertEqual(run["up"], "eth0")
        addresses = machine.output("ip", "-brief", "address")
        self.assertIn("10.9.0.7/24", addresses)
        self.assertIn("10.9.1.5", addresses)


if __name__ == "__main__":
    netlab.main()
