// SPDX-License-Identifier: MIT
// Objects that are fetched at the same time: each is started as soon as its place is known, and awaited where
// it is needed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mkpxerd/netboot/fetch/fetcher.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// What fetches one object: Fetcher::fetch, or a test's.
using FetchFunction = std::function<Task<FetchReport>(FetchRequest)>;

class Downloads {
  public:
    Downloads(boost::asio::io_context& io, FetchFunction fetch);

    // Starts it, unless it is running or done already; request.name tells objects apart.
    void start(FetchRequest request);
    // The file, when it is complete. Asked again after a failure, it fetches again.
    Task<std::filesystem::path> wait(FetchRequest request);
    // The file is of no use: the next one who asks fetches again.
    void forget(const std::string& name) { jobs_.erase(name); }
    const std::map<std::string, FetchReport>& reports() const { return reports_; }

  private:
    struct Job {
        std::filesystem::path file;
        std::optional<Result<FetchReport>> result; // none: running
    };
    boost::asio::awaitable<void> run(FetchRequest request);

    boost::asio::io_context& io_;
    FetchFunction fetch_;
    Notifier changed_;
    TaskGroup tasks_;
    std::map<std::string, Job> jobs_;
    std::map<std::string, FetchReport> reports_;
};

} // namespace mkpxerd::netboot
