// SPDX-License-Identifier: MIT
// What the fuzzers share: an assertion that stops them, their input as text and in parts, a directory in
// memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::fuzz {

inline void require(bool holds) {
    if (!holds) __builtin_trap();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline std::size_t count(std::string_view text, char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

// An input that stands for several texts has this line between them, so that seeds stay readable.
inline std::vector<std::string_view> parts_of(std::string_view text) {
    constexpr std::string_view mark = "\n=====\n";
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(mark);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        // The newline belongs to the text before it.
        parts.back() = text.substr(0, end + 1);
        text.remove_prefix(end + mark.size());
    }
}

// Where files cost no disk. Removed at the end of the process.
class ScratchDirectory {
  public:
    ScratchDirectory() {
        std::error_code error;
        const std::filesystem::path memory = "/dev/shm";
        const bool usable = std::filesystem::is_directory(memory, error);
        std::string pattern =
            ((usable ? memory : std::filesystem::temp_directory_path()) / "mkpxerd-fuzz-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline void write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) std::abort();
}

inline std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace mkpxerd::fuzz
