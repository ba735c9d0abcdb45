// SPDX-License-Identifier: MIT
// A name may lead through links; the real path is selected.
#include "mkpxerd/image/path_selection.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {
namespace {

void select_with_children(const EffectiveView& view, const std::string& path,
                          std::set<std::string>& selected) {
    const auto& nodes = view.nodes();
    const std::string below = path + '/';
    selected.insert(path);
    for (auto at = nodes.lower_bound(below); at != nodes.end() && at->first.starts_with(below); ++at)
        selected.insert(at->first);
}

bool select_one(const EffectiveView& view, const std::string& name, std::set<std::string>& selected) {
    const std::string path = clean_path(name);
    if (path.empty()) {
        for (const auto& [each, node] : view.nodes())
            selected.insert(each);
        return true;
    }
    if (const auto real = view.resolve(path, false)) {
        select_with_children(view, *real, selected);
        return true;
    }
    bool found = false;
    if (has_glob(path))
        for (const auto& [each, node] : view.nodes())
            if (glob_match(path, each)) {
                // A selected directory includes its children: nested directories are walked once.
                if (!selected.contains(each)) select_with_children(view, each, selected);
                found = true;
            }
    return found;
}

} // namespace

bool is_requested(const std::string& path, const std::vector<std::string>& names) {
    return names.empty() || std::ranges::any_of(names, [&](const std::string& name) {
               const std::string wanted = clean_path(name);
               return wanted.empty() || path == wanted || path.starts_with(wanted + '/') ||
                      (has_glob(wanted) && glob_match(wanted, path));
           });
}

Problem no_such_entry(const EffectiveView& view, const std::string& name, const std::string& image) {
    const std::string path = clean_path(name);
    // A path with the same last component is a better guess than one with a similar spelling.
    const std::string last =
        '/' + path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
    std::string hint;
    for (const EffectiveView::Lost& lost : view.lost())
        if (view.entries()[lost.entry].path == path) hint = "the archive contains it, but " + lost.reason;
    std::vector<std::string> all;
    for (const auto& [each, node] : view.nodes()) {
        if (hint.empty() && ('/' + each).ends_with(last)) hint = fmt::format("there is {}", each);
        // Only names of a similar length can be close; a hostile image could contain millions of long names.
        const std::size_t longer = std::max(each.size(), path.size()) - std::min(each.size(), path.size());
        if (longer <= path.size() / 3 + 1) all.push_back(each);
    }
    if (hint.empty())
        if (const auto near = nearest(path, all)) hint = fmt::format("did you mean {}?", *near);
    return {.object = image, .text = fmt::format("no entry '{}'", name), .hint = hint};
}

Result<std::set<std::string>> select_paths(const EffectiveView& view, const std::vector<std::string>& names,
                                           const std::string& image) {
    std::set<std::string> selected;
    Problems problems;
    if (names.empty()) select_one(view, "", selected);
    for (const std::string& name : names)
        if (!select_one(view, name, selected)) problems.add(no_such_entry(view, name, image));
    MKPXERD_TRY(problems.finish());
    return selected;
}

} // namespace mkpxerd::image
