// SPDX-License-Identifier: MIT
// What is said of a network -> the values that every snippet takes, so that all names agree.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mkpxerd/base/gaps.hpp"
#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

// As given on the command line; empty: not said.
struct SiteOptions {
    std::string server;  // IPv4 address, with :PORT of its web server if it is not 80
    std::string subnet;  // "10.0.0.0/24"; else the server's /24
    std::string gateway; // else the server
    std::filesystem::path directory = "/srv/mkpxerd"; // of the bundle, on the server
    std::vector<std::string> loaders;                 // pxelinux, lpxelinux, grub; iPXE where none is named
    std::string alpine_dev;                           // options of the init:
    std::string repository;
    std::string apkovl;
    std::string own_apkovl; // in its place: a file of the bundle
    std::string root;
    std::string kernel_options; // anything else
    bool with_modloop = true;
    std::map<std::string, std::string> pins; // files of the bundle -> SHA-256, for the init to hold them to
};

// Words between '@' in the snippets -> texts.
using SiteValues = GapValues;

// Errors, all of them: no server and no route that shows one; addresses and subnets that are none; a server
// outside its subnet; an unknown loader; options that do not mean the same to every loader, and paths that do
// not to every server.
Result<SiteValues> make_site_values(const SiteOptions& options, const std::string& kernel_version);

} // namespace mkpxerd::deploy
