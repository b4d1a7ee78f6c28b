#pragma once

#include <string>

#include "domain/ids.hpp"

namespace pintle::auth {

/// Who makes a request.
struct Identity {
    enum class Kind {
        kOperator,  ///< May do everything.
        kJob,       ///< A program of a running job: may see and run what its own project has.
    };
    Kind kind = Kind::kOperator;
    domain::ProjectId project;  ///< Of a job.
    domain::JobId job;          ///< Of a job.
};

/// What a request needs. Every route names one of these beside its path.
enum class Permission {
    kSeeServer,      ///< The server as a whole: nodes, storages, doctor.
    kSeeProjects,    ///< The list of projects; a job sees its own only.
    kMakeProject,
    kSeeProject,
    kEditProject,    ///< Its document, its sources and their files, deleting it.
    kRunTask,        ///< Start, stop and clone jobs of the project.
    kDeleteJob,
    kReportProperties,  ///< Of one's own job.
};

/// Whether the permission is there at all, and for the project where one is concerned (empty id: none is).
/// Refusing to say whether another project exists is the route's work: it answers not_found then.
[[nodiscard]] bool may(const Identity& identity, Permission permission, const domain::ProjectId& project);

}  // namespace pintle::auth
