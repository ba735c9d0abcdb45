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
    std::set<std::string, std::less<>> blacklist;            // not loaded for an alias; by name they are
    std::map<std::string, Softdep, std::less<>> softdeps;
    std::vector<std::pair<std::string, std::string>> aliases; // pattern -> name
    std::vector<Problem> warnings;                            // lines that are not served, by file and line
};

// "softdep" without its first word: "NAME pre: a b post: c". Also the form of modules.softdep.
void parse_softdep(std::string_view text, std::map<std::string, Softdep, std::less<>>& softdeps);

void parse_modprobe_config(std::string_view text, std::string_view file, ModprobeConfig& config);

// What a kernel command line says to modules: "e1000.debug=1", "modprobe.blacklist=a,b".
void parse_module_parameters(std::string_view cmdline, ModprobeConfig& config);

// All *.conf files of the directories, by name; of two with one name the one in the directory named first
// counts.
ModprobeConfig read_modprobe_config(const std::vector<std::filesystem::path>& directories);

} // namespace mkpxerd::netboot
