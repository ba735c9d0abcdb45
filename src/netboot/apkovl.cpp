// SPDX-License-Identifier: MIT
// Finding one, and unpacking it.
#include "mkpxerd/netboot/apkovl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/netboot/handover.hpp"
#include "mkpxerd/netboot/root_writer.hpp"

namespace mkpxerd::netboot {

std::optional<std::string> find_apkovl(const System& system, Log& log, const std::string& folder) {
    std::vector<std::string> found;
    for (const std::string& name : Sysroot(system.host(folder)).list(""))
        if (name.ends_with(".apkovl.tar.gz")) found.push_back(name);
    if (found.size() > 1)
        log.warning(
            fmt::format("{}: {} are ignored: there is more than one", folder, fmt::join(found, ", ")));
    if (found.size() != 1) return std::nullopt;
    return fmt::format("{}/{}", folder, found.front());
}

Result<std::vector<std::string>> apply_apkovl(const System& system, const std::string& file) {
    // lbu(1) names an encrypted one by its cipher: "host.apkovl.tar.gz.aes-256-cbc".
    const auto packed = file.rfind(".tar.gz.");
    if (packed != std::string::npos)
        return fail(file, fmt::format("is encrypted ({}), which is not served", file.substr(packed + 8)), {},
                    "MPX-OVL-01");
    auto names = unpack_tar(system.host(file), system.host(new_root));
    if (!names) {
        Problem problem = names.error().first();
        if (problem.object.find(file) == std::string::npos)
            problem.object = fmt::format("{}: {}", file, problem.object);
        return fail(Error(std::move(problem)));
    }
    return names;
}

} // namespace mkpxerd::netboot
