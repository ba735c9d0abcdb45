// SPDX-License-Identifier: MIT
// tests/cli/options_test.sh holds mkpxerd.yaml(5) to this list.
#include "mkpxerd/generator/request/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {

const std::vector<std::string>& setting_keys() {
    static const std::vector<std::string> keys = {
        "add-features",
        "allow-secrets",
        "append",
        "basedir",
        "ca",
        "cmdline",
        "compression",
        "features",
        "files",
        "firmware",
        "fstab",
        "hardware",
        "hostkeys",
        "init",
        "kernel",
        "kernel-root",
        "key",
        "kmod-index",
        "lenient",
        "level",
        "level-gzip",
        "level-lz4",
        "level-xz",
        "level-zstd",
        "max-size",
        "mode",
        "modloop-signature",
        "modules",
        "no-kernel",
        "output",
        "pin",
        "prepend",
        "strict-firmware",
        "ucode",
    };
    return keys;
}

namespace {

// The words of a setting as items, each with its origin.
void split_items(Setting& setting) {
    if (setting.items.empty())
        for (const auto word : split_words(setting.value))
            setting.items.emplace_back(word);
    setting.origins.resize(setting.items.size(), setting.origin);
}

} // namespace

void merge_weaker(Settings& settings, Settings weaker) {
    const auto added = weaker.find("add-features");
    if (added != weaker.end() && settings.contains("features")) weaker.erase(added);
    if (const auto ours = settings.find("add-features");
        ours != settings.end() && weaker.contains("add-features")) {
        Setting joined = weaker.at("add-features");
        split_items(joined);
        split_items(ours->second);
        joined.items.insert(joined.items.end(), ours->second.items.begin(), ours->second.items.end());
        joined.origins.insert(joined.origins.end(), ours->second.origins.begin(), ours->second.origins.end());
        joined.value = fmt::format("{}", fmt::join(joined.items, " "));
        ours->second = std::move(joined);
    }
    settings.merge(weaker);
}

} // namespace mkpxerd::generator
