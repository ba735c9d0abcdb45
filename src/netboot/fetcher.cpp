// SPDX-License-Identifier: MIT
// Attempts, one after the other, until the object is complete, the server is sure, or the deadline has
// passed.
#include "mkpxerd/netboot/fetcher.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/async.hpp"
#include "mkpxerd/netboot/backoff.hpp"
#include "mkpxerd/netboot/http_download.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto first_pause = 500ms;
constexpr auto longest_pause = 8000ms;
constexpr auto longest_requested_pause = 30s; // what Retry-After may ask for
// A name that DNS denies may be registered a moment later; one that stays denied is a mistake.
constexpr unsigned denials_believed = 3;

Error with_effort(const Error& error, unsigned attempts, Clock::duration spent) {
    Problem problem = error.first();
    problem.text += fmt::format("; gave up after {} attempt{} in {:.0f} s", attempts,
                                attempts == 1 ? "" : "s", std::chrono::duration<double>(spent).count());
    return Error(std::move(problem));
}

// Retries one URL. The end is Complete, NotFound or Definite.
asio::awaitable<AttemptEnd> fetch_url(const TransferContext& context, Log& log, const FetchRequest& request,
                                      const Url& url, unsigned& attempts) {
    const Clock::time_point started = Clock::now();
    Result<DownloadFile> file = DownloadFile::create(request.destination);
    if (!file) co_return AttemptEnd::definite(file.error());
    Transfer transfer{std::move(*file), Progress(log, request.name), {}, {}};
    Backoff backoff(first_pause, longest_pause);
    unsigned denials = 0;
    for (unsigned attempt = 1;; ++attempt) {
        ++attempts;
        const std::uint64_t before = transfer.file.size();
        AttemptEnd end = co_await http_attempt(context, url, transfer);
        if (end.kind == AttemptEnd::Kind::Complete) {
            const Result<void> committed = transfer.file.commit();
            if (!committed) co_return AttemptEnd::definite(committed.error());
            const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
            log.step(fmt::format("{}: {} from {} in {:.1f} s", request.name,
                                 human_bytes(transfer.file.size()), url.redacted(), seconds));
            co_return end;
        }
        if (end.kind != AttemptEnd::Kind::Again) co_return end;
        denials = end.error->first().code == "MPX-DNS-01" ? denials + 1 : 0;
        if (transfer.file.size() > before) backoff.reset(); // it moves
        const auto pause = std::max<std::chrono::milliseconds>(
            backoff.next(), std::min<std::chrono::seconds>(end.not_before, longest_requested_pause));
        if (denials >= denials_believed || Clock::now() + pause >= context.deadline)
            co_return AttemptEnd::definite(with_effort(*end.error, attempt, Clock::now() - started));
        log.warning(fmt::format("{}: {}; again in {:.1f} s", request.name, end.error->text(),
                                std::chrono::duration<double>(pause).count()));
        co_await sleep_until(context.io, Clock::now() + pause);
    }
}

} // namespace

Fetcher::Fetcher(asio::io_context& io, Log& log, NetworkState network)
    : io_(io), log_(log), network_(std::move(network)) {}

Task<FetchReport> Fetcher::fetch(const FetchRequest& request) {
    const TransferContext context{io_, dns_config(network_), request.deadline};
    FetchReport report;
    std::vector<Problem> missing;
    for (const std::string& text : request.urls) {
        MKPXERD_CO_TRY_ASSIGN(const Url url, parse_url(text));
        AttemptEnd end = co_await fetch_url(context, log_, request, url, report.attempts);
        if (end.kind == AttemptEnd::Kind::Complete) {
            report.url = url.redacted();
            std::error_code ignored;
            report.bytes = std::filesystem::file_size(request.destination, ignored);
            co_return report;
        }
        if (end.kind != AttemptEnd::Kind::NotFound) co_return fail(std::move(*end.error));
        missing.push_back(end.error->first());
        if (request.urls.size() > missing.size())
            log_.step(fmt::format("{}: {}, trying the next URL", request.name, end.error->text()));
    }
    if (missing.empty()) co_return fail(request.name, "no URL was given", {}, "MPX-FETCH-01");
    co_return fail(Error(std::move(missing)));
}

} // namespace mkpxerd::netboot
