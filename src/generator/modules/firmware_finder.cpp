// SPDX-License-Identifier: MIT
// Searches like the kernel's loader, drivers/base/firmware_loader/main.c: all directories (fw_path) for the
// plain file, then all for the file compressed with zstd, then with xz (_request_firmware).
#include "mkpxerd/generator/modules/firmware_finder.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> suffixes = {"", ".zst", ".xz"};

} // namespace

Result<UndeclaredFirmware> parse_undeclared_firmware(const std::string& text, const std::string& file) {
    UndeclaredFirmware all;
    Problems problems;
    unsigned number = 0;
    for (const std::string_view line : split_lines(text)) {
        const Origin origin{.file = file, .line = ++number};
        const auto words = split_words(line.substr(0, line.find('#')));
        if (words.size() == 1) problems.add(origin.text(), "is not of the form: MODULE FIRMWARE...");
        for (std::size_t i = 1; i < words.size(); ++i)
            all.emplace(module_name_of(words[0]), words[i]);
    }
    MKPXERD_TRY(problems.finish());
    return all;
}

Result<UndeclaredFirmware> read_undeclared_firmware(const std::filesystem::path& file) {
    MKPXERD_TRY_ASSIGN(const bool there, is_there(file));
    if (!there) return UndeclaredFirmware{};
    MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
    return parse_undeclared_firmware(text, file.string());
}

FirmwareFinder::FirmwareFinder(const Sysroot& tree, const std::string& kernel_version) : tree_(tree) {
    // A tree of unpacked packages may lack the link "lib": everything is in usr/lib then.
    std::vector<std::string> libs;
    for (const std::string lib : {"lib", "usr/lib"}) {
        const auto real = tree.resolve(lib);
        if (!real || std::find(real_libs_.begin(), real_libs_.end(), real->path + '/') != real_libs_.end())
            continue;
        libs.push_back(lib);
        real_libs_.push_back(real->path + '/');
    }
    for (const std::string& directory :
         {"firmware/updates/" + kernel_version, std::string("firmware/updates"), "firmware/" + kernel_version,
          std::string("firmware")})
        for (const std::string& lib : libs)
            if (tree.resolve(lib + '/' + directory)) directories_.push_back(lib + '/' + directory);
}

bool FirmwareFinder::add(const std::string& name, const std::string& module) {
    if (!has_glob(name)) return add_name(name, module);
    std::set<std::string> names;
    for (const std::string& directory : directories_)
        for (const auto suffix : suffixes)
            for (const std::string& path : tree_.glob(directory + '/' + name + std::string(suffix))) {
                std::string_view found = std::string_view(path).substr(directory.size() + 1);
                // "fw*" matches "fw1.bin.xz" as well.
                for (const std::string_view form : suffixes)
                    if (!form.empty() && found.ends_with(form)) found.remove_suffix(form.size());
                names.emplace(found);
            }
    bool found = false;
    for (const std::string& each : names)
        found = add_name(each, module) || found;
    return found;
}

bool FirmwareFinder::add_name(const std::string& name, const std::string& module) {
    for (const auto suffix : suffixes)
        for (const std::string& directory : directories_)
            if (add_path(directory + '/' + name + std::string(suffix), module)) return true;
    return false;
}

std::vector<Firmware> FirmwareFinder::take() const {
    std::vector<Firmware> all;
    for (const auto& [path, firmware] : found_)
        all.push_back(firmware);
    return all;
}

// The image decides whether lib is a link to usr/lib: "usr/lib/firmware/x" is "lib/firmware/x" there.
std::string FirmwareFinder::image_path(const std::string& real) const {
    for (const std::string& lib : real_libs_)
        if (real.starts_with(lib)) return "lib/" + real.substr(lib.size());
    return real;
}

bool FirmwareFinder::add_path(const std::string& path, const std::string& module) {
    const auto real = tree_.resolve(path);
    if (!real) return false;
    const auto entry = tree_.entry(real->path);
    if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) return false;
    const Reason reason{.kind = Reason::Kind::Firmware, .from = module};
    for (const std::string& link : real->links) {
        if (link == "lib" || link == "usr/lib") continue;
        const std::string name = image_path(link);
        const auto end = tree_.resolve(link);
        const bool is_of_file = end && end->path == real->path;
        found_.try_emplace(name, Firmware{.path = name,
                                          .target = tree_.entry(link)->target,
                                          .leads_to = is_of_file ? image_path(real->path) : "",
                                          .source = {},
                                          .reason = reason});
    }
    const std::string name = image_path(real->path);
    found_.try_emplace(name, Firmware{.path = name,
                                      .target = {},
                                      .source = tree_.file(real->path),
                                      .size = entry->size,
                                      .reason = reason});
    return true;
}

} // namespace mkpxerd::generator
