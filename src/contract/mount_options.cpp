// SPDX-License-Identifier: MIT
// The words that mount(8) turns into flags.
#include "mkpxerd/contract/mount_options.hpp"

#include <algorithm>
#include <array>
#include <sys/mount.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

struct Word {
    std::string_view name;
    unsigned long set;
    unsigned long clear;
};

constexpr std::array words = std::to_array<Word>({
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},
    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},
    {"noexec", MS_NOEXEC, 0},
    {"exec", 0, MS_NOEXEC},
    {"sync", MS_SYNCHRONOUS, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC, 0},
    {"noatime", MS_NOATIME, MS_RELATIME | MS_STRICTATIME},
    {"atime", 0, MS_NOATIME},
    {"nodiratime", MS_NODIRATIME, 0},
    {"diratime", 0, MS_NODIRATIME},
    {"relatime", MS_RELATIME, MS_NOATIME | MS_STRICTATIME},
    {"norelatime", 0, MS_RELATIME},
    {"strictatime", MS_STRICTATIME, MS_NOATIME | MS_RELATIME},
    {"nostrictatime", 0, MS_STRICTATIME},
    {"lazytime", MS_LAZYTIME, 0},
    {"nolazytime", 0, MS_LAZYTIME},
    {"silent", MS_SILENT, 0},
    {"loud", 0, MS_SILENT},
    {"defaults", 0, 0},
    {"auto", 0, 0},
    {"noauto", 0, 0},
    {"nofail", 0, 0},
    {"_netdev", 0, 0},
    // Who may mount it, and the flags that this implies.
    {"user", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0},
    {"users", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0},
    {"owner", MS_NOSUID | MS_NODEV, 0},
    {"group", MS_NOSUID | MS_NODEV, 0},
    {"nouser", 0, 0},
});

} // namespace

MountOptions parse_mount_options(std::string_view text, unsigned long flags) {
    MountOptions options{flags, {}};
    for (const auto piece : split(text, ',')) {
        if (piece.empty() || piece.starts_with("x-")) continue;
        const auto* const word =
            std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.name == piece; });
        if (word != words.end()) {
            options.flags = (options.flags & ~word->clear) | word->set;
        } else {
            if (!options.data.empty()) options.data += ',';
            options.data += piece;
        }
    }
    return options;
}

} // namespace mkpxerd
