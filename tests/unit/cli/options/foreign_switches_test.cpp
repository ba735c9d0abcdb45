// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/foreign_switches.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using namespace mkpxerd::cli;

namespace {

using Words = std::vector<std::string>;

// The text between backticks.
Words quoted_in(std::string_view text) {
    Words words;
    const auto pieces = split(text, '`');
    for (std::size_t i = 1; i < pieces.size(); i += 2)
        words.emplace_back(pieces[i]);
    return words;
}

// "--cmdline modules=NAME or -b" -> the options.
std::set<std::string> options_in(std::string_view text) {
    std::set<std::string> options;
    std::string plain(text);
    std::ranges::replace_if(
        plain, [](char c) { return c == '`' || c == ',' || c == ';' || c == ':'; }, ' ');
    for (const std::string_view word : split_words(plain))
        if (word.size() > 1 && word.front() == '-') options.emplace(word);
    return options;
}

struct Row {
    Words theirs; // options
    std::string ours;
};

// The rows of the tables below "### Options" of docs/from-others.md. Programs that look into an image have no
// options of a build.
std::vector<Row> rows() {
    std::vector<Row> rows;
    bool wanted = false;
    const std::string document = read_file(MKPXERD_SOURCE_DIR "/docs/from-others.md").value();
    for (const std::string_view line : split_lines(document)) {
        if (line.starts_with('#')) wanted = line == "### Options";
        const auto border = line.find(" | ");
        if (!wanted || !line.starts_with("| `") || border == std::string_view::npos) continue;
        Row row{.theirs = {}, .ours = std::string(line.substr(border + 3))};
        for (const std::string& piece : quoted_in(line.substr(0, border)))
            if (!piece.starts_with("ls") && !piece.starts_with("update-"))
                for (const std::string& option : options_in(piece))
                    row.theirs.push_back(option);
        rows.push_back(std::move(row));
    }
    return rows;
}

// The words of a command in the tables, with something that fits in the place of each name.
Words runnable(const std::string& text, const test::Program& program) {
    const std::map<std::string, std::string> values = {
        {"IMAGE", program.image()},
        {"FILE", program.path("other")},
        {"DIR", program.path("out")},
        {"BASEDIR", program.root()},
        {"PATH", "init"},
        {"KVER", "6.1-test"},
        {"VERSION", "6.1-test"},
        {"N", "1"},
        {"LEVEL", "1"},
        {"\"LIST\"", "nfs"},
        {"\"OPTIONS\"", "quiet"},
        {"+NAME", "+nfs"},
        {"FILE.yaml", program.path("share/mkpxerd/profiles/network.yaml")}};
    Words words;
    for (const std::string_view word : split_words(text)) {
        const auto value = values.find(std::string(word));
        if (word == "NAME")
            words.emplace_back(words.back() == "-C" ? "gzip" : "network");
        else
            words.emplace_back(value == values.end() ? std::string(word) : value->second);
    }
    return words;
}

} // namespace

TEST_CASE("an option is found with its value attached, and none of ours is in the table") {
    CHECK(ours_for("-gFILE") == "-o FILE");
    CHECK(ours_for("--add") == ours_for("-A"));
    CHECK_FALSE(ours_for("--ad"));
    CHECK_FALSE(ours_for("--addition"));
    CHECK_FALSE(ours_for("-x"));
    test::Program program;
    std::set<std::string_view> seen;
    for (const ForeignSwitch& foreign : foreign_switches())
        for (const std::string_view word : split_words(foreign.words)) {
            INFO(word);
            CHECK(seen.insert(word).second);
            CHECK(program.run({std::string(word)}) == 2);
            CHECK(program.err.str().find("is not an option (here: ") != std::string::npos);
        }
}

TEST_CASE("docs/from-others.md has the options of the table, with the same options of ours") {
    const std::vector<Row> documented = rows();
    CHECK(documented.size() > 50);
    for (const ForeignSwitch& foreign : foreign_switches())
        for (const std::string_view word : split_words(foreign.words)) {
            INFO(word << ": " << foreign.ours);
            CHECK(std::ranges::any_of(documented, [&](const Row& row) {
                return std::ranges::find(row.theirs, word) != row.theirs.end() &&
                       options_in(row.ours) == options_in(foreign.ours);
            }));
        }
}

TEST_CASE("the program answers every option in docs/from-others.md, unless it is one of ours") {
    test::Program program;
    REQUIRE(program.run({"--help-all"}) == 0);
    const std::set<std::string> ours = options_in(program.out.str());
    std::size_t answered = 0;
    for (const Row& row : rows())
        for (const std::string& option : row.theirs) {
            INFO(option);
            if (ours.contains(option)) continue;
            CHECK(program.run({option}) == 2);
            CHECK(program.err.str().find("is not an option (here: ") != std::string::npos);
            ++answered;
        }
    CHECK(answered > 30);
}

TEST_CASE("the commands and options of ours in docs/from-others.md are right usage") {
    test::Program program;
    REQUIRE(program.run({"-b", program.root(), "-F", "nfs", "-o", program.image()}) == 0);
    std::size_t ran = 0;
    for (const Row& row : rows())
        for (const std::string& piece : quoted_in(row.ours)) {
            if (!piece.starts_with("mkpxerd ") && !piece.starts_with('-')) continue;
            const bool is_command = piece.starts_with("mkpxerd ") && piece.find(" -o") == std::string::npos;
            Words words = runnable(piece.starts_with("mkpxerd ") ? piece.substr(8) : piece, program);
            if (!is_command && piece.find("overlay") == std::string::npos && piece != "-L")
                words.emplace_back("-l");
            if (words.back() == "-l" && words.front() != "-b")
                words.insert(words.end(), {"-b", program.root()});
            INFO(piece);
            CHECK(program.run(words) != 2);
            INFO(program.err.str());
            CHECK(program.err.str().find("is not an option") == std::string::npos);
            ++ran;
        }
    CHECK(ran > 50);
}
