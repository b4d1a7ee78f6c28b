#include "store/sample_jobs.hpp"

#include "base/check.hpp"

namespace pintle::store {

using namespace domain;

std::string id_of(char kind, int number) { return fmt::format("{}{:025}", kind, number); }

Task a_task(const std::string& name, int replicas) {
    Task task;
    task.name = name;
    task.kind = TaskKind::kTraining;
    Resource worker;
    worker.name = "worker";
    worker.replicas = replicas;
    worker.command = "python train.py --rate 'a \"quoted\" value'";
    worker.requests = {500, 1LL << 30};
    worker.limits = {1000, 2LL << 30};
    worker.gpus = 1;
    worker.max_restart_count = 2;
    worker.env = {{"EPOCHS", "10"}, {"NAME", "Größe"}};
    task.resources.push_back(worker);
    return task;
}

Project a_project(const std::string& name) {
    Project project;
    project.id = ProjectId("P" + std::string(25 - std::min<std::size_t>(name.size(), 25), '0') + name);
    project.spec.name = name;
    project.spec.summary = "What " + name + " is for.";
    project.spec.tasks = {a_task("train"), a_task("evaluate")};
    project.created_at = project.updated_at = time_from_ms(1000);
    return project;
}

JobStory::JobStory(const Project& project, int build, Time at, const std::string& task, int replicas,
                   const UserId& owner) {
    event::Submitted submitted;
    submitted.id = JobId(fmt::format("J{}{:08}", project.id.str().substr(9), build));
    submitted.project_id = project.id;
    submitted.build = build;
    submitted.spec.project_name = project.spec.name;
    submitted.spec.task = a_task(task, replicas);
    submitted.owner = owner;
    submitted.by = "ada";
    job_.id = submitted.id;
    happens(submitted, at);
}

JobStory& JobStory::happens(JobEventBody body, Time at) {
    JobEvent event{job_.id, job_.event_count + 1, at, std::move(body)};
    Result<Job> next = apply(std::move(job_), event);
    check(next.has_value(), next ? "" : next.error().message);
    job_ = std::move(*next);
    events_.push_back(std::move(event));
    return *this;
}

JobStory& JobStory::is_admitted(Time at) {
    event::Admitted admitted;
    for (const Replica& replica : job_.replicas) {
        admitted.placements.push_back(
            {replica.name(), "node-a", {replica.index}, fmt::format("127.64.0.{}", replica.index + 1)});
    }
    return happens(admitted, at);
}

JobStory& JobStory::is_prepared(Time at) { return happens(event::Prepared{}, at); }
JobStory& JobStory::starts(Time at, int attempt) { return happens(event::ReplicaStarted{"worker-0", attempt}, at); }
JobStory& JobStory::exits(int exit_code, Time at, int attempt) {
    return happens(event::ReplicaEnded{"worker-0", attempt, {exit_code, false, "", at}}, at);
}
JobStory& JobStory::ends(JobState state, Time at) { return happens(event::Ended{state, ""}, at); }

JobStory& JobStory::completes(Time at) {
    return is_admitted(at).is_prepared(at).starts(at).exits(0, at).ends(JobState::kComplete, at);
}

change::JobSaved JobStory::save() {
    change::JobSaved saved{std::make_shared<const Job>(job_),
                           {events_.begin() + static_cast<std::ptrdiff_t>(saved_), events_.end()}};
    saved_ = events_.size();
    return saved;
}

}  // namespace pintle::store
