// SPDX-License-Identifier: MIT
// Fetches objects at the same time: each starts as soon as its URL is known, and is awaited where it is
// needed.
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

// Fetches one object: Fetcher::fetch, or a function of a test.
using FetchFunction = std::function<Task<FetchReport>(FetchRequest)>;

class Downloads {
  public:
    Downloads(boost::asio::io_context& io, FetchFunction fetch);

    // Starts a fetch, unless one with the same request.name is running or complete.
    void start(FetchRequest request);
    // The file, when it is complete. After a failure, the next call fetches again.
    Task<std::filesystem::path> wait(FetchRequest request);
    // The file is useless: the next call of wait() fetches again.
    void forget(const std::string& name) { jobs_.erase(name); }
    const std::map<std::string, FetchReport>& reports() const { return reports_; }

  private:
    struct Job {
        std::filesystem::path file;
        std::optional<Result<FetchReport>> result; // nullopt: running
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
