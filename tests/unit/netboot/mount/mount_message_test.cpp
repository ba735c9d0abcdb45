// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/mount_message.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using namespace std::string_literals;

namespace {

// What nfs-ganesha answered: /srv/root for everybody, and /srv/open for one group.
const std::string header = "\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s;
const std::string results = "\0\0\0\1\0\0\0\x09/srv/root\0\0\0\0\0\0\0"
                            "\0\0\0\1\0\0\0\x09/srv/open\0\0\0\0\0\0\1\0\0\0\x03lab\0\0\0\0\0\0\0\0\0"s;
const std::vector<std::string> both = {"/srv/root", "/srv/open"};

} // namespace

TEST_CASE("a call is a record of one fragment") {
    const std::array<std::uint32_t, 2> arguments = {100005, 3};
    CHECK(encode_rpc_call(100000, 2, 3, arguments) ==
          "\x80\0\0\x44\0\0\0\1\0\0\0\0\0\0\0\2\0\1\x86\xa0\0\0\0\2\0\0\0\3"
          "\0\0\0\1\0\0\0\x14"s +
              std::string(28, '\0') + "\0\1\x86\xa5\0\0\0\3"s);
}

TEST_CASE("exports are read from a reply, with the groups passed over") {
    const std::string reply = header + results;
    REQUIRE(parse_rpc_reply(reply));
    CHECK(*parse_rpc_reply(reply) == results);
    CHECK(parse_exports(results) == both);
    CHECK(parse_exports("\0\0\0\0"s) == std::vector<std::string>{});
    CHECK(read_rpc_number("\0\0\x1f\x90rest"s) == 8080);
}

TEST_CASE("the answer to a mount has a status, and the authentication that the export takes") {
    const std::string handle = "\0\0\0\5abcde\0\0\0"s;
    const std::string good = "\0\0\0\0"s + handle + "\0\0\0\2\0\5\xf3\x73\0\0\0\1"s;
    CHECK(parse_mount_answer(good) == MountAnswer{0, {390003, 1}});
    CHECK(parse_mount_answer("\0\0\0\x0d"s) == MountAnswer{13, {}});
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(parse_mount_answer(good.substr(0, size)));
    CHECK_FALSE(parse_mount_answer("\0\0\0\0"s + handle + "\xff\xff\xff\xff\0\0\0\1"s));
}

TEST_CASE("a path is an argument as its length and its bytes") {
    CHECK(xdr_text("/srv") == std::vector<std::uint32_t>{4, 0x2f737276});
    CHECK(xdr_text("/srv/") == std::vector<std::uint32_t>{5, 0x2f737276, 0x2f000000});
    CHECK(xdr_text("") == std::vector<std::uint32_t>{0});
}

TEST_CASE("a list that is cut off anywhere is no list") {
    for (std::size_t size = 0; size < results.size(); ++size)
        CHECK_FALSE(parse_exports(results.substr(0, size)));
    CHECK_FALSE(parse_exports("\0\0\0\1\xff\xff\xff\xff/srv"s));
}

TEST_CASE("a reply that is no success has no results") {
    for (const std::size_t field : {0U, 4U, 8U, 20U}) { // id, direction, accepted, status
        std::string reply = header + results;
        reply[field + 3] = 9;
        CHECK_FALSE(parse_rpc_reply(reply));
    }
    CHECK_FALSE(parse_rpc_reply(std::string_view(header).substr(0, 22)));
}

TEST_CASE("an export has what lies beneath it, and nothing that only begins alike") {
    CHECK(is_exported("/srv/root", both));
    CHECK(is_exported("/srv/open/deep", both));
    CHECK(is_exported("/any", {"/"}));
    CHECK_FALSE(is_exported("/srv/rooted", both));
    CHECK_FALSE(is_exported("/srv", both));
    CHECK_FALSE(is_exported("/srv", {}));
}
