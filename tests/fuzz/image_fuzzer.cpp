// SPDX-License-Identifier: MIT
// Any file given to ls, cat, size, diff and lint: parts, archives, the tree they make, and what is told of
// it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "mkpxerd/image/command_line_check.hpp"
#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/image_diff.hpp"
#include "mkpxerd/image/path_selection.hpp"
#include "mkpxerd/image/size_report.hpp"

using namespace mkpxerd;

namespace {

// The file under test, in memory: written anew for each input.
class Input {
  public:
    Input() : fd_(::memfd_create("image", 0)), path_("/proc/self/fd/" + std::to_string(fd_)) {
        if (fd_ < 0) std::abort();
    }
    const std::string& write(const std::uint8_t* data, std::size_t size) const {
        if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, data, size, 0) != static_cast<ssize_t>(size))
            std::abort();
        return path_;
    }

  private:
    int fd_;
    std::string path_;
};

std::uint64_t sum(const std::vector<image::SizeRow>& rows) {
    std::uint64_t total = 0;
    for (const image::SizeRow& row : rows)
        total += row.compressed;
    return total;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Input input;
    const auto image = image::Image::open(input.write(data, size), {"etc/mkpxerd/boot.conf"});
    if (!image) return 0;
    const image::EffectiveView view(image->entries());
    for (const auto& [path, node] : view.nodes())
        if (view.resolve(path, false) != path) __builtin_trap(); // no path of the tree leads through a link
    if (sum(measure(*image, {}).kinds) != size) __builtin_trap();
    (void)select_paths(view, {"etc", "*.ko", "nothing like it"}, "image");
    const auto same = compare(*image, *image);
    if (!same || !same->changes.empty()) __builtin_trap();
    if (const auto facts = image::ImageFacts::read(input.write(data, size)))
        (void)check_command_line("ip=dhcp root=nfs:h:/r modules=a,b", &*facts);
    return 0;
}
