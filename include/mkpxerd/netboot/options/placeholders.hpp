// SPDX-License-Identifier: MIT
// {MAC}, {UUID} and other placeholders in URLs, replaced by facts about this machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Placeholder without braces -> value. Values that are unknown, or that the vendor never set, are absent.
using MachineFacts = std::map<std::string, std::string, std::less<>>;

// Reads UUID, uuid, UUID-LE, SERIAL and ASSET from DMI, ARCH and KVER from the kernel.
MachineFacts read_machine_facts(const System& system);
// Adds MAC, MAC-, IP and HOSTNAME.
void add_network_facts(const NetworkState& network, MachineFacts& facts);

// True for a value that the vendor never set: empty, all zeros or all Fs, "To Be Filled By O.E.M.".
bool is_junk_identity(std::string_view value);

struct Substitution {
    std::vector<Url> urls;        // alternatives without unknown placeholders, in order
    std::vector<Problem> skipped; // the other ones: an unknown placeholder, or a bad URL with its value
};

// Replaces every placeholder of every alternative, escaped as part of a URL path. Braces around anything else
// stay.
Substitution substitute(const UrlSource& source, const MachineFacts& facts);

} // namespace mkpxerd::netboot
