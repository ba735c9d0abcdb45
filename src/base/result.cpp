// SPDX-License-Identifier: MIT
// The texts of errors.
#include "mkpxerd/base/result.hpp"

#include <cassert>
#include <fmt/format.h>
#include <system_error>

namespace mkpxerd {

std::string SourcePlace::text() const {
    return fmt::format("{}:{}", file, line);
}

std::string to_text(const Problem& problem) {
    std::string line = problem.object.empty() ? problem.text : problem.object + ": " + problem.text;
    if (!problem.hint.empty()) line += " (" + problem.hint + ")";
    return line;
}

Error::Error(std::string_view object, std::string_view text, std::string_view hint, Failure code,
             SourcePlace place)
    : problems_{{.object = std::string(object),
                 .text = std::string(text),
                 .hint = std::string(hint),
                 .code = code,
                 .place = place}} {}

Error::Error(Problem problem) : problems_{std::move(problem)} {}

Error::Error(std::vector<Problem> problems) : problems_(std::move(problems)) {
    assert(!problems_.empty());
}

std::string Error::text() const {
    std::string all;
    for (const Problem& problem : problems_) {
        if (!all.empty()) all += '\n';
        all += to_text(problem);
    }
    return all;
}

tl::unexpected<Error> fail(std::string_view object, std::string_view text, std::string_view hint,
                           Failure code, SourcePlace place) {
    return fail(Error(object, text, hint, code, place));
}

tl::unexpected<Error> fail_errno(std::string_view object, std::string_view text, int error_number,
                                 SourcePlace place) {
    const std::string explained = fmt::format("{}: {}", text, std::generic_category().message(error_number));
    return fail(object, explained, {}, {}, place);
}

void Problems::add(Problem problem) {
    problems_.push_back(std::move(problem));
}

void Problems::add(std::string_view object, std::string_view text, std::string_view hint, SourcePlace place) {
    problems_.push_back({.object = std::string(object),
                         .text = std::string(text),
                         .hint = std::string(hint),
                         .place = place});
}

void Problems::add(const Error& error) {
    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
}

Result<void> Problems::finish() const {
    if (problems_.empty()) return {};
    return fail(Error(problems_));
}

} // namespace mkpxerd
