// SPDX-License-Identifier: MIT
// apk's last lines -> a Problem, by the words that apk-tools 2 and 3 use.
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
    if (!space.empty()) return {"apk", space, "more memory, or rootflags=size=", Failure::NoSpaceForPackages};
    if (!signature.empty())
        return {"apk", signature, "the key of the repository has to be in /etc/apk/keys of the image",
                Failure::UntrustedPackage};
    if (!missing.empty() && unreadable.empty())
        return {fmt::format("{}", fmt::join(missing, ", ")),
                "no repository has this package",
                {},
                Failure::NoPackage};
    if (!unreadable.empty())
        return {"apk", unreadable,
                "can the repository be reached, and does it have an index for this machine?",
                Failure::BadRepository};
    return {"apk", last, "the lines of apk are in dmesg", Failure::ApkFailed};
}

} // namespace mkpxerd::netboot
