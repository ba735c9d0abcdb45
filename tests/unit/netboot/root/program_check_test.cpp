// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/program_check.hpp"

#include <catch2/catch.hpp>

#include "elf_program.hpp"
#include "failure_text.hpp"
#include "fake_system.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Root {
    void add(const std::string& path, std::string_view content, bool executable = true) {
        system.write(std::string(new_root) + path, content);
        if (executable)
            std::filesystem::permissions(system.host(std::string(new_root) + path),
                                         std::filesystem::perms(0755));
    }
    std::string code(const std::string& init = "/sbin/init") {
        const auto result = check_init(system, init);
        return result ? "good" : std::string(code_text(result.error().first().code));
    }
    test::FakeSystem system;
};

} // namespace

TEST_CASE("an init that can run is accepted: static, dynamic, a script, behind links") {
    Root root;
    root.add("/sbin/init", test::elf_program());
    CHECK(root.code() == "good");
    root.add("/lib/ld-musl-x86_64.so.1", "x");
    root.add("/bin/busybox", test::elf_program(EM_X86_64, "/lib/ld-musl-x86_64.so.1"));
    std::filesystem::create_symlink("/bin/busybox", root.system.host("/newroot/bin/sh"));
    root.add("/sbin/init", "#!/bin/sh -e\necho\n");
    CHECK(root.code() == "good");
    std::filesystem::create_symlink("../sbin/init", root.system.host("/newroot/bin/init"));
    CHECK(root.code("/bin/init") == "good");
}

TEST_CASE("an init that cannot run has a code for each reason") {
    Root root;
    CHECK(root.code() == "MPX-ROOT-01");
    root.add("/sbin/init", test::elf_program(), false);
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", "text");
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", "#!/bin/missing\n");
    CHECK(root.code() == "MPX-ROOT-03");
    root.add("/sbin/init", test::elf_program(EM_X86_64, "/lib64/ld-linux-x86-64.so.2"));
    CHECK(root.code() == "MPX-ROOT-03");
    root.add("/sbin/init", test::elf_program(EM_AARCH64));
    CHECK(root.code() == "MPX-ROOT-04");
    root.add("/sbin/init", "#!/sbin/init\n");
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", test::elf_program(EM_X86_64, "/x").substr(0, 70));
    CHECK(root.code() == "MPX-ROOT-02");
    CHECK(root.code("/sbin") == "MPX-ROOT-02");
}
