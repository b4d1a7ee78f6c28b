#pragma once

#include <functional>
#include <string>

#include "domain/job.hpp"
#include "engine/engine.hpp"
#include "source/source_preparer.hpp"

namespace pintle::runtime {

/// Whether there is nothing to prepare: no source is mounted and no environment is asked for.
[[nodiscard]] bool needs_no_preparation(const domain::Job& job);

/// Makes a job's sources and Python environments ready. Blocks; worker threads only. An error says which source
/// or environment, why, and what to do.
[[nodiscard]] Result<domain::Preparation> prepare_job(const domain::Job& job, source::SourcePreparer& sources, engine::Engine& engine,
                                                      const std::function<void(std::string)>& progress);

/// The place on this machine of a `requirements` entry such as `$SRC_DIR/requirements.txt`: variables of mounted
/// sources are filled in, a relative path is looked for in the work_dir. Fails when it lies in no source.
[[nodiscard]] Result<std::string> requirements_path(const domain::Resource& resource, const std::vector<domain::PreparedVolume>& volumes);

}  // namespace pintle::runtime
