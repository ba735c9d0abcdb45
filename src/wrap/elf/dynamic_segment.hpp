// SPDX-License-Identifier: MIT
// Private to elf: the dynamic segment of a program or library.
#pragma once

#include "elf_file.hpp"
#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::wrap {

// Puts needed libraries, search paths, the soname and imports into info, whose class and machine are set.
// Precondition: the program headers have been read. Errors: an offset outside the file.
Result<void> read_dynamic_segment(const ElfFile& file, ElfInfo& info);

} // namespace mkpxerd::wrap
