// SPDX-License-Identifier: MIT
// What `try` prints, with a machine that is played; boot.try_command has real ones.
#include "mkpxerd/cli/bundle/try_command.hpp"

#include <catch2/catch.hpp>

#include "fake_program.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;

namespace {

constexpr const char* own_line = "[    1.000] mkpxerd: eth0: up\n";
constexpr const char* last_line = "[    2.000] mkpxerd: handover to /sbin/init on tmpfs after 1.0 s\n";
constexpr const char* failed_line = "[    2.000] mkpxerd: failed MPX-DHCP-01 network: no DHCP offer\n";
constexpr const char* kernel_line = "[    0.000] Linux version 6.1\n";

struct Trial : test::CommandRunner {
    test::TempDir dir;
    std::string image = dir.write("pxerd", test::NewcBuilder()
                                               .file("init", "x", 0755)
                                               .file("etc/mkpxerd/boot.conf", "kernel=6.1\n")
                                               .trailer()
                                               .text())
                            .string();
    std::string kernel = dir.write("vmlinuz", "MZ").string();
    std::string kept = (dir / "report.json").string();
    test::FakeProgram machine;
    // report: what comes out of its second serial port, when its console is closed already
    explicit Trial(const std::string& end = last_line, const std::string& report = "")
        : machine("qemu-system-x86_64", "cat <<'E'\n" + std::string(kernel_line) + own_line + end +
                                            "E\nexec >&- 2>&-" +
                                            (report.empty() ? "" : "\ncat >&3 <<'R'\n" + report + "R")) {}

    int run(std::vector<std::string> before, const std::vector<std::string>& after = {}) {
        before.insert(before.end(), {"try", image, "--cmdline", "root=x"});
        before.insert(before.end(), after.begin(), after.end());
        return run_with(dir.path(), dir / "init", before);
    }
};

// More than is read at once, and no more than a pipe holds.
std::string big_report() {
    return "{\n  \"result\": \"handover\",\n  \"text\": \"" + std::string(50'000, 'x') + "\"\n}\n";
}

} // namespace

TEST_CASE("the init's lines go to the output, and what try says to the messages") {
    Trial trial;
    CHECK(trial.run({}) == 0);
    CHECK(trial.out.str() == std::string(own_line) + last_line);
    CHECK(trial.err.str() ==
          "mkpxerd: try: boots " + trial.image + " with " + trial.kernel +
              "\nmkpxerd: try: it boots: mkpxerd: handover to /sbin/init on tmpfs after 1.0 s\n");
}

TEST_CASE("quiet, verbose and JSON mean the same before and after the word try") {
    Trial trial;
    const auto run = [&](bool is_before, const std::string& option) {
        return is_before ? trial.run({option}) : trial.run({}, {option});
    };
    for (const bool is_before : {true, false}) {
        CHECK(run(is_before, "-q") == 0);
        CHECK(trial.out.str().empty());
        CHECK(trial.err.str().empty());
        CHECK(run(is_before, "-v") == 0);
        CHECK(trial.out.str() == std::string(kernel_line) + own_line + last_line);
        CHECK(run(is_before, "--json") == 0);
        CHECK(trial.out.str().find("\"boots\": true") != std::string::npos);
        CHECK(trial.err.str().empty());
    }
}

TEST_CASE("JSON has what a trial lacks in the form of every problem") {
    Trial trial;
    trial.dir.write("pxerd", test::NewcBuilder().file("init", "x", 0755).trailer().text());
    CHECK(trial.run({"--json"}) == 0);
    CHECK(trial.out.str().find("      \"object\": \"" + trial.image +
                               "\",\n      \"text\": \"is not an image of mkpxerd: ") != std::string::npos);
    CHECK(trial.out.str().find("\"hint\": \"--expect TEXT waits for a text of it\"") != std::string::npos);
}

TEST_CASE("quiet and JSON say why it does not boot") {
    Trial trial(failed_line);
    CHECK(trial.run({"-q"}) == 1);
    CHECK(trial.out.str().empty());
    CHECK(trial.err.str() == "mkpxerd: try: failed MPX-DHCP-01 network: no DHCP offer\n");
    CHECK(trial.run({"--json"}) == 1);
    CHECK(trial.out.str().find("\"code\": \"MPX-DHCP-01\"") != std::string::npos);
}

TEST_CASE("the rest of the console follows a boot that fails") {
    Trial trial(failed_line);
    CHECK(trial.run({}) == 1);
    CHECK(trial.out.str().ends_with("mkpxerd: try: the end of the console, without the lines above:\n" +
                                    std::string(kernel_line)));
    Trial ended("");
    CHECK(ended.run({}) == 1);
    CHECK(ended.err.str().find("mkpxerd: the machine: ended before its boot had a result (QEMU: 0)") !=
          std::string::npos);
}

TEST_CASE("a report is kept whole although its end is read after the console's") {
    const std::string report = big_report();
    Trial trial(last_line, report);
    CHECK(trial.run({}, {"--report", trial.kept}) == 0);
    CHECK(read_regular(trial.kept, 1 << 20).value() == report);
    CHECK(trial.run({}, {"--report", trial.kept, "--json"}) == 0);
    CHECK(trial.out.str().find("\"report\": \"" + trial.kept + "\"") != std::string::npos);
}

TEST_CASE("without its report a trial fails, and its words are about the machine and the report") {
    Trial trial;
    trial.dir.write("report.json", "old");
    CHECK(trial.run({}, {"--report", trial.kept}) == 1);
    const std::string said = trial.err.str();
    const auto boots = said.find("mkpxerd: try: it boots: ");
    const auto missing = said.find(trial.kept + ": stays as it was: the machine wrote no report");
    CHECK(boots != std::string::npos);
    CHECK(missing != std::string::npos);
    CHECK(boots < missing); // the last line is what the exit code is about
    CHECK(read_regular(trial.kept, 10).value() == "old");
    CHECK(trial.run({}, {"--report", trial.kept, "-q"}) == 1);
    CHECK(trial.err.str().starts_with("mkpxerd: " + trial.kept));
    CHECK(trial.run({}, {"--report", trial.kept, "--json"}) == 1);
    CHECK(trial.err.str().empty());
    const std::string json = trial.out.str();
    CHECK(json.find("\"boots\": true") != std::string::npos);
    CHECK(json.find("\"report\": \"\"") != std::string::npos);
    CHECK(json.find("\"text\": \"stays as it was: the machine wrote no report\"") != std::string::npos);
}

TEST_CASE("limits that no machine has are wrong usage") {
    Trial trial;
    CHECK(trial.run({}, {"--memory", "1M"}) == 2);
    CHECK(trial.err.str() == "mkpxerd: --memory 1M: no kernel starts with less than 64M\n"
                             "mkpxerd: see mkpxerd try --help\n");
    CHECK(trial.run({}, {"--timeout", "soon"}) == 2);
    CHECK(trial.run({}, {"--timeout", "3m", "--memory", "1G"}) == 0);
}
