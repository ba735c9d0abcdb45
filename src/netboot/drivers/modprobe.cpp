// SPDX-License-Identifier: MIT
// modprobe's command line, as far as the kernel and people in a rescue shell use it.
#include "mkpxerd/netboot/drivers/modprobe.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::netboot {
namespace {

struct Wish {
    std::string name;
    std::string parameters;
};

// "-a": every word is a module; otherwise what follows the first one are its parameters.
std::vector<Wish> read_arguments(const std::vector<std::string>& arguments) {
    std::vector<Wish> wishes;
    bool all = false;
    bool options = true;
    for (const std::string& word : arguments) {
        if (options && word == "--") {
            options = false;
        } else if (options && word.starts_with('-')) {
            all = all || word == "--all" || (word[1] != '-' && word.find('a') != std::string::npos);
        } else if (wishes.empty() || all) {
            wishes.push_back({word, {}});
        } else {
            std::string& parameters = wishes.back().parameters;
            parameters += fmt::format("{}{}", parameters.empty() ? "" : " ", word);
        }
    }
    return wishes;
}

} // namespace

std::string module_directory(const System& system) {
    return "/lib/modules/" + system.kernel_release();
}

Result<ModuleLoader> open_modules(System& system, Log& log) {
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
    ModuleIndex index;
    if (std::filesystem::exists(system.host(directory) / "modules.dep", ignored)) {
        MKPXERD_TRY_ASSIGN(index, ModuleIndex::load(system.host(directory)));
    }
    return ModuleLoader(system, log, std::move(index), std::move(config), directory);
}

int run_modprobe(System& system, Log& log, const std::vector<std::string>& arguments) {
    auto loader = open_modules(system, log);
    if (!loader) {
        log.failure(loader.error().text());
        return 1;
    }
    int status = 0;
    for (const Wish& wish : read_arguments(arguments)) {
        const auto loaded = loader->load(wish.name, wish.parameters);
        if (!loaded) {
            log.failure(loaded.error().text());
            status = 1;
        }
    }
    return status;
}

} // namespace mkpxerd::netboot
