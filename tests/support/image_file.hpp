// SPDX-License-Identifier: MIT
// Image files for tests, written below a temporary directory.
#pragma once

#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

inline image::Image open_image(const TempDir& dir, std::string_view name, const NewcBuilder& builder,
                               const std::set<std::string>& keep = {}) {
    return *image::Image::open(dir.write(name, builder.text()), keep);
}

} // namespace mkpxerd::test
