// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/image_modules.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {

std::vector<std::string> ImageModules::resolve_alias(std::string_view alias) const {
    std::vector<std::string> modules;
    const auto take = [&](std::string_view found) {
        std::string name = normal_module_name(found);
        if (!config.blacklist.contains(name)) modules.push_back(std::move(name));
    };
    const std::string normal = normal_module_name(alias);
    for (const auto& [pattern, module] : config.aliases)
        if (glob_match(pattern, normal)) take(module);
    if (modules.empty())
        for (const std::string_view module : index.match(alias))
            take(module);
    return modules;
}

std::vector<std::string> ImageModules::softdeps(std::string_view name,
                                                std::vector<std::string> Softdep::*which) const {
    std::vector<std::string> names;
    if (const Softdep* own = index.softdep(name)) names = own->*which;
    if (const auto more = config.softdeps.find(name); more != config.softdeps.end())
        names.insert(names.end(), (more->second.*which).begin(), (more->second.*which).end());
    return names;
}

std::vector<std::string> ImageModules::dependencies(std::string_view name) const {
    const auto paths = split_words(index.find(name)->dependencies);
    std::vector<std::string> names;
    for (auto path = paths.rbegin(); path != paths.rend(); ++path)
        names.push_back(module_name_of(*path));
    return names;
}

bool ImageModules::depends_on(std::string_view name, std::string_view other) const {
    if (index.find(name) == nullptr) return false;
    const auto names = dependencies(name);
    return std::find(names.begin(), names.end(), other) != names.end();
}

std::string ImageModules::parameters(std::string_view name, std::string_view more) const {
    std::string all;
    if (!index.drives_devices(name)) all = "async_probe";
    if (const auto options = config.options.find(name); options != config.options.end())
        all += fmt::format("{}{}", all.empty() ? "" : " ", options->second);
    if (!more.empty()) all += fmt::format("{}{}", all.empty() ? "" : " ", more);
    return all;
}

Problem ImageModules::not_found(std::string_view name) const {
    const auto names = index.names();
    const auto meant = nearest(normal_module_name(name), names);
    return {.object = std::string(name),
            .text = "no such kernel module in the image",
            .hint = meant ? fmt::format("did you mean {}?", *meant)
                          : "add it to a feature and build the image again",
            .code = Failure::NoModule};
}

} // namespace mkpxerd::netboot
