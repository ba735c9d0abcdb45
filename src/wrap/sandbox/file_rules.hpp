// SPDX-License-Identifier: MIT
// Private to sandbox: what Landlock can do in this kernel.
#pragma once

namespace mkpxerd::wrap {

bool can_restrict_files();

} // namespace mkpxerd::wrap
