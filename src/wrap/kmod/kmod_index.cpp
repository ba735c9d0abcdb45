// SPDX-License-Identifier: MIT
// A file header, then nodes of a radix tree; numbers are big-endian.
//   header  magic, version, root
//   node    text of the prefix; first and last letter of the children, their positions; number of values,
//   each a
//           priority and a text. The upper bits of the node's position say which of the three exist.
#include "mkpxerd/wrap/kmod_index.hpp"

#include <cstring>
#include <endian.h>
#include <fmt/format.h>
#include <optional>
#include <vector>

namespace mkpxerd::wrap {
namespace {

using namespace kmod_index;

constexpr std::uint32_t major_version = 2;
constexpr std::size_t header_bytes = 12;
constexpr unsigned deepest = 4096; // libkmod recurses; no key is longer

class Walk {
  public:
    Walk(std::span<const std::byte> bytes, const std::string& name)
        : bytes_(bytes), name_(name), seen_(bytes.size() + 1) {}

    Result<void> run() {
        if (bytes_.size() < header_bytes || number(0) != magic) return broken("has no index header", 0);
        if (number(4) >> 16 != major_version) return broken("has an index of an unknown version", 4);
        push(number(8), 0);
        while (!todo_.empty()) {
            const Step step = todo_.back();
            todo_.pop_back();
            MKPXERD_TRY(node(step));
        }
        return {};
    }

  private:
    struct Step {
        std::uint32_t node;
        unsigned depth;
    };

    tl::unexpected<Error> broken(std::string_view what, std::size_t at) const {
        return fail(name_, fmt::format("{} at byte {}", what, at), "run depmod again for this kernel");
    }
    // Precondition: at + 4 <= size.
    std::uint32_t number(std::size_t at) const {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes_.data() + at, sizeof value);
        return be32toh(value);
    }
    bool room(std::size_t at, std::uint64_t bytes) const {
        return at <= bytes_.size() && bytes <= bytes_.size() - at;
    }
    // After the zero that ends a text; nullopt: there is none.
    std::optional<std::size_t> end_of_text(std::size_t at) const {
        if (at >= bytes_.size()) return std::nullopt;
        const void* end = std::memchr(bytes_.data() + at, 0, bytes_.size() - at);
        if (end == nullptr) return std::nullopt;
        return static_cast<std::size_t>(static_cast<const std::byte*>(end) - bytes_.data()) + 1;
    }

    void push(std::uint32_t node, unsigned depth) {
        if ((node & place_bits) != 0) todo_.push_back({node, depth}); // zero: no child for this letter
    }

    Result<void> node(const Step& step) {
        const std::size_t start = step.node & place_bits;
        if (step.depth > deepest) return broken("is nested too deeply", start);
        if (start > bytes_.size())
            return broken("points out of itself", start); // an empty node may be at the end
        if (seen_[start]) return broken("leads to the same node twice", start);
        seen_[start] = true;
        std::size_t at = start;
        if ((step.node & has_prefix) != 0) {
            const auto after = end_of_text(at);
            if (!after) return broken("points out of itself", at);
            at = *after;
        }
        if ((step.node & has_children) != 0) {
            if (!room(at, 2)) return broken("points out of itself", at);
            const auto first = std::to_integer<unsigned>(bytes_[at]);
            const auto last = std::to_integer<unsigned>(bytes_[at + 1]);
            at += 2;
            if (first > last || last > 127 || !room(at, (last - first + 1) * 4))
                return broken("has impossible children", at - 2);
            for (unsigned letter = first; letter <= last; ++letter, at += 4)
                push(number(at), step.depth + 1);
        }
        return (step.node & has_values) != 0 ? values(at) : Result<void>();
    }

    Result<void> values(std::size_t at) const {
        if (!room(at, 4)) return broken("points out of itself", at);
        const std::uint32_t count = number(at);
        at += 4;
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto after = room(at, 4) ? end_of_text(at + 4) : std::nullopt;
            if (!after) return broken("points out of itself", at);
            at = *after;
        }
        return {};
    }

    std::span<const std::byte> bytes_;
    const std::string& name_;
    std::vector<Step> todo_;
    std::vector<bool> seen_; // by place
};

} // namespace

Result<void> check_kmod_index(std::span<const std::byte> bytes, const std::string& name) {
    return Walk(bytes, name).run();
}

} // namespace mkpxerd::wrap
