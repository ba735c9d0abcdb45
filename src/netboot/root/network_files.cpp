// SPDX-License-Identifier: MIT
// net/lease_files has the texts.
#include "mkpxerd/netboot/root/network_files.hpp"

#include "mkpxerd/netboot/net/lease_files.hpp"
#include "mkpxerd/netboot/root/root_files.hpp"

namespace mkpxerd::netboot {

Result<void> hand_over_name_servers(const System& system, const NetworkState& network) {
    if (const std::string text = resolv_conf(network); !text.empty())
        MKPXERD_TRY(write_if_missing(system, "/etc/resolv.conf", text));
    return {};
}

Result<void> hand_over_lease(const System& system, const NetworkState& network) {
    MKPXERD_TRY(hand_over_name_servers(system, network));
    if (!network.hostname.empty())
        MKPXERD_TRY(write_if_missing(system, "/etc/hostname", network.hostname + "\n"));
    MKPXERD_TRY(write_if_missing(system, "/etc/network/interfaces", interfaces_text(network)));
    return {};
}

} // namespace mkpxerd::netboot
