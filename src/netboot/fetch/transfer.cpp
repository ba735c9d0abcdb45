// SPDX-License-Identifier: MIT
// Writing, and judging what went wrong.
#include "mkpxerd/netboot/fetch/transfer.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr int more_patience = 4; // times
constexpr std::chrono::seconds most_patience(160);

constexpr std::uint64_t least_progress = 64 << 10; // bytes within the patience, beyond the deadline

} // namespace

Deadline StallTimer::next(std::uint64_t received, Deadline now) {
    if (received == 0) return std::min(deadline_, now + patience_);
    if (now < deadline_ || received - counted_ >= least_progress) {
        counted_ = received;
        end_ = now + patience_;
    }
    return end_;
}

Result<void> Transfer::write(std::span<const char> bytes) {
    if (bytes.size() > most - std::min<std::uint64_t>(most, file.size()))
        return fail("", fmt::format("is larger than the {} that are taken", human_bytes(most)), {},
                    Failure::TooLarge);
    MKPXERD_TRY(file.write(bytes));
    progress.update(file.size(), total, Clock::now());
    return {};
}

void Transfer::wait_longer() {
    small_segments = true;
    patience = std::min(patience * more_patience, most_patience);
}

Error stalled(std::string object, const Transfer& transfer) {
    const bool nothing = transfer.file.size() == 0;
    return {std::move(object), fmt::format("stalled: nothing for {} s", transfer.patience.count()),
            nothing
                ? "a server that needs long gets its time by mkpxerd.timeout=; when small objects arrive and "
                  "large ones do not, the MTU is wrong on the way"
                : "",
            Failure::Stalled};
}

Error too_late(std::string object) {
    return {std::move(object), "the time for the boot was over before a byte came",
            "mkpxerd.timeout= gives it more", Failure::Stalled};
}

AttemptEnd AttemptEnd::broken(const Error& error, const Url& url, const Transfer& transfer) {
    Problem problem = error.first();
    if (problem.code == Failure::CannotStore)
        return definite(Error(std::move(problem))); // about the destination
    // "HTTP response", "FTP server": what is meant is clear from the URL.
    const bool telling = !problem.object.empty() && problem.object != url.redacted() &&
                         problem.object != "HTTP response" && problem.object != "FTP server";
    if (telling) problem.text = fmt::format("{}: {}", problem.object, problem.text);
    problem.object = url.redacted();
    if (is_permanent(problem.code)) return definite(Error(std::move(problem)));
    if (transfer.file.size() > 0 && transfer.total)
        problem.text += fmt::format(" (at {} of {} bytes)", transfer.file.size(), *transfer.total);
    else if (transfer.file.size() > 0)
        problem.text += fmt::format(" (at {} bytes)", transfer.file.size());
    return again(Error(std::move(problem)));
}

} // namespace mkpxerd::netboot
