// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/runtime_needs.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> thread_ends = {"pthread_cancel", "pthread_exit", "thrd_exit"};

struct Lookup {
    std::string_view function; // the start of its name and those of related functions
    std::string_view database;
};
constexpr std::array lookups = {
    Lookup{"getpw", "passwd"},       Lookup{"getgr", "group"},       Lookup{"initgroups", "group"},
    Lookup{"getsp", "shadow"},       Lookup{"gethostby", "hosts"},   Lookup{"getaddrinfo", "hosts"},
    Lookup{"getnameinfo", "hosts"},  Lookup{"getnetby", "networks"}, Lookup{"getserv", "services"},
    Lookup{"getproto", "protocols"}, Lookup{"getrpc", "rpc"},
};

// "hosts: files mdns [NOTFOUND=return] dns" -> files, mdns, dns.
std::vector<std::string> services_of(std::string_view database, std::string_view nsswitch) {
    for (const std::string_view raw : split_lines(nsswitch)) {
        const std::string_view line = raw.substr(0, raw.find('#'));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || trim(line.substr(0, colon)) != database) continue;
        std::string names;
        bool action = false; // in brackets
        for (const char c : line.substr(colon + 1)) {
            action = action || c == '[';
            names += action ? ' ' : c;
            action = action && c != ']';
        }
        const auto words = split_words(names);
        return {words.begin(), words.end()};
    }
    if (database == "hosts" || database == "networks") return {"files", "dns"};
    return {"files"};
}

} // namespace

bool ends_threads(const wrap::ElfInfo& elf) {
    return std::ranges::any_of(elf.imports, [](const std::string& name) {
        return std::ranges::find(thread_ends, name) != thread_ends.end();
    });
}

std::vector<std::string> nss_modules(const wrap::ElfInfo& elf, std::string_view nsswitch) {
    std::set<std::string_view> databases;
    for (const std::string& name : elf.imports)
        for (const Lookup& lookup : lookups)
            if (name.starts_with(lookup.function)) databases.insert(lookup.database);
    std::vector<std::string> modules;
    for (const std::string_view database : databases)
        for (const std::string& service : services_of(database, nsswitch))
            modules.push_back(fmt::format("libnss_{}.so.2", service));
    std::sort(modules.begin(), modules.end());
    modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
    return modules;
}

} // namespace mkpxerd::generator
