// SPDX-License-Identifier: MIT
// Codes -> pages.
#include "mkpxerd/cli/explain_command.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::cli {
namespace {

// MPX-DHCP-99 -> the codes of MPX-DHCP; none: "mkpxerd explain" lists all.
std::string near_codes(std::string_view code) {
    const std::string family = to_lower(code.substr(0, code.rfind('-') + 1));
    std::string names;
    for (const FailureCode& known : failure_codes())
        if (!family.empty() && to_lower(known.code).starts_with(family))
            names += fmt::format("{}{}", names.empty() ? "there are " : ", ", known.code);
    return names.empty() ? "`mkpxerd explain` lists all" : names;
}

} // namespace

int run_explain(const std::vector<std::string>& codes, const CommandContext& context) {
    if (codes.empty())
        for (const FailureCode& code : failure_codes())
            context.out << fmt::format("{:<14}{}\n", code.code, code.meaning);
    int status = exit_done;
    std::string_view separator;
    for (const std::string& wanted : codes) {
        const FailureCode* code = find_failure_code(wanted);
        if (code == nullptr) {
            context.err << fmt::format("mkpxerd: {}: is not a failure code ({})\n", printable(wanted),
                                       near_codes(wanted));
            status = exit_failed;
            continue;
        }
        context.out << separator << failure_page(*code);
        separator = "\n";
    }
    return status;
}

} // namespace mkpxerd::cli
