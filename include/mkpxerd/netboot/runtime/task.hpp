// SPDX-License-Identifier: MIT
// How the init waits: one thread, one io_context, coroutines that yield Results.
// Boost 1.74 lacks as_tuple: asynchronous operations are awaited with redirect_error(use_awaitable,
// error_code), so that they do not throw. Exceptions of Asio itself (out of memory) end in last_resort.hpp.
#pragma once

#include <utility> // before asio: Boost 1.74 uses std::exchange without including it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

template <class T>
using Task = boost::asio::awaitable<Result<T>>;

using Timer = boost::asio::basic_waitable_timer<Clock>;

} // namespace mkpxerd::netboot
