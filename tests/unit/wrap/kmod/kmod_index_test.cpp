// SPDX-License-Identifier: MIT
// Indexes made by hand, node by node; module_indexes_test has those that are written here, the fuzzer any
// bytes.
#include "mkpxerd/wrap/kmod_index.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::wrap::kmod_index;

namespace {

std::string number(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
            static_cast<char>(value)};
}
constexpr std::uint32_t first_node = 12;

std::string index(std::uint32_t root, const std::string& nodes, std::uint32_t version = 0x00020001) {
    return number(magic) + number(version) + number(root) + nodes;
}
std::string text(std::string_view value) {
    return std::string(value) + '\0';
}
// The error without the hint; empty: the index is sound.
std::string failure(const std::string& bytes) {
    const auto checked = wrap::check_kmod_index(std::as_bytes(std::span(bytes)), "modules.dep.bin");
    if (checked) return "";
    CHECK(checked.error().first().object == "modules.dep.bin");
    return checked.error().first().text;
}

} // namespace

TEST_CASE("an index with prefixes, children and values is sound, and so is an empty one") {
    CHECK(failure(index(0, "")).empty());
    const std::string leaf = number(2) + number(0) + text("one") + number(9) + text("");
    const std::string parent =
        text("pre") + "ac" + number(has_values | first_node) + number(0) + number(has_values | first_node);
    // The same child twice is a circle for a check that keeps no order.
    CHECK(failure(index(has_prefix | has_children | (first_node + static_cast<std::uint32_t>(leaf.size())),
                        leaf + parent)) == "leads to the same node twice at byte 12");
    const std::string one = text("pre") + "aa" + number(has_values | first_node);
    CHECK(failure(index(has_prefix | has_children | (first_node + static_cast<std::uint32_t>(leaf.size())),
                        leaf + one))
              .empty());
    CHECK(failure(index(first_node, "")).empty()); // an empty node at the end
}

TEST_CASE("a file without the header of an index is refused") {
    CHECK(failure("") == "has no index header at byte 0");
    CHECK(failure(index(0, "").substr(0, 11)) == "has no index header at byte 0");
    CHECK(failure("kernel/a.ko: kernel/b.ko\n") == "has no index header at byte 0");
    CHECK(failure(index(0, "", 0x00010001)) == "has an index of an unknown version at byte 4");
    CHECK(failure(index(0, "", 0x00030000)) == "has an index of an unknown version at byte 4");
    CHECK(failure(index(0, "", 0x00020009)).empty()); // the lower half may grow
}

TEST_CASE("a node that points out of the file is refused, wherever it does") {
    CHECK(failure(index(first_node + 1, "")) == "points out of itself at byte 13");
    CHECK(failure(index(has_prefix | first_node, "endless")) == "points out of itself at byte 12");
    CHECK(failure(index(has_children | first_node, "a")) == "points out of itself at byte 12");
    CHECK(failure(index(has_children | first_node, "aa" + number(0).substr(1))) ==
          "has impossible children at byte 12");
    CHECK(failure(index(has_values | first_node, "\0\0\0")) == "points out of itself at byte 12");
    CHECK(failure(index(has_values | first_node, number(1))) == "points out of itself at byte 16");
    CHECK(failure(index(has_values | first_node, number(1) + number(0) + "endless")) ==
          "points out of itself at byte 16");
    CHECK(failure(index(has_values | first_node, number(0xffffffff) + number(0) + text("x"))) ==
          "points out of itself at byte 22");
}

TEST_CASE("children that cannot be, circles and endless depth are refused") {
    CHECK(failure(index(has_children | first_node, "ba" + number(0))) ==
          "has impossible children at byte 12");
    CHECK(failure(index(has_children | first_node, "\x7f\x80" + number(0) + number(0))) ==
          "has impossible children at byte 12");
    CHECK(failure(index(has_children | first_node, "aa" + number(has_children | first_node))) ==
          "leads to the same node twice at byte 12");
    std::string chain;
    for (std::uint32_t i = 0; i < 5000; ++i)
        chain += "aa" + number(has_children | (first_node + 6 * (i + 1)));
    CHECK(failure(index(has_children | first_node, chain)) ==
          "is nested too deeply at byte " + std::to_string(first_node + 6 * 4097));
}
