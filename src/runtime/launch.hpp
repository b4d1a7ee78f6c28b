#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/job.hpp"
#include "domain/node.hpp"
#include "engine/engine.hpp"

namespace pintle::runtime {

/// What a launch needs beside the job itself.
struct LaunchContext {
    domain::Node node;        ///< Where the replica was placed.
    std::string log_folder;   ///< Of this replica.
    std::string form_folder;  ///< With the files of the job's form.
    /// Of a component: the folder that all its jobs share.
    std::string component_folder;
    std::string report_folder;  ///< Of this replica, for the values that it reports; empty: there is none.
    /// Where and as whom the program reaches the server: PINTLE_URL, PINTLE_TOKEN.
    std::vector<std::pair<std::string, std::string>> credentials;
};

/// Everything the engine needs to start the replica, made from the job alone. Pure.
///
/// The environment holds, later entries winning over earlier ones of the same name:
/// the task's own variables, in whose values `{{.NAME}}` stands for another variable; GPU_COUNT, REPLICA_INDEX
/// (from 0), BUILD_ID, TASK_NAME, PROJECT_NAME, PROJECT_ID, WORKSPACE_NAME, WORKSPACE_ID, POD_NAME;
/// RESOURCE_NODES and RESOURCE_HOSTS of every resource of the task; SOURCE_DIR of every mounted source;
/// PINTLE_JOB, PINTLE_JOB_ID, PINTLE_REPLICA and the credentials. PYTHONPATH is the task's own value with the
/// mounted library folders and that of the module pintle behind it; PINTLE_METRICS_FILE is where that module writes.
///
/// A component has no BUILD_ID, and beside these PORT, PINTLE_ADDRESS to listen on, and URL_PREFIX, the path under
/// which browsers reach it. It begins in a folder that all its jobs share: at the mount path of the project, so that
/// sources with a relative mount path lie in it, where private mounts are possible.
[[nodiscard]] engine::ReplicaLaunch make_launch(const domain::Job& job, const domain::Replica& replica,
                                                const LaunchContext& context);

/// The name by which the job's other replicas find this one: "train-worker-3-0.worker-3".
[[nodiscard]] std::string host_name_of(const domain::Job& job, const domain::Replica& replica);

}  // namespace pintle::runtime
