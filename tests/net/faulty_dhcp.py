# SPDX-License-Identifier: MIT
"""A DHCP server of few words that misbehaves: it refuses the first `naks` requests, leaves the first `deaf` requests
without an answer, offers no address at first (`hollow`, RFC 8925 3.3), says `garbage`, or says it as fast as it can (`flood`). What works is tested with a real server."""
import ipaddress
import socket
import struct
import threading

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6


def option(code, value):
    return bytes([code, len(value)]) + value


class DhcpServer:
    def __init__(self, interface, address, lease, naks=0, deaf=0, garbage=False, flood=False, hollow=0):
        self.address = ipaddress.ip_address(address).packed
        self.lease = ipaddress.ip_address(lease).packed
        self.naks, self.deaf, self.garbage, self.flood = naks, deaf, garbage or flood, flood
        self.hollow = hollow
        self.requests = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        self.socket.bind(("", 67))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                question = self.socket.recv(2048)
            except OSError:
                return
            kind = question[question.index(b"\x35\x01", 240) + 2]
            answer = self.answer_to(kind)
            if answer:
                self.send(question, answer)
            while answer and self.flood:
                try:
                    self.send(question, answer)
                except OSError:
                    return

    def answer_to(self, kind):
        if kind == DISCOVER:
            return OFFER
        self.requests += 1
        if self.deaf > 0:
            self.deaf -= 1
            return None
        if self.naks > 0:
            self.naks -= 1
            return NAK
        return ACK

    def send(self, question, kind):
        lease = bytes(4) if kind == NAK else self.lease
        if kind == OFFER and self.hollow > 0:
            self.hollow -= 1
            lease = bytes(4)
        head = struct.pack(">BBBB4sHH", 2, 1, 6, 0, question[4:8], 0, 0) + bytes(4) + lease + bytes(8) + question[28:44]
        options = option(53, bytes([kind])) + option(54, self.address)
        if kind == NAK:
            options += option(56, b"not for you")
        else:
            options += option(1, bytes([255, 255, 255, 0])) + option(51, struct.pack(">I", 3600))
        if self.garbage:
            options = bytes([53, 200, 1])  # an option that reaches beyond the end
        message = head + bytes(192) + bytes([99, 130, 83, 99]) + options + b"\xff"
        self.socket.sendto(message, ("255.255.255.255", 68))

    def stop(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, though it says that nothing is connected
        except OSError:
            pass
        self.socket.close()
        self.thread.join(5)
