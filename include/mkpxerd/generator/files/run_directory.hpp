// SPDX-License-Identifier: MIT
// Files below /run -> places where they have the same effect in an image, whose /run is empty during a boot.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// kmod reads the files of modprobe.d by name, in whatever directory they are; of two with the same name it
// prefers that in /etc to that in /run (modprobe.d(5)). So all of them can be in the image's /etc.
FileSet move_out_of_run(FileSet files);

} // namespace mkpxerd::generator
