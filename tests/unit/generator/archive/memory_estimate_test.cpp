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

MemoryFacts facts_of(std::uint64_t image, std::string_view compression = "gzip",
                     std::uint64_t kernel = 58 * mib) {
    return {.image_bytes = image, .compressions = {compression}, .kernel_bytes = kernel};
}

// In MiB, as a build prints it.
std::uint64_t printed(std::uint64_t bytes) {
    return (bytes >> 20) + 1;
}

} // namespace

TEST_CASE("memory: the kernel, the files, and what unpacking takes or the boot, whichever is more") {
    const auto need = [](const std::vector<std::uint64_t>& files, const MemoryFacts& facts) {
        return memory_needed(files_of(files), facts).with_root * 44 /
               45; // without the pages that describe pages
    };
    const std::uint64_t nothing = need({}, facts_of(0));
    CHECK(nothing == 89 * mib);
    CHECK(need({}, facts_of(9 * mib)) == nothing); // gone before the boot is at its largest
    CHECK(need({}, facts_of(10 * mib)) == nothing + mib);
    CHECK(need({}, facts_of(0, "gzip", 46 * mib)) == nothing - 12 * mib);
    CHECK(need({1}, facts_of(0)) == nothing + 4096 + 1024);
    CHECK(need({0}, facts_of(0)) == nothing + 1024);
    CHECK(need({4097, 4096}, facts_of(0)) == nothing + 3 * 4096 + 2 * 1024);
    for (const std::string_view compression : {"xz", "zstd", "lz4"})
        CHECK(need({}, facts_of(10 * mib, compression)) == nothing + 9 * mib);
    CHECK(need({}, facts_of(10 * mib, "none")) == nothing + mib);
    MemoryFacts parts = facts_of(10 * mib, "xz");
    parts.compressions = {"none", "zstd", "gzip"}; // one part is unpacked at a time
    CHECK(need({}, parts) == nothing + 9 * mib);
    CHECK(memory_needed({}, {}) == memory_needed({}, facts_of(0))); // a kernel that is not there
}

TEST_CASE("memory: without root=, the files may fill half of what the kernel and the image leave") {
    const MemoryNeed small = memory_needed(files_of({10 * mib}), facts_of(5 * mib));
    CHECK(small.with_root == small.without_root);
    const MemoryNeed large = memory_needed(files_of({100 * mib}), facts_of(5 * mib));
    CHECK(large.without_root * 44 / 45 == (54 + 5 + 200) * mib);
    CHECK(large.with_root < large.without_root);
}

TEST_CASE("memory: what QEMU's -m needed with Debian's kernels is never above, and at most 12 MiB below") {
    struct Measured {
        std::uint64_t least; // MiB
        std::uint64_t files; // bytes; of how many, below
        std::uint64_t count;
        MemoryFacts facts;
    };
    // /init of a debug build, and the modules of the profile network, unpacked; then of minimal-virtio.
    for (const Measured& boot : std::vector<Measured>{
             {211, 67'600'000, 453, facts_of(67'640'900, "none")},
             {165, 67'600'000, 453, facts_of(17'952'028, "gzip")},
             {167, 67'600'000, 453, facts_of(17'498'468, "zstd")},
             {167, 67'600'000, 453, facts_of(12'355'212, "xz")},
             {176, 67'600'000, 453, facts_of(22'308'711, "lz4")},
             {106, 19'700'000, 117, facts_of(4'516'788, "gzip")},
             // Compressed modules, with the /init of a debug build and of a release.
             {124, 28'327'424, 453, facts_of(17'695'732)},
             {116, 20'098'048, 453, facts_of(16'107'345)},
             // The kernel for clouds, and plain modules.
             {105, 30'302'948, 146, facts_of(8'072'444, "gzip", 46 * mib)},
         }) {
        const std::uint64_t each = boot.files / boot.count;
        const std::uint64_t told = printed(
            memory_needed(files_of(std::vector<std::uint64_t>(boot.count, each)), boot.facts).with_root);
        INFO(boot.facts.compressions.front() << " " << boot.facts.image_bytes << ": " << told << " MiB");
        CHECK(told >= boot.least);
        CHECK(told <= boot.least + 12);
    }
}
