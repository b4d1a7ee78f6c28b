#include "document/random_values.hpp"

#include <array>
#include <cmath>

namespace pintle::document {
namespace {

template <class T, std::size_t N>
T one_of(Rng& rng, const std::array<T, N>& choices) {
    return choices[rng.below(N)];
}

std::string random_name(Rng& rng, std::size_t index) {
    constexpr std::array<const char*, 6> kStems{"train", "my-data", "x",
                                                "null",  "0",       "a-very-long-name-with-many-parts"};
    return fmt::format("{}{}", one_of(rng, kStems), index);
}

// Not an empty one, and nothing that a rule of the project refuses.
std::string random_word(Rng& rng) {
    const std::string text = random_text(rng);
    return text.empty() ? "word" : text;
}

std::string maybe_text(Rng& rng) { return rng.chance(40) ? random_text(rng) : std::string(); }

std::string random_path(Rng& rng) {
    constexpr std::array<const char*, 6> kPaths{"", "a", "/shared/x", "/", "a b/c", "0755"};
    return one_of(rng, kPaths);
}

domain::SourceOrigin random_origin(Rng& rng) {
    const auto maybe = [&](const char* text) { return std::string(rng.chance(50) ? text : ""); };
    switch (rng.below(4)) {
        case 0: return domain::GitSource{"https://host.example/team/repo.git", maybe("v1.20"), maybe("deploy")};
        case 1: return domain::ClusterStorageSource{rng.chance(50) ? "default" : "fast"};
        case 2: return domain::NfsSource{rng.chance(50) ? "10.0.0.5" : "[fd00::5]:2049", rng.chance(50) ? "/" : "/a b"};
        default:
            return domain::S3Source{maybe("https://host.example:9000"), "training-data", maybe("eu-central-1"),
                                    maybe("0755"), rng.chance(50) ? domain::S3Mode::kMount : domain::S3Mode::kCopy};
    }
}

domain::Source random_source(Rng& rng, std::size_t index) {
    domain::Source source;
    source.name = random_name(rng, index);
    source.sub_path = random_path(rng);
    source.mount_path = rng.chance(50) ? fmt::format("/data/{}", index) : std::string();
    source.origin = random_origin(rng);
    source.read_only = rng.chance(30);
    source.library_dir = rng.chance(30);
    source.upload = maybe_text(rng);
    return source;
}

domain::Quantities random_requests(Rng& rng) {
    return {static_cast<std::int64_t>(rng.below(4000)), static_cast<std::int64_t>(rng.below(1u << 30))};
}

domain::Resource random_resource(Rng& rng, std::size_t index, const std::vector<domain::Source>& sources) {
    domain::Resource resource;
    resource.name = random_name(rng, index);
    resource.replicas = static_cast<int>(1 + rng.below(domain::kReplicasMax));
    resource.work_dir = maybe_text(rng);
    resource.command = "python x.py " + random_text(rng);
    resource.args = maybe_text(rng);
    resource.requirements = maybe_text(rng);
    if (rng.chance(50)) resource.requests = random_requests(rng);
    if (rng.chance(50))
        resource.limits = {4000 + static_cast<std::int64_t>(rng.below(9000)),
                           (1LL << 30) + static_cast<std::int64_t>(rng.below(1u << 31))};
    resource.gpus = static_cast<int>(rng.below(9));
    for (std::size_t i = rng.below(4); i > 0; --i)
        resource.env.emplace_back(fmt::format("VAR_{}", i), random_text(rng));
    resource.images = {maybe_text(rng), maybe_text(rng)};
    resource.default_volume_mapping = sources.empty() || rng.chance(50);
    resource.default_mount_path = rng.chance(20) ? "/mnt/here" : "";
    if (!resource.default_volume_mapping && rng.chance(80)) {
        for (std::size_t i = 0; i < sources.size(); ++i) {
            resource.volumes.push_back({sources[i].name, random_path(rng),
                                        rng.chance(50) ? fmt::format("/volumes/{}", i) : std::string(),
                                        rng.chance(50)});
        }
    }
    resource.node_allocator = rng.chance(20) ? "disk=ssd" : "";
    resource.restart_policy = rng.chance(50) ? domain::RestartPolicy::kNever : domain::RestartPolicy::kOnFailure;
    resource.max_restart_count = static_cast<int>(rng.below(5));
    resource.is_permanent = index > 0 && rng.chance(50);
    resource.port = rng.chance(50) ? static_cast<int>(1 + rng.below(65535)) : 0;
    return resource;
}

domain::Task random_task(Rng& rng, std::size_t index, const std::vector<domain::Source>& sources) {
    domain::Task task;
    task.name = random_name(rng, index);
    task.kind = one_of(rng, std::array{domain::TaskKind::kGeneral, domain::TaskKind::kTraining, domain::TaskKind::kInit,
                                       domain::TaskKind::kExport});
    task.timeout = Duration(one_of(rng, std::array{0, 60'000, 1000, 1, 90'500}));
    task.run_time = Duration(one_of(rng, std::array{0, 7'200'000, 1}));
    task.gpu_model = rng.chance(30) ? random_word(rng) : "";
    task.sample_interval = Duration(one_of(rng, std::array{0, 1000, 2500}));
    task.metrics_pattern = rng.chance(30) ? "off" : "";
    task.tensorboard_folder = rng.chance(30) ? random_word(rng) : "";
    for (std::size_t i = 0; i < 1 + rng.below(3); ++i) task.resources.push_back(random_resource(rng, i, sources));
    for (const domain::Source& source : sources) {
        if (std::holds_alternative<domain::GitSource>(source.origin) && rng.chance(50))
            task.revisions.emplace_back(source.name, "1.10");
    }
    return task;
}

Time random_time(Rng& rng) { return time_from_ms(static_cast<std::int64_t>(rng.below(2'000'000'000'000))); }
domain::ProjectId random_project_id(Rng& rng) {
    return domain::ProjectId(make_ulid(random_time(rng), rng.next(), rng.next()));
}
domain::JobId random_job_id(Rng& rng) { return domain::JobId(make_ulid(random_time(rng), rng.next(), rng.next())); }
domain::UserId random_user_id(Rng& rng) {
    return rng.chance(20) ? domain::UserId() : domain::UserId(make_ulid(random_time(rng), rng.next(), rng.next()));
}
domain::GroupId random_group_id(Rng& rng) {
    if (rng.chance(50)) return domain::kDefaultGroup;
    return domain::GroupId(make_ulid(random_time(rng), rng.next(), rng.next()));
}
domain::PoolId random_pool_id(Rng& rng) {
    if (rng.chance(50)) return domain::kDefaultPool;
    return domain::PoolId(make_ulid(random_time(rng), rng.next(), rng.next()));
}
std::int64_t random_rank(Rng& rng) { return static_cast<std::int64_t>(rng.below(2000)) - 1000; }
domain::SchedulingWish random_wish(Rng& rng) {
    return {rng.chance(50) ? 0 : static_cast<int>(rng.below(2001)) - 1000, rng.chance(20)};
}

domain::JobSpec random_job_spec(Rng& rng) {
    domain::ProjectSpec spec = random_spec(rng);
    spec.tasks.push_back(random_task(rng, 99, spec.sources));
    return {spec.name,
            spec.tasks.front(),
            spec.sources,
            spec.default_mount_path,
            random_group_id(rng),
            rng.chance(50) ? domain::EngineKind::kProcess : domain::EngineKind::kContainer,
            rng.chance(50)};
}

domain::ReplicaExit random_exit(Rng& rng) {
    return {static_cast<int>(rng.below(256)), rng.chance(20), maybe_text(rng), random_time(rng)};
}

domain::Placement random_placement(Rng& rng) {
    domain::Placement placement{fmt::format("worker-{}", rng.below(9)), "node-1", {}, "127.64.1.2"};
    for (std::size_t i = rng.below(3); i > 0; --i) placement.devices.push_back(static_cast<int>(i));
    return placement;
}

domain::Preparation random_preparation(Rng& rng) {
    domain::Preparation preparation;
    for (std::size_t i = rng.below(3); i > 0; --i) {
        preparation.volumes.push_back(
            {"worker", random_word(rng), maybe_text(rng), maybe_text(rng), rng.chance(50), rng.chance(50)});
    }
    if (rng.chance(50)) preparation.revisions[random_text(rng)] = random_text(rng);
    if (rng.chance(50)) preparation.environments["worker"] = "/cache/1";
    if (rng.chance(30)) preparation.written_back = {"results"};
    return preparation;
}

std::map<std::string, domain::PropertyValue> random_properties(Rng& rng) {
    std::map<std::string, domain::PropertyValue> properties;
    if (rng.chance(50)) properties["accuracy"] = static_cast<double>(rng.next()) / 1e19;
    if (rng.chance(50)) properties["whole"] = 3.0;
    if (rng.chance(20)) properties["loss"] = HUGE_VAL;
    if (rng.chance(50)) properties["good"] = rng.chance(50);
    if (rng.chance(50)) properties[random_text(rng)] = random_text(rng);
    return properties;
}

domain::JobState random_state(Rng& rng) { return static_cast<domain::JobState>(rng.below(domain::kJobStateCount)); }

domain::Replica random_replica(Rng& rng) {
    domain::Replica replica;
    replica.resource = "worker";
    replica.index = static_cast<int>(rng.below(9));
    replica.state = static_cast<domain::ReplicaState>(rng.below(6));
    replica.attempt = static_cast<int>(rng.below(4));
    replica.restarts = static_cast<int>(rng.below(3));
    if (rng.chance(70)) replica.placement = random_placement(rng);
    if (rng.chance(50)) replica.exit = rng.chance(20) ? domain::ReplicaExit{} : random_exit(rng);
    if (rng.chance(50)) replica.started_at = random_time(rng);
    if (rng.chance(50)) replica.ended_at = random_time(rng);
    return replica;
}

}  // namespace

std::string random_text(Rng& rng) {
    constexpr std::array<const char*, 24> kTexts{"",
                                                 "a",
                                                 "$SRC_DIR",
                                                 "yes",
                                                 "null",
                                                 "~",
                                                 "1.10",
                                                 "0755",
                                                 "1e3",
                                                 "true",
                                                 " leading",
                                                 "trailing ",
                                                 "two\nlines\n",
                                                 "\ttab",
                                                 "quote \" and '",
                                                 "# no comment",
                                                 "a: b",
                                                 "- x",
                                                 "&a *b !c",
                                                 "{{ .value }}",
                                                 "Zahl: größer ≥ 1",
                                                 "日本語 🙂",
                                                 "back\\slash",
                                                 "line\r\nends"};
    return one_of(rng, kTexts);
}

std::vector<domain::Component> random_components(Rng& rng) {
    domain::Component jupyter;
    jupyter.name = rng.chance(50) ? "jupyter" : "lab";
    jupyter.kind = domain::ComponentKind::kJupyter;
    jupyter.resource.name = jupyter.name;
    if (rng.chance(50)) jupyter.shared = rng.chance(50);
    if (rng.chance(50)) jupyter.idle_pause = std::chrono::minutes(90);
    domain::Component board;
    board.name = "board";
    board.display_name = maybe_text(rng);
    board.resource.name = "board";
    board.resource.command = "python board.py --port $PORT";
    board.resource.packages = {"flask", "numpy>=2"};
    board.resource.port = rng.chance(50) ? 8050 : 0;
    board.resource.gpus = rng.chance(30) ? 1 : 0;
    board.enabled = rng.chance(50);
    return {jupyter, board};
}

domain::ProjectSpec random_spec(Rng& rng) {
    domain::ProjectSpec spec;
    spec.name = random_name(rng, 0);
    spec.summary = maybe_text(rng);
    if (rng.chance(30)) spec.default_mount_path = "/data";
    if (rng.chance(30)) spec.engine = rng.chance(50) ? domain::EngineKind::kProcess : domain::EngineKind::kContainer;
    for (std::size_t i = 0; i < rng.below(4); ++i) spec.sources.push_back(random_source(rng, i));
    for (std::size_t i = 0; i < rng.below(4); ++i) spec.tasks.push_back(random_task(rng, i, spec.sources));
    if (rng.chance(30)) spec.components = random_components(rng);
    if (rng.chance(30)) spec.form = R"([{"name":"epochs","value":[0.25,"1",true,null]}])";
    if (rng.chance(30)) spec.form_template = "name: a\nresources: [{name: w, command: 'run {{ .epochs }}'}]\n";
    return spec;
}

domain::Project random_project(Rng& rng) {
    return {random_project_id(rng),
            random_user_id(rng),
            random_group_id(rng),
            random_spec(rng),
            rng.chance(30) ? random_text(rng) : std::string(),
            static_cast<int>(rng.below(5)),
            static_cast<std::int64_t>(rng.below(1u << 31)) << 20,
            random_time(rng),
            random_time(rng),
            rng.chance(50) ? random_time(rng) : Time{},
            static_cast<int>(rng.below(3))};
}

domain::Job random_job(Rng& rng) {
    domain::Job job;
    job.id = random_job_id(rng);
    job.project_id = random_project_id(rng);
    job.kind = rng.chance(20) ? domain::JobKind::kComponent : domain::JobKind::kTask;
    job.build = static_cast<int>(rng.below(100));
    job.spec = random_job_spec(rng);
    job.owner = random_user_id(rng);
    job.group = random_group_id(rng);
    job.pool = random_pool_id(rng);
    job.wish = random_wish(rng);
    job.rank = random_rank(rng);
    if (rng.chance(30)) job.hold = domain::Hold{maybe_text(rng), random_word(rng), rng.chance(50), random_time(rng)};
    job.requeues = static_cast<int>(rng.below(3));
    job.submitted_by = maybe_text(rng);
    job.cloned_from = maybe_text(rng);
    job.state = random_state(rng);
    job.reason = maybe_text(rng);
    if (rng.chance(50)) job.ending = domain::Ending{random_state(rng), maybe_text(rng)};
    for (std::size_t i = rng.below(4); i > 0; --i) job.replicas.push_back(random_replica(rng));
    if (rng.chance(50)) job.preparation = rng.chance(20) ? domain::Preparation{} : random_preparation(rng);
    job.source_tries = static_cast<int>(rng.below(3));
    job.source_trouble_since = random_time(rng);
    job.network_slot = static_cast<int>(rng.below(4)) - 1;
    job.properties = random_properties(rng);
    job.event_count = static_cast<std::int64_t>(rng.below(9));
    for (Time* time : {&job.submitted_at, &job.started_at, &job.running_at, &job.ended_at}) {
        if (rng.chance(70)) *time = random_time(rng);
    }
    return job;
}

domain::JobEventBody random_event(Rng& rng) {
    namespace event = domain::event;
    switch (rng.below(16)) {
        case 15:
            return event::SourcesDelayed{random_text(rng), static_cast<int>(rng.below(3)), random_time(rng)};
        case 0:
            return event::Submitted{random_job_id(rng),   random_project_id(rng), 7,
                                    random_job_spec(rng), random_user_id(rng),    random_group_id(rng),
                                    random_pool_id(rng),  random_wish(rng),       random_rank(rng),
                                    random_text(rng),     maybe_text(rng),
                                    rng.chance(20) ? domain::JobKind::kComponent : domain::JobKind::kTask};
        case 1:
            return event::GpusAwaited{static_cast<int>(rng.below(3)), random_text(rng)};
        case 2:
            return event::Admitted{{random_placement(rng), random_placement(rng)}, static_cast<int>(rng.below(3))};
        case 3:
            return event::Prepared{random_preparation(rng)};
        case 4:
            return event::ReplicaStarted{random_text(rng), static_cast<int>(rng.below(3))};
        case 5:
            return event::ReplicaEnded{random_text(rng), static_cast<int>(rng.below(3)), random_exit(rng)};
        case 6:
            return event::ReplicaRetried{random_text(rng), static_cast<int>(rng.below(3))};
        case 7:
            return event::PropertiesSet{random_properties(rng)};
        case 8:
            return event::EndBegun{random_state(rng), random_text(rng), random_text(rng)};
        case 9:
            return event::Held{maybe_text(rng), random_word(rng), rng.chance(50)};
        case 10:
            return event::Released{random_text(rng)};
        case 11:
            return event::Reordered{static_cast<int>(rng.below(100)), random_rank(rng), random_word(rng)};
        case 12:
            return event::Regrouped{random_group_id(rng), random_pool_id(rng), maybe_text(rng)};
        case 13:
            return event::Requeued{random_text(rng)};
        default:
            return event::Ended{random_state(rng), random_text(rng)};
    }
}

domain::Chore random_chore(Rng& rng) {
    const std::string id = random_job_id(rng).str();
    switch (rng.below(4)) {
        case 0:
            return {id, domain::chore::RemoveProjectData{random_project_id(rng), random_spec(rng),
                                                         random_group_id(rng)}};
        case 1:
            return {id, domain::chore::MoveProjectData{random_text(rng), random_text(rng), random_group_id(rng),
                                                  random_group_id(rng)}};
        case 2:
            return {id,
                    domain::chore::RemoveJobsData{random_project_id(rng), {random_job_id(rng), random_job_id(rng)}}};
        default:
            return {id, domain::chore::RemoveJobData{random_project_id(rng), random_job_id(rng)}};
    }
}

}  // namespace pintle::document
