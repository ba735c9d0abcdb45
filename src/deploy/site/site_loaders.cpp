// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site_loaders.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"

namespace mkpxerd::deploy {
namespace {

bool has_file(const SiteOptions& options, std::string_view place) {
    return !options.loader_files || options.loader_files->contains(std::string(place));
}

bool is_named_to_machines(std::string_view loader, const SiteValues& values) {
    return std::ranges::any_of(boot_files(loader), [&](const BootFile& file) {
        return values.at(std::string(file.firmware)) == file.place;
    });
}

} // namespace

void put_loaders(const SiteOptions& options, SiteValues& values, Problems& problems) {
    for (const std::string_view firmware : firmware_names)
        values[std::string(firmware)] = "";
    for (const BootFile& file : boot_files(default_loader))
        if (has_file(options, file.place)) values[std::string(file.firmware)] = file.place;
    const std::vector<std::string_view> known = loader_names();
    for (const std::string& loader : options.loaders) {
        if (std::ranges::find(known, loader) == known.end()) {
            problems.add("--loader " + loader, fmt::format("is not one of {}", fmt::join(known, ", ")),
                         loader.find(',') == std::string::npos ? "" : "give --loader once for each");
            continue;
        }
        for (const BootFile& file : boot_files(loader)) {
            if (!has_file(options, file.place))
                problems.add("--loader " + loader, fmt::format("{} is missing in {}", file.place,
                                                               printable(options.directory.string())));
            values[std::string(file.firmware)] = file.place;
        }
    }
    for (const std::string& loader : options.loaders)
        if (!boot_files(loader).empty() && !is_named_to_machines(loader, values))
            problems.add("--loader " + loader,
                         "no machine gets it: a later --loader is for the same machines",
                         "name one for BIOS and one for UEFI");
}

void put_next_loaders(const SiteOptions& options, SiteValues& values) {
    const std::string& http = values["http"];
    values["http-url"] = http.empty() ? "" : fmt::format("{}/{}", values["url"], http);
    for (const std::string_view name : firmware_names) {
        const std::string firmware(name);
        const std::string place = values[firmware];
        const bool is_last =
            values["scheme"] == "https" && is_ipxe(place) && !options.https_loaders.contains(place);
        values[firmware + "-but"] = is_last ? "ipxe" : "script";
        values[firmware + "-once"] = is_last ? place : "";
        values[firmware + "-again"] = is_last ? "" : place;
    }
}

} // namespace mkpxerd::deploy
