// SPDX-License-Identifier: MIT
// Overwrites memory when it is freed, so that a password or a key does not outlive its string. Larger blocks
// hold files and network data: overwriting them would cost time and pages. OpenSSL clears its keys itself.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

namespace {

constexpr std::size_t largest_text = 4096; // bytes; the longest kernel command line (COMMAND_LINE_SIZE)

void clear_and_free(void* block) {
    // The whole block: a shortened string leaves its old end there.
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
