// SPDX-License-Identifier: MIT
// Runs a coroutine of the init to its end inside a test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <exception>
#include <optional>

#include "fake_clock.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::test {

// The result; a task that takes longer than half a minute by the init's clock fails.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr exception, T value) {
        if (exception) std::rethrow_exception(exception);
        result.emplace(std::move(value));
    });
    REQUIRE(run_until(
        io, [&] { return result.has_value(); }, std::chrono::seconds(30)));
    return std::move(*result);
}

} // namespace mkpxerd::test
