# SPDX-License-Identifier: MIT
"""A minimal DHCP server that misbehaves according to its arguments. Correct behaviour is tested with a real server."""
import ipaddress
import socket
import struct
import threading

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6


def option(code, value):
    return bytes([code, len(value)]) + value


def packed(address):
    return ipaddress.ip_address(address).packed


class Request:
    """A client's message: the fields that tests check."""

    def __init__(self, message, destination):
        self.message = message
        self.unicast = destination != "255.255.255.255"
        self.client = socket.inet_ntoa(message[12:16])
        self.options = {}
        at = 240
        while message[at] != 255:
            self.options[message[at]] = message[at + 2:at + 2 + message[at + 1]]
            at += 2 + message[at + 1]
        self.kind = self.options[53][0]


class DhcpServer:
    """naks: how many of the first exchanges to refuse, including their repeated requests.
    deaf: so many of the first requests are left without an answer.
    hollow: so many of the first offers are of no address (RFC 8925 3.3).
    garbage, flood: what it says cannot be read, and comes as fast as it can.
    after: another server, which has had a request before this one offers. named: whether it says who it is (option 54).
    port: that it speaks from.
    foreign_nak: before its own answer a NAK of another server comes.
    times: lease, T1 and T2 in seconds. options: what an offer says besides, as bytes.
    renew: the answer to a renewal: "ack", "nak", "silence", or "broadcast" to answer only broadcast requests.
    renewed: the options of the answer to a renewal, if they differ."""

    def __init__(self, interface, address, lease, naks=0, deaf=0, hollow=0, garbage=False, flood=False, after=None, named=True,
                 port=67, foreign_nak=False, times=(3600,), options=b"", renew="ack", renewed=None):
        self.address = packed(address)
        self.lease = packed(lease)
        self.naks, self.deaf, self.garbage, self.flood = naks, deaf, garbage or flood, flood
        self.hollow = hollow
        self.after, self.named, self.foreign_nak = after, named, foreign_nak
        self.times, self.options, self.renew, self.renewed = times, options, renew, renewed
        self.requests = []
        self.was_asked = threading.Event()  # a request has come
        self.refused = set()  # exchanges, by their xid
        self.renewals = []
        self.socket = self.open(interface, 67)
        self.socket.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO: where a message was sent to
        self.mouth = self.socket if port == 67 else self.open(interface, port)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @staticmethod
    def open(interface, port):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        opened.bind(("", port))
        return opened

    def serve(self):
        while True:
            try:
                message, control, _, _ = self.socket.recvmsg(2048, 256)
            except OSError:
                return
            if not control:  # it was shut down
                return
            question = Request(message, socket.inet_ntoa(control[0][2][8:12]))
            answer = self.answer_to(question)
            if answer and self.foreign_nak and question.kind == REQUEST:
                self.send(question, NAK, identity="10.9.0.99")
            if answer:
                self.send(question, answer)
            while answer and self.flood and self.send(question, answer):
                pass

    def answer_to(self, question):
        if question.kind == DISCOVER:
            if self.after and not self.after.was_asked.wait(20):
                return None
            return OFFER
        if question.client != "0.0.0.0":
            self.renewals.append(question)
            if self.renew == "silence" or (self.renew == "broadcast" and question.unicast):
                return None
            return NAK if self.renew == "nak" else ACK
        self.requests.append(question)
        self.was_asked.set()
        if 54 in question.options and question.options[54] != self.address:
            return None
        if self.deaf > 0:
            self.deaf -= 1
            return None
        exchange = question.message[4:8]
        if exchange in self.refused or len(self.refused) < self.naks:
            self.refused.add(exchange)
            return NAK
        return ACK

    def send(self, question, kind, identity=None):
        """Whether the kernel took it. It refuses while the link is down, and what is lost then is asked for again."""
        message = question.message
        lease = bytes(4) if kind == NAK else self.lease
        if kind == OFFER and self.hollow > 0:
            self.hollow -= 1
            lease = bytes(4)
        head = struct.pack(">BBBB4sHH", 2, 1, 6, 0, message[4:8], 0, 0) + message[12:16] + lease + bytes(8) + message[28:44]
        options = option(53, bytes([kind]))
        if self.named:
            options += option(54, packed(identity) if identity else self.address)
        if kind == NAK:
            options += option(56, b"not for you")
        else:
            options += option(1, bytes([255, 255, 255, 0]))
            for code, seconds in zip((51, 58, 59), self.times):
                options += option(code, struct.pack(">I", seconds))
            is_renewal = question in self.renewals
            options += self.renewed if is_renewal and self.renewed is not None else self.options
        if self.garbage:
            options = bytes([53, 200, 1])  # an option that reaches beyond the end
        answer = head + bytes(192) + bytes([99, 130, 83, 99]) + options + b"\xff"
        where = question.client if question.client != "0.0.0.0" else "255.255.255.255"
        try:
            self.mouth.sendto(answer, (where, 68))
        except OSError:
            return False
        return True

    def stop(self):
        for opened in {self.socket, self.mouth}:
            try:
                opened.shutdown(socket.SHUT_RDWR)  # wakes the thread, though it says that nothing is connected
            except OSError:
                pass
            opened.close()
        self.thread.join(5)
