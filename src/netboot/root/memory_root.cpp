// SPDX-License-Identifier: MIT
// The directories have the modes of Alpine's and Debian's base packages.
#include "mkpxerd/netboot/root/memory_root.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <utility>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {

Result<void> fill_memory_root(const System& system, bool usr_merged) {
    static constexpr auto directories = std::to_array<std::pair<const char*, mode_t>>({
        {"dev", 0755},
        {"proc", 0555},
        {"sys", 0555},
        {"run", 0755},
        {"tmp", 01777},
        {"etc", 0755},
        {"media", 0755},
        {"mnt", 0755},
        {"root", 0700},
        {"var", 0755},
        {"usr", 0755},
    });
    const auto root = system.host(new_root);
    for (const auto& [name, mode] : directories) {
        const auto path = root / name;
        if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
            return fail(path.string(), fmt::format("cannot create directory: {}", std::strerror(errno)), {},
                        Failure::CannotFillRoot);
        ::chmod(path.c_str(), mode); // independent of the umask
    }
    for (const char* name : {"bin", "sbin", "lib"}) {
        std::error_code error;
        const auto usr = std::filesystem::path("usr") / name;
        std::filesystem::create_directories(usr_merged ? root / usr : root / name, error);
        if (usr_merged && !error) std::filesystem::create_symlink(usr, root / name, error);
        if (error && error != std::errc::file_exists)
            return fail((root / name).string(), error.message(), {}, Failure::CannotFillRoot);
    }
    return {};
}

} // namespace mkpxerd::netboot
