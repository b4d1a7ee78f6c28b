#include "auth/identity.hpp"

#include "base/check.hpp"

namespace pintle::auth {

bool may(const Identity& identity, Permission permission, const domain::ProjectId& project) {
    if (identity.kind == Identity::Kind::kOperator) return true;
    const bool own = !project.empty() && project == identity.project;
    switch (permission) {
        case Permission::kSeeServer:
        case Permission::kMakeProject:
        case Permission::kEditProject:
        case Permission::kDeleteJob: return false;
        case Permission::kSeeProjects: return true;
        case Permission::kSeeProject:
        case Permission::kRunTask:
        case Permission::kReportProperties: return own;
    }
    unreachable();
}

}  // namespace pintle::auth
