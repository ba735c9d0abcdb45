// SPDX-License-Identifier: MIT
// Looks for the words that apk-tools 2 and 3 use.
#include "mkpxerd/netboot/root/package_failure.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

// The package of "  foo (no such package):"
std::string missing_package(std::string_view line) {
    const auto end = line.find(" (no such package)");
    return end == std::string_view::npos ? std::string() : std::string(trim(line.substr(0, end)));
}

bool contains(std::string_view line, std::string_view part) {
    return line.find(part) != std::string_view::npos;
}

} // namespace

Problem explain_apk(const std::vector<std::string>& lines, int status) {
    std::vector<std::string> missing;
    std::string signature;
    std::string unreadable;
    std::string space;
    std::string last = lines.empty() ? fmt::format("ended with status {}", status) : lines.back();
    for (const std::string& line : lines) {
        const std::string name = missing_package(line);
        if (!name.empty() && std::find(missing.begin(), missing.end(), name) == missing.end())
            missing.push_back(name);
        if (contains(line, "UNTRUSTED") || contains(line, "BAD signature") || contains(line, "BAD archive"))
            signature = line;
        if ((line.starts_with("WARNING") &&
             (contains(line, "gnoring") || contains(line, "opening") || contains(line, "updating"))) ||
            contains(line, "unable to fetch") || contains(line, "temporary error"))
            unreadable = line;
        if (contains(line, "No space left")) space = line;
        if (line.starts_with("ERROR")) last = line;
    }
    if (!space.empty())
        return {.object = "apk",
                .text = space,
                .hint = "give the machine more memory, or enlarge the root with rootflags=size=",
                .code = Failure::NoSpaceForPackages};
    if (!signature.empty())
        return {.object = "apk",
                .text = signature,
                .hint = "put the repository's key into /etc/apk/keys of the image",
                .code = Failure::UntrustedPackage};
    if (!missing.empty() && unreadable.empty())
        return {.object = fmt::format("{}", fmt::join(missing, ", ")),
                .text = "no repository has this package",
                .code = Failure::NoPackage};
    if (!unreadable.empty())
        return {.object = "apk",
                .text = unreadable,
                .hint = "is the repository reachable, and does it have an index for this machine?",
                .code = Failure::BadRepository};
    return {.object = "apk", .text = last, .hint = "dmesg has apk's messages", .code = Failure::ApkFailed};
}

} // namespace mkpxerd::netboot
