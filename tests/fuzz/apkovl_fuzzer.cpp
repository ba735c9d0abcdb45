// SPDX-License-Identifier: MIT
// Archives that somebody else made: whatever they hold, nothing outside the root is touched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "mkpxerd/netboot/root/tar_unpacker.hpp"

using namespace mkpxerd::netboot;

namespace {

// DIR/archive, DIR/root, and DIR/victim, which no archive may change.
class Sandbox {
  public:
    Sandbox() {
        std::string pattern = (std::filesystem::temp_directory_path() / "mkpxerd-fuzz-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        directory_ = pattern;
        std::ofstream(directory_ / "victim") << "untouched";
    }
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;
    ~Sandbox() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    void unpack(const std::uint8_t* data, std::size_t size) const {
        const auto root = directory_ / "root";
        std::filesystem::create_directory(root);
        std::ofstream(directory_ / "archive", std::ios::binary)
            .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
        (void)unpack_tar(directory_ / "archive", root);
        std::error_code ignored;
        std::filesystem::remove_all(root, ignored);
        std::size_t entries = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory_))
            ++entries;
        std::string text;
        std::getline(std::ifstream(directory_ / "victim"), text);
        if (entries != 2 || text != "untouched") __builtin_trap();
    }

  private:
    std::filesystem::path directory_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Sandbox sandbox;
    sandbox.unpack(data, size);
    return 0;
}
