// SPDX-License-Identifier: MIT
// Landlock, by its numbers, which never change, because headers may be older than kernels.
#include "file_rules.hpp"

#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/sandbox.hpp"

namespace mkpxerd::wrap {
namespace {

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

struct Ruleset { // struct landlock_ruleset_attr; the later members since versions 4 and 6
    std::uint64_t files;
    std::uint64_t network;
    std::uint64_t scopes;
};
struct __attribute__((packed)) Rule { // struct landlock_path_beneath_attr
    std::uint64_t allowed;
    std::int32_t place;
};
constexpr unsigned ask_for_version = 1;
constexpr int rule_for_paths = 1;
constexpr long needed_version = 2; // before it, no file can be linked or moved from one directory to another

constexpr std::uint64_t right(int number) {
    return std::uint64_t{1} << number;
}
constexpr std::uint64_t execute = right(0), write_file = right(1), read_file = right(2),
                        read_directory = right(3), truncate = right(14), device_calls = right(15);
constexpr std::uint64_t reads = read_file | read_directory;
constexpr std::uint64_t of_files =
    execute | write_file | read_file | truncate | device_calls; // others: of directories
constexpr std::uint64_t both_tcp_rights = right(0) | right(1);
constexpr std::uint64_t both_scopes =
    right(0) | right(1); // abstract sockets and signals of processes outside

constexpr std::uint64_t known_rights(long version) {
    std::uint64_t rights = right(14) - 1; // version 2
    if (version >= 3) rights |= truncate;
    if (version >= 5) rights |= device_calls;
    return rights;
}

long landlock_version() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, ask_for_version);
}

void allow(int ruleset, const std::filesystem::path& path, std::uint64_t rights) {
    const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat st {};
    if (!place || ::fstat(place.get(), &st) != 0) return;
    if (!S_ISDIR(st.st_mode)) rights &= of_files;
    const Rule rule{rights, place.get()};
    // An unnamed pipe is refused here, and needs no rule.
    (void)::syscall(SYS_landlock_add_rule, ruleset, rule_for_paths, &rule, 0U);
}

} // namespace

bool can_restrict_files() {
    return landlock_version() >= needed_version;
}

bool restrict_files(const FileAccess& access) {
    const long version = landlock_version();
    if (version < needed_version) return false;
    Ruleset rules{};
    rules.files = known_rights(version) & ~execute;
    if (!access.readable) rules.files &= ~reads;
    if (version >= 4 && access.network != Network::Any) rules.network = both_tcp_rights;
    if (version >= 6 && access.network != Network::Any) rules.scopes = both_scopes;
    const std::size_t size = version >= 6   ? sizeof(Ruleset)
                             : version >= 4 ? offsetof(Ruleset, scopes)
                                            : offsetof(Ruleset, network);
    const UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0U)));
    if (!ruleset) return false;
    for (const auto& path : access.writable)
        allow(ruleset.get(), path, rules.files);
    if (access.readable)
        for (const auto& path : *access.readable)
            allow(ruleset.get(), path, reads);
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) == 0;
}

} // namespace mkpxerd::wrap
