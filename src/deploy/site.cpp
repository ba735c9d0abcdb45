// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/deploy/loaders.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::deploy {
namespace {

// A subnet with room for a server and machines, and one that is a network of this site.
constexpr unsigned longest_prefix = 29;
constexpr unsigned shortest_prefix = 8;

// The half of the subnet without the server.
std::pair<Ipv4Address, Ipv4Address> choose_range(const Ipv4Subnet& subnet, Ipv4Address server) {
    const Ipv4Address first{subnet.first().value + 1};
    const Ipv4Address last{subnet.last().value - 1};
    const Ipv4Address middle{subnet.first().value + ((~subnet.mask().value + 1) >> 1)};
    return server < middle ? std::pair(middle, last) : std::pair(first, Ipv4Address{middle.value - 1});
}

// The source address of packets to other networks; none is sent.
std::string own_address() {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(0xc0000201); // 192.0.2.1, of the block for documentation (RFC 5737)
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd || ::connect(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0)
        return {};
    return Ipv4Address{ntohl(address.sin_addr.s_addr)}.text();
}

void put_boot_files(std::string_view loader, SiteValues& values) {
    for (const BootFile& file : boot_files(loader))
        values[std::string(file.firmware)] = file.place;
}

void put_loaders(const SiteOptions& options, SiteValues& values, Problems& problems) {
    put_boot_files(default_loader, values);
    const std::vector<std::string_view> known = loader_names();
    for (const std::string& loader : options.loaders)
        if (std::ranges::find(known, loader) == known.end())
            problems.add("--loader " + loader, fmt::format("is not one of {}", fmt::join(known, ", ")));
        else if (loader != default_loader)
            put_boot_files(loader, values);
}

void put_network(const SiteOptions& options, SiteValues& values, Problems& problems) {
    const std::string said = options.server.empty() ? own_address() : options.server;
    const auto named = HostPort::parse(said, 80);
    const auto server = named ? Ipv4Address::parse(named->host) : std::nullopt;
    if (!server) {
        problems.add("--server", said.empty() ? "is needed: this machine has no route that shows its address"
                                              : fmt::format("{} is not an IPv4 address", said));
        return;
    }
    values["server"] = named->host;
    values["port"] = std::to_string(named->port);
    values["url"] = "http://" + said;
    const auto subnet = Ipv4Subnet::parse(options.subnet.empty() ? named->host + "/24" : options.subnet);
    if (!subnet || subnet->prefix < shortest_prefix || subnet->prefix > longest_prefix ||
        !subnet->contains(*server)) {
        problems.add("--subnet " + options.subnet,
                     fmt::format("is not a subnet of /{} to /{} with the server in it", shortest_prefix,
                                 longest_prefix));
        return;
    }
    const std::string gateway = options.gateway.empty() ? named->host : options.gateway;
    if (!Ipv4Address::parse(gateway)) problems.add("--gateway " + gateway, "is not an IPv4 address");
    const auto [first, last] = choose_range(*subnet, *server);
    values["network"] = subnet->first().text();
    values["netmask"] = subnet->mask().text();
    values["prefix"] = std::to_string(subnet->prefix);
    values["first"] = first.text();
    values["last"] = last.text();
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
    add("root", options.own_root.empty() ? options.root : own_file(options.own_root));
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

// The init searches the depot for an apkovl that no option names, and only root may read the files of lbu.
bool may_offer_apkovl(const SiteOptions& options) {
    return options.own_apkovl.empty() && options.apkovl.find(':') == std::string::npos;
}

// Exports of the server, for the subnet that gets addresses. A root has files that only root may read, such
// as etc/shadow. A depot is public, so its clients' root is mapped to nobody.
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
        add("--alpine-dev", options.alpine_dev, may_offer_apkovl(options));
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
    MKPXERD_TRY(problems.finish()); // otherwise the lines that contain them would be blamed
    SiteValues values;
    put_loaders(options, values, problems);
    put_network(options, values, problems);
    put_options(options, values, problems);
    put_exports(options, values, problems);
    check_directory(options, problems);
    if (!is_printable(kernel_version)) problems.add("the kernel", "has a name that a script cannot contain");
    MKPXERD_TRY(problems.finish());
    values["directory"] = options.directory.string();
    values["kernel"] = kernel_version;
    values["version"] = version;
    return values;
}

} // namespace mkpxerd::deploy
