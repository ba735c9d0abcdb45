// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/memory_estimate.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

constexpr std::uint64_t mib = 1 << 20;

std::vector<ReportedEntry> files_of(const std::vector<std::uint64_t>& sizes) {
    std::vector<ReportedEntry> contents;
    for (const std::uint64_t size : sizes)
        contents.emplace_back().bytes = size;
    return contents;
}

} // namespace

TEST_CASE("memory: the kernel, the file, the pages of its tree, and as much again, or what the boot takes") {
    const std::uint64_t nothing = memory_needed({}, 0);
    CHECK(nothing == 88 * mib);
    CHECK(memory_needed({}, 5 * mib) == nothing + 5 * mib);
    CHECK(memory_needed(files_of({0, 4096}), 0) == nothing + std::uint64_t{4096});
    CHECK(memory_needed(files_of({1, 4097}), 0) == nothing + std::uint64_t{3 * 4096});
    CHECK(memory_needed(files_of({24 * mib}), 0) == nothing + 24 * mib);
    CHECK(memory_needed(files_of({24 * mib, 10 * mib}), 0) == nothing + (24 + 2 * 10) * mib);
}
