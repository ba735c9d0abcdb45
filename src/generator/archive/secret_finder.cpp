// SPDX-License-Identifier: MIT
// An image on a web server is public: anyone who can download it has every key in it.
#include "mkpxerd/generator/archive/secret_finder.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <span>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"

namespace mkpxerd::generator {
namespace {

constexpr const char* not_for_all = "others may not read it";

// Read permission for a group does not make a file public, nor is a file public that this user cannot reach.
bool is_for_all(const TreePath& source) {
    struct stat st {};
    const UniqueFd fd = source.try_open(O_PATH);
    if (!fd) return errno != EACCES;
    return ::fstat(fd.get(), &st) != 0 || (st.st_mode & S_IROTH) != 0;
}

// Reads only as much of a file as is necessary to find a secret.
class Reader {
  public:
    Result<std::string_view> read(const TreePath& source, std::uint64_t size) {
        MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(source));
        MKPXERD_TRY(fill(fd.get(), 0, std::min<std::uint64_t>(size, secret_head), source));
        MKPXERD_TRY(fill(fd.get(), text_.size(), secret_bytes_wanted(text_, size), source));
        return std::string_view(text_);
    }

  private:
    Result<void> fill(int fd, std::size_t from, std::size_t to, const TreePath& source) {
        text_.resize(std::max(from, to));
        const auto room = std::as_writable_bytes(std::span(text_)).subspan(from);
        MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd, from, room, source));
        text_.resize(from + got);
        return {};
    }
    std::string text_; // one buffer for all files
};

constexpr std::string_view modules_directory = "lib/modules/";

// The modules have been read already: a thousand files that need not be opened again.
bool is_of_kernel(const std::string& path) {
    if (!path.starts_with(modules_directory) && !path.starts_with("usr/lib/modules/")) return false;
    return is_module_file(path);
}

// Files that crypttab, or an option, names as the key of a disk: "cryptkey=/key",
// "rd.luks.key=/key:UUID=...".
Result<std::set<std::string>> disk_keys(const ImageTree& tree) {
    std::set<std::string> keys;
    for (const auto& word : split_command_line(tree.config.cmdline).words) {
        if (!word.value || !(word.name == "cryptkey" || word.name.ends_with("luks.key"))) continue;
        const std::string value = *word.value;
        const auto slash = value.find('/');
        if (slash == 0 || (slash != std::string::npos && value[slash - 1] == '='))
            keys.insert(value.substr(slash + 1, value.find(':', slash) - slash - 1));
    }
    for (const ImageEntry& entry : tree.entries) {
        const TreePath* source = source_of(entry);
        if (entry.path != "etc/crypttab" || source == nullptr || !is_for_all(*source)) continue;
        Reader reader;
        MKPXERD_TRY_ASSIGN(const auto text, reader.read(*source, entry.size));
        for (std::string& file : crypttab_key_files(text))
            keys.insert(std::move(file));
    }
    return keys;
}

} // namespace

Result<std::vector<Problem>> find_secrets(const ImageTree& tree, const BuildRequest& request) {
    std::vector<Problem> secrets;
    const auto add = [&](const std::string& path, const char* what) {
        secrets.push_back({.object = path, .text = what});
    };
    // An init from the user may contain anything; mkpxerd's own, in both variants, contains no secret,
    // however it was installed.
    const bool own_init = request.has_own_init();
    if (const char* what = find_secret_option(tree.config.cmdline)) add(std::string(boot_config_path), what);
    MKPXERD_TRY_ASSIGN(const auto keys, disk_keys(tree));
    Reader reader;
    for (const ImageEntry& entry : tree.entries) {
        if (!S_ISREG(entry.mode) || entry.size == 0) continue;
        const TreePath* source = source_of(entry);
        if (source == nullptr) {
            const auto& text = std::get<std::string>(entry.content);
            // Lists that are derived from public ones, and options, which were checked above.
            if (entry.path.starts_with(modules_directory) || entry.path == boot_config_path) continue;
            if (const char* what = find_secret(entry.path, text, text.size())) add(entry.path, what);
            continue;
        }
        if ((entry.mode & 04U) == 0 || (!is_for_all(*source) && !(own_init && entry.path == init_path))) {
            add(entry.path, not_for_all);
            continue;
        }
        if (std::holds_alternative<CompressedFile>(entry.content) || is_of_kernel(entry.path)) continue;
        const auto* packed = std::get_if<PackedFile>(&entry.content);
        const std::uint64_t size = packed != nullptr ? packed->plain_size : entry.size;
        MKPXERD_TRY_ASSIGN(const auto content, reader.read(*source, size));
        if (content.empty()) continue;
        if (keys.contains(entry.path))
            add(entry.path, is_disk_key);
        else if (const char* what = find_secret(entry.path, content, size))
            add(entry.path, what);
    }
    for (const auto* archives : {&request.prepend, &request.append})
        for (const TreePath& archive : *archives)
            if (!is_for_all(archive)) add(archive.string(), not_for_all);
    return secrets;
}

} // namespace mkpxerd::generator
