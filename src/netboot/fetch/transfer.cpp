// SPDX-License-Identifier: MIT
// How an error of an attempt ends it.
#include "mkpxerd/netboot/fetch/transfer.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr int patience_factor = 4; // after each attempt that stalled
constexpr std::chrono::seconds longest_patience(160);
constexpr std::uint64_t real_progress = 64 << 10; // bytes within the patience, after the deadline

} // namespace

Deadline StallTimer::next(std::uint64_t received, Clock::time_point now) {
    if (received == 0) return std::min(deadline_, now + patience_);
    if (now < deadline_ || received - counted_ >= real_progress) {
        counted_ = received;
        end_ = now + patience_;
    }
    return end_;
}

Result<void> Transfer::write(std::span<const char> bytes) {
    if (bytes.size() > limit - std::min<std::uint64_t>(limit, file.size()))
        return fail("", fmt::format("is larger than {}, the limit", human_bytes(limit)), {},
                    Failure::TooLarge);
    MKPXERD_TRY(file.write(bytes));
    progress.update(file.size(), total, Clock::now());
    return {};
}

void Transfer::wait_longer() {
    small_segments = true;
    patience = std::min(patience * patience_factor, longest_patience);
}

Error StallTimer::failure(const Url& url, const Transfer& transfer, std::uint64_t received,
                          Clock::time_point now) const {
    if (received == 0 && now >= deadline_)
        return Error(Problem{.object = url.redacted(),
                             .text = "the boot's deadline passed before the first byte arrived",
                             .hint = "raise mkpxerd.timeout=",
                             .code = Failure::Stalled});
    return stalled(url.redacted(), fmt::format("for {} s", patience_.count()), transfer);
}

Error stalled(std::string object, std::string_view how, const Transfer& transfer) {
    const bool nothing = transfer.file.size() == 0;
    return Error(Problem{
        .object = std::move(object),
        .text = fmt::format("stalled: no data {}", how),
        .hint = nothing ? "raise mkpxerd.timeout= for a slow server; if small objects arrive and large "
                          "ones do not, an MTU on the path is wrong"
                        : "",
        .code = Failure::Stalled});
}

AttemptEnd AttemptEnd::broken(const Error& error, const Url& url, const Transfer& transfer) {
    Problem problem = error.first();
    if (problem.code == Failure::CannotStore)
        return definite(std::move(problem)); // its object is the destination
    if (!problem.object.empty() && problem.object != url.redacted())
        problem.text = fmt::format("{}: {}", problem.object, problem.text);
    problem.object = url.redacted();
    if (is_permanent(problem.code)) return definite(std::move(problem));
    if (transfer.file.size() > 0 && transfer.total)
        problem.text += fmt::format(" (at {} of {} bytes)", transfer.file.size(), *transfer.total);
    else if (transfer.file.size() > 0)
        problem.text += fmt::format(" (at {} bytes)", transfer.file.size());
    return again(std::move(problem));
}

} // namespace mkpxerd::netboot
