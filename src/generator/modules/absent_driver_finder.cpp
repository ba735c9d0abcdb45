// SPDX-License-Identifier: MIT
// Only drivers that a feature names count: no machine boots from a radio or a CAN controller.
#include "mkpxerd/generator/modules/absent_driver_finder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

// Buses of network cards, and the bus on which virtio cards appear.
constexpr std::array<std::string_view, 2> driver_directories = {"kernel/drivers/net/",
                                                                "kernel/drivers/virtio/"};
// Buses on which a card can be seen before it has a driver.
constexpr std::array<std::string_view, 5> card_buses = {"pci:", "usb:", "virtio:", "vmbus:", "xen:"};

template <class Prefixes>
bool starts_with_one_of(std::string_view text, const Prefixes& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool uses_network(const ModuleSet& modules, const KernelLists& lists, const FeatureSet& wanted) {
    return std::any_of(wanted.modules.begin(), wanted.modules.end(),
                       [](const Pattern& pattern) {
                           return (pattern.glob + '/').starts_with("kernel/drivers/net/") ||
                                  (pattern.glob + '/').starts_with("kernel/net/");
                       }) ||
           std::any_of(modules.modules.begin(), modules.modules.end(),
                       [&](const Module& module) { // one outside kernel/, whatever named it
                           const std::string_view home = lists.home(module.path);
                           return home != module.path && is_network_driver(home);
                       });
}

// Patterns that can match below these directories: a dozen among hundreds, for hundreds of drivers.
std::vector<Pattern> about_drivers(const std::vector<Pattern>& known) {
    std::vector<Pattern> kept;
    std::copy_if(known.begin(), known.end(), std::back_inserter(kept), [](const Pattern& pattern) {
        const std::string_view plain =
            std::string_view(pattern.glob).substr(0, pattern.glob.find_first_of("*?[\\"));
        return std::any_of(driver_directories.begin(), driver_directories.end(),
                           [&](std::string_view directory) {
                               return plain.starts_with(directory) || directory.starts_with(plain) ||
                                      !plain.starts_with("kernel/");
                           });
    });
    return kept;
}

// The feature that contains the driver: one of the image if possible (--hardware left the driver out), else
// the first. Empty: none.
std::string feature_of(std::string_view path, std::string_view home, const FeatureSet& wanted,
                       const std::vector<Pattern>& known) {
    std::string first;
    for (const Pattern& pattern : known) {
        if (!module_pattern_matches(pattern.glob, home) && !module_pattern_matches(pattern.glob, path))
            continue;
        if (std::binary_search(wanted.features.begin(), wanted.features.end(), pattern.feature))
            return pattern.feature;
        if (first.empty()) first = pattern.feature;
    }
    return first;
}

} // namespace

bool lacks_network(const ModuleSet& modules, const KernelLists& lists) {
    const auto drives_card = [](std::string_view path) { return is_card_driver(path); };
    return lists.texts.contains("modules.builtin") &&
           std::none_of(lists.builtin.begin(), lists.builtin.end(), drives_card) &&
           std::none_of(modules.modules.begin(), modules.modules.end(),
                        [&](const Module& module) { return drives_card(lists.home(module.path)); });
}

std::vector<AbsentDriver> find_absent_drivers(const ModuleSet& modules, const KernelLists& lists,
                                              const FeatureSet& wanted, const std::vector<Pattern>& known) {
    std::vector<AbsentDriver> absent;
    if (!uses_network(modules, lists, wanted)) return absent;
    std::set<std::string_view> present;
    for (const Module& module : modules.modules)
        present.insert(module.name);
    const std::vector<Pattern> patterns = about_drivers(known);
    for (const std::string& path : lists.modules) {
        const std::string_view home = lists.home(path);
        if (!starts_with_one_of(home, driver_directories)) continue;
        AbsentDriver driver{.module = module_name_of(path), .feature = {}, .patterns = {}};
        const auto aliases = lists.aliases.find(driver.module);
        if (aliases == lists.aliases.end() || present.contains(driver.module)) continue;
        driver.feature = feature_of(path, home, wanted, patterns);
        if (driver.feature.empty()) continue;
        for (const std::string_view alias : aliases->second)
            if (starts_with_one_of(alias, card_buses)) driver.patterns.emplace_back(alias);
        if (driver.patterns.empty()) continue;
        std::sort(driver.patterns.begin(), driver.patterns.end());
        absent.push_back(std::move(driver));
    }
    std::sort(absent.begin(), absent.end(),
              [](const AbsentDriver& a, const AbsentDriver& b) { return a.module < b.module; });
    return absent;
}

} // namespace mkpxerd::generator
