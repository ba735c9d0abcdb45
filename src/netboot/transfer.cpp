// SPDX-License-Identifier: MIT
// Writing, and judging what went wrong.
#include "mkpxerd/netboot/transfer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

// Waiting cures none of these: a URL that is none, no room, too large; a certificate that is not believed; a
// password; an encoding.
constexpr std::array<std::string_view, 10> definite_codes{
    "MPX-FETCH-01", "MPX-FETCH-03", "MPX-FETCH-12", "MPX-TLS-01",  "MPX-TLS-02",
    "MPX-TLS-03",   "MPX-TLS-04",   "MPX-TLS-06",   "MPX-HTTP-07", "MPX-HTTP-09"};

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
                    "MPX-FETCH-12");
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
            "MPX-FETCH-06"};
}

Error too_late(std::string object) {
    return {std::move(object), "the time for the boot was over before a byte came",
            "mkpxerd.timeout= gives it more", "MPX-FETCH-06"};
}

AttemptEnd AttemptEnd::broken(const Error& error, const Url& url, const Transfer& transfer) {
    Problem problem = error.first();
    if (problem.code == "MPX-FETCH-03") return definite(Error(std::move(problem))); // about the destination
    // "HTTP response", "FTP server": what is meant is clear from the URL.
    const bool telling = !problem.object.empty() && problem.object != url.redacted() &&
                         problem.object != "HTTP response" && problem.object != "FTP server";
    if (telling) problem.text = fmt::format("{}: {}", problem.object, problem.text);
    problem.object = url.redacted();
    if (std::find(definite_codes.begin(), definite_codes.end(), problem.code) != definite_codes.end())
        return definite(Error(std::move(problem)));
    if (transfer.file.size() > 0 && transfer.total)
        problem.text += fmt::format(" (at {} of {} bytes)", transfer.file.size(), *transfer.total);
    else if (transfer.file.size() > 0)
        problem.text += fmt::format(" (at {} bytes)", transfer.file.size());
    return again(Error(std::move(problem)));
}

} // namespace mkpxerd::netboot
