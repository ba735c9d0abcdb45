// SPDX-License-Identifier: MIT
// The first line of a script, read as the kernel does (fs/binfmt_script.c).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mkpxerd::generator {

// The first bytes of a file decide how it is run (BINPRM_BUF_SIZE).
inline constexpr std::size_t head_bytes = 256;

struct Shebang {
    std::string interpreter; // as written: "/bin/sh", "/usr/bin/env"
    std::string program;     // the program that env runs: a name or a path; empty for other interpreters
    bool operator==(const Shebang&) const = default;
};

// head: the first head_bytes bytes of a file, or all of them. nullopt: not a script, or one that the kernel
// refuses.
std::optional<Shebang> parse_shebang(std::string_view head);

} // namespace mkpxerd::generator
