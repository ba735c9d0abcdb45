// SPDX-License-Identifier: MIT
// Kernel modules of a foreign tree: from memory and from a file the same is read, and no more text than a
// few times the file.
#include "harness.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/modinfo.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

using Texts = Result<std::vector<std::string>>;

void require_bounded(const Texts& texts, std::size_t most) {
    if (!texts) return;
    std::size_t told = 0;
    for (const std::string& text : *texts) {
        require(!text.empty() && text.find('\0') == std::string::npos);
        told += text.size();
    }
    require(told <= most);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const UniqueFd file(::memfd_create("module", MFD_CLOEXEC));
    require(::ftruncate(file.get(), 0) == 0 &&
            ::pwrite(file.get(), data, size, 0) == static_cast<ssize_t>(size) &&
            ::lseek(file.get(), 0, SEEK_SET) == 0);
    const auto bytes = std::as_bytes(std::span(data, size));

    const Texts infos = wrap::read_modinfo(bytes, "x.ko");
    const Texts file_infos = wrap::read_modinfo(file.get(), "x.ko");
    require(infos.has_value() == file_infos.has_value() && (!infos || *infos == *file_infos));
    require_bounded(infos, size);

    const Texts imports = wrap::read_imports(bytes, "x.ko");
    const Texts file_imports = wrap::read_imports(file.get(), "x.ko");
    require(imports.has_value() == file_imports.has_value() && (!imports || *imports == *file_imports));
    require_bounded(imports, 64 * size); // 16 bytes may name 1024
    return 0;
}
