// SPDX-License-Identifier: MIT
// `mkpxerd bundle` in process: a small system with a kernel and what a bundle's line needs, a directory that
// a server can pass, and a packer that keeps the archive as it comes.
#pragma once

#include <catch2/catch.hpp>

#include "fake_program.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"

namespace mkpxerd::test {

struct BundleProgram : Program {
    TempDir dir;
    FakeProgram packer{"mksquashfs", R"(exec cat >"$2")"};
    BundleProgram() {
        kernel.dir().write("boot/vmlinuz-6.1-test", "kernel");
        for (const char* path :
             {"fs/squashfs/squashfs.ko", "drivers/block/loop.ko", "fs/overlayfs/overlay.ko",
              "drivers/net/ethernet/intel/e1000/e1000.ko", "net/packet/af_packet.ko"})
            kernel.builtin(std::string("kernel/") + path);
        kernel.depmod();
        std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
    }
    std::string bundle(const std::string& name = "bundle") const { return (dir / name).string(); }
    std::string text(const std::string& name) const { return read_file(dir / "bundle" / name).value(); }
    // With the profile network, unless the options begin with another one.
    int make(const std::vector<std::string>& more = {}, const std::string& name = "bundle") {
        std::vector<std::string> arguments = {"bundle",   "-o", bundle(name), "--server",
                                              "10.0.0.1", "-b", root()};
        if (more.empty() || more.front() != "-p") arguments.insert(arguments.end(), {"-p", "network"});
        arguments.insert(arguments.end(), more.begin(), more.end());
        const int code = run(arguments);
        UNSCOPED_INFO(err.str());
        return code;
    }
    bool said(const std::string& text) const { return err.str().find(text) != std::string::npos; }
};

} // namespace mkpxerd::test
