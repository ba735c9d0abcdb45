// SPDX-License-Identifier: MIT
// A directory that cannot be read is an error and not empty: without keys, nothing would be verified.
#include "mkpxerd/contract/key_files.hpp"

#include <algorithm>

#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd {

tl::unexpected<Error> no_key(std::string object, std::string text) {
    return fail(std::move(object), std::move(text),
                "in /etc/mkpxerd/keys every file is one Ed25519 public key: PEM, or its 32 bytes in base64",
                Failure::BadKey);
}

Result<std::vector<std::filesystem::path>> list_key_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    const auto there = is_there(directory);
    if (there && !*there) return files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        files.push_back(entry->path());
    if (!there || error) return no_key(directory.string(), "cannot be read: " + error.message());
    if (files.empty()) return no_key(directory.string(), "is empty");
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace mkpxerd
