// SPDX-License-Identifier: MIT
// Found by its name, unpacked like any archive.
#include "mkpxerd/netboot/root/apkovl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {

std::optional<std::string> find_apkovl(const System& system, Log& log, const std::string& directory) {
    std::vector<std::string> found;
    for (const std::string& name : Sysroot(system.host(directory)).list(""))
        if (name.ends_with(".apkovl.tar.gz"))
            found.push_back(name);
        else if (name.find(".apkovl.tar.") != std::string::npos && !name.ends_with(".sig"))
            log.warning(fmt::format("{}/{} is ignored: an apkovl must be a .tar.gz without encryption",
                                    directory, name));
    if (found.size() > 1)
        log.warning(
            fmt::format("{}: {} are ignored: there is more than one", directory, fmt::join(found, ", ")));
    if (found.size() != 1) return std::nullopt;
    return fmt::format("{}/{}", directory, found.front());
}

Result<Unpacked> apply_apkovl(const System& system, Log& log, const std::string& file, bool keep_names) {
    auto unpacked = unpack_tar(system.host(file), system.host(new_root), {.keep_names = keep_names});
    if (!unpacked) {
        Problem problem = unpacked.error().first();
        if (problem.object.find(file) == std::string::npos)
            problem.object = fmt::format("{}: {}", file, problem.object);
        return fail(Error(std::move(problem)));
    }
    for (const std::string& warning : unpacked->warnings)
        log.warning(fmt::format("{}: {}", file, warning));
    return unpacked;
}

} // namespace mkpxerd::netboot
