// SPDX-License-Identifier: MIT
// The image's /etc/modprobe.d: options, alias, blacklist and softdep lines; see modprobe.d(5).
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

struct Softdep {
    std::vector<std::string> pre;
    std::vector<std::string> post;
    bool operator==(const Softdep&) const = default;
};

// Module names are kept with '_' for '-'.
struct ModprobeConfig {
    std::map<std::string, std::string, std::less<>> options; // name -> "a=1 b=2"
    std::set<std::string, std::less<>> blacklist;            // not loaded for an alias, but by name
    std::map<std::string, Softdep, std::less<>> softdeps;
    std::vector<std::pair<std::string, std::string>> aliases; // pattern -> name
    std::vector<Problem> warnings;                            // unsupported lines, by file and line
};

// The words after "softdep": "NAME pre: a b post: c". modules.softdep has this form, too.
void parse_softdep(std::string_view text, std::map<std::string, Softdep, std::less<>>& softdeps);

void parse_modprobe_config(std::string_view text, std::string_view file, ModprobeConfig& config);

// Adds the module options of a kernel command line: "e1000.debug=1", "modprobe.blacklist=a,b".
void parse_module_parameters(std::string_view cmdline, ModprobeConfig& config);

// All *.conf files of the directories, by name. Of two files with the same name, the one in the earlier
// directory counts.
ModprobeConfig read_modprobe_config(const std::vector<std::filesystem::path>& directories);

} // namespace mkpxerd::netboot
