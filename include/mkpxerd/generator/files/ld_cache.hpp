// SPDX-License-Identifier: MIT
// ld.so.cache, which ldconfig(8) writes and glibc's loader reads: names of libraries -> where they lie.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::generator {

// Paths as written, in order of the file. What is no cache, or is cut short, names less, or nothing; no more
// text is handed out than a few times the file.
// big_endian: the byte order of the machine, for files that do not tell theirs.
std::map<std::string, std::vector<std::string>> parse_ld_cache(std::string_view bytes, bool big_endian);

} // namespace mkpxerd::generator
