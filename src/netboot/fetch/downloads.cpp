// SPDX-License-Identifier: MIT
// One coroutine per object.
#include "mkpxerd/netboot/fetch/downloads.hpp"

namespace mkpxerd::netboot {

Downloads::Downloads(boost::asio::io_context& io, FetchFunction fetch)
    : io_(io), fetch_(std::move(fetch)), changed_(io_), tasks_(io_) {}

void Downloads::start(FetchRequest request) {
    if (jobs_.contains(request.name)) return;
    jobs_[request.name] = {.file = request.destination, .result = std::nullopt};
    tasks_.spawn(run(std::move(request)));
}

boost::asio::awaitable<void> Downloads::run(FetchRequest request) {
    auto result = co_await fetch_(request);
    if (result) reports_[request.name] = *result;
    jobs_[request.name].result = std::move(result);
    changed_.notify();
}

Task<std::filesystem::path> Downloads::wait(FetchRequest request) {
    const std::string name = request.name;
    start(std::move(request));
    while (!jobs_[name].result)
        co_await changed_.wait(Deadline::max());
    const Job job = std::move(jobs_[name]);
    if (!*job.result) {
        jobs_.erase(name); // the next caller fetches again
        co_return fail(job.result->error());
    }
    jobs_[name] = job;
    co_return job.file;
}

} // namespace mkpxerd::netboot
