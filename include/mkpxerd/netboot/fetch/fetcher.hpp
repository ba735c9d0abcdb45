// SPDX-License-Identifier: MIT
// One fetcher for every URL: retries, resumes, checks length, hash and signature, says how far it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/runtime/time_of_day.hpp"
#include "mkpxerd/netboot/types.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd {
struct Url;
} // namespace mkpxerd

namespace mkpxerd::netboot {

class TlsPreparer;
struct AttemptEnd;
struct Transfer;
struct TransferContext;

std::vector<std::filesystem::path> authorities_of_image();

struct FetcherOptions {
    // Certificate authorities, PEM; all that exist are believed.
    std::vector<std::filesystem::path> ca_files = authorities_of_image();
    // Ed25519 keys. With a key in it, every object without a hash must have a signature beside it (".sig").
    std::filesystem::path key_directory = std::filesystem::path("/") / mkpxerd::key_directory;
    std::string proxy; // http://user:password@host:port for http and https; empty: none
    // Without a byte the first attempt ends after it, so that lost packets cost little; each that follows one
    // that stalled waits several times as long: what is slow is not dead.
    std::chrono::seconds patience{10};
    std::shared_ptr<TimeOfDay> time = std::make_shared<TimeOfDay>();
};

class Fetcher {
  public:
    Fetcher(boost::asio::io_context& io, Log& log, NetworkState network, FetcherOptions options = {});

    // http, https and ftp. Several may run at once. Nothing is at the destination before it is complete and
    // verified. Errors name the URL without its secrets. Codes: MPX-FETCH-..., MPX-HTTP-..., MPX-FTP-...,
    // MPX-TLS-..., MPX-DNS-...
    Task<FetchReport> fetch(const FetchRequest& request);
    // From the next object on: a renewed lease may name other DNS servers.
    void use(NetworkState network) { network_ = std::move(network); }
    // Asks the time servers unless that was done; for a program that speaks TLS itself.
    boost::asio::awaitable<void> set_clock(Deadline deadline);

  private:
    boost::asio::awaitable<AttemptEnd> fetch_url(const TransferContext& context, const FetchRequest& request,
                                                 const Url& url, unsigned& attempts);
    boost::asio::awaitable<AttemptEnd> move(const TransferContext& context, const FetchRequest& request,
                                            const Url& url, Transfer& transfer, unsigned& attempts);
    Task<void> check_signed(const TransferContext& context, const FetchRequest& request, const Url& url,
                            const wrap::Ed25519Keys& keys, Transfer& transfer);

    boost::asio::io_context& io_;
    Log& log_;
    NetworkState network_;
    FetcherOptions options_;
    std::shared_ptr<TlsPreparer> tls_;
};

} // namespace mkpxerd::netboot
