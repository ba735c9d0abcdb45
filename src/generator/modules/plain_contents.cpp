// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/plain_contents.hpp"

namespace mkpxerd::generator {

std::optional<PlainContent> PlainContents::find(const TreePath& file) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(file.string());
    return found == kept_.end() ? std::nullopt : std::optional(found->second);
}

bool PlainContents::keep(const TreePath& file, const PlainContent& content) {
    const std::lock_guard lock(mutex_);
    if (content.bytes->size() > room_) return false;
    if (kept_.try_emplace(file.string(), content).second) room_ -= content.bytes->size();
    return true;
}

} // namespace mkpxerd::generator
