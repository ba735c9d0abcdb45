// SPDX-License-Identifier: MIT
// A name may lead through links; what is selected is where it really lies.
#include "mkpxerd/image/path_selection.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {
namespace {

bool select_one(const EffectiveView& view, const std::string& name, std::set<std::string>& selected) {
    const std::size_t before = selected.size();
    const std::string path = clean_path(name);
    if (path.empty()) {
        for (const auto& [each, node] : view.nodes())
            selected.insert(each);
        return true;
    }
    if (const auto real = view.resolve(path, false)) {
        const auto& nodes = view.nodes();
        selected.insert(*real);
        for (auto at = nodes.lower_bound(*real + '/');
             at != nodes.end() && at->first.starts_with(*real + '/'); ++at)
            selected.insert(at->first);
        return true;
    }
    if (!has_glob(path)) return false;
    for (const auto& [each, node] : view.nodes())
        if (glob_match(path, each)) selected.insert(each);
    return selected.size() > before;
}

} // namespace

Problem no_such_entry(const EffectiveView& view, const std::string& name, const std::string& image) {
    const std::string path = clean_path(name);
    // A path with the same last name is a better guess than one that is spelled alike.
    const std::string last =
        '/' + path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
    std::string hint;
    std::vector<std::string> all;
    for (const auto& [each, node] : view.nodes()) {
        if (hint.empty() && ('/' + each).ends_with(last)) hint = fmt::format("there is {}", each);
        all.push_back(each);
    }
    if (hint.empty())
        if (const auto near = nearest(path, all)) hint = fmt::format("did you mean {}?", *near);
    return {image, fmt::format("no entry '{}'", name), hint, {}};
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
