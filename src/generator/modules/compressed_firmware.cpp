// SPDX-License-Identifier: MIT
// drivers/base/firmware_loader/main.c: the compressions that it searches for, and fw_decompress_zstd(), which
// needs the frame's content size (RFC 8878, section 3.1.1.1).
#include "mkpxerd/generator/modules/compressed_firmware.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "mkpxerd/wrap/file_packing.hpp"

namespace mkpxerd::generator {
namespace {

// In the order in which the loader searches for them.
constexpr std::array loader_formats = {wrap::Format::Zstd, wrap::Format::Xz};

std::optional<wrap::Format> format_of(std::string_view path) {
    for (const wrap::Format format : loader_formats)
        if (path.ends_with(wrap::packing_suffix(format))) return format;
    return std::nullopt;
}

bool has_content_size(std::span<const std::byte> frame) {
    constexpr std::byte length_or_single_segment{0xe0};
    return frame.size() > 4 && (frame[4] & length_or_single_segment) != std::byte{0};
}

} // namespace

std::string_view firmware_suffix(std::string_view path) {
    const auto format = format_of(path);
    return format ? wrap::packing_suffix(*format) : std::string_view();
}

std::string firmware_refusal(const Firmware& file, const std::optional<std::string>& config) {
    const auto format = format_of(file.path);
    if (!format) return {};
    const std::string missing = config ? missing_to_load_firmware(*config, *format) : "";
    if (!missing.empty()) return fmt::format("the kernel was built without {}", missing);
    const auto mapped = MappedFile::open(file.source);
    if (!mapped) return {};
    const auto encoding = wrap::recognize_encoding(mapped->bytes());
    if (!encoding || encoding->format != format)
        return fmt::format("it is not {} data", wrap::format_name(*format));
    if (format == wrap::Format::Zstd && !has_content_size(mapped->bytes()))
        return "its frame does not give the uncompressed size";
    return encoding->demands == nullptr ? "" : find_refusal(encoding->demands(mapped->bytes()), config);
}

std::vector<Problem> check_compressed_firmware(const std::vector<Firmware>& firmware,
                                               const std::optional<std::string>& config) {
    struct Refused {
        std::string first;
        std::size_t count = 0;
    };
    std::map<std::string, Refused> reasons;
    for (const Firmware& file : firmware) {
        if (!file.target.empty() || file.form) continue;
        const std::string reason = firmware_refusal(file, config);
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
