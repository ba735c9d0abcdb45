// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr const char* sums_name = "SHA256SUMS";
constexpr const char* mark_name = ".mkpxerd-bundle";
// Behind it a line "keep NAME" for each file of the bundle that the user put there, not we.
constexpr const char* mark_text = "mkpxerd bundle wrote this folder. It replaces the files that SHA256SUMS "
                                  "names and removes those that it\n"
                                  "has no more, if they are unchanged. Everything else stays.\n";
constexpr std::size_t copy_bytes = std::size_t{1} << 20;
constexpr std::string_view keep_word = "keep ";
constexpr std::string_view staged_prefix = ".mkpxerd-bundle."; // and six letters of mkdtemp()
constexpr auto public_file =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;
constexpr auto public_folder =
    public_file | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;

Result<void> checked(const fs::path& object, std::string_view what, const std::error_code& error) {
    if (error) return fail(object.string(), fmt::format("{}: {}", what, error.message()));
    return {};
}

// What was opened, whatever has come to its place since.
Result<void> copy_file(const TreePath& source, const fs::path& target) {
    MKPXERD_TRY_ASSIGN(const UniqueFd from, open_regular(source));
    UniqueFd to(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to) return fail_errno(target.string(), "cannot be written", errno);
    const auto memory = std::make_unique_for_overwrite<std::byte[]>(copy_bytes);
    const std::span buffer(memory.get(), copy_bytes);
    std::uint64_t place = 0;
    for (std::size_t got = copy_bytes; got == copy_bytes; place += got) {
        MKPXERD_TRY_ASSIGN(got, read_at(from.get(), place, buffer, source.host()));
        MKPXERD_TRY(write_all(to.get(), buffer.first(got), target));
    }
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

bool is_staged_name(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with(staged_prefix) && name.size() == staged_prefix.size() + 6;
}

bool is_vacant(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator item(folder, error), end; !error && item != end; item.increment(error))
        if (!is_staged_name(item->path())) return false;
    return !error;
}

// An older version wrote no mark; its script for iPXE says whose it is.
bool is_unmarked_bundle(const fs::path& folder) {
    std::error_code error;
    return fs::exists(folder / sums_name, error) &&
           read_file(folder / "boot.ipxe").value_or("").find(": written by mkpxerd ") != std::string::npos;
}

// named: as the user has it.
Result<void> check_replaceable(const fs::path& folder, const fs::path& named) {
    std::error_code error;
    if (fs::is_directory(folder, error) &&
        (fs::is_regular_file(folder / mark_name, error) || is_vacant(folder) || is_unmarked_bundle(folder)))
        return {};
    return fail(named.string(), "is there, and no bundle: it is not replaced", "name another folder");
}

std::set<std::string> read_kept(const fs::path& bundle) {
    std::set<std::string> names;
    const std::string text = read_file(bundle / mark_name).value_or("");
    for (const auto line : split_lines(text))
        if (line.starts_with(keep_word)) names.emplace(line.substr(keep_word.size()));
    return names;
}

Result<UniqueFd> lock_folder(const fs::path& folder) {
    MKPXERD_TRY_ASSIGN(UniqueFd lock, open_file(folder, O_RDONLY | O_DIRECTORY));
    if (::flock(lock.get(), LOCK_EX) != 0) return fail_errno(folder.string(), "cannot be locked", errno);
    return lock;
}

// Folders of runs that were killed: whoever works in one holds its lock.
void remove_left(const fs::path& around) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator item(around, error), end; !error && item != end; item.increment(error))
        if (is_staged_name(item->path())) found.push_back(item->path());
    for (const fs::path& folder : found) {
        const auto fd = open_file(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        struct stat facts {};
        if (fd && ::fstat(fd->get(), &facts) == 0 && facts.st_uid == ::geteuid() &&
            ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0)
            fs::remove_all(folder, error);
    }
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
    MKPXERD_TRY_ASSIGN(const fs::path place, // of "dir/", too
                       find_output_folder(whole.has_filename() ? whole : whole.parent_path()));
    const bool is_there = fs::exists(fs::symlink_status(place, error));
    if (is_there) MKPXERD_TRY(check_replaceable(place, target));
    fs::create_directories(place.parent_path(), error);
    // Where renaming needs no copy: one file system, whatever is mounted or linked.
    const fs::path around = is_there ? place : place.parent_path();
    const auto lock = lock_folder(around);
    if (!lock)
        return fail(target.string(),
                    fmt::format("cannot be written: {}: {}", around.string(), lock.error().first().text));
    remove_left(around);
    std::string staged = (around / fmt::format("{}XXXXXX", staged_prefix)).string();
    if (::mkdtemp(staged.data()) == nullptr) return fail_errno(target.string(), "cannot be written", errno);
    MKPXERD_TRY_ASSIGN(UniqueFd in_use, lock_folder(staged));
    BundleFolder folder(place, staged, std::move(in_use));
    if (!is_there) fs::permissions(staged, public_folder, error);
    MKPXERD_TRY(checked(staged, "cannot be made readable", error));
    return folder;
}

BundleFolder::BundleFolder(BundleFolder&& other) noexcept
    : target_(std::move(other.target_)), staged_(std::exchange(other.staged_, {})),
      in_use_(std::move(other.in_use_)), texts_(std::move(other.texts_)), kept_(std::move(other.kept_)) {}

BundleFolder::~BundleFolder() {
    std::error_code ignored;
    if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

Result<fs::path> BundleFolder::place(const std::string& name) const {
    MKPXERD_TRY(make_parents(staged_, name));
    return staged_ / name;
}

Result<void> BundleFolder::write(const std::string& name, std::string_view content) {
    MKPXERD_TRY_ASSIGN(const fs::path file, place(name));
    MKPXERD_TRY(write_file(file, content));
    texts_.insert(name);
    std::error_code error;
    fs::permissions(file, public_file, error);
    return checked(file, "cannot be made readable", error);
}

Result<void> BundleFolder::copy(const std::string& name, const TreePath& source, unsigned mode) {
    MKPXERD_TRY_ASSIGN(const fs::path file, place(name));
    MKPXERD_TRY(copy_file(source, file));
    std::error_code error;
    // An error: there is none of that name.
    std::error_code ignored;
    if (fs::equivalent(source.host(), target_ / name, ignored)) kept_.insert(name);
    fs::permissions(file, fs::perms(mode), error);
    return checked(file, "cannot be made readable", error);
}

// Returns the files of the bundle in the order in which they are published.
Result<std::vector<std::string>> BundleFolder::write_sums() {
    MKPXERD_TRY_ASSIGN(auto names, list_files(staged_));
    std::string text;
    for (const std::string& name : names) {
        MKPXERD_TRY_ASSIGN(const std::string sum, file_sha256(staged_ / name));
        text += fmt::format("{}  {}\n", sum, name);
    }
    MKPXERD_TRY(write(sums_name, text));
    std::string mark = mark_text;
    const auto kept_before = read_kept(target_);
    for (const std::string& name : names)
        if (kept_.contains(name) || kept_before.contains(name))
            mark += fmt::format("{}{}\n", keep_word, name);
    MKPXERD_TRY(write(mark_name, mark));
    std::stable_partition(names.begin(), names.end(),
                          [&](const std::string& name) { return !texts_.contains(name); });
    return names;
}

Result<void> BundleFolder::move_into_target(const std::vector<std::string>& own) const {
    // Of two that publish at once, the last one's files are there, all of them.
    MKPXERD_TRY_ASSIGN(const UniqueFd lock, lock_folder(target_));
    MKPXERD_TRY(check_replaceable(target_, target_)); // where there was none, there may be one by now
    std::error_code error;
    // What an older version wrote and what the user put there cannot be told apart without a mark.
    std::map<std::string, std::string> before;
    if (fs::exists(target_ / mark_name, error)) before = read_sums(target_).value_or(before);
    for (const std::string& name : read_kept(target_))
        before.erase(name);
    const auto move = [&](const std::string& name) -> Result<void> {
        MKPXERD_TRY(make_parents(target_, name));
        fs::rename(staged_ / name, target_ / name, error);
        return checked(target_ / name, "cannot be replaced", error);
    };
    // The mark first: whatever happens now, the next run knows the folder.
    MKPXERD_TRY(move(mark_name));
    for (const std::string& name : own)
        MKPXERD_TRY(move(name));
    MKPXERD_TRY(move(sums_name));
    for (const auto& [name, sum] : before)
        if (is_inside(name) && std::find(own.begin(), own.end(), name) == own.end() &&
            file_sha256(target_ / name).value_or("") == sum)
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
            in_use_ = UniqueFd();
            return {};
        }
        // Another one may have been faster.
        if (!fs::is_directory(target_)) return checked(target_, "cannot be named", error);
    }
    return move_into_target(own);
}

} // namespace mkpxerd::deploy
