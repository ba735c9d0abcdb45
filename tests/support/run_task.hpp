// SPDX-License-Identifier: MIT
// Runs a coroutine of the init to its end inside a test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <exception>
#include <optional>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::test {

// The result; a test that takes longer than half a minute fails.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr exception, T value) {
        if (exception) std::rethrow_exception(exception);
        result.emplace(std::move(value));
        io.stop();
    });
    io.restart();
    io.run_for(std::chrono::seconds(30));
    REQUIRE(result);
    return std::move(*result);
}

} // namespace mkpxerd::test
