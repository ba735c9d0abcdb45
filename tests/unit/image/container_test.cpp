// SPDX-License-Identifier: MIT
#include "mkpxerd/image/container.hpp"

#include <catch2/catch.hpp>

#include "loader_files.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

std::string error_of(const std::string& file) {
    const auto container = find_container(bytes_of(file), "f");
    return container ? "" : container.error().text();
}

// What the kernel gets, piece by piece.
std::vector<std::string> regions_of(const std::string& file) {
    const auto container = find_container(bytes_of(file), "f");
    REQUIRE(container);
    std::vector<std::string> regions;
    for (const Region& region : container->regions)
        regions.push_back(file.substr(region.offset, region.length));
    return regions;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a file without a container is the initrd itself") {
    CHECK(regions_of("070701") == Texts{"070701"});
    CHECK(regions_of("") == Texts{""});
    CHECK(regions_of("MZ") == Texts{"MZ"});
    CHECK(find_container(bytes_of("070701"), "f")->kind.empty());
}

TEST_CASE("the RAM disk of a uImage is found behind its header, alone or as the second of several parts") {
    CHECK(regions_of(uimage(3, "initrd") + "behind") == Texts{"initrd"});
    const std::string several = uimage(4, lengths({5, 6, 3}) + "kern\n" + std::string(3, '\0') + "initrd" +
                                              std::string(2, '\0') + "dtb");
    CHECK(regions_of(several) == Texts{"initrd"});
    CHECK(find_container(bytes_of(several), "f")->kind == "uImage");
}

TEST_CASE("a uImage without a RAM disk, or cut off, is an error") {
    CHECK(error_of(uimage(2, "kernel")) == "f: is a uImage of type 2, not a RAM disk");
    CHECK(error_of(uimage(4, lengths({5}) + "kern\n")) == "f: is a uImage without a RAM disk");
    CHECK(error_of(uimage(4, lengths({5, 900}) + "kern\n")).find("but has only") != std::string::npos);
    CHECK(error_of(uimage(4, "xxxx")) == "f: is a uImage whose list of parts has no end");
    const std::string whole = uimage(3, "initrd");
    for (std::size_t cut = 4; cut < whole.size(); ++cut)
        CHECK(error_of(whole.substr(0, cut)).find("it was cut off") != std::string::npos);
}

TEST_CASE("of a UKI, microcode and initrd are read, in the order in which the stub joins them") {
    const std::string uki = efi_program({{".initrd", "initrd"}, {".linux", "MZ"}, {".ucode", "microcode"}});
    CHECK(regions_of(uki) == Texts{"microcode", "initrd"});
    const auto container = find_container(bytes_of(uki), "f");
    CHECK(container->kind == "UKI");
    CHECK(container->regions[0].section == ".ucode");
    CHECK(container->regions[1].section == ".initrd");
}

TEST_CASE("of a UKI with profiles, the first counts") {
    const std::string uki = efi_program({{".initrd", "base"},
                                         {".profile", "ID=a"},
                                         {".initrd", "first"},
                                         {".profile", "ID=b"},
                                         {".initrd", "second"}});
    CHECK(regions_of(uki) == Texts{"first"});
}

TEST_CASE("an EFI program without an initrd, cut off or with impossible sections is an error") {
    CHECK(error_of(efi_program({{".text", "code"}, {".initrds", "x"}})) ==
          "f: is an EFI program without a section .initrd (if it is a kernel, name its initrd)");
    const std::string whole = efi_program({{".initrd", "initrd"}});
    CHECK(error_of(whole.substr(0, whole.size() - 600)).find("it was cut off") != std::string::npos);
    CHECK(error_of(whole.substr(0, 0x50 + 24 + 10)).find("it was cut off") != std::string::npos);
    std::string both = efi_program({{".ucode", "microcode"}, {".initrd", "initrd"}});
    const std::size_t place = both.find(".initrd") + 20; // PointerToRawData
    both.replace(place, 4, both.substr(both.find(".ucode") + 20, 4));
    CHECK(error_of(both) == "f: the sections .ucode and .initrd overlap");
    both[place] = 2;
    CHECK(error_of(both).find("is not aligned") != std::string::npos);
}
