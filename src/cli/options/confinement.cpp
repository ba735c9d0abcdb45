// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/confinement.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <iterator>
#include <linux/capability.h>
#include <ostream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "mkpxerd/base/byte_size.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/image/extractor.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/wrap/cache_directory.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t min_memory = std::uint64_t{2} << 30;
constexpr std::uint64_t memory_of_thread = std::uint64_t{256} << 20; // xz's needs at its highest levels
constexpr std::uint64_t max_seconds = 3600;

// Root may still read and replace files of others.
constexpr std::uint64_t for_reading = wrap::capability(CAP_DAC_READ_SEARCH);
constexpr std::uint64_t for_writing =
    for_reading | wrap::capability(CAP_DAC_OVERRIDE) | wrap::capability(CAP_FOWNER);
constexpr std::uint64_t for_entries =
    for_writing | wrap::capability(CAP_CHOWN) | wrap::capability(CAP_FSETID) | wrap::capability(CAP_MKNOD);

// Opening it reports why not. What is read from a stream is gone, so its bytes are not looked at.
bool can_be_extracted(const fs::path& image) {
    std::error_code error;
    if (image == "-" || (fs::exists(image, error) && !fs::is_regular_file(image, error)))
        return !fs::is_directory(image, error);
    const auto file = MappedFile::open(image);
    return file && image::may_be_image(file->bytes());
}

// fakeroot and pseudo ask a daemon for the owner of a file, by a socket.
bool has_pretended_root() {
    return std::getenv("FAKEROOTKEY") != nullptr || std::getenv("PSEUDO_PREFIX") != nullptr;
}

wrap::Network kept(wrap::Network network) {
    return has_pretended_root() ? wrap::Network::Any : network;
}

// The nearest existing directory.
fs::path directory_around(const fs::path& path) {
    std::error_code error;
    fs::path directory = fs::absolute(path, error).parent_path();
    while (!fs::is_directory(directory, error) && directory != directory.parent_path())
        directory = directory.parent_path();
    return directory;
}

// Adds what writing to the place takes. A descriptor is open already.
void allow_output(const OutputPlace& place, std::vector<fs::path>& writable, wrap::Network& network) {
    if (place.descriptor) return;
    std::error_code error;
    if (fs::is_socket(place.path, error)) network = wrap::Network::Local;
    writable.push_back(place.is_stream ? place.path : directory_of(place.path));
}

// The directories for an image without -o: boot/ of the tree, and the targets of links there with its name,
// resolved in the tree.
std::vector<fs::path> boot_directories(const fs::path& tree) {
    const Sysroot root(tree);
    const auto boot = root.resolve("boot");
    if (!boot) return {};
    std::vector<fs::path> directories = {root.host(boot->path)};
    for (const std::string& name : root.list(boot->path)) {
        const auto image = root.resolve(boot->path + '/' + name);
        if (name.starts_with("initramfs-") && image)
            directories.push_back(directory_of(root.host(image->path)));
    }
    return directories;
}

} // namespace

void add_bound_options(CLI::App& command, BoundOptions& options) {
    const auto size = [&options](const std::string& text) {
        options.memory = parse_size(text);
        if (!options.memory) throw CLI::ValidationError("--max-memory", text + " is not a size (4G)");
    };
    command.add_option_function<std::string>("--max-memory", size, "use no more memory; 0: no limit")
        ->type_name("SIZE");
    command.add_option("--max-time", options.seconds, "use no more processor time; 0: no limit (3600)")
        ->type_name("SECONDS");
}

wrap::Bounds bounds_of(const BoundOptions& options) {
    const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L));
    const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
    const std::uint64_t usual =
        std::max(min_memory + std::thread::hardware_concurrency() * memory_of_thread, pages * page / 2);
    return {options.memory.value_or(usual), options.seconds.value_or(max_seconds)};
}

Duty::Duty() {
    powers.capabilities = for_reading;
}

Duty Duty::reads(std::vector<fs::path> images) {
    Duty duty;
    duty.readable = std::move(images);
    return duty;
}

Duty Duty::writes(fs::path input, const fs::path& output) {
    Duty duty = reads({std::move(input)});
    const auto place = find_output(output);
    if (!place || place->descriptor) return duty; // writing to a refused place reports it
    duty.powers.capabilities = for_writing;
    allow_output(*place, *duty.writable, duty.powers.network);
    return duty;
}

Duty Duty::extracts(fs::path image, fs::path directory) {
    Duty duty = reads({std::move(image)});
    duty.powers.capabilities = for_entries;
    duty.writable = {std::move(directory)};
    duty.makes_directory = true;
    return duty;
}

Duty Duty::builds() {
    Duty duty;
    duty.powers.capabilities = for_writing;
    duty.powers.network = wrap::Network::Local; // the output may be a socket
    duty.writable.reset();
    return duty;
}

Duty Duty::makes_bundle(const fs::path& directory) {
    Duty duty;
    duty.powers = {true, wrap::Network::Any, for_entries};
    const auto place = find_output_directory(directory);
    duty.writable = {directory_around(place ? place->path : directory), "/dev/null"};
    return duty;
}

Duty Duty::prints(wrap::Network network) {
    Duty duty;
    duty.is_bounded = false;
    duty.powers.network = network;
    return duty;
}

Duty Duty::boots() {
    Duty duty;
    duty.is_confined = false;
    return duty;
}

wrap::Guards confine(Duty duty, const BoundOptions& bounds, const CommandContext& context) {
    if (!context.confined || !duty.is_confined) return {true, true, true};
    if (duty.is_bounded) wrap::set_bounds(bounds_of(bounds));
    duty.powers.network = kept(duty.powers.network);
    if (duty.writable) {
        // Without an image there is nothing to put there.
        if (duty.makes_directory && can_be_extracted(duty.readable->front())) {
            fs::path& first = duty.writable->front();
            first = image::make_extraction_directory(first, image::is_private_image(duty.readable->front()))
                        .value_or(first);
        }
        wrap::restrict_files({duty.readable, *duty.writable, duty.powers.network});
    }
    return wrap::drop_powers(duty.powers);
}

void print_missing_guards(const wrap::Guards& guards, std::ostream& err) {
    const auto tell = [&](bool held, const char* what) {
        if (!held) err << "mkpxerd: note: this kernel cannot keep parsers from " << what << '\n';
    };
    tell(guards.no_new_privileges, "gaining privileges (no_new_privs)");
    tell(guards.calls, "system calls that they do not need (seccomp)");
    tell(guards.files, "files that they do not need (Landlock)");
}

Error out_of_memory(const BoundOptions& bounds) {
    const std::uint64_t memory = bounds_of(bounds).memory;
    if (memory == 0) return {"memory", "this machine has too little"};
    return {"memory", fmt::format("more than {} MiB are needed", memory >> 20),
            "--max-memory SIZE raises the limit, 0 removes it"};
}

OutputRights rights_for_output(const generator::BuildRequest& request, const fs::path& cache,
                               const fs::path& other_file) {
    OutputRights rights;
    // A cache directory of another user is neither used nor created.
    if (!cache.empty() && wrap::open_cache_directory(cache, true)) rights.writable.push_back(cache);
    if (!other_file.empty())
        if (const auto place = find_output(other_file)) allow_output(*place, rights.writable, rights.network);
    if (const auto& own = request.output_of_tree; request.output.empty() && own) {
        // A refused place is reported when the image is written.
        if (const auto place = output_in_tree(own->tree, own->path))
            rights.writable.push_back(directory_of(place->path));
    } else if (request.output.empty()) {
        std::ranges::copy(boot_directories(request.basedir), std::back_inserter(rights.writable));
    } else if (const auto place = find_output(request.output)) {
        allow_output(*place, rights.writable, rights.network);
    }
    return rights;
}

void confine_output(const generator::BuildRequest& request, const fs::path& cache,
                    const CommandContext& context, const fs::path& other_file) {
    if (!context.confined) return;
    OutputRights rights = rights_for_output(request, cache, other_file);
    const auto network = kept(rights.network);
    if (network == wrap::Network::None) wrap::drop_network();
    wrap::restrict_files({std::nullopt, std::move(rights.writable), network});
}

} // namespace mkpxerd::cli
