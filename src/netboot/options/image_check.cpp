// SPDX-License-Identifier: MIT
// The kernel continues after "Initramfs unpacking failed: write error". Without this check, the first visible
// error would be about some missing file.
#include "mkpxerd/netboot/options/image_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd::netboot {
namespace {

std::string memory_text(const System& system) {
    const auto bytes = kibibyte_field(read_file(system.host("/proc/meminfo")).value_or(""), "MemTotal:");
    return bytes ? human_bytes(*bytes) : "?";
}

tl::unexpected<Error> incomplete(const System& system, std::string_view what) {
    return fail("initramfs", fmt::format("was not unpacked completely: {}", what),
                fmt::format("the machine has {} of memory, too little for this image", memory_text(system)),
                Failure::ImageIncomplete);
}

} // namespace

Result<BootConfig> check_image(const System& system) {
    const auto path = fmt::format("/{}", boot_config_path);
    const auto text = read_file(system.host(path));
    if (!text) return incomplete(system, fmt::format("{} is missing", path));
    auto config = parse_boot_config(*text);
    if (!config) {
        Problem problem = config.error().first();
        problem.code = Failure::BadBootConfig;
        return fail(Error(std::move(problem)));
    }
    const auto sentinel = read_file(system.host(fmt::format("/{}", sentinel_path)));
    if (!sentinel) return incomplete(system, "its last file is missing");
    if (*sentinel != sentinel_text(config->entries)) return incomplete(system, "its last file is damaged");
    return config;
}

std::optional<std::string> find_apk(const System& system) {
    for (const auto program : apk_paths)
        if (::access(system.host(program).c_str(), X_OK) == 0) return fmt::format("/{}", program);
    return std::nullopt;
}

ImageAbilities read_image_abilities(const System& system) {
    return {.has_apk = find_apk(system).has_value()};
}

} // namespace mkpxerd::netboot
