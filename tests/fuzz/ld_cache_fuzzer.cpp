// SPDX-License-Identifier: MIT
// ld.so.cache of a foreign tree: absolute paths, as they stand in the file, and of no more bytes than a few
// times the file.
#include "harness.hpp"

#include "mkpxerd/generator/files/ld_cache.hpp"

using namespace mkpxerd::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = text_of(data + 1, size - 1);
    const auto cache = mkpxerd::generator::parse_ld_cache(bytes, data[0] % 2 == 1);
    std::size_t told = 0;
    std::size_t places = 0;
    for (const auto& [name, paths] : cache) {
        told += name.size();
        require(!paths.empty() && bytes.find(name) != std::string_view::npos);
        for (const std::string& path : paths) {
            told += path.size();
            ++places;
            require(path.starts_with('/') && path.find('\0') == std::string::npos);
            require(bytes.find(path) != std::string_view::npos);
        }
    }
    require(places <= bytes.size() / 24);
    require(told <= 8 * bytes.size());
    return 0;
}
