// SPDX-License-Identifier: MIT
// The rules for a key are those of the build and of the init.
#include "mkpxerd/image/key_check.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "archives_around.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::image {
namespace {

class KeyCheck : public ImageVisitor {
  public:
    Result<Next> entry(const Entry& entry) override {
        needs_tls = needs_tls || std::ranges::find(authority_files, entry.path) != authority_files.end();
        const bool is_key_place = entry.path.size() > key_directory.size() + 1 &&
                                  entry.path.starts_with(key_directory) &&
                                  entry.path[key_directory.size()] == '/';
        const bool is_deeper =
            is_key_place && entry.path.find('/', key_directory.size() + 1) != std::string::npos;
        const bool has_body_elsewhere =
            entry.is_regular() && entry.links > 1 && entry.size == 0; // a hard link
        needs_tls = needs_tls || is_key_place;
        if (!is_key_place || is_deeper || entry.is_link() || has_body_elsewhere) return Next::Skip;
        path_ = '/' + entry.path;
        if (!entry.is_regular())
            judge(no_key(path_, "is not a regular file"));
        else if (entry.size > largest_key_file)
            judge(no_key(path_, fmt::format("is larger than {} bytes", largest_key_file)));
        else if (entry.size == 0)
            judge(wrap::check_ed25519_key(path_, {}));
        else
            return Next::Content;
        return Next::Skip;
    }

    Result<void> content(std::span<const std::byte> piece) override {
        content_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    }

    Result<void> end_of_content() override {
        judge(wrap::check_ed25519_key(path_, content_));
        content_.clear();
        return {};
    }

    std::vector<Problem> bad;
    bool needs_tls = false; // there is a key, or a file of authorities

  private:
    void judge(const Result<void>& checked) {
        if (!checked) bad.push_back(checked.error().first());
    }

    std::string path_; // of the current content
    std::string content_;
};

} // namespace

Result<std::vector<Problem>> find_bad_keys(std::span<const std::byte> image, const std::string& name) {
    KeyCheck check;
    MKPXERD_TRY(read_image(image, name, check));
    return std::move(check.bad);
}

Result<bool> check_archive_keys(const std::vector<TreePath>& before, const std::vector<TreePath>& after) {
    bool needs_tls = false;
    const auto find = [&](std::span<const std::byte> archive,
                          const std::string& name) -> Result<std::vector<Problem>> {
        KeyCheck check;
        MKPXERD_TRY(read_image(archive, name, check));
        needs_tls = needs_tls || check.needs_tls;
        return std::move(check.bad);
    };
    std::vector<Problem> bad = find_in_archives(before, after, find);
    if (!bad.empty()) return fail(Error(std::move(bad)));
    return needs_tls;
}

} // namespace mkpxerd::image
