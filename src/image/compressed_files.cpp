// SPDX-License-Identifier: MIT
// Such a file is a few MiB at most, so it is read whole; what it unpacks to is passed on in pieces.
#include "mkpxerd/image/compressed_files.hpp"

#include <array>
#include <fmt/format.h>

#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/wrap/module_encoding.hpp"
#include "mkpxerd/wrap/stated_size.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t largest_read = std::size_t{64} << 20;
constexpr std::size_t largest_unpacked = std::size_t{512} << 20; // of a module, as in the generator
// Of firmware: drivers/base/firmware_loader/main.c. Of modules: kmod.
constexpr std::array<std::string_view, 2> firmware_suffixes = {".zst", ".xz"};
constexpr std::array<std::string_view, 3> suffixes = {".zst", ".xz", ".gz"};

} // namespace

std::string_view plain_path(std::string_view path) {
    if (!firmware_path(path).empty())
        for (const std::string_view suffix : firmware_suffixes)
            if (path.ends_with(suffix)) return path.substr(0, path.size() - suffix.size());
    return plain_module_path(path);
}

bool is_compressed_file(std::string_view path) {
    return plain_path(path).size() != path.size();
}

const EffectiveView::Node* find_compressed(const EffectiveView& view, std::string_view path) {
    for (const std::string_view suffix : suffixes) {
        const std::string name = fmt::format("{}{}", path, suffix);
        if (plain_path(name) != path) continue;
        if (const EffectiveView::Node* node = view.find(name)) return node;
    }
    return nullptr;
}

const EffectiveView::Node* find_module(const EffectiveView& view, std::string_view name) {
    if (name.find('/') != std::string_view::npos) return nullptr;
    const bool is_whole = is_compressed_file(name);
    const std::string wanted = module_name_of(name);
    for (const auto& [path, node] : view.nodes())
        if (node.is_regular && module_directory_path(path) && module_name(path) == wanted &&
            (!is_whole || path.ends_with(fmt::format("/{}", name))))
            return &node;
    return nullptr;
}

std::optional<std::uint64_t> plain_size(std::string_view content, const std::string& name) {
    if (const auto stated = wrap::stated_size(std::as_bytes(std::span(content)))) return stated;
    std::uint64_t size = 0;
    const auto count = [&](std::span<const std::byte> piece) -> Result<void> {
        size += piece.size();
        return {};
    };
    return unpack_content(content, name, count) ? std::optional(size) : std::nullopt;
}

Result<std::map<std::size_t, std::uint64_t>> plain_sizes(const Image& image) {
    std::set<std::size_t> wanted;
    for (std::size_t i = 0; i < image.entries().size(); ++i) {
        const Entry& entry = image.entries()[i];
        if (entry.is_regular() && entry.size > 0 && entry.size <= largest_read &&
            is_compressed_file(entry.path))
            wanted.insert(i);
    }
    std::map<std::size_t, std::uint64_t> sizes;
    std::optional<std::size_t> current;
    std::string content;
    const auto end = [&] {
        if (!current) return;
        if (const auto size = plain_size(content, image.entries()[*current].path)) sizes[*current] = *size;
        content.clear();
    };
    MKPXERD_TRY(image.read_contents(wanted, [&](std::size_t index, std::span<const std::byte> piece) {
        if (current != index) end();
        current = index;
        content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return Result<void>();
    }));
    end();
    return sizes;
}

Result<void> unpack_content(std::string_view content, const std::string& name, const PieceSink& sink) {
    const auto bytes = std::as_bytes(std::span(content));
    const auto encoding = wrap::recognize_module_encoding(bytes);
    if (!encoding) return sink(bytes);
    std::size_t unpacked = 0;
    const auto counted = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        unpacked += piece.size();
        if (unpacked > largest_unpacked)
            return fail(name, fmt::format("unpacks to more than {} bytes", largest_unpacked));
        return sink(piece);
    };
    MKPXERD_TRY(wrap::decompress_file(*encoding, bytes, counted, name));
    return {};
}

Result<void> read_plain(const Image& image, std::size_t entry, const PieceSink& sink) {
    const std::string& name = image.entries()[entry].path;
    if (image.entries()[entry].size > largest_unpacked)
        return fail(name, fmt::format("is larger than {} bytes", largest_unpacked));
    std::string content;
    MKPXERD_TRY(image.read_contents({entry}, [&](std::size_t, std::span<const std::byte> piece) {
        content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return Result<void>();
    }));
    return unpack_content(content, name, sink);
}

} // namespace mkpxerd::image
