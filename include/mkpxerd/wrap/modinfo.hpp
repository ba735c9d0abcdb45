// SPDX-License-Identifier: MIT
// What a kernel module says about itself, for any class and byte order: its .modinfo section (MODULE_INFO in
// include/linux/moduleparam.h), and the symbols that it takes from elsewhere.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// Texts "KEY=VALUE" in the order of the file, of an unpacked module: from memory, or from a file, of which
// the headers and the section alone are read. Errors name the file: it is no ELF object, is cut short, or
// something in it points out of it.
Result<std::vector<std::string>> read_modinfo(std::span<const std::byte> bytes, const std::string& name);
Result<std::vector<std::string>> read_modinfo(int fd, const std::string& name);

// Names of the symbols that an unpacked module imports, in the order of its symbol table. Errors as above.
Result<std::vector<std::string>> read_imports(std::span<const std::byte> bytes, const std::string& name);
Result<std::vector<std::string>> read_imports(int fd, const std::string& name);

} // namespace mkpxerd::wrap
