// SPDX-License-Identifier: MIT
// The kind of secret in a file, as text: empty when nothing is found.
#pragma once

#include <string>

#include "mkpxerd/secrets/secret_forms.hpp"

namespace mkpxerd::test {

inline std::string found(const std::string& path, const std::string& content) {
    const char* what = find_secret(path, content, content.size());
    return what == nullptr ? "" : what;
}
inline std::string found(const std::string& content) {
    return found("etc/file", content);
}

} // namespace mkpxerd::test
