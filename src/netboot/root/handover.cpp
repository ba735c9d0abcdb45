// SPDX-License-Identifier: MIT
// Every check comes before the first move; a failure after it is undone.
#include "mkpxerd/netboot/root/handover.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/mount.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
    return path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
}

// Where a mount outside the new root moves to: the same path in the new root, links followed inside it.
Result<std::string> mount_point(const System& system, const std::string& mount) {
    const Sysroot root(system.host(new_root));
    if (const auto there = root.resolve(mount)) return fmt::format("{}/{}", new_root, there->path);
    std::error_code error;
    const std::string path = std::string(new_root) + mount;
    std::filesystem::create_directories(system.host(path), error);
    if (error)
        return fail(mount, fmt::format("cannot create this mount point in the new root: {}", error.message()),
                    "the root file system must have the directories dev, proc, sys and run",
                    Failure::NoMountPoint);
    return path;
}

using Moves = std::vector<std::pair<std::string, std::string>>;

Result<void> move_mount(System& system, const std::string& from, const std::string& to) {
    if (const auto error =
            system.mount({.source = from, .target = to, .type = {}, .flags = MS_MOVE, .data = {}}))
        return fail(from, fmt::format("cannot be moved to {}: {}", to, error.message()), {},
                    Failure::CannotEnterRoot);
    return {};
}

Result<void> enter_and_become(System& system, Log& log, const Program& init, std::string_view last_words) {
    const auto refused = [](const Error& error) {
        Problem problem = error.first();
        problem.code = Failure::CannotEnterRoot;
        return fail(Error(std::move(problem)));
    };
    const std::string root(new_root);
    const auto old = system.enter_root(root);
    if (!old) return refused(old.error());
    log.warning(last_words);
    const auto became = system.become(init, *old);
    if (became) return {};
    if (const auto left = system.leave_root(*old, root); !left) log.warning(left.error());
    return refused(became.error());
}

// Undoes the first moves in reverse order.
void move_back(System& system, Log& log, const Moves& moves, std::size_t count) {
    for (; count > 0; --count)
        if (const auto moved = move_mount(system, moves[count - 1].second, moves[count - 1].first); !moved)
            log.warning(moved.error());
}

} // namespace

std::vector<std::string> mounts_to_move(std::string_view mountinfo) {
    std::vector<std::string> mounts;
    for (const auto line : split_lines(mountinfo)) {
        const auto words = split_words(line);
        if (words.size() < 5) continue;
        std::string point = unescape_mount_field(words[4]);
        if (point == "/" || is_below(point, new_root)) continue;
        const bool nested = std::any_of(mounts.begin(), mounts.end(),
                                        [&](const std::string& other) { return is_below(point, other); });
        if (!nested) mounts.push_back(std::move(point));
    }
    return mounts;
}

Result<void> hand_over(System& system, Log& log, const Program& init, std::string_view last_words) {
    MKPXERD_TRY_ASSIGN(const std::string mountinfo, read_file(system.host("/proc/self/mountinfo")));
    Moves moves;
    for (const std::string& mount : mounts_to_move(mountinfo)) {
        auto target = mount_point(system, mount);
        if (target)
            moves.emplace_back(mount, *target);
        else if (mount.starts_with("/media/") || mount == "/run")
            log.warning(target.error().text()); // this mount disappears with the old root
        else
            return fail(std::move(target).error());
    }
    for (std::size_t done = 0; done < moves.size(); ++done)
        if (auto moved = move_mount(system, moves[done].first, moves[done].second); !moved) {
            move_back(system, log, moves, done);
            return moved;
        }
    auto entered = enter_and_become(system, log, init, last_words);
    if (!entered) move_back(system, log, moves, moves.size());
    return entered;
}

} // namespace mkpxerd::netboot
