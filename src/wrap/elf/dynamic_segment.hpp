// SPDX-License-Identifier: MIT
// Private to elf: the dynamic segment of a program or library.
#pragma once

#include "elf_file.hpp"
#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::wrap {

// Puts needed libraries, search paths, the soname and imports into info, whose class and machine are set.
// Precondition: the program headers were read. Errors: something points out of the file.
Result<void> read_dynamic_segment(const ElfFile& file, ElfInfo& info);

} // namespace mkpxerd::wrap
