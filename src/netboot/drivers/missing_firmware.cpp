// SPDX-License-Identifier: MIT
// Two spellings: that of the kernel (drivers/base/firmware_loader/main.c), and that of a patch in Debian's
// kernels. dev_printk() writes driver and device before both.
//   e100 0000:00:03.0: Direct firmware load for e100/d102e_ucode.bin failed with error -2
//   e100 0000:00:03.0: firmware: failed to load e100/d102e_ucode.bin (-2)
#include "mkpxerd/netboot/drivers/missing_firmware.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/kernel_log.hpp"

namespace mkpxerd::netboot {
namespace {

struct Spelling {
    std::string_view before;
    std::string_view after; // -2: ENOENT
};
constexpr std::array spellings = {Spelling{": Direct firmware load for ", " failed with error -2"},
                                  Spelling{": firmware: failed to load ", " (-2)"}};

// A driver that loads firmware before it binds to the card has no interface yet, so the card's class counts,
// too.
bool is_network_card(const Sysroot& bus, const std::string& device) {
    for (const std::string& name : bus.list("")) {
        const std::string path = fmt::format("{}/devices/{}", name, device);
        std::error_code ignored;
        if (std::filesystem::exists(bus.host(path + "/net"), ignored)) return true;
        const auto type = read_file(bus.host(path + "/class"));
        if (name == "pci" && type && type->starts_with("0x02")) return true;
    }
    return false;
}

} // namespace

std::vector<FirmwareFailure> parse_missing_firmware(std::string_view log) {
    std::vector<FirmwareFailure> missing;
    for (const std::string_view record : split_lines(log)) {
        const std::string_view line = text_of_record(record); // a line from a program has another start
        for (const auto& [before, after] : spellings) {
            const auto at = line.find(before);
            if (at == std::string_view::npos) continue;
            const auto end = line.find(after, at + before.size());
            const auto words = split_words(line.substr(0, at));
            if (end == std::string_view::npos || words.size() != 2) continue;
            const auto name = line.substr(at + before.size(), end - at - before.size());
            FirmwareFailure found{std::string(words[0]), std::string(words[1]), std::string(name)};
            if (std::find(missing.begin(), missing.end(), found) == missing.end())
                missing.push_back(std::move(found));
        }
    }
    return missing;
}

std::vector<FirmwareFailure> read_missing_firmware(const System& system) {
    auto missing = parse_missing_firmware(read_kernel_log(system));
    const Sysroot bus(system.host("/sys/bus"));
    std::erase_if(missing,
                  [&](const FirmwareFailure& firmware) { return !is_network_card(bus, firmware.device); });
    return missing;
}

Problem to_problem(const FirmwareFailure& firmware) {
    return {.object = fmt::format("{} at {}", firmware.driver, firmware.device),
            .text = fmt::format("firmware {} is not in this image", firmware.name),
            .hint = "install its package on the build machine, and build the image again with --firmware net",
            .code = Failure::NoFirmware};
}

Error with_missing_firmware(Error error, const std::vector<FirmwareFailure>& missing) {
    std::vector<Problem> problems = error.problems();
    const Failure code = problems.front().code;
    const bool card_failed = code == Failure::NoNetworkCard || code == Failure::CannotBringUp;
    std::vector<Problem> causes;
    for (const FirmwareFailure& firmware : missing) {
        causes.push_back(to_problem(firmware));
        if (!card_failed || causes.size() > 1) causes.back().code = Failure::None;
    }
    if (card_failed && !causes.empty()) problems.front().code = Failure::None;
    problems.insert(card_failed ? problems.begin() : problems.end(), causes.begin(), causes.end());
    return Error(std::move(problems));
}

} // namespace mkpxerd::netboot
