// SPDX-License-Identifier: MIT
// Names -> addresses: asks all DNS servers at once, applies the search list, and distinguishes "no such name"
// from "no reply".
#pragma once

#include <boost/asio/ip/address.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct DnsConfig {
    std::vector<Ipv4Address> servers;
    std::vector<std::string> search; // domains, most likely first
    std::string interface;           // use the routes of this one only; empty: of any
};

// The DNS part of the network state. Without a search list the domain is searched.
DnsConfig dns_config(const NetworkState& network);

// The names to ask for, in order. A name with a dot is tried as it is first, one without a dot last. A name
// that ends in a dot is absolute.
std::vector<std::string> search_names(const std::string& name, const std::vector<std::string>& search);

class Resolver {
  public:
    Resolver(boost::asio::io_context& io, DnsConfig config);

    // Returns literal addresses, also of IPv6, as they are. Takes at most five seconds.
    // Errors (object: the name): MPX-DNS-01 no such name, -02 no server replied, -03 no server is known, -04
    // every server refused or failed, -05 the name lacks an IPv4 address.
    Task<std::vector<boost::asio::ip::address>> resolve(std::string name, Deadline deadline,
                                                        std::stop_token stop);

  private:
    boost::asio::io_context& io_;
    DnsConfig config_;
};

} // namespace mkpxerd::netboot
