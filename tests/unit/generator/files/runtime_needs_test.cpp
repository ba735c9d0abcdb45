// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/runtime_needs.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {
wrap::ElfInfo importing(std::vector<std::string> names) {
    wrap::ElfInfo elf;
    elf.imports = std::move(names);
    return elf;
}
using Modules = std::vector<std::string>;
} // namespace

TEST_CASE("three functions of glibc need the unwinder") {
    for (const char* name : {"pthread_exit", "pthread_cancel", "thrd_exit"})
        CHECK(ends_threads(importing({"free", name})));
    CHECK_FALSE(ends_threads(importing({"free", "pthread_create", "pthread_exit_soon"})));
}

TEST_CASE("lookups of names need the modules of their database") {
    CHECK(nss_modules(importing({"free"}), "").empty());
    CHECK(nss_modules(importing({"getaddrinfo"}), "") == Modules{"libnss_dns.so.2", "libnss_files.so.2"});
    CHECK(nss_modules(importing({"getpwnam_r", "initgroups"}), "") == Modules{"libnss_files.so.2"});
    const char* conf =
        "# hosts: none\npasswd:  files sss # people\nhosts: files mdns [NOTFOUND = return] dns\r\n"
        "group:\n";
    CHECK(nss_modules(importing({"getpwuid"}), conf) == Modules{"libnss_files.so.2", "libnss_sss.so.2"});
    CHECK(nss_modules(importing({"gethostbyname"}), conf) ==
          Modules{"libnss_dns.so.2", "libnss_files.so.2", "libnss_mdns.so.2"});
    CHECK(nss_modules(importing({"getgrnam"}), conf).empty());
}
