// SPDX-License-Identifier: MIT
// The kernel has decompressed modules since Linux 5.17, in the one format that it was built for; Debian 12's
// does not. It refuses streams that kmod accepts, such as xz with CRC64: those are decompressed here.
#include "mkpxerd/netboot/runtime/module_insertion.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/module.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/module_encoding.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t largest_module = std::size_t{512} << 20; // unpacked, as in the generator
constexpr std::size_t magic_bytes = 6;                         // of xz, the longest

#ifndef MFD_NOEXEC_SEAL
constexpr unsigned MFD_NOEXEC_SEAL = 8; // include/uapi/linux/memfd.h
#endif

ModuleAnswer failed(int number, std::string detail) {
    return {std::error_code(number, std::generic_category()), std::move(detail)};
}

// Linux 6.3 and newer log a line about files that are not declared as not executable; older ones refuse that.
UniqueFd memory_file() {
    UniqueFd file(::memfd_create("module", MFD_CLOEXEC | MFD_NOEXEC_SEAL));
    if (!file && errno == EINVAL) file = UniqueFd(::memfd_create("module", MFD_CLOEXEC));
    return file;
}

// Piece by piece: the module lies in memory once, as the content of the file.
ModuleAnswer insert_decompressed(const std::string& path, const UniqueFd& file,
                                 const wrap::Encoding& encoding, const FinitModule& finit) {
    const auto mapped = MappedFile::map(file, path);
    if (!mapped) return failed(EIO, mapped.error().first().text);
    const UniqueFd plain = memory_file();
    if (!plain) {
        const int number = errno;
        return failed(number, fmt::format("cannot be decompressed: memfd_create failed: {}",
                                          std::generic_category().message(number)));
    }
    std::size_t size = 0;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        size += piece.size();
        if (size > largest_module)
            return fail(path, fmt::format("it is larger than {} bytes", largest_module));
        return write_all(plain.get(), piece, "memory");
    };
    const auto whole = wrap::decompress_file(encoding, mapped->bytes(), sink, path);
    if (!whole) return failed(EBADMSG, fmt::format("cannot be decompressed: {}", whole.error().first().text));
    const std::error_code refused = finit(plain.get(), 0);
    return {refused, refused ? std::string() : fmt::format("{}, decompressed by the init", encoding.name)};
}

// For the kernel's whole format, and for streams in it that only its decoder refuses.
bool wants_plain(const std::error_code& refused) {
    return refused == std::errc::operation_not_supported || refused == std::errc::invalid_argument;
}

} // namespace

ModuleAnswer insert_module(const std::string& path, std::string_view kernel_format,
                           const FinitModule& finit) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        const int number = errno;
        return failed(number, fmt::format("cannot be opened: {}", std::generic_category().message(number)));
    }
    std::array<std::byte, magic_bytes> start{};
    const auto got = read_at(file.get(), 0, start, path);
    if (!got) return failed(EIO, got.error().first().text);
    const auto encoding = wrap::recognize_module_encoding(std::span(start).first(*got));
    if (!encoding) return {finit(file.get(), 0)};
    if (encoding->name == kernel_format) {
        const std::error_code refused = finit(file.get(), MODULE_INIT_COMPRESSED_FILE);
        if (!refused) return {{}, fmt::format("{}, decompressed by the kernel", encoding->name)};
        if (!wants_plain(refused)) return {refused};
    }
    return insert_decompressed(path, file, *encoding, finit);
}

} // namespace mkpxerd::netboot
