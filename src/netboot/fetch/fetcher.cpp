// SPDX-License-Identifier: MIT
// Attempts, one after the other, until the object is complete, the server is sure, or the deadline has
// passed; then it is verified, and only then it takes its name.
#include "mkpxerd/netboot/fetch/fetcher.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/ftp_download.hpp"
#include "mkpxerd/netboot/fetch/http_download.hpp"
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"
#include "mkpxerd/netboot/fetch/verification.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto first_pause = 500ms;
constexpr auto longest_pause = 8000ms;
constexpr auto longest_requested_pause = 30s; // what Retry-After may ask for
// A name that DNS denies may be registered a moment later; one that stays denied is a mistake.
constexpr unsigned denials_believed = 3;
// TCP's checksum misses one error in 65536: a wrong hash deserves a second look.
constexpr unsigned hash_attempts = 2;

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

Result<std::optional<Url>> parse_proxy(const std::string& text) {
    if (text.empty()) return std::optional<Url>{};
    MKPXERD_TRY_ASSIGN(Url proxy, parse_url(text));
    if (proxy.scheme != "http")
        return fail(proxy.redacted(), "is no proxy that is served", "mkpxerd.proxy=http://host:port",
                    Failure::BadUrl);
    return std::optional(std::move(proxy));
}

} // namespace

std::vector<std::filesystem::path> authorities_of_image() {
    std::vector<std::filesystem::path> files;
    for (const std::string_view file : authority_files)
        files.push_back(std::filesystem::path("/") / file);
    return files;
}

Fetcher::Fetcher(asio::io_context& io, Log& log, NetworkState network, FetcherOptions options)
    : io_(io), log_(log), network_(std::move(network)), options_(std::move(options)),
      tls_(std::make_shared<TlsPreparer>(io, log, options_.ca_files, network_.ntp, options_.time)) {}

// Retries until the file holds the object. The end is Complete, NotFound or Definite.
asio::awaitable<AttemptEnd> Fetcher::move(const TransferContext& context, const FetchRequest& request,
                                          const Url& url, Transfer& transfer, unsigned& attempts) {
    const Clock::time_point started = Clock::now();
    Backoff backoff(first_pause, longest_pause);
    unsigned denials = 0;
    for (unsigned number = 1;; ++number) {
        ++attempts;
        const std::uint64_t before = transfer.file.size();
        AttemptEnd end = co_await attempt(context, url, transfer);
        if (end.kind != AttemptEnd::Kind::Again) co_return end;
        denials = end.error->first().code == Failure::NoSuchName ? denials + 1 : 0;
        if (transfer.file.size() > before) backoff.reset(); // it moves
        const std::chrono::milliseconds requested =
            std::min<std::chrono::seconds>(end.not_before, longest_requested_pause);
        const std::chrono::milliseconds pause = std::max(backoff.next(), requested);
        if (denials >= denials_believed || Clock::now() + pause >= context.deadline)
            co_return AttemptEnd::definite(with_effort(*end.error, number, Clock::now() - started));
        const bool slow = end.error->first().code == Failure::Stalled;
        if (slow) transfer.wait_longer();
        log_.warning(fmt::format(
            "{}: {}; again in {:.1f} s{}", request.name, coded_text(end.error->first()),
            std::chrono::duration<double>(pause).count(),
            slow ? fmt::format(", and then up to {} s are waited for", transfer.patience.count()) : ""));
        co_await sleep_until(io_, Clock::now() + pause);
    }
}

// The signature lies beside the object.
Task<void> Fetcher::check_signed(const TransferContext& context, const FetchRequest& request, const Url& url,
                                 const wrap::Ed25519Keys& keys, Transfer& transfer) {
    FetchRequest wanted = request;
    wanted.name += " signature";
    wanted.destination += ".sig";
    MKPXERD_CO_TRY_ASSIGN(DownloadFile file, DownloadFile::create(wanted.destination));
    Transfer signature{std::move(file),  Progress(log_, wanted.name), {}, {}, largest_signature, false,
                       options_.patience};
    unsigned attempts = 0;
    const Url signature_at = signature_url(url);
    const AttemptEnd end = co_await move(context, wanted, signature_at, signature, attempts);
    if (end.kind == AttemptEnd::Kind::NotFound)
        co_return fail(signature_at.redacted(), "there is no signature, and the image asks for one",
                       "sign it (docs/signatures.md), or give the URL its #sha256=", Failure::NotSigned);
    if (end.kind != AttemptEnd::Kind::Complete) co_return fail(*end.error);
    MKPXERD_CO_TRY_ASSIGN(const std::string content, read_file(signature.file.path(), largest_signature));
    const SignedObject object{request.name, signed_name(url), transfer.file.digest()};
    MKPXERD_CO_TRY_ASSIGN(const std::string signer,
                          check_signature(object, keys, content, url.redacted(), signature_at.redacted(),
                                          transfer.file.path()));
    log_.detail(fmt::format("{}: signed by {}", request.name, signer));
    co_return Result<void>{};
}

asio::awaitable<AttemptEnd> Fetcher::fetch_url(const TransferContext& context, const FetchRequest& request,
                                               const Url& url, unsigned& attempts) {
    const Clock::time_point started = Clock::now();
    const Result<std::optional<std::string>> pin = pinned_sha256(url);
    if (!pin) co_return AttemptEnd::definite(pin.error());
    const std::string expected = request.sha256.empty() ? pin->value_or("") : to_lower(request.sha256);
    const auto keys = wrap::Ed25519Keys::load(options_.key_directory);
    if (!keys) co_return AttemptEnd::definite(keys.error());
    const bool needs_signature = expected.empty() && !keys->empty();
    Result<DownloadFile> file = DownloadFile::create(request.destination);
    if (!file) co_return AttemptEnd::definite(file.error());
    Transfer transfer{std::move(*file), Progress(log_, request.name), {}, {}, request.most, false,
                      options_.patience};
    if (!expected.empty() || needs_signature) transfer.file.hash();

    for (unsigned number = 1;; ++number) {
        AttemptEnd end = co_await move(context, request, url, transfer, attempts);
        if (end.kind != AttemptEnd::Kind::Complete) co_return end;
        if (expected.empty()) break;
        const Result<void> checked = check_sha256(url.redacted(), expected, transfer.file.digest());
        if (checked) break;
        if (number == hash_attempts) co_return AttemptEnd::definite(checked.error());
        log_.warning(fmt::format("{}: {}; once more", request.name, coded_text(checked.error().first())));
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
                          url.redacted(), std::chrono::duration<double>(Clock::now() - started).count()));
    co_return AttemptEnd{};
}

boost::asio::awaitable<void> Fetcher::set_clock(Deadline deadline) {
    return tls_->ask_time_once(deadline);
}

Task<FetchReport> Fetcher::fetch(const FetchRequest& request) {
    MKPXERD_CO_TRY_ASSIGN(const std::optional<Url> proxy, parse_proxy(options_.proxy));
    const TransferContext context{io_, dns_config(network_), request.deadline, *tls_, proxy};
    FetchReport report;
    std::vector<Problem> missing;
    for (const std::string& text : request.urls) {
        MKPXERD_CO_TRY_ASSIGN(const Url url, parse_url(text));
        AttemptEnd end = co_await fetch_url(context, request, url, report.attempts);
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
    if (missing.empty()) co_return fail(request.name, "no URL was given", {}, Failure::BadUrl);
    co_return fail(Error(std::move(missing)));
}

} // namespace mkpxerd::netboot
