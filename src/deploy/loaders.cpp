// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/loaders.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace mkpxerd::deploy {
namespace {

struct LoaderFile {
    std::string_view loader;
    std::string_view firmware = {}; // that loads this file first; empty: the loader reads it later
    const char* place;
    std::array<const char*, 3> sources; // of Debian, of Alpine and others
    const char* packages;
};

constexpr auto table = std::to_array<LoaderFile>({
    {.loader = "ipxe",
     .firmware = "bios",
     .place = "undionly.kpxe",
     .sources = {"usr/lib/ipxe/undionly.kpxe", "usr/share/ipxe/undionly.kpxe",
                 "usr/share/ipxe/bios/undionly.kpxe"},
     .packages = "package ipxe"},
    {.loader = "ipxe",
     .firmware = "uefi",
     .place = "ipxe.efi",
     .sources = {"usr/lib/ipxe/ipxe.efi", "usr/share/ipxe/ipxe.efi", "usr/share/ipxe/x86_64/ipxe.efi"},
     .packages = "package ipxe"},
    {.loader = "pxelinux",
     .firmware = "bios",
     .place = "pxelinux.0",
     .sources = {"usr/lib/PXELINUX/pxelinux.0", "usr/share/syslinux/pxelinux.0"},
     .packages = "package pxelinux of Debian, syslinux of Alpine"},
    {.loader = "pxelinux",
     .place = "ldlinux.c32",
     .sources = {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     .packages = "package syslinux-common of Debian, syslinux of Alpine"},
    {.loader = "lpxelinux",
     .firmware = "bios",
     .place = "lpxelinux/lpxelinux.0",
     .sources = {"usr/lib/PXELINUX/lpxelinux.0", "usr/share/syslinux/lpxelinux.0"},
     .packages = "package pxelinux of Debian, syslinux of Alpine"},
    {.loader = "lpxelinux",
     .place = "lpxelinux/ldlinux.c32",
     .sources = {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     .packages = "package syslinux-common of Debian, syslinux of Alpine"},
    {.loader = "grub",
     .firmware = "uefi",
     .place = "grubnetx64.efi",
     .sources = {"usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi",
                 "usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"},
     .packages = "package grub-efi-amd64-bin of Debian; elsewhere grub-mknetdir makes one"},
});

} // namespace

std::vector<std::string_view> loader_names() {
    std::vector<std::string_view> names;
    for (const LoaderFile& file : table)
        if (names.empty() || names.back() != file.loader) names.push_back(file.loader);
    return names;
}

std::vector<BootFile> boot_files(std::string_view loader) {
    std::vector<BootFile> files;
    for (const LoaderFile& file : table)
        if (file.loader == loader && !file.firmware.empty())
            files.push_back({.firmware = file.firmware, .place = file.place});
    return files;
}

LoaderSet find_loaders(const std::filesystem::path& root) {
    LoaderSet loaders;
    for (const LoaderFile& file : table) {
        const std::size_t before = loaders.found.size();
        for (const char* source : file.sources) {
            std::error_code ignored;
            if (source == nullptr || !std::filesystem::is_regular_file(root / source, ignored)) continue;
            loaders.found.push_back({.place = file.place, .source = root / source});
            break;
        }
        if (loaders.found.size() == before)
            loaders.missing.push_back({.object = file.place,
                                       .text = "is not installed, and not in the bundle",
                                       .hint = file.packages});
    }
    return loaders;
}

Result<void> check_loaders(const LoaderSet& loaders, const std::vector<std::string>& names) {
    Problems problems;
    for (const LoaderFile& file : table) {
        if (std::find(names.begin(), names.end(), file.loader) == names.end()) continue;
        for (const Problem& missing : loaders.missing)
            if (missing.object == file.place)
                problems.add(fmt::format("--loader {}", file.loader),
                             fmt::format("its file {} is not installed", file.place), file.packages);
    }
    return problems.finish();
}

} // namespace mkpxerd::deploy
