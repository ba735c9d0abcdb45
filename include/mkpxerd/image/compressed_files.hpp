// SPDX-License-Identifier: MIT
// Modules and firmware that lie compressed in an image: their plain path, size and content.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

// "lib/modules/6.1/kernel/fs/nfs/nfs.ko" of ".../nfs.ko.zst", "lib/firmware/x.bin" of ".../x.bin.xz"; any
// other path as it is. Only the name is looked at.
std::string_view plain_path(std::string_view path);
// Is it the path of a compressed module or compressed firmware?
bool is_compressed_file(std::string_view path);

// The file whose plain path this is, all links followed. nullptr: none is there.
const EffectiveView::Node* find_compressed(const EffectiveView& view, std::string_view plain_path);

// The module of this name ("nfs", "nfs.ko") in whatever form it lies there, or the file of this name
// ("nfs.ko.zst"). nullptr: none, or it is a path.
const EffectiveView::Node* find_module(const EffectiveView& view, std::string_view name);

// The plain sizes of all such entries, by index, in one pass. They are what the files state themselves, or
// else what they unpack to; an entry that is damaged, or larger than 64 MiB, is missing. Errors: those of the
// image.
Result<std::map<std::size_t, std::uint64_t>> plain_sizes(const Image& image);

// What compressed content states, or else what it unpacks to. nullopt: it is damaged. name: of the file.
std::optional<std::uint64_t> plain_size(std::string_view content, const std::string& name);

// Decompresses the content of an entry, by its first bytes; a plain one comes as it is. Errors: damaged;
// larger than 512 MiB; those of the image and of sink.
using PieceSink = std::function<Result<void>(std::span<const std::byte> piece)>;
Result<void> read_plain(const Image& image, std::size_t entry, const PieceSink& sink);
// The same for content that was read already. name: of the file, for errors.
Result<void> unpack_content(std::string_view content, const std::string& name, const PieceSink& sink);

} // namespace mkpxerd::image
