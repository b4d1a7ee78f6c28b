#include "api/project_names.hpp"

namespace pintle::api {

const ProjectNames::Known& ProjectNames::look_up(const domain::ProjectId& id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return known->second;
    const auto project = reader_.find_project(id);
    const bool is_there = project && *project;
    return known_.emplace(id, is_there ? Known{(*project)->spec.name, (*project)->home} : Known{}).first->second;
}

const std::string& ProjectNames::of(const domain::ProjectId& id, const std::string& name_at_submit) {
    const Known& known = look_up(id);
    return known.name.empty() ? name_at_submit : known.name;
}

const domain::GroupId& ProjectNames::home_of(const domain::ProjectId& id) { return look_up(id).home; }

std::string ProjectNames::display_name(const domain::Job& job) {
    return domain::job_name(of(job.project_id, job.spec.project_name), job.spec.task.name, job.build);
}

}  // namespace pintle::api
