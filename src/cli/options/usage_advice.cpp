// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/usage_advice.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/foreign_switches.hpp"

namespace mkpxerd::cli {
namespace {

using Names = std::vector<std::string>;

// Commands of other initrd programs, and of programs in general.
struct ForeignWord {
    std::string_view word;
    std::string_view ours; // empty: a build, which has no command word
};
constexpr auto foreign_words = std::to_array<ForeignWord>({
    {"boot", "try"},
    {"build", ""},
    {"check", "lint"},
    {"cmp", "diff"},
    {"compare", "diff"},
    {"contents", "ls"},
    {"create", ""},
    {"dump", "cat"},
    {"examine", "ls"},
    {"generate", ""},
    {"help", "--help"},
    {"image", ""},
    {"info", "size"},
    {"inspect", "ls"},
    {"list", "ls"},
    {"lsinitcpio", "ls"},
    {"lsinitramfs", "ls"},
    {"lsinitrd", "ls"},
    {"make", ""},
    {"mkinitfs", ""},
    {"mkinitramfs", ""},
    {"print", "cat"},
    {"qemu", "try"},
    {"run", "try"},
    {"show", "ls"},
    {"test", "try"},
    {"unmkinitramfs", "extract"},
    {"unpack", "extract"},
    {"update", ""},
    {"validate", "lint"},
    {"verify", "lint"},
    {"version", "--version"},
});

// Without hidden ones.
Names options_of(const CLI::App& app) {
    Names names;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_group().empty())
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

// Also of a hidden one, for which CLI11's get_name() is empty.
std::string name_of(const CLI::Option& option) {
    const std::string& name = option.get_single_name();
    if (option.get_positional()) return argument_name(name);
    return (option.get_lnames().empty() ? "-" : "--") + name;
}

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
    return program.get_subcommands([](const CLI::App*) { return true; });
}

// The start of a long option, or a misspelt one.
std::optional<std::string> near_option(const std::string& word, const Names& known) {
    constexpr std::size_t shortest_start = 4; // "--ab"
    const auto starts = [&](const std::string& name) { return name.starts_with(word); };
    if (word.size() >= shortest_start)
        if (const auto found = std::ranges::find_if(known, starts); found != known.end()) return *found;
    return nearest(word, known);
}

std::string hint_for_option(const CLI::App& program, const CLI::App* command, const std::string& word) {
    Names known = command != nullptr ? options_of(*command) : Names();
    if (command == nullptr || command->get_fallthrough()) {
        // Other generators have them for builds only: -a of ls, or -m of qemu, is no feature.
        if (const auto ours = ours_for(word)) return fmt::format(" (here: {})", *ours);
        for (std::string& name : options_of(program))
            known.push_back(std::move(name));
    }
    if (const auto near = near_option(word, known)) return fmt::format(" (did you mean {}?)", *near);
    Names takers;
    for (const CLI::App* other : commands_of(program))
        if (other->get_option_no_throw(word) != nullptr) takers.push_back(other->get_name());
    if (!takers.empty()) return fmt::format(" (it is an option of {})", fmt::join(takers, ", "));
    if (program.get_option_no_throw(word) != nullptr) return " (it is an option of a build)";
    return {};
}

} // namespace

std::string argument_name(const std::string& name) {
    if (name == "before") return "A";
    if (name == "after") return "B";
    if (name == "what") return "IMAGE | DIR";
    if (name == "wanted") return "WHAT";
    if (name == "line") return "CMDLINE";
    if (name == "code") return "CODE | KIND";
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
    return upper;
}

std::optional<std::string> hint_for_command(const CLI::App& program, const std::string& word) {
    const auto foreign = std::ranges::find(foreign_words, word, &ForeignWord::word);
    if (foreign != foreign_words.end())
        return foreign->ours.empty() ? "a build has no command word: mkpxerd [OPTIONS] [KERNELVERSION]"
                                     : fmt::format("did you mean {}?", foreign->ours);
    Names names;
    for (const CLI::App* command : commands_of(program))
        names.push_back(command->get_name());
    const auto near = nearest(word, names);
    return near ? std::optional(fmt::format("did you mean {}?", *near)) : std::nullopt;
}

std::optional<std::string> unknown_option(const CLI::App& program, const std::vector<std::string>& words) {
    const auto option = std::ranges::find_if(
        words, [](const std::string& word) { return word.size() > 1 && word.starts_with('-'); });
    if (option == words.end()) return std::nullopt;
    const auto chosen = program.get_subcommands();
    const CLI::App* command = chosen.empty() ? nullptr : chosen.back();
    const std::string name = option->substr(0, option->find('='));
    return fmt::format("{}: is not an option{}{}", printable(name),
                       command != nullptr ? " of " + command->get_name() : "",
                       hint_for_option(program, command, name));
}

std::optional<std::string> single_dash(const CLI::App& program, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        if (word == "--") break;
        const std::string name = word.substr(0, word.find('='));
        if (name.size() < 4 || !name.starts_with('-') || name.starts_with("--")) continue;
        const auto has = [&](const CLI::App* app) { return app->get_option_no_throw('-' + name) != nullptr; };
        const auto chosen = program.get_subcommands();
        if (has(&program) || std::ranges::any_of(chosen, has))
            return fmt::format("{}: long options have two dashes: -{}", name, name);
    }
    return std::nullopt;
}

std::string plain_error(const CLI::App& program, const CLI::Error& error) {
    const std::string text = error.what();
    const std::string object = text.substr(0, text.find(": "));
    if (error.get_name() == "ArgumentMismatch" && object != text)
        return object +
               (text.find("At Most") != std::string::npos ? ": is given more than once" : ": needs a value");
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) // the last word comes first
        return text.substr(text.rfind(' ') + 1) + ": is one word too many";
    if (error.get_name() != "RequiredError" || text.starts_with('-')) return text;
    const auto chosen = program.get_subcommands();
    return fmt::format("{}{} is missing", chosen.empty() ? "" : chosen.back()->get_name() + ": ",
                       argument_name(text.substr(0, text.find(' '))));
}

// An empty line of options and an empty list mean something; an empty name would count as none at all.
std::optional<std::string> empty_value(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        const bool may_be_empty = option->get_type_name().starts_with('"') ||
                                  option->check_lname("cmdline") || option->get_name() == "line";
        if (may_be_empty || option->get_expected_max() == 0) continue;
        if (std::ranges::find(option->results(), "") != option->results().end())
            return fmt::format("{}: is empty", name_of(*option));
    }
    for (const CLI::App* command : app.get_subcommands())
        if (auto text = empty_value(*command)) return text;
    return std::nullopt;
}

std::optional<std::string> ignored_option(const CLI::App& program) {
    const auto chosen = program.get_subcommands();
    if (chosen.empty()) return std::nullopt;
    const CLI::App& command = *chosen.back();
    const bool takes_build_options = command.get_fallthrough();
    for (const CLI::Option* option : program.get_options()) {
        // Limits apply to every command.
        if (option->count() == 0 || option->get_group() == confinement_group) continue;
        const std::string name = option->get_name();
        if (takes_build_options && !takes_build_option(command, *option))
            return fmt::format("{}: has no effect on {}, which writes no image", name, command.get_name());
        if (!takes_build_options && command.get_option_no_throw(name) == nullptr)
            return fmt::format("{}: is not an option of {}", name, command.get_name());
    }
    return std::nullopt;
}

std::optional<std::string> contradiction(const generator::CommandOptions& build) {
    constexpr std::string_view of_modules = "hardware modules firmware strict-firmware kmod-index";
    if (generator::text_of(build, "no-kernel") != "yes") return std::nullopt;
    for (const auto& [key, value] : build.settings)
        for (const std::string_view option : split_words(of_modules))
            if (key == option && value != "no")
                return fmt::format(
                    "--{}: has no effect with --no-kernel, which leaves out modules and firmware", key);
    return std::nullopt;
}

} // namespace mkpxerd::cli
