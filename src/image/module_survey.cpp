// SPDX-License-Identifier: MIT
// An empty file is no module, and a list of modules counts for its own directory alone.
#include "mkpxerd/image/module_survey.hpp"

#include <fmt/format.h>
#include <span>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "mkpxerd/wrap/modinfo.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t max_bytes_of_modules = std::size_t{256} << 20; // in total, of those outside kernel/

// The imports of a module, compressed or not; none if it is damaged.
std::vector<std::string> imports_of(const std::string& module, const std::string& name) {
    const auto bytes = std::as_bytes(std::span(module));
    const auto encoding = wrap::recognize_encoding(bytes.first(std::min<std::size_t>(bytes.size(), 16)));
    std::string plain;
    if (encoding && encoding->format) {
        const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
            plain.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return plain.size() <= max_bytes_of_modules ? Result<void>() : fail(name, "is too large");
        };
        if (!wrap::decompress(*encoding->format, bytes, sink, {name, 0})) return {};
    }
    auto imports = wrap::read_imports(encoding ? std::as_bytes(std::span(plain)) : bytes, name);
    return imports ? std::move(*imports) : std::vector<std::string>{};
}

// The directory where the init searches modules.
std::string modules_directory(const EffectiveView& view) {
    return view.resolve("lib/modules").value_or("lib/modules") + '/';
}

class Survey {
  public:
    Survey(const EffectiveView& view, const ModuleUser& user, const Texts& lists) : view_(view), user_(user) {
        for (const auto& [path, text] : lists)
            read_list(path, text);
    }
    Result<ModuleSurvey> run(const ContentSource& source);

  private:
    struct Listing {
        std::map<std::string, std::string> paths; // module -> the file that the init loads for it
    };
    void read_list(const std::string& path, std::string_view text);
    void read_dependencies(const ModuleDirectoryPath& list, std::string_view text);
    void take_module(const std::string& path, const ModuleDirectoryPath& place, std::size_t content);
    bool is_loadable(const ModuleDirectoryPath& place) const;
    void place_by_order();
    Result<void> place_by_symbols(const ContentSource& source);

    const EffectiveView& view_;
    const ModuleUser& user_;
    std::map<std::string, Listing, std::less<>> listings_; // by version
    std::vector<std::string_view> order_;
    std::map<std::string, std::size_t, std::less<>> strays_; // modules outside kernel/ -> content
    ModuleSurvey survey_;
};

void Survey::read_list(const std::string& path, std::string_view text) {
    const auto list = module_directory_path(path);
    if (!list) return;
    if (list->rest == "modules.dep") read_dependencies(*list, text);
    if (list->rest == "modules.order") order_ = split_lines(text);
    if (list->rest != "modules.builtin") return;
    survey_.knows_builtin = true;
    for (const std::string_view line : split_lines(text))
        survey_.builtin.emplace_back(line);
}

// Of two lines for one name, the init takes the first; of two files, the plain one.
void Survey::read_dependencies(const ModuleDirectoryPath& list, std::string_view text) {
    const std::string directory = fmt::format("/lib/modules/{}/", list.version);
    Listing& listing = listings_[std::string(list.version)];
    for (const std::string_view line : split_lines(text)) {
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos) continue;
        std::string_view path = line.substr(0, colon);
        if (path.starts_with(directory)) path.remove_prefix(directory.size());
        listing.paths.try_emplace(module_name(path), path);
    }
}

bool Survey::is_loadable(const ModuleDirectoryPath& place) const {
    const auto listing = listings_.find(place.version);
    if (listing == listings_.end()) return !user_.is_ours;
    const auto listed = listing->second.paths.find(module_name(place.rest));
    return listed != listing->second.paths.end() &&
           (listed->second == place.rest || plain_module_path(listed->second) == place.rest);
}

void Survey::take_module(const std::string& path, const ModuleDirectoryPath& place, std::size_t content) {
    if (!is_loadable(place))
        survey_.unlisted.push_back(path);
    else if (place.rest.starts_with("kernel/"))
        survey_.places.emplace_back(place.rest);
    else
        strays_[module_name(path)] = content;
}

void Survey::place_by_order() {
    if (strays_.empty()) return;
    for (const std::string_view line : order_) {
        const auto stray = strays_.find(module_name(line));
        if (stray == strays_.end()) continue;
        survey_.places.emplace_back(line);
        strays_.erase(stray);
    }
}

// Reads the modules, since an image of another generator does not describe them.
Result<void> Survey::place_by_symbols(const ContentSource& source) {
    std::set<std::size_t> wanted;
    std::uint64_t bytes = 0;
    for (const auto& [name, content] : strays_) {
        if (content == EffectiveView::none) continue;
        bytes += view_.entries()[content].size;
        if (bytes > max_bytes_of_modules) break;
        wanted.insert(content);
    }
    MKPXERD_TRY_ASSIGN(const EntryContents contents, source(wanted));
    for (const auto& [name, content] : strays_) {
        const auto found = contents.find(content);
        const auto home =
            found == contents.end() ? std::string_view{} : driver_home(imports_of(found->second, name), true);
        survey_.places.push_back(home.empty() ? name + ".ko" : std::string(home) + name + ".ko");
    }
    return {};
}

Result<ModuleSurvey> Survey::run(const ContentSource& source) {
    const std::string directory = modules_directory(view_);
    for (const auto& [path, node] : view_.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        const auto place = module_directory_path(path);
        if (!place || module_name(path).empty()) continue;
        if (!user_.version.empty() && place->version != user_.version) continue;
        const EffectiveView::Node* real = node.is_link ? view_.find(path) : &node;
        const std::size_t content = real != nullptr && real->is_regular ? real->content : EffectiveView::none;
        const bool is_empty = real != nullptr && real->is_regular &&
                              (content == EffectiveView::none || view_.entries()[content].size == 0);
        if (is_empty) continue; // the kernel loads no empty module
        if (path.starts_with(directory))
            take_module(path, *place, content);
        else
            survey_.unlisted.push_back(path); // usr/lib/modules beside a directory lib
    }
    place_by_order();
    if (!strays_.empty()) MKPXERD_TRY(place_by_symbols(source));
    return std::move(survey_);
}

} // namespace

std::set<std::string> module_lists(const EffectiveView& view, const ModuleUser& user) {
    std::set<std::string> lists;
    const std::string directory = modules_directory(view);
    for (auto node = view.nodes().lower_bound(directory);
         node != view.nodes().end() && node->first.starts_with(directory); ++node) {
        const auto place = module_directory_path(node->first);
        if (!place || (!user.version.empty() && place->version != user.version)) continue;
        for (const std::string_view name : {"modules.dep", "modules.order", "modules.builtin"})
            if (place->rest == name) lists.insert(node->first);
    }
    return lists;
}

Result<ModuleSurvey> survey_modules(const EffectiveView& view, const ModuleUser& user, const Texts& lists,
                                    const ContentSource& source) {
    return Survey(view, user, lists).run(source);
}

} // namespace mkpxerd::image
