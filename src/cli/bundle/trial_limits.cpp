// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/bundle/trial_limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "mkpxerd/base/byte_size.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::cli {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t min_mebibytes = 64;
constexpr std::uint64_t max_mebibytes = std::uint64_t{1} << 20;
constexpr std::uint64_t max_seconds = 86400;

// Seconds in the unit that the text ends with; 0: it ends with none.
std::uint64_t seconds_of_unit(std::string_view text) {
    if (text.ends_with('s')) return 1;
    if (text.ends_with('m')) return 60;
    return text.ends_with('h') ? 3600 : 0;
}

} // namespace

// A number alone is in MiB, as in QEMU's -m.
Result<std::uint64_t> read_trial_memory(const std::string& text) {
    auto memory = parse_number(text);
    std::string size = text;
    for (const auto& [small, unit] : {std::pair{'m', 'M'}, std::pair{'g', 'G'}})
        if (size.ends_with(small)) size.back() = unit; // as QEMU takes them, too
    if (const auto bytes = parse_size(size); bytes && !memory) memory = *bytes / mebibyte;
    if (!memory) return fail("--memory " + text, "is not a size", "in MiB, or as 512M or 1G");
    if (*memory < min_mebibytes)
        return fail("--memory " + text, fmt::format("no kernel starts with less than {}M", min_mebibytes));
    if (*memory > max_mebibytes) return fail("--memory " + text, "is more than 1024G");
    return *memory;
}

Result<std::uint64_t> read_trial_time(const std::string& text) {
    std::string_view number = text;
    const std::uint64_t unit = seconds_of_unit(number);
    if (unit != 0) number.remove_suffix(1);
    const auto count = parse_number(number);
    if (!count) return fail("--timeout " + text, "is not a time", "in seconds, or as 90s, 3m or 1h");
    if (*count == 0 || *count > max_seconds / std::max<std::uint64_t>(unit, 1))
        return fail("--timeout " + text, "is not between one second and one day");
    return *count * std::max<std::uint64_t>(unit, 1);
}

} // namespace mkpxerd::cli
