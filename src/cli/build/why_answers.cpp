// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/why_answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/output/text_output.hpp"

namespace mkpxerd::cli {
namespace {

constexpr std::size_t max_near = 3;

std::vector<std::string> near_names(const std::string& asked, std::vector<std::string> candidates) {
    std::vector<std::string> near;
    while (near.size() < max_near) {
        const auto next = nearest(asked, candidates);
        if (!next) break;
        near.push_back(*next);
        std::erase(candidates, *next);
    }
    return near;
}

} // namespace

WhyAnswers::WhyAnswers(const CommandContext& context) : context_(context) {
    list_.begin_array();
}

JsonWriter& WhyAnswers::begin(const std::string& asked, const std::string& path, const Size& size,
                              const std::string& why) {
    list_.begin_object().field("asked", asked).field("path", path).field("bytes", size.bytes);
    if (size.plain) list_.field("plain", *size.plain);
    return list_.field("why", why);
}

void WhyAnswers::add(const std::string& asked, const std::string& path, const Size& size,
                     const std::string& why) {
    if (context_.wants_json)
        begin(asked, path, size, why).end_object();
    else
        context_.out << printable(why) << '\n';
}

void WhyAnswers::add_absent(const Problem& answer) {
    add(answer.object, "", {}, to_text(answer));
    status_ = exit_failed;
}

void WhyAnswers::add_unknown(const std::string& asked, const std::string& text,
                             std::vector<std::string> candidates, const std::string& otherwise) {
    const auto near = near_names(asked, std::move(candidates));
    const Error error(asked, text,
                      near.empty() ? otherwise : fmt::format("did you mean {}?", fmt::join(near, ", ")));
    status_ = context_.wants_json ? exit_failed : report(error, context_);
    if (!context_.wants_json) return;
    begin(asked, "", {}, to_text(error.first())).key("nearest").begin_array();
    for (const std::string& name : near)
        list_.value(name);
    list_.end_array().end_object();
}

int WhyAnswers::finish() {
    if (context_.wants_json) context_.out << list_.end_array().text();
    return status_;
}

} // namespace mkpxerd::cli
