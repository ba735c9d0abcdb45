// SPDX-License-Identifier: MIT
// Attempts follow each other until the object is complete, the server denies it, or the deadline has passed.
// The object gets its name only after it has been verified.
#include "mkpxerd/netboot/fetch/fetcher.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/ftp_download.hpp"
#include "mkpxerd/netboot/fetch/http_download.hpp"
#include "mkpxerd/netboot/fetch/retry_schedule.hpp"
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"
#include "mkpxerd/netboot/fetch/verification.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// TCP's checksum misses one error in 65536: a wrong hash justifies a second transfer.
constexpr unsigned max_transfers = 2;

Error with_effort(const Error& error, unsigned attempts, Clock::duration spent) {
    Problem problem = error.first();
    problem.text += fmt::format("; gave up after {} attempt{} in {:.0f} s", attempts,
                                attempts == 1 ? "" : "s", std::chrono::duration<double>(spent).count());
    return Error(std::move(problem));
}

asio::awaitable<AttemptEnd> attempt(const TransferContext& context, const Url& url, Transfer& transfer) {
    if (url.scheme == "ftp") co_return co_await ftp_attempt(context, url, transfer);
    co_return co_await http_attempt(context, url, transfer);
}

Result<void> check_proxy(const std::optional<Url>& proxy) {
    if (!proxy || proxy->scheme == "http") return {};
    return fail(proxy->redacted(), "is not an HTTP proxy", "give mkpxerd.proxy=http://host:port",
                Failure::BadUrl);
}

} // namespace

std::vector<std::filesystem::path> trusted_authorities(const std::filesystem::path& root) {
    std::error_code unreadable; // TLS reports it
    if (std::filesystem::exists(root / authorities_path, unreadable)) return {root / authorities_path};
    std::vector<std::filesystem::path> files;
    for (const std::string_view file : authority_files)
        files.push_back(root / file);
    return files;
}

Fetcher::Fetcher(asio::io_context& io, Log& log, NetworkState network, FetcherOptions options)
    : io_(io), log_(log), network_(std::move(network)), options_(std::move(options)),
      tls_(std::make_shared<TlsPreparer>(io, log, options_.ca_files, network_.ntp, options_.time)) {
    FetcherEffects& effects = options_.effects;
    if (!effects.attempt) effects.attempt = attempt;
    if (!effects.now) effects.now = [] { return Clock::now(); };
    if (!effects.sleep_until)
        effects.sleep_until = [&io](Deadline when) { return netboot::sleep_until(io, when); };
}

// The end is Complete, NotFound or Definite.
asio::awaitable<AttemptEnd> Fetcher::transfer_with_retries(const TransferContext& context,
                                                           const std::string& name, const Url& url,
                                                           Transfer& transfer, unsigned& attempts) {
    const FetcherEffects& effects = options_.effects;
    const Clock::time_point started = effects.now();
    RetrySchedule schedule(context.deadline);
    std::optional<Error> earlier; // of the attempt before
    for (unsigned number = 1;; ++number) {
        ++attempts;
        if (number > 1) log_.timeline().again(Timeline::Lane::Downloads, name);
        const std::uint64_t before = transfer.file.size();
        log_.detail(LogSubject::Fetch,
                    fmt::format("{}: attempt {} at {} from byte {}", name, number, url.redacted(), before));
        AttemptEnd end = co_await effects.attempt(context, url, transfer);
        if (end.kind != AttemptEnd::Kind::Again) co_return end;
        const Clock::time_point now = effects.now();
        const auto pause = schedule.pause_after(end, transfer.file.size() > before, now);
        if (!pause) {
            // The deadline cuts the last attempt short. Its silence tells less than the failure before it.
            const bool is_cut = now >= context.deadline && is_silence(end.error->first().code);
            const bool hides = is_cut && earlier && !is_silence(earlier->first().code);
            const Error& told = hides ? *earlier : *end.error;
            co_return AttemptEnd::definite(with_effort(told, number, now - started));
        }
        const bool slow = end.error->first().code == Failure::Stalled;
        if (slow) transfer.wait_longer();
        log_.warning(
            fmt::format("{}: {}; next attempt in {:.1f} s{}", name, coded_text(end.error->first()),
                        std::chrono::duration<double>(*pause).count(),
                        slow ? fmt::format(", with a patience of {} s", transfer.patience.count()) : ""));
        earlier = std::move(end.error);
        co_await effects.sleep_until(now + *pause);
    }
}

// The signature lies beside the object.
Task<void> Fetcher::check_signed(const TransferContext& context, const FetchRequest& request, const Url& url,
                                 const wrap::Ed25519Keys& keys, Transfer& transfer) {
    const std::string name = request.name + " signature";
    MKPXERD_CO_TRY_ASSIGN(DownloadFile file, DownloadFile::create(request.destination.string() + ".sig"));
    Transfer signature{.file = std::move(file),
                       .progress = DownloadProgress(log_, name),
                       .limit = largest_signature,
                       .patience = options_.patience};
    unsigned attempts = 0;
    const Url signature_at = signature_url(url);
    const AttemptEnd end = co_await transfer_with_retries(context, name, signature_at, signature, attempts);
    if (end.kind == AttemptEnd::Kind::NotFound)
        co_return fail(signature_at.redacted(), "the signature is missing, and the image requires one",
                       "sign the object (docs/signatures.md), or append #sha256= to the URL",
                       Failure::NotSigned);
    if (end.kind != AttemptEnd::Kind::Complete) co_return fail(*end.error);
    MKPXERD_CO_TRY_ASSIGN(const std::string content, read_file(signature.file.path(), largest_signature));
    const SignedObject object{
        .role = request.name, .name = signed_name(url), .sha256 = transfer.file.digest()};
    MKPXERD_CO_TRY_ASSIGN(const std::string signer,
                          check_signature(object, keys, content, url.redacted(), signature_at.redacted(),
                                          transfer.file.path()));
    log_.detail(LogSubject::Fetch, fmt::format("{}: signed by {}", request.name, signer));
    co_return Result<void>{};
}

asio::awaitable<AttemptEnd> Fetcher::fetch_url(const TransferContext& context, const FetchRequest& request,
                                               const Url& url, unsigned& attempts) {
    const Clock::time_point started = options_.effects.now();
    const Result<std::optional<std::string>> pin = pinned_sha256(url);
    if (!pin) co_return AttemptEnd::definite(pin.error());
    const std::string expected = request.sha256.empty() ? pin->value_or("") : to_lower(request.sha256);
    const auto keys = wrap::Ed25519Keys::load(options_.key_directory);
    if (!keys) co_return AttemptEnd::definite(keys.error());
    const bool needs_signature = expected.empty() && !keys->empty();
    Result<DownloadFile> file = DownloadFile::create(request.destination);
    if (!file) co_return AttemptEnd::definite(file.error());
    Transfer transfer{.file = std::move(*file),
                      .progress = DownloadProgress(log_, request.name),
                      .limit = request.max_bytes,
                      .patience = options_.patience};
    if (!expected.empty() || needs_signature) transfer.file.hash();

    for (unsigned number = 1;; ++number) {
        AttemptEnd end = co_await transfer_with_retries(context, request.name, url, transfer, attempts);
        if (end.kind != AttemptEnd::Kind::Complete) co_return end;
        if (expected.empty()) break;
        const Result<void> checked = check_sha256(url.redacted(), expected, transfer.file.digest());
        if (checked) break;
        if (number == max_transfers) co_return AttemptEnd::definite(checked.error());
        log_.warning(
            fmt::format("{}: {}; fetching it again", request.name, coded_text(checked.error().first())));
        transfer.validator.clear();
        if (const Result<void> restarted = transfer.file.restart(); !restarted)
            co_return AttemptEnd::definite(restarted.error());
    }
    if (needs_signature) {
        const Result<void> checked = co_await check_signed(context, request, url, *keys, transfer);
        if (!checked) co_return AttemptEnd::definite(checked.error());
    }
    if (const Result<void> committed = transfer.file.commit(); !committed)
        co_return AttemptEnd::definite(committed.error());
    log_.step(fmt::format("{}: {} from {} in {:.1f} s", request.name, human_bytes(transfer.file.size()),
                          url.redacted(),
                          std::chrono::duration<double>(options_.effects.now() - started).count()));
    co_return AttemptEnd{};
}

boost::asio::awaitable<void> Fetcher::set_clock(Deadline deadline) {
    return tls_->ask_time_once(deadline);
}

Task<FetchReport> Fetcher::fetch(const FetchRequest& request) {
    MKPXERD_CO_TRY(check_proxy(options_.proxy));
    const TransferContext context{.io = io_,
                                  .dns = dns_config(network_),
                                  .deadline = request.deadline,
                                  .tls = *tls_,
                                  .proxy = options_.proxy};
    FetchReport report;
    std::vector<Problem> missing;
    for (const Url& url : request.urls) {
        log_.timeline().begin(Timeline::Lane::Downloads, request.name, url.redacted());
        AttemptEnd end = co_await fetch_url(context, request, url, report.attempts);
        if (end.error) log_.timeline().fail(Timeline::Lane::Downloads, request.name, *end.error);
        if (end.kind == AttemptEnd::Kind::Complete) {
            log_.timeline().end(Timeline::Lane::Downloads, request.name);
            report.url = url.redacted();
            std::error_code ignored;
            report.bytes = std::filesystem::file_size(request.destination, ignored);
            co_return report;
        }
        if (end.kind != AttemptEnd::Kind::NotFound) co_return fail(std::move(*end.error));
        missing.push_back(end.error->first());
        if (request.urls.size() > missing.size())
            log_.step(fmt::format("{}: {}; trying the next URL", request.name, end.error->text()));
    }
    if (missing.empty()) co_return fail(request.name, "has no URL", {}, Failure::BadUrl);
    co_return fail(Error(std::move(missing)));
}

} // namespace mkpxerd::netboot
