// SPDX-License-Identifier: MIT
// libkmod behind ModuleLookup.
#include "mkpxerd/wrap/kmod.hpp"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <future>
#include <libkmod.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/kmod_index.hpp"

namespace mkpxerd::wrap {
namespace {

struct ModuleUnref {
    void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
struct ModuleListUnref {
    void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
};
using ModulePointer = std::unique_ptr<kmod_module, ModuleUnref>;
using ModuleList = std::unique_ptr<kmod_list, ModuleListUnref>;

// The indexes that libkmod 30 requires, and one that newer depmods write.
struct IndexFile {
    const char* name;
    bool required;
};
constexpr std::array index_files = {
    IndexFile{"modules.dep.bin", true},
    IndexFile{"modules.alias.bin", true},
    IndexFile{"modules.symbols.bin", true},
    IndexFile{"modules.builtin.bin", true},
    IndexFile{"modules.builtin.alias.bin", false},
};

// libkmod would write to standard error; results reach the user as values.
void discard_log(void*, int, const char*, int, const char*, const char*, va_list) {}

} // namespace

struct ModuleLookup::Context {
    struct Unref {
        void operator()(kmod_ctx* context) const { kmod_unref(context); }
    };
    std::unique_ptr<kmod_ctx, Unref> kmod;
};

ModuleLookup::ModuleLookup(std::unique_ptr<Context> context) : context_(std::move(context)) {}
ModuleLookup::ModuleLookup(ModuleLookup&&) noexcept = default;
ModuleLookup& ModuleLookup::operator=(ModuleLookup&&) noexcept = default;
ModuleLookup::~ModuleLookup() = default;

// Five megabytes in total, so they are checked in parallel.
bool ModuleLookup::is_indexed(const TreePath& directory) {
    const auto is_intact = [&](const IndexFile& index) {
        const TreePath path = directory / index.name;
        const auto there = is_there(path);
        if (there && !*there) return !index.required;
        // libkmod would follow a link out of the tree.
        if (path.is_in_tree() && !path.try_open(O_RDONLY | O_NOFOLLOW | O_NONBLOCK)) return false;
        const auto file = MappedFile::open(path);
        return file && check_kmod_index(file->bytes(), path.string()).has_value();
    };
    std::vector<std::future<bool>> checks;
    for (const IndexFile& index : index_files)
        checks.push_back(std::async(is_intact, std::cref(index)));
    bool all_intact = true;
    for (auto& running : checks)
        all_intact = running.get() && all_intact;
    return all_intact;
}

std::optional<ModuleLookup> ModuleLookup::open(const TreePath& directory) {
    // libkmod opens its files by the name of their directory, so it gets the name of the open one.
    const UniqueFd opened = directory.try_open(O_PATH | O_DIRECTORY);
    const std::string name = fmt::format("/proc/self/fd/{}", opened.get());
    // An explicit list excludes the build machine's /etc/modprobe.d.
    const std::array<const char*, 1> config = {nullptr};
    auto context = std::make_unique<Context>();
    context->kmod.reset(kmod_new(name.c_str(), config.data()));
    if (!context->kmod) return std::nullopt;
    kmod_set_log_fn(context->kmod.get(), discard_log, nullptr);
    if (kmod_load_resources(context->kmod.get()) < 0) return std::nullopt;
    return ModuleLookup(std::move(context));
}

std::vector<std::string> ModuleLookup::lookup(std::string_view name_or_alias) const {
    kmod_list* raw = nullptr;
    if (kmod_module_new_from_lookup(context_->kmod.get(), std::string(name_or_alias).c_str(), &raw) < 0)
        return {};
    const ModuleList list(raw);
    std::vector<std::string> names;
    const kmod_list* item = nullptr;
    kmod_list_foreach(item, list.get())
        names.emplace_back(kmod_module_get_name(ModulePointer(kmod_module_get_module(item)).get()));
    return names;
}

} // namespace mkpxerd::wrap
