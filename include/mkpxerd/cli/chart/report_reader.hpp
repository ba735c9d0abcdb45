// SPDX-License-Identifier: MIT
// The report.json of a boot -> the lanes of its chart.
#pragma once

#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/cli/chart/chart.hpp"

namespace mkpxerd::cli {

constexpr std::size_t max_report_bytes = std::size_t{2} << 20; // a real one has less than 200 KB
constexpr std::size_t max_lane_bars = 400;                     // of a lane; the others are counted

// name: of the report in errors, which have its lines. Errors: not JSON; not a report; a report without a
// timeline, from an older mkpxerd; times that cannot be.
Result<Chart> read_report(std::string_view text, std::string_view name);

} // namespace mkpxerd::cli
