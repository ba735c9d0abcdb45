// SPDX-License-Identifier: MIT
// Facts from a kernel module's file, for any class and byte order: its .modinfo section (MODULE_INFO in
// include/linux/moduleparam.h), and the symbols that it imports.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// Texts "KEY=VALUE" of an unpacked module, in the order of the file: from memory, or from a file, of which
// this reads only the headers and the section. Errors name the file: it is not an ELF object, is cut short,
// or contains an offset outside of it.
Result<std::vector<std::string>> read_modinfo(std::span<const std::byte> bytes, const std::string& name);
Result<std::vector<std::string>> read_modinfo(int fd, const std::string& name);

// Names of the symbols that an unpacked module imports, in the order of its symbol table. Errors as above.
Result<std::vector<std::string>> read_imports(std::span<const std::byte> bytes, const std::string& name);
Result<std::vector<std::string>> read_imports(int fd, const std::string& name);

} // namespace mkpxerd::wrap
