#include "document/stored_document.hpp"

#include <cmath>
#include <set>

#include <doctest/doctest.h>

#include "document/golden.hpp"
#include "document/random_values.hpp"
#include "json/json_text.hpp"

namespace pintle::document {
namespace {

// Through the text, as the store does it.
json::Value through_text(const json::Value& value) {
    auto read = json::parse_json(json::to_json(value));
    REQUIRE(read.has_value());
    return *read;
}

// One of each event, with every field set.
std::vector<domain::JobEventBody> full_events(const domain::Job& job) {
    namespace event = domain::event;
    return {event::Submitted{job.id, job.project_id, 3, job.spec, job.owner, job.group, job.pool, job.wish, job.rank,
                             "ann", "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
            event::GpusAwaited{2, "2 GPUs are in use"},
            event::Held{"after the release", "ann", true},
            event::Released{"ann"},
            event::Reordered{7, -3, "ann"},
            event::Regrouped{job.group, job.pool, "ann is in another group"},
            event::Requeued{"its GPUs were on loan"},
            event::Admitted{{job.replicas[0].placement}, 4},
            event::Prepared{*job.preparation},
            event::SourcesDelayed{"source data: no answer", 3, job.started_at},
            event::ReplicaStarted{"worker-0", 2},
            event::ReplicaEnded{"worker-0", 2, *job.replicas[0].exit},
            event::ReplicaRetried{"worker-0", 3},
            event::PropertiesSet{job.properties},
            event::EndBegun{domain::JobState::kError, "it failed", "ann"},
            event::Ended{domain::JobState::kError, "it failed"}};
}

domain::ProjectSpec full_spec() {
    domain::Resource resource;
    resource.name = "worker";
    resource.replicas = 2;
    resource.work_dir = "$SRC_DIR";
    resource.command = "python train.py";
    resource.args = "--fast";
    resource.requirements = "$SRC_DIR/requirements.txt";
    resource.requests = {100, 64 << 20};
    resource.limits = {4000, 8LL << 30};
    resource.gpus = 1;
    resource.env = {{"LR", "0.10"}, {"A", ""}};
    resource.images = {"some/image:cpu", "some/image:gpu"};
    resource.default_volume_mapping = false;
    resource.default_mount_path = "/w";
    resource.volumes = {{"src", "sub", "/mnt/src", true}};
    resource.node_allocator = "disk=ssd";
    resource.restart_policy = domain::RestartPolicy::kOnFailure;
    resource.max_restart_count = 2;
    resource.is_permanent = true;
    resource.port = 2222;
    domain::ProjectSpec spec{"digits",
                             "# Digits",
                             "/workspace",
                             domain::EngineKind::kContainer,
                             {},
                             {},
                             {},
                             R"([{"name":"epochs"}])"};
    spec.sources = {{"src", "repo/src", "/workspace/src", domain::GitSource{"https://host.example/team/repo", "v1"},
                     true, true, ""},
                    {"data", "/x", "data", domain::ClusterStorageSource{"default"}, false, false, "folder"}};
    spec.tasks = {{"train",
                   domain::TaskKind::kTraining,
                   Duration(300'000),
                   Duration(7'200'000),
                   "A100",
                   {resource},
                   {{"src", "v1.2"}}}};
    domain::Component component;
    component.name = component.resource.name = "lab";
    component.display_name = "Notebooks";
    component.kind = domain::ComponentKind::kJupyter;
    component.resource.packages = {"numpy>=2"};
    component.enabled = true;
    component.shared = false;
    component.idle_pause = Duration(3'600'000);
    spec.components = {component};
    return spec;
}

domain::Project full_project() {
    return {domain::ProjectId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            domain::UserId("01ARZ3NDEKTSV4RRFFQ69G5FAY"),
            domain::GroupId("01ARZ3NDEKTSV4RRFFQ69G5FAZ"),
            full_spec(),
            "name: digits # mine\n",
            4,
            9,
            time_from_ms(1'700'000'000'123),
            time_from_ms(1'700'000'001'000)};
}

domain::Job full_job() {
    domain::Job job;
    job.id = domain::JobId("01ARZ3NDEKTSV4RRFFQ69G5FAW");
    job.project_id = domain::ProjectId("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    job.build = 3;
    const domain::ProjectSpec spec = full_spec();
    job.spec = {spec.name,
                spec.tasks[0],
                spec.sources,
                spec.default_mount_path,
                domain::GroupId("01ARZ3NDEKTSV4RRFFQ69G5FAZ"),
                domain::EngineKind::kProcess,
                true};
    job.owner = domain::UserId("01ARZ3NDEKTSV4RRFFQ69G5FAY");
    job.group = domain::GroupId("01ARZ3NDEKTSV4RRFFQ69G5FAZ");
    job.pool = domain::PoolId("01ARZ3NDEKTSV4RRFFQ69G5FB0");
    job.submitted_by = "ann";
    job.wish = {-5, true};
    job.rank = -3;
    job.hold = domain::Hold{"after the release", "ann", true, time_from_ms(1'700'000'000'500)};
    job.requeues = 2;
    job.cloned_from = "01ARZ3NDEKTSV4RRFFQ69G5FAX";
    job.state = domain::JobState::kStopping;
    job.reason = "worker-0 failed";
    job.ending = domain::Ending{domain::JobState::kError, "worker-0 failed"};
    job.replicas = {{"worker",
                     0,
                     domain::ReplicaState::kFailed,
                     2,
                     1,
                     {"worker-0", "local", {0, 1}, "127.64.1.1"},
                     domain::ReplicaExit{137, true, "out of memory", time_from_ms(1'700'000'004'000)},
                     time_from_ms(1'700'000'003'000),
                     time_from_ms(1'700'000'004'000)}};
    job.preparation = domain::Preparation{{{"worker", "src", "/var/x", "/workspace/src", true, true}},
                                          {{"src", "abc123"}},
                                          {{"worker", "/cache/env"}},
                                          {"results"}};
    job.network_slot = 5;
    job.properties = {
        {"accuracy", 0.97}, {"good", true}, {"model_path", std::string("/m")}, {"epochs", 3.0}, {"loss", -HUGE_VAL}};
    job.event_count = 12;
    job.submitted_at = time_from_ms(1'700'000'000'000);
    job.started_at = time_from_ms(1'700'000'001'000);
    job.source_tries = 2;
    job.source_trouble_since = time_from_ms(1'700'000'001'500);
    job.running_at = time_from_ms(1'700'000'002'000);
    job.ended_at = time_from_ms(1'700'000'005'000);
    return job;
}

std::string fault_of(std::string_view text) {
    const auto job = job_from_stored(json::parse_json(text).value());
    if (job) return "";
    CHECK(job.error().code == ErrorCode::kCorrupt);
    return job.error().message;
}

}  // namespace

TEST_CASE("what is stored reads back equal") {
    Rng rng(20260101);
    for (int round = 0; round < 400; ++round) {
        CAPTURE(round);
        const domain::Project project = random_project(rng);
        const domain::Job job = random_job(rng);
        const domain::JobEventBody event = random_event(rng);
        const domain::Chore chore = random_chore(rng);
        CHECK(project_from_stored(through_text(to_stored(project))).value() == project);
        CHECK(job_from_stored(through_text(to_stored(job))).value() == job);
        CHECK(event_from_stored(domain::kind_of(event), through_text(to_stored(event))).value() == event);
        CHECK(chore_from_stored(through_text(to_stored(chore))).value() == chore);
    }
}

TEST_CASE("the text that is written without values is the same") {
    Rng rng(20260102);
    for (int round = 0; round < 400; ++round) {
        CAPTURE(round);
        const domain::JobEventBody event = random_event(rng);
        CHECK(stored_text(event) == json::to_json(to_stored(event)));
        const domain::Job job = random_job(rng);
        json::Value without = to_stored(job);
        std::erase_if(without.as_object(), [](const json::Member& member) { return member.key == "spec"; });
        CHECK(stored_text_without_spec(job) == json::to_json(without));
    }
    for (const domain::JobEventBody& event : full_events(full_job())) {
        CHECK(stored_text(event) == json::to_json(to_stored(event)));
    }
}

TEST_CASE("values full of fields and values of nothing read back equal") {
    CHECK(project_from_stored(through_text(to_stored(full_project()))).value() == full_project());
    CHECK(job_from_stored(through_text(to_stored(full_job()))).value() == full_job());
    CHECK(project_from_stored(through_text(to_stored(domain::Project{}))).value() == domain::Project{});
    CHECK(job_from_stored(through_text(to_stored(domain::Job{}))).value() == domain::Job{});
    CHECK(chore_from_stored(through_text(to_stored(domain::Chore{}))).value() == domain::Chore{});
}

TEST_CASE("a number that is not one is stored too") {
    const auto read = event_from_stored("properties_set",
                                        through_text(to_stored(domain::event::PropertiesSet{{{"loss", std::nan("")}}})))
                          .value();
    CHECK(std::isnan(std::get<double>(std::get<domain::event::PropertiesSet>(read).properties.at("loss"))));
}

TEST_CASE("the stored form has not changed") {
    const domain::Job job = full_job();
    check_golden("src/document/testdata/stored_project.json", json::to_json_pretty(to_stored(full_project())) + "\n");
    check_golden("src/document/testdata/stored_job.json", json::to_json_pretty(to_stored(job)) + "\n");
    json::Value events;
    std::set<std::size_t> kinds;
    for (const domain::JobEventBody& event : full_events(job)) {
        kinds.insert(event.index());
        events.add(std::string(domain::kind_of(event)), to_stored(event));
    }
    CHECK(kinds.size() == std::variant_size_v<domain::JobEventBody>);
    check_golden("src/document/testdata/stored_events.json", json::to_json_pretty(events) + "\n");
    json::Value chores;
    const domain::chore::MoveProjectData move{"old", "new", domain::kDefaultGroup, job.group};
    const domain::chore::RemoveProjectData removal{job.project_id, full_spec(), job.group};
    chores.push(to_stored(domain::Chore{"1", removal}));
    chores.push(to_stored(domain::Chore{"2", move}));
    chores.push(to_stored(domain::Chore{"3", domain::chore::RemoveJobData{job.project_id, job.id}}));
    chores.push(to_stored(domain::Chore{"4", domain::chore::RemoveJobsData{job.project_id, {job.id}}}));
    check_golden("src/document/testdata/stored_chores.json", json::to_json_pretty(chores) + "\n");
}

TEST_CASE("a document of an older or a newer version reads") {
    // Only what has always been there, and something that is not known here.
    const auto job =
        job_from_stored(json::parse_json(R"({"id":"j","project_id":"p","build":1,"state":"Queued","later":[1],
        "spec":{"project_name":"digits","task":{"name":"t","resources":[{"name":"w","later":{}}]}}})")
                            .value())
            .value();
    CHECK(job.network_slot == -1);
    CHECK(job.spec.task.resources[0].replicas == 1);
    CHECK(job.spec.task.resources[0].default_volume_mapping);
    CHECK(job.state == domain::JobState::kQueued);
}

TEST_CASE("what was stored before there were users reads as of nobody, in the default group and pool") {
    const auto job =
        job_from_stored(json::parse_json(R"({"id":"j","project_id":"p","build":1,"state":"Running",
        "spec":{"project_name":"digits","task":{"name":"t"}},
        "replicas":[{"resource":"w","state":"Running","attempt":3},{"resource":"w","index":1}]})")
                            .value())
            .value();
    CHECK(job.owner.empty());
    CHECK(job.group == domain::kDefaultGroup);
    CHECK(job.pool == domain::kDefaultPool);
    CHECK(job.wish == domain::SchedulingWish{});
    CHECK_FALSE(job.hold.has_value());
    CHECK(job.spec.home == domain::kDefaultGroup);
    // There was no other reason to start again, and these count against max_restart_count.
    CHECK(job.replicas[0].restarts == 2);
    CHECK(job.replicas[1].restarts == 0);
    const auto project =
        project_from_stored(json::parse_json(R"({"id":"p","spec":{"name":"digits"}})").value()).value();
    CHECK(project.owner.empty());
    CHECK(project.home == domain::kDefaultGroup);
    const auto submitted =
        event_from_stored("submitted", json::parse_json(R"({"id":"j","project_id":"p","build":1,
        "spec":{"project_name":"digits","task":{"name":"t"}}})")
                                           .value())
            .value();
    CHECK(std::get<domain::event::Submitted>(submitted).group == domain::kDefaultGroup);
    CHECK(std::get<domain::event::Submitted>(submitted).pool == domain::kDefaultPool);
    const auto chore =
        chore_from_stored(json::parse_json(R"({"id":"1","kind":"move_project_data","from":"a","to":"b"})").value())
            .value();
    CHECK(chore.work == decltype(chore.work)(domain::chore::MoveProjectData{"a", "b"}));
}

TEST_CASE("components of a time when nothing ran them read as far as they can be run") {
    json::Value stored = to_stored(full_project());
    json::Value spec = stored["spec"];
    spec.remove("component_list");
    spec.set("components", R"([{"name":"jupyter","port":9000},{"name":"board"},{"size":1}])");
    stored.set("spec", std::move(spec));
    const auto project = project_from_stored(stored);
    REQUIRE(project.has_value());
    REQUIRE(project->spec.components.size() == 1);
    CHECK(project->spec.components[0].kind == domain::ComponentKind::kJupyter);
    CHECK(project->spec.components[0].resource.port == 9000);
}

TEST_CASE("a stored document that does not read is corrupt and says where") {
    CHECK(fault_of("[]") == "the stored job cannot be read: expected a mapping, got a list");
    CHECK(fault_of("{}") == "the stored job cannot be read: id: is missing");
    const std::string head =
        R"({"id":"j","project_id":"p","build":1,"state":"Queued","spec":{"project_name":"x","task":{"name":"t")";
    CHECK(fault_of(head + "}}}").empty());
    CHECK(fault_of(head + R"(,"resources":[{"name":"a"},{"name":"w","replicas":"two"}]}}})") ==
          "the stored job cannot be read: spec.task.resources[1].replicas: expected a whole number, got \"two\"");
    CHECK(fault_of(head + R"(,"resources":[{"name":"w","replicas":99999999999}]}}})")
              .ends_with("replicas: expected a smaller number, got \"99999999999\""));
    CHECK(fault_of(head + R"(,"kind":"poetry"}}})")
              .ends_with("spec.task.kind: expected one of the known words, got \"poetry\""));
    CHECK(fault_of(head + R"(,"revisions":[["a"]]}}})")
              .ends_with("spec.task.revisions[0]: expected two texts, got a list"));
    CHECK(fault_of(head + R"(},"sources":[{"name":"s","origin":{"tape":{}}}]}})")
              .ends_with("spec.sources[0].origin: expected a known kind of source, got a mapping"));
    CHECK(fault_of(head + R"(}},"properties":{"a":[]}})")
              .ends_with("properties.a: expected a number, true, false or text, got a list"));
    CHECK(fault_of(head + R"(}},"submitted_at":"now"})")
              .ends_with("submitted_at: expected a whole number of milliseconds, got \"now\""));
}

TEST_CASE("unknown kinds of events and chores are corrupt") {
    CHECK(event_from_stored("exploded", json::Value::object()).error().code == ErrorCode::kCorrupt);
    CHECK(chore_from_stored(json::Value::object({{"id", "1"}, {"kind", "dance"}})).error().code == ErrorCode::kCorrupt);
    CHECK(chore_from_stored(json::Value::object({{"id", "1"}})).error().code == ErrorCode::kCorrupt);
    CHECK(chore_from_stored(json::Value()).error().code == ErrorCode::kCorrupt);
}

}  // namespace pintle::document
