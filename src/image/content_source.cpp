// SPDX-License-Identifier: MIT
#include "mkpxerd/image/content_source.hpp"

#include <fmt/format.h>

namespace mkpxerd::image {
namespace {

constexpr std::size_t max_bytes_of_a_text = std::size_t{16} << 20;

} // namespace

ContentSource contents_of(const Image& image) {
    return [&image](const std::set<std::size_t>& entries) -> Result<EntryContents> {
        EntryContents contents;
        MKPXERD_TRY(image.read_contents(entries, [&](std::size_t index, std::span<const std::byte> piece) {
            contents[index].append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return Result<void>();
        }));
        return contents;
    };
}

Result<Texts> read_texts(const EffectiveView& view, const std::set<std::string>& paths,
                         const ContentSource& source) {
    Texts texts;
    std::map<std::string, std::size_t> entries;
    std::set<std::size_t> wanted;
    for (const std::string& path : paths) {
        const EffectiveView::Node* file = view.find(path);
        if (file == nullptr || !file->is_regular) continue;
        texts[path]; // an empty file
        if (file->content == EffectiveView::none) continue;
        if (view.entries()[file->content].size > max_bytes_of_a_text)
            return fail("/" + path, fmt::format("is larger than {} bytes", max_bytes_of_a_text));
        entries[path] = file->content;
        wanted.insert(file->content);
    }
    MKPXERD_TRY_ASSIGN(const EntryContents contents, source(wanted));
    for (const auto& [path, entry] : entries)
        if (const auto content = contents.find(entry); content != contents.end())
            texts[path] = content->second;
    return texts;
}

} // namespace mkpxerd::image
