// SPDX-License-Identifier: MIT
// tests/cli/options_test.sh holds mkpxerd.yaml(5) to this list.
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {

const std::vector<std::string>& setting_keys() {
    static const std::vector<std::string> keys = {
        "allow-secrets", "append",
        "basedir",       "ca",
        "cmdline",       "compression",
        "features",      "files",
        "firmware",      "fstab",
        "hardware",      "hostkeys",
        "init",          "kernel",
        "kernel-root",   "key",
        "kmod-index",    "lenient",
        "level",         "level-gzip",
        "level-lz4",     "level-xz",
        "level-zstd",    "max-size",
        "mode",          "modloop-signature",
        "modules",       "no-kernel",
        "output",        "pin",
        "prepend",       "strict-firmware",
        "ucode",
    };
    return keys;
}

} // namespace mkpxerd::generator
