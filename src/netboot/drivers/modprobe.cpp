// SPDX-License-Identifier: MIT
// The part of modprobe's command line that the kernel and people in a rescue shell use.
#include "mkpxerd/netboot/drivers/modprobe.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::netboot {
namespace {

struct ModuleWord {
    std::string name;
    std::string parameters = {};
};

// With "-a" every word is a module; otherwise the words after the first one are its parameters.
std::vector<ModuleWord> read_arguments(const std::vector<std::string>& arguments) {
    std::vector<ModuleWord> modules;
    bool all = false;
    bool options = true;
    for (const std::string& word : arguments) {
        if (options && word == "--") {
            options = false;
        } else if (options && word.starts_with('-')) {
            all = all || word == "--all" || (word[1] != '-' && word.find('a') != std::string::npos);
        } else if (modules.empty() || all) {
            modules.push_back({.name = word});
        } else {
            std::string& parameters = modules.back().parameters;
            parameters += fmt::format("{}{}", parameters.empty() ? "" : " ", word);
        }
    }
    return modules;
}

boost::asio::awaitable<void> load_all(ModuleLoader& loader, Log& log, std::vector<ModuleWord> modules,
                                      int& status) {
    for (const ModuleWord& module : modules) {
        const auto loaded =
            co_await loader.load(module.name, module.parameters, Urgency::Device, Deadline::max());
        if (loaded) continue;
        log.failure(loaded.error().text());
        status = 1;
    }
}

} // namespace

std::string module_directory(const System& system) {
    return "/lib/modules/" + system.kernel_release();
}

Result<ImageModules> read_modules(System& system, Log& log) {
    const std::string directory = module_directory(system);
    // In kmod's order (default_config_paths, libkmod/libkmod.c).
    auto config = read_modprobe_config({system.host("/etc/modprobe.d"), system.host("/run/modprobe.d"),
                                        system.host("/usr/local/lib/modprobe.d"),
                                        system.host("/usr/lib/modprobe.d"), system.host("/lib/modprobe.d")});
    if (const auto cmdline = read_file(system.host("/proc/cmdline")))
        parse_module_parameters(*cmdline, config);
    for (const Problem& warning : config.warnings)
        log.warning(to_text(warning));
    std::error_code ignored;
    ImageModules lists{.index = {}, .config = std::move(config), .directory = directory};
    if (std::filesystem::exists(system.host(directory) / "modules.dep", ignored)) {
        MKPXERD_TRY_ASSIGN(lists.index, ModuleIndex::load(system.host(directory)));
    }
    return lists;
}

int run_modprobe(System& system, Log& log, const std::vector<std::string>& arguments) {
    auto lists = read_modules(system, log);
    if (!lists) {
        log.failure(lists.error().text());
        return 1;
    }
    boost::asio::io_context io(1);
    ModuleLoader loader(io, system, log, std::move(*lists));
    int status = 0;
    TaskGroup group(io);
    group.spawn(load_all(loader, log, read_arguments(arguments), status));
    io.run();
    return status;
}

} // namespace mkpxerd::netboot
