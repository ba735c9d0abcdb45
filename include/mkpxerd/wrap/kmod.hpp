// SPDX-License-Identifier: MIT
// libkmod over the module folder of any kernel: names, aliases, softdeps.
// Nothing of the running kernel is looked at.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

struct KernelModule {
    std::string name; // with '_'
    std::string path; // below the module folder; empty: built in
};

class KernelModules {
  public:
    // Does folder (lib/modules/VERSION) hold the binary indexes as depmod writes them? One that is missing or
    // damaged is an error that names it and the depmod command.
    static Result<void> check(const std::filesystem::path& folder);
    // Precondition: check() found nothing, which libkmod trusts in, and modules.softdep has lines of its form
    // alone, as libkmod prints others. Softdeps are those of the folder, not of the build machine.
    static Result<KernelModules> open(const std::filesystem::path& folder);
    KernelModules(KernelModules&&) noexcept;
    KernelModules& operator=(KernelModules&&) noexcept;
    ~KernelModules();

    // All modules that a name or an alias stands for; empty: unknown.
    std::vector<KernelModule> lookup(std::string_view name_or_alias) const;
    struct Softdeps {
        std::vector<KernelModule> pre;
        std::vector<KernelModule> post;
    };
    Softdeps softdeps(const std::string& name) const;

  private:
    struct Context;
    explicit KernelModules(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

} // namespace mkpxerd::wrap
