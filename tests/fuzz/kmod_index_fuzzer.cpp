// SPDX-License-Identifier: MIT
// depmod's binary indexes of a foreign tree: one that passes the check is safe to follow, for a plain walk
// and for libkmod, and one that we write has what was put into it.
#include "harness.hpp"

#include <map>
#include <set>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/modules/module_indexes.hpp"
#include "mkpxerd/wrap/kmod.hpp"
#include "mkpxerd/wrap/kmod_index.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;
namespace format = mkpxerd::wrap::kmod_index;

namespace {

// Follows an index as libkmod does: nothing is checked but by the sanitizer.
class Follower {
  public:
    explicit Follower(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}

    std::map<std::string, std::set<std::string>> all() {
        follow(number(8), "");
        return std::move(found_);
    }

  private:
    std::uint32_t number(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes_.data()[at + i]);
        return value;
    }
    std::string text(std::size_t& at) const {
        std::string text(bytes_.data() + at);
        at += text.size() + 1;
        return text;
    }
    void follow(std::uint32_t node, const std::string& prefix) {
        std::size_t at = node & format::place_bits;
        if (at == 0) return;
        std::string key = prefix;
        if ((node & format::has_prefix) != 0) key += text(at);
        std::vector<std::pair<char, std::uint32_t>> children;
        if ((node & format::has_children) != 0) {
            const char first = bytes_.data()[at];
            const char last = bytes_.data()[at + 1];
            at += 2;
            for (int letter = first; letter <= last; ++letter, at += 4)
                children.emplace_back(static_cast<char>(letter), number(at));
        }
        if ((node & format::has_values) != 0) {
            std::uint32_t left = number(at);
            for (at += 4; left > 0; --left) {
                at += 4;
                found_[key].insert(text(at));
            }
        }
        for (const auto& [letter, child] : children)
            follow(child, key + letter);
    }
    std::vector<char> bytes_; // exactly as many: what lies behind is no one's
    std::map<std::string, std::set<std::string>> found_;
};

// The same bytes as every index of a kernel, for libkmod to look something up in.
void ask_libkmod(std::string_view bytes) {
    static const ScratchDirectory directory;
    for (const char* name :
         {"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin"})
        write(directory.path() / name, bytes);
    require(wrap::ModuleLookup::is_indexed(directory.path()));
    const auto modules = wrap::ModuleLookup::open(directory.path());
    if (!modules) return;
    for (const char* name : {"e1000e", "pci:v00008086d000010D3sv*", "a", "fs-nfs4", "symbol:x"})
        static_cast<void>(modules->lookup(name));
}

void read_foreign(std::string_view bytes) {
    if (!wrap::check_kmod_index(std::as_bytes(std::span(bytes)), "x.bin")) return;
    static_cast<void>(Follower(bytes).all());
    ask_libkmod(bytes);
}

// Lines "KEY VALUE".
void read_written(std::string_view text) {
    constexpr std::size_t longest_key = 4095;
    generator::KmodIndex index;
    std::map<std::string, std::set<std::string>> expected;
    std::uint32_t priority = 0;
    for (const std::string_view line : split_lines(text)) {
        const auto blank = std::min(line.find(' '), line.size());
        const std::string key(line.substr(0, blank));
        std::string value(line.substr(std::min(blank + 1, line.size())));
        value.resize(std::min(value.find('\0'), value.size())); // a list has no other texts
        index.add(key, value, priority++);
        const bool is_kept = !key.empty() && key.size() <= longest_key &&
                             std::all_of(key.begin(), key.end(), [](char c) { return c > '\0'; });
        if (is_kept) expected[key].insert(value);
    }
    const std::string bytes = index.bytes("x.bin").value();
    require(wrap::check_kmod_index(std::as_bytes(std::span(bytes)), "x.bin").has_value());
    require(Follower(bytes).all() == expected);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = text_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        read_foreign(bytes);
    else
        read_written(bytes);
    return 0;
}
