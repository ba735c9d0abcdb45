// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/loaders.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace mkpxerd::deploy {
namespace {

struct Known {
    const char* name; // of its loader
    const char* place;
    std::array<const char*, 3> sources; // of Debian, of Alpine and others
    const char* packages;
};

constexpr auto known = std::to_array<Known>({
    {"ipxe",
     "undionly.kpxe",
     {"usr/lib/ipxe/undionly.kpxe", "usr/share/ipxe/undionly.kpxe", "usr/share/ipxe/bios/undionly.kpxe"},
     "package ipxe"},
    {"ipxe",
     "ipxe.efi",
     {"usr/lib/ipxe/ipxe.efi", "usr/share/ipxe/ipxe.efi", "usr/share/ipxe/x86_64/ipxe.efi"},
     "package ipxe"},
    {"pxelinux",
     "pxelinux.0",
     {"usr/lib/PXELINUX/pxelinux.0", "usr/share/syslinux/pxelinux.0"},
     "package pxelinux of Debian, syslinux of Alpine"},
    {"pxelinux",
     "ldlinux.c32",
     {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     "package syslinux-common of Debian, syslinux of Alpine"},
    {"lpxelinux",
     "lpxelinux/lpxelinux.0",
     {"usr/lib/PXELINUX/lpxelinux.0", "usr/share/syslinux/lpxelinux.0"},
     "package pxelinux of Debian, syslinux of Alpine"},
    {"lpxelinux",
     "lpxelinux/ldlinux.c32",
     {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     "package syslinux-common of Debian, syslinux of Alpine"},
    {"grub",
     "grubnetx64.efi",
     {"usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi",
      "usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"},
     "package grub-efi-amd64-bin of Debian; elsewhere grub-mknetdir makes one"},
});

} // namespace

LoaderSet find_loaders(const std::filesystem::path& root) {
    LoaderSet loaders;
    for (const Known& loader : known) {
        const std::size_t before = loaders.found.size();
        for (const char* source : loader.sources) {
            std::error_code ignored;
            if (source == nullptr || !std::filesystem::is_regular_file(root / source, ignored)) continue;
            loaders.found.push_back({loader.place, root / source});
            break;
        }
        if (loaders.found.size() == before)
            loaders.missing.push_back(
                {loader.place, "is not installed, and not in the bundle", loader.packages, {}});
    }
    return loaders;
}

Result<void> check_loaders(const LoaderSet& loaders, const std::vector<std::string>& names) {
    Problems problems;
    for (const Known& loader : known) {
        if (std::find(names.begin(), names.end(), loader.name) == names.end()) continue;
        for (const Problem& missing : loaders.missing)
            if (missing.object == loader.place)
                problems.add(fmt::format("--loader {}", loader.name),
                             fmt::format("its file {} is not installed", loader.place), loader.packages);
    }
    return problems.finish();
}

} // namespace mkpxerd::deploy
