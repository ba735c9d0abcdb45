// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/bundle_urls.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

const MachineNames usual{"52:54:00:12:34:56", "6d6b7078-6572-4d64-8000-525400123456"};

BundleUrls urls_of(std::string_view base) {
    return BundleUrls(parse_url(base).value(), "http://10.0.0.1/secret");
}
std::optional<std::string> path_in(std::string_view base, std::string_view url) {
    return urls_of(base).path_of(UrlTemplate::parse(url)->url);
}

} // namespace

TEST_CASE("a URL belongs to the bundle if scheme, host, port and directory do") {
    CHECK(path_in("http://10.0.0.1", "http://10.0.0.1/{MAC}.apkovl.tar.gz") == "{MAC}.apkovl.tar.gz");
    CHECK(path_in("http://10.0.0.1", "http://10.0.0.1:80/a/b?c=d#sha256=00") == "a/b");
    CHECK(path_in("https://Boot.example/prov/x/", "https://boot.example/prov/x/modloop") == "modloop");
    for (const char* other :
         {"http://10.0.0.2/prov/a", "https://10.0.0.1/prov/a", "http://10.0.0.1:8080/prov/a",
          "http://10.0.0.1/provision/a", "http://10.0.0.1/a"}) {
        INFO(other);
        CHECK_FALSE(path_in("http://10.0.0.1/prov", other));
    }
}

TEST_CASE("URLs of the bundle lead to the trial, in scripts and in lists, and nothing else changes") {
    const BundleUrls urls = urls_of("http://10.0.0.1/prov");
    CHECK(urls.rewritten(
              "kernel ${base}/vmlinuz apkovl=http://10.0.0.1/prov/{MAC}.tar.gz#sha256=0 quiet\nboot\n") ==
          "kernel ${base}/vmlinuz apkovl=http://10.0.0.1/secret/{MAC}.tar.gz#sha256=0 quiet\nboot\n");
    CHECK(urls.rewritten("alpine_repo=http://10.0.0.1:80/prov/main,http://mirror/main") ==
          "alpine_repo=http://10.0.0.1/secret/main,http://mirror/main");
    CHECK(urls.rewritten("root=\"http://other/x|http://10.0.0.1/prov/x?y\"") ==
          "root=\"http://other/x|http://10.0.0.1/secret/x?y\"");
    for (const char* same :
         {"", "http", "http://", "httphttp://[::1", "see http://10.0.0.1/provision/x and https://a"})
        CHECK(urls.rewritten(same) == same);
}

TEST_CASE("the names of a machine stand in for placeholders, those that only it knows do not") {
    CHECK(filled_path("{MAC}/{MAC-}.{UUID}.{uuid}", usual) ==
          "52:54:00:12:34:56/52-54-00-12-34-56.6d6b7078-6572-4d64-8000-525400123456.6d6b7078-6572-4d64-8000-"
          "525400123456");
    CHECK(filled_path("plain/{other}", usual) == "plain/{other}");
    CHECK_FALSE(filled_path("{MAC}/{HOSTNAME}", usual));
}

TEST_CASE("the machine of a trial is one that has a file: the usual one first, then the first by name") {
    const test::TempDir dir;
    const auto machine = [&](std::string_view path) { return find_machine(dir.path(), path, usual); };
    CHECK_FALSE(machine("{MAC}.tar.gz"));
    dir.write("01:00:5e:00:00:01.tar.gz", "a group's");
    dir.write("00:00:00:00:00:00.tar.gz", "nobody's");
    dir.write("aa:bb:cc:dd:ee:0g.tar.gz", "no address");
    dir.write("aa:bb:cc:dd:ee:01.tar.gz.old", "another name");
    CHECK_FALSE(machine("{MAC}.tar.gz"));
    dir.write("ae:bb:cc:dd:ee:02.tar.gz", "x");
    dir.write("aa:bb:cc:dd:ee:01.tar.gz", "x");
    CHECK(machine("{MAC}.tar.gz")->mac == "aa:bb:cc:dd:ee:01");
    CHECK(machine("{MAC}.tar.gz")->uuid == usual.uuid);
    dir.write("52:54:00:12:34:56.tar.gz", "x");
    CHECK(machine("{MAC}.tar.gz") == usual);
    dir.write("hosts/aa-bb-cc-dd-ee-03/host.tar.gz", "x");
    CHECK(machine("hosts/{MAC-}/host.tar.gz")->mac == "aa:bb:cc:dd:ee:03");
    CHECK_FALSE(machine("hosts/{MAC-}/other.tar.gz"));
    CHECK_FALSE(machine("absent/{MAC-}/host.tar.gz"));
    dir.write("x-11112222-3333-4444-5555-666677778888.tar.gz", "x");
    CHECK(machine("x-{UUID}.tar.gz")->uuid == "11112222-3333-4444-5555-666677778888");
    CHECK_FALSE(machine("{SERIAL}.tar.gz"));
}
