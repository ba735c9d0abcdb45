// SPDX-License-Identifier: MIT
// Files of a foreign tree: ELF files, scripts, and the notes in them; deflate streams, which share the
// harness.
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/files/dlopen_note.hpp"
#include "mkpxerd/generator/files/shebang.hpp"
#include "mkpxerd/wrap/deflate_tail.hpp"
#include "mkpxerd/wrap/elf.hpp"

using namespace mkpxerd;

namespace {

void read_elf(std::string_view text) {
    static const UniqueFd fd(::memfd_create("elf", MFD_CLOEXEC));
    if (::ftruncate(fd.get(), 0) != 0 || ::lseek(fd.get(), 0, SEEK_SET) != 0) return;
    if (!write_all(fd.get(), std::as_bytes(std::span(text)), "elf")) return;
    if (!wrap::is_elf(text)) return;
    const auto elf = wrap::read_elf(fd.get(), "elf");
    if (!elf) return;
    std::size_t told = elf->rpath.size() + elf->runpath.size() + elf->soname.size();
    for (const auto* names : {&elf->needed, &elf->imports})
        for (const std::string& name : *names)
            told += name.size();
    if (told > 4 * text.size()) __builtin_trap();
    std::size_t notes = 0;
    for (const std::string& note : elf->dlopen_notes) {
        notes += note.size();
        (void)generator::parse_dlopen_note(note);
    }
    if (notes > text.size()) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    // The first byte picks the reader, so that each keeps inputs of its own.
    switch (data[0] % 4) {
    case 0:
        read_elf(text);
        break;
    case 1:
        (void)generator::parse_dlopen_note(text);
        break;
    case 2:
        (void)generator::parse_shebang(text.substr(0, generator::head_bytes));
        break;
    default:
        if (const auto tail = wrap::find_deflate_tail(std::as_bytes(std::span(text))))
            if (tail->end > text.size() * 8 || tail->last_block >= tail->end) __builtin_trap();
    }
    return 0;
}
