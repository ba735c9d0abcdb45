// SPDX-License-Identifier: MIT
// Description of a network -> the values of all snippets, so that all names agree.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/text_template.hpp"

namespace mkpxerd::deploy {

// As given on the command line; empty: not given.
struct SiteOptions {
    std::string server;           // of the web: address, name or URL; default: this machine's address
    std::string next_server;      // IPv4 address of the TFTP server; default: the web server's
    std::string subnet;           // "10.0.0.0/24"; default: the TFTP server's /24
    std::string gateway;          // default: the TFTP server
    std::vector<std::string> dns; // IPv4 addresses; default: the name servers that this machine asks
    std::filesystem::path directory = "/srv/mkpxerd"; // of the bundle, on the server
    std::vector<std::string> loaders;                 // by name; default: iPXE
    // Files of loaders that the bundle has; nullopt: unknown, so all of them.
    std::optional<std::set<std::string>> loader_files;
    std::set<std::string> https_loaders; // iPXEs of the bundle that support https
    std::string alpine_dev;              // options of the init:
    std::string repository;
    std::string apkovl;
    std::string own_apkovl; // instead of apkovl: a file of the bundle
    std::string root;
    std::string own_root; // instead of root: a file of the bundle
    std::string cmdline;  // anything else
    bool with_modloop = true;
    std::string snippet; // the only one that is wanted: its loader alone must pass the line; empty: all
    std::map<std::string, std::string> pins; // files of the bundle -> SHA-256 that the init demands
    std::filesystem::path system = "/";      // this machine's tree, with etc/resolv.conf
};

// Words between '@' in the snippets -> texts. Empty: the lines of snippets with this word are left out.
using SiteValues = PlaceholderValues;

// Errors, all at once: no server, and no route that shows one; invalid addresses and subnets; a server or a
// gateway outside the subnet; an unknown loader, or one that the bundle lacks; options that a loader cannot
// pass to the kernel; paths that servers read differently.
Result<SiteValues> make_site_values(const SiteOptions& options, const std::string& kernel_version);

} // namespace mkpxerd::deploy
