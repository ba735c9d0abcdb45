// SPDX-License-Identifier: MIT
// Feature lists of a foreign tree: one pattern a line and none else, and whatever they match lies in the tree
// that they are looked up in.
#include "harness.hpp"

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;
using namespace mkpxerd::generator;

namespace {

constexpr std::size_t max_globs = 32; // an input: each costs system calls

// A small system, with links that lead to its root, in a circle, and out of it; OUTSIDE beside it.
class Tree {
  public:
    Tree() {
        namespace fs = std::filesystem;
        for (const char* directory : {"root/etc/mkpxerd", "root/usr/lib/modules/6.1", "root/bin", "outside"})
            fs::create_directories(scratch_.path() / directory);
        for (const char* file :
             {"root/etc/hosts", "root/etc/.hidden", "root/bin/[", "root/bin/ip", "outside/secret"})
            write(scratch_.path() / file, "x");
        fs::create_symlink("usr/lib", scratch_.path() / "root/lib");
        fs::create_symlink("/", scratch_.path() / "root/etc/top");
        fs::create_symlink(".", scratch_.path() / "root/self");
        fs::create_symlink("../outside", scratch_.path() / "root/up");
        fs::create_symlink("../../../../../../../../dev/shm", scratch_.path() / "root/away");
    }
    Sysroot root() const { return Sysroot(scratch_.path() / "root"); }

  private:
    ScratchDirectory scratch_;
};

void require_inside(const Sysroot& root, const std::string& glob) {
    for (const std::string& path : root.glob(glob)) {
        require(!path.starts_with('/') && path.find('\0') == std::string::npos);
        const auto real = root.resolve(path);
        require(!real || (real->path.find("secret") == std::string::npos &&
                          real->path.find("outside") == std::string::npos));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Tree tree;
    const Sysroot root = tree.root();
    const std::string_view text = text_of(data, size);
    const auto patterns = parse_feature_list(text, "f", "f.files");
    require(patterns.size() <= count(text, '\n') + 1);
    unsigned last = 0;
    std::size_t globs = 0;
    std::string again;
    std::vector<const Pattern*> kept;
    for (const Pattern& pattern : patterns) {
        require(pattern.origin.line > last && pattern.origin.line <= count(text, '\n') + 1);
        last = pattern.origin.line;
        require(!pattern.glob.starts_with('/') && pattern.glob.find('\n') == std::string::npos);
        require(text.find(std::string_view(pattern.glob).substr(0, pattern.glob.find('/'))) !=
                std::string_view::npos);
        static_cast<void>(module_pattern_matches(pattern.glob, "kernel/drivers/net/e1000e/e1000e.ko.xz"));
        if (++globs <= max_globs && pattern.glob.size() < 256) require_inside(root, pattern.glob);
        // What ends in a blank was ended by a slash, and cannot be written without.
        if (trim(std::string_view(pattern.glob)).size() != pattern.glob.size()) continue;
        again += (pattern.optional ? "? /" : "/") + pattern.glob + '\n';
        kept.push_back(&pattern);
    }
    const auto same = parse_feature_list(again, "f", "f.files");
    require(same.size() == kept.size());
    for (std::size_t i = 0; i < same.size(); ++i)
        require(same[i].glob == kept[i]->glob && same[i].optional == kept[i]->optional);
    return 0;
}
