// SPDX-License-Identifier: MIT
// Depth first: pre softdeps, dependencies, the module itself, post softdeps.
#include "mkpxerd/netboot/drivers/module_loader.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {
namespace {

// Explains the errors of finit_module(2), and of decompressing the file for it.
std::string why_refused(const ModuleAnswer& answer) {
    if (!answer.detail.empty()) return answer.detail;
    const std::error_code& error = answer.error;
    if (error == std::errc::executable_format_error) return "is built for another kernel, or is damaged";
    if (error == std::errc::no_such_file_or_directory) return "needs a symbol that no loaded module exports";
    if (error == std::errc::no_such_device) return "found no device to drive";
    if (error == std::errc::invalid_argument) return "does not know one of its parameters";
    if (error.value() == EKEYREJECTED) return "has no signature that the kernel accepts";
    return fmt::format("was refused by the kernel: {}", error.message());
}

} // namespace

ModuleLoader::ModuleLoader(System& system, Log& log, ModuleIndex index, ModprobeConfig config,
                           std::string directory)
    : system_(system), log_(log), index_(std::move(index)), config_(std::move(config)),
      directory_(std::move(directory)) {}

bool ModuleLoader::knows(std::string_view name) const {
    const std::string normal = normal_module_name(name);
    return index_.find(normal) != nullptr || is_present(normal);
}

bool ModuleLoader::is_present(const std::string& name) const {
    if (index_.is_built_in(name)) return true;
    std::error_code ignored;
    return std::filesystem::exists(system_.host("/sys/module/" + name + "/initstate"), ignored);
}

Result<void> ModuleLoader::load(std::string_view name, std::string_view parameters) {
    const std::string normal = normal_module_name(name);
    if (index_.find(normal) != nullptr || is_present(normal)) return load_one(normal, parameters);
    const auto modules = resolve_alias(normal);
    if (modules.empty()) return fail(Error(not_found(name)));
    Problems problems;
    for (const std::string& module : modules)
        if (auto loaded = load_one(module, parameters); !loaded) problems.add(loaded.error());
    // Of several drivers for the alias, one is enough.
    return problems.list().size() < modules.size() ? Result<void>() : problems.finish();
}

void ModuleLoader::load_alias(std::string_view modalias) {
    if (!seen_aliases_.emplace(modalias).second) return;
    for (const std::string& module : resolve_alias(modalias)) {
        if (states_.contains(module)) continue;
        if (auto loaded = load_one(module, {}); !loaded) log_.warning(loaded.error());
    }
}

std::vector<std::string> ModuleLoader::resolve_alias(std::string_view alias) const {
    std::vector<std::string> modules;
    const auto take = [&](std::string_view found) {
        std::string name = normal_module_name(found);
        if (!config_.blacklist.contains(name)) modules.push_back(std::move(name));
    };
    const std::string normal = normal_module_name(alias);
    for (const auto& [pattern, module] : config_.aliases)
        if (glob_match(pattern, normal)) take(module);
    if (modules.empty())
        for (const std::string_view module : index_.match(alias))
            take(module);
    return modules;
}

Result<void> ModuleLoader::load_one(const std::string& name, std::string_view parameters) {
    if (const auto known = states_.find(name); known != states_.end()) {
        if (known->second != State::Failed) return {}; // loaded, or a cycle of softdeps
        return fail(name, "failed to load earlier", {}, Failure::ModuleRefused);
    }
    const ModuleIndex::Module* module = index_.find(name);
    if (module == nullptr) {
        if (!is_present(name)) return fail(Error(not_found(name)));
        states_[name] = State::Loaded;
        return {};
    }
    states_[name] = State::Loading;
    const Softdep* own = index_.softdep(name);
    const auto configured = config_.softdeps.find(name);
    if (own != nullptr) load_soft(own->pre);
    if (configured != config_.softdeps.end()) load_soft(configured->second.pre);
    auto result = insert(name, *module, parameters);
    states_[name] = result ? State::Loaded : State::Failed;
    MKPXERD_TRY(std::move(result));
    if (own != nullptr) load_soft(own->post);
    if (configured != config_.softdeps.end()) load_soft(configured->second.post);
    return {};
}

Result<void> ModuleLoader::insert(const std::string& name, const ModuleIndex::Module& module,
                                  std::string_view parameters) {
    const auto dependencies = split_words(module.dependencies);
    for (auto path = dependencies.rbegin(); path != dependencies.rend(); ++path)
        MKPXERD_TRY(load_one(module_name_of(*path), {}));
    std::string all_parameters;
    if (const auto options = config_.options.find(name); options != config_.options.end())
        all_parameters = options->second;
    if (!parameters.empty())
        all_parameters += fmt::format("{}{}", all_parameters.empty() ? "" : " ", parameters);
    const std::string path = fmt::format("{}/{}", directory_, module.path);
    const auto now = Clock::now();
    loads_.push_back({name, {}, now, now, {}, {}});
    const ModuleAnswer answer = system_.load_module(path, all_parameters);
    loads_.back().ended = Clock::now();
    if (answer.error && answer.error != std::errc::file_exists) {
        loads_.back().problem = why_refused(answer);
        return fail(name, loads_.back().problem, {}, Failure::ModuleRefused);
    }
    if (!answer.error) {
        loaded_.push_back(name);
        log_.detail(LogSubject::Modules,
                    fmt::format("module {}{}{}{}", name, all_parameters.empty() ? "" : " ", all_parameters,
                                answer.detail.empty() ? "" : fmt::format(" ({})", answer.detail)));
    }
    return {};
}

void ModuleLoader::load_soft(const std::vector<std::string>& names) {
    // Softdeps are optional. A name may be an alias ("crc32c"); one that the image lacks is skipped.
    for (const std::string& name : names) {
        const auto modules = knows(name) ? std::vector{name} : resolve_alias(name);
        for (const std::string& module : modules)
            if (auto loaded = load_one(module, {}); !loaded)
                log_.detail(LogSubject::Modules, loaded.error().text());
    }
}

void ModuleLoader::forget_failures() {
    std::erase_if(states_, [](const auto& entry) { return entry.second == State::Failed; });
    seen_aliases_.clear();
}

Problem ModuleLoader::not_found(std::string_view name) const {
    const auto names = index_.names();
    const auto meant = nearest(normal_module_name(name), names);
    return {.object = std::string(name),
            .text = "no such kernel module in the image",
            .hint = meant ? fmt::format("did you mean {}?", *meant)
                          : "add it to a feature and build the image again",
            .code = Failure::NoModule};
}

} // namespace mkpxerd::netboot
