// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/kernel_lists.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "kernel_tree.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

using Names = std::vector<std::string_view>;

test::KernelTree make_kernel() {
    test::KernelTree kernel;
    kernel.module("kernel/fs/big.ko", {.modinfo = {"softdep=pre: algo-one", "softdep=pre: algo_two",
                                                   "softdep=post: algo_three"}});
    kernel.module("kernel/crypto/algo_one.ko", {.modinfo = {"alias=crypto-one", "alias=card"}});
    kernel.module("kernel/crypto/fast_one.ko", {.modinfo = {"alias=crypto-one"}});
    kernel.builtin("kernel/drivers/net/card.ko");
    for (const char* text :
         {"card.license=GPL", "card.firmware=a.fw", "card.firmware=b.fw", "card.alias=pci:v1*",
          "card.softdep=pre: algo_one", "card.file=drivers/net/card", "no dot", "x=y.z", ""})
        kernel.builtin_modinfo(text);
    kernel.depmod();
    return kernel;
}

struct Tree {
    test::KernelTree kernel;
    Tree() : kernel(original()) {}
    static const test::KernelTree& original() {
        static const test::KernelTree made = make_kernel();
        return made;
    }
    std::filesystem::path list(const std::string& name) const { return kernel.directory() / name; }
    KernelLists read() const { return read_kernel_lists(kernel.directory()).value(); }
    // Does what an error or a warning says: "(run: COMMAND)".
    static void obey(const std::string& text) {
        const auto start = text.find("run: ");
        REQUIRE(start != std::string::npos);
        test::KernelTree::run(text.substr(start + 5, text.find_last_of(')') - start - 5) + " 2> /dev/null");
    }
};

} // namespace

TEST_CASE("all lines of softdeps of a module count") {
    const KernelLists lists = Tree().read();
    const auto& big = lists.softdeps.at("big");
    CHECK(big.pre == Names{"algo-one", "algo_two"});
    CHECK(big.post == Names{"algo_three"});
}

TEST_CASE("built-in drivers say what they need in modules.builtin.modinfo") {
    const KernelLists lists = Tree().read();
    CHECK(lists.builtin_firmware.at("card") == Names{"a.fw", "b.fw"});
    CHECK(lists.softdeps.at("card").pre == Names{"algo_one"});
    CHECK(lists.aliases.at("card") == Names{"pci:v1*"});
    CHECK(lists.by_name.at("card").path.empty());
}

// What libkmod and the text lists have to agree on.
static void check_lookups(const KernelLists& lists) {
    CHECK(lists.lookup("algo-one") == Names{"algo_one"});
    CHECK(lists.lookup("crypto_one") == Names{"algo_one", "fast_one"});
    CHECK(lists.lookup("card") == Names{"card", "algo_one"}); // built in, and an alias
    CHECK(lists.lookup("none").empty());
}

TEST_CASE("names and aliases are looked up by libkmod") {
    const KernelLists lists = Tree().read();
    CHECK(lists.index);
    check_lookups(lists);
}

TEST_CASE("depmod's binary indexes are not needed: the texts say the same") {
    const Tree tree;
    for (const char* name :
         {"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin"}) {
        std::filesystem::remove(tree.list(name));
        const KernelLists lists = tree.read();
        CHECK_FALSE(lists.index);
        check_lookups(lists);
    }
    tree.kernel.dir().write("lib/modules/6.1-test/modules.builtin.alias.bin", "");
    CHECK(tree.read().warnings.empty());
}

TEST_CASE("a damaged index is not followed, wherever it is damaged") {
    const Tree tree;
    const std::string name = "lib/modules/6.1-test/modules.alias.bin";
    const std::string sound = read_file(tree.list("modules.alias.bin")).value();
    unsigned refused = 0;
    for (std::size_t at = 0; at < sound.size(); ++at) {
        std::string damaged = sound;
        damaged[at] = static_cast<char>(~damaged[at]);
        tree.kernel.dir().write(name, damaged);
        const KernelLists lists = tree.read();
        refused += lists.index ? 0 : 1;
        CHECK(lists.lookup("algo-one") == Names{"algo_one"});
        static_cast<void>(lists.lookup("crypto-one"));
    }
    CHECK(refused > 8); // magic, version and root alone are more
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, sound.size() / 2, sound.size() - 1}) {
        tree.kernel.dir().write(name, sound.substr(0, size));
        const KernelLists lists = tree.read();
        CHECK_FALSE(lists.index);
        check_lookups(lists);
    }
}

TEST_CASE("lists that are missing are no reason to stop, and what they cost is said once") {
    const Tree tree;
    for (const char* name : {"modules.builtin.modinfo", "modules.order", "modules.devname"})
        std::filesystem::remove(tree.list(name));
    CHECK(tree.read().warnings.empty());
    for (const char* name : {"modules.alias", "modules.softdep", "modules.builtin"})
        std::filesystem::remove(tree.list(name));
    const auto warnings = tree.read().warnings;
    REQUIRE(warnings.size() == 3);
    CHECK(to_text(warnings[0]) == tree.list("modules.alias").string() +
                                      ": is missing: no device finds its driver (run: depmod -b " +
                                      tree.kernel.dir().path().string() + " 6.1-test)");
    CHECK(to_text(warnings[2]) ==
          tree.list("modules.builtin").string() +
              ": is missing: built-in modules are unknown (install the kernel again)");
    Tree::obey(to_text(warnings[0]));
    REQUIRE(tree.read().warnings.size() == 1); // depmod does not make modules.builtin
    tree.kernel.dir().write("lib/modules/6.1-test/modules.alias", "");
    CHECK(to_text(tree.read().warnings.front()).find("modules.alias: is empty: ") != std::string::npos);
}

TEST_CASE("modules.builtin.modinfo tells what is built in where modules.builtin is missing") {
    const Tree tree;
    std::filesystem::remove(tree.list("modules.builtin"));
    const KernelLists lists = tree.read();
    CHECK(lists.warnings.empty());
    CHECK(lists.builtin == std::vector<std::string>{"kernel/drivers/net/card.ko"});
}

TEST_CASE("without modules.dep depmod is named, which helps; a kernel without modules needs none") {
    const Tree tree;
    std::filesystem::remove(tree.list("modules.dep"));
    const auto lists = read_kernel_lists(tree.kernel.directory());
    REQUIRE_FALSE(lists);
    CHECK(lists.error().text() == tree.list("modules.dep").string() + ": is missing (run: depmod -b " +
                                      tree.kernel.dir().path().string() + " 6.1-test)");
    Tree::obey(lists.error().text());
    CHECK(tree.read().modules.size() == 3);
    std::filesystem::remove(tree.list("modules.dep"));
    std::filesystem::remove_all(tree.kernel.directory() / "kernel");
    CHECK(tree.read().modules.empty());
    CHECK(tree.read().builtin.size() == 1);
}

TEST_CASE("the remedy for each damaged list helps") {
    struct Damage {
        const char* list;
        const char* text;
    };
    for (const Damage damage :
         {Damage{"modules.dep", "nonsense\n"}, Damage{"modules.alias", "nonsense\n"},
          Damage{"modules.softdep", "nonsense\n"}, Damage{"modules.weakdep", "nonsense\n"}}) {
        INFO(damage.list);
        const Tree tree;
        tree.kernel.dir().write(std::string("lib/modules/6.1-test/") + damage.list, damage.text);
        const auto lists = read_kernel_lists(tree.kernel.directory());
        REQUIRE_FALSE(lists);
        const std::string text = lists.error().text();
        if (text.find("(remove it, and run: ") != std::string::npos)
            std::filesystem::remove(tree.list(damage.list));
        Tree::obey(text);
        CHECK(tree.read().modules.size() == 3);
    }
    const Tree tree;
    tree.kernel.dir().write("lib/modules/6.1-test/modules.builtin", "nonsense\n");
    CHECK(read_kernel_lists(tree.kernel.directory()).error().text() ==
          tree.list("modules.builtin").string() +
              ":1: is not 'PATH' (depmod does not create it: install the kernel again, or remove the file)");
    std::filesystem::remove(tree.list("modules.builtin"));
    CHECK(tree.read().builtin.size() == 1);
}

TEST_CASE("the depmod command is right for every place of the directory") {
    const test::TempDir dir;
    const std::string root = dir.path().string();
    std::filesystem::create_directories(dir / "usr/lib/modules/6.1");
    CHECK(depmod_command(dir / "usr/lib/modules/6.1") == "depmod -b " + root + "/usr 6.1");
    std::filesystem::create_symlink("usr/lib", dir / "lib");
    CHECK(depmod_command(dir / "usr/lib/modules/6.1") == "depmod -b " + root + " 6.1");
    CHECK(depmod_command("/lib/modules/6.1") == "depmod -b / 6.1");
    CHECK(depmod_command("lib/modules/6.1") == "depmod -b . 6.1");
    CHECK(depmod_command("/a b/lib/modules/6.1") == "depmod -b '/a b' 6.1");
    CHECK(depmod_command("/it's/lib/modules/6.1") == "depmod -b '/it'\\''s' 6.1");
}

TEST_CASE("a pattern names a module in whatever form it is compressed, or built in") {
    for (const char* pattern : {"kernel/x.ko", "kernel/x.ko.gz", "kernel/x.ko.xz", "kernel/x.ko.zst",
                                "kernel/x.ko.*", "kernel/*.ko.xz"})
        for (const char* path : {"kernel/x.ko", "kernel/x.ko.gz", "kernel/x.ko.xz", "kernel/x.ko.zst"}) {
            INFO(pattern << ' ' << path);
            CHECK(module_pattern_matches(pattern, path));
        }
    CHECK_FALSE(module_pattern_matches("kernel/x.ko.xz", "kernel/y.ko"));
    CHECK_FALSE(module_pattern_matches("kernel/x.ko.bz2", "kernel/x.ko"));
}
