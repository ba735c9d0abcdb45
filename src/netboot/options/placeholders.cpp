// SPDX-License-Identifier: MIT
// Reads DMI and the network state, and replaces known names in braces.
#include "mkpxerd/netboot/options/placeholders.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

// RFC 3986: unreserved characters, and those of a path segment that need no escape. MAC addresses keep their
// colons.
bool is_plain(char c) {
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter_or_digit || std::string_view("-._~:@!$&'()*+,;=").find(c) != std::string_view::npos;
}

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value)
        out += is_plain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

// The bytes of the first three fields in reverse order: SMBIOS stores them little-endian since 2.6, and
// firmware, loaders and kernels disagree about which form to print.
std::string swap_uuid(const std::string& uuid) {
    // Old and new positions of the bytes of "aabbccdd-eeff-gghh-" in the text.
    static constexpr std::array<std::pair<std::size_t, std::size_t>, 8> bytes = {
        {{0, 6}, {2, 4}, {4, 2}, {6, 0}, {9, 11}, {11, 9}, {14, 16}, {16, 14}}};
    if (uuid.size() != 36) return {};
    std::string swapped = uuid;
    for (const auto& [from, to] : bytes)
        uuid.copy(&swapped[to], 2, from);
    return swapped;
}

// unknown: set to a placeholder that has no value here.
std::string replaced(std::string_view text, bool is_encoded, const MachineFacts& facts,
                     std::string& unknown) {
    const auto known = url_placeholders();
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto close = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        const std::string_view name =
            close == std::string_view::npos ? std::string_view() : text.substr(at + 1, close - at - 1);
        if (name.empty() || std::find(known.begin(), known.end(), name) == known.end()) {
            out += text[at++];
            continue;
        }
        if (const auto fact = facts.find(name); fact != facts.end())
            out += is_encoded ? escaped(fact->second) : fact->second;
        else
            unknown = name;
        at = close + 1;
    }
    return out;
}

} // namespace

bool is_junk_identity(std::string_view value) {
    static constexpr std::array junk =
        std::to_array<std::string_view>({"none", "n/a", "default string", "not specified", "not applicable",
                                         "system serial number", "no asset tag", "chassis serial number",
                                         "asset tag", "unknown", "123456789", "0123456789", "o.e.m.", "oem"});
    const std::string lower = to_lower(trim(value));
    if (lower.starts_with("to be filled") || lower.starts_with("no asset")) return true;
    if (std::find(junk.begin(), junk.end(), lower) != junk.end()) return true;
    const auto only = [&](char c) {
        return std::all_of(lower.begin(), lower.end(),
                           [c](char x) { return x == c || x == '-' || x == ' '; });
    };
    return only('0') || only('f') || only('x') || only('.');
}

MachineFacts read_machine_facts(const System& system) {
    MachineFacts facts;
    const auto take = [&](std::string_view name, std::string_view file) {
        const auto text = read_file(system.host(fmt::format("/sys/class/dmi/id/{}", file)));
        if (text && !is_junk_identity(*text)) facts[std::string(name)] = trim(*text);
    };
    take("UUID", "product_uuid");
    take("SERIAL", "product_serial");
    take("ASSET", "chassis_asset_tag");
    if (const auto uuid = facts.find("UUID"); uuid != facts.end()) {
        facts["uuid"] = to_lower(uuid->second);
        if (std::string swapped = swap_uuid(uuid->second); !swapped.empty())
            facts["UUID-LE"] = std::move(swapped);
    }
    facts["ARCH"] = system.machine();
    facts["KVER"] = system.kernel_release();
    return facts;
}

void add_network_facts(const NetworkState& network, MachineFacts& facts) {
    facts["MAC"] = network.mac.text(':');
    facts["MAC-"] = network.mac.text('-');
    facts["IP"] = network.address.text();
    if (!network.hostname.empty()) facts["HOSTNAME"] = network.hostname;
}

Substitution substitute(const UrlSource& source, const MachineFacts& facts) {
    Substitution result;
    for (const UrlTemplate& alternative : source.alternatives) {
        std::string unknown;
        auto url = alternative.filled([&](std::string_view text, UrlTemplate::Part part) {
            return replaced(text, part == UrlTemplate::Part::Encoded, facts, unknown);
        });
        if (!unknown.empty())
            result.skipped.push_back({.object = alternative.text,
                                      .text = fmt::format("{{{}}} is unknown on this machine", unknown),
                                      .hint = "",
                                      .code = Failure::UnknownPlaceholder});
        else if (!url)
            result.skipped.push_back(url.error().first());
        else
            result.urls.push_back(std::move(*url));
    }
    return result;
}

} // namespace mkpxerd::netboot
