// SPDX-License-Identifier: MIT
// The commands on images, as whole command lines.
#include "mkpxerd/cli/image_commands.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "compressed_archives.hpp"
#include "image_file.hpp"
#include "loader_files.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

struct ImageTool : test::CommandRunner {
    TempDir dir;
    int run(const std::vector<std::string>& arguments) {
        return run_with(dir / "share", dir / "init", arguments);
    }
    std::string write(std::string_view name, std::string_view content) {
        return dir.write(name, content).string();
    }
};

NewcBuilder sample() {
    NewcBuilder b;
    b.file("init", "#!", 0755).directory("etc").file("etc/a", "one\n").link("etc/l", "a");
    b.add({.name = "dev", .mode = 0040755})
        .add({.name = "dev/null", .mode = 0020666, .mtime = 86400, .major = 1, .minor = 3});
    b.trailer();
    return b;
}

std::string two_parts() {
    std::string file = sample().text();
    return file + compressed_gzip();
}

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
        with_input([&] { CHECK(program.run(command) == 0); });
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

TEST_CASE("ls lists every part with its place, compression and entries") {
    ImageTool program;
    REQUIRE(program.run({"ls", program.write("x.img", two_parts())}) == 0);
    const std::size_t plain = sample().text().size();
    CHECK(program.out.str() == "# part 1: none at byte 0, 6 entries, " + std::to_string(plain) +
                                   " bytes\ninit\netc\netc/a\netc/l\ndev\ndev/null\n# part 2: gzip at byte " +
                                   std::to_string(plain) +
                                   ", 2 entries, 115 bytes, 512 unpacked\n.\nhello\n");
    CHECK(program.err.str().empty());
}

TEST_CASE("ls -l shows modes, owners, sizes, times and targets") {
    ImageTool program;
    REQUIRE(program.run({"ls", "-l", program.write("x.img", sample().text())}) == 0);
    const std::string text = program.out.str();
    CHECK(text.find("-rwxr-xr-x  1     0     0          2 1970-01-01 00:00 init\n") != std::string::npos);
    CHECK(text.find("lrwxrwxrwx  1     0     0          1 1970-01-01 00:00 etc/l -> a\n") !=
          std::string::npos);
    CHECK(text.find("crw-rw-rw-  1     0     0       1, 3 1970-01-02 00:00 dev/null\n") != std::string::npos);
}

TEST_CASE("ls --json holds the same as JSON") {
    ImageTool program;
    REQUIRE(program.run({"ls", "--json", program.write("x.img", two_parts())}) == 0);
    const std::string text = program.out.str();
    CHECK(text.starts_with("[\n  {\n    \"image\": \""));
    CHECK(text.find("\"compression\": \"gzip\"") != std::string::npos);
    CHECK(text.find("\"path\": \"etc/l\",\n            \"type\": \"l\",\n            \"mode\": \"0777\"") !=
          std::string::npos);
    CHECK(text.find("\"target\": \"a\"") != std::string::npos);
}

TEST_CASE("ls goes on after a bad image, and fails") {
    ImageTool program;
    const auto good = program.write("good.img", sample().text());
    const auto bad = program.write("bad.img", "no image at all");
    CHECK(program.run({"ls", bad, good, program.write("cut.img", sample().text().substr(0, 300))}) == 1);
    CHECK(program.out.str().find("# " + good + "\n# part 1") != std::string::npos);
    CHECK(program.err.str().find("bad.img: neither an archive nor compressed data at byte 0\n") !=
          std::string::npos);
    CHECK(program.err.str().find("cut.img: the archive ends within the entry at byte ") != std::string::npos);
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

TEST_CASE("cat prints files in the order asked for, the last archive's where there are several") {
    ImageTool program;
    std::string file = sample().text() + compressed_gzip();
    file += std::string(4 - file.size() % 4, '\0') + NewcBuilder().file("etc/a", "two\n").trailer().text();
    const auto path = program.write("x.img", file);
    REQUIRE(program.run({"cat", path, "hello", "/etc/l", "init", "hello"}) == 0);
    CHECK(program.out.str() == std::string(hello_text) + "two\n#!" + std::string(hello_text));
    CHECK(program.run({"cat", path, "etc"}) == 1);
    CHECK(program.err.str().find("'etc' is not a regular file") != std::string::npos);
    CHECK(program.run({"cat", path, "etc/b", "hullo"}) == 1);
    CHECK(program.err.str().find("no entry 'hullo' (did you mean hello?)") != std::string::npos);
}

TEST_CASE("extract unpacks into the directory named") {
    ImageTool program;
    const auto directory = program.dir / "tree";
    REQUIRE(program.run({"extract", program.write("x.img", two_parts()), "-C", directory.string(), "etc",
                         "hello"}) == 0);
    CHECK(read_file(directory / "etc/a").value() == "one\n");
    CHECK(read_file(directory / "hello").value() == hello_text);
    CHECK_FALSE(std::filesystem::exists(directory / "init"));
    CHECK(program.out.str() == "4 entries extracted to " + directory.string() + "\n");
}

TEST_CASE("extract says what it does not write, and fails when that was asked for") {
    ImageTool program;
    NewcBuilder b;
    b.directory("run").file("run/f", "text").add({.name = "run/socket", .mode = 0140755});
    b.file("none/lost", "x").trailer();
    const auto image = program.write("x.img", b.text());
    const std::string directory = (program.dir / "tree").string();
    const auto extract = [&](const std::vector<std::string>& paths) {
        std::vector<std::string> arguments = {"extract", image, "-C", directory};
        arguments.insert(arguments.end(), paths.begin(), paths.end());
        return program.run(arguments);
    };
    const std::string socket =
        "mkpxerd: warning: run/socket: not extracted: sockets and unknown types are not created\n";
    const std::string lost = "mkpxerd: warning: none/lost: not extracted: its directory does not exist\n";
    CHECK(extract({}) == 1);
    CHECK(program.err.str() == socket + lost);
    CHECK(program.out.str() == "2 entries extracted to " + directory + ", 2 not\n");
    CHECK(read_file(program.dir / "tree/run/f").value() == "text");
    CHECK(extract({"run"}) == 1);
    CHECK(program.err.str() == socket);
    CHECK(extract({"*/f", "none/*"}) == 1);
    CHECK(program.err.str().find("no entry 'none/*'") != std::string::npos);
    CHECK(extract({"none/lost"}) == 1);
    CHECK(program.err.str().find(
              "no entry 'none/lost' (the archive contains it, but its directory does not exist)") !=
          std::string::npos);
    CHECK(extract({"run/f"}) == 0);
    CHECK(program.err.str().empty());
}

TEST_CASE("extract says which devices and set-id bits it left in the image, and --preserve takes them") {
    ImageTool program;
    NewcBuilder b;
    b.add({.name = "su", .mode = 0104755, .body = "x"});
    b.add({.name = "null", .mode = 0020666, .major = 1, .minor = 3}).trailer();
    const auto image = program.write("x.img", b.text());
    const auto directory = program.dir / "tree";
    REQUIRE(program.run({"extract", image, "-C", directory.string()}) == 0);
    CHECK(program.err.str() == "mkpxerd: note: device nodes left out (1): null (--preserve creates them)\n"
                               "mkpxerd: note: set-id bits left out (1): su (--preserve keeps them)\n");
    CHECK((std::filesystem::status(directory / "su").permissions() & std::filesystem::perms(07700)) ==
          std::filesystem::perms(0700));
    program.run({"extract", image, "-C", directory.string(), "--preserve"});
    CHECK(program.err.str().find("note: ") == std::string::npos);
    CHECK((std::filesystem::status(directory / "su").permissions() & std::filesystem::perms::set_uid) ==
          (::geteuid() == 0 ? std::filesystem::perms::set_uid : std::filesystem::perms::none));
}

TEST_CASE("what extract does not write is counted where it is too much to tell") {
    ImageTool program;
    NewcBuilder b;
    for (int i = 0; i < 103; ++i)
        b.file("none/" + std::to_string(i), "x");
    CHECK(program.run({"extract", program.write("x.img", b.trailer().text()), "-C",
                       (program.dir / "tree").string()}) == 1);
    CHECK(std::ranges::count(program.err.str(), '\n') == 101);
    CHECK(program.err.str().ends_with("mkpxerd: warning: 3 more are not extracted\n"));
}

TEST_CASE("size shows features of an image that says why its entries are there") {
    ImageTool program;
    NewcBuilder b;
    b.file("init", "i", 0755).file("bin/busybox", std::string(1000, 'b'), 0755);
    b.file(std::string(provenance_path),
           write_provenance({{"bin/busybox", "pattern", "", "rescue", "rescue.files", 3}}));
    b.trailer();
    const auto path = program.write("x.img", b.text());
    REQUIRE(program.run({"size", path}) == 0);
    CHECK(program.out.str().find("by feature") != std::string::npos);
    CHECK(program.out.str().find("  rescue ") != std::string::npos);
    CHECK(program.out.str().find("is exact: nothing is compressed") != std::string::npos);
    REQUIRE(program.run({"size", "--json", path}) == 0);
    CHECK(program.out.str().find("\"name\": \"rescue\"") != std::string::npos);
    REQUIRE(program.run({"size", program.write("y.img", compressed_xz())}) == 0);
    CHECK(program.out.str().find("the image does not say which feature its entries come from") !=
          std::string::npos);
    CHECK(program.run(
              {"size",
               program.write("z.img",
                             NewcBuilder().file(std::string(provenance_path), "x").trailer().text())}) == 1);
    CHECK(program.err.str().find("etc/mkpxerd/reasons:1: 1 fields instead of 5") != std::string::npos);
}

TEST_CASE("diff names what changed and exits 0") {
    ImageTool program;
    const auto a = program.write("a.img", NewcBuilder().file("x", "1").file("y", "22").trailer().text());
    const auto b = program.write("b.img", NewcBuilder().file("x", "11").file("z", "333").trailer().text());
    REQUIRE(program.run({"diff", a, b}) == 0);
    CHECK(
        program.out.str().find("~          +1 x: content\n-          -2 y\n+          +3 z\n1 added (+3 B)\n"
                               "1 removed (-2 B)\n1 changed (+1 B)\n") != std::string::npos);
    REQUIRE(program.run({"diff", a, a}) == 0);
    CHECK(program.out.str() == "the files are identical\n");
    REQUIRE(program.run({"diff", "--json", a, b}) == 0);
    CHECK(program.out.str().find("\"kind\": \"removed\"") != std::string::npos);
}

TEST_CASE("lint exits 1 when the boot cannot work, and 0 when it only warns") {
    ImageTool program;
    CHECK(program.run({"lint", "ip=dhcp modlop=x"}) == 0);
    CHECK(program.out.str() ==
          "warning: modlop: unknown option (did you mean modloop?)\nerrors: 0, warnings: 1\n");
    CHECK(program.run({"lint", "pkgs=nano", program.write("x.img", sample().text())}) == 1);
    CHECK(program.out.str().find("errors: ") != std::string::npos);
    CHECK(program.run({"lint", "quiet", (program.dir / "none.img").string()}) == 1);
    CHECK(program.err.str().find("none.img: cannot open") != std::string::npos);
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
