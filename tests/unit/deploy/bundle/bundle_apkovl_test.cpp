// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/bundle_apkovl.hpp"

#include <catch2/catch.hpp>

#include "tar_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

TEST_CASE("a file of this machine becomes the bundle's own apkovl, anything else is for the init") {
    const test::TempDir dir;
    SiteOptions site;
    site.apkovl = dir.write("host.apkovl.tar.gz", "x").string();
    REQUIRE(choose_own_apkovl(site));
    CHECK(site.own_apkovl == "host.apkovl.tar.gz");
    for (const char* elsewhere :
         {"", "http://10.0.0.1/{MAC}.apkovl.tar.gz", "nfs:10.0.0.1:/srv/x.apkovl.tar.gz"}) {
        SiteOptions other;
        other.apkovl = elsewhere;
        REQUIRE(choose_own_apkovl(other));
        CHECK(other.own_apkovl.empty());
    }
    SiteOptions depot;
    depot.apkovl = "nowhere.apkovl.tar.gz";
    CHECK(choose_own_apkovl(depot).error().first().hint ==
          "for a path on a medium, --alpine-dev names the medium");
    depot.alpine_dev = "nfs:10.0.0.1:/srv";
    CHECK(choose_own_apkovl(depot));
    depot.apkovl = "/nowhere.apkovl.tar.gz";
    CHECK(choose_own_apkovl(depot).error().first().hint == "a path on --alpine-dev must be relative");
    depot.apkovl = dir.path().string();
    CHECK(choose_own_apkovl(depot).error().text() ==
          depot.apkovl + ": is a directory (tar -C " + depot.apkovl +
              " -czf machine.apkovl.tar.gz . makes an apkovl of it)");
    site.apkovl = dir.write("host.tar", "x").string();
    CHECK_FALSE(choose_own_apkovl(site));
}

TEST_CASE("the init of an apkovl is found below /usr too, and a directory of its name is not one") {
    const test::TempDir dir;
    const auto facts = [&](const test::TarBuilder& tar) {
        return read_apkovl(dir.write("x.tar.gz", tar.gzip()), "sbin/init").value();
    };
    CHECK(facts(test::TarBuilder().file("./sbin/init", "program")).has_init);
    CHECK(facts(test::TarBuilder().symlink("usr/sbin/init", "busybox")).has_init);
    CHECK_FALSE(facts(test::TarBuilder().directory("sbin/init")).has_init);
    const auto secret = facts(test::TarBuilder().file("etc/key.pem", "-----BEGIN PRIVATE KEY-----\nMII\n"));
    REQUIRE(secret.secrets.size() == 1);
    CHECK(secret.secrets[0].object.ends_with("x.tar.gz: etc/key.pem"));
    CHECK(secret.secrets[0].text == "contains a private key");
}

TEST_CASE("an apkovl that the init refuses is an error") {
    const test::TempDir dir;
    const auto error = [&](const std::string& content) {
        const auto facts = read_apkovl(dir.write("x.tar.gz", content), "sbin/init");
        return facts ? std::string() : facts.error().text();
    };
    const std::string whole = test::TarBuilder().file("etc/hosts", std::string(2000, 'x')).gzip();
    CHECK(error(whole).empty());
    CHECK(error(whole.substr(0, whole.size() / 2)).find("x.tar.gz") != std::string::npos);
    CHECK_FALSE(error("<html>log in</html>").empty());
    CHECK_FALSE(error("\x28\xb5\x2f\xfd zstd").empty());
    CHECK(error(test::TarBuilder().file("../etc/passwd", "x").gzip()).find("leads out of the root") !=
          std::string::npos);
}

TEST_CASE("a machine has a system to start by apk, by an init in its apkovl, or by a root") {
    SiteOptions site;
    site.apkovl = site.own_apkovl = "x.apkovl.tar.gz";
    const ApkovlFacts etc_alone;
    CHECK(find_missing_system(site, false, etc_alone)->text.starts_with("has no /sbin/init, "));
    CHECK_FALSE(find_missing_system(site, true, etc_alone));
    CHECK_FALSE(find_missing_system(site, false, ApkovlFacts{.has_init = true, .secrets = {}}));
    site.cmdline = "init=//bin/other";
    CHECK(init_path(site) == "bin/other");
    CHECK(find_missing_system(site, false, etc_alone)->text.starts_with("has no /bin/other, "));
    site.cmdline = "root=nfs:10.0.0.1:/srv/root";
    CHECK_FALSE(find_missing_system(site, false, etc_alone));
    site.cmdline.clear();
    site.root = "nfs:10.0.0.1:/srv/root";
    CHECK_FALSE(find_missing_system(site, false, etc_alone));
    site.own_apkovl.clear();
    site.root.clear();
    CHECK_FALSE(find_missing_system(site, false, etc_alone));
}
