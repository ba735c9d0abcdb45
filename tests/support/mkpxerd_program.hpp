// SPDX-License-Identifier: MIT
// Runs whole command lines in process and keeps their output, with a small system to build from.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "kernel_tree.hpp"
#include "mkpxerd/cli/run.hpp"

namespace mkpxerd::test {

// The output of the last command line.
struct CommandRunner {
    std::ostringstream out;
    std::ostringstream err;

    // Where the program finds its data and its init, and the SOURCE_DATE_EPOCH of its environment.
    int run_with(const std::filesystem::path& data, const std::filesystem::path& init,
                 const std::vector<std::string>& arguments, const std::string& epoch = {}) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, data, init, epoch});
    }
};

// A system with a kernel of one module and a built-in driver of network cards, and the program installed
// beside it, with the feature nfs and the profile network.
class SmallSystem : public KernelTree {
  public:
    SmallSystem() {
        module("kernel/fs/nfs/nfs.ko");
        builtin("kernel/drivers/net/virtio_net.ko");
        depmod();
        dir().write("lib/mkpxerd/init", "init");
        dir().write("share/mkpxerd/features.d/nfs.modules", "kernel/fs/nfs/*\n");
        dir().write("share/mkpxerd/profiles/network.yaml", "features: [nfs]\n");
        for (const char* name : {"completions", "snippets"})
            std::filesystem::create_directory_symlink(std::filesystem::path(MKPXERD_SOURCE_DIR) / name,
                                                      dir() / "share/mkpxerd" / name);
    }
};
inline const KernelTree& small_system() {
    static const SmallSystem tree;
    return tree;
}

// A copy of that system, for one test.
struct Program : CommandRunner {
    KernelTree kernel{small_system()};

    std::string path(const std::string& name) const { return (kernel.dir() / name).string(); }
    std::string root() const { return kernel.dir().path().string(); }
    std::string image() const { return path("image"); }
    int run(const std::vector<std::string>& arguments, const std::string& epoch = {}) {
        return run_with(path("share/mkpxerd"), path("lib/mkpxerd/init"), arguments, epoch);
    }
};

} // namespace mkpxerd::test
