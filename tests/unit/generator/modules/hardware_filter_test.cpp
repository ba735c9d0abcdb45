// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/hardware_filter.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// A kernel's aliases, and machines that ask for some.
struct Kernel {
    KernelLists lists;
    std::vector<Machine> machines;
    void machine(const std::string& text) {
        machines.push_back(parse_hardware_list(text, "host.modalias").value());
    }
    HardwareFilter::Verdict judge(const std::string& module, bool named = false) const {
        return HardwareFilter(machines, lists)
            .judge(module, "kernel/drivers/net/ethernet/" + module + ".ko", named);
    }
    bool wants(const std::string& module) const { return judge(module).wanted; }
};

} // namespace

TEST_CASE("drivers on buses that nobody listed are kept, and match where a machine has the bus") {
    Kernel kernel;
    kernel.lists.aliases["ibmveth"] = {"vio:TnetworkSIBM,l-lan"};
    kernel.lists.aliases["ps3_gelic"] = {"ps3:3"};
    kernel.lists.aliases["zorro8390"] = {"zorro:i02190201"};
    kernel.lists.aliases["tomorrow"] = {"bus-of-tomorrow:v1*", "pci:v00001234d*"};
    kernel.lists.aliases["other"] = {"pci:v00001234d*"};
    kernel.machine("vio:TnetworkSIBM,l-lan\n");
    CHECK(kernel.judge("ibmveth").machine == "host");
    for (const char* module : {"ibmveth", "ps3_gelic", "zorro8390", "tomorrow"})
        CHECK(kernel.wants(module));
    CHECK_FALSE(kernel.wants("other")); // of a bus on which every device announces itself
}

TEST_CASE("modaliases are compared as the kernel does: dash and underscore are the same") {
    Kernel kernel;
    kernel.lists.aliases["dpaa2"] = {"fsl-mc:v00001957ddpni"};
    kernel.lists.aliases["board"] = {"platform:my_card"};
    kernel.machine("fsl_mc:v00001957ddpni\nplatform:my-card\n");
    CHECK(kernel.wants("dpaa2"));
    CHECK(kernel.wants("board"));
}

TEST_CASE("names in /dev and symbols make no driver of a module") {
    Kernel kernel;
    kernel.lists.aliases["tun"] = {"devname:net/tun", "char-major-10-200"};
    kernel.machine("pci:v1\n");
    CHECK_FALSE(kernel.wants("tun"));
    CHECK(kernel.judge("tun", true).wanted);
}

TEST_CASE("a list may be of sysfs' uevent files") {
    Kernel kernel;
    kernel.lists.aliases["other"] = {"pci:v00001234d*"};
    kernel.machine("MODALIAS=pci:v00001234d00000001\r\n");
    CHECK(kernel.wants("other"));
}

TEST_CASE("the bus of an alias is known in every spelling of file2alias.c") {
    Kernel kernel;
    for (const char* alias :
         {"acpi*:AMDI8001:*", "dmi*:svnVendor:*", "of:N*T*Cx", "xen:vif", "pnp:dX", "ccw:t1*"}) {
        kernel.lists.aliases["card"] = {alias};
        INFO(alias);
        CHECK(kernel.wants("card")); // no machine: all
        kernel.machines.clear();
        kernel.machine("usb:v1\n");
        CHECK_FALSE(kernel.wants("card"));
        kernel.machines.clear();
    }
}

TEST_CASE("a file without any modalias is refused in one line, and of bad lines only a few are named") {
    const auto refusal = [](const std::string& text) {
        return parse_hardware_list(text, "h").error().text();
    };
    const std::string no_list = "h: is not a list of modaliases: no line names a device (collect one on the "
                                "machine: mkpxerd hardware > host.modalias)";
    CHECK(refusal("root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n") == no_list);
    CHECK(refusal("00:00.0 Host bridge: Intel\n00:1f.6 Ethernet controller: Intel\n") == no_list);
    CHECK(refusal(std::string("\x7f") + "ELF\n\x01\n\x02:\n") == no_list);
    CHECK(refusal("pci:v1\na\nb\nc\nd\ne\n").ends_with("\nh: 2 more lines are no modaliases"));
    CHECK(parse_hardware_list("bus_of_tomorrow:x\nMODALIAS=usb:v1\n", "h")->modaliases.size() == 2);
}
