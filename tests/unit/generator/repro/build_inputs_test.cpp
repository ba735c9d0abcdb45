// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/repro/build_inputs.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "kernel_tree.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

bool has(const BuildInputs& inputs, const std::string& end) {
    return std::ranges::any_of(inputs.files, [&](const InputFile& file) { return file.path.ends_with(end); });
}

} // namespace

TEST_CASE("without a request, the inputs are the settings as they were read") {
    SettingsRecord settings;
    settings.texts = {{.text = "features=x\n", .file = "/etc/../etc/mkinitfs/mkinitfs.conf"}};
    const BuildInputs inputs = collect_inputs(settings, nullptr);
    CHECK(inputs.files == std::vector<InputFile>{{"etc/mkinitfs/mkinitfs.conf", "features=x\n"}});
    CHECK(inputs.left_out.empty());
}

TEST_CASE("of two lists with the same name, the one that counts is an input") {
    const test::TempDir dir;
    dir.write("first/nfs.modules", "first\n");
    dir.write("second/nfs.modules", "second\n");
    dir.write("second/nfs.files", "files\n");
    BuildRequest request;
    request.with_kernel = false;
    request.feature_dirs = {dir / "first", dir / "second"};
    const BuildInputs inputs = collect_inputs({}, &request);
    REQUIRE(inputs.files.size() == 2);
    CHECK(inputs.files[0].content == "first\n");
    CHECK(inputs.files[1].content == "files\n");
}

TEST_CASE("what can be read only once, or leads to a secret, is left out") {
    test::KernelTree kernel;
    kernel.module("kernel/fs/nfs/nfs.ko");
    kernel.depmod();
    kernel.dir().write("etc/shadow", "root:$6$salt$" + std::string(86, 'x') + ":19000:0:99999:7:::\n");
    const auto alias = kernel.directory() / "modules.alias";
    std::filesystem::remove(alias);
    std::filesystem::create_symlink("/etc/shadow", alias);
    REQUIRE(::mkfifo((kernel.dir() / "pipe").c_str(), 0600) == 0);
    BuildRequest request;
    request.kernel_root = kernel.dir().path();
    request.hardware = {kernel.dir() / "pipe"};
    const BuildInputs inputs = collect_inputs({}, &request);
    CHECK(inputs.kernel_version == kernel.version());
    CHECK(has(inputs, "/modules.dep"));
    CHECK_FALSE(has(inputs, "/modules.alias"));
    CHECK_FALSE(has(inputs, "/pipe"));
    CHECK(inputs.left_out.size() == 2);
}
