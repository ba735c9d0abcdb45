// SPDX-License-Identifier: MIT
// {MAC}, {UUID} and their like in URLs: what is known of this machine, put in everywhere.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Placeholder without braces -> value. What is not known, or is junk of the firmware, is absent.
using MachineFacts = std::map<std::string, std::string, std::less<>>;

// UUID, uuid, UUID-LE, SERIAL and ASSET from DMI, ARCH and KVER from the kernel.
MachineFacts read_machine_facts(const System& system);
// MAC, MAC-, IP and HOSTNAME from the network.
void add_network_facts(const NetworkState& network, MachineFacts& facts);

// True for what boards have that nobody gave a number: empty, all zeros or all Fs, "To Be Filled By O.E.M.".
bool is_junk_identity(std::string_view value);

struct Substitution {
    std::vector<Url> urls;        // alternatives whose placeholders are all known, in order
    std::vector<Problem> skipped; // the others: a placeholder without a value, or a bad URL with it
};

// Replaces every placeholder of every alternative, escaped as part of a URL path. Braces around anything else
// stay.
Substitution substitute(const UrlSource& source, const MachineFacts& facts);

} // namespace mkpxerd::netboot
