# SPDX-License-Identifier: MIT
"""A DNS server with a fixed answer for each name: a list of addresses, "servfail", "refused" or "lame", which is an empty
answer from a server that neither knows the domain nor asks others. All other names do not exist."""
import socket
import struct
import threading

SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
ANSWER, AUTHORITATIVE, TRUNCATED, RECURSES = 0x8000, 0x0400, 0x0200, 0x0080


class DnsServer:
    """truncate: by UDP it only says that the answer is too long."""

    def __init__(self, address, names, truncate=False):
        self.names, self.truncate = names, truncate
        self.asked = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 53))
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, 53))
        self.tcp.listen()
        self.threads = [threading.Thread(target=serve, daemon=True) for serve in (self.serve_udp, self.serve_tcp)]
        for thread in self.threads:
            thread.start()

    def serve_udp(self):
        while True:
            try:
                question, client = self.udp.recvfrom(512)
            except OSError:
                return
            if client is None:  # it was shut down
                return
            self.udp.sendto(self.answer(question, "udp"), client)

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                size = struct.unpack(">H", connection.recv(2))[0]
                answer = self.answer(connection.recv(size), "tcp")
                connection.sendall(struct.pack(">H", len(answer)) + answer)

    def answer(self, question, by):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name = ".".join(labels).lower()
        self.asked.append((by, name))
        says = self.names.get(name, "nxdomain")
        addresses = says if isinstance(says, list) else []
        flags = ANSWER | RECURSES | {"servfail": SERVFAIL, "refused": REFUSED, "nxdomain": NXDOMAIN}.get(str(says), 0)
        if says == "lame":
            flags = ANSWER
        if self.truncate and by == "udp":
            flags, addresses = flags | TRUNCATED, []
        head = question[:2] + struct.pack(">HHHHH", flags, 1, len(addresses), 0, 0)
        records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(a) for a in addresses)
        return head + question[12:at + 5] + records

    def stop(self):
        for opened in (self.udp, self.tcp):
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            opened.close()
        for thread in self.threads:
            thread.join(5)
