// SPDX-License-Identifier: MIT
// What the init reads of boot loaders, kernels and images: command lines, option values, events, module
// lists.
#include <cstddef>
#include <cstdint>

#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/contract/mount_options.hpp"
#include "mkpxerd/contract/redact.hpp"
#include "mkpxerd/netboot/drivers/modprobe_config.hpp"
#include "mkpxerd/netboot/drivers/uevent.hpp"
#include "mkpxerd/netboot/mount/nfs.hpp"
#include "mkpxerd/netboot/options/placeholders.hpp"
#include "mkpxerd/netboot/root/handover.hpp"
#include "mkpxerd/netboot/root/package_failure.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

void read_cmdline(const std::string& text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", text}};
    const auto options = parse_boot_options(sources);
    if (!options) return;
    const auto plan = make_boot_plan(*options, {.has_apk = text.size() % 2 == 0});
    if (!plan) return;
    (void)plan->text();
    if (const auto* nfs = get_source<NfsSource>(plan->root))
        (void)nfs_attempts({*nfs, "10.0.0.1", "", "/newroot", true, options->rootflags});
}

// A place is read or refused, and what is read is taken apart.
void read_places(const std::string& text) {
    (void)parse_medium("root", text);
    (void)parse_file_source("apkovl", text);
    (void)parse_search_source("ovl_dev", text);
    (void)parse_nfsroot(text, "10.0.0.1");
    (void)DeviceSpec::parse(text);
}

// A secret that a URL begins with must not come through.
void check_redaction(const std::string& text) {
    const std::string hidden = redact("http://user:s3cret@host/" + text);
    if (hidden.find("s3cret") != std::string::npos && text.find("s3cret") == std::string::npos)
        __builtin_trap();
    // Whatever else a password holds, but for what ends a URL.
    if (text.find_first_of(" \t\n|") != std::string::npos) return;
    const std::string inside = redact("x=http://user:" + text + "s3cret@host/");
    if (inside.find("s3cret") != std::string::npos) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    // The first byte picks the reader, so that each keeps inputs of its own.
    switch (data[0] % 8) {
    case 0:
        read_cmdline(text);
        read_places(text);
        break;
    case 1:
        check_redaction(text);
        break;
    case 2:
        (void)parse_uevent(text);
        break;
    case 3: {
        ModprobeConfig config;
        parse_modprobe_config(text, "x.conf", config);
        parse_module_parameters(text, config);
        break;
    }
    case 4:
        (void)parse_mount_options(text);
        break;
    case 5:
        if (const auto source = UrlSource::parse(text))
            (void)substitute(*source, {{"MAC", "52:54:00:00:00:01"}, {"UUID", "x"}});
        break;
    case 6:
        (void)mounts_to_move(text);
        break;
    case 7:
        (void)explain_apk({text}, 1);
        break;
    }
    return 0;
}
