// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <sys/socket.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::deploy {
namespace {

using Address = std::uint32_t; // IPv4, host byte order

std::optional<Address> parse_address(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
    return ntohl(address.s_addr);
}

std::string text_of(Address address) {
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

struct Subnet {
    Address network = 0;
    unsigned prefix = 24;
    Address mask() const { return prefix == 0 ? 0 : ~Address{0} << (32 - prefix); }
    bool holds(Address address) const { return (address & mask()) == network; }
};

std::optional<Subnet> parse_subnet(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const auto address = parse_address(text.substr(0, slash));
    const auto prefix = parse_number(std::string_view(text).substr(slash + 1));
    if (!address || !prefix || *prefix < 8 || *prefix > 29) return std::nullopt;
    Subnet subnet{0, static_cast<unsigned>(*prefix)};
    subnet.network = *address & subnet.mask();
    return subnet;
}

// The half of the subnet without the server.
std::pair<Address, Address> choose_range(const Subnet& subnet, Address server) {
    const Address middle = subnet.network + ((~subnet.mask() + 1) >> 1);
    const Address broadcast = subnet.network | ~subnet.mask();
    return server < middle ? std::pair(middle, broadcast - 1) : std::pair(subnet.network + 1, middle - 1);
}

// The source address of packets to other networks; none is sent.
std::string own_address() {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr); // of the block for documentation, RFC 5737
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd || ::connect(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0)
        return {};
    return text_of(ntohl(address.sin_addr.s_addr));
}

void put_loaders(const SiteOptions& options, SiteValues& values, Problems& problems) {
    values["bios"] = "undionly.kpxe";
    values["uefi"] = "ipxe.efi";
    for (const std::string& loader : options.loaders) {
        if (loader == "pxelinux")
            values["bios"] = "pxelinux.0";
        else if (loader == "lpxelinux")
            values["bios"] = "lpxelinux/lpxelinux.0";
        else if (loader == "grub")
            values["uefi"] = "grubnetx64.efi";
        else if (loader != "ipxe")
            problems.add("--loader " + loader, "is not one of ipxe, pxelinux, lpxelinux, grub");
    }
}

void put_network(const SiteOptions& options, SiteValues& values, Problems& problems) {
    const std::string said = options.server.empty() ? own_address() : options.server;
    const auto colon = std::min(said.find(':'), said.size());
    const std::string host = said.substr(0, colon);
    const std::string port = colon == said.size() ? "80" : said.substr(colon + 1);
    const auto server = parse_address(host);
    const auto port_number = parse_number(port);
    if (!server || !port_number || *port_number < 1 || *port_number > 65535) {
        problems.add("--server", said.empty() ? "is needed: this machine has no route that shows its address"
                                              : fmt::format("{} is not an IPv4 address", said));
        return;
    }
    values["server"] = host;
    values["port"] = port;
    values["url"] = "http://" + said;
    const auto subnet = parse_subnet(options.subnet.empty() ? host + "/24" : options.subnet);
    const std::string gateway = options.gateway.empty() ? host : options.gateway;
    if (!subnet || !subnet->holds(*server)) {
        problems.add("--subnet " + options.subnet, "is not a subnet of /8 to /29 with the server in it");
        return;
    }
    if (!parse_address(gateway)) problems.add("--gateway " + gateway, "is not an IPv4 address");
    const auto [first, last] = choose_range(*subnet, *server);
    values["network"] = text_of(subnet->network);
    values["netmask"] = text_of(subnet->mask());
    values["prefix"] = std::to_string(subnet->prefix);
    values["first"] = text_of(first);
    values["last"] = text_of(last);
    values["gateway"] = gateway;
}

// The kernel command line; base: the URL of the bundle, as the loader writes it.
std::string boot_line(const SiteOptions& options, const std::string& base) {
    std::vector<std::string> words;
    const auto add = [&](const char* name, const std::string& value) {
        if (value.empty()) return;
        const bool needs_quotes = value.find(' ') != std::string::npos;
        words.push_back(needs_quotes ? fmt::format("{}=\"{}\"", name, value)
                                     : fmt::format("{}={}", name, value));
    };
    const auto own_file = [&](const std::string& name) {
        const auto pin = options.pins.find(name);
        return fmt::format("{}/{}{}", base, name,
                           pin == options.pins.end() ? std::string() : "#sha256=" + pin->second);
    };
    const auto line = split_command_line(options.kernel_options);
    if (std::none_of(line.words.begin(), line.words.end(),
                     [](const auto& word) { return word.name == "ip"; }))
        words.emplace_back("ip=dhcp");
    add("alpine_dev", options.alpine_dev);
    add("alpine_repo", options.repository);
    add("root", options.root);
    add("apkovl", options.own_apkovl.empty() ? options.apkovl : own_file(options.own_apkovl));
    if (options.with_modloop) add("modloop", own_file("modloop"));
    if (!options.kernel_options.empty()) words.push_back(options.kernel_options);
    return fmt::format("{}", fmt::join(words, " "));
}

// GRUB has a shell's syntax and quotes words with spaces itself.
std::string for_grub(const std::string& line) {
    std::string quoted;
    const auto add = [&](std::string_view word) {
        quoted += quoted.empty() ? "'" : " '";
        for (const char c : word)
            quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
        quoted += '\'';
    };
    const CommandLine words = split_command_line(line);
    for (const CommandLineWord& word : words.words)
        add(word.value ? fmt::format("{}={}", word.name, *word.value) : word.name);
    if (!words.init_args.empty()) add("--");
    for (const std::string& argument : words.init_args)
        add(argument);
    return quoted;
}

void put_options(const SiteOptions& options, SiteValues& values, Problems& problems) {
    values["options"] = boot_line(options, values["url"]);
    values["options-ipxe"] = boot_line(options, "${base}");
    values["options-grub"] = for_grub(values["options"]);
    const std::string& line = values["options"];
    std::string shown = line;
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    if (line.find_first_of("\r\n") != std::string::npos || split_command_line(line).open_quote)
        problems.add("kernel options", "have a line break or an open quote");
    else if (!is_printable(shown))
        problems.add("kernel options", "have a control character or invalid UTF-8");
    // iPXE ends a command at such a word, quoted or not, and expands variables; other loaders pass both on.
    for (const auto word : split(line, ' '))
        if (word == "||" || word == "&&")
            problems.add("kernel options",
                         fmt::format("have the word {}, which ends a command of iPXE", word));
    if (line.find("${") != std::string::npos)
        problems.add("kernel options", "have ${, which iPXE replaces and other loaders do not",
                     "in URLs {MAC} and {UUID} are replaced by the init");
}

// Characters without a meaning in any server configuration, quoted or not; and non-ASCII letters.
bool is_plain_path(std::string_view path) {
    static constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+:~@%=-";
    return is_printable(path) && std::all_of(path.begin(), path.end(), [](char c) {
               return plain.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
           });
}

constexpr const char* bad_path = "has a character with a meaning in server configurations";
constexpr const char* good_path = "letters, digits and /._+:~@%=- are safe";

void check_directory(const SiteOptions& options, Problems& problems) {
    if (!is_plain_path(options.directory.string()))
        problems.add(fmt::format("--out {}", options.directory.string()), bad_path, good_path);
}

// The init searches the depot for an apkovl without a place, and only root may read what lbu writes.
bool depot_may_have_apkovl(const SiteOptions& options) {
    return options.own_apkovl.empty() && options.apkovl.find(':') == std::string::npos;
}

// Exports of the server, for the subnet that gets addresses. A root has files that only root may read, such
// as etc/shadow. A depot is public, so root of its clients is mapped to nobody.
void put_exports(const SiteOptions& options, SiteValues& values, Problems& problems) {
    std::vector<std::string> lines;
    const std::string prefix = fmt::format("nfs:{}:", values["server"]);
    const auto add = [&](const char* name, const std::string& source, bool for_root) {
        if (!source.starts_with(prefix)) return;
        if (!is_plain_path(source)) problems.add(fmt::format("{} {}", name, source), bad_path, good_path);
        lines.push_back(fmt::format("{} {}/{}(ro,{},no_subtree_check)", source.substr(prefix.size()),
                                    values["network"], values["prefix"],
                                    for_root ? "no_root_squash" : "root_squash"));
    };
    if (options.alpine_dev != options.root)
        add("--alpine-dev", options.alpine_dev, depot_may_have_apkovl(options));
    add("--root", options.root, true);
    if (lines.empty())
        lines.emplace_back("# Neither --alpine-dev nor --root names an export of this server.");
    values["exports"] = fmt::format("{}", fmt::join(lines, "\n"));
}

} // namespace

Result<SiteValues> make_site_values(const SiteOptions& options, const std::string& kernel_version) {
    Problems problems;
    for (const auto& [name, sum] : options.pins)
        if (!is_sha256(sum)) problems.add(name, "has no SHA-256 sum", "run mkpxerd bundle again");
    MKPXERD_TRY(problems.finish()); // otherwise the lines that hold them would be blamed
    SiteValues values;
    put_loaders(options, values, problems);
    put_network(options, values, problems);
    put_options(options, values, problems);
    put_exports(options, values, problems);
    check_directory(options, problems);
    if (!is_printable(kernel_version)) problems.add("the kernel", "has a name that cannot stand in a script");
    MKPXERD_TRY(problems.finish());
    values["directory"] = options.directory.string();
    values["kernel"] = kernel_version;
    values["version"] = version;
    return values;
}

} // namespace mkpxerd::deploy
