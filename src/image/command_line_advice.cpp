// SPDX-License-Identifier: MIT
// Advice about a line: each word by itself, then the places that the options name.
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <span>

#include "checked_line.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/foreign_options.hpp"

namespace mkpxerd::image {
namespace {

using Form = BootOption::Form;

bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
    return std::ranges::find(list, text) != list.end();
}

class Advice {
  public:
    Advice(const CheckedLine& line, Findings& findings) : line_(line), findings_(findings) {}
    void run() {
        check_words();
        check_ip();
        check_spellings();
        check_placeholders();
        check_idle_options();
    }

  private:
    void check_words();
    void check_repetition(const CommandLineWord& word, const BootOption& option);
    void check_value(const CommandLineWord& word, const BootOption& option);
    void check_ip();
    void check_interface(std::string_view name);
    void check_spellings();
    void check_spelling(PlaceKind kind, std::string_view option, const std::string& value);
    void check_placeholders();
    void check_placeholders(std::string_view option, const UrlTemplate& url);
    void check_idle_options();

    const CheckedLine& line_;
    Findings& findings_;
    std::map<std::string, std::string> seen_; // option -> its last value
};

void Advice::check_words() {
    for (const CommandLineWord& word : line_.words.words) {
        if (judge_foreign_option(word, line_.words.words)) continue; // the init reports it
        const BootOption* option = find_boot_option(word.name);
        if (option == nullptr || option->support != BootOption::Support::Supported) continue;
        check_repetition(word, *option);
        check_value(word, *option);
    }
}

void Advice::check_repetition(const CommandLineWord& word, const BootOption& option) {
    const std::string value = word.value.value_or("");
    const auto [before, is_first] = seen_.try_emplace(word.name, value);
    if (!is_first && !option.adds_up && before->second != value)
        findings_.warn(word.name, fmt::format("{}: '{}' counts", replaces_earlier, value));
    before->second = value;
}

void Advice::check_value(const CommandLineWord& word, const BootOption& option) {
    if (!word.value) {
        if (!can_be_switched(option) && option.name != "autodetect_serial")
            findings_.warn(word.name, "has no value and changes nothing",
                           fmt::format("write {}=...", word.name));
        return;
    }
    const std::string& value = *word.value;
    static constexpr std::array<std::string_view, 6> switches = {"yes", "no", "1", "0", "on", "off"};
    if (option.form == Form::Flag && !is_one_of(value, switches))
        findings_.warn(word.name, fmt::format("is a flag: '{}' is neither yes nor no", value));
    else if (option.form == Form::HardwareAddress && !value.empty() && !parse_bootif(value))
        findings_.warn(word.name, fmt::format("'{}' is not a hardware address", value),
                       "write it like pxelinux and iPXE: 01-52-54-00-12-34-56");
    else if (value.empty() && option.form != Form::Number && option.form != Form::Ip)
        findings_.warn(word.name, "has an empty value and changes nothing");
}

void Advice::check_ip() {
    for (const IpOption& ip : line_.plan.ip)
        check_interface(ip.device);
    for (const std::string& text : line_.options.ip) {
        const auto fields = split(text, ':');
        if (fields.empty()) continue; // "ip="
        const bool has_mask = fields[0].find('/') != std::string_view::npos ||
                              (fields.size() > 3 && !fields[3].empty() && fields[3] != "0.0.0.0");
        const auto ip = parse_ip_option(text);
        if (ip && ip->method == IpOption::Method::Static && !has_mask)
            findings_.warn("ip",
                           fmt::format("has no netmask: /{}, from the address class, is used", ip->prefix));
    }
}

// enp3s0, eno1, ens1f0, enP2p1s0, enx525400123456: an init without udev never sees such a name.
void Advice::check_interface(std::string_view name) {
    static constexpr std::string_view kinds = "opsxP";
    static constexpr std::string_view digits = "0123456789abcdef";
    const bool is_from_udev = name.size() > 3 && name.starts_with("en") &&
                              kinds.find(name[2]) != std::string_view::npos &&
                              digits.find(name[3]) != std::string_view::npos;
    if (is_from_udev)
        findings_.warn("ip",
                       fmt::format("'{}' is a name from udev; the init has only the kernel's names", name),
                       "write eth0, or BOOTIF= and the hardware address");
}

// Warns about a root= that the init reads in another form.
void Advice::check_spellings() {
    const BootOptions& options = line_.options;
    if (leaves_root_to_nfsroot(options.root)) {
        if (!options.root.empty() && line_.plan.root)
            findings_.warn("root",
                           fmt::format("'{}' is read as {}", options.root, to_text(*line_.plan.root)));
    } else {
        check_spelling(PlaceKind::Medium, "root", options.root);
    }
    check_spelling(PlaceKind::Medium, "alpine_dev", options.alpine_dev);
    check_spelling(PlaceKind::Search, "ovl_dev", options.ovl_dev);
    check_spelling(PlaceKind::File, "apkovl", options.apkovl);
    if (options.modloop != "none") check_spelling(PlaceKind::File, "modloop", options.modloop);
}

void Advice::check_spelling(PlaceKind kind, std::string_view option, const std::string& value) {
    if (value.empty()) return;
    if (const auto place = plain_place(kind, option, value); place && *place != value)
        findings_.warn(option, fmt::format("'{}' is read as {}", value, *place));
}

void Advice::check_placeholders() {
    for (const auto& [option, source] : line_.sources())
        if (const auto* urls = std::get_if<UrlSource>(&source))
            for (const UrlTemplate& url : urls->alternatives)
                check_placeholders(option, url);
}

// Text in braces that is not a placeholder goes to the server unchanged.
void Advice::check_placeholders(std::string_view option, const UrlTemplate& url) {
    const std::string& text = url.text;
    const auto known = url_placeholders();
    for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
        const auto close = text.find('}', open);
        const std::string name = text.substr(open + 1, close == std::string::npos ? close : close - open - 1);
        if (close != std::string::npos && is_one_of(name, known)) continue;
        const auto same =
            std::ranges::find_if(known, [&](auto each) { return to_lower(each) == to_lower(name); });
        findings_.warn(option, fmt::format("'{{{}}}' is not a placeholder and stays unchanged", name),
                       same != known.end() ? fmt::format("write {{{}}}", *same)
                                           : fmt::format("placeholders are {{{}}}", fmt::join(known, "} {")));
    }
}

void Advice::check_idle_options() {
    if (has_other_scheme(line_.options.report_url))
        findings_.warn("mkpxerd.report",
                       fmt::format("the init cannot post to '{}'", line_.options.report_url), "use http");
    if (!line_.plan.root) return;
    for (const char* name : {"alpine_repo", "keep_apk_new", "ssh_key"})
        if (line_.has(name)) findings_.warn(name, "is for a diskless boot and does nothing with root=");
}

} // namespace

void advise(const CheckedLine& line, Findings& findings) {
    Advice(line, findings).run();
}

} // namespace mkpxerd::image
