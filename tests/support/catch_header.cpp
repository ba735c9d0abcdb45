// SPDX-License-Identifier: MIT
// CMake makes a precompiled header for a target with sources only: this is the source of the one that all
// tests share.
#include <catch2/catch.hpp>
