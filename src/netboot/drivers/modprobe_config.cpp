// SPDX-License-Identifier: MIT
// modprobe.d(5), line by line. Commands are never executed: install and remove lines give a warning.
#include "mkpxerd/netboot/drivers/modprobe_config.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {
namespace {

// The rest of a line after its first `words` words.
std::string_view after_words(std::string_view line, std::size_t words) {
    const auto pieces = split_words(line);
    if (pieces.size() <= words) return {};
    return trim(line.substr(static_cast<std::size_t>(pieces[words].data() - line.data())));
}

void parse_line(std::string_view line, const std::string& origin, ModprobeConfig& config) {
    const auto words = split_words(line);
    const auto warn = [&](std::string text) {
        config.warnings.push_back({.object = origin, .text = std::move(text)});
    };
    const std::string_view command = words[0];
    if (words.size() < 2) {
        warn(fmt::format("'{}' names no module", command));
    } else if (command == "options") {
        std::string& options = config.options[normal_module_name(words[1])];
        options += fmt::format("{}{}", options.empty() ? "" : " ", after_words(line, 2));
    } else if (command == "blacklist") {
        config.blacklist.insert(normal_module_name(words[1]));
    } else if (command == "softdep") {
        parse_softdep(after_words(line, 1), config.softdeps);
    } else if (command == "alias" && words.size() == 3) {
        config.aliases.emplace_back(normal_module_name(words[1]), normal_module_name(words[2]));
    } else if (command == "install" || command == "remove") {
        warn(fmt::format("'{}' commands are ignored: {} is loaded without them", command, words[1]));
    } else {
        warn(fmt::format("'{}' is not supported", command));
    }
}

} // namespace

void parse_softdep(std::string_view text, std::map<std::string, Softdep, std::less<>>& softdeps) {
    const auto words = split_words(text);
    if (words.empty()) return;
    Softdep& softdep = softdeps[normal_module_name(words[0])];
    std::vector<std::string>* list = nullptr;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "pre:")
            list = &softdep.pre;
        else if (words[i] == "post:")
            list = &softdep.post;
        else if (list != nullptr)
            list->push_back(normal_module_name(words[i]));
    }
}

void parse_modprobe_config(std::string_view text, std::string_view file, ModprobeConfig& config) {
    std::string joined;
    unsigned number = 0;
    for (const std::string_view line : split_lines(text)) {
        ++number;
        // A line that ends in a backslash continues in the next one.
        if (line.ends_with('\\')) {
            joined.append(line.substr(0, line.size() - 1)).append(" ");
            continue;
        }
        joined += line;
        const std::string whole_line = std::exchange(joined, {});
        const std::string whole(trim(whole_line));
        if (!whole.empty() && !whole.starts_with('#'))
            parse_line(whole, fmt::format("{}:{}", file, number), config);
    }
}

void parse_module_parameters(std::string_view cmdline, ModprobeConfig& config) {
    for (const CommandLineWord& argument : split_command_line(cmdline).words) {
        const auto dot = argument.name.find('.');
        if (dot == std::string::npos || dot == 0) continue;
        const std::string module = normal_module_name(argument.name.substr(0, dot));
        const std::string parameter = argument.name.substr(dot + 1);
        if (module == "modprobe" && parameter == "blacklist") {
            const std::string names = argument.value.value_or("");
            for (const auto name : split(names, ','))
                config.blacklist.insert(normal_module_name(name));
        } else if (module != "mkpxerd") {
            std::string& options = config.options[module];
            options += fmt::format("{}{}", options.empty() ? "" : " ", parameter);
            if (!argument.value) continue;
            const bool quoted = argument.value->find(' ') != std::string::npos;
            const std::string_view quote = quoted ? "\"" : "";
            options += fmt::format("={0}{1}{0}", quote, *argument.value);
        }
    }
}

ModprobeConfig read_modprobe_config(const std::vector<std::filesystem::path>& directories) {
    std::map<std::string, std::filesystem::path> files;
    for (const auto& directory : directories)
        for (const std::string& name : Sysroot(directory).list(""))
            if (name.ends_with(".conf")) files.emplace(name, directory / name);
    ModprobeConfig config;
    for (const auto& [name, path] : files) {
        const auto text = read_file(path);
        if (text)
            parse_modprobe_config(*text, path.string(), config);
        else
            config.warnings.push_back(text.error().first());
    }
    return config;
}

} // namespace mkpxerd::netboot
