// SPDX-License-Identifier: MIT
// The commands on images, as whole command lines.
#include "mkpxerd/cli/images/image_commands.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "image_tool.hpp"
#include "loader_files.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

// Standard input of this process, for a while.
class Input {
  public:
    explicit Input(const std::string& content) : saved_(::dup(STDIN_FILENO)) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        writer_ = std::thread([out = UniqueFd(ends[1]), content] {
            (void)write_all(out.get(), std::as_bytes(std::span(content)), "pipe");
        });
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() {
        writer_.join();
        ::dup2(saved_.get(), STDIN_FILENO);
    }

  private:
    UniqueFd saved_;
    std::thread writer_;
};

// Each command that reads an image, for an image of this name: what it printed.
std::vector<std::string> read_by_all(ImageTool& program, const std::string& image,
                                     const std::function<void(const std::function<void()>&)>& with_input) {
    const std::string directory = (program.dir / "out").string();
    std::vector<std::string> printed;
    for (const std::vector<std::string>& command : {std::vector<std::string>{"ls", image},
                                                    {"cat", image, "etc/a"},
                                                    {"extract", "-C", directory, image, "etc"},
                                                    {"size", image},
                                                    {"diff", image, program.write("plain.img", two_parts())},
                                                    {"lint", "apkovl=sda1:x.tar.gz", image}}) {
        INFO(command.front());
        with_input([&] {
            const int code = program.run(command);
            const bool differ = command.front() == "diff" && program.out.str() != "the files are identical\n";
            CHECK(code == (differ ? 1 : 0));
        });
        CHECK(program.err.str().empty());
        printed.push_back(program.out.str());
    }
    CHECK(read_file(directory + "/etc/a").value() == "one\n");
    CHECK(printed[1] == "one\n");
    return printed;
}

} // namespace

TEST_CASE("every command reads an image out of a uImage and a UKI") {
    ImageTool program;
    const auto plainly = [](const std::function<void()>& run) { run(); };
    const auto uimage_file = program.write("x.uimg", uimage(3, two_parts()));
    auto printed = read_by_all(program, uimage_file, plainly);
    CHECK(printed[0].find("# uImage: 64 bytes around the initrd\n# part 1: none at byte 64, 6 entries") == 0);
    CHECK(printed[3].find("64 bytes of the uImage around them") != std::string::npos);
    CHECK(printed[4].find("the trees are equal") != std::string::npos);
    const auto uki = program.write(
        "x.efi", efi_program({{".linux", "MZ kernel"},
                              {".initrd", two_parts()},
                              {".ucode", NewcBuilder().file("microcode", "code").trailer().text()}}));
    printed = read_by_all(program, uki, plainly);
    CHECK(printed[0].find("in .ucode, 1 entries") < printed[0].find("in .initrd, 6 entries"));
    CHECK(printed[3].find("(container)") != std::string::npos);
    CHECK(printed[4].find("-          -4 microcode\n") != std::string::npos);
    REQUIRE(program.run({"ls", "--json", uki}) == 0);
    CHECK(program.out.str().find("\"section\": \".initrd\"") != std::string::npos);
}

TEST_CASE("every command reads an image from standard input and from a pipe") {
    ImageTool program;
    const auto printed = read_by_all(program, "-", [](const std::function<void()>& run) {
        const Input input(two_parts());
        run();
    });
    CHECK(printed[3].find("standard input: ") == 0);
    const std::string pipe = (program.dir / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    read_by_all(program, pipe, [&](const std::function<void()>& run) {
        std::thread writer([&] { (void)write_file(pipe, two_parts()); });
        run();
        writer.join();
    });
    const Input input("");
    CHECK(program.run({"ls", "-"}) == 1);
    CHECK(program.err.str() == "mkpxerd: standard input: contains no archive\n");
}

TEST_CASE("names in a foreign image cannot drive the terminal") {
    ImageTool program;
    // The last one is U+009B, a control sequence in one character; the letter before it is no control.
    const auto image =
        program.write("x.img", NewcBuilder().file("a\x1b[31m\nb\xc3\x9f\xc2\x9b", "").trailer().text());
    for (const char* form : {"-l", "--long"}) {
        REQUIRE(program.run({"ls", form, image}) == 0);
        CHECK(program.out.str().find("a\\x1b[31m\\x0ab\xc3\x9f\\xc2\\x9b\n") != std::string::npos);
    }
}

TEST_CASE("wrong usage of a command on images exits 2") {
    ImageTool program;
    const auto image = program.write("x.img", sample().text());
    const auto arguments = GENERATE_COPY(values<std::vector<std::string>>({
        {"ls"},
        {"cat", image},
        {"extract"},
        {"size"},
        {"size", image, image},
        {"diff", image},
        {"lint"},
        {"lint", "quiet", image, "extra"},
        {"ls", "--profile", "network", image},
    }));
    CHECK(program.run(arguments) == 2);
}
