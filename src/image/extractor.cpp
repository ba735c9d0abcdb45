// SPDX-License-Identifier: MIT
// Directories first, then contents in one pass, hard links, other nodes, links, and at the end the modes and
// times of the directories, deepest first: a read-only directory must not stop its own files.
#include "mkpxerd/image/extractor.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "extraction_directory.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/path_selection.hpp"

namespace mkpxerd::image {
namespace {

class Extraction {
  public:
    Extraction(const Image& image, const EffectiveView& view, ExtractionDirectory destination,
               ExtractRights rights)
        : image_(image), view_(view), destination_(std::move(destination)), rights_(rights),
          sets_owner_(rights == ExtractRights::AsImage && ::geteuid() == 0), umask_(read_umask()) {}

    Result<ExtractReport> run(const std::set<std::string>& selected) {
        for (const std::string& path : selected) {
            const EffectiveView::Node& node = view_.nodes().at(path);
            if (node.entry == EffectiveView::none) continue; // from the kernel, not from the image
            if (node.is_directory)
                directories_.push_back(path);
            else if (node.is_regular)
                files_[node.file].push_back(path);
            else
                (node.is_link ? links_ : nodes_).push_back(path);
        }
        for (const std::string& path : directories_)
            MKPXERD_TRY(destination_.directory(path));
        MKPXERD_TRY(write_files());
        for (const auto& [file, names] : files_)
            for (std::size_t i = 1; i < names.size(); ++i)
                MKPXERD_TRY(link_name(names[0], names[i]));
        for (const std::string& path : nodes_)
            MKPXERD_TRY(make_node(path));
        for (const std::string& path : links_)
            MKPXERD_TRY(make_link(path));
        for (auto path = directories_.rbegin(); path != directories_.rend(); ++path)
            MKPXERD_TRY(finish_directory(*path));
        return std::move(report_);
    }

  private:
    static mode_t read_umask() {
        const mode_t mask = ::umask(077);
        ::umask(mask);
        return mask;
    }

    // A file of the extracting user must not give others the rights of that user.
    mode_t mode_of(const Entry& header) const {
        if (sets_owner_) return header.mode & 07777U;
        if (rights_ == ExtractRights::AsImage) return header.mode & 01777U;
        return header.mode & (header.is_directory() ? 01777U : 0777U) & ~umask_;
    }

    const Entry& entry(const std::string& path) const {
        return image_.entries()[view_.nodes().at(path).entry];
    }

    Result<void> write_files() {
        std::map<std::size_t, std::string> path_of; // by the entry with the content
        for (const auto& [file, names] : files_) {
            const std::size_t content = view_.nodes().at(names[0]).content;
            if (content == EffectiveView::none) {
                MKPXERD_TRY_ASSIGN(const UniqueFd fd, create(names[0]));
                MKPXERD_TRY(finish(fd, names[0]));
            } else {
                path_of[content] = names[0];
            }
        }
        std::set<std::size_t> indices;
        for (const auto& [index, path] : path_of)
            indices.insert(index);
        UniqueFd open;
        std::string open_path;
        const auto sink = [&](std::size_t index, std::span<const std::byte> piece) -> Result<void> {
            const std::string& path = path_of.at(index);
            if (path != open_path) {
                if (open) MKPXERD_TRY(finish(open, open_path));
                MKPXERD_TRY_ASSIGN(open, create(path));
                open_path = path;
            }
            return write_all(open.get(), piece, destination_.host(path));
        };
        MKPXERD_TRY(image_.read_contents(indices, sink));
        return open ? finish(open, open_path) : Result<void>{};
    }

    Result<UniqueFd> create(const std::string& path) {
        MKPXERD_TRY_ASSIGN(const int at, destination_.clear(path));
        UniqueFd fd(::openat(at, last_name(path).c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) return fail_errno(destination_.host(path), "cannot create", errno);
        return fd;
    }

    // Owner, mode, time; the owner first, since changing it clears set-id bits.
    Result<void> finish(const UniqueFd& fd, const std::string& path) {
        const Entry& header = entry(path);
        if (sets_owner_ && ::fchown(fd.get(), header.uid, header.gid) != 0)
            return fail_errno(destination_.host(path), "cannot set the owner", errno);
        if (rights_ == ExtractRights::Own && (header.mode & 06000U) != 0) report_.set_ids.push_back(path);
        if (::fchmod(fd.get(), mode_of(header)) != 0)
            return fail_errno(destination_.host(path), "cannot set the mode", errno);
        const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(header.mtime), 0}};
        if (::futimens(fd.get(), times) != 0)
            return fail_errno(destination_.host(path), "cannot set the time", errno);
        ++report_.entries;
        return {};
    }

    Result<void> finish_directory(const std::string& path) {
        MKPXERD_TRY_ASSIGN(const int at, destination_.directory(path));
        const UniqueFd fd(::fcntl(at, F_DUPFD_CLOEXEC, 0));
        return finish(fd, path);
    }

    Result<void> link_name(const std::string& from, const std::string& to) {
        MKPXERD_TRY_ASSIGN(const int to_directory, destination_.clear(to));
        const UniqueFd kept(::fcntl(to_directory, F_DUPFD_CLOEXEC, 0));
        MKPXERD_TRY_ASSIGN(const int from_directory, destination_.parent(from));
        if (::linkat(from_directory, last_name(from).c_str(), kept.get(), last_name(to).c_str(), 0) != 0)
            return fail_errno(destination_.host(to), "cannot link", errno);
        ++report_.entries;
        return {};
    }

    Result<void> make_link(const std::string& path) {
        MKPXERD_TRY_ASSIGN(const int at, destination_.clear(path));
        const Entry& header = entry(path);
        const std::string name = last_name(path);
        if (::symlinkat(header.target.c_str(), at, name.c_str()) != 0)
            return fail_errno(destination_.host(path), "cannot create", errno);
        if (sets_owner_ && ::fchownat(at, name.c_str(), header.uid, header.gid, AT_SYMLINK_NOFOLLOW) != 0)
            return fail_errno(destination_.host(path), "cannot set the owner", errno);
        ++report_.entries;
        return {};
    }

    Result<void> make_node(const std::string& path) {
        const Entry& header = entry(path);
        const bool is_device = S_ISCHR(header.mode) || S_ISBLK(header.mode);
        if (is_device && rights_ == ExtractRights::Own) {
            report_.devices.push_back(path);
            return {};
        }
        if (is_device && !sets_owner_) return skip(path, "only root can create device nodes");
        if (!is_device && !S_ISFIFO(header.mode))
            return skip(path, "sockets and unknown types are not created");
        MKPXERD_TRY_ASSIGN(const int at, destination_.clear(path));
        const std::string name = last_name(path);
        if (::mknodat(at, name.c_str(), header.mode & (S_IFMT | 0777U),
                      makedev(header.node_major, header.node_minor)) != 0) {
            if (errno == EPERM) return skip(path, "this user may not create it");
            return fail_errno(destination_.host(path), "cannot create", errno);
        }
        if (sets_owner_ && ::fchownat(at, name.c_str(), header.uid, header.gid, AT_SYMLINK_NOFOLLOW) != 0)
            return fail_errno(destination_.host(path), "cannot set the owner", errno);
        ++report_.entries;
        return {};
    }

    Result<void> skip(const std::string& path, std::string reason) {
        report_.skipped.push_back({.object = path, .text = "not extracted: " + std::move(reason)});
        return {};
    }

    const Image& image_;
    const EffectiveView& view_;
    ExtractionDirectory destination_;
    ExtractRights rights_;
    bool sets_owner_;
    mode_t umask_;
    ExtractReport report_;
    std::vector<std::string> directories_;                  // parents first
    std::map<std::size_t, std::vector<std::string>> files_; // by EffectiveView::Node::file
    std::vector<std::string> nodes_;
    std::vector<std::string> links_;
};

} // namespace

bool is_private_image(const std::filesystem::path& image) {
    struct stat st {};
    return ::stat(image.c_str(), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077U) == 0;
}

Result<ExtractReport> extract(const Image& image, const std::vector<std::string>& paths,
                              const ExtractTarget& target) {
    const EffectiveView view(image.entries());
    MKPXERD_TRY_ASSIGN(const auto selected, select_paths(view, paths, image.summary().name));
    MKPXERD_TRY_ASSIGN(ExtractionDirectory destination,
                       ExtractionDirectory::open(target.directory, target.is_private));
    MKPXERD_TRY_ASSIGN(ExtractReport report,
                       Extraction(image, view, std::move(destination), target.rights).run(selected));
    for (const EffectiveView::Lost& lost : view.lost())
        if (const std::string& path = image.entries()[lost.entry].path; is_requested(path, paths))
            report.skipped.push_back({.object = path, .text = "not extracted: " + lost.reason});
    return report;
}

} // namespace mkpxerd::image
