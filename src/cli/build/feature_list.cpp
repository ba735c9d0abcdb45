// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/feature_list.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"

namespace mkpxerd::cli {
namespace {

// The names that -L lists, for people or as JSON.
class NameList {
  public:
    explicit NameList(const CommandContext& context) : context_(context) { json_.begin_array(); }
    void add(std::string_view kind, const std::string& name, const std::string& description,
             const std::filesystem::path& place) {
        if (context_.wants_json) {
            json_.begin_object()
                .field("kind", kind)
                .field("name", name)
                .field("description", description)
                .field("place", place.string())
                .end_object();
            return;
        }
        std::string text = description;
        if (context_.is_verbose || text.empty())
            text += fmt::format("{}({})", text.empty() ? "" : " ", place.string());
        context_.out << fmt::format("{} {:<14} {}\n", kind, printable(name), printable(text));
    }
    void finish() {
        if (context_.wants_json) context_.out << json_.end_array().text();
    }

  private:
    const CommandContext& context_;
    JsonWriter json_;
};

} // namespace

int run_feature_list(const generator::CommandOptions& options, const CommandContext& context) {
    const auto request = generator::load_request(options);
    if (!request) return report(request.error(), context);
    NameList list(context);
    const generator::FeatureResolver features(request->feature_dirs);
    for (const auto& [name, directory] : features.known())
        list.add("feature", name, features.description(name), directory);
    for (const auto& [name, file] : generator::known_profiles(options))
        list.add("profile", name, generator::profile_description(options, name), file);
    list.finish();
    return exit_done;
}

} // namespace mkpxerd::cli
