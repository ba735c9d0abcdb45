// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site_loaders.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using deploy::SiteOptions;

namespace {

deploy::SiteValues values_of(const SiteOptions& options) {
    Problems problems;
    deploy::SiteValues values = {{"scheme", options.server.substr(0, options.server.find(':'))},
                                 {"url", options.server}};
    deploy::put_loaders(options, values, problems);
    CHECK(problems.finish());
    deploy::put_next_loaders(options, values);
    return values;
}

SiteOptions with(const std::vector<std::string>& loaders, const std::string& url = "https://boot.example") {
    SiteOptions options;
    options.server = url;
    options.loaders = loaders;
    return options;
}

} // namespace

TEST_CASE("an iPXE without https is given no iPXE that may be itself") {
    SiteOptions options = with({});
    auto values = values_of(options);
    CHECK(values.at("bios-but") == "ipxe");
    CHECK(values.at("bios-once") == "undionly.kpxe");
    CHECK(values.at("bios-again").empty());
    CHECK(values.at("uefi-once") == "ipxe.efi");
    CHECK(values.at("http-once") == "ipxe.efi");
    CHECK(values.at("http-url") == "https://boot.example/ipxe.efi");

    options.https_loaders = {"undionly.kpxe"};
    values = values_of(options);
    CHECK(values.at("bios-but") == "script");
    CHECK(values.at("bios-once").empty());
    CHECK(values.at("bios-again") == "undionly.kpxe");
    CHECK(values.at("uefi-but") == "ipxe");
}

TEST_CASE("without https, or with another loader, an iPXE that cannot load the script is given that loader") {
    CHECK(values_of(with({}, "http://10.0.0.1")).at("bios-again") == "undionly.kpxe");
    CHECK(values_of(with({"pxelinux"})).at("bios-again") == "pxelinux.0");
    CHECK(values_of(with({"grub"})).at("uefi-but") == "script");
    CHECK(values_of(with({"snponly"})).at("uefi-once") == "snponly.efi");
}

TEST_CASE("a loader that no machine would get is refused, whatever the order") {
    const auto errors = [](const std::vector<std::string>& loaders) {
        Problems problems;
        deploy::SiteValues values;
        deploy::put_loaders(with(loaders), values, problems);
        const auto checked = problems.finish();
        return checked ? std::string() : checked.error().text();
    };
    CHECK(errors({"pxelinux", "ipxe"}) == "--loader pxelinux: no machine gets it: a later --loader is for "
                                          "the same machines (name one for BIOS and one for "
                                          "UEFI)");
    CHECK(errors({"pxelinux", "lpxelinux"}).starts_with("--loader pxelinux: no machine gets it"));
    CHECK(errors({"ipxe", "pxelinux"}).empty()); // iPXE for UEFI
    CHECK(errors({"snponly", "grub"}).empty());  // snponly for UEFI HTTP boot
    CHECK(errors({"grub", "grub"}).empty());
    CHECK(errors({"grub,ipxe"}).ends_with("lpxelinux, grub (give --loader once for each)"));
}
