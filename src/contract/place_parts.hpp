// SPDX-License-Identifier: MIT
// What the readers of places share: the option with its value, for errors, and the forms of NFS.
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd {

// The option and its value, for errors.
struct Asked {
    std::string_view option;
    std::string_view value;
    tl::unexpected<Error> refuse(std::string text, std::string hint = {}) const {
        return fail(fmt::format("{}={}", option, value), std::move(text),
                    hint.empty() ? "see docs/cmdline.md" : std::move(hint), Failure::BadOption);
    }
};

inline constexpr std::string_view nfs_form = "write nfs:server:/path, with mount options after a comma";

inline bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

// "host:/path[,options]" or dracut's "host:/path[:options]" -> nfs:server:/path[,options]. more: further
// options.
Result<std::string> plain_nfs(const Asked& asked, std::string_view text, std::string_view more = {});
// NFS in every spelling -> nfs:server:/path[,options]; empty: the text is not NFS.
Result<std::string> find_nfs(const Asked& asked, std::string_view text);

} // namespace mkpxerd
