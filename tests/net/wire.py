# SPDX-License-Identifier: MIT
"""A cable whose frames pass through this process: it can be closed for a while, like a switch port in STP's listening and
learning states, and it can drop large packets silently, like a path with a smaller MTU and a firewall that drops ICMP."""
import fcntl
import os
import select
import struct
import threading
import time

from netlab import ip

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
ETHERNET = 14  # bytes of a header


def open_tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


class Wire:
    """`near` goes into the machine's namespace, `far` stays here."""

    def __init__(self, machine, near, far):
        self.ends = [open_tap(near), open_tap(far)]
        ip("link", "set", near, "netns", str(machine.holder.pid))
        ip("link", "set", far, "up")
        self.open_at = 0.0
        self.largest = 65535  # bytes of a packet that passes
        self.lost = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def close_for(self, seconds):
        self.open_at = time.monotonic() + seconds

    def carry(self):
        while not self.stopped.is_set():
            ready, _, _ = select.select(self.ends, [], [], 0.1)
            for end in ready:
                try:
                    frame = os.read(end, 65536)
                    if time.monotonic() < self.open_at or len(frame) > self.largest + ETHERNET:
                        self.lost += 1
                        continue
                    os.write(self.ends[1 - self.ends.index(end)], frame)
                except OSError:
                    continue  # the other end is down

    def stop(self):
        self.stopped.set()
        self.thread.join(5)
        for end in self.ends:
            os.close(end)
