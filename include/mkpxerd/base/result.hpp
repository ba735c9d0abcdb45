// SPDX-License-Identifier: MIT
// The one error model of both programs: a Result<T> is a value or an Error, an Error is one or more Problems,
// a Problem names its object. Nothing of ours throws: an escaped exception in PID 1 is a kernel panic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace mkpxerd {

// How a boot failed: contract/failure_codes.hpp has the enumerators and their table.
enum class Failure : std::uint8_t;

// The source line that found a problem: for the maintainer, and not part of its meaning.
struct SourcePlace {
    const char* file = "";
    unsigned line = 0;
    static constexpr SourcePlace here(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        return {file, line};
    }
    // "netboot/fetch/stream.cpp:64"
    std::string text() const;
    bool operator==(const SourcePlace&) const { return true; }
};

// One thing that is wrong. Texts are lower case and have no full stop.
struct Problem {
    std::string object = {}; // what it is about: "features.d/nfs.files:3", a module, a URL; may be empty
    std::string text = {};   // the problem
    std::string hint = {};   // what to do next; may be empty
    Failure code = {};       // of a boot failure; the generator has none
    SourcePlace place = SourcePlace::here();

    bool operator==(const Problem&) const = default;
};

class Error {
  public:
    Error(std::string_view object, std::string_view text, std::string_view hint = {}, Failure code = {},
          SourcePlace place = SourcePlace::here());
    explicit Error(Problem problem);
    // Precondition: problems is not empty.
    explicit Error(std::vector<Problem> problems);

    const std::vector<Problem>& problems() const { return problems_; }
    const Problem& first() const { return problems_.front(); }
    // One line per problem: "object: text (hint)".
    std::string text() const;

  private:
    std::vector<Problem> problems_;
};

// tl::expected is not nodiscard; this is.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}
tl::unexpected<Error> fail(std::string_view object, std::string_view text, std::string_view hint = {},
                           Failure code = {}, SourcePlace place = SourcePlace::here());
// "text: No such file or directory" from an errno value.
tl::unexpected<Error> fail_errno(std::string_view object, std::string_view text, int error_number,
                                 SourcePlace place = SourcePlace::here());

// Collects the problems of a stage, so that it fails once with all of them.
class Problems {
  public:
    void add(Problem problem);
    void add(std::string_view object, std::string_view text, std::string_view hint = {},
             SourcePlace place = SourcePlace::here());
    // Takes the problems of a failed part.
    void add(const Error& error);
    bool empty() const { return problems_.empty(); }
    const std::vector<Problem>& list() const { return problems_; }
    // Success if nothing was added, otherwise an Error with all problems in the order found.
    Result<void> finish() const;

  private:
    std::vector<Problem> problems_;
};

std::string to_text(const Problem& problem);

} // namespace mkpxerd

#define MKPXERD_CONCAT_TOKENS(a, b) a##b
#define MKPXERD_CONCAT(a, b) MKPXERD_CONCAT_TOKENS(a, b)

// Returns the error of a failed expression, or goes on.
#define MKPXERD_TRY(expression)                                                                              \
    do {                                                                                                     \
        if (auto mkpxerd_result = (expression); !mkpxerd_result)                                             \
            return mkpxerd::fail(std::move(mkpxerd_result).error());                                         \
    } while (false)

#define MKPXERD_TRY_ASSIGN_AS(result, declaration, expression, leave)                                        \
    auto result = (expression);                                                                              \
    if (!result) leave mkpxerd::fail(std::move(result).error());                                             \
    declaration = std::move(*result)

// MKPXERD_TRY_ASSIGN(auto x, f()): x is the value, or the error is returned.
#define MKPXERD_TRY_ASSIGN(declaration, expression)                                                          \
    MKPXERD_TRY_ASSIGN_AS(MKPXERD_CONCAT(mkpxerd_result_, __LINE__), declaration, expression, return )

// The same two inside a coroutine.
#define MKPXERD_CO_TRY(expression)                                                                           \
    do {                                                                                                     \
        if (auto mkpxerd_result = (expression); !mkpxerd_result)                                             \
            co_return mkpxerd::fail(std::move(mkpxerd_result).error());                                      \
    } while (false)
#define MKPXERD_CO_TRY_ASSIGN(declaration, expression)                                                       \
    MKPXERD_TRY_ASSIGN_AS(MKPXERD_CONCAT(mkpxerd_result_, __LINE__), declaration, expression, co_return )
