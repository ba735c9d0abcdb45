// SPDX-License-Identifier: MIT
// Private to elf and modinfo: libelf's view of a file, with an owner.
#pragma once

#include <libelf.h>
#include <memory>

namespace mkpxerd::wrap {

struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

} // namespace mkpxerd::wrap
