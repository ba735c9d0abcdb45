// SPDX-License-Identifier: MIT
// Names, modes and warnings; bundle_command_test has whole bundles.
#include "mkpxerd/deploy/bundle/bundle_content.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;
namespace fs = std::filesystem;

namespace {

constexpr const char* new_sum =
    "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"; // of "new"

struct Lab {
    test::TempDir dir;
    SiteOptions site;
    Result<unsigned> rule = 0600U;
    ModeRule mode_rule = [this](const Problem&) { return rule; };
    BundleDirectory directory = BundleDirectory::create(dir / "bundle").value();
    BundleContent content{directory, site, mode_rule};

    fs::path write(const std::string& name, mode_t mode) const {
        const fs::path file = dir.write(name, "new");
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        return file;
    }
    unsigned mode_of(const std::string& name) const {
        return static_cast<unsigned>(fs::status(directory.place(name).value()).permissions());
    }
};

ApkovlFacts apkovl_with(std::size_t secrets) {
    ApkovlFacts facts;
    for (std::size_t i = 0; i < secrets; ++i)
        facts.secrets.push_back({.object = "etc/" + std::to_string(i), .text = "contains a key"});
    return facts;
}

} // namespace

TEST_CASE("a kernel is for everybody; one that the user named and hides keeps its mode, with a warning") {
    Lab lab;
    REQUIRE(lab.content.add_kernel(lab.write("vmlinuz", 0644), true));
    CHECK(lab.content.notes().empty());
    CHECK(lab.content.warnings().empty());
    const fs::path hidden = lab.write("hidden", 0600);
    REQUIRE(lab.content.add_kernel(hidden, false)); // the system's
    CHECK(lab.mode_of("vmlinuz") == 0644);
    REQUIRE(lab.content.notes().size() == 1);
    CHECK(lab.content.notes()[0].object == hidden.string());
    REQUIRE(lab.content.add_kernel(hidden, true));
    CHECK(lab.mode_of("vmlinuz") == 0600);
    REQUIRE(lab.content.warnings().size() == 1);
    CHECK(lab.content.warnings()[0].text == "others may not read it: vmlinuz has mode 0600 in the bundle");
    CHECK_FALSE(lab.content.warnings()[0].hint.empty());
    lab.rule = 0644U; // that was allowed
    REQUIRE(lab.content.add_kernel(hidden, true));
    CHECK(lab.mode_of("vmlinuz") == 0644);
    CHECK(lab.content.warnings()[1].hint.empty());
    lab.rule = fail("--mode", "lets others read it");
    CHECK_FALSE(lab.content.add_kernel(hidden, true));
    CHECK_FALSE(lab.content.add_kernel(lab.dir / "none", true));
}

TEST_CASE("an own apkovl goes in with its sum, and without one nothing does") {
    Lab lab;
    REQUIRE(lab.content.add_apkovl());
    lab.site.own_apkovl = "host.apkovl.tar.gz";
    lab.site.apkovl = lab.write("host.apkovl.tar.gz", 0644).string();
    REQUIRE(lab.content.add_apkovl());
    CHECK(lab.site.pins == std::map<std::string, std::string>{{"host.apkovl.tar.gz", new_sum}});
    CHECK(read_file(lab.directory.place("host.apkovl.tar.gz").value()).value() == "new");
}

TEST_CASE("without a modloop none is made") {
    Lab lab;
    lab.site.with_modloop = false;
    REQUIRE(lab.content.add_modloop({}, 0));
    CHECK_FALSE(fs::exists(lab.directory.place("modloop").value()));
    CHECK(lab.site.pins.empty());
}

TEST_CASE("loaders go to their places, and those that are missing are warnings") {
    Lab lab;
    LoaderSet loaders;
    Loader& loader = loaders.found.emplace_back();
    loader.place = "tftp/ipxe.efi";
    loader.source = lab.write("ipxe.efi", 0644);
    loaders.missing = {{.object = "pxelinux", .text = "is missing"}};
    REQUIRE(lab.content.add_loaders(loaders));
    CHECK(read_file(lab.directory.place("tftp/ipxe.efi").value()).value() == "new");
    CHECK(lab.content.warnings() == loaders.missing);
    loaders.files = {"tftp/ipxe.efi", "undionly.kpxe"}; // the latter is in the bundle already
    REQUIRE(lab.content.add_loaders(loaders));
    REQUIRE(lab.content.notes().size() == 1);
    const std::string note = (lab.site.directory / "undionly.kpxe").string() +
                             ": is not the one that mkpxerd put there, so it stays";
    CHECK(to_text(lab.content.notes()[0]) == note); // nothing else is installed
    loaders.passed_over = {"undionly.kpxe"};
    REQUIRE(lab.content.add_loaders(loaders));
    CHECK(to_text(lab.content.notes()[1]) == note + " (remove it to get the installed one)");
}

TEST_CASE("secrets that the servers give away are named, ten of an apkovl and how many more") {
    Lab lab;
    CHECK(find_public_secrets(lab.site, apkovl_with(3), "quiet").empty()); // no apkovl of the bundle
    const auto options = find_public_secrets(lab.site, apkovl_with(0), "apkovl=https://me:secret@h/x");
    REQUIRE(options.size() == 1);
    CHECK(options[0].object == "boot.ipxe");
    CHECK(options[0].text.find("secret@") == std::string::npos);
    lab.site.own_apkovl = "host.apkovl.tar.gz";
    lab.site.apkovl = lab.write("host.apkovl.tar.gz", 0644).string();
    CHECK(find_public_secrets(lab.site, apkovl_with(10), "").size() == 10);
    const auto many = find_public_secrets(lab.site, apkovl_with(13), "");
    REQUIRE(many.size() == 11);
    CHECK(many.back().text == "contains 3 more");
    REQUIRE(::chmod(lab.site.apkovl.c_str(), 0600) == 0);
    CHECK(find_public_secrets(lab.site, apkovl_with(13), "").empty());
}

TEST_CASE("a bundle that exists has the sums of its files, and perhaps the apkovl") {
    const test::TempDir dir;
    SiteOptions site;
    site.directory = dir / "bundle";
    CHECK(as_in_bundle(site).value().pins.empty());
    dir.write("bundle/SHA256SUMS", std::string(new_sum) + "  host.apkovl.tar.gz\n");
    site.apkovl = "/home/me/host.apkovl.tar.gz";
    const auto known = as_in_bundle(site);
    REQUIRE(known);
    CHECK(known->own_apkovl == "host.apkovl.tar.gz");
    CHECK(known->pins.at("host.apkovl.tar.gz") == new_sum);
    site.apkovl = "http://h/host.apkovl.tar.gz";
    CHECK(as_in_bundle(site).value().own_apkovl.empty());
    dir.write("bundle/SHA256SUMS", "damaged\n");
    CHECK_FALSE(as_in_bundle(site));
}

TEST_CASE("a loader that the user put into the bundle is not missing, one that the bundle brought is") {
    test::TempDir bundle;
    bundle.write("ipxe.efi", "mine");
    bundle.write("lpxelinux/ldlinux.c32", "ours");
    bundle.write("snponly.efi", "changed");
    bundle.write("SHA256SUMS", file_sha256(bundle / "lpxelinux/ldlinux.c32").value() +
                                   "  lpxelinux/ldlinux.c32\n" + std::string(64, 'a') + "  snponly.efi\n");
    CHECK(loader_files_in(bundle.path()) ==
          std::set<std::string>{"ipxe.efi", "lpxelinux/ldlinux.c32", "snponly.efi"});
    const auto added = added_loader_files(bundle.path());
    CHECK(added == std::set<std::string>{"ipxe.efi", "snponly.efi"});
    test::TempDir system;
    system.write("usr/lib/ipxe/ipxe.efi", "installed");
    const auto loaders = find_loaders(system.path(), added);
    CHECK(loaders.files == added);
    CHECK(loaders.found.empty()); // what the user put there stays
    CHECK(loaders.missing.size() == 6);
    CHECK(check_loaders(find_loaders(system.path(), {"snponly.efi"}), {"snponly"}));
}
