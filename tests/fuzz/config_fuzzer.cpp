// SPDX-License-Identifier: MIT
// What administrators write: mkinitfs.conf, profiles, feature lists, hardware lists, and boot.conf of an
// image.
#include <cstddef>
#include <cstdint>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/request/settings.hpp"

using namespace mkpxerd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    // The first byte picks the reader, so that each keeps inputs of its own.
    switch (data[0] % 7) {
    case 0:
        (void)generator::parse_mkinitfs_conf(text, "mkinitfs.conf");
        break;
    case 1:
        (void)generator::parse_profile(text, "profile.yaml");
        break;
    case 2:
        for (const auto& pattern : generator::parse_feature_list(text, "f", "f.modules"))
            (void)generator::module_pattern_matches(pattern.glob,
                                                    "kernel/drivers/net/ethernet/intel/e1000/e1000.ko.xz");
        break;
    case 3:
        (void)generator::parse_hardware_list(text, "host.modalias");
        break;
    case 4:
        // What is read once must be read back as it was.
        if (const auto config = parse_boot_config(text))
            if (parse_boot_config(write_boot_config(*config)).value() != *config) __builtin_trap();
        break;
    case 5:
        (void)parse_provenance(text);
        break;
    case 6:
        (void)split_command_line(text);
        break;
    }
    return 0;
}
