// SPDX-License-Identifier: MIT
// A bundle that somebody else has filled, renewed: whatever its sums and its mark say, nothing outside it is
// touched, what is not as an older bundle left it stays, and the new one is whole.
// Parts of an input: SHA256SUMS, the mark.
#include "harness.hpp"

#include "mkpxerd/deploy/bundle/bundle_directory.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

namespace fs = std::filesystem;

constexpr const char* mark = ".mkpxerd-bundle";
constexpr const char* sums = "SHA256SUMS";
// Of "x", as all files here are: only a sum that fits lets a file be removed.
constexpr std::string_view sum_of_x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

void fill(const fs::path& around, const std::vector<std::string_view>& parts) {
    fs::create_directories(around / "bundle/old");
    fs::create_directories(around / "outside");
    for (const char* file : {"outside/victim", "bundle/old/vmlinuz", "bundle/mine"})
        write(around / file, "x");
    fs::create_symlink("../outside", around / "bundle/link");
    write(around / "bundle" / sums, parts[0]);
    write(around / "bundle" / mark, parts.size() > 1 ? parts[1] : std::string_view());
}

bool publish(const fs::path& target) {
    auto bundle = deploy::BundleDirectory::create(target);
    if (!bundle) return false;
    require(bundle->write("boot.ipxe", "#!ipxe\n").has_value());
    require(bundle->write("snippets/exports", "/srv\n").has_value());
    return bundle->publish().has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchDirectory scratch;
    const fs::path around = scratch.path() / "around";
    const std::string_view text = text_of(data, size);
    const auto parts = parts_of(text);
    fill(around, parts);
    if (const auto named = deploy::read_sums(around / "bundle"))
        require(named->size() <= count(parts[0], '\n') + 1);
    if (publish(around / "bundle")) {
        const auto own = deploy::read_sums(around / "bundle");
        require(own && own->contains("boot.ipxe") && own->contains("snippets/exports"));
        require(read(around / "bundle/boot.ipxe") == "#!ipxe\n");
    }
    require(read(around / "outside/victim") == "x");
    require(fs::is_symlink(around / "bundle/link"));
    // A file that the old sums do not name with its own sum is somebody's.
    if (parts[0].find(sum_of_x) == std::string_view::npos) {
        require(read(around / "bundle/mine") == "x");
        require(read(around / "bundle/old/vmlinuz") == "x");
    }
    std::size_t left = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(around))
        ++left;
    require(left == 2);
    fs::remove_all(around);
    return 0;
}
