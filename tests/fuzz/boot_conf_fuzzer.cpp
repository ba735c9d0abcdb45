// SPDX-License-Identifier: MIT
// boot.conf: what is read of one is read again when it is written, and no value that the generator writes,
// whatever a tree calls its kernel, turns into another line.
#include "harness.hpp"

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/names.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = text_of(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        const auto config = parse_boot_config(text);
        if (!config) {
            for (const Problem& problem : config.error().problems())
                require(problem.object.starts_with(boot_config_path));
            return 0;
        }
        const auto again = parse_boot_config(write_boot_config(*config));
        require(again && *again == *config);
        return 0;
    }
    // Values as a tree, a profile or a command line may give them, separated by zeros.
    const auto values = split(text, '\0');
    const auto value = [&](std::size_t i) { return std::string(i < values.size() ? values[i] : ""); };
    BootConfig config;
    config.mkpxerd_version = "0.1.0";
    config.kernel_version = value(0);
    config.cmdline = value(1);
    config.entries = size;
    config.epoch = static_cast<std::int64_t>(size);
    config.tls = data[0] % 4 == 1;
    for (std::size_t i = 2; i < values.size(); ++i)
        config.features.push_back(value(i));
    config.pins = {{"root", std::string(64, 'a')}};
    if (!check_boot_config(config)) return 0; // the build says so
    const std::string written = write_boot_config(config);
    const auto read_back = parse_boot_config(written);
    require(read_back.has_value());
    require(*read_back == config);
    return 0;
}
