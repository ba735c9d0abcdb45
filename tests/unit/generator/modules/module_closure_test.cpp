// SPDX-License-Identifier: MIT
// Lists made by hand; module_resolver_test has those of depmod.
#include "mkpxerd/generator/modules/module_closure.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

using Kind = Reason::Kind;
using Names = std::set<std::string>;

const Reason wish{.kind = Kind::Pattern, .origin = {.file = "f.modules", .line = 1}};

struct Lab {
    KernelLists lists;

    // dependencies: as modules.dep has them; the texts must outlive the lists.
    Lab& module(const char* path, std::vector<std::string_view> dependencies = {}) {
        lists.modules.emplace_back(path);
        lists.by_name[name_of(path)] = {.path = path, .dependencies = std::move(dependencies)};
        return *this;
    }
    Lab& builtin(const char* path) {
        lists.builtin.emplace_back(path);
        lists.by_name[name_of(path)] = {};
        return *this;
    }
    static std::string name_of(std::string_view path) {
        path.remove_prefix(path.rfind('/') + 1);
        return std::string(path.substr(0, path.find('.')));
    }
    WantedModule wanted(const std::string& name) const {
        return {.name = name, .path = std::string(lists.by_name.at(name).path), .reason = wish};
    }
    ModuleClosure close(std::initializer_list<const char*> names) const {
        ModuleClosure closure(lists);
        for (const char* name : names)
            closure.add(wanted(name));
        closure.close();
        return closure;
    }
};

Names names(const ModuleClosure& closure) {
    Names all;
    for (const auto& [name, module] : closure.wanted())
        all.insert(name);
    return all;
}

// Where phylib is a module, dependencies tell who uses it.
std::vector<std::string> unread(const std::string& path) {
    FAIL(path << " was read");
    return {};
}

} // namespace

TEST_CASE("dependencies follow, in several words of a piece, and the reason is the shortest way") {
    Lab lab;
    lab.module("kernel/a.ko", {"kernel/b.ko kernel/c.ko"})
        .module("kernel/b.ko", {"kernel/c.ko"})
        .module("kernel/c.ko", {"kernel/d.ko"})
        .module("kernel/d.ko")
        .module("kernel/e.ko");
    const ModuleClosure closure = lab.close({"a"});
    CHECK(names(closure) == Names{"a", "b", "c", "d"});
    CHECK(closure.wanted().at("a").reason == wish);
    CHECK(closure.wanted().at("c").reason == Reason{.kind = Kind::Depends, .from = "a"});
    CHECK(closure.wanted().at("d").reason == Reason{.kind = Kind::Depends, .from = "c"});
    CHECK(closure.wanted().at("d").path == "kernel/d.ko");
}

TEST_CASE("the first wish for a module counts, and a circle ends") {
    Lab lab;
    lab.module("kernel/a.ko", {"kernel/b.ko"}).module("kernel/b.ko", {"kernel/a.ko"});
    const ModuleClosure closure = lab.close({"a", "b"});
    CHECK(closure.wanted().at("b").reason == wish);
    CHECK(closure.wanted().size() == 2);
}

TEST_CASE("softdeps and weakdeps follow by name or alias, to what is there; unknown names are left") {
    Lab lab;
    lab.module("kernel/a.ko")
        .module("kernel/pre.ko")
        .module("kernel/post.ko")
        .module("kernel/weak.ko", {"kernel/deep.ko"})
        .module("kernel/deep.ko")
        .module("kernel/one.ko")
        .module("kernel/two.ko");
    lab.lists.softdeps["a"] = {.pre = {"pre", "crypto-x", "none"}, .post = {"post"}};
    lab.lists.weakdeps["a"] = {"weak"};
    lab.lists.aliases = {{"one", {"crypto_x"}}, {"two", {"crypto_*"}}};
    const ModuleClosure closure = lab.close({"a"});
    CHECK(names(closure) == Names{"a", "deep", "one", "post", "pre", "two", "weak"});
    CHECK(closure.wanted().at("one").reason == Reason{.kind = Kind::SoftdepPre, .from = "a"});
    CHECK(closure.wanted().at("post").reason == Reason{.kind = Kind::SoftdepPost, .from = "a"});
    CHECK(closure.wanted().at("weak").reason == Reason{.kind = Kind::Weakdep, .from = "a"});
}

TEST_CASE("what is built in has no file, but asks for modules") {
    Lab lab;
    lab.module("kernel/a.ko").module("kernel/soft.ko").builtin("kernel/in.ko");
    lab.lists.softdeps["a"] = {.pre = {"in"}, .post = {}};
    lab.lists.softdeps["in"] = {.pre = {"soft"}, .post = {}};
    const ModuleClosure closure = lab.close({"a"});
    CHECK(names(closure) == Names{"a", "soft"});
    CHECK(closure.builtin() == Names{"in"});
    CHECK(closure.wanted().at("soft").reason.from == "in");
}

TEST_CASE("a network driver that uses phylib brings the PHY drivers, one that does not brings none") {
    Lab lab;
    lab.module("kernel/drivers/net/phy/libphy.ko")
        .module("kernel/drivers/net/r8169.ko", {"kernel/drivers/net/phy/libphy.ko"})
        .module("kernel/drivers/net/e1000.ko")
        .module("kernel/drivers/net/phy/realtek.ko", {"kernel/drivers/net/phy/libphy.ko"})
        .module("kernel/drivers/net/phy/plain.ko")
        .module("external/phy.ko");
    lab.lists.aliases = {{"realtek", {"mdio:0000"}}, {"phy", {"mdio:0001"}}};
    const std::vector<Machine> no_lists;
    const HardwareFilter everything(no_lists, lab.lists);
    ModuleClosure without = lab.close({"e1000"});
    without.add_phy_drivers(everything, unread);
    CHECK(names(without) == Names{"e1000"});
    ModuleClosure phy_alone = lab.close({"realtek"});
    phy_alone.add_phy_drivers(everything, unread);
    CHECK(names(phy_alone) == Names{"libphy", "realtek"});
    ModuleClosure with = lab.close({"r8169"});
    with.add_phy_drivers(everything, unread);
    CHECK(names(with) == Names{"libphy", "phy", "r8169", "realtek"});
    CHECK(with.wanted().at("realtek").reason == Reason{.kind = Kind::PhyDriver, .from = "r8169"});
}

TEST_CASE("hardware lists that know PHYs rule out the others") {
    Lab lab;
    lab.module("kernel/drivers/net/phy/libphy.ko")
        .module("kernel/drivers/net/r8169.ko", {"kernel/drivers/net/phy/libphy.ko"})
        .module("kernel/drivers/net/phy/one.ko")
        .module("kernel/drivers/net/phy/two.ko");
    lab.lists.aliases = {{"one", {"mdio:0001"}}, {"two", {"mdio:0010"}}};
    const std::vector<Machine> machines = {{.name = "rack", .modaliases = {"mdio:0010"}}};
    const HardwareFilter hardware(machines, lab.lists);
    ModuleClosure closure = lab.close({"r8169"});
    closure.add_phy_drivers(hardware, unread);
    CHECK(names(closure) == Names{"libphy", "r8169", "two"});
}

TEST_CASE("who uses a phylib that is built in is read from the modules, and of built-in cards unknown") {
    Lab lab;
    lab.builtin("kernel/drivers/net/phy/libphy.ko")
        .builtin("kernel/drivers/net/virtio_net.ko")
        .builtin("kernel/drivers/net/ethernet/inside.ko")
        .module("kernel/drivers/net/r8169.ko")
        .module("kernel/drivers/net/e1000.ko")
        .module("kernel/drivers/net/phy/realtek.ko");
    lab.lists.aliases = {{"realtek", {"mdio:0000"}}};
    const std::vector<Machine> no_lists;
    const HardwareFilter everything(no_lists, lab.lists);
    const auto imports = [](const std::string& path) {
        return std::vector<std::string>{path.ends_with("r8169.ko") ? "__devm_mdiobus_register" : "phy_init"};
    };
    const auto with_phys = [&](ModuleClosure closure) {
        closure.add_phy_drivers(everything, imports);
        return names(closure);
    };
    CHECK(with_phys(lab.close({"r8169"})) == Names{"r8169", "realtek"});
    CHECK(with_phys(lab.close({"e1000"})) == Names{"e1000"});
    ModuleClosure cards = lab.close({});
    cards.add_builtin("virtio_net");
    CHECK(with_phys(cards).empty());
    cards.add_builtin("inside");
    CHECK(with_phys(cards) == Names{"realtek"});
}
