// SPDX-License-Identifier: MIT
// A fake machine with a few kernel modules: dependencies, softdeps (two of them in a cycle) and aliases.
#pragma once

#include <string>
#include <sys/wait.h>
#include <vector>

#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "run_task.hpp"

namespace mkpxerd::test {

struct ModuleMachine {
    ModuleMachine() {
        const std::string directory = "/lib/modules/6.1.0-9-lts/";
        system.write(directory + "modules.dep",
                     "k/nfs.ko: k/lockd.ko k/sunrpc.ko\nk/lockd.ko: k/sunrpc.ko\nk/sunrpc.ko:\n"
                     "k/r8169.ko.zst:\nk/realtek.ko:\nk/crc32c_generic.ko:\nk/late.ko:\nk/a.ko:\n"
                     "k/b.ko: k/a.ko\nk/ring1.ko:\nk/ring2.ko:\n");
        system.write(directory + "modules.builtin", "kernel/net/packet/af_packet.ko\n");
        system.write(directory + "modules.softdep", "softdep r8169 pre: realtek crc32c missing post: late\n"
                                                    "softdep ring1 pre: ring2\nsoftdep ring2 pre: ring1\n");
        system.write(directory + "modules.alias", "alias pci:v10ECd8168* r8169\nalias crc32c crc32c_generic\n"
                                                  "alias fs-nfs4 nfs\nalias two-* a\nalias two-* b\n");
    }
    // Reaps what loaders have started; those have ended before.
    ~ModuleMachine() {
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }
    netboot::ModuleLoader loader(netboot::LoadMode mode = netboot::LoadMode::OneByOne) {
        return {io, system, log, netboot::read_modules(system, log).value(), mode};
    }
    Result<void> load(netboot::ModuleLoader& loader, const std::string& name,
                      const std::string& parameters = {}) {
        return run(io, loader.load(name, parameters, netboot::Urgency::Device, netboot::Deadline::max()));
    }
    // Until nothing is queued or loading any more.
    void settle(netboot::ModuleLoader& loader, netboot::Urgency urgency = netboot::Urgency::Rest) {
        const auto wait = [&]() -> boost::asio::awaitable<bool> {
            co_await loader.wait_until_settled(urgency);
            co_return true;
        };
        CHECK(run(io, wait()));
    }
    std::vector<std::string> loaded() const {
        std::vector<std::string> names;
        for (const auto& call : system.calls())
            names.push_back(
                call.substr(call.rfind('/') + 1, call.find(' ', call.rfind('/')) - call.rfind('/') - 1));
        return names;
    }
    boost::asio::io_context io{1};
    FakeSystem system;
    MemoryLog log;
};

} // namespace mkpxerd::test
