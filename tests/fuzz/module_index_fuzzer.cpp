// SPDX-License-Identifier: MIT
// The text lists of kernel modules as the init reads them, of an image or of a modloop: the index answers as
// a plain walk through the lists does. Parts of an input: modules.dep, modules.alias, modules.softdep,
// modules.builtin, and names to look up.
#include "harness.hpp"

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/netboot/drivers/module_index.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;
using namespace mkpxerd::netboot;

namespace {

constexpr const char* names[] = {"modules.dep", "modules.alias", "modules.softdep", "modules.builtin"};

// Each line of modules.alias compared with what is asked for.
std::vector<std::string_view> plain_match(std::string_view aliases, std::string_view modalias) {
    std::vector<std::string_view> modules;
    for (const std::string_view line : split(aliases, '\n')) {
        constexpr std::string_view keyword = "alias ";
        const auto last = line.rfind(' ');
        if (!line.starts_with(keyword) || last < keyword.size()) continue;
        const auto pattern = normal_module_name(line.substr(keyword.size(), last - keyword.size()));
        const auto module = line.substr(last + 1);
        if (glob_match(pattern, normal_module_name(modalias)) &&
            std::find(modules.begin(), modules.end(), module) == modules.end())
            modules.push_back(module);
    }
    return modules;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchDirectory directory;
    const auto parts = parts_of(text_of(data, size));
    for (std::size_t i = 0; i < std::size(names); ++i)
        write(directory.path() / names[i], i < parts.size() ? parts[i] : std::string_view());
    const auto index = ModuleIndex::load(directory.path());
    require(index.has_value());
    const std::string_view dependencies = parts[0];
    const auto modules = index->names();
    require(modules.size() == index->size() && index->size() <= count(dependencies, '\n') + 1);
    for (const std::string& name : modules) {
        const auto* module = index->find(name);
        require(module != nullptr && module_name_of(module->path) == name);
        require(dependencies.find(module->path) != std::string_view::npos);
        require(dependencies.find(module->dependencies) != std::string_view::npos);
    }
    if (parts.size() < 5) return 0;
    std::size_t asked = 0;
    for (const std::string_view wanted : split(parts[4], '\n')) {
        if (++asked > 16) break;
        require(index->match(wanted) == plain_match(parts[1], wanted));
        static_cast<void>(index->softdep(wanted));
        static_cast<void>(index->is_built_in(wanted));
    }
    return 0;
}
