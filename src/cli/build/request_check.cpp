// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/request_check.hpp"

#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/image/command_line_check.hpp"
#include "mkpxerd/image/key_check.hpp"

namespace mkpxerd::cli {

Result<std::vector<Problem>> check_request(generator::BuildRequest& request, Problems found) {
    const auto baked = image::check_baked_options({request.cmdline_origin.text(), request.cmdline});
    if (!baked) found.add(baked.error());
    const auto keys = image::check_archive_keys(request.prepend, request.append);
    if (!keys) found.add(keys.error());
    request.archives_need_tls = keys.value_or(false);
    if (found.empty()) return baked;
    const auto plan = generator::plan_image(generator::with_plain_modules(request));
    if (!plan) {
        found.add(plan.error());
    } else if (keys) { // an archive that cannot be read is named already
        if (const auto archives = read_archives(request, *plan); !archives) found.add(archives.error());
    }
    return fail(Error(found.list()));
}

} // namespace mkpxerd::cli
