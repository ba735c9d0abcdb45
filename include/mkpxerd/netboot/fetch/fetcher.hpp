// SPDX-License-Identifier: MIT
// Fetches an object by http, https or ftp: retries, resumes, and verifies length, hash and signature.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/runtime/time_of_day.hpp"
#include "mkpxerd/netboot/types.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::netboot {

class TlsPreparer;
struct AttemptEnd;
struct Transfer;
struct TransferContext;

// The files with the certificate authorities that https trusts. Those of `mkpxerd --ca` replace those of the
// system: naming one authority means not trusting a hundred others. root: of the image.
std::vector<std::filesystem::path> trusted_authorities(const std::filesystem::path& root = "/");

// The network and the clock, so that tests can replace them; empty members mean the real ones.
struct FetcherEffects {
    std::function<boost::asio::awaitable<AttemptEnd>(const TransferContext&, const Url&, Transfer&)> attempt =
        {};
    std::function<Clock::time_point()> now = {};
    std::function<boost::asio::awaitable<void>(Deadline)> sleep_until = {};
};

struct FetcherOptions {
    // Certificate authorities in PEM form. https trusts those of all files that exist.
    std::vector<std::filesystem::path> ca_files = trusted_authorities();
    // Ed25519 keys. If it contains a key, each object without a hash needs a signature beside it (".sig").
    std::filesystem::path key_directory = std::filesystem::path("/") / mkpxerd::key_directory;
    std::optional<Url> proxy; // http://user:password@host:port, for http and https
    // How long the first attempt waits for a byte: briefly, so that lost packets cost little. After a stalled
    // attempt, the next one waits several times as long, because a slow server is not a dead one.
    std::chrono::seconds patience{10};
    std::shared_ptr<TimeOfDay> time = std::make_shared<TimeOfDay>();
    FetcherEffects effects = {};
};

class Fetcher {
  public:
    Fetcher(boost::asio::io_context& io, Log& log, NetworkState network, FetcherOptions options = {});

    // Several may run at once. The destination appears when the object is complete and verified. Errors name
    // the URL without its secrets. Codes: MPX-FETCH-..., MPX-HTTP-..., MPX-FTP-..., MPX-TLS-..., MPX-DNS-...
    Task<FetchReport> fetch(const FetchRequest& request);
    // For later objects: a renewed lease may name other DNS servers.
    void use(NetworkState network) { network_ = std::move(network); }
    // Asks the time servers, once. For a program that uses TLS itself.
    boost::asio::awaitable<void> set_clock(Deadline deadline);

  private:
    boost::asio::awaitable<AttemptEnd> fetch_url(const TransferContext& context, const FetchRequest& request,
                                                 const Url& url, unsigned& attempts);
    boost::asio::awaitable<AttemptEnd> transfer_with_retries(const TransferContext& context,
                                                             const std::string& name, const Url& url,
                                                             Transfer& transfer, unsigned& attempts);
    Task<void> check_signed(const TransferContext& context, const FetchRequest& request, const Url& url,
                            const wrap::Ed25519Keys& keys, Transfer& transfer);

    boost::asio::io_context& io_;
    Log& log_;
    NetworkState network_;
    FetcherOptions options_;
    std::shared_ptr<TlsPreparer> tls_;
};

} // namespace mkpxerd::netboot
