// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/bundle_urls.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_names = 65536; // of a directory that are compared

// A placeholder that a file name can be compared with. A form has x for a hexadecimal digit.
struct Identity {
    std::string_view placeholder;
    std::string_view form;
    std::string MachineNames::*name;
    char colon; // in the file name, for a colon of a MAC address
};
constexpr auto identities = std::to_array<Identity>({
    {"{MAC}", "xx:xx:xx:xx:xx:xx", &MachineNames::mac, ':'},
    {"{MAC-}", "xx-xx-xx-xx-xx-xx", &MachineNames::mac, '-'},
    {"{UUID}", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &MachineNames::uuid, ':'},
    {"{uuid}", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &MachineNames::uuid, ':'},
});

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool has_form(std::string_view text, std::string_view form) {
    return std::equal(text.begin(), text.end(), form.begin(), form.end(),
                      [](char c, char wanted) { return wanted == 'x' ? is_hexadecimal(c) : c == wanted; });
}

// A machine's own address: neither a group's (odd first byte) nor zero.
bool is_own_address(std::string_view mac) {
    const auto low = std::string_view("0123456789abcdef").find(mac[1]);
    return low % 2 == 0 && mac != "00:00:00:00:00:00";
}

// Takes from the name what the pattern has a placeholder for; false: it does not fit.
bool take_names(std::string_view pattern, std::string_view name, MachineNames& names) {
    while (!pattern.empty()) {
        const auto* found = std::ranges::find_if(
            identities, [&](const Identity& each) { return pattern.starts_with(each.placeholder); });
        if (found == identities.end()) {
            if (name.empty() || pattern.front() != name.front()) return false;
            pattern.remove_prefix(1);
            name.remove_prefix(1);
            continue;
        }
        std::string text(name.substr(0, found->form.size()));
        if (!has_form(text, found->form)) return false;
        if (found->name == &MachineNames::mac) {
            std::ranges::replace(text, found->colon, ':');
            if (!is_own_address(text)) return false;
        }
        names.*(found->name) = text;
        pattern.remove_prefix(found->placeholder.size());
        name.remove_prefix(found->form.size());
    }
    return name.empty();
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size()))
        text.replace(at, old.size(), by);
    return text;
}

// Where a URL in a script or an option ends. A comma or a '|' ends it if another URL follows.
std::size_t end_of_url(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (std::string_view(" \t\r\n\"'").find(text[at]) != std::string_view::npos) return at;
        const std::string_view rest = text.substr(at + 1);
        const bool has_next =
            rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("ftp://");
        if ((text[at] == ',' || text[at] == '|') && has_next) return at;
    }
    return text.size();
}

} // namespace

std::optional<std::string> BundleUrls::path_of(const Url& url) const {
    if (url.scheme != base_.scheme || url.host != base_.host || url.port != base_.port) return std::nullopt;
    const std::string directory = base_.target.ends_with('/') ? base_.target : base_.target + '/';
    const std::string path = url.target.substr(0, url.target.find('?'));
    if (!path.starts_with(directory)) return std::nullopt;
    return path.substr(directory.size());
}

std::string BundleUrls::rewritten(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
        const auto at = std::min(text.find("http"), text.size());
        out += text.substr(0, at);
        text.remove_prefix(at);
        const std::string_view written = text.substr(0, end_of_url(text));
        const auto parsed = UrlTemplate::parse(written);
        const auto path = parsed ? path_of(parsed->url) : std::nullopt;
        if (!path) { // one letter on: what follows may be a URL
            out += text.substr(0, 1);
            text.remove_prefix(std::min<std::size_t>(1, text.size()));
            continue;
        }
        const auto rest = std::min(written.find_first_of("?#"), written.size());
        out += trial_ + '/' + *path;
        out += written.substr(rest);
        text.remove_prefix(written.size());
    }
    return out;
}

std::optional<std::string> filled_path(std::string_view path, const MachineNames& names) {
    std::string filled(path);
    for (const Identity& each : identities)
        filled =
            replaced(std::move(filled), each.placeholder,
                     each.name == &MachineNames::mac ? replaced(names.mac, ":", std::string(1, each.colon))
                                                     : names.*(each.name));
    for (const std::string_view other : url_placeholders())
        if (filled.find('{' + std::string(other) + '}') != std::string::npos) return std::nullopt;
    return filled;
}

std::optional<MachineNames> find_machine(const fs::path& directory, std::string_view path,
                                         const MachineNames& usual) {
    std::error_code error;
    if (const auto own = filled_path(path, usual); own && fs::is_regular_file(directory / *own, error))
        return usual;
    // One component of the path names the machine; the rest follows from it.
    const auto brace = path.find('{');
    if (brace == std::string_view::npos) return std::nullopt;
    const auto slash = path.rfind('/', brace);
    const std::string_view around =
        slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    std::string_view pattern = path.substr(around.empty() ? 0 : slash + 1);
    pattern = pattern.substr(0, pattern.find('/'));
    std::vector<std::string> names;
    for (fs::directory_iterator item(directory / around, error), end;
         !error && item != end && names.size() < max_names; item.increment(error))
        names.push_back(item->path().filename().string());
    std::ranges::sort(names); // the same machine each time
    for (const std::string& name : names) {
        MachineNames machine = usual;
        if (!take_names(pattern, name, machine)) continue;
        const auto file = filled_path(path, machine);
        if (file && fs::is_regular_file(directory / *file, error)) return machine;
    }
    return std::nullopt;
}

} // namespace mkpxerd::deploy
