// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/driver_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

const std::string modules_of_kernel = "/lib/modules/6.1.0-9-lts/";

} // namespace

TEST_CASE("modules that options and /etc/modules name are loaded, and a missing one is a warning") {
    test::BootBench bench("root=/dev/sda modules=dummy,absent blacklist=pcspkr");
    bench.system.write(modules_of_kernel + "modules.dep", "dummy.ko:\nloop.ko:\n");
    bench.system.write("/etc/modules", "loop max_loop=8\n");
    const BootConfig image;
    TaskGroup wanted(bench.io);
    const auto modules =
        bench.run(load_modules(bench.services, image, bench.options, wanted, LoadMode::OneByOne));
    REQUIRE(modules);
    bench.run_to_end(wanted.join());
    CHECK((*modules)->loaded() == std::vector<std::string>{"dummy", "loop"});
    CHECK(bench.system.called("module " + modules_of_kernel + "loop.ko async_probe max_loop=8"));
    CHECK(bench.says("MPX-MOD-01 absent: "));
    CHECK_FALSE(bench.says("the image has modules for kernel"));
}

TEST_CASE("a module of modules= that does not return holds up neither the next one nor the boot") {
    test::BootBench bench("root=/dev/sda modules=slow,behind,dummy");
    bench.system.write(modules_of_kernel + "modules.dep", "slow.ko:\nbehind.ko: slow.ko\ndummy.ko:\n");
    bench.system.hold("slow.ko");
    const BootConfig image;
    TaskGroup wanted(bench.io);
    const auto modules = bench.run(load_modules(bench.services, image, bench.options, wanted));
    REQUIRE(modules);
    CHECK((*modules)->loading() == std::vector<std::string>{"behind", "dummy", "slow"});
    const auto patience = std::chrono::seconds(20);
    REQUIRE(test::run_until(
        bench.io, [&] { return (*modules)->loaded() == std::vector<std::string>{"dummy"}; }, patience));
    const auto told = [&] { return bench.says("MPX-SYS-04 slow: the module has not returned"); };
    REQUIRE(test::run_until(bench.io, told, patience, [] { return false; }));
    bench.run_to_end(wanted.join());
    CHECK_FALSE(bench.says("dummy:"));
    CHECK_FALSE(bench.says("for 0 s"));
    bench.system.let_go("slow.ko");
    bench.run_to_end((*modules)->wait_until_settled(Urgency::Device));
    CHECK((*modules)->loaded() == std::vector<std::string>{"dummy", "slow", "behind"});
}

TEST_CASE("an image for another kernel is told before its modules are missed") {
    test::BootBench bench;
    BootConfig image;
    image.kernel_version = "5.10.1";
    TaskGroup wanted(bench.io);
    REQUIRE(bench.run(load_modules(bench.services, image, bench.options, wanted)));
    CHECK(bench.says("the image has modules for kernel 5.10.1, but the running kernel is 6.1.0-9-lts"));
}

TEST_CASE("modules of the running kernel that another archive hides are not laid to the kernel") {
    test::BootBench bench;
    BootConfig image;
    image.kernel_version = "6.1.0-9-lts";
    TaskGroup wanted(bench.io);
    REQUIRE(bench.run(load_modules(bench.services, image, bench.options, wanted)));
    CHECK(bench.says(
        "/lib/modules/6.1.0-9-lts lists no modules: the image was built without any, or another archive "
        "hides them"));
    CHECK_FALSE(bench.says("but the running kernel is"));
}

TEST_CASE("modules that the plan needs later are loaded while the network is waited for") {
    const auto [cmdline, wanted] = GENERATE(table<std::string, std::vector<std::string>>({
        {"root=/dev/sda overlaytmpfs", {"overlay"}},
        {"root=nfs:10.0.0.1:/srv", {"nfs", "nfsv4"}},
        {"root=nfs:10.0.0.1:/srv,vers=3", {"nfs", "nfsv3"}},
        {"root=nfs:10.0.0.1:/srv rootflags=vers=3", {"nfs", "nfsv3"}},
        {"root=/dev/sda modloop=http://h/modloop", {"loop", "squashfs"}},
        {"root=/dev/sda", {}},
    }));
    INFO(cmdline);
    test::BootBench bench(cmdline);
    bench.system.write(modules_of_kernel + "modules.dep",
                       "nfs.ko:\nnfsv3.ko:\nnfsv4.ko:\nloop.ko:\nsquashfs.ko:\noverlay.ko:\n");
    ModuleLoader modules(bench.io, bench.system, bench.log, read_modules(bench.system, bench.log).value());
    bench.run_to_end(preload_modules(bench.services, modules, bench.devices, bench.options, bench.plan));
    CHECK(modules.loaded() == wanted);
}
