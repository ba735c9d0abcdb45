// SPDX-License-Identifier: MIT
// The table.
#include "mkpxerd/contract/log_subjects.hpp"

#include <algorithm>
#include <array>

namespace mkpxerd {
namespace {

using enum LogSubject;

constexpr auto table = std::to_array<LogSubjectRow>({
    {Stages, "stages", "the beginning of every stage, the clock that the image sets, and the report"},
    {Options, "options", "every option in effect, with its source"},
    {Modules, "modules",
     "every loaded module with its parameters, and optional modules that could not be loaded"},
    {Devices, "devices", "the device that a label or UUID stands for, and lost kernel events"},
    {Network, "network", "interfaces with their drivers, carrier, and whether a lease leads to the servers"},
    {Dhcp, "dhcp", "offers, refusals, unusable answers and renewals"},
    {Fetch, "fetch", "every request for an object, and who signed it"},
    {Mount, "mount", "every NFS version and address that was tried in vain"},
    {Packages, "packages", "the output of apk"},
});

} // namespace

std::span<const LogSubjectRow> log_subjects() {
    return table;
}

std::optional<LogSubject> find_log_subject(std::string_view name) {
    const auto* row = std::ranges::find(table, name, &LogSubjectRow::name);
    return row == table.end() ? std::nullopt : std::optional(row->subject);
}

std::string log_subject_names() {
    std::string names;
    for (const LogSubjectRow& row : table) {
        if (!names.empty()) names += ", ";
        names += row.name;
    }
    return names;
}

} // namespace mkpxerd
