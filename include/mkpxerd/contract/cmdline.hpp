// SPDX-License-Identifier: MIT
// Command lines -> BootOptions: all options of this boot, parsed as far as possible without knowing the
// machine. contract/boot_options has their names; docs/cmdline.md describes them. Pure: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/log_subjects.hpp"

namespace mkpxerd {

// One place that options come from: the image's boot.conf, a settings file, the kernel command line.
struct CmdlineSource {
    std::string origin; // "boot.conf", "/etc/mkpxerd.d/10-site.conf", "kernel command line"
    std::string text;
};

struct ModuleRequest {
    std::string name;
    std::string parameters; // "a=1 b=2", as finit_module(2) takes them
    bool operator==(const ModuleRequest&) const = default;
};

// What follows a failure.
struct OnFail {
    enum class Kind {
        Countdown, // restart after it, unless a key asks for a shell
        Shell,
        PowerOff,
        Retry, // the failed step, again and again
    };
    Kind kind = Kind::Countdown;
    int seconds = 30;  // of the countdown; below 0: for ever
    bool shell = true; // a key may ask for one; panic= takes that away
    bool operator==(const OnFail&) const = default;
};

struct BootSetting {
    std::string name;
    std::string value;
    std::string origin; // of its source
    bool operator==(const BootSetting&) const = default;
};

// The defaults are those of the init.
struct BootOptions {
    std::vector<BootSetting> settings;       // the effective ones, in order
    std::vector<Problem> warnings;           // options that are misspelt, not supported or cut off
    std::vector<std::string> init_arguments; // after "--", for the program that takes over

    // network
    std::vector<std::string> ip; // as written; the boot plan parses them
    std::string bootif;
    std::string proxy;

    // what to fetch and mount; empty: not given
    std::string root;
    std::string nfsroot; // used by root=/dev/nfs, and without root=
    std::string rootfstype;
    std::string rootflags;
    bool read_write = false; // rw: root is mounted read-only otherwise
    std::string usrflags;
    bool overlay = false;
    std::string overlay_flags;
    std::string apkovl;
    std::string ovl_dev;
    std::string alpine_dev;
    std::vector<std::string> repositories; // empty: searched
    std::string modloop;                   // empty: searched; "none"
    std::vector<std::string> packages;
    std::string ssh_key;
    bool keep_apk_new = false;
    bool usr_merged = false;
    bool tiny_cloud = false;
    std::set<std::string> optional_objects; // "apkovl", "modloop", "packages"

    // kernel modules and devices
    std::vector<ModuleRequest> modules;
    std::vector<std::string> blacklist;
    std::uint64_t uevent_buffer = std::uint64_t{16} << 20; // bytes
    unsigned device_delay = 0;                             // seconds
    std::string resume;
    std::string resume_offset;

    // the hand-over
    std::string init = "/sbin/init";
    std::vector<std::string> init_args;
    std::vector<std::string> consoles; // device names of console=, in order
    bool autodetect_serial = true;
    bool single = false;

    // messages, and what follows a failure
    bool quiet = false;
    LogSubjects details;    // that the consoles show
    unsigned timeout = 180; // seconds: one deadline for network, devices and servers together
    OnFail on_fail;
    std::string log_host;
    std::string report_url;
};

// Sources in order of precedence, the strongest last. A later value replaces an earlier one; ip= and
// console= of one source add up. Errors, all at once, name the option and the source: MPX-OPT-02 an invalid
// value, MPX-OPT-04 an option of another program that is not supported.
Result<BootOptions> parse_boot_options(std::span<const CmdlineSource> sources);
// The same, as far as the options can be read: adds the errors to problems.
BootOptions read_boot_options(std::span<const CmdlineSource> sources, Problems& problems);
// What follows a failure, as far as it can be read, whatever else is wrong.
OnFail parse_on_fail_options(std::span<const CmdlineSource> sources);

} // namespace mkpxerd
