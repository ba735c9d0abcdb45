// SPDX-License-Identifier: MIT
// What the user wrote -> codes -> pages.
#include "mkpxerd/cli/reference/explain_command.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::cli {
namespace {

using Codes = std::vector<const FailureCode*>;

constexpr std::string_view prefix = "MPX-";

std::string_view without_prefix(std::string_view code) {
    return code.starts_with(prefix) ? code.substr(prefix.size()) : code;
}

// "dhcp-1", "DHCP_01", "MPX-DHCP-01:" -> "DHCP-01"; "mpx-dhcp" -> "DHCP".
std::string normal_form(std::string_view wanted) {
    std::string name;
    for (const char c : trim(wanted))
        name += c == '_' || c == ' ' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    while (name.ends_with(':') || name.ends_with('-')) // copied from a line of the console
        name.pop_back();
    name = without_prefix(name);
    const auto number = name.find_last_not_of("0123456789") + 1;
    if (number == 0 || number == name.size()) return name;
    if (name[number - 1] != '-') name.insert(number, "-");
    const auto digits = name.rfind('-') + 1;
    return name.size() - digits == 1 ? name.insert(digits, "0") : name;
}

// The code of this name, or all codes of the family of this name.
Codes find_codes(std::string_view name) {
    Codes codes;
    for (const FailureCode& code : failure_codes()) {
        const std::string_view known = without_prefix(code.code);
        if (known == name || (known.starts_with(name) && known[name.size()] == '-')) codes.push_back(&code);
    }
    return codes;
}

std::string family_of(std::string_view name) {
    return std::string(name.substr(0, name.find('-')));
}

struct Advice {
    std::string nearest; // code or kind; empty: none
    std::string hint;
};

Advice advice_for(const std::string& name) {
    const std::string family = family_of(name);
    if (!find_codes(family).empty())
        return {fmt::format("{}{}", prefix, family),
                fmt::format("`mkpxerd explain {}{}` lists the codes of this kind", prefix, family)};
    std::vector<std::string> names;
    for (const FailureCode& code : failure_codes()) {
        names.emplace_back(without_prefix(code.code));
        names.push_back(family_of(names.back()));
    }
    const auto near = nearest(name, names);
    if (!near) return {{}, "`mkpxerd explain` lists all"};
    return {fmt::format("{}{}", prefix, *near), fmt::format("did you mean {}{}?", prefix, *near)};
}

void print_table(const Codes& codes, std::ostream& out) {
    for (const FailureCode* code : codes)
        out << fmt::format("{:<14}{}\n", code->code, code->meaning);
}

void write(const FailureCode& code, JsonWriter& json) {
    json.begin_object()
        .field("code", code.code)
        .field("meaning", code.meaning)
        .field("reason", code.reason)
        .field("remedy", code.remedy)
        .end_object();
}

// One answer after the other, for people or as JSON.
class Answers {
  public:
    explicit Answers(const CommandContext& context) : context_(context) { json_.begin_array(); }
    void add(const Codes& codes, bool as_table) {
        if (context_.wants_json) {
            for (const FailureCode* code : codes)
                write(*code, json_);
            return;
        }
        context_.out << separator_;
        separator_ = "\n";
        if (as_table)
            print_table(codes, context_.out);
        else
            context_.out << failure_page(*codes.front());
    }
    // Returns the exit code.
    int add_unknown(const std::string& asked, const Advice& advice) {
        const Error error(asked, "is not a failure code", advice.hint);
        if (!context_.wants_json) return report(error, context_);
        json_.begin_object()
            .field("asked", asked)
            .field("code", "")
            .field("text", error.first().text)
            .field("hint", advice.hint)
            .key("nearest")
            .begin_array();
        if (!advice.nearest.empty()) json_.value(advice.nearest);
        json_.end_array().end_object();
        return exit_failed;
    }
    void finish() {
        if (context_.wants_json) context_.out << json_.end_array().text();
    }

  private:
    const CommandContext& context_;
    JsonWriter json_;
    std::string_view separator_;
};

} // namespace

int run_explain(const std::vector<std::string>& wanted, const CommandContext& context) {
    Answers answers(context);
    if (wanted.empty()) {
        Codes all;
        for (const FailureCode& code : failure_codes())
            all.push_back(&code);
        answers.add(all, true);
    }
    int status = exit_done;
    for (const std::string& what : wanted) {
        const std::string name = normal_form(what);
        if (const Codes codes = find_codes(name); !codes.empty())
            answers.add(codes, without_prefix(codes.front()->code) != name);
        else
            status = answers.add_unknown(what, advice_for(name));
    }
    answers.finish();
    return status;
}

} // namespace mkpxerd::cli
