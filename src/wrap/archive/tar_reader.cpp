// SPDX-License-Identifier: MIT
// zlib unpacks, because libarchive 3.6 does not compare the checksum at the end; libarchive reads the tar.
#include "mkpxerd/wrap/tar_reader.hpp"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <zlib.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::wrap {
namespace {

struct CloseGzip {
    void operator()(gzFile_s* file) const { gzclose_r(file); } // gzclose() would link the writer
};
struct FreeArchive {
    void operator()(archive* handle) const { archive_read_free(handle); }
};

constexpr unsigned buffer_bytes = 128 * 1024;
// tar(1) pads records, usually to 10 KiB; a few KiB of gzip could unpack to gigabytes of zeros.
constexpr std::uint64_t max_padding = std::uint64_t{16} << 20;

// TarReader::Bounds limits the memory of an entry. gzip unpacks a kilobyte to a megabyte, and libarchive
// keeps the parts of a header: names, attributes, the map of a sparse file.
constexpr std::size_t max_path = 4096; // PATH_MAX, closing zero included
// An empty file takes eight bytes or more of a real tar.gz.
constexpr std::uint64_t bytes_of_entry = 6;
constexpr Failure bound_code = Failure::ExcessiveArchive;

// Formats that are not tar archives, by their first bytes, for messages only: each unpacker would make every
// image larger.
struct Form {
    std::string_view magic;
    std::string_view what;
    std::string_view unpack; // the command that unpacks it; empty: encrypted
};
using namespace std::string_view_literals;
constexpr auto forms = std::to_array<Form>({
    {"\xfd"
     "7zXZ\0"sv,
     "compressed with xz", "xz -dc"},
    {"\x28\xb5\x2f\xfd"sv, "compressed with zstd", "zstd -dc"},
    {"BZh"sv, "compressed with bzip2", "bzip2 -dc"},
    {"\x04\x22\x4d\x18"sv, "compressed with lz4", "lz4 -dc"},
    {"\x02\x21\x4c\x18"sv, "compressed with lz4", "lz4 -dc"},
    {"\x5d\0\0"sv, "compressed with lzma", "xz -dc"},
    {"LZIP"sv, "compressed with lzip", "lzip -dc"},
    {"\x89LZO\0"sv, "compressed with lzop", "lzop -dc"},
    {"\x1f\x9d"sv, "compressed with compress", "uncompress -c"},
    {"Salted__"sv, "encrypted by openssl", ""},
    {"U2FsdGVkX1"sv, "encrypted by openssl", ""}, // the same in base64
    {"age-encryption.org/"sv, "encrypted by age", ""},
    {"-----BEGIN PGP MESSAGE"sv, "encrypted by gpg", ""},
});

} // namespace

struct TarReader::State {
    std::string name;
    Bounds bounds;
    std::unique_ptr<gzFile_s, CloseGzip> gzip;
    std::array<char, buffer_bytes> buffer;
    std::string unpack_error;
    std::unique_ptr<archive, FreeArchive> handle; // freed before its input
    std::array<char, 32> head{};                  // the first bytes of the file
    std::size_t head_size = 0;
    bool is_tar = false;            // an entry was read
    std::uint64_t entries = 0;      // with the current one
    std::uint64_t header_bytes = 0; // read since the last step
    bool in_header = true;
    bool is_too_long = false; // its header

    ssize_t fill() {
        if (in_header && header_bytes > bounds.header) {
            is_too_long = true;
            return -1;
        }
        const int got = gzread(gzip.get(), buffer.data(), buffer_bytes);
        if (got > 0) header_bytes += static_cast<unsigned>(got);
        if (got >= 0 && static_cast<unsigned>(got) < buffer_bytes) check();
        if (got < 0) check();
        return unpack_error.empty() ? got : -1;
    }
    // Called by libarchive for more bytes.
    static la_ssize_t fill_for(archive*, void* state, const void** bytes) {
        auto* reader = static_cast<State*>(state);
        *bytes = reader->buffer.data();
        return reader->fill();
    }
    // gzread() returns what it has before it reports a truncated file.
    void check() {
        int number = Z_OK;
        const char* text = gzerror(gzip.get(), &number);
        if (number != Z_OK)
            unpack_error = number == Z_BUF_ERROR ? "ends too early" : std::string("is damaged: ") + text;
    }
    tl::unexpected<Error> failure() const {
        if (!unpack_error.empty()) return fail(name, unpack_error);
        if (is_too_long)
            return fail(name,
                        fmt::format("entry {}: its header is longer than {} bytes", entries, bounds.header),
                        "the limit for names, attributes and the map of a sparse file together", bound_code);
        if (!is_tar)
            for (const Form& form : forms)
                if (std::string_view(head.data(), head_size).starts_with(form.magic)) return foreign(form);
        const char* text = archive_error_string(handle.get());
        return fail(name, std::string("is not an intact tar archive: ") +
                              (text != nullptr ? text : "unknown error"));
    }
    // Checks an entry for names that no file system accepts, and for counts that no real archive has.
    Result<void> check_bounds(const TarEntry& entry) const {
        const auto too_long = [&](std::string_view what, std::size_t size) {
            return fail(name,
                        fmt::format("entry {}: {} of {} bytes, but the limit is {}: '{}'", entries, what,
                                    size, max_path - 1, excerpt(entry.path)),
                        {}, bound_code);
        };
        if (entry.path.size() >= max_path) return too_long("a name", entry.path.size());
        if (entry.target.size() >= max_path) return too_long("a link target", entry.target.size());
        const auto compressed = static_cast<std::uint64_t>(std::max<z_off_t>(gzoffset(gzip.get()), 0));
        if (entries > bounds.entries + compressed / bytes_of_entry)
            return fail(
                name,
                fmt::format("has {} entries in its first {} bytes, more than one for each {} bytes and "
                            "{} in addition: '{}'",
                            entries, compressed, bytes_of_entry, bounds.entries, excerpt(entry.path)),
                "no archive of real files compresses so well: unpack it and inspect it", bound_code);
        return {};
    }
    tl::unexpected<Error> foreign(const Form& form) const {
        std::string what = "is ";
        what += form.what;
        if (form.unpack.empty())
            return fail(name, what + ", and the init has no key for it",
                        "provide it decrypted, by https:// and with its #sha256= where others may listen",
                        Failure::Encrypted);
        return fail(name, what + ", but only plain or gzip-compressed tar archives can be read",
                    "compress it again: " + std::string(form.unpack) + " ARCHIVE | gzip > NAME.tar.gz",
                    Failure::OtherCompression);
    }
};

namespace {

// UTF-8 pax names cannot be converted in the C locale.
std::string text_of(const char* local, const char* utf8) {
    return local != nullptr ? local : utf8 != nullptr ? utf8 : "";
}

TarEntry::Kind kind_of(archive_entry* entry) {
    if (archive_entry_hardlink(entry) != nullptr || archive_entry_hardlink_utf8(entry) != nullptr)
        return TarEntry::Kind::Hardlink;
    switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
        return TarEntry::Kind::Directory;
    case AE_IFLNK:
        return TarEntry::Kind::Symlink;
    case AE_IFCHR:
        return TarEntry::Kind::CharacterDevice;
    case AE_IFBLK:
        return TarEntry::Kind::BlockDevice;
    case AE_IFIFO:
        return TarEntry::Kind::Fifo;
    case AE_IFSOCK:
        return TarEntry::Kind::Socket;
    default:
        return TarEntry::Kind::Regular;
    }
}

TarEntry read_entry(archive_entry* entry) {
    TarEntry read;
    read.path = text_of(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry));
    read.kind = kind_of(entry);
    read.mode = archive_entry_perm(entry) & 07777U;
    read.uid = static_cast<std::uint32_t>(archive_entry_uid(entry));
    read.gid = static_cast<std::uint32_t>(archive_entry_gid(entry));
    read.mtime = archive_entry_mtime(entry);
    read.mtime_nanoseconds = archive_entry_mtime_nsec(entry);
    if (read.kind == TarEntry::Kind::Regular && archive_entry_size(entry) > 0)
        read.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (read.kind == TarEntry::Kind::Hardlink)
        read.target = text_of(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry));
    if (read.kind == TarEntry::Kind::Symlink)
        read.target = text_of(archive_entry_symlink(entry), archive_entry_symlink_utf8(entry));
    read.device_major = static_cast<unsigned>(archive_entry_rdevmajor(entry));
    read.device_minor = static_cast<unsigned>(archive_entry_rdevminor(entry));
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        if (name != nullptr) read.attributes.push_back({name, {static_cast<const char*>(value), size}});
    read.has_acl = archive_entry_acl_types(entry) != 0;
    return read;
}

} // namespace

TarReader::TarReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TarReader::TarReader(TarReader&&) noexcept = default;
TarReader& TarReader::operator=(TarReader&&) noexcept = default;
TarReader::~TarReader() = default;

Result<TarReader> TarReader::open(const std::filesystem::path& path, const Bounds& bounds) {
    MKPXERD_TRY_ASSIGN(UniqueFd file, open_regular(path));
    auto state = std::make_unique<State>();
    state->name = path.string();
    state->bounds = bounds;
    MKPXERD_TRY_ASSIGN(state->head_size,
                       read_at(file.get(), 0, std::as_writable_bytes(std::span(state->head)), path));
    state->gzip.reset(gzdopen(file.get(), "rb"));
    if (!state->gzip) return fail(path.string(), "cannot be read: out of memory");
    (void)file.release();
    gzbuffer(state->gzip.get(), buffer_bytes);
    state->handle.reset(archive_read_new());
    if (!state->handle) return fail(path.string(), "cannot be read: out of memory");
    archive_read_support_format_tar(state->handle.get());
    if (archive_read_open(state->handle.get(), state.get(), nullptr, State::fill_for, nullptr) != ARCHIVE_OK)
        return state->failure();
    return TarReader(std::move(state));
}

Result<std::optional<TarEntry>> TarReader::next() {
    // The unread content must not count for the next header.
    if (state_->is_tar) {
        state_->in_header = false;
        if (archive_read_data_skip(state_->handle.get()) == ARCHIVE_FATAL) return state_->failure();
    }
    state_->in_header = true;
    state_->header_bytes = 0;
    ++state_->entries;
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(state_->handle.get(), &entry);
    if (status == ARCHIVE_EOF) {
        // Padding follows the end mark, and then the checksum.
        state_->in_header = false;
        std::uint64_t padding = 0;
        for (ssize_t got = 1; got > 0; padding += static_cast<std::uint64_t>(got)) {
            if (padding > max_padding) return fail(state_->name, "continues after its end");
            got = std::max<ssize_t>(state_->fill(), 0);
        }
        if (!state_->unpack_error.empty()) return state_->failure();
        return std::nullopt;
    }
    // Warnings are about names that this locale cannot convert; they are used as they are.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return state_->failure();
    if (!state_->unpack_error.empty()) return state_->failure();
    state_->is_tar = true;
    TarEntry read = read_entry(entry);
    MKPXERD_TRY(state_->check_bounds(read));
    return read;
}

Result<std::optional<TarReader::Block>> TarReader::read() {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    state_->header_bytes = 0; // the map of a sparse file precedes its content
    const int status = archive_read_data_block(state_->handle.get(), &bytes, &size, &offset);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return state_->failure();
    return Block{static_cast<std::uint64_t>(offset), {static_cast<const std::byte*>(bytes), size}};
}

} // namespace mkpxerd::wrap
