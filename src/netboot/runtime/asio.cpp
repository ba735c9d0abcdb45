// SPDX-License-Identifier: MIT
// Asio's own code, compiled once instead of in every file (BOOST_ASIO_SEPARATE_COMPILATION).
#include <utility> // before asio: Boost 1.74 uses std::exchange without including it

#include <boost/asio/impl/src.hpp>
