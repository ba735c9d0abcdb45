// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_calls.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

// ECONNRESET: it ended with messages that it had not read.
bool is_end_of_process(const std::error_code& error) {
    return error == std::errc::broken_pipe || error == std::errc::connection_reset;
}

} // namespace

ModuleCalls::ModuleCalls(asio::io_context& io, System& system, Log& log, LoadMode mode, unsigned places)
    : io_(io), system_(system), log_(log), mode_(mode), places_(places), again_(io) {
    if (mode_ == LoadMode::OneByOne) places_.one_by_one();
}

std::size_t ModuleCalls::queue(std::string name, std::string device) {
    ModuleLoad& load = loads_.emplace_back();
    load.name = std::move(name);
    load.device = std::move(device);
    load.queued = Clock::now();
    return loads_.size() - 1;
}

asio::awaitable<ModuleAnswer> ModuleCalls::call(std::size_t load, std::string path, std::string parameters,
                                                Urgency urgency) {
    const auto open = std::make_shared<Open>(io_, ModuleCall{.number = static_cast<std::uint32_t>(load),
                                                             .gentle = urgency == Urgency::Rest,
                                                             .path = std::move(path),
                                                             .parameters = std::move(parameters)});
    open_[load] = open;
    places_.add(load, urgency);
    begin_next();
    while (!open->answer) {
        if (open->begun && mode_ == LoadMode::OneByOne) {
            co_await asio::post(asio::use_awaitable); // others run between two modules
            end(load, system_.load_module(open->call.path, open->call.parameters));
        } else {
            co_await open->changed.wait(Deadline::max());
        }
    }
    co_return *open->answer;
}

void ModuleCalls::raise(std::size_t load, Urgency urgency) {
    places_.raise(load, urgency);
    // One that has been sent stays gentle: what it waits for is hardware more often than the processor.
    if (const auto open = open_.find(load); open != open_.end() && urgency != Urgency::Rest)
        open->second->call.gentle = false;
    begin_next();
}

void ModuleCalls::note_live(std::size_t load) {
    if (mode_ == LoadMode::OneByOne) return; // its call returns first
    if (const auto open = open_.find(load); open != open_.end() && open->second->begun) end(load, {});
}

void ModuleCalls::begin_next() {
    while (const auto load = places_.begin(Clock::now()))
        begin(*load);
    look_again_later();
}

void ModuleCalls::begin(std::size_t load) {
    const auto open = open_.at(load);
    open->begun = true;
    if (!loads_[load].begun) loads_[load].begun = Clock::now();
    loads_[load].ended.reset(); // of an earlier attempt
    if (has_process()) {
        const std::error_code error = process_->send(open->call);
        open->sent = !error;
        if (error && !is_end_of_process(error)) end(load, {error, {}}); // take() notices its end
    } else {
        open->changed.notify();
    }
}

bool ModuleCalls::has_process() {
    if (mode_ == LoadMode::OneByOne) return false;
    if (process_) return true;
    auto started = LoaderProcess::start(io_, system_, [this](auto answer) { take(std::move(answer)); });
    if (started) {
        process_ = std::move(*started);
        return true;
    }
    log_.detail(LogSubject::Modules,
                fmt::format("loading modules one after the other: {}", started.error().text()));
    mode_ = LoadMode::OneByOne;
    places_.one_by_one();
    return false;
}

void ModuleCalls::end(std::size_t load, ModuleAnswer answer) {
    loads_[load].ended = Clock::now();
    places_.end(load);
    const auto ended = open_.extract(load);
    ended.mapped()->answer = std::move(answer);
    ended.mapped()->changed.notify();
    begin_next();
}

void ModuleCalls::take(std::optional<NumberedAnswer> answer) {
    if (answer) {
        const auto& [number, told] = *answer;
        if (open_.contains(number))
            end(number, told);
        else if (number < loads_.size() && !told.error && !told.detail.empty()) // note_live() came first
            log_.detail(LogSubject::Modules, fmt::format("module {} ({})", loads_[number].name, told.detail));
        return;
    }
    // The next call starts another one; those that it had begun may have been its end, but not those that
    // it never got.
    process_.reset();
    std::vector<std::size_t> lost;
    std::vector<std::size_t> again; // once: no process may live
    for (const auto& [load, open] : open_) {
        if (!open->begun) continue;
        const bool is_untried = !open->sent && !std::exchange(open->refused, true);
        (is_untried ? again : lost).push_back(load);
    }
    for (const std::size_t load : again)
        begin(load);
    for (const std::size_t load : lost)
        end(load, {std::make_error_code(std::errc::owner_dead), "ended the process that loaded it"});
}

void ModuleCalls::look_again_later() {
    const auto when = places_.look_again(Clock::now());
    if (!when) return;
    again_.expires_at(*when); // cancels an earlier wait
    again_.async_wait([this](boost::system::error_code error) {
        if (!error) begin_next();
    });
}

} // namespace mkpxerd::netboot
