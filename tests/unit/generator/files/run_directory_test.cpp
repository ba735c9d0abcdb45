// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/run_directory.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::generator;

namespace {

std::vector<std::string> moved(std::vector<std::string> paths) {
    FileSet files;
    for (std::string& path : paths) {
        File& file = files.files.emplace_back();
        file.target = path; // where it was
        file.path = std::move(path);
    }
    std::vector<std::string> all;
    for (const File& file : move_out_of_run(std::move(files)).files)
        all.push_back(file.path + " <- " + file.target);
    return all;
}

} // namespace

TEST_CASE("modprobe's files of /run move to /etc, in order, and nothing else does") {
    CHECK(moved({"etc/hosts", "etc/modprobe.d/z.conf", "run/modprobe.d/a.conf", "run/other", "usr/x"}) ==
          std::vector<std::string>{"etc/hosts <- etc/hosts", "etc/modprobe.d/a.conf <- run/modprobe.d/a.conf",
                                   "etc/modprobe.d/z.conf <- etc/modprobe.d/z.conf", "run/other <- run/other",
                                   "usr/x <- usr/x"});
    CHECK(moved({}).empty());
}

TEST_CASE("of two files with one name that of /etc counts, as for kmod") {
    CHECK(moved({"etc/modprobe.d/a.conf", "run/modprobe.d/a.conf"}) ==
          std::vector<std::string>{"etc/modprobe.d/a.conf <- etc/modprobe.d/a.conf"});
}
