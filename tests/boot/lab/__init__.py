# SPDX-License-Identifier: MIT
"""A network-boot lab on one machine: real servers and a QEMU guest inside namespaces of their own.

case      what a test script is: run(lab) inside the namespaces, the verdict outside
sandbox   the namespaces: made, watched, and checked to be gone
network   the bridge that servers and guest share
servers   dnsmasq, nginx, nfs-ganesha: started, awaited by their sockets, logged
guest     QEMU: its console as a stream of events with times
parts     what guests boot: kernel, image, apkovl, modloop, roots
proof     what the program in the new root printed, as values
demands   a missing tool or right: skip for a user, failure where everything is required
"""
