// SPDX-License-Identifier: MIT
// Texts of the generator's values.
#include "mkpxerd/generator/types.hpp"

#include <fmt/format.h>

namespace mkpxerd::generator {

std::string Origin::text() const {
    return line == 0 ? file : fmt::format("{}:{}", file, line);
}

std::string_view kind_name(Reason::Kind kind) {
    switch (kind) {
    case Reason::Kind::Pattern:
        return "pattern";
    case Reason::Kind::Depends:
        return "depends";
    case Reason::Kind::SoftdepPre:
        return "softdep-pre";
    case Reason::Kind::SoftdepPost:
        return "softdep-post";
    case Reason::Kind::Weakdep:
        return "weakdep";
    case Reason::Kind::PhyDriver:
        return "phy-driver";
    case Reason::Kind::Firmware:
        return "firmware";
    case Reason::Kind::LinkTarget:
        return "link-target";
    case Reason::Kind::Interpreter:
        return "interpreter";
    case Reason::Kind::Library:
        return "library";
    case Reason::Kind::Dlopen:
        return "dlopen";
    case Reason::Kind::BuiltIn:
        return "builtin";
    }
    return "builtin";
}

const TreePath* source_of(const ImageEntry& entry) {
    if (const auto* compressed = std::get_if<CompressedFile>(&entry.content)) return &compressed->source;
    if (const auto* packed = std::get_if<PackedFile>(&entry.content)) return &packed->source;
    return std::get_if<TreePath>(&entry.content);
}

} // namespace mkpxerd::generator
