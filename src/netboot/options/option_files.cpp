// SPDX-License-Identifier: MIT
// Lines in, lines out.
#include "mkpxerd/netboot/options/option_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/setting_lines.hpp"

namespace mkpxerd::netboot {
namespace {

Result<void> write_etc(const System& system, const std::string& path, std::string_view content) {
    std::error_code ignored; // the write reports it
    std::filesystem::create_directories(system.host(path).parent_path(), ignored);
    return write_file(system.host(path), content);
}

} // namespace

Result<std::vector<CmdlineSource>> read_settings(const System& system, const BootConfig& config) {
    std::vector<CmdlineSource> sources;
    if (!config.cmdline.empty()) sources.push_back({"boot.conf", config.cmdline});
    const Sysroot directory(system.host(fmt::format("/{}", settings_directory)));
    for (const std::string& name : directory.list("")) {
        if (!name.ends_with(".conf")) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(directory.host(name)));
        sources.push_back({fmt::format("/{}/{}", settings_directory, name), join_setting_lines(text)});
    }
    MKPXERD_TRY_ASSIGN(const std::string cmdline, read_file(system.host("/proc/cmdline")));
    sources.push_back({"kernel command line", std::string(trim(cmdline))});
    return sources;
}

std::vector<ModuleRequest> read_module_list(const System& system) {
    std::vector<ModuleRequest> requests;
    const auto text = read_file(system.host("/etc/modules"));
    if (!text) return requests;
    for (const auto line : split_lines(*text)) {
        const auto words = split_words(line.substr(0, line.find('#')));
        if (!words.empty())
            requests.push_back(
                {std::string(words[0]), fmt::format("{}", fmt::join(words.begin() + 1, words.end(), " "))});
    }
    return requests;
}

Result<void> write_blacklist(const System& system, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string text;
    for (const std::string& name : names)
        if (is_printable(name) &&
            split_words(std::string_view(name)).size() == 1) // else it cannot be a module's name
            text += fmt::format("blacklist {}\n", name);
    return write_etc(system, "/etc/modprobe.d/mkpxerd-cmdline.conf", text);
}

} // namespace mkpxerd::netboot
