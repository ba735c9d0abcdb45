// SPDX-License-Identifier: MIT
// libkmod behind KernelModules.
#include "mkpxerd/wrap/kmod.hpp"

#include <cstring>
#include <libkmod.h>
#include <memory>

namespace mkpxerd::wrap {
namespace {

struct ModuleUnref {
    void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
struct ModuleListUnref {
    void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
};
struct InfoFree {
    void operator()(kmod_list* list) const { kmod_module_info_free_list(list); }
};
using ModulePointer = std::unique_ptr<kmod_module, ModuleUnref>;
using ModuleList = std::unique_ptr<kmod_list, ModuleListUnref>;
using InfoList = std::unique_ptr<kmod_list, InfoFree>;

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

Result<KernelModules> KernelModules::open(const std::filesystem::path& folder,
                                          const std::vector<std::filesystem::path>& config_files) {
    std::error_code error;
    if (!std::filesystem::exists(folder / "modules.dep.bin", error)) {
        const std::string base = folder.parent_path().parent_path().parent_path().string();
        return fail((folder / "modules.dep.bin").string(), "is missing",
                    "run: depmod -b " + (base.empty() ? "/" : base) + " " + folder.filename().string());
    }
    // An explicit list keeps the build machine's own /etc/modprobe.d out.
    std::vector<std::string> files = {(folder / "modules.softdep").string()};
    for (const auto& file : config_files)
        files.push_back(file.string());
    std::vector<const char*> pointers;
    for (const auto& file : files)
        pointers.push_back(file.c_str());
    pointers.push_back(nullptr);

    auto context = std::make_unique<Context>();
    context->kmod.reset(kmod_new(folder.c_str(), pointers.data()));
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

std::vector<KernelModule> KernelModules::depends(const std::string& name) const {
    const ModulePointer module = context_->module(name);
    if (!module) return {};
    return to_modules(context_->kmod.get(), ModuleList(kmod_module_get_dependencies(module.get())).get());
}

KernelModules::Softdeps KernelModules::softdeps(const std::string& name) const {
    const ModulePointer module = context_->module(name);
    kmod_list* pre = nullptr;
    kmod_list* post = nullptr;
    if (!module || kmod_module_get_softdeps(module.get(), &pre, &post) < 0) return {};
    const kmod_ctx* kmod = context_->kmod.get();
    return {to_modules(kmod, ModuleList(pre).get()), to_modules(kmod, ModuleList(post).get())};
}

Result<ModuleInfo> KernelModules::info(const std::string& name) const {
    const ModulePointer module = context_->module(name);
    if (!module) return fail(name, "is not a module of this kernel");
    kmod_list* raw = nullptr;
    const int status = kmod_module_get_info(module.get(), &raw);
    const char* path = kmod_module_get_path(module.get());
    if (status < 0)
        return fail_errno(path != nullptr ? path : name, "cannot read module information", -status);
    const InfoList list(raw);
    ModuleInfo info;
    const kmod_list* item = nullptr;
    kmod_list_foreach(item, list.get()) {
        if (std::strcmp(kmod_module_info_get_key(item), "firmware") == 0)
            info.firmware.emplace_back(kmod_module_info_get_value(item));
    }
    return info;
}

} // namespace mkpxerd::wrap
