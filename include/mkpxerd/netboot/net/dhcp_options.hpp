// SPDX-License-Identifier: MIT
// The options of a DHCP message (RFC 2132) as bytes by code: code, length, bytes; 0 pads, 255 ends.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/address.hpp"

namespace mkpxerd::netboot::dhcp {

using DhcpBytes = std::span<const std::uint8_t>;

enum DhcpOption : std::uint8_t {
    Pad = 0,
    SubnetMask = 1,
    Routers = 3,
    DnsServers = 6,
    LogServers = 7,
    HostName = 12,
    DomainName = 15,
    InterfaceMtu = 26,
    NtpServers = 42,
    RequestedAddress = 50,
    LeaseTime = 51,
    Overload = 52,
    MessageType = 53,
    ServerIdentifier = 54,
    ParameterRequest = 55,
    Message = 56,
    MaximumSize = 57,
    RenewalTime = 58,
    RebindingTime = 59,
    VendorClass = 60,
    ClientIdentifier = 61,
    DomainSearch = 119,
    ClasslessRoutes = 121,
    MicrosoftRoutes = 249,
    End = 255,
};

using Options = std::map<std::uint8_t, std::vector<std::uint8_t>>;

// Adds the options of one field of a message. False: an option reaches beyond the field. A missing end mark
// is tolerated, as in every client.
bool gather_options(DhcpBytes field, Options& options);

// Appends options to a message. A longer value than 255 bytes is cut.
class OptionWriter {
  public:
    explicit OptionWriter(std::vector<std::uint8_t>& out) : out_(out) {}
    void add(DhcpOption code, DhcpBytes value);
    void add(DhcpOption code, std::initializer_list<std::uint8_t> value);
    void add(DhcpOption code, std::string_view text);
    void add(DhcpOption code, Ipv4Address address); // unless it is 0.0.0.0

  private:
    std::vector<std::uint8_t>& out_;
};

} // namespace mkpxerd::netboot::dhcp
