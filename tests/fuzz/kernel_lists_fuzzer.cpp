// SPDX-License-Identifier: MIT
// depmod's text lists, and those of the kernel's build, of a foreign tree: what is taken from them lies in
// them and leads nowhere else, and what we write for an image is right by the same rules. Parts of an input:
// the lists in the order of `names`.
#include "harness.hpp"

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/module_indexes.hpp"
#include "mkpxerd/generator/modules/module_lists.hpp"
#include "mkpxerd/wrap/kmod_index.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;
using namespace mkpxerd::generator;

namespace {

constexpr const char* names[] = {
    "modules.dep",     "modules.alias",   "modules.softdep", "modules.builtin", "modules.builtin.modinfo",
    "modules.weakdep", "modules.devname", "modules.order"};

bool leads_up(std::string_view path) {
    const auto pieces = split(path, '/');
    return std::find(pieces.begin(), pieces.end(), "..") != pieces.end();
}

void require_path(std::string_view path) {
    require(!leads_up(path) && plain_module_path(path).ends_with(".ko"));
    require(path.find_first_of(" \t\n") == std::string_view::npos);
    require(!image_module_path(path).starts_with('/'));
}

void require_sound(const KernelLists& lists) {
    for (const std::string& path : lists.modules)
        require_path(path);
    for (const std::string& path : lists.builtin)
        require_path(path);
    for (const auto& [name, listed] : lists.by_name) {
        require(name.find_first_of("/-") == std::string::npos);
        for (const std::string_view dependencies : listed.dependencies)
            for (const std::string_view path : split_words(dependencies))
                require_path(path);
    }
    std::size_t asked = 0;
    for (const auto& [name, listed] : lists.by_name) {
        if (++asked > 8) break;
        const auto found = lists.lookup(name);
        require(std::find(found.begin(), found.end(), name) != found.end());
    }
}

// Every other module is in the image.
ModuleSet chosen(const KernelLists& lists) {
    ModuleSet set;
    set.kernel_version = "6.1.0";
    std::size_t number = 0;
    for (const auto& [name, listed] : lists.by_name) {
        if (listed.path.empty() || number++ % 2 == 1) continue;
        Module module;
        module.name = name;
        module.path = image_module_path(listed.path);
        set.modules.push_back(std::move(module));
    }
    return set;
}

void write_lists(const std::filesystem::path& directory, const ModuleSet& set) {
    for (const char* name : names)
        std::filesystem::remove(directory / name);
    for (const auto& [name, text] : set.lists)
        if (!name.ends_with(".bin")) write(directory / name, text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchDirectory scratch;
    const auto directory = scratch.path() / "6.1.0";
    std::filesystem::create_directory(directory);
    const auto parts = parts_of(text_of(data, size));
    ModuleSet foreign;
    for (std::size_t i = 0; i < std::min(parts.size(), std::size(names)); ++i)
        foreign.lists.emplace_back(names[i], parts[i]);
    write_lists(directory, foreign);
    const auto lists = read_kernel_lists(directory);
    if (!lists) return 0;
    require_sound(*lists);

    const auto reduced = add_module_indexes(add_module_lists(chosen(*lists), *lists), directory);
    require(reduced.has_value());
    for (const auto& [name, bytes] : reduced->lists)
        if (name.ends_with(".bin"))
            require(wrap::check_kmod_index(std::as_bytes(std::span(bytes)), name).has_value());
    write_lists(directory, *reduced);
    const auto again = read_kernel_lists(directory);
    require(again.has_value());
    require_sound(*again);
    require(again->modules.size() <= lists->modules.size());
    return 0;
}
