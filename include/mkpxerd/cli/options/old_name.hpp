// SPDX-License-Identifier: MIT
// Names that options had in an earlier release: still accepted for one release, and in no help.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace mkpxerd::cli {

// set: stores the value. Both names at once are a usage error.
void add_old_name(CLI::App& command, const std::string& old_name, const CLI::Option* option,
                  const std::function<void(const std::string&)>& set);

} // namespace mkpxerd::cli
