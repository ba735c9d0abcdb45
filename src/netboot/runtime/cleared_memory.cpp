// SPDX-License-Identifier: MIT
// What the init frees is overwritten: a password or a key is gone when the text that held it is. Blocks of
// the sizes that such texts have; larger ones hold files and what comes off the wire, and would cost time and
// pages. C++'s own memory alone: OpenSSL clears its keys by itself.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

namespace {

constexpr std::size_t largest_text =
    4096; // bytes; a kernel command line is as long at most (COMMAND_LINE_SIZE)

void clear_and_free(void* block) {
    // All of it: a text that has become shorter has left its end there.
    if (const std::size_t size = ::malloc_usable_size(block); size <= largest_text)
        ::explicit_bzero(block, size);
    std::free(block);
}

} // namespace

// [new.delete]: the other forms, of arrays and without exceptions, call these.
void* operator new(std::size_t size) {
    void* block = std::malloc(size != 0 ? size : 1);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void operator delete(void* block) noexcept {
    clear_and_free(block);
}

void operator delete(void* block, std::size_t) noexcept {
    clear_and_free(block);
}
