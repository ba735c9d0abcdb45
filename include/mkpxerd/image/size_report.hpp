// SPDX-License-Identifier: MIT
// Image -> the sizes of its contents. Each view (kind, feature, ...) adds up to the whole file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

struct SizeRow {
    std::string name;
    std::size_t entries = 0;
    std::uint64_t unpacked = 0;   // bytes of the archive: headers, names, bodies, padding
    std::uint64_t plain = 0;      // the same as unpacked, if every compressed module and firmware were plain
    std::uint64_t compressed = 0; // bytes of the file
};

struct SizeReport {
    std::uint64_t file = 0;     // bytes
    std::uint64_t unpacked = 0; // bytes of all archives
    // True: compressed is exact, nothing is compressed. False: it is the distance in the compressed stream
    // between the start and the end of the entry.
    bool exact = true;
    bool has_compressed = false;   // modules or firmware; otherwise plain and unpacked are equal
    std::vector<SizeRow> kinds;    // modules, firmware, programs, ... and the archive's own bytes
    std::vector<SizeRow> families; // of modules: net/ethernet, fs, crypto, ...
    std::vector<SizeRow> firmware; // by first directory
    std::vector<SizeRow> features; // empty for images without provenance
    std::vector<SizeRow> largest;  // single entries, at most ten
};

// Rows are sorted by compressed bytes, largest first. reasons may be empty. plain: of plain_sizes().
SizeReport measure(const Image& image, const std::vector<Provenance>& reasons,
                   const std::map<std::size_t, std::uint64_t>& plain = {});

} // namespace mkpxerd::image
