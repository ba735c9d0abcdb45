// SPDX-License-Identifier: MIT
// An option's text -> FetchRequest -> a file.
#include "mkpxerd/netboot/fetch/object_downloads.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/source.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::uint64_t max_keys = 64 << 10; // bytes of an ssh_key

// A signature does not cover the host.
Result<void> check_hosts(const std::string& name, const UrlSource& urls) {
    for (const UrlTemplate& url : urls.alternatives)
        if (url.has_placeholder_in_host())
            return fail(url.text, "has a placeholder in the host, which a signature does not cover",
                        fmt::format("put the placeholder into the path of {}=", name), Failure::Unverifiable);
    return {};
}

} // namespace

ObjectDownloads::ObjectDownloads(boost::asio::io_context& io, System& system, Log& log, FetchFunction fetch,
                                 MachineFacts machine, const Trust& trust, TimeBudget& time)
    : system_(system), log_(log), machine_(std::move(machine)), trust_(trust), time_(time),
      has_network_(fetch != nullptr), downloads_(io, std::move(fetch)) {}

Result<FetchRequest> ObjectDownloads::request(std::string name, const UrlSource& urls,
                                              std::string_view directory) {
    Substitution substitution = substitute(urls, machine_);
    for (const Problem& skipped : substitution.skipped)
        log_.step(fmt::format("{}: {}", name, to_text(skipped)));
    if (substitution.urls.empty())
        return fail(urls.text(), fmt::format("leaves no usable URL: {}", substitution.skipped.front().text),
                    {}, substitution.skipped.front().code);
    if (!has_network_)
        return fail(urls.text(), "needs the network, which is off", "give ip=dhcp",
                    Failure::ConflictingOptions);
    std::string file = substitution.urls.front().file_name();
    if (file.empty() || file == "." || file == "..") file = name;
    std::string sha256 = trust_.pinned_sha256(name);
    if (sha256.empty() && trust_.has_keys()) MKPXERD_TRY(check_hosts(name, urls));
    const auto destination = system_.host(fmt::format("{}/{}/{}", directory, name, file));
    FetchRequest request{.name = std::move(name),
                         .urls = std::move(substitution.urls),
                         .destination = destination,
                         .deadline = time_.deadline(),
                         .sha256 = std::move(sha256)};
    if (request.name == "ssh_key") request.max_bytes = max_keys;
    return request;
}

void ObjectDownloads::start(std::string name, const UrlSource& urls, std::string_view directory) {
    if (!has_network_) return;
    if (auto wanted = request(std::move(name), urls, directory)) downloads_.start(std::move(*wanted));
}

Task<std::string> ObjectDownloads::fetch(std::string name, const UrlSource& urls,
                                         std::string_view directory) {
    MKPXERD_CO_TRY_ASSIGN(auto wanted, request(name, urls, directory));
    const std::string path = fmt::format("{}/{}/{}", directory, name, wanted.destination.filename().string());
    const auto begin = Clock::now();
    MKPXERD_CO_TRY(co_await downloads_.wait(std::move(wanted)));
    time_.give_back(Clock::now() - begin);
    co_return path;
}

void ObjectDownloads::discard(const std::string& name, const std::string& path) {
    std::error_code ignored; // only its memory matters
    std::filesystem::remove(system_.host(path), ignored);
    downloads_.forget(name);
}

} // namespace mkpxerd::netboot
