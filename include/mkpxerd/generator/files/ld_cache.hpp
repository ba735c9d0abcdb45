// SPDX-License-Identifier: MIT
// ld.so.cache, which ldconfig(8) writes and glibc's loader reads: names of libraries -> their paths.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::generator {

// Paths as written, in the order of the file. A truncated file gives fewer names, another kind of file none.
// The texts together are at most a few times as long as the file. big_endian: the machine's byte order, for
// files that do not declare theirs.
std::map<std::string, std::vector<std::string>> parse_ld_cache(std::string_view bytes, bool big_endian);

} // namespace mkpxerd::generator
