// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/closed_directory.hpp"

#include <sys/stat.h>

namespace mkpxerd::deploy {

namespace fs = std::filesystem;

std::optional<fs::path> find_closed_directory(const fs::path& directory) {
    std::error_code error;
    // A server goes through the links, too, so the directories behind them count.
    const fs::path whole = fs::weakly_canonical(directory, error);
    fs::path walked;
    for (const fs::path& piece : error ? fs::absolute(directory, error) : whole) {
        walked /= piece;
        struct stat st {};
        if (::stat(walked.c_str(), &st) != 0) return std::nullopt;
        if (S_ISDIR(st.st_mode) && (st.st_mode & S_IXOTH) == 0) return walked;
    }
    return std::nullopt;
}

} // namespace mkpxerd::deploy
