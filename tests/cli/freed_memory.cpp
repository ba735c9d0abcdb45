// SPDX-License-Identifier: MIT
// Linked with what clears the memory of the init: looks through all memory of this process for a text that
// was freed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::size_t text_size = 48;

// Computed where it is wanted, so that the text itself stands nowhere else.
char letter(unsigned seed, std::size_t place) {
    return static_cast<char>('a' + (seed + place * place) % 26);
}

__attribute__((noinline)) void fill(char* text, unsigned seed) {
    for (std::size_t i = 0; i < text_size; ++i)
        text[i] = letter(seed, i);
}

__attribute__((noinline)) bool is_text(const char* text, unsigned seed) {
    for (std::size_t i = 16; i < text_size; ++i) // words of the allocator lie over the start of a free block
        if (text[i] != letter(seed, i)) return false;
    return true;
}

// Whether the text lies in memory of this process that can be written to. Looks from the stack, which is left
// out: what is looked at leaves no copy.
bool is_found(unsigned seed) {
    std::ifstream maps("/proc/self/maps");
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::string line;
    bool found = false;
    while (std::getline(maps, line)) {
        std::uintptr_t start = 0;
        std::uintptr_t end = 0;
        std::array<char, 5> rights{};
        if (std::sscanf(line.c_str(), "%zx-%zx %4s", &start, &end, rights.data()) != 3 || rights[1] != 'w' ||
            line.find("[stack]") != std::string::npos)
            continue;
        std::array<char, 65536> piece{};
        for (; start < end; start += piece.size() - text_size) {
            const ssize_t got =
                ::pread(memory, piece.data(), std::min(piece.size(), end - start), static_cast<off_t>(start));
            for (ssize_t i = 0; i + static_cast<ssize_t>(text_size) <= got; ++i)
                found = found || is_text(piece.data() + i, seed);
        }
    }
    ::close(memory);
    return found;
}

int failures = 0;
void expect(bool is_right, const char* what) {
    std::printf("%s: %s\n", is_right ? "ok" : "FAILED", what);
    if (!is_right) ++failures;
}

} // namespace

int main() {
    // What lies there is found, freed by C or held by somebody: the search can fail.
    auto* plain = static_cast<char*>(std::malloc(200));
    fill(plain, 1);
    std::free(plain);
    expect(is_found(1), "what C has freed is found");
    auto held = std::make_unique<std::string>(300, ' ');
    fill(held->data(), 2);
    expect(is_found(2), "a text that is held is found");
    held->shrink_to_fit();
    held.reset();
    expect(!is_found(2), "a text is gone when it is freed");
    std::vector<char> grown(text_size);
    fill(grown.data(), 3);
    grown.reserve(1000);
    grown.clear();
    grown.shrink_to_fit();
    expect(!is_found(3), "so is one that was moved, and one that was made shorter");
    auto array = std::make_unique<char[]>(text_size);
    fill(array.get(), 4);
    array.reset();
    expect(!is_found(4), "an array as well");
    return failures == 0 ? 0 : 1;
}
