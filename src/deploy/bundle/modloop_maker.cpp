// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/modloop_maker.hpp"

#include <cerrno>
#include <csignal>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/deploy/bundle/child_process.hpp"
#include "mkpxerd/deploy/bundle/tar_writer.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr mode_t public_mode = 0644;

// The packer may end before it has read everything: write() must fail then, without a signal.
class IgnoredPipeSignal {
  public:
    IgnoredPipeSignal() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
    IgnoredPipeSignal(const IgnoredPipeSignal&) = delete;
    IgnoredPipeSignal& operator=(const IgnoredPipeSignal&) = delete;
    ~IgnoredPipeSignal() { std::signal(SIGPIPE, before_); }

  private:
    void (*before_)(int);
};

Result<void> add_tree(TarWriter& tar, const Sysroot& tree, const std::string& directory,
                      const std::string& place, bool is_top) {
    MKPXERD_TRY(tar.add_directory(place));
    for (const std::string& name : tree.list(directory)) {
        // Links to the kernel's sources mean nothing on another machine.
        if (is_top && (name == "build" || name == "source")) continue;
        const std::string path = directory.empty() ? name : directory + "/" + name;
        const std::string in_tar = place + "/" + name;
        const auto entry = tree.entry(path);
        using Kind = Sysroot::Entry::Kind;
        if (entry && entry->kind == Kind::Directory)
            MKPXERD_TRY(add_tree(tar, tree, path, in_tar, false));
        else if (entry && entry->kind == Kind::Link)
            MKPXERD_TRY(tar.add_link(in_tar, entry->target));
        else if (entry && entry->kind == Kind::Regular)
            MKPXERD_TRY(tar.add_file(in_tar, tree.file(path), 0644));
    }
    return {};
}

Result<void> add_firmware(TarWriter& tar, const std::vector<ModloopContent::Firmware>& firmware) {
    const std::string directory = "modules/firmware";
    std::set<std::string> made;
    const auto make_directories = [&](const std::string& path) -> Result<void> {
        for (auto slash = path.find('/', directory.size()); slash != std::string::npos;
             slash = path.find('/', slash + 1))
            if (const std::string parent = path.substr(0, slash); made.insert(parent).second)
                MKPXERD_TRY(tar.add_directory(parent));
        return {};
    };
    for (const auto& blob : firmware) {
        const std::string path = directory + "/" + blob.path;
        MKPXERD_TRY(make_directories(path));
        MKPXERD_TRY(blob.target.empty() ? tar.add_file(path, blob.source, 0644)
                                        : tar.add_link(path, blob.target));
    }
    return {};
}

Result<void> write_tar(const ModloopContent& content, std::int64_t epoch, TarWriter::Sink sink) {
    TarWriter tar(std::move(sink), epoch);
    MKPXERD_TRY(tar.add_directory("modules"));
    MKPXERD_TRY(
        add_tree(tar, Sysroot(content.tree), content.modules, "modules/" + content.kernel_version, true));
    MKPXERD_TRY(add_firmware(tar, content.firmware));
    return tar.finish();
}

std::string read_rest(int fd) {
    std::string text;
    char bytes[4096];
    for (ssize_t count = 0; (count = ::read(fd, bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(count));
    return text;
}

} // namespace

Result<std::string> modloop_input(const ModloopContent& content, std::int64_t epoch) {
    wrap::Sha256 sum;
    MKPXERD_TRY(write_tar(content, epoch, [&](std::span<const std::byte> piece) -> Result<void> {
        sum.update(piece);
        return {};
    }));
    return wrap::to_hex(sum.finish());
}

Result<std::filesystem::path> find_packer() {
    return find_program("mksquashfs", "squashfs-tools", "squashfs-tools");
}

Result<void> write_modloop(const ModloopContent& content, std::int64_t epoch,
                           const std::filesystem::path& file) {
    MKPXERD_TRY_ASSIGN(const auto program, find_packer());
    std::vector<std::string> command = {program.string(), "-", file.string(), "-tar", "-noappend",
                                        "-all-root", "-no-progress", "-quiet",
                                        // gzip, which every kernel with squashfs unpacks; its level 9 takes
                                        // three times as long for one percent.
                                        "-Xcompression-level", "6"};
    // mksquashfs accepts the time only once. -all-time: the root is not in the archive and would otherwise
    // get the current time.
    if (std::getenv("SOURCE_DATE_EPOCH") == nullptr)
        for (const char* option : {"-mkfs-time", "-all-time"}) {
            command.emplace_back(option);
            command.push_back(std::to_string(epoch));
        }
    MKPXERD_TRY_ASSIGN(Pipe input, Pipe::open());
    MKPXERD_TRY_ASSIGN(Pipe output, Pipe::open());
    const IgnoredPipeSignal ignored;
    MKPXERD_TRY_ASSIGN(ChildProcess packer,
                       ChildProcess::start(command, std::move(input.read), std::move(output.write)));
    const int fd = input.write.get();
    auto written = write_tar(content, epoch, [fd](std::span<const std::byte> piece) {
        return write_all(fd, piece, "mksquashfs");
    });
    input.write.reset();
    const std::string said = read_rest(output.read.get());
    const int status = packer.wait();
    if (status != 0) return fail("mksquashfs", fmt::format("failed with {}: {}", status, trim(said)));
    MKPXERD_TRY(written);
    // mksquashfs obeys the umask, and a modloop is public.
    if (::chmod(file.c_str(), public_mode) != 0)
        return fail_errno(file.string(), "cannot be given its mode", errno);
    return {};
}

} // namespace mkpxerd::deploy
