// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/file_system_module.hpp"

#include <algorithm>

#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {

Task<void> load_file_system(ModuleLoader& modules, Log& log, std::string type, Deadline deadline) {
    const bool is_known = modules.knows(type);
    const std::string name = is_known ? type : "fs-" + type; // the alias by which the kernel asks for it
    const auto loaded = co_await modules.load(name, {}, Urgency::Device, deadline);
    if (loaded) co_return Result<void>();
    const auto& problems = loaded.error().problems();
    if (std::any_of(problems.begin(), problems.end(),
                    [](const Problem& problem) { return problem.code == Failure::InitBlocked; }))
        co_return loaded;
    if (is_known || problems.front().code != Failure::NoModule) log.warning(loaded.error());
    co_return Result<void>();
}

} // namespace mkpxerd::netboot
