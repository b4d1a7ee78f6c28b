#pragma once

#include <memory>
#include <string>
#include <variant>

#include "domain/change.hpp"

namespace pintle::core {

/// What the shell must do once the step's changes are on disk. Every effect may be issued again after a restart
/// and must then do no harm.
namespace effect {

/// Make the job's sources and environments ready; answers with PreparationDone or PreparationFailed.
struct Prepare {
    std::shared_ptr<const domain::Job> job;
};
/// Bring what the job wrote to those of its sources that get it at the end; answers with SourcesFinished.
struct FinishSources {
    std::shared_ptr<const domain::Job> job;
};
struct StartReplica {
    std::shared_ptr<const domain::Job> job;
    std::string replica;
    int attempt = 1;
};
struct StopReplica {
    domain::JobId job;
    std::string replica;
    int attempt = 1;
    Duration grace{};
};
/// The attempt's end is recorded; the engine need not remember it.
struct ForgetReplica {
    domain::JobId job;
    std::string replica;
    int attempt = 1;
};
/// The job has ended; its checkouts can go.
struct ForgetJob {
    domain::JobId job;
};
/// Answers with ChoreDone.
struct DoChore {
    domain::Chore chore;
};

}  // namespace effect

using Effect = std::variant<effect::Prepare, effect::FinishSources, effect::StartReplica, effect::StopReplica,
                            effect::ForgetReplica, effect::ForgetJob, effect::DoChore>;

}  // namespace pintle::core
