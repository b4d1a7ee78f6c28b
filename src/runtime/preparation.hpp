#pragma once

#include <functional>
#include <set>
#include <string>

#include "domain/job.hpp"
#include "engine/engine.hpp"
#include "source/source_preparer.hpp"

namespace pintle::runtime {

/// Whether there is nothing to prepare: no source is mounted and no environment is asked for.
[[nodiscard]] bool needs_no_preparation(const domain::Job& job);

/// Makes a job's sources and Python environments ready. Blocks; worker threads only. An error says which source
/// or environment, why, and what to do. `place` is the server that is asked at the moment, also when it has failed;
/// empty where none is. kConflict: what a source needs is in use for longer than `limits` let it wait, and it is begun
/// again later.
[[nodiscard]] Result<domain::Preparation> prepare_job(const domain::Job& job, source::SourcePreparer& sources,
                                                      engine::Engine& engine,
                                                      const std::function<void(std::string)>& progress,
                                                      std::string& place, const source::Limits& limits = {});

/// The servers that preparing the job may ask, each by a name of its own: those of its sources, of packages, of images.
[[nodiscard]] std::set<std::string> places_of(const domain::Job& job);
/// Those that get what the job wrote.
[[nodiscard]] std::set<std::string> places_written_by(const domain::Job& job);

/// The place on this machine of a `requirements` entry such as `$SRC_DIR/requirements.txt`: variables of mounted
/// sources are filled in, a relative path is looked for in the work_dir. Fails when it lies in no source.
[[nodiscard]] Result<std::string> requirements_path(const domain::Resource& resource,
                                                    const std::vector<domain::PreparedVolume>& volumes);

}  // namespace pintle::runtime
