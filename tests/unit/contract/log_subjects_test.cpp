// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/log_subjects.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;

TEST_CASE("every subject has a row with a name of its own, and is found by it") {
    LogSubjects seen;
    std::set<std::string_view> names;
    for (const LogSubjectRow& row : log_subjects()) {
        INFO(row.name);
        CHECK_FALSE(seen.contains(row.subject));
        seen.add(row.subject);
        CHECK(names.insert(row.name).second);
        CHECK_FALSE(row.details.empty());
        CHECK(find_log_subject(row.name) == row.subject);
    }
    CHECK(static_cast<std::size_t>(LogSubject::Packages) + 1 == log_subjects().size());
    CHECK_FALSE(find_log_subject("dhpc"));
    CHECK(log_subject_names().starts_with("stages, options, "));
}

TEST_CASE("a set of subjects contains what was added, or all") {
    LogSubjects subjects;
    CHECK(subjects.empty());
    subjects.add(LogSubject::Dhcp);
    CHECK(subjects.contains(LogSubject::Dhcp));
    CHECK_FALSE(subjects.contains(LogSubject::Fetch));
    CHECK(LogSubjects::all().contains(LogSubject::Packages));
}

TEST_CASE("the init has details of every subject") {
    std::string sources;
    for (const auto& item : std::filesystem::recursive_directory_iterator(MKPXERD_SOURCE_DIR "/src/netboot"))
        if (item.path().extension() == ".cpp") sources += read_file(item.path()).value();
    for (const LogSubjectRow& row : log_subjects()) {
        INFO(row.name);
        std::string enumerator(row.name);
        enumerator.front() = static_cast<char>(enumerator.front() - 'a' + 'A');
        CHECK(sources.find("detail(LogSubject::" + enumerator) != std::string::npos);
    }
}

TEST_CASE("docs/cmdline.md has the table of subjects, and the manual page names each") {
    const std::string document = read_file(MKPXERD_SOURCE_DIR "/docs/cmdline.md").value();
    const std::string page = read_file(MKPXERD_SOURCE_DIR "/docs/man/pxerd-cmdline.7").value();
    for (const LogSubjectRow& row : log_subjects()) {
        INFO(row.name);
        CHECK(document.find(fmt::format("| `{}` | {} |\n", row.name, row.details)) != std::string::npos);
        CHECK(page.find(fmt::format("\n.Cm {}", row.name), page.find(".It Cm debug_init")) !=
              std::string::npos);
    }
}
