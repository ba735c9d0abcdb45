// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/network_cards.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/deploy/bundle/child_process.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::size_t longest_help = std::size_t{1} << 20; // bytes

// The text in quotes after the key: name "e1000", bus PCI, alias "e1000-82540em"
std::string_view quoted(std::string_view line, std::string_view key) {
    const auto at = line.find(key);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = line.substr(at + key.size());
    return rest.substr(0, rest.find('"'));
}

Result<std::string> read_device_help(const std::filesystem::path& emulator) {
    MKPXERD_TRY_ASSIGN(Pipe pipe, Pipe::open());
    MKPXERD_TRY_ASSIGN(ChildProcess child, ChildProcess::start({emulator.string(), "-device", "help"},
                                                               UniqueFd(), std::move(pipe.write)));
    std::string text;
    char bytes[4096];
    while (text.size() < longest_help) {
        const ssize_t count = ::read(pipe.read.get(), bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        text.append(bytes, static_cast<std::size_t>(count));
    }
    return text;
}

} // namespace

std::vector<std::string> read_card_models(std::string_view device_help) {
    std::vector<std::string> models;
    bool is_network = false;
    for (const auto line : split_lines(device_help)) {
        if (line.ends_with(" devices:")) is_network = line == "Network devices:";
        if (!is_network || line.find(", bus PCI") == std::string_view::npos) continue;
        for (const std::string_view key : {"name \"", "alias \""})
            if (const auto model = quoted(line, key); !model.empty()) models.emplace_back(model);
    }
    return models;
}

Result<void> check_network_cards(const std::filesystem::path& emulator,
                                 const std::vector<std::string>& cards) {
    if (cards.empty()) return {};
    MKPXERD_TRY_ASSIGN(const std::string help, read_device_help(emulator));
    const auto models = read_card_models(help);
    if (models.empty()) return {}; // QEMU itself says what is wrong
    Problems problems;
    for (const std::string& card : cards) {
        const std::string model = card.substr(0, card.find(','));
        if (std::ranges::find(models, model) != models.end()) continue;
        const auto similar = nearest(model, models);
        problems.add("--nic " + card, "QEMU has no such network card",
                     similar ? fmt::format("did you mean {}?", *similar)
                             : "usual ones: virtio-net-pci, e1000, e1000e, rtl8139; " +
                                   emulator.filename().string() + " -device help lists all");
    }
    return problems.finish();
}

} // namespace mkpxerd::deploy
