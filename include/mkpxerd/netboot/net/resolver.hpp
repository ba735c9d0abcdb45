// SPDX-License-Identifier: MIT
// Names -> addresses: all DNS servers at once, a search list, and "no such name" told from "no answer".
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
    std::string interface;           // the only one to be used; empty: as routed
};

// The DNS part of what the network phase found; the domain is searched when no list is given.
DnsConfig dns_config(const NetworkState& network);

// The names to ask for, in order: a name with a dot is tried as it is first, one without last; one that ends
// in a dot is absolute.
std::vector<std::string> search_names(const std::string& name, const std::vector<std::string>& search);

class Resolver {
  public:
    Resolver(boost::asio::io_context& io, DnsConfig config);

    // Literal addresses, IPv6 too, are returned as they are. Takes at most five seconds.
    // Errors (object: the name): MPX-DNS-01 no such name, -02 no server answered (names them), -03 no server
    // is known, -04 every server refused or failed, -05 the name has no IPv4 address.
    Task<std::vector<boost::asio::ip::address>> resolve(std::string name, Deadline deadline,
                                                        std::stop_token stop);

  private:
    boost::asio::io_context& io_;
    DnsConfig config_;
};

} // namespace mkpxerd::netboot
