// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/emulator.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/deploy/bundle/child_process.hpp"

namespace mkpxerd::deploy {
namespace {

// UEFI firmware: code and initial variables. From Debian, Alpine, Fedora.
constexpr std::array<std::array<const char*, 2>, 4> firmware = {{
    {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
    {"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
    {"/usr/share/ovmf/OVMF_CODE.fd", "/usr/share/ovmf/OVMF_VARS.fd"},
    {"/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
}};

// no_timer_check: a busy host delays the emulated timer, and the kernel would take it for broken.
constexpr std::string_view console_options = "console=ttyS0 no_timer_check";
constexpr std::string_view report_option = "mkpxerd.report=/dev/ttyS1"; // the second serial port
constexpr std::string_view patience_option = "mkpxerd.timeout=";
// Loader and kernel need part of a trial's time; of the rest, the init waits at most this long.
constexpr std::uint64_t max_patience = 60;

} // namespace

Result<EmulatorParts> find_emulator(bool uefi) {
    EmulatorParts parts;
    MKPXERD_TRY_ASSIGN(parts.program,
                       find_program("qemu-system-x86_64", "qemu-system-x86", "qemu-system-x86_64"));
    if (!uefi) return parts;
    for (const auto& [code, variables] : firmware) {
        if (::access(code, R_OK) != 0 || ::access(variables, R_OK) != 0) continue;
        parts.firmware_code = code;
        parts.firmware_variables = variables;
        return parts;
    }
    return fail("UEFI firmware for QEMU", "is not installed", "package ovmf, of Debian and of Alpine");
}

std::vector<std::string> emulator_command(const EmulatorParts& parts, const TrialRequest& request,
                                          const EmulatorWire& wire, const std::string& command_line) {
    // Without KVM, so that it works for every user, and inside containers and virtual machines.
    std::vector<std::string> command = {
        parts.program.string(),        "-machine", "q35,graphics=off", "-accel", "tcg", "-cpu", "max", "-m",
        std::to_string(request.memory)};
    const auto add = [&](std::initializer_list<std::string> words) { command.insert(command.end(), words); };
    // A machine with a serial console, network cards and nothing else. "Reboot" is its end.
    add({"-nodefaults", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"});
    if (request.wants_report)
        add({"-chardev", fmt::format("file,id=report,path=/proc/self/fd/{}", ChildProcess::more_output),
             "-serial", "chardev:report"});
    if (!parts.firmware_code.empty()) {
        add({"-drive",
             fmt::format("if=pflash,format=raw,unit=0,readonly=on,file={}", parts.firmware_code.string())});
        add({"-drive", fmt::format("if=pflash,format=raw,unit=1,snapshot=on,file={}",
                                   parts.firmware_variables.string())});
    }
    if (!wire.uuid.empty()) add({"-uuid", wire.uuid});
    const bool direct = wire.script.empty();
    std::string network = wire.network.empty() ? "" : ',' + wire.network;
    if (!direct) network += ",bootfile=" + wire.script;
    std::vector<std::string> cards = request.network_cards;
    if (cards.empty()) cards.emplace_back("virtio-net-pci");
    for (std::size_t i = 0; i < cards.size(); ++i) {
        add({"-netdev", fmt::format("user,id=wire{}{}", i, network)});
        // Without its ROM, a card does not boot by itself.
        std::string card =
            fmt::format("{},netdev=wire{},bootindex={}{}", cards[i], i, i + 1, direct ? ",romfile=" : "");
        if (i == 0 && !wire.mac.empty()) card += ",mac=" + wire.mac;
        add({"-device", card});
    }
    if (direct)
        add({"-kernel", request.kernel.string(), "-initrd", request.image.string(), "-append", command_line});
    return command;
}

std::string trial_options(const TrialRequest& request, std::string_view others) {
    const std::string user = request.options.value_or("");
    std::string options(console_options);
    if (user.find(patience_option) == std::string::npos &&
        others.find(patience_option) == std::string_view::npos)
        options += fmt::format(" {}{}", patience_option,
                               std::clamp<std::uint64_t>(request.timeout / 2, 1, max_patience));
    if (request.wants_report) options += fmt::format(" {}", report_option);
    return fmt::format("{} {}", options, user);
}

} // namespace mkpxerd::deploy
