// SPDX-License-Identifier: MIT
// Description of a network -> the values of all snippets, so that all names agree.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/text_template.hpp"

namespace mkpxerd::deploy {

// As given on the command line; empty: not given.
struct SiteOptions {
    std::string server;  // IPv4 address, with :PORT of its web server if that is not 80
    std::string subnet;  // "10.0.0.0/24"; default: the server's /24
    std::string gateway; // default: the server
    std::filesystem::path directory = "/srv/mkpxerd"; // of the bundle, on the server
    std::vector<std::string> loaders;                 // pxelinux, lpxelinux, grub; default: iPXE
    std::string alpine_dev;                           // options of the init:
    std::string repository;
    std::string apkovl;
    std::string own_apkovl; // instead of apkovl: a file of the bundle
    std::string root;
    std::string own_root;       // instead of root: a file of the bundle
    std::string kernel_options; // anything else
    bool with_modloop = true;
    std::map<std::string, std::string> pins; // files of the bundle -> SHA-256 that the init demands
};

// Words between '@' in the snippets -> texts.
using SiteValues = PlaceholderValues;

// Errors, all at once: no server, and no route that shows one; invalid addresses and subnets; a server
// outside its subnet; an unknown loader; options that loaders read differently; paths that servers read
// differently.
Result<SiteValues> make_site_values(const SiteOptions& options, const std::string& kernel_version);

} // namespace mkpxerd::deploy
