// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/old_name.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace mkpxerd::cli {

void add_old_name(CLI::App& command, const std::string& old_name, const CLI::Option* option,
                  const std::function<void(const std::string&)>& set) {
    // CLI11's own excludes() does not say the name of a hidden option.
    const auto store = [=](const std::string& value) {
        if (option->count() > 0)
            throw CLI::ValidationError(
                old_name, fmt::format("is the old name of {}: give one of them", option->get_name()));
        set(value);
    };
    command.add_option_function<std::string>(old_name, store)->type_name(option->get_type_name())->group("");
}

} // namespace mkpxerd::cli
