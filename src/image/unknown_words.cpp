// SPDX-License-Identifier: MIT
// Asks everybody who reads the line, in the order of their nearness: the init, the kernel, its modules, the
// system.
#include <array>
#include <fmt/format.h>

#include "checked_line.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/foreign_options.hpp"
#include "mkpxerd/image/kernel_parameters.hpp"
#include "mkpxerd/image/module_parameters.hpp"
#include "mkpxerd/image/system_words.hpp"

namespace mkpxerd::image {
namespace {

class UnknownWords {
  public:
    UnknownWords(const CheckedLine& line, const ImageFacts* facts, Findings& findings)
        : line_(line), facts_(facts), findings_(findings) {}
    void check(const CommandLineWord& word);

  private:
    bool is_reported(const CommandLineWord& word) const;
    bool continues_value(const CommandLineWord& word) const;
    void check_module(const CommandLineWord& word, std::string_view module);

    const CheckedLine& line_;
    const ImageFacts* facts_;
    Findings& findings_;
};

// The init itself reports words that look like misspelt options, and those of other programs.
bool UnknownWords::is_reported(const CommandLineWord& word) const {
    return is_foreign_option(word.name) ||
           std::ranges::find(line_.options.warnings, word.name, &Problem::object) !=
               line_.options.warnings.end();
}

// "apkovl=http://h/a b.tar.gz" is two words for the kernel.
bool UnknownWords::continues_value(const CommandLineWord& word) const {
    const auto& words = line_.words.words;
    const auto next = std::ranges::find(words, word.position, &CommandLineWord::position);
    if (word.value || next == words.begin()) return false;
    if (word.name.find('/') != std::string::npos) return true;
    const std::string before = std::prev(next)->value.value_or("");
    const auto dot = word.name.rfind('.');
    static constexpr std::array<std::string_view, 11> endings = {
        ".gz", ".xz", ".zst", ".tar", ".tgz", ".img", ".iso", ".pub", ".squashfs", ".erofs", ".apkovl"};
    return (is_url(before) || is_nfs(before)) && dot != std::string::npos &&
           std::ranges::find(endings, std::string_view(word.name).substr(dot)) != endings.end();
}

// Names of sysctl(8) belong behind "sysctl." (admin-guide/kernel-parameters.txt).
bool is_sysctl(std::string_view prefix) {
    static constexpr std::array<std::string_view, 5> directories = {"fs", "kernel", "net", "user", "vm"};
    return std::ranges::find(directories, prefix) != directories.end();
}

// Parameters of a module that the image lacks are for the booted system, whose modules nobody knows here.
void UnknownWords::check_module(const CommandLineWord& word, std::string_view module) {
    using Presence = ImageFacts::Presence;
    const Presence presence = facts_ != nullptr ? facts_->module(module) : Presence::Unknown;
    const bool is_of_any = word.name.ends_with(".dyndbg"); // admin-guide/dynamic-debug-howto.rst
    if (is_kernel_prefix(module) || is_of_any || presence == Presence::Present) return;
    if (has_parameters(module)) {
        if (presence == Presence::Absent)
            findings_.note(word.name,
                           fmt::format("is a parameter of the module {}, which the image lacks", module),
                           "only the booted system can use it");
        return;
    }
    if (is_sysctl(module))
        return findings_.warn(word.name, "is a name of sysctl, which the kernel does not read in this form",
                              fmt::format("write sysctl.{}=", word.name));
    const auto meant = nearest_module(module);
    findings_.warn(
        word.name,
        fmt::format("{} module {} with parameters",
                    facts_ != nullptr ? "neither Linux 6.1 nor the image has a" : "Linux 6.1 has no", module),
        meant ? fmt::format("did you mean {}{}?", *meant, word.name.substr(module.size()))
              : "a module of the booted system could have it");
}

void UnknownWords::check(const CommandLineWord& word) {
    if (word.name == "debug")
        findings_.note(word.name, "makes the kernel print its debug messages",
                       "write debug_init for details of the init");
    if (find_boot_option(word.name) != nullptr || is_reported(word)) return;
    if (continues_value(word))
        return findings_.warn("", fmt::format("'{}' is not an option", word.name),
                              "quote values with spaces: name=\"one two\"");
    if (word.name.starts_with("mkpxerd.")) return findings_.warn(word.name, "unknown option");
    if (is_kernel_parameter(word.name) || is_system_word(word.name)) return;
    if (const auto dot = word.name.find('.'); dot != std::string::npos && dot > 0) {
        const std::string prefix = word.name.substr(0, dot);
        if (nearest(prefix, std::vector<std::string>{"mkpxerd"}))
            return findings_.warn(word.name, "unknown option",
                                  fmt::format("did you mean mkpxerd{}?", word.name.substr(dot)));
        return check_module(word, prefix);
    }
    const auto meant = nearest_kernel_parameter(word.name);
    findings_.warn(word.name, "is unknown to this init and to the kernel",
                   meant ? fmt::format("did you mean {}?", *meant)
                         : "only a program of the booted system could read it");
}

} // namespace

void check_unknown_words(const CheckedLine& line, const ImageFacts* facts, Findings& findings) {
    UnknownWords words(line, facts, findings);
    for (const CommandLineWord& word : line.words.words)
        words.check(word);
}

} // namespace mkpxerd::image
