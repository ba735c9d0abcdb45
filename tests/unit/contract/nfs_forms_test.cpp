// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/place_forms.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"

using namespace mkpxerd;

namespace {

// Path, options.
std::pair<std::string, std::string> split_path(std::string_view path) {
    const std::size_t at = nfs_options_at(path);
    return {std::string(path.substr(0, at)), std::string(path.substr(std::min(at + 1, path.size())))};
}
using Pair = std::pair<std::string, std::string>;

std::string root(std::string_view value) {
    const auto place = plain_place(PlaceKind::Medium, "root", value);
    return place ? *place : "refused: " + place.error().first().text;
}

} // namespace

TEST_CASE("nfsroot is read as the kernel reads it, and as dracut does") {
    CHECK(plain_nfsroot("10.0.0.1:/srv,vers=3", "").value() == "nfs:10.0.0.1:/srv,vers=3");
    CHECK(plain_nfsroot("/srv", "10.0.0.9").value() == "nfs:10.0.0.9:/srv");
    CHECK(plain_nfsroot("nfs4:h:/srv:ro", "").value() == "nfs:h:/srv,vers=4,ro");
    for (const char* value : {"", "/srv", "auto", "h:/tftpboot/%s", "h:srv"})
        CHECK_FALSE(plain_nfsroot(value, ""));
    CHECK(leaves_root_to_nfsroot("/dev/NFS"));
    CHECK_FALSE(leaves_root_to_nfsroot("nfs:h:/srv"));
}

TEST_CASE("mount options behind a path are told from commas and colons in it") {
    CHECK(split_path("/srv") == Pair("/srv", ""));
    CHECK(split_path("/srv,ro,vers=3") == Pair("/srv", "ro,vers=3"));
    CHECK(split_path("/srv:ro,vers=3") == Pair("/srv", "ro,vers=3"));
    CHECK(split_path("/srv,1/x") == Pair("/srv,1/x", ""));        // no option begins with a digit
    CHECK(split_path("/srv,Name,ro") == Pair("/srv,Name", "ro")); // nor with a capital
    CHECK(split_path("/srv/52:54:00:aa:bb:cc") == Pair("/srv/52:54:00:aa:bb:cc", ""));
    CHECK(split_path("/srv:rsize=8192") == Pair("/srv", "rsize=8192"));
    CHECK(split_path("/srv:unknown") == Pair("/srv:unknown", "")); // behind a colon only what mount(8) knows
    CHECK(split_path("/srv,unknown") == Pair("/srv", "unknown"));
    CHECK(split_path("/srv,") == Pair("/srv,", ""));
    CHECK(split_path("") == Pair("", ""));
}

TEST_CASE("a URL of NFS has a host, a path, and perhaps a port, which becomes an option") {
    CHECK(root("NFS://Host/srv") == "nfs:Host:/srv");
    CHECK(root("nfs://host:/srv") == "nfs:host:/srv");
    CHECK(root("nfs://host:2050/srv,ro") == "nfs:host:/srv,port=2050,ro");
    CHECK(root("nfs4://[fd00::1]/srv") == "nfs:[fd00::1]:/srv,vers=4");
    for (const char* bad : {"nfs://", "nfs:///srv", "nfs://host", "nfs://me@host/srv"}) {
        CAPTURE(bad);
        CHECK(root(bad) == "refused: is not the form for NFS");
    }
}

TEST_CASE("an export needs a server and an absolute path") {
    CHECK(root("nfs::/srv") == "refused: names no NFS server");
    CHECK(root("nfs:/srv") == "refused: names no NFS server");
    CHECK(root("nfs:host") == "refused: is not nfs:server:/path");
    CHECK(root("nfs:host:srv") == "refused: is not nfs:server:/path");
    CHECK(is_nfs("nfs:host:/srv"));
    CHECK_FALSE(is_nfs("nfs://host/srv")); // not in the form that is supported
    CHECK_FALSE(is_nfs("NFS:host:/srv"));
}

TEST_CASE("nfsroot= counts for the names that the kernel gives to it, and for an empty root") {
    for (const char* name : {"", "nfs", "NFS4", "/dev/nfs"})
        CHECK(leaves_root_to_nfsroot(name));
    for (const char* name : {"/dev/nfs1", "nfs:h:/srv", "/dev/sda1", " "})
        CHECK_FALSE(leaves_root_to_nfsroot(name));
    const auto none = plain_nfsroot("", "10.0.0.1");
    REQUIRE_FALSE(none);
    CHECK(none.error().first().code == "MPX-OPT-02");
}
