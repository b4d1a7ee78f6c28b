#pragma once

#include "api/call.hpp"
#include "domain/project.hpp"

namespace pintle::api {

/// Where the operator lets no source be at a private address, this is refused when it is asked for, and not only when a
/// job comes to it. Names are looked up, for two seconds at most: of one that is not found until then nothing is said,
/// and the look before the source is reached, which there is always, decides.
///
/// Threading: a thread that may wait. Failure: kDenied, with a fault for each such source ("sources[0]").

/// Of a document that is to be saved. Sources that are as they were in `before`, if there is one, are not looked at.
[[nodiscard]] Result<void> check_source_addresses(Call& call, const domain::ProjectSpec& spec,
                                                  const domain::ProjectSpec* before);
/// Of a task that is to run: the sources that it mounts.
[[nodiscard]] Result<void> check_task_addresses(Call& call, const domain::ProjectSpec& spec, const domain::Task& task);

}  // namespace pintle::api
