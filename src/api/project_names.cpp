#include "api/project_names.hpp"

namespace pintle::api {

const std::string& ProjectNames::of(const domain::ProjectId& id, const std::string& name_at_submit) {
    const auto known = names_.find(id);
    if (known != names_.end()) return known->second;
    const auto project = reader_.find_project(id);
    return names_.emplace(id, project && *project ? (*project)->spec.name : name_at_submit).first->second;
}

std::string ProjectNames::display_name(const domain::Job& job) {
    return fmt::format("{}/{}:{}", of(job.project_id, job.spec.project_name), job.spec.task.name, job.build);
}

}  // namespace pintle::api
