// SPDX-License-Identifier: MIT
// drivers/base/firmware_loader/main.c: the compressions that it searches for, and fw_decompress_zstd(), which
// needs the frame's content size (RFC 8878, section 3.1.1.1).
#include "mkpxerd/generator/modules/compressed_firmware.hpp"

#include <array>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

struct Compression {
    std::string_view ending;
    std::string_view encoding;
    std::string_view option;
};
constexpr std::array compressions = {Compression{".zst", "zstd", "CONFIG_FW_LOADER_COMPRESS_ZSTD"},
                                     Compression{".xz", "xz", "CONFIG_FW_LOADER_COMPRESS_XZ"}};

bool has_content_size(std::span<const std::byte> frame) {
    constexpr std::byte length_or_single_segment{0xe0};
    return frame.size() > 4 && (frame[4] & length_or_single_segment) != std::byte{0};
}

// Empty: the loader unpacks the file, or it cannot be read.
std::string refusal_of(const Firmware& file, const Compression& compression,
                       const std::optional<std::string>& config) {
    if (config && !is_enabled(*config, compression.option))
        return fmt::format("the kernel was built without {}", compression.option);
    const auto mapped = MappedFile::open(file.source);
    if (!mapped) return {};
    const auto encoding = wrap::recognize_encoding(mapped->bytes());
    if (!encoding || encoding->name != compression.encoding)
        return fmt::format("it is not {} data", compression.encoding);
    if (compression.encoding == "zstd" && !has_content_size(mapped->bytes()))
        return "its frame does not give the uncompressed size";
    return encoding->demands == nullptr ? "" : find_refusal(encoding->demands(mapped->bytes()), config);
}

} // namespace

std::vector<Problem> check_compressed_firmware(const std::vector<Firmware>& firmware,
                                               const std::optional<std::string>& config) {
    struct Refused {
        std::string first;
        std::size_t count = 0;
    };
    std::map<std::string, Refused> reasons;
    for (const Firmware& file : firmware)
        for (const Compression& compression : compressions) {
            if (!file.target.empty() || !file.path.ends_with(compression.ending)) continue;
            const std::string reason = refusal_of(file, compression, config);
            if (reason.empty()) continue;
            Refused& refused = reasons[reason];
            if (refused.count++ == 0) refused.first = file.source.string();
        }
    std::vector<Problem> warnings;
    for (const auto& [reason, refused] : reasons)
        warnings.push_back(
            {.object = refused.first,
             .text = fmt::format("the kernel would not unpack {}: {}",
                                 refused.count == 1 ? "it" : fmt::format("it and {} more", refused.count - 1),
                                 reason),
             .hint = "store it uncompressed, or compress it with xz --check=crc32"});
    return warnings;
}

} // namespace mkpxerd::generator
