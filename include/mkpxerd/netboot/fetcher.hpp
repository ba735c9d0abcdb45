// SPDX-License-Identifier: MIT
// One fetcher for every URL: retries, resumes, checks the length, says how far it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/netboot/log.hpp"
#include "mkpxerd/netboot/task.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct FetchRequest {
    std::string name;                  // what it is, for messages: "apkovl", "modloop"
    std::vector<std::string> urls;     // tried in order; only "not found" goes on to the next
    std::filesystem::path destination; // written beside and renamed when complete
    Deadline deadline;
};

struct FetchReport {
    std::string url; // the one that was used, secrets removed
    std::uint64_t bytes = 0;
    unsigned attempts = 0;
};

class Fetcher {
  public:
    Fetcher(boost::asio::io_context& io, Log& log, NetworkState network);

    // Errors name the URL without its secrets. Codes: MPX-FETCH-..., MPX-HTTP-..., MPX-DNS-...
    Task<FetchReport> fetch(const FetchRequest& request);

  private:
    boost::asio::io_context& io_;
    Log& log_;
    NetworkState network_;
};

} // namespace mkpxerd::netboot
