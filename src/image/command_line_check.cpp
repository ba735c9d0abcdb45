// SPDX-License-Identifier: MIT
// Three passes: the text, each option by itself, all options together. What the image has to hold is the next
// file's.
#include "mkpxerd/image/command_line_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <optional>
#include <span>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/foreign_options.hpp"
#include "mkpxerd/contract/url.hpp"
#include "option_values.hpp"

namespace mkpxerd::image {
namespace {

using Form = BootOption::Form;

// Options that are not served and without which the root cannot be reached.
constexpr std::array<std::string_view, 5> root_needs = {"cryptroot", "aoe", "nbd", "dasd", "zfcp"};
// Given more than once, each counts.
constexpr std::array<std::string_view, 5> repeatable = {"ip", "console", "modules", "blacklist", "initrd"};

std::optional<std::uint32_t> ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const auto part : parts) {
        const auto octet = part.size() <= 3 ? parse_number(part) : std::nullopt;
        if (!octet || *octet > 255) return std::nullopt;
        value = value << 8 | static_cast<std::uint32_t>(*octet);
    }
    return value;
}

class LineCheck {
  public:
    LineCheck(std::string_view text, const CommandLine& line, const OptionValues& options, Findings& findings)
        : text_(text), line_(line), options_(options), findings_(findings) {}
    void run() {
        check_text();
        check_words();
        check_combinations();
    }

  private:
    void check_text();
    void check_words();
    void check_known(const CommandLineWord& word, const BootOption& option);
    void check_unknown(const CommandLineWord& word);
    bool is_rest_of_value(const CommandLineWord& word) const;
    void check_form(const CommandLineWord& word, const BootOption& option);
    void check_choice(const CommandLineWord& word);
    void check_ip(const std::string& option, const std::string& value);
    void check_interface(const std::string& option, std::string_view name);
    void check_static(const std::string& option, std::span<const std::string_view> fields);
    bool check_foreign(const CommandLineWord& word);
    void check_place(const std::string& option);
    void check_url(const std::string& option, const std::string& value);
    void check_placeholders(const std::string& option, const std::string& value);
    void check_combinations();

    std::string_view text_;
    const CommandLine& line_;
    const OptionValues& options_;
    Findings& findings_;
};

void LineCheck::check_text() {
    if (line_.open_quote)
        findings_.error("", fmt::format("the quote at byte {} has no end: everything behind it is one word",
                                        *line_.open_quote));
    if (text_.size() >= command_line_size)
        findings_.error("",
                        fmt::format("{} bytes: the kernel keeps the first {} and drops the rest",
                                    text_.size(), command_line_size - 1),
                        "bake options into the image with --cmdline");
    if (text_.find('\n') != std::string_view::npos)
        findings_.warn("", "holds a line break: boot loaders end the line there");
}

void LineCheck::check_words() {
    std::map<std::string, std::string> seen;
    for (const CommandLineWord& word : line_.words) {
        if (check_foreign(word)) continue;
        const BootOption* option = find_boot_option(word.name);
        if (option == nullptr) {
            check_unknown(word);
            continue;
        }
        const auto [before, is_first] = seen.try_emplace(word.name, word.value.value_or(""));
        if (!is_first && before->second != word.value.value_or("") && !is_one_of(word.name, repeatable) &&
            option->support != BootOption::Support::Others)
            findings_.warn(word.name,
                           fmt::format("given more than once: '{}' counts", word.value.value_or("")));
        before->second = word.value.value_or("");
        check_known(word, *option);
    }
}

bool LineCheck::check_foreign(const CommandLineWord& word) {
    const auto foreign = judge_foreign_option(word, line_.words);
    if (!foreign) return false;
    const auto severity = foreign->refused ? Finding::Severity::Error : Finding::Severity::Warning;
    findings_.add(severity, word.name, std::string(foreign->text), std::string(foreign->hint));
    return true;
}

void LineCheck::check_known(const CommandLineWord& word, const BootOption& option) {
    switch (option.support) {
    case BootOption::Support::Others:
        return;
    case BootOption::Support::Known:
        if (is_one_of(option.name, root_needs))
            findings_.error(word.name, "is not served yet, and the root depends on it");
        else
            findings_.warn(word.name, "is not served yet: the init says so and goes on");
        return;
    case BootOption::Support::Supported:
        check_form(word, option);
    }
}

// "apkovl=http://h/a b.tar.gz" is two words for the kernel.
bool LineCheck::is_rest_of_value(const CommandLineWord& word) const {
    if (word.name.find('/') != std::string::npos) return true;
    const auto next = std::ranges::find(line_.words, word.position, &CommandLineWord::position);
    if (word.value || next == line_.words.begin()) return false;
    const std::string before = std::prev(next)->value.value_or("");
    const auto dot = word.name.rfind('.');
    static constexpr std::array<std::string_view, 11> endings = {
        ".gz", ".xz", ".zst", ".tar", ".tgz", ".img", ".iso", ".pub", ".squashfs", ".erofs", ".apkovl"};
    return (is_url(before) || is_nfs(before)) && dot != std::string::npos &&
           is_one_of(std::string_view(word.name).substr(dot), endings);
}

void LineCheck::check_unknown(const CommandLineWord& word) {
    if (is_rest_of_value(word)) {
        findings_.warn("", fmt::format("'{}' is no option", word.name),
                       "quote values with blanks: name=\"one two\"");
        return;
    }
    // NAME.PARAMETER belongs to a module, except under our own prefix.
    const bool is_ours = word.name.starts_with("mkpxerd.");
    const bool is_parameter = word.name.find('.') != std::string::npos;
    const auto meant = nearest_boot_option(word.name);
    if (is_parameter && !is_ours) return;
    if (meant)
        findings_.warn(word.name, "is not known", fmt::format("did you mean {}?", *meant));
    else if (is_ours)
        findings_.warn(word.name, "is not known");
}

void LineCheck::check_form(const CommandLineWord& word, const BootOption& option) {
    const std::string value = word.value.value_or("");
    if (!word.value) {
        if (option.form != Form::Flag && option.name != "autodetect_serial")
            findings_.warn(word.name, "has no value and changes nothing",
                           fmt::format("write {}=...", word.name));
        return;
    }
    check_choice(word);
    switch (option.form) {
    case Form::Number:
        // panic=-1 reboots at once.
        if (!parse_number(word.name == "panic" && value.starts_with('-') ? value.substr(1) : value))
            findings_.error(word.name, fmt::format("'{}' is not a number", value));
        break;
    case Form::Ip:
        check_ip(word.name, value);
        break;
    case Form::HardwareAddress:
        if (std::ranges::count_if(value, [](char c) { return c == '-' || c == ':'; }) < 5)
            findings_.warn(word.name, fmt::format("'{}' is no hardware address", value),
                           "as pxelinux and iPXE write it: 01-52-54-00-12-34-56");
        break;
    case Form::Flag:
        if (!value.empty() && !is_one_of(value, std::array<std::string_view, 4>{"yes", "no", "1", "0"}))
            findings_.warn(word.name, fmt::format("is on or off: '{}' is neither yes nor no", value));
        break;
    default:
        if (value.empty()) findings_.warn(word.name, "has an empty value and changes nothing");
        break;
    }
}

// The forms that the init takes: a word, device:word, an address,
// client:server:gateway:mask:host:device:word.
void LineCheck::check_ip(const std::string& option, const std::string& value) {
    static constexpr std::array<std::string_view, 7> words = {"dhcp", "on",   "any",        "both",
                                                              "off",  "none", "single-dhcp"};
    const auto fields = split(value, ':');
    const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string_view{}; };
    const auto is_address = [](std::string_view text) {
        return text.find_first_not_of("0123456789./") == std::string_view::npos;
    };
    const bool names_device = !is_address(field(0)) && is_one_of(to_lower(field(1)), words);
    if (is_one_of(to_lower(value), words)) return;
    check_interface(option, names_device ? field(0) : field(5));
    if (names_device) return;
    if (!is_address(field(0)) || (fields.size() == 1 && field(0).empty())) {
        findings_.error(option,
                        fmt::format("'{}' is neither dhcp nor client:server:gateway:mask:host:device", value),
                        "ip=dhcp, or ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0");
        return;
    }
    if (!field(6).empty() && !is_one_of(to_lower(field(6)), words))
        findings_.error(option, fmt::format("'{}' in the seventh field is not served", field(6)),
                        "dhcp and off are");
    check_static(option, fields);
}

// enp3s0, eno1, ens1f0, enP2p1s0, enx525400123456: such a name never appears in an init without udev.
void LineCheck::check_interface(const std::string& option, std::string_view name) {
    static constexpr std::string_view kinds = "opsxP";
    static constexpr std::string_view digits = "0123456789abcdef";
    const bool is_from_udev = name.size() > 3 && name.starts_with("en") &&
                              kinds.find(name[2]) != std::string_view::npos &&
                              digits.find(name[3]) != std::string_view::npos;
    if (is_from_udev)
        findings_.warn(option,
                       fmt::format("'{}' is a name that udev gives: the init has the kernel's own", name),
                       "write eth0, or BOOTIF= and the hardware address");
}

// What the init takes for an address and a mask, it refuses to boot with when it is none.
void LineCheck::check_static(const std::string& option, std::span<const std::string_view> fields) {
    const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string_view{}; };
    const auto slash = field(0).find('/');
    const auto client = field(0).substr(0, slash);
    const auto prefix = slash == std::string_view::npos ? std::string_view{} : field(0).substr(slash + 1);
    bool is_sound = true;
    const auto refuse = [&](std::string_view what, std::string_view text, std::string_view form) {
        findings_.error(option, fmt::format("the {} '{}' is no {}", what, text, form),
                        "ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0");
        is_sound = false;
    };
    const auto is_bits = [](std::string_view text) {
        const auto bits = parse_number(text);
        return bits && *bits >= 1 && *bits <= 32;
    };
    if (!client.empty() && !ipv4(client)) refuse("client", client, "IPv4 address");
    if (slash != std::string_view::npos && !is_bits(prefix)) refuse("prefix", prefix, "number from 1 to 32");
    static constexpr std::array<std::pair<std::size_t, const char*>, 4> addresses = {
        {{1, "server"}, {2, "gateway"}, {8, "second DNS server"}, {9, "NTP server"}}};
    // dracut has the MTU in the eighth field, and a hardware address behind it.
    const bool has_mtu = parse_number(field(7)).has_value();
    for (const auto& [index, what] : addresses)
        if (!field(index).empty() && !(has_mtu && index > 7) && !ipv4(field(index)))
            refuse(what, field(index), "IPv4 address");
    if (!field(7).empty() && !has_mtu && !ipv4(field(7))) refuse("DNS server", field(7), "IPv4 address");
    const auto mask = field(3);
    if (const auto bits = ipv4(mask); !mask.empty() && !is_bits(mask)) {
        const bool is_mask = bits && std::popcount(*bits) == std::countl_one(*bits); // ones, then zeros
        if (!is_mask) refuse("mask", mask, "netmask");
    }
    if (is_sound && !client.empty() && slash == std::string_view::npos && mask.empty())
        findings_.warn(option, "has no netmask: that of the address's class is taken");
}

// Words that the init refuses to boot with.
void LineCheck::check_choice(const CommandLineWord& word) {
    const std::string value = word.value.value_or("");
    static constexpr std::array<std::string_view, 3> objects = {"apkovl", "modloop", "packages"};
    static constexpr std::array<std::string_view, 4> actions = {"shell", "reboot", "poweroff", "retry"};
    if (word.name == "mkpxerd.onfail" && !is_one_of(value.substr(0, value.find(':')), actions))
        findings_.error(word.name, fmt::format("'{}' is none of {}", value, fmt::join(actions, ", ")));
    if (word.name == "mkpxerd.optional")
        for (const auto object : split(value, ','))
            if (!object.empty() && !is_one_of(object, objects))
                findings_.error(word.name,
                                fmt::format("'{}' is none of {}", object, fmt::join(objects, ", ")));
    if (word.name == "init" && !value.starts_with('/'))
        findings_.error(word.name, fmt::format("'{}' is not an absolute path", value));
}

// What stands in braces and is no placeholder goes to the server as it is.
void LineCheck::check_placeholders(const std::string& option, const std::string& value) {
    for (auto open = value.find('{'); open != std::string::npos; open = value.find('{', open + 1)) {
        const auto close = value.find('}', open);
        const std::string name =
            value.substr(open + 1, close == std::string::npos ? close : close - open - 1);
        const auto known = url_placeholders();
        if (close != std::string::npos && is_one_of(name, known)) continue;
        const auto same =
            std::ranges::find_if(known, [&](auto each) { return to_lower(each) == to_lower(name); });
        findings_.error(option, fmt::format("'{{{}}}' is not known and stays as it is", name),
                        same != known.end() ? fmt::format("write {{{}}}", *same)
                                            : fmt::format("known are {{{}}}", fmt::join(known, "} {")));
    }
}

// What the init would refuse, and what it takes for something that is written otherwise.
void LineCheck::check_place(const std::string& option) {
    const Result<std::string> place = options_.read_place(option);
    const std::string value = options_.value(option);
    if (!place) {
        const Problem& problem = place.error().first();
        const bool is_own = problem.object == fmt::format("{}={}", option, value);
        findings_.error(option,
                        is_own ? fmt::format("'{}': {}", value, problem.text)
                               : fmt::format("{}: {}", problem.object, problem.text),
                        problem.hint);
    } else if (!value.empty() && *place != value) {
        findings_.warn(option, fmt::format("'{}' is read as {}", value, *place));
    }
}

void LineCheck::check_url(const std::string& option, const std::string& value) {
    if (has_other_scheme(value))
        findings_.error(option, fmt::format("'{}' cannot be fetched", value), "http, https and ftp can");
}

void LineCheck::check_combinations() {
    for (const auto& [option, place] : options_.places()) {
        check_placeholders(option, place);
        if (option == "alpine_repo" || option == "ssh_key" || option == "mkpxerd.report")
            check_url(option, place);
    }
    for (const char* name : {"root", "alpine_dev", "ovl_dev", "apkovl", "modloop"})
        check_place(name);
    if (const std::string user = options_.network_user(); !user.empty() && options_.is_network_off())
        findings_.error("ip", fmt::format("is {}, but {} needs the network", options_.value("ip"), user));
    if (options_.has("apkovl") && options_.has("ovl_dev"))
        findings_.warn("ovl_dev", "is not looked at when apkovl says where the file is");
    if (!options_.is_diskless())
        for (const char* name : {"apkovl", "ovl_dev", "pkgs", "alpine_repo", "keep_apk_new", "ssh_key"})
            if (options_.has(name))
                findings_.warn(name, "belongs to a diskless boot and does nothing with root=");
    if (options_.is_diskless() && options_.has("overlaytmpfs"))
        findings_.warn("overlaytmpfs", "does nothing without root=: a diskless root is a tmpfs already");
    const std::string modloop = options_.value("modloop");
    if (options_.is_diskless() && options_.wants_modloop() && !is_url(modloop) && !options_.has("alpine_dev"))
        findings_.warn("modloop", "is a path on alpine_dev, and that is not given: the media are searched");
}

} // namespace

std::vector<Finding> check_command_line(std::string_view line, const ImageFacts* facts) {
    const CommandLine words = split_command_line(line);
    OptionValues options;
    if (facts != nullptr)
        for (const CommandLineWord& word : split_command_line(facts->config().cmdline).words)
            options.set(word);
    for (const CommandLineWord& word : words.words)
        options.set(word);
    Findings findings;
    LineCheck(line, words, options, findings).run();
    if (facts != nullptr) check_coverage(options, *facts, findings);
    return findings.take();
}

} // namespace mkpxerd::image
