// SPDX-License-Identifier: MIT
// One pass over the contents; keeps only the start of one at a time.
#include "mkpxerd/image/secret_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "archives_around.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::string_view crypttab_path = "etc/crypttab";
constexpr std::size_t max_paths = std::size_t{4} << 20; // as in Image::open

bool is_module(const std::string& path) {
    return module_directory_path(path) && !module_name(path).empty();
}

class SecretSearch : public ImageVisitor {
  public:
    Result<Next> entry(const Entry& entry) override {
        if (!entry.is_regular() || entry.size == 0 || is_module(entry.path)) return Next::Skip;
        if (paths_.size() < max_paths) paths_.insert(entry.path);
        path_ = entry.path;
        size_ = entry.size;
        content_.clear();
        wanted_ = secret_head;
        if ((entry.mode & 04U) != 0) return Next::Content;
        found_.emplace(path_, "others may not read it");
        return Next::Skip;
    }

    Result<void> content(std::span<const std::byte> piece) override {
        std::string_view text(reinterpret_cast<const char*>(piece.data()), piece.size());
        while (!text.empty() && content_.size() < wanted_) {
            const std::size_t count = std::min(text.size(), wanted_ - content_.size());
            content_.append(text.substr(0, count));
            text.remove_prefix(count);
            if (content_.size() == secret_head) wanted_ = secret_bytes_wanted(content_, size_);
        }
        return {};
    }

    Result<void> end_of_content() override {
        if (path_ == crypttab_path) crypttab_ = content_;
        if (const char* what = find_secret(path_, content_, size_)) found_.emplace(path_, what);
        return {};
    }

    std::vector<Problem> result() {
        for (const std::string& key : crypttab_key_files(crypttab_))
            if (paths_.contains(key)) found_.emplace(key, is_disk_key);
        std::vector<Problem> problems;
        for (const auto& [path, what] : found_)
            problems.push_back({.object = path, .text = what});
        return problems;
    }

  private:
    std::set<std::string> paths_;
    std::map<std::string, std::string> found_;
    std::string crypttab_;
    std::string path_; // of the current content
    std::uint64_t size_ = 0;
    std::string content_;
    std::size_t wanted_ = 0; // bytes of it
};

} // namespace

Result<std::vector<Problem>> find_secrets(std::span<const std::byte> image, const std::string& name) {
    SecretSearch search;
    MKPXERD_TRY(read_image(image, name, search));
    return search.result();
}

std::vector<Problem> find_archive_secrets(const std::vector<TreePath>& before,
                                          const std::vector<TreePath>& after) {
    return find_in_archives(before, after, find_secrets);
}

} // namespace mkpxerd::image
