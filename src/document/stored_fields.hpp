#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <type_traits>

#include "domain/change.hpp"

namespace pintle::document {

/// The fields of everything that is stored, once for both directions. Private to the module.
///
///     field()     left out when empty, zero or false, which must then be the member's own default
///     always()    written even then, because its default is something else
///     required()  a document without it is corrupt
///
/// A field may be added with field() or always(); none may be renamed or change its meaning.

template <class T, class Wanted>
concept Of = std::same_as<std::remove_const_t<T>, Wanted>;

template <class V, Of<domain::GitSource> T>
void fields(V& v, T& git) {
    v.required("repository", git.repository);
    v.field("revision", git.revision);
    v.field("account", git.account);
}

template <class V, Of<domain::ClusterStorageSource> T>
void fields(V& v, T& storage) {
    v.required("storage", storage.storage);
}

template <class V, Of<domain::NfsSource> T>
void fields(V& v, T& nfs) {
    v.required("server", nfs.server);
    v.always("path", nfs.path);
}

template <class V, Of<domain::S3Source> T>
void fields(V& v, T& s3) {
    v.field("server", s3.server);
    v.required("bucket", s3.bucket);
    v.field("region", s3.region);
    v.field("account", s3.account);
    v.always("mode", s3.mode);
}

template <class V, Of<domain::Source> T>
void fields(V& v, T& source) {
    v.required("name", source.name);
    v.field("sub_path", source.sub_path);
    v.field("mount_path", source.mount_path);
    v.required("origin", source.origin);
    v.field("read_only", source.read_only);
    v.field("library_dir", source.library_dir);
    v.field("upload", source.upload);
}

template <class V, Of<domain::Volume> T>
void fields(V& v, T& volume) {
    v.required("source", volume.source);
    v.field("sub_path", volume.sub_path);
    v.field("mount_path", volume.mount_path);
    v.field("read_only", volume.read_only);
}

template <class V, Of<domain::Quantities> T>
void fields(V& v, T& quantities) {
    v.field("cpu_millis", quantities.cpu_millis);
    v.field("memory_bytes", quantities.memory_bytes);
}

template <class V, Of<domain::Images> T>
void fields(V& v, T& images) {
    v.field("cpu", images.cpu);
    v.field("gpu", images.gpu);
}

template <class V, Of<domain::Resource> T>
void fields(V& v, T& resource) {
    v.required("name", resource.name);
    v.always("replicas", resource.replicas);
    v.field("work_dir", resource.work_dir);
    v.field("command", resource.command);
    v.field("args", resource.args);
    v.field("requirements", resource.requirements);
    v.field("packages", resource.packages);
    v.field("requests", resource.requests);
    v.field("limits", resource.limits);
    v.field("gpus", resource.gpus);
    v.field("env", resource.env);
    v.field("images", resource.images);
    v.always("default_volume_mapping", resource.default_volume_mapping);
    v.field("default_mount_path", resource.default_mount_path);
    v.field("volumes", resource.volumes);
    v.field("node_allocator", resource.node_allocator);
    v.always("restart_policy", resource.restart_policy);
    v.field("max_restart_count", resource.max_restart_count);
    v.field("is_permanent", resource.is_permanent);
    v.field("port", resource.port);
}

template <class V, Of<domain::Task> T>
void fields(V& v, T& task) {
    v.required("name", task.name);
    v.always("kind", task.kind);
    v.field("timeout_ms", task.timeout);
    v.field("run_time_ms", task.run_time);
    v.field("gpu_model", task.gpu_model);
    v.field("sample_interval_ms", task.sample_interval);
    v.field("metrics_pattern", task.metrics_pattern);
    v.field("tensorboard_folder", task.tensorboard_folder);
    v.field("resources", task.resources);
    v.field("revisions", task.revisions);
}

template <class V, Of<domain::Component> T>
void fields(V& v, T& component) {
    v.required("name", component.name);
    v.field("display_name", component.display_name);
    v.always("kind", component.kind);
    v.required("resource", component.resource);
    v.field("enabled", component.enabled);
    v.field("shared", component.shared);
    v.field("idle_pause_ms", component.idle_pause);
}

template <class V, Of<domain::ComponentRecord> T>
void fields(V& v, T& record) {
    v.required("project", record.project);
    v.required("name", record.name);
    v.required("wanted", record.wanted);
    v.field("gpus", record.gpus);
    v.field("by", record.by);
    v.field("since", record.since);
    v.field("job", record.job);
    v.field("ended", record.ended);
    v.field("failures", record.failures);
    v.field("last_end", record.last_end);
    v.field("next_start", record.next_start);
}

template <class V, Of<domain::ProjectSpec> T>
void fields(V& v, T& spec) {
    v.required("name", spec.name);
    v.field("summary", spec.summary);
    v.always("default_mount_path", spec.default_mount_path);
    v.field("engine", spec.engine);
    v.field("sources", spec.sources);
    v.field("tasks", spec.tasks);
    // Once "components" was the JSON text of a list that nothing ran; stored_document.cpp still reads that.
    v.field("component_list", spec.components);
    v.field("form", spec.form);
    v.field("form_template", spec.form_template);
}

template <class V, Of<domain::Project> T>
void fields(V& v, T& project) {
    v.required("id", project.id);
    v.field("owner", project.owner);
    v.always("home", project.home);
    v.required("spec", project.spec);
    v.field("text", project.text);
    v.always("next_build", project.next_build);
    v.always("revision", project.revision);
    v.field("created_at", project.created_at);
    v.field("updated_at", project.updated_at);
    v.field("disabled_at", project.disabled_at);
    v.field("component_starts", project.component_starts);
    v.field("deleting_at", project.deleting_at);
}

template <class V, Of<domain::ReplicaExit> T>
void fields(V& v, T& exit) {
    v.always("exit_code", exit.exit_code);
    v.field("out_of_memory", exit.out_of_memory);
    v.field("message", exit.message);
    v.field("at", exit.at);
}

template <class V, Of<domain::Placement> T>
void fields(V& v, T& placement) {
    v.field("replica", placement.replica);
    v.field("node", placement.node);
    v.field("devices", placement.devices);
    v.field("address", placement.address);
}

template <class V, Of<domain::Replica> T>
void fields(V& v, T& replica) {
    v.required("resource", replica.resource);
    v.field("index", replica.index);
    v.always("state", replica.state);
    v.always("attempt", replica.attempt);
    // Documents of 0.1 do not have it: every start but the first was because of a failure then.
    if constexpr (!std::is_const_v<T>) replica.restarts = std::max(0, replica.attempt - 1);
    v.always("restarts", replica.restarts);
    v.field("placement", replica.placement);
    v.field("exit", replica.exit);
    v.field("started_at", replica.started_at);
    v.field("ended_at", replica.ended_at);
}

template <class V, Of<domain::JobSpec> T>
void fields(V& v, T& spec) {
    v.required("project_name", spec.project_name);
    v.required("task", spec.task);
    v.field("sources", spec.sources);
    v.field("default_mount_path", spec.default_mount_path);
    v.always("home", spec.home);
    v.always("engine", spec.engine);
    v.field("image_ignored", spec.image_ignored);
    v.field("form_values", spec.form_values);
    v.field("form_files", spec.form_files);
}

template <class V, Of<domain::PreparedVolume> T>
void fields(V& v, T& volume) {
    v.required("resource", volume.resource);
    v.required("source", volume.source);
    v.field("host_path", volume.host_path);
    v.field("mount_path", volume.mount_path);
    v.field("read_only", volume.read_only);
    v.field("library_dir", volume.library_dir);
}

template <class V, Of<domain::Preparation> T>
void fields(V& v, T& preparation) {
    v.field("volumes", preparation.volumes);
    v.field("revisions", preparation.revisions);
    v.field("environments", preparation.environments);
    v.field("written_back", preparation.written_back);
}

template <class V, Of<domain::Ending> T>
void fields(V& v, T& ending) {
    v.required("state", ending.state);
    v.field("reason", ending.reason);
}

template <class V, Of<domain::Hold> T>
void fields(V& v, T& hold) {
    v.field("reason", hold.reason);
    v.field("by", hold.by);
    v.field("by_operator", hold.by_operator);
    v.field("at", hold.at);
}

template <class V, Of<domain::SchedulingWish> T>
void fields(V& v, T& wish) {
    v.field("priority", wish.priority);
    v.field("immediate", wish.immediate);
}

template <class V, Of<domain::Job> T>
void fields(V& v, T& job) {
    v.required("id", job.id);
    v.required("project_id", job.project_id);
    v.always("kind", job.kind);
    v.required("build", job.build);
    v.required("spec", job.spec);
    v.field("owner", job.owner);
    v.always("group", job.group);
    v.always("pool", job.pool);
    v.field("submitted_by", job.submitted_by);
    v.field("wish", job.wish);
    v.field("rank", job.rank);
    v.field("hold", job.hold);
    v.field("requeues", job.requeues);
    v.field("cloned_from", job.cloned_from);
    v.required("state", job.state);
    v.field("reason", job.reason);
    v.field("ending", job.ending);
    v.field("replicas", job.replicas);
    v.field("preparation", job.preparation);
    v.always("network_slot", job.network_slot);
    v.field("properties", job.properties);
    v.field("event_count", job.event_count);
    v.field("submitted_at", job.submitted_at);
    v.field("started_at", job.started_at);
    v.field("source_tries", job.source_tries);
    v.field("source_trouble_since", job.source_trouble_since);
    v.field("running_at", job.running_at);
    v.field("ended_at", job.ended_at);
}

template <class V, Of<domain::event::Submitted> T>
void fields(V& v, T& event) {
    v.required("id", event.id);
    v.required("project_id", event.project_id);
    v.required("build", event.build);
    v.required("spec", event.spec);
    v.field("owner", event.owner);
    v.always("group", event.group);
    v.always("pool", event.pool);
    v.field("wish", event.wish);
    v.field("rank", event.rank);
    v.field("by", event.by);
    v.field("cloned_from", event.cloned_from);
    v.always("kind", event.kind);
}

template <class V, Of<domain::event::GpusAwaited> T>
void fields(V& v, T& event) {
    v.field("gpus", event.gpus);
    v.field("reason", event.reason);
}

template <class V, Of<domain::event::Held> T>
void fields(V& v, T& event) {
    v.field("reason", event.reason);
    v.field("by", event.by);
    v.field("by_operator", event.by_operator);
}

template <class V, Of<domain::event::Released> T>
void fields(V& v, T& event) {
    v.field("by", event.by);
}

template <class V, Of<domain::event::Reordered> T>
void fields(V& v, T& event) {
    v.field("priority", event.priority);
    v.field("rank", event.rank);
    v.field("by", event.by);
}

template <class V, Of<domain::event::Regrouped> T>
void fields(V& v, T& event) {
    v.required("group", event.group);
    v.required("pool", event.pool);
    v.field("reason", event.reason);
}

template <class V, Of<domain::event::Requeued> T>
void fields(V& v, T& event) {
    v.field("reason", event.reason);
}

template <class V, Of<domain::event::Admitted> T>
void fields(V& v, T& event) {
    v.field("placements", event.placements);
    v.always("network_slot", event.network_slot);
}

template <class V, Of<domain::event::Prepared> T>
void fields(V& v, T& event) {
    v.required("preparation", event.preparation);
}

template <class V, Of<domain::event::SourcesDelayed> T>
void fields(V& v, T& event) {
    v.required("reason", event.reason);
    v.always("tries", event.tries);
    v.field("since", event.since);
}

template <class V, Of<domain::event::ReplicaStarted> T>
void fields(V& v, T& event) {
    v.required("replica", event.replica);
    v.always("attempt", event.attempt);
}

template <class V, Of<domain::event::ReplicaEnded> T>
void fields(V& v, T& event) {
    v.required("replica", event.replica);
    v.always("attempt", event.attempt);
    v.required("exit", event.exit);
}

template <class V, Of<domain::event::ReplicaRetried> T>
void fields(V& v, T& event) {
    v.required("replica", event.replica);
    v.always("attempt", event.attempt);
}

template <class V, Of<domain::event::PropertiesSet> T>
void fields(V& v, T& event) {
    v.field("properties", event.properties);
}

template <class V, Of<domain::event::EndBegun> T>
void fields(V& v, T& event) {
    v.required("state", event.state);
    v.field("reason", event.reason);
    v.field("by", event.by);
}

template <class V, Of<domain::event::Ended> T>
void fields(V& v, T& event) {
    v.required("state", event.state);
    v.field("reason", event.reason);
}

template <class V, Of<domain::chore::RemoveProjectData> T>
void fields(V& v, T& chore) {
    v.required("project", chore.id);
    v.required("spec", chore.spec);
    v.always("home", chore.home);
}

template <class V, Of<domain::chore::MoveProjectData> T>
void fields(V& v, T& chore) {
    v.required("from", chore.from);
    v.required("to", chore.to);
    v.always("from_home", chore.from_home);
    v.always("to_home", chore.to_home);
}

template <class V, Of<domain::chore::RemoveJobData> T>
void fields(V& v, T& chore) {
    v.required("project", chore.project);
    v.required("job", chore.job);
}

template <class V, Of<domain::chore::RemoveJobsData> T>
void fields(V& v, T& chore) {
    v.required("project", chore.project);
    v.required("jobs", chore.jobs);
}

// Every enumerator, for reading the texts that to_string() gives. The argument only chooses the overload.
constexpr std::array<domain::S3Mode, 2> enumerators(domain::S3Mode) {
    return {domain::S3Mode::kMount, domain::S3Mode::kCopy};
}
constexpr std::array<domain::EngineKind, 2> enumerators(domain::EngineKind) {
    return {domain::EngineKind::kProcess, domain::EngineKind::kContainer};
}
constexpr std::array<domain::RestartPolicy, 2> enumerators(domain::RestartPolicy) {
    return {domain::RestartPolicy::kNever, domain::RestartPolicy::kOnFailure};
}
constexpr std::array<domain::ComponentKind, 3> enumerators(domain::ComponentKind) {
    using enum domain::ComponentKind;
    return {kJupyter, kTensorboard, kCustom};
}
constexpr std::array<domain::ComponentRecord::Wanted, 3> enumerators(domain::ComponentRecord::Wanted) {
    using enum domain::ComponentRecord::Wanted;
    return {kEnabled, kDisabled, kPaused};
}
constexpr std::array<domain::JobKind, 2> enumerators(domain::JobKind) {
    return {domain::JobKind::kTask, domain::JobKind::kComponent};
}
constexpr std::array<domain::TaskKind, 4> enumerators(domain::TaskKind) {
    using enum domain::TaskKind;
    return {kGeneral, kTraining, kInit, kExport};
}
constexpr std::array<domain::ReplicaState, 6> enumerators(domain::ReplicaState) {
    using enum domain::ReplicaState;
    return {kPending, kStarting, kRunning, kSucceeded, kFailed, kStopped};
}
constexpr std::array<domain::JobState, domain::kJobStateCount> enumerators(domain::JobState) {
    using enum domain::JobState;
    return {kQueued, kWaitingForGpus, kStarting, kRunning, kTraining, kStopping, kComplete, kError, kStopped};
}

}  // namespace pintle::document
