// SPDX-License-Identifier: MIT
// Resolves the name of an NFS server; the Mounter knows addresses only.
#include "mkpxerd/netboot/mount/source_mounter.hpp"

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"

namespace mkpxerd::netboot {

Task<void> SourceMounter::mount_nfs(NfsSource source, std::string target, bool read_only,
                                    std::string options) {
    if (!network_)
        co_return fail("nfs:" + source.text(), "needs the network, which is off", "give ip=dhcp",
                       Failure::ConflictingOptions);
    Resolver resolver(io_, dns_config(*network_));
    MKPXERD_CO_TRY_ASSIGN(const auto addresses, co_await resolver.resolve(source.host, time_.deadline(), {}));
    if (!source.options.empty()) options = options.empty() ? source.options : source.options + "," + options;
    std::vector<std::string> servers;
    for (const auto& address : addresses)
        servers.push_back(address.to_string());
    NfsMount mount{std::move(source), {},        network_->address.text(),
                   std::move(target), read_only, std::move(options)};
    co_return co_await mounter_.mount_nfs(std::move(mount), std::move(servers), time_.deadline());
}

Task<void> SourceMounter::mount_device(DeviceMount request) {
    return mounter_.mount_device(std::move(request), time_.deadline());
}

} // namespace mkpxerd::netboot
