// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr const char* sums_name = "SHA256SUMS";
constexpr auto public_file =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;
constexpr auto public_folder =
    public_file | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;

Result<void> checked(const fs::path& object, std::string_view what, const std::error_code& error) {
    if (error) return fail(object.string(), fmt::format("{}: {}", what, error.message()));
    return {};
}

// Files and links below a folder, as paths from there, sorted.
Result<std::vector<std::string>> list_files(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::recursive_directory_iterator item(folder, error), end; !error && item != end;
         item.increment(error))
        if (item->is_symlink(error) || !item->is_directory(error))
            names.push_back(item->path().lexically_relative(folder).string());
    MKPXERD_TRY(checked(folder, "cannot be read", error));
    std::sort(names.begin(), names.end());
    return names;
}

// Of the bundle and nothing outside it, whoever wrote the sums.
bool is_inside(const std::string& name) {
    const fs::path path(name);
    return !name.empty() && path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

Result<void> make_parents(const fs::path& folder, const std::string& name) {
    std::error_code error;
    for (fs::path made = folder; const auto& part : fs::path(name).parent_path()) {
        made /= part;
        if (fs::create_directory(made, error)) fs::permissions(made, public_folder, error);
        MKPXERD_TRY(checked(made, "cannot be made", error));
    }
    return {};
}

} // namespace

Result<std::map<std::string, std::string>> read_sums(const fs::path& bundle) {
    std::map<std::string, std::string> sums;
    MKPXERD_TRY_ASSIGN(const std::string text, read_file(bundle / sums_name));
    for (const auto line : split_lines(text))
        if (const auto blank = line.find("  "); blank != std::string_view::npos)
            sums.emplace(line.substr(blank + 2), line.substr(0, blank));
    return sums;
}

Result<std::string> file_sha256(const fs::path& file) {
    MKPXERD_TRY_ASSIGN(const MappedFile content, MappedFile::open(file));
    wrap::Sha256 sum;
    sum.update(content.bytes());
    return wrap::to_hex(sum.finish());
}

Result<BundleFolder> BundleFolder::create(const fs::path& target) {
    std::error_code error;
    const fs::path whole = fs::absolute(target, error).lexically_normal();
    const fs::path place = whole.has_filename() ? whole : whole.parent_path(); // "dir/"
    const bool is_there = fs::exists(fs::symlink_status(place, error));
    if (is_there && !fs::exists(place / sums_name, error) &&
        !(fs::is_directory(place, error) && fs::is_empty(place, error)))
        return fail(target.string(), "is there, and no bundle: it is not replaced", "name another folder");
    fs::create_directories(place.parent_path(), error);
    // Where renaming needs no copy: one file system, whatever is mounted or linked.
    const fs::path around = is_there ? place : place.parent_path();
    std::string staged = (around / fmt::format(".{}.XXXXXX", place.filename().string())).string();
    if (::mkdtemp(staged.data()) == nullptr) return fail_errno(target.string(), "cannot be written", errno);
    BundleFolder folder(place, staged);
    if (!is_there) fs::permissions(staged, public_folder, error);
    MKPXERD_TRY(checked(staged, "cannot be made readable", error));
    return folder;
}

BundleFolder::BundleFolder(BundleFolder&& other) noexcept
    : target_(std::move(other.target_)), staged_(std::exchange(other.staged_, {})) {}

BundleFolder::~BundleFolder() {
    std::error_code ignored;
    if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

Result<fs::path> BundleFolder::place(const std::string& name) const {
    MKPXERD_TRY(make_parents(staged_, name));
    return staged_ / name;
}

Result<void> BundleFolder::write(const std::string& name, std::string_view content) const {
    MKPXERD_TRY_ASSIGN(const fs::path file, place(name));
    MKPXERD_TRY(write_file(file, content));
    std::error_code error;
    fs::permissions(file, public_file, error);
    return checked(file, "cannot be made readable", error);
}

Result<void> BundleFolder::copy(const std::string& name, const fs::path& source) const {
    MKPXERD_TRY_ASSIGN(const fs::path file, place(name));
    std::error_code error;
    fs::copy_file(source, file, error);
    MKPXERD_TRY(checked(source, "cannot be copied", error));
    fs::permissions(file, public_file, error);
    return checked(file, "cannot be made readable", error);
}

Result<std::vector<std::string>> BundleFolder::write_sums() const {
    MKPXERD_TRY_ASSIGN(auto names, list_files(staged_));
    std::string text;
    for (const std::string& name : names) {
        MKPXERD_TRY_ASSIGN(const std::string sum, file_sha256(staged_ / name));
        text += fmt::format("{}  {}\n", sum, name);
    }
    MKPXERD_TRY(write(sums_name, text));
    return names;
}

Result<void> BundleFolder::move_into_target(const std::vector<std::string>& own) const {
    // Of two that publish at once, the last one's files are there, all of them.
    MKPXERD_TRY_ASSIGN(const UniqueFd lock, open_file(target_, O_RDONLY | O_DIRECTORY));
    if (::flock(lock.get(), LOCK_EX) != 0) return fail_errno(target_.string(), "cannot be locked", errno);
    const auto before = read_sums(target_).value_or(std::map<std::string, std::string>());
    std::error_code error;
    const auto move = [&](const std::string& name) -> Result<void> {
        MKPXERD_TRY(make_parents(target_, name));
        fs::rename(staged_ / name, target_ / name, error);
        return checked(target_ / name, "cannot be replaced", error);
    };
    for (const std::string& name : own)
        MKPXERD_TRY(move(name));
    MKPXERD_TRY(move(sums_name));
    for (const auto& [name, sum] : before)
        if (is_inside(name) && !std::binary_search(own.begin(), own.end(), name))
            fs::remove(target_ / name, error);
    return {};
}

Result<void> BundleFolder::publish() {
    MKPXERD_TRY_ASSIGN(const auto own, write_sums());
    std::error_code error;
    if (!fs::exists(target_, error)) {
        fs::rename(staged_, target_, error);
        if (!error) {
            staged_.clear();
            return {};
        }
        // Another one may have been faster.
        if (!fs::is_directory(target_)) return checked(target_, "cannot be named", error);
    }
    return move_into_target(own);
}

} // namespace mkpxerd::deploy
