// SPDX-License-Identifier: MIT
// updates/ (DKMS), extra/ and weak-updates/ (Red Hat, SUSE), and depmod's "external" directories replace the
// kernel's drivers by others of the same name, or add drivers that it does not have. Most kernels have none
// of these directories; then this reads nothing.
#include "mkpxerd/generator/modules/module_homes.hpp"

#include <algorithm>
#include <set>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/module_file.hpp"

namespace mkpxerd::generator {
namespace {

using Strays = std::map<std::string, std::string, std::less<>>; // module name -> path

// A path below kernel/ is the home of the stray with the same name.
void settle(Strays& strays, std::string_view path, KernelLists& lists) {
    const auto stray = strays.find(module_name_of(path));
    if (stray == strays.end() || !path.starts_with("kernel/")) return;
    lists.homes[std::string(plain_module_path(stray->second))] = plain_module_path(path);
    strays.erase(stray);
}

void settle_by_order(Strays& strays, KernelLists& lists) {
    const auto order = lists.texts.find("modules.order");
    if (order == lists.texts.end()) return;
    for (std::size_t at = 0; at < order->second.size();)
        settle(strays, take_line(order->second, at), lists);
}

// modules.order comes from the kernel's build when it names all of its modules.
bool order_is_complete(const KernelLists& lists) {
    const auto order = lists.texts.find("modules.order");
    if (order == lists.texts.end()) return false;
    const auto lines = split_lines(order->second);
    const std::set<std::string_view> named(lines.begin(), lines.end());
    return std::all_of(lists.modules.begin(), lists.modules.end(), [&](const std::string& path) {
        return !path.starts_with("kernel/") || named.contains(plain_module_path(path));
    });
}

void settle_by_files(Strays& strays, const Sysroot& tree, const std::string& directory,
                     const std::string& below, KernelLists& lists) {
    for (const std::string& name : tree.list(directory + '/' + below)) {
        if (strays.empty()) return;
        const std::string path = below + '/' + name;
        if (is_module_file(name)) {
            settle(strays, path, lists);
            continue;
        }
        const auto entry = tree.entry(directory + '/' + path);
        if (entry && entry->kind == Sysroot::Entry::Kind::Directory)
            settle_by_files(strays, tree, directory, path, lists);
    }
}

void settle_by_symbols(const Strays& strays, const Sysroot& tree, const std::string& directory,
                       KernelLists& lists, PlainContents* contents) {
    for (const auto& [name, path] : strays) {
        const auto file = find_module_file(tree, directory, path);
        if (!file) continue; // an error only where the module is wanted, like an unreadable one
        const auto imports = read_module_imports(tree.file(*file), contents);
        if (!imports) continue;
        const auto home = driver_home(*imports, drives_devices(lists, name));
        const std::string plain(plain_module_path(path));
        if (!home.empty()) lists.homes[plain] = std::string(home) + plain.substr(plain.rfind('/') + 1);
    }
}

} // namespace

void find_homes(KernelLists& lists, const Sysroot& tree, const std::string& directory,
                PlainContents* contents) {
    Strays strays;
    for (const std::string& path : lists.modules)
        if (!path.starts_with("kernel/")) strays.try_emplace(module_name_of(path), path);
    if (strays.empty()) return;
    settle_by_order(strays, lists);
    if (!strays.empty() && !order_is_complete(lists))
        settle_by_files(strays, tree, directory, "kernel", lists);
    settle_by_symbols(strays, tree, directory, lists, contents);
    // In the image, modules from other directories have their own places.
    std::vector<std::pair<std::string, std::string>> moved;
    for (const auto& [path, home] : lists.homes)
        if (path.starts_with('/')) moved.emplace_back(image_module_path(path), home);
    lists.homes.insert(moved.begin(), moved.end());
}

} // namespace mkpxerd::generator
