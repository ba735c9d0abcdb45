# SPDX-License-Identifier: MIT
"""The wire of the lab: a bridge that the servers listen on, and a tap that the guest plugs into."""

import subprocess

from . import demands

SERVER = "10.77.0.1"
PREFIX = 24
NETMASK = "255.255.255.0"
FIRST_LEASE, LAST_LEASE = "10.77.0.50", "10.77.0.99"
# iPXE waits 16 s for IPv6 before it goes on with IPv4, unless a router advertises a prefix.
SERVER6, PREFIX6 = "fd77::1", 64
BRIDGE, TAP = "br0", "tap0"
DOMAIN = "lab.test"


def make() -> None:
    """Builds the wire in the current network namespace.

    A bridge has the carrier of its ports, and a tap has none before the guest runs: Kea opens its sockets once, and on a
    bridge without carrier none. A cable from the bridge into nowhere keeps it up."""
    commands = f"""link set lo up
link add {BRIDGE} type bridge forward_delay 0 stp_state 0
addr add {SERVER}/{PREFIX} dev {BRIDGE}
addr add {SERVER6}/{PREFIX6} dev {BRIDGE} nodad
tuntap add {TAP} mode tap
link set {TAP} master {BRIDGE} up
link add plug type veth peer name nowhere
link set nowhere addrgenmode none up
link set plug addrgenmode none master {BRIDGE} up
link set {BRIDGE} up
"""
    done = subprocess.run([demands.tool("ip", "iproute2"), "-batch", "-"], input=commands, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise demands.Missing(f"no bridge and tap can be made here: {done.stderr.strip()}")


FOREIGN, FOREIGN_PORT = "10.77.0.2", "foreign"


def plug_foreign() -> None:
    """A second machine's port on the bridge, for a server that is not ours."""
    commands = f"""link add plug2 type veth peer name {FOREIGN_PORT}
link set plug2 addrgenmode none master {BRIDGE} up
addr add {FOREIGN}/{PREFIX} dev {FOREIGN_PORT} noprefixroute
link set {FOREIGN_PORT} addrgenmode none up
"""
    subprocess.run([demands.tool("ip", "iproute2"), "-batch", "-"], input=commands, text=True, capture_output=True,
                   check=True)
