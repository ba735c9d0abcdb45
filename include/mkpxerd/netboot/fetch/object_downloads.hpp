// SPDX-License-Identifier: MIT
// The objects that the options name by URL: fills in placeholders, attaches pins, and downloads each object
// once to its place, in parallel with the rest of the boot.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/fetch/downloads.hpp"
#include "mkpxerd/netboot/fetch/trust.hpp"
#include "mkpxerd/netboot/options/placeholders.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/time_budget.hpp"

namespace mkpxerd::netboot {

class ObjectDownloads {
  public:
    // fetch: empty when the network is off; then only asking for an object is an error. trust and time
    // outlive this.
    ObjectDownloads(boost::asio::io_context& io, System& system, Log& log, FetchFunction fetch,
                    MachineFacts machine, const Trust& trust, TimeBudget& time);

    // Begins a download in the background. fetch() returns the error of URLs that cannot be used.
    void start(std::string name, const UrlSource& urls, std::string_view directory);
    // The path of the object below the directory, when it is complete and verified. After a failure it may be
    // called again. Errors: MPX-FETCH-..., MPX-OPT-03 the network is off, and those of Fetcher::fetch.
    Task<std::string> fetch(std::string name, const UrlSource& urls, std::string_view directory);
    // Removes a file that was used or is useless. The next fetch() downloads it again.
    void discard(const std::string& name, const std::string& path);

    const std::map<std::string, FetchReport>& reports() const { return downloads_.reports(); }

  private:
    Result<FetchRequest> request(std::string name, const UrlSource& urls, std::string_view directory);

    System& system_;
    Log& log_;
    MachineFacts machine_;
    const Trust& trust_;
    TimeBudget& time_;
    bool has_network_;
    Downloads downloads_;
};

} // namespace mkpxerd::netboot
