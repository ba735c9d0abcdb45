// SPDX-License-Identifier: MIT
// Another user may own the directory or its parent. Both are held open, no link in them is followed, and an
// older bundle is trusted only for files inside it.
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr const char* sums_name = "SHA256SUMS";
constexpr std::size_t max_damaged = 10; // lines of it that are reported
constexpr const char* mark_name = ".mkpxerd-bundle";
// Followed by a line "keep NAME" for each file of the bundle that belongs to the user.
constexpr const char* mark_text =
    R"(mkpxerd bundle wrote this directory. Run again, it replaces the files that SHA256SUMS names, also changed ones, but
not a loader that you replaced, such as ipxe.efi: remove it to get the installed one. It removes the files that it no
longer has, if they are unchanged. Everything else stays.
)";
constexpr std::string_view keep_word = "keep ";
constexpr std::string_view staged_prefix = ".mkpxerd-bundle."; // and six letters
constexpr std::size_t staged_letters = 6;
constexpr unsigned public_directory = 0755;
constexpr std::size_t longest_text = std::size_t{1} << 20; // bytes of SHA256SUMS and the mark

// A path inside the bundle, whoever wrote the sums.
bool is_inside(std::string_view name) {
    const fs::path path(name);
    return !name.empty() && path.is_relative() && is_printable(name) &&
           std::none_of(path.begin(), path.end(),
                        [](const fs::path& piece) { return piece == ".." || piece == "." || piece.empty(); });
}

bool is_staged_name(std::string_view name) {
    return name.starts_with(staged_prefix) && name.size() == staged_prefix.size() + staged_letters;
}

bool is_empty_directory(const HeldDirectory& directory) {
    const auto names = directory.names();
    return std::all_of(names.begin(), names.end(), is_staged_name);
}

// An older version wrote no mark; its iPXE script names mkpxerd.
bool is_unmarked_bundle(const HeldDirectory& directory) {
    return directory.has_file(sums_name) &&
           directory.read("boot.ipxe", longest_text).value_or("").find(": written by mkpxerd ") !=
               std::string::npos;
}

// Loaders of the user that wait for their bundle.
bool has_only_loaders(const HeldDirectory& directory) {
    auto files = directory.files();
    std::erase_if(files, [](const auto& name) { return is_staged_name(name.substr(0, name.find('/'))); });
    return !files.empty() && std::ranges::all_of(files, is_loader_file);
}

// named: as the user named it.
Result<void> check_replaceable(const HeldDirectory& directory, const fs::path& named) {
    if (directory.has_file(mark_name) || is_empty_directory(directory) || is_unmarked_bundle(directory) ||
        has_only_loaders(directory))
        return {};
    return fail(named.string(), "exists and is not a bundle, so it is not replaced",
                "name another directory");
}

std::set<std::string> read_kept(const HeldDirectory& bundle) {
    std::set<std::string> names;
    const std::string text = bundle.read(mark_name, longest_text).value_or("");
    for (const auto line : split_lines(text))
        if (line.starts_with(keep_word)) names.emplace(line.substr(keep_word.size()));
    return names;
}

// damaged: gets the malformed lines.
Result<std::map<std::string, std::string>> read_sums_of(const HeldDirectory& bundle, Problems& damaged) {
    std::map<std::string, std::string> sums;
    MKPXERD_TRY_ASSIGN(const std::string text, bundle.read(sums_name, longest_text));
    unsigned number = 0;
    for (const auto line : split_lines(text)) {
        ++number;
        const auto gap = std::min(line.find("  "), line.size());
        const auto name = line.substr(std::min(gap + 2, line.size()));
        if (is_sha256(line.substr(0, gap)) && is_inside(name))
            sums.emplace(name, line.substr(0, gap));
        else if (damaged.list().size() < max_damaged)
            damaged.add(fmt::format("{}:{}", (bundle.path() / sums_name).string(), number),
                        "is not the SHA-256 sum and the name of a file", "run mkpxerd bundle again");
    }
    return sums;
}

// Removes directories of killed runs: a live run holds the lock of its own. Does nothing where another user
// can rename our files, since such a name proves nothing there.
void remove_left(const HeldDirectory& around) {
    if (!around.is_trusted()) return;
    for (const std::string& name : around.names()) {
        if (!is_staged_name(name)) continue;
        const auto directory = around.open_below(name);
        if (directory && directory->is_own() && directory->lock(false)) around.remove_tree(name);
    }
}

// "dir/" -> "dir"
fs::path without_slash(const fs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

} // namespace

Result<std::map<std::string, std::string>> read_sums(const fs::path& bundle) {
    MKPXERD_TRY_ASSIGN(const bool is_here, is_there(bundle / sums_name));
    if (!is_here) return std::map<std::string, std::string>();
    MKPXERD_TRY_ASSIGN(const HeldDirectory directory, HeldDirectory::open(bundle));
    Problems damaged;
    MKPXERD_TRY_ASSIGN(auto sums, read_sums_of(directory, damaged));
    MKPXERD_TRY(damaged.finish());
    return sums;
}

Result<std::string> file_sha256(const fs::path& file) {
    MKPXERD_TRY_ASSIGN(const MappedFile content, MappedFile::open(file));
    wrap::Sha256 sum;
    sum.update(content.bytes());
    return wrap::to_hex(sum.finish());
}

Result<BundleDirectory> BundleDirectory::create(const fs::path& target) {
    std::error_code error;
    const fs::path whole = without_slash(fs::absolute(target, error).lexically_normal());
    const auto refuse = [&](const Error& reason) {
        if (reason.first().object == target) return tl::unexpected(reason);
        return fail(target.string(), fmt::format("cannot be written: {}", to_text(reason.first())));
    };
    MKPXERD_TRY_ASSIGN(const OutputPlace place, find_output_directory(whole));
    // On one file system, whatever is mounted or linked, so that renaming needs no copy.
    auto around = place.target || place.directory ? HeldDirectory::at(place)
                                                  : HeldDirectory::open(place.path.parent_path(), true);
    if (place.target && !around)
        return fail(target.string(), "exists and is not a bundle, so it is not replaced",
                    "name another directory");
    if (!around) return refuse(around.error());
    if (place.target) MKPXERD_TRY(check_replaceable(*around, target));
    const auto lock = around->lock();
    if (!lock) return refuse(lock.error());
    remove_left(*around);
    auto staged = around->make_below(std::string(staged_prefix), staged_letters);
    if (!staged) return refuse(staged.error());
    MKPXERD_TRY_ASSIGN(UniqueFd in_use, staged->lock());
    if (!place.target) staged->set_mode(public_directory);
    const std::string name = place.target ? std::string() : place.path.filename().string();
    return BundleDirectory(place.path, name, std::move(*around), std::move(*staged), std::move(in_use));
}

BundleDirectory::BundleDirectory(BundleDirectory&& other) noexcept
    : path_(std::move(other.path_)), name_(std::move(other.name_)), around_(std::move(other.around_)),
      staged_(std::move(other.staged_)), is_staged_(std::exchange(other.is_staged_, false)),
      in_use_(std::move(other.in_use_)), texts_(std::move(other.texts_)), kept_(std::move(other.kept_)) {}

void BundleDirectory::discard() const {
    if (!is_staged_) return;
    for (int rounds = 3; rounds > 0; --rounds) // another thread may make a file meanwhile
        for (const std::string& name : staged_.names())
            staged_.remove_tree(name);
    // Another directory may have that name by now: only an empty one is removed.
    around_.remove_empty(staged_.path().filename().string());
}

Result<fs::path> BundleDirectory::place(const std::string& name) const {
    MKPXERD_TRY(staged_.make_parents(name));
    return staged_.lasting_path() / name;
}

Error BundleDirectory::as_named(const Error& error) const {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems)
        problem = as_named(problem);
    return Error(std::move(problems));
}

Result<void> BundleDirectory::write(const std::string& name, std::string_view content) {
    MKPXERD_TRY(staged_.write(name, content));
    texts_.insert(name);
    return {};
}

Result<void> BundleDirectory::copy(const std::string& name, const TreePath& source, unsigned mode) {
    MKPXERD_TRY_ASSIGN(const UniqueFd from, open_regular(source));
    MKPXERD_TRY(staged_.copy(name, from, source.host(), mode));
    struct stat own {};
    struct stat there {};
    const auto old =
        name_.empty() ? around_.open_file(name) : Result<UniqueFd>(fail("", "the bundle is new"));
    if (old && ::fstat(from.get(), &own) == 0 && ::fstat(old->get(), &there) == 0 &&
        own.st_ino == there.st_ino && own.st_dev == there.st_dev)
        kept_.insert(name);
    return {};
}

Result<bool> BundleDirectory::reuse(const std::string& name, const std::string& witness,
                                    std::string_view content) {
    if (!name_.empty() || !around_.is_trusted()) return false;
    for (const std::string& file : {name, witness, std::string(sums_name)})
        if (!around_.has_trusted_file(file)) return false;
    Problems ignored; // the file is created again
    const auto sums = read_sums_of(around_, ignored);
    const auto is_as_written = [&](const std::string& file, const std::string& sum) {
        const auto listed = sums->find(file);
        return listed != sums->end() && listed->second == sum;
    };
    if (!sums || around_.read(witness, longest_text).value_or("") != content ||
        !is_as_written(witness, around_.sha256(witness).value_or("")))
        return false;
    const auto from = around_.open_file(name);
    if (!from) return false;
    MKPXERD_TRY(staged_.copy(name, *from, around_.path() / name));
    MKPXERD_TRY_ASSIGN(const std::string copied, staged_.sha256(name));
    return is_as_written(name, copied);
}

// Returns the files of the bundle in the order in which they are published.
Result<std::vector<std::string>> BundleDirectory::write_sums(const std::set<std::string>& kept_before) {
    auto names = staged_.files();
    std::string text;
    for (const std::string& name : names) {
        if (!is_inside(name))
            return fail((path_ / name).string(), "has a name that SHA256SUMS cannot contain");
        MKPXERD_TRY_ASSIGN(const std::string sum, staged_.sha256(name));
        text += fmt::format("{}  {}\n", sum, name);
    }
    MKPXERD_TRY(write(sums_name, text));
    std::string mark = mark_text;
    for (const std::string& name : names)
        if (kept_.contains(name) || kept_before.contains(name))
            mark += fmt::format("{}{}\n", keep_word, name);
    MKPXERD_TRY(write(mark_name, mark));
    std::stable_partition(names.begin(), names.end(),
                          [&](const std::string& name) { return !texts_.contains(name); });
    return names;
}

Result<void> BundleDirectory::move_into(const HeldDirectory& target,
                                        const std::vector<std::string>& own) const {
    // If two runs publish at once, all files are those of the last.
    MKPXERD_TRY_ASSIGN(const UniqueFd lock, target.lock());
    MKPXERD_TRY(check_replaceable(target, path_)); // it may exist by now
    // Without a mark, files of an older version and files of the user look alike.
    std::map<std::string, std::string> before;
    Problems ignored; // files without one of our hashes belong to others
    if (target.has_file(mark_name)) before = read_sums_of(target, ignored).value_or(before);
    for (const std::string& name : read_kept(target))
        before.erase(name);
    // The mark first: whatever happens now, the next run recognises the directory.
    MKPXERD_TRY(target.take(staged_, mark_name));
    for (const std::string& name : own)
        MKPXERD_TRY(target.take(staged_, name));
    MKPXERD_TRY(target.take(staged_, sums_name));
    for (const auto& [name, sum] : before)
        if (std::find(own.begin(), own.end(), name) == own.end() && target.sha256(name).value_or("") == sum)
            target.remove(name);
    return {};
}

Result<void> BundleDirectory::publish() {
    const bool is_new = !name_.empty();
    MKPXERD_TRY_ASSIGN(const auto own, write_sums(is_new ? std::set<std::string>() : read_kept(around_)));
    if (!is_new) return move_into(around_, own);
    struct stat st {};
    const bool is_taken = ::fstatat(around_.fd(), name_.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
    const std::string staged = staged_.path().filename().string();
    if (!is_taken) {
        if (::renameat(around_.fd(), staged.c_str(), around_.fd(), name_.c_str()) == 0) {
            is_staged_ = false;
            in_use_ = UniqueFd();
            return {};
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            return fail_errno(path_.string(), "cannot be named", errno);
    }
    // Another run was faster.
    MKPXERD_TRY_ASSIGN(const HeldDirectory target, around_.open_below(name_));
    return move_into(target, own);
}

} // namespace mkpxerd::deploy
