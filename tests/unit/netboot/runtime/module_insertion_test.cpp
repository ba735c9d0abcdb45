// SPDX-License-Identifier: MIT
// Decompressing is real; the kernel's part is a function, since no test may load a module into this machine.
#include "mkpxerd/netboot/runtime/module_insertion.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <linux/module.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compressed.hpp"
#include "compressed_archives.hpp"
#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// Answers the calls in turn, the last answer forever, and keeps what the kernel would have read.
struct Kernel {
    std::vector<std::errc> refusals = {};
    std::vector<int> flags = {};
    std::string content = {};

    std::error_code call(int file, int given) {
        flags.push_back(given);
        struct stat st {};
        REQUIRE(::fstat(file, &st) == 0);
        content.assign(static_cast<std::size_t>(st.st_size), '\0');
        REQUIRE(::pread(file, content.data(), content.size(), 0) == st.st_size);
        const std::size_t turn = flags.size() - 1;
        return turn < refusals.size() ? std::make_error_code(refusals[turn]) : std::error_code();
    }
};

ModuleAnswer insert(Kernel& kernel, std::string_view module, std::string_view kernel_format) {
    const test::TempDir dir;
    dir.write("m.ko", module); // the name tells nothing of the content
    return insert_module(dir / "m.ko", kernel_format,
                         [&](int file, int flags) { return kernel.call(file, flags); });
}

std::string module_text() {
    std::string text = "\x7f"
                       "ELF";
    for (int i = 0; text.size() < 400'000; ++i)
        text += fmt::format("symbol {} ", i * 7919);
    return text;
}

} // namespace

TEST_CASE("a plain module goes to the kernel as it is") {
    Kernel kernel;
    const auto answer = insert(kernel, module_text(), "zstd");
    CHECK_FALSE(answer.error);
    CHECK(answer.detail.empty());
    CHECK(kernel.flags == std::vector{0});
    CHECK(kernel.content == module_text());
}

TEST_CASE("the init decompresses what the kernel does not") {
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd}) {
        Kernel kernel;
        const auto answer = insert(kernel, test::compressed(module_text(), format), "");
        CHECK_FALSE(answer.error);
        CHECK(answer.detail == fmt::format("{}, decompressed by the init", wrap::format_name(format)));
        CHECK(kernel.flags == std::vector{0});
        CHECK(kernel.content == module_text());
    }
    // xz with CRC64 and several streams, as distributions and people make them.
    Kernel kernel;
    const auto answer = insert(kernel, test::compressed_xz_crc64() + test::compressed_xz(), "");
    CHECK_FALSE(answer.error);
    CHECK(kernel.content.size() == 1024);
}

TEST_CASE("the kernel decompresses its own format, and gets no other one") {
    const std::string xz = test::compressed(module_text(), wrap::Format::Xz);
    Kernel kernel;
    const auto answer = insert(kernel, xz, "xz");
    CHECK_FALSE(answer.error);
    CHECK(answer.detail == "xz, decompressed by the kernel");
    CHECK(kernel.flags == std::vector{MODULE_INIT_COMPRESSED_FILE});
    CHECK(kernel.content == xz);
    Kernel other;
    CHECK(insert(other, test::compressed(module_text(), wrap::Format::Zstd), "xz").detail ==
          "zstd, decompressed by the init");
    CHECK(other.flags == std::vector{0});
}

TEST_CASE("what the kernel's decoder refuses is decompressed by the init; other errors are the module's") {
    const std::string xz = test::compressed(module_text(), wrap::Format::Xz);
    for (const auto refusal : {std::errc::operation_not_supported, std::errc::invalid_argument}) {
        Kernel kernel{.refusals = {refusal}};
        const auto answer = insert(kernel, xz, "xz");
        CHECK_FALSE(answer.error);
        CHECK(answer.detail == "xz, decompressed by the init");
        CHECK(kernel.flags == std::vector{MODULE_INIT_COMPRESSED_FILE, 0});
        CHECK(kernel.content == module_text());
    }
    Kernel twice{.refusals = {std::errc::invalid_argument, std::errc::no_such_device}};
    const auto second = insert(twice, xz, "xz");
    CHECK(second.error == std::errc::no_such_device);
    CHECK(second.detail.empty());
    Kernel kernel{.refusals = {std::errc::file_exists}};
    const auto answer = insert(kernel, xz, "xz");
    CHECK(answer.error == std::errc::file_exists);
    CHECK(kernel.flags.size() == 1);
}

TEST_CASE("a damaged module is never given to the kernel, and the error says what is wrong") {
    std::string cut = test::compressed(module_text(), wrap::Format::Zstd);
    cut.resize(cut.size() / 2);
    Kernel kernel;
    const auto answer = insert(kernel, cut, "");
    CHECK(answer.error == std::errc::bad_message);
    CHECK(answer.detail == fmt::format("cannot be decompressed: the zstd stream at byte 0 has no end: the "
                                       "file stops at byte {}",
                                       cut.size()));
    CHECK(kernel.flags.empty());
    const auto missing = insert_module("/nonexistent/m.ko", "", [](int, int) { return std::error_code(); });
    CHECK(missing.error == std::errc::no_such_file_or_directory);
}

TEST_CASE("a file that cannot be opened is told as such, not as a symbol that is missing") {
    const test::TempDir dir;
    const auto answer = insert_module(dir / "gone.ko", "", [](int, int) -> std::error_code { return {}; });
    CHECK(answer.error == std::errc::no_such_file_or_directory);
    CHECK(answer.detail == "cannot be opened: No such file or directory");
}
