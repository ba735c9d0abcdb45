// SPDX-License-Identifier: MIT
// Every value that flows through the generator, in order of appearance: read this first.
//   BuildRequest -> FeatureSet -> ModuleSet, FileSet -> ImageTree -> the file + BuildReport
// Plain values: sorted and unique where order matters, no I/O. Each carries the reason why it is there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/contract/absent_drivers.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/wrap/compressor.hpp"
#include "mkpxerd/wrap/file_packing.hpp"

namespace mkpxerd::generator {

// Where a request comes from.
struct Origin {
    std::string file = {}; // "features.d/nfs.modules", "mkinitfs.conf", "--features"
    unsigned line = 0;     // 0: it has no lines
    std::string text() const;
    bool operator==(const Origin&) const = default;
};

// ---- the request
// -------------------------------------------------------------------------------------

struct FeatureName {
    std::string name;
    Origin origin;
    bool operator==(const FeatureName&) const = default;
};

enum class FirmwarePolicy {
    All,     // of every module in the image
    Network, // of network drivers only: those below kernel/drivers/net, and others that belong there
    None,
};
// The words of --firmware, in the order of the enumerators.
inline constexpr std::string_view firmware_words = "all net none";

// The form of modules in the image. Those that the tree has compressed (.ko.gz, .ko.xz, .ko.zst) stay as they
// are, except where all become plain.
enum class ModulePolicy {
    Keep,     // as in the tree
    Plain,    // all unpacked
    Packed,   // plain ones of the tree packed by zstd, each on its own
    PackedXz, // the same by xz
    Smaller,  // whichever makes the smaller image, of those that the init or the kernel is known to load
};
// The words of --modules; Smaller is the default and has none.
inline constexpr std::string_view module_words = "keep plain packed packed:xz";

// What --pin can pin.
inline constexpr std::string_view pin_objects = "apkovl modloop root";

// One line of a feature list, or one custom file.
struct Pattern {
    std::string glob{};    // without leading slash
    bool optional = false; // "?" before it
    std::string feature{};
    Origin origin{};
    bool operator==(const Pattern&) const = default;
};

// A file that no feature names: a host key, fstab, a modloop signature.
struct ExtraFile {
    TreePath source;
    std::string path; // in the image
    unsigned mode = 0644;
    Origin origin;
    bool operator==(const ExtraFile&) const = default;
};

// An output path from a tree: always inside that tree.
struct TreeOutput {
    std::filesystem::path tree;
    std::string path;
    Origin origin;
    bool operator==(const TreeOutput&) const = default;
};

struct BuildRequest {
    std::filesystem::path basedir = "/"; // files come from here
    std::filesystem::path kernel_root;   // modules and firmware come from here: usually basedir
    std::string kernel_version;          // empty: found in kernel_root
    bool with_kernel = true;             // false: no modules, no firmware
    std::filesystem::path output;        // empty: where a tree says, or BASEDIR/boot/initramfs-FLAVOUR
    std::optional<TreeOutput> output_of_tree;
    std::string profile;                // its name; may be empty
    std::vector<FeatureName> features;  // in the order of the request
    std::vector<TreePath> feature_dirs; // searched first to last
    std::vector<Pattern> custom_files;  // relative to basedir
    std::vector<ExtraFile> extra_files;
    std::string authorities; // certificates in PEM form that https trusts
    TreePath init_program;   // the static /init to embed
    std::filesystem::path
        plain_init_program;         // the same without TLS and signatures; need not exist. Empty: -i
    std::vector<TreePath> hardware; // modalias lists: only drivers that these machines need
    FirmwarePolicy firmware = FirmwarePolicy::All;
    std::filesystem::path
        undeclared_firmware; // firmware that modules use without declaring it; may be missing
    ModulePolicy modules = ModulePolicy::Smaller;
    bool kmod_index = false;      // depmod's binary indexes as well
    bool strict_firmware = false; // missing firmware is an error
    bool lenient = false;         // files and modules that the system lacks are warnings
    wrap::CompressorOptions compression;
    std::optional<unsigned> mode;            // permission bits of the image; none: 0644, or 0600 with secrets
    bool allow_secrets = false;              // others may read the image although it contains secrets
    bool microcode = false;                  // put CPU microcode of kernel_root before the image
    std::vector<TreePath> prepend;           // archives before the image
    std::vector<TreePath> append;            // archives after it
    bool archives_need_tls = false;          // they bring keys or certificate authorities
    std::uint64_t max_size = 0;              // bytes of the image file; 0: any
    std::map<std::string, std::string> pins; // object (apkovl, modloop, root) -> SHA-256, hexadecimal
    std::string cmdline;                     // options baked into the image
    Origin cmdline_origin;
    std::int64_t epoch = 0;        // seconds since 1970: mtime of every entry
    std::vector<Problem> warnings; // settings that others replaced

    // Our own /init, which unpacks the modules that it loads.
    bool has_own_init() const { return !plain_init_program.empty(); }
};

// ---- the features
// ---------------------------------------------------------------------------------

struct FeatureSet {
    std::vector<std::string> features; // sorted
    std::vector<Pattern> modules;      // relative to lib/modules/VERSION
    std::vector<Pattern> files;        // relative to basedir
    std::vector<Problem> warnings;
};

// ---- reasons
// -------------------------------------------------------------------------------

struct Reason {
    enum class Kind {
        Pattern,    // a line of a feature: origin, feature
        Depends,    // modules.dep of the module `from`
        SoftdepPre, // modules.softdep of `from`
        SoftdepPost,
        Weakdep,     // modules.weakdep of `from`
        PhyDriver,   // a PHY driver, for the network driver `from` that uses phylib
        Firmware,    // named by the module `from`
        LinkTarget,  // the link `from` leads here
        Interpreter, // PT_INTERP or #! of the file `from`
        Library,     // DT_NEEDED of the file `from`
        Dlopen,      // .note.dlopen of the file `from`
        BuiltIn,     // of every image: standard directories, /init, module lists
    };
    Kind kind = Kind::BuiltIn;
    std::string from{};
    std::string feature{};
    Origin origin{};
    std::string machine{}; // the hardware list that needs this driver; empty: there is none
    bool operator==(const Reason&) const = default;
};

// As in `why` and in the image's provenance: "depends", "softdep-pre".
std::string_view kind_name(Reason::Kind kind);

// ---- modules
// -----------------------------------------------------------------------------------------------

// A compressed file that the image gets unpacked.
struct CompressedFile {
    TreePath source;
    wrap::Format format = wrap::Format::Gzip;
    std::shared_ptr<const std::string> plain{}; // its content, if that was kept; nullptr: unpack it again
    bool operator==(const CompressedFile&) const = default;
};

// A file that the image gets packed on its own.
struct PackedFile {
    TreePath source;
    std::uint64_t plain_size = 0; // bytes of it
    wrap::Packing packing{};
    std::shared_ptr<const std::string> packed{}; // its content, if that was kept; nullptr: pack it again
    bool operator==(const PackedFile&) const = default;
};

using FileContent = std::variant<TreePath, CompressedFile, PackedFile>; // as in the tree, unpacked, or packed

// A module as it goes into the image. module_resolver.hpp has its earlier forms.
struct Module {
    std::string name; // as lsmod shows it: '_' for '-'
    std::string path; // below the module directory: "kernel/fs/nfs/nfs.ko", "kernel/fs/nfs/nfs.ko.zst"
    FileContent content;
    std::uint64_t size = 0; // bytes of it in the image
    bool is_packed = false; // in the image: it does not shrink again
    Reason reason;
    bool operator==(const Module&) const = default;
};

struct Firmware {
    std::string path;                  // in the image: "lib/firmware/tigon/tg3.bin"
    std::string target;                // of a link, as written; empty: a regular file
    std::string leads_to{};            // of a link to a file: the path of that file
    TreePath source;                   // content of a regular file
    std::optional<FileContent> form{}; // that it gets instead
    std::uint64_t size = 0;            // bytes of it in the image
    bool is_packed = false;            // in the image: it does not shrink again
    Reason reason;
    bool operator==(const Firmware&) const = default;
};

// Firmware that a module names but the tree lacks.
struct MissingFirmware {
    std::string module;
    std::string name; // below lib/firmware
    bool operator==(const MissingFirmware&) const = default;
};

// A driver that a feature names but no listed machine needs.
struct LeftOut {
    std::string module;
    Reason reason; // the pattern that would have brought it
    bool operator==(const LeftOut&) const = default;
};

struct ModuleSet {
    std::string kernel_version;           // empty: an image without modules
    std::vector<Module> modules;          // by path
    std::optional<wrap::Packing> packing; // of plain modules of the tree; none: they stay plain
    std::vector<Firmware> firmware;       // by path; links and what they lead to
    std::vector<MissingFirmware> missing_firmware;
    std::vector<LeftOut> left_out; // by --hardware; by module
    std::vector<Problem> warnings;
    // modules.dep, modules.alias ... reduced to the modules above: file name, content
    std::vector<std::pair<std::string, std::string>> lists;
    std::vector<AbsentDriver> absent_drivers; // by module
    bool lacks_network = false;               // neither a module nor the kernel itself drives a network card
};

// ---- files
// -------------------------------------------------------------------------------------------------

struct File {
    enum class Kind { Regular, Directory, Link };
    std::string path; // real path in basedir and in the image, no leading slash
    Kind kind = Kind::Regular;
    unsigned mode = 0;       // permission bits
    std::string target;      // of a link, as written
    TreePath source;         // content of a regular file
    std::uint64_t size = 0;  // bytes of it
    std::uint64_t inode = 0; // equal (device, inode) with links > 1: hard links
    std::uint64_t device = 0;
    std::uint64_t links = 1;
    Reason reason;
    bool operator==(const File&) const = default;
};

struct FileSet {
    std::vector<File> files; // by path, unique
    std::vector<Problem> warnings;
};

// ---- the image
// ---------------------------------------------------------------------------------------------

struct ImageEntry {
    std::string path;
    std::uint32_t mode = 0; // with the file type, as in struct stat
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::variant<std::string, TreePath, CompressedFile, PackedFile>
        content;             // bytes, or the file that holds them
    std::uint64_t size = 0;  // bytes of content
    bool is_packed = false;  // the content does not shrink again
    std::uint32_t inode = 0; // numbered from 1 in archive order
    std::uint32_t links = 1;
    Reason reason;
};

// The file that the content comes from; nullptr: the entry has its bytes.
const TreePath* source_of(const ImageEntry& entry);

struct ImageTree {
    std::vector<ImageEntry>
        entries; // in archive order: /init, parents before children, sorted, sentinel last
    BootConfig config;
};

// Raw archives around the image, ready to be written (padded to 4 bytes).
struct ImageParts {
    struct Archive {
        std::string name; // its file; "--ucode"
        bool is_before = false;
        std::size_t begin = 0; // in before or after
        std::size_t size = 0;  // bytes, without padding
    };
    std::string before;            // microcode, --prepend
    std::string after;             // --append
    std::vector<Archive> archives; // in the order in which the kernel unpacks them
    std::vector<Problem> warnings;
};

// Called regularly while modules are packed or an image is written: bytes so far, and in total.
using WriteProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// The steps that take time. Both may be empty.
struct BuildProgress {
    WriteProgress packing{}; // bytes of the modules
    WriteProgress writing{}; // bytes of the archive
};

// ---- the report
// -----------------------------------------------------------------------------------------

struct ReportedEntry {
    std::string path;
    std::uint64_t bytes = 0; // unpacked
    std::string why;         // the chain of reasons
};

// What the archives around the image bring, after the kernel has unpacked all of them.
struct ArchiveReport {
    std::vector<ReportedEntry> before; // in archive order
    std::vector<ReportedEntry> after;
    std::set<std::string> gone; // paths of the image whose entries an archive replaces or hides
    std::ptrdiff_t modules = 0; // in addition to those of the image itself
    std::ptrdiff_t firmware = 0;
    std::vector<Problem> warnings;
};

// Examines the archives around a tree: only a room that reads images can. Errors: they would destroy it.
using ArchiveCheck = std::function<Result<ArchiveReport>(const ImageTree& tree, const ImageParts& parts)>;

// Of the smallest machine that boots the image, in bytes.
struct MemoryNeed {
    std::uint64_t with_root = 0;    // the kernel's own command line has root=
    std::uint64_t without_root = 0; // it has not: the initramfs may take only half of the memory
    bool operator==(const MemoryNeed&) const = default;
};

struct StageTime {
    std::string_view stage; // "features", "modules", ...
    std::chrono::milliseconds time{};
};

struct BuildReport {
    std::filesystem::path output;
    std::string kernel_version;        // empty: an image without modules
    std::vector<std::string> features; // sorted
    std::size_t modules = 0;
    std::size_t firmware = 0;        // files and links
    std::size_t entries = 0;         // of the archive
    std::uint64_t archive_bytes = 0; // before compression
    std::uint64_t image_bytes = 0;   // the file
    MemoryNeed memory;
    std::optional<unsigned> mode{}; // permission bits of the file; none: it was written into a stream
    std::vector<Problem> secrets;   // why the file is private, or should be
    std::vector<MissingFirmware> missing_firmware;
    std::string firmware_directory;      // where firmware was searched
    std::vector<LeftOut> left_out;       // drivers that --hardware kept out
    std::vector<ReportedEntry> contents; // in archive order
    std::vector<StageTime> timings;      // in order; the last one, "write", reads, compresses and writes
    std::vector<Problem> warnings;
};

} // namespace mkpxerd::generator
