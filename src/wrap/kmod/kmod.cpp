// SPDX-License-Identifier: MIT
// libkmod behind KernelModules.
#include "mkpxerd/wrap/kmod.hpp"

#include <array>
#include <functional>
#include <future>
#include <libkmod.h>
#include <memory>

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

// Those that libkmod 30 refuses to go without, and one that newer depmods write.
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

// libkmod would write to standard error; what matters reaches the user through Result.
void discard_log(void*, int, const char*, int, const char*, const char*, va_list) {}

// libkmod knows modules by absolute paths, however its folder was named.
std::string below_folder(const kmod_ctx* context, const char* path) {
    if (path == nullptr) return {};
    const std::string folder = std::string(kmod_get_dirname(context)) + '/';
    const std::string_view whole = path;
    return std::string(whole.starts_with(folder) ? whole.substr(folder.size()) : whole);
}

std::vector<KernelModule> to_modules(const kmod_ctx* context, const kmod_list* list) {
    std::vector<KernelModule> modules;
    const kmod_list* item = nullptr;
    kmod_list_foreach(item, list) {
        const ModulePointer module(kmod_module_get_module(item));
        modules.push_back(
            {kmod_module_get_name(module.get()), below_folder(context, kmod_module_get_path(module.get()))});
    }
    return modules;
}

} // namespace

struct KernelModules::Context {
    struct Unref {
        void operator()(kmod_ctx* context) const { kmod_unref(context); }
    };
    std::unique_ptr<kmod_ctx, Unref> kmod;

    ModulePointer module(const std::string& name) const {
        kmod_module* raw = nullptr;
        if (kmod_module_new_from_name(kmod.get(), name.c_str(), &raw) < 0) return nullptr;
        return ModulePointer(raw);
    }
};

KernelModules::KernelModules(std::unique_ptr<Context> context) : context_(std::move(context)) {}
KernelModules::KernelModules(KernelModules&&) noexcept = default;
KernelModules& KernelModules::operator=(KernelModules&&) noexcept = default;
KernelModules::~KernelModules() = default;

// Five megabytes in all, read in full: side by side.
Result<void> KernelModules::check(const std::filesystem::path& folder) {
    const std::string base = folder.parent_path().parent_path().parent_path().string();
    const std::string remedy =
        "run: depmod -b " + (base.empty() ? "/" : base) + " " + folder.filename().string();
    const auto check = [&](const IndexFile& index) -> Result<void> {
        const auto path = folder / index.name;
        std::error_code error;
        if (!std::filesystem::exists(path, error))
            return index.required ? Result<void>(fail(path.string(), "is missing", remedy)) : Result<void>();
        MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(path));
        if (auto checked = check_kmod_index(file.bytes(), path.string()); !checked)
            return fail(path.string(), checked.error().first().text, remedy);
        return {};
    };
    std::vector<std::future<Result<void>>> checks;
    for (const IndexFile& index : index_files)
        checks.push_back(std::async(check, std::cref(index)));
    Problems problems;
    for (auto& running : checks)
        if (const auto checked = running.get(); !checked) problems.add(checked.error());
    return problems.finish();
}

Result<KernelModules> KernelModules::open(const std::filesystem::path& folder) {
    // An explicit list keeps the build machine's own /etc/modprobe.d out.
    const std::string softdeps = (folder / "modules.softdep").string();
    const std::array<const char*, 2> config = {softdeps.c_str(), nullptr};
    auto context = std::make_unique<Context>();
    context->kmod.reset(kmod_new(folder.c_str(), config.data()));
    if (!context->kmod) return fail(folder.string(), "libkmod cannot use this folder");
    kmod_set_log_fn(context->kmod.get(), discard_log, nullptr);
    if (const int status = kmod_load_resources(context->kmod.get()); status < 0)
        return fail_errno(folder.string(), "cannot read the module indexes", -status);
    return KernelModules(std::move(context));
}

std::vector<KernelModule> KernelModules::lookup(std::string_view name_or_alias) const {
    kmod_list* list = nullptr;
    if (kmod_module_new_from_lookup(context_->kmod.get(), std::string(name_or_alias).c_str(), &list) < 0)
        return {};
    return to_modules(context_->kmod.get(), ModuleList(list).get());
}

KernelModules::Softdeps KernelModules::softdeps(const std::string& name) const {
    const ModulePointer module = context_->module(name);
    kmod_list* pre = nullptr;
    kmod_list* post = nullptr;
    if (!module || kmod_module_get_softdeps(module.get(), &pre, &post) < 0) return {};
    const kmod_ctx* kmod = context_->kmod.get();
    return {to_modules(kmod, ModuleList(pre).get()), to_modules(kmod, ModuleList(post).get())};
}

} // namespace mkpxerd::wrap
