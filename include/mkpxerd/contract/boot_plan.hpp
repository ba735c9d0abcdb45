// SPDX-License-Identifier: MIT
// BootOptions -> BootPlan: what this boot needs, decided before anything is waited for. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/contract/source.hpp"

namespace mkpxerd {

// What the image can do.
struct ImageAbilities {
    bool has_apk = false;
};

struct BootPlan {
    // Unset: diskless. A URL is a squashfs or a tarball.
    std::optional<Source> root;
    // The root lies in memory: its files are this boot's own, and an apkovl may change them.
    bool root_in_memory = true;
    std::optional<Source> alpine_dev;
    std::optional<Source> apkovl;                // the one in the options
    std::optional<Source> search_apkovl;         // ovl_dev: where one is searched for
    bool search_apkovl_everywhere = false;       // on every device, unless alpine_dev has one
    bool search_repositories_everywhere = false; // on every device
    std::optional<Source> modloop;               // the one in the options
    bool search_modloop = false;                 // on alpine_dev
    bool install_packages = false;
    std::vector<IpOption> ip; // in the order of ip=
    bool needs_network = false;
    std::string network_user;         // the first option that needs the network; empty: only ip= itself
    std::vector<HostPort> hosts;      // that it needs to reach, in order of need
    std::optional<Url> proxy;         // for http and https
    std::optional<UrlSource> ssh_key; // unset: ssh_key= is a key itself, or was not given

    // One line for the log: "diskless root, apkovl http://..., modloop http://...".
    std::string text() const;
};

// Errors, all at once: MPX-OPT-01 nothing to boot, MPX-OPT-02 an invalid value, MPX-OPT-03 options that
// exclude each other, MPX-NET-08 an invalid ip=, MPX-FETCH-01 an invalid URL.
Result<BootPlan> make_boot_plan(const BootOptions& options, const ImageAbilities& image);
// The same, as far as a plan can be made: adds the errors of the options to problems.
BootPlan draft_boot_plan(const BootOptions& options, const ImageAbilities& image, Problems& problems);

} // namespace mkpxerd
