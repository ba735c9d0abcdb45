// SPDX-License-Identifier: MIT
// text -> IpOption: ip= in the kernel's syntax, the guide's short form and dracut's, and BOOTIF= in any
// spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/address.hpp"

namespace mkpxerd {

// One ip= option. Kernel syntax: Documentation/admin-guide/nfs/nfsroot.rst.
struct IpOption {
    enum class Method { Dhcp, Static, Off };
    Method method = Method::Dhcp;
    std::string device; // kernel name, hardware address as text, "BOOTIF", or empty: chosen by itself
    Ipv4Address address;
    unsigned prefix = 0; // bits
    std::optional<Ipv4Address> server;
    std::optional<Ipv4Address> gateway;
    std::string hostname;
    std::vector<Ipv4Address> dns;
    std::vector<Ipv4Address> ntp;
    unsigned mtu = 0; // bytes; 0: as the device says
    bool operator==(const IpOption&) const = default;
};

// The value of one ip= option. Accepted, with any field left out and any number of trailing colons:
//   dhcp | on | any | both | single-dhcp | off | none
//   client:server:gateway:mask:hostname:device:method:dns0:dns1:ntp0     (nfsroot.rst of the kernel)
//   client:server:gateway:mask:hostname:device:method:mtu                (dracut.cmdline(7))
//   device:dhcp[:mtu]                                                    (dracut.cmdline(7))
// mask is dotted, "/24" or "24", or written after the client address ("10.0.0.5/24"); without one it is that
// of the address class, as in the kernel. device is a kernel name, BOOTIF or a MAC address written with '-'.
// 0.0.0.0 is the same as an empty field. With method dhcp, a client address is the one to request. Errors
// name the option and the field.
Result<IpOption> parse_ip_option(std::string_view text);

// The value of BOOTIF=: "01-52-54-00-aa-bb-cc" (pxelinux, iPXE), "01-52:54:00:aa:bb:cc" (GRUB),
// "01:52:54:..", or the address alone, in any case. The leading byte is the ROM's ARP hardware type: 01
// (Ethernet), 06 (IEEE 802) or 00 (unspecified) before six bytes, 20 (InfiniBand) before the eight of a
// port's GUID.
std::optional<Bootif> parse_bootif(std::string_view text);

} // namespace mkpxerd
