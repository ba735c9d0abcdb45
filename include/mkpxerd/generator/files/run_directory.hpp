// SPDX-License-Identifier: MIT
// Files below /run -> where they have the same effect in an image, whose /run is empty when a machine boots.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// kmod reads the files of modprobe.d by name, whatever directory they are in; of two with the same name it
// takes that of /etc before that of /run (modprobe.d(5)). So /etc of the image is a place for all of them.
FileSet move_out_of_run(FileSet files);

} // namespace mkpxerd::generator
