// SPDX-License-Identifier: MIT
// drivers/base/firmware_loader/main.c: which compressions it looks for, and fw_decompress_zstd(), which needs
// the frame's content size (RFC 8878, section 3.1.1.1).
#include "mkpxerd/generator/modules/packed_firmware.hpp"

#include <array>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

struct Packing {
    std::string_view ending;
    std::string_view encoding;
    std::string_view option;
};
constexpr std::array packings = {Packing{".zst", "zstd", "CONFIG_FW_LOADER_COMPRESS_ZSTD"},
                                 Packing{".xz", "xz", "CONFIG_FW_LOADER_COMPRESS_XZ"}};

bool zstd_tells_length(std::span<const std::byte> frame) {
    constexpr std::byte length_or_single_segment{0xe0};
    return frame.size() > 4 && (frame[4] & length_or_single_segment) != std::byte{0};
}

// Empty: the loader unpacks the file, or it cannot be read.
std::string refusal_of(const Firmware& file, const Packing& packing,
                       const std::optional<std::string>& config) {
    if (config && !is_enabled(*config, packing.option))
        return fmt::format("the kernel was built without {}", packing.option);
    const auto mapped = MappedFile::open(file.source);
    if (!mapped) return {};
    const auto encoding = wrap::recognize_encoding(mapped->bytes());
    if (!encoding || encoding->name != packing.encoding)
        return fmt::format("it is not {} data", packing.encoding);
    if (packing.encoding == "zstd" && !zstd_tells_length(mapped->bytes()))
        return "its frame does not give its uncompressed size";
    return encoding->demands == nullptr ? "" : find_refusal(encoding->demands(mapped->bytes()), config);
}

} // namespace

std::vector<Problem> check_packed_firmware(const std::vector<Firmware>& firmware,
                                           const std::optional<std::string>& config) {
    struct Refused {
        std::string first;
        std::size_t count = 0;
    };
    std::map<std::string, Refused> reasons;
    for (const Firmware& file : firmware)
        for (const Packing& packing : packings) {
            if (!file.target.empty() || !file.path.ends_with(packing.ending)) continue;
            const std::string reason = refusal_of(file, packing, config);
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
             .hint = "put it there uncompressed, or compress it with xz --check=crc32"});
    return warnings;
}

} // namespace mkpxerd::generator
