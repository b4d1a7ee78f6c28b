#include "api/project_removal.hpp"

#include "api/encode.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using json::Value;

struct Removal {
    JobTotals jobs;
    std::vector<std::string> removed;
    std::vector<std::string> kept;
};

Result<Removal> jobs_of(Call& call) {
    const auto counts = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.count_jobs(call.project->id); }));
    Removal removal;
    removal.jobs = totals_of(counts);
    if (removal.jobs.total > 0)
        removal.removed.push_back(fmt::format("{} with their logs and history", count_of(removal.jobs.total, "job")));
    return removal;
}

std::vector<std::string> private_folders(Call& call) {
    return call.services.deps.sources.private_folders(call.project->spec, call.project->home.str());
}

std::string_view kept_as(const domain::Source& source) {
    if (std::holds_alternative<domain::GitSource>(source.origin)) return "the git repository ";
    return std::holds_alternative<domain::S3Source>(source.origin) ? "the bucket " : "the NFS folder ";
}

void keep_what_is_shared(Call& call, Removal& removal) {
    const domain::Project& project = *call.project;
    for (const std::string& folder : call.services.deps.sources.shared_folders(project.spec, project.home.str())) {
        removal.kept.push_back(fmt::format("the folder {}, which other projects may use", folder));
    }
    for (const domain::Source& source : project.spec.sources) {
        if (!std::holds_alternative<domain::ClusterStorageSource>(source.origin))
            removal.kept.push_back(std::string(kept_as(source)) + domain::origin_in_words(source));
    }
}

Value removal_value(const Removal& removal) {
    return Value::object({{"jobs", removal.jobs.total},
                          {"live_jobs", removal.jobs.live},
                          {"removed", Value::list_of(removal.removed)},
                          {"kept", Value::list_of(removal.kept)}});
}

}  // namespace

Result<Value> deletion_of(Call& call) {
    Removal removal = TRY(jobs_of(call));
    for (const std::string& folder : private_folders(call))
        removal.removed.push_back(fmt::format("the folder {} with everything in it; no other project sees it", folder));
    keep_what_is_shared(call, removal);
    return removal_value(removal);
}

Result<Value> reset_of(Call& call) {
    Removal removal = TRY(jobs_of(call));
    removal.removed.emplace_back("what was learnt of how long its tasks run; its next job has the number 1");
    removal.kept.emplace_back("the project's document");
    for (const std::string& folder : private_folders(call))
        removal.kept.push_back(fmt::format("the folder {} with everything in it", folder));
    keep_what_is_shared(call, removal);
    return removal_value(removal);
}

}  // namespace pintle::api
