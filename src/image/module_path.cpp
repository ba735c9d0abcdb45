// SPDX-License-Identifier: MIT
// Paths only; nothing is read.
#include "mkpxerd/image/module_path.hpp"

#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::image {
namespace {

// The path after "lib/NAME/" or "usr/lib/NAME/"; "" elsewhere.
std::string_view below_lib(std::string_view path, std::string_view directory) {
    if (path.starts_with("usr/")) path.remove_prefix(4);
    if (!path.starts_with("lib/")) return {};
    path.remove_prefix(4);
    if (!path.starts_with(directory)) return {};
    return path.substr(directory.size());
}

std::string_view first_component(std::string_view& path) {
    const auto slash = path.find('/');
    const auto first = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    return first;
}

} // namespace

std::optional<ModuleDirectoryPath> module_directory_path(std::string_view path) {
    std::string_view rest = below_lib(path, "modules/");
    const auto version = first_component(rest);
    if (version.empty()) return std::nullopt;
    return ModuleDirectoryPath{version, rest};
}

std::string module_name(std::string_view path) {
    return is_module_file(path) ? module_name_of(path) : std::string();
}

std::string_view firmware_path(std::string_view path) {
    return below_lib(path, "firmware/");
}

std::string module_family(std::string_view path) {
    const auto place = module_directory_path(path);
    if (!place || module_name(path).empty()) return "";
    std::string_view rest = place->rest;
    const auto top = first_component(rest);
    if (top != "kernel") return std::string(top); // extra, updates
    const auto area = first_component(rest);
    if (area == "arch" || area == "lib")
        return rest.find("crypto/") == std::string_view::npos ? std::string(area) : "crypto";
    if (area == "net") return "net (protocols)";
    if (area != "drivers") return std::string(area);
    const auto bus = first_component(rest);
    if (bus != "net") return std::string(bus);
    const auto family = first_component(rest);
    return rest.empty() ? "net/other" : "net/" + std::string(family);
}

} // namespace mkpxerd::image
