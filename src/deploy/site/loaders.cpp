// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/loaders.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/raw_lzma.hpp"

namespace mkpxerd::deploy {
namespace {

struct LoaderFile {
    std::string_view loader;
    std::array<std::string_view, 2> firmware =
        {}; // that loads this file first; empty: the loader reads it later
    const char* place;
    std::array<const char*, 3> sources; // of Debian, of Fedora, of Alpine and others
    const char* packages;
};

// Alpine packages iPXE only with a script that boots Alpine's own servers, which no bundle can use.
constexpr const char* ipxe_packages = "package ipxe of Debian, ipxe-bootimgs-x86 of Fedora";
constexpr const char* pxelinux_packages =
    "package pxelinux of Debian, syslinux-nonlinux of Fedora, syslinux of Alpine";
constexpr const char* modules_packages =
    "package syslinux-common of Debian, syslinux-nonlinux of Fedora, syslinux of Alpine";

constexpr auto table = std::to_array<LoaderFile>({
    {.loader = "ipxe",
     .firmware = {"bios"},
     .place = "undionly.kpxe",
     .sources = {"usr/lib/ipxe/undionly.kpxe", "usr/share/ipxe/undionly.kpxe",
                 "usr/share/ipxe/bios/undionly.kpxe"},
     .packages = ipxe_packages},
    {.loader = "ipxe",
     .firmware = {"uefi", "http"},
     .place = "ipxe.efi",
     .sources = {"usr/lib/ipxe/ipxe.efi", "usr/share/ipxe/ipxe-x86_64.efi", "usr/share/ipxe/ipxe.efi"},
     .packages = ipxe_packages},
    {.loader = "snponly",
     .firmware = {"uefi", "http"},
     .place = "snponly.efi",
     .sources = {"usr/lib/ipxe/snponly.efi", "usr/share/ipxe/ipxe-snponly-x86_64.efi",
                 "usr/share/ipxe/snponly.efi"},
     .packages = ipxe_packages},
    {.loader = "pxelinux",
     .firmware = {"bios"},
     .place = "pxelinux.0",
     .sources = {"usr/lib/PXELINUX/pxelinux.0", "usr/share/syslinux/pxelinux.0"},
     .packages = pxelinux_packages},
    {.loader = "pxelinux",
     .place = "ldlinux.c32",
     .sources = {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     .packages = modules_packages},
    {.loader = "lpxelinux",
     .firmware = {"bios"},
     .place = "lpxelinux/lpxelinux.0",
     .sources = {"usr/lib/PXELINUX/lpxelinux.0", "usr/share/syslinux/lpxelinux.0"},
     .packages = pxelinux_packages},
    {.loader = "lpxelinux",
     .place = "lpxelinux/ldlinux.c32",
     .sources = {"usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/share/syslinux/ldlinux.c32"},
     .packages = modules_packages},
    {.loader = "grub",
     .firmware = {"uefi"},
     .place = "grubnetx64.efi",
     .sources = {"usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi",
                 "usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"},
     .packages = "package grub-efi-amd64-bin of Debian; elsewhere grub-mknetdir makes one"},
});

// iPXE lists its features by their names (src/core/main.c), each of which ends with a zero.
bool names_https(const std::filesystem::path& file) {
    constexpr std::string_view name("HTTPS\0", 6);
    const auto content = MappedFile::open(file);
    if (!content) return false;
    const auto bytes = content->bytes();
    const std::string_view plain(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return plain.find(name) != std::string_view::npos ||
           wrap::unpack_ipxe(bytes).find(name) != std::string::npos;
}

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
        for (const std::string_view firmware : file.firmware)
            if (file.loader == loader && !firmware.empty())
                files.push_back({.firmware = firmware, .place = file.place});
    return files;
}

bool is_loader_file(std::string_view place) {
    return std::ranges::any_of(table, [&](const LoaderFile& file) { return file.place == place; });
}

bool is_ipxe(std::string_view place) {
    return std::ranges::any_of(table, [&](const LoaderFile& file) {
        return file.place == place && (file.loader == "ipxe" || file.loader == "snponly");
    });
}

LoaderSet find_loaders(const std::filesystem::path& root, const std::set<std::string>& present) {
    LoaderSet loaders{.found = {}, .missing = {}, .files = present};
    for (const LoaderFile& file : table) {
        const auto* const source = std::ranges::find_if(file.sources, [&](const char* name) {
            std::error_code ignored;
            return name != nullptr && std::filesystem::is_regular_file(root / name, ignored);
        });
        const bool is_installed = source != file.sources.end();
        if (present.contains(file.place)) {
            if (is_installed) loaders.passed_over.insert(file.place);
        } else if (is_installed) {
            loaders.found.push_back({.place = file.place, .source = root / *source});
            loaders.files.insert(file.place);
        } else {
            loaders.missing.push_back({.object = file.place,
                                       .text = "is not installed, and not in the bundle",
                                       .hint = file.packages});
        }
    }
    return loaders;
}

std::set<std::string> loader_files_in(const std::filesystem::path& directory) {
    std::set<std::string> places;
    std::error_code ignored;
    for (const LoaderFile& file : table)
        if (std::filesystem::is_regular_file(directory / file.place, ignored)) places.insert(file.place);
    return places;
}

std::set<std::string> https_loaders(const LoaderSet& loaders, const std::filesystem::path& bundle) {
    std::set<std::string> able;
    for (const std::string& place : loaders.files) {
        if (!is_ipxe(place)) continue;
        const auto packaged = std::ranges::find(loaders.found, place, &Loader::place);
        if (names_https(packaged == loaders.found.end() ? bundle / place : packaged->source))
            able.insert(place);
    }
    return able;
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
