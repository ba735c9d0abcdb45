// SPDX-License-Identifier: MIT
// Notifiers, interrupts and groups over Timer, the one Asio object that any coroutine can wait for.
#include "mkpxerd/netboot/runtime/async.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace mkpxerd::netboot {

namespace asio = boost::asio;

Notifier::Notifier(asio::io_context& io) : io_(io), waiting_(std::make_shared<std::vector<Timer*>>()) {}

void Notifier::notify() {
    for (Timer* timer : *waiting_)
        timer->cancel();
}

namespace {

// Keeps a timer in a list while its frame lives, even if the frame is destroyed while it waits.
struct Listed {
    Listed(std::shared_ptr<std::vector<Timer*>> list, Timer& timer) : list_(std::move(list)), timer_(&timer) {
        list_->push_back(timer_);
    }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    ~Listed() { std::erase(*list_, timer_); }

  private:
    std::shared_ptr<std::vector<Timer*>> list_;
    Timer* timer_;
};

} // namespace

asio::awaitable<void> Notifier::wait(Deadline deadline, std::stop_token stop) {
    if (stop.stop_requested()) co_return;
    Timer timer(io_, deadline);
    const Listed listed(waiting_, timer);
    const std::stop_callback on_stop(stop, [&timer] { timer.cancel(); });
    boost::system::error_code cancelled; // both ends of the wait are fine
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

asio::awaitable<void> sleep_until(asio::io_context& io, Deadline when, std::stop_token stop) {
    Notifier never(io);
    co_await never.wait(when, stop);
}

Result<boost::asio::posix::stream_descriptor> watched(boost::asio::io_context& io, UniqueFd fd,
                                                      std::string_view what) {
    boost::asio::posix::stream_descriptor descriptor(io);
    boost::system::error_code error;
    descriptor.assign(fd.get(), error);
    if (error) return fail(std::string(what), "cannot be waited for: " + error.message());
    (void)fd.release();
    return descriptor;
}

Interrupt::Interrupt(asio::io_context& io, Deadline deadline, const std::stop_token& stop,
                     std::function<void()> action)
    : state_(std::make_shared<State>(io)), on_stop_(stop, [state = state_] { state->fire(); }) {
    state_->action = std::move(action);
    if (stop.stop_requested()) {
        state_->fire();
        return;
    }
    state_->timer.expires_at(deadline);
    arm(state_);
}

Interrupt::~Interrupt() {
    state_->action = nullptr;
    state_->timer.cancel();
}

void Interrupt::postpone(Deadline deadline) {
    if (state_->fired) return;
    state_->timer.expires_at(deadline); // cancels the wait, which then rearms itself
}

void Interrupt::arm(const std::shared_ptr<State>& state) {
    state->timer.async_wait([state](boost::system::error_code) {
        if (!state->action) return;
        if (Clock::now() >= state->timer.expiry())
            state->fire();
        else
            arm(state);
    });
}

void Interrupt::State::fire() {
    if (fired || !action) return;
    fired = true;
    const std::function<void()> last_action = std::exchange(action, nullptr);
    timer.cancel();
    last_action();
}

TaskGroup::TaskGroup(asio::io_context& io) : io_(io), state_(std::make_shared<State>(io)) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
    ++state_->running;
    asio::co_spawn(io_, std::move(task), [state = state_](const std::exception_ptr& exception) {
        --state->running;
        state->changed.notify();
        if (exception)
            std::rethrow_exception(exception); // leaves io_context::run(): the caller's last resort
    });
}

asio::awaitable<void> TaskGroup::join() {
    while (state_->running > 0)
        co_await state_->changed.wait(Deadline::max());
}

} // namespace mkpxerd::netboot
