#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/change.hpp"
#include "domain/node.hpp"

namespace pintle::core {

/// Everything that can reach the core: commands of people, and observations of what executes. New ids come with
/// the command, since the core makes none.
namespace input {

struct CreateProject {
    domain::ProjectId id;
    domain::ProjectSpec spec;
    std::string key;  ///< Idempotency key; may be empty.
    std::string fingerprint;
};
/// Replaces the document; another name in it renames the project.
struct ReplaceProject {
    domain::ProjectId id;
    domain::ProjectSpec spec;
    std::optional<std::int64_t> expected_revision;  ///< Refused when the project has another.
};
struct DeleteProject {
    domain::ProjectId id;
};

struct SubmitJob {
    domain::JobId id;
    domain::ProjectId project;
    std::string task;
    std::vector<std::pair<std::string, std::string>> overrides;  ///< See domain::override_task().
    std::optional<domain::EngineKind> engine;
    std::optional<domain::JobSpec> clone;  ///< Run exactly this again instead of the project's present task.
    std::string cloned_from;
    std::string by;
    std::string key;
    std::string fingerprint;
};
struct StopJob {
    domain::JobId id;
    std::string by;
};
/// A final job and everything of it goes.
struct DeleteJob {
    domain::JobId id;
    domain::ProjectId project;
};
struct SetProperties {
    domain::JobId id;
    std::map<std::string, domain::PropertyValue> properties;
};

struct PreparationDone {
    domain::JobId id;
    domain::Preparation preparation;
};
struct PreparationFailed {
    domain::JobId id;
    std::string reason;
};
struct PreparationProgress {
    domain::JobId id;
    std::string message;
};
/// An engine saw an attempt run, or end.
struct ReplicaSeen {
    domain::JobId job;
    std::string replica;
    int attempt = 1;
    std::optional<domain::ReplicaExit> exit;  ///< Empty: it runs.
};
/// All that the engines know, for reconciling. Only after a restart and now and then.
struct EnginesListed {
    std::vector<ReplicaSeen> seen;
};
struct NodesChanged {
    std::vector<domain::Node> nodes;
};
struct ChoreDone {
    std::string id;
};

}  // namespace input

using InputBody = std::variant<input::CreateProject, input::ReplaceProject, input::DeleteProject, input::SubmitJob, input::StopJob, input::DeleteJob,
                               input::SetProperties, input::PreparationDone, input::PreparationFailed, input::PreparationProgress, input::ReplicaSeen,
                               input::EnginesListed, input::NodesChanged, input::ChoreDone>;

struct Input {
    InputBody body;
    std::uint64_t ticket = 0;  ///< Names the reply; 0: nobody waits for one.
};

/// The answer to a command: the id of what was made or changed, or why not.
struct Reply {
    std::uint64_t ticket = 0;
    Result<std::string> result;
};

}  // namespace pintle::core
