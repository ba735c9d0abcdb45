// SPDX-License-Identifier: MIT
// The folders are those of the kernel's loader, fw_path in drivers/base/firmware_loader/main.c, and so are
// the compressed forms.
#include "mkpxerd/generator/firmware_finder.hpp"

#include <array>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/kernel_lists.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> suffixes = {"", ".zst", ".xz"};

} // namespace

Result<UndeclaredFirmware> parse_undeclared_firmware(const std::string& text, const std::string& file) {
    UndeclaredFirmware all;
    Problems problems;
    unsigned number = 0;
    for (const std::string_view line : split_lines(text)) {
        const Origin origin{file, ++number};
        const auto words = split_words(line.substr(0, line.find('#')));
        if (words.size() == 1) problems.add(origin.text(), "is no line of the form: MODULE FIRMWARE...");
        for (std::size_t i = 1; i < words.size(); ++i)
            all.emplace(module_name_of(words[0]), words[i]);
    }
    MKPXERD_TRY(problems.finish());
    return all;
}

FirmwareFinder::FirmwareFinder(const Sysroot& tree, const std::string& kernel_version)
    : tree_(tree), folders_{"lib/firmware/updates/" + kernel_version, "lib/firmware/updates",
                            "lib/firmware/" + kernel_version, "lib/firmware"} {
    const auto lib = tree.resolve("lib");
    real_lib_ = (lib ? lib->path : "lib") + '/';
    // Names are looked up in each folder, in three forms.
    std::erase_if(folders_, [&](const std::string& folder) { return !tree.resolve(folder); });
}

bool FirmwareFinder::add(const std::string& name, const std::string& module) {
    bool found = false;
    for (const std::string& folder : folders_) {
        for (const auto suffix : suffixes) {
            const std::string wanted = folder + '/' + name + std::string(suffix);
            if (has_glob(name)) {
                for (const std::string& path : tree_.glob(wanted))
                    found = add_path(path, module) || found;
            } else {
                found = add_path(wanted, module);
            }
            if (found) return true;
        }
    }
    return false;
}

std::vector<Firmware> FirmwareFinder::take() const {
    std::vector<Firmware> all;
    for (const auto& [path, firmware] : found_)
        all.push_back(firmware);
    return all;
}

// Whether lib is a link to usr/lib is the image's business: "usr/lib/firmware/x" is "lib/firmware/x" there.
std::string FirmwareFinder::image_path(const std::string& real) const {
    return real.starts_with(real_lib_) ? "lib/" + real.substr(real_lib_.size()) : real;
}

bool FirmwareFinder::add_path(const std::string& path, const std::string& module) {
    const auto real = tree_.resolve(path);
    if (!real) return false;
    const auto entry = tree_.entry(real->path);
    if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) return false;
    const Reason reason{Reason::Kind::Firmware, module, {}, {}, {}};
    for (const std::string& link : real->links) {
        if (link == "lib") continue;
        const std::string name = image_path(link);
        found_.try_emplace(name, Firmware{name, tree_.entry(link)->target, {}, 0, reason});
    }
    const std::string name = image_path(real->path);
    found_.try_emplace(name, Firmware{name, {}, tree_.host(real->path), entry->size, reason});
    return true;
}

} // namespace mkpxerd::generator
