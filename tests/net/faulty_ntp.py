# SPDX-License-Identifier: MIT
"""A time server with a given time."""
import socket
import struct
import threading


class TimeServer:
    def __init__(self, address, seconds, stratum=2):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 123))
        self.seconds = seconds
        self.stratum = stratum
        self.questions = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(512)
            except OSError:
                return
            if client is None:  # it was shut down
                return
            self.questions += 1
            stamp = struct.pack(">II", int(self.seconds + 2208988800) & 0xffffffff, 0)
            self.socket.sendto(bytes([4 << 3 | 4, self.stratum, 0, 0]) + bytes(20) + question[40:48] + stamp + stamp, client)

    def stop(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, though it says that nothing is connected
        except OSError:
            pass
        self.socket.close()
        self.thread.join(5)
