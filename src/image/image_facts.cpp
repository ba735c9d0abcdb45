// SPDX-License-Identifier: MIT
// modules.builtin is what separates "absent" from "cannot tell".
#include "mkpxerd/image/image_facts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/image/module_path.hpp"

namespace mkpxerd::image {
namespace {

// Below kernel/drivers/: where the drivers of network cards lie. Everything else there is protocols, PHYs,
// helpers.
constexpr std::array<std::string_view, 6> card_folders = {
    "kernel/drivers/net/ethernet/", "kernel/drivers/net/usb/",        "kernel/drivers/net/hyperv/",
    "kernel/drivers/net/vmxnet3/",  "kernel/drivers/net/virtio_net.", "kernel/drivers/net/xen-netfront."};

bool is_card_driver(std::string_view path) {
    return std::ranges::any_of(card_folders,
                               [&](std::string_view folder) { return path.starts_with(folder); });
}

} // namespace

Result<ImageFacts> ImageFacts::read(const std::filesystem::path& file) {
    // The version in the path of modules.builtin is known only after a first look.
    MKPXERD_TRY_ASSIGN(const Image image, Image::open(file, {std::string(boot_config_path)}));
    ImageFacts facts;
    facts.name_ = image.summary().name;
    if (const std::string* config = image.kept(std::string(boot_config_path))) {
        MKPXERD_TRY_ASSIGN(facts.config_, parse_boot_config(*config));
        facts.is_ours_ = true;
    }
    const EffectiveView view(image.entries());
    std::set<std::size_t> lists;
    for (const auto& [path, node] : view.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        if (!node.is_link || view.find(path) != nullptr) facts.paths_.insert(path);
        facts.read_modules(path);
        const auto place = module_folder_path(path);
        if (place && place->rest == "modules.builtin") {
            facts.knows_builtin_ = true;
            if (node.content != EffectiveView::none) lists.insert(node.content);
        }
    }
    std::string builtin;
    const auto sink = [&](std::size_t, std::span<const std::byte> piece) -> Result<void> {
        builtin.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        if (builtin.size() > (std::size_t{16} << 20))
            return fail(facts.name_, "modules.builtin is too large");
        return {};
    };
    MKPXERD_TRY(image.read_contents(lists, sink));
    facts.read_builtin(builtin);
    facts.problems_ = image.summary().warnings;
    for (const auto& lost : view.lost())
        facts.problems_.push_back(
            {facts.name_,
             fmt::format("the kernel cannot unpack '{}': {}", image.entries()[lost.entry].path, lost.reason),
             {},
             {}});
    return facts;
}

ImageFacts ImageFacts::planned(std::string name, std::set<std::string> paths, std::string_view builtin,
                               BootConfig config) {
    ImageFacts facts;
    facts.name_ = std::move(name);
    facts.config_ = std::move(config);
    facts.is_ours_ = true;
    facts.knows_builtin_ = true;
    for (const std::string& path : paths)
        facts.read_modules(path);
    facts.paths_ = std::move(paths);
    facts.read_builtin(builtin);
    return facts;
}

void ImageFacts::read_modules(const std::string& path) {
    const auto place = module_folder_path(path);
    if (!place || module_name(path).empty()) return;
    modules_.insert(module_name(path));
    has_network_driver_ = has_network_driver_ || is_card_driver(place->rest);
}

void ImageFacts::read_builtin(std::string_view list) {
    for (const auto line : split_lines(list)) {
        builtin_.insert(module_name(line));
        has_builtin_network_driver_ = has_builtin_network_driver_ || is_card_driver(line);
    }
}

ImageFacts::Presence ImageFacts::module(std::string_view name) const {
    std::string spelled(name);
    std::ranges::replace(spelled, '-', '_');
    if (modules_.contains(spelled) || builtin_.contains(spelled)) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

ImageFacts::Presence ImageFacts::network_driver() const {
    if (has_network_driver_ || has_builtin_network_driver_) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

bool ImageFacts::has_certificates() const {
    return std::ranges::any_of(paths_, [](const std::string& path) {
        const bool is_certificate = path.ends_with(".crt") || path.ends_with(".pem");
        return path == authorities_path || path == "etc/ssl/cert.pem" ||
               (is_certificate && path.starts_with("etc/ssl/certs/"));
    });
}

} // namespace mkpxerd::image
