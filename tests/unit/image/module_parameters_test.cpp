// SPDX-License-Identifier: MIT
#include "mkpxerd/image/module_parameters.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mkpxerd::image;

TEST_CASE("modules with parameters are known with '-' as with '_'") {
    for (const char* name :
         {"i915", "usbcore", "snd_hda_intel", "snd-hda-intel", "nvme_core", "libata", "nvidia-drm"}) {
        INFO(name);
        CHECK(has_parameters(name));
    }
    for (const char* name : {"", " ", "i915 usbcore", "i195", "I915", "unheard_of"}) {
        INFO(name);
        CHECK_FALSE(has_parameters(name));
    }
}

TEST_CASE("each module stands once in the list, which is sorted") {
    const auto names = modules_with_parameters();
    CHECK(names.size() > 1000);
    CHECK(std::ranges::is_sorted(names));
    CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("a misspelt module is near to one of the same first letter") {
    CHECK(nearest_module("usbcroe") == "usbcore");
    CHECK(nearest_module("snd-hda-intl") == "snd_hda_intel");
    CHECK_FALSE(nearest_module("unheard_of"));
}
