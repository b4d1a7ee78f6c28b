#include "sim/simulator.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/log.hpp"
#include "base/rng.hpp"
#include "domain/job_transition.hpp"
#include "os/file.hpp"
#include "runtime/shell.hpp"
#include "sim/sim_cluster.hpp"
#include "sim/sim_people.hpp"
#include "sim/sim_world.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"

namespace pintle::sim {

using namespace domain;

namespace {

enum class CommitFate { kFine, kCrashBefore, kCrashAfter, kDiskFull };

struct CrashedHere {};

/// One server life after another over one database and one world.
class Simulation final : public runtime::TurnSink {
public:
    Simulation(const SimOptions& options, std::string folder)
        : options_(options),
          folder_(std::move(folder)),
          rng_(options.seed),
          world_(rng_, Faults{}),
          cluster_(rng_),
          people_(rng_, cluster_, [this] { return make_ulid(now_, rng_.next(), rng_.next()); }) {}

    Result<SimReport> run() {
        TRY(boot());
        turn({command(people_.begin(), false)});
        TRY(make_projects());
        for (step_ = 1; step_ <= options_.steps; ++step_) {
            TRY(guarded([&] { return one_step(); }));
            TRY(check_promises());
        }
        TRY(settle());
        return report_;
    }

    // TurnSink
    void reply(core::Reply reply) override {
        const auto waiting = waiting_.find(reply.ticket);
        if (waiting == waiting_.end()) return;
        if (!reply.result) {
            ++report_.commands_refused;
        } else if (waiting->second) {
            acknowledged_.insert(JobId(*reply.result));
        }
        waiting_.erase(waiting);
    }
    void carry_out(core::Effect effect) override { world_.carry_out(effect, now_); }
    void committed(std::int64_t) override {}
    void changed(const std::vector<core::Input>&, const Changes& changes, const core::Core&) override {
        for (const Change& change : changes) {
            const auto* saved = std::get_if<change::ProjectSaved>(&change);
            if (saved != nullptr && saved->project.deleting_at != Time{}) going_.insert(saved->project.id);
            if (std::holds_alternative<change::ProjectDeleted>(change)) ++report_.projects_deleted;
        }
    }

private:
    [[nodiscard]] tl::unexpected<Error> broken(std::string_view promise, std::string what) const {
        return fail(ErrorCode::kInternal,
                    "{} is broken after step {}: {}\nrun it again: pintle selftest --seed {} --steps {}", promise,
                    step_, what, options_.seed, options_.steps);
    }

    /// Runs a part of a server's life; a crash in it ends that life and begins the next.
    template <class F>
    Result<void> guarded(F&& part) {
        try {
            return part();
        } catch (const CrashedHere&) {
            return reboot();
        }
    }

    Result<void> reboot() {
        ++report_.crashes;
        shell_.reset();
        store_.reset();
        waiting_.clear();
        world_.server_crashed();
        fate_ = CommitFate::kFine;
        return boot();
    }

    Result<void> boot() {
        store::Store::Options options;
        options.path = folder_ + "/state.db";
        options.now = now_;
        options.fault = [this](store::Store::FaultPoint point) { return meet(point); };
        store_ = TRY(store::Store::open(std::move(options)));
        reader_ = TRY(store::StoreReader::open(store_->location()));
        const LiveState live = TRY(store_->load_live());
        for (const Job& job : live.jobs) {
            if (is_final(job.state))
                return broken("P6", fmt::format("{} has ended and was loaded as live", job.display_name()));
        }
        core::CoreOptions core_options;
        core_options.stop_grace = Duration(100);
        shell_ = TRY(runtime::Shell::recover(core_options, cluster_.present(), *store_, *this, now_));
        turn({world_.listing(now_)});
        return {};
    }

    Result<void> meet(store::Store::FaultPoint point) {
        if (point == store::Store::FaultPoint::kBeforeCommit && fate_ == CommitFate::kCrashBefore) throw CrashedHere{};
        if (point == store::Store::FaultPoint::kAfterCommit && fate_ == CommitFate::kCrashAfter) throw CrashedHere{};
        if (point == store::Store::FaultPoint::kBeforeCommit && fate_ == CommitFate::kDiskFull) {
            ++report_.failed_commits;
            return fail(ErrorCode::kExhausted, "the simulated disk is full");
        }
        return {};
    }

    void turn(std::vector<core::Input> batch) {
        shell_->turn(batch, now_);
        for (const char c : shell_->core().state_text())
            report_.hash = (report_.hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }

    core::Input command(core::InputBody body, bool makes_job) {
        const std::uint64_t ticket = next_ticket_++;
        waiting_.emplace(ticket, makes_job);
        Actor actor = people_.operator_actor();
        actor.is_operator = rng_.chance(80);
        return {std::move(body), ticket, std::move(actor)};
    }

    JobId new_job_id() { return JobId(make_ulid(now_, rng_.next(), rng_.next())); }

    Result<void> make_projects() {
        for (int p = 0; p < 3; ++p) {
            ProjectSpec spec;
            spec.name = fmt::format("p{}", p);
            for (int t = 0; t < 4; ++t) spec.tasks.push_back(random_task(t));
            spec.components = random_components();
            projects_.push_back(new_project_id());
            turn({command(core::input::CreateProject{projects_.back(), people_.somebody(), spec, "", ""}, false)});
        }
        return {};
    }

    ProjectId new_project_id() { return ProjectId(make_ulid(now_, rng_.next(), rng_.next())); }

    /// There is another one soon in place of one that is gone.
    core::Input delete_or_make_project() {
        ProjectId& id = projects_[later_.below(projects_.size())];
        if (shell_->core().find_project(id) != nullptr) return command(core::input::DeleteProject{id}, false);
        id = new_project_id();
        return command(core::input::CreateProject{id, people_.somebody(), changed_spec(), "", ""}, false);
    }

    Task random_task(int number) {
        Task task;
        task.name = fmt::format("t{}", number);
        task.timeout = rng_.chance(30) ? Duration(static_cast<std::int64_t>(500 + rng_.below(5000))) : Duration(0);
        Resource worker;
        worker.name = "worker";
        worker.command = "true";
        worker.replicas = static_cast<int>(1 + rng_.below(4));
        worker.requests = {static_cast<std::int64_t>(100 + rng_.below(900)),
                           static_cast<std::int64_t>(1 + rng_.below(4)) << 28};
        worker.gpus = rng_.chance(50) && worker.replicas <= 2 ? static_cast<int>(1 + rng_.below(2)) : 0;
        if (rng_.chance(20)) task.gpu_model = rng_.chance(50) ? "A" : "B";
        if (rng_.chance(30)) task.run_time = Duration(static_cast<std::int64_t>(500 + rng_.below(2000)));
        worker.max_restart_count = static_cast<int>(rng_.below(3));
        task.resources.push_back(worker);
        if (rng_.chance(40)) {
            Resource server;
            server.name = "ps";
            server.command = "true";
            server.is_permanent = true;
            task.resources.push_back(server);
        }
        return task;
    }

    Result<void> one_step() {
        fate_ = CommitFate::kFine;
        const auto dice = rng_.below(100);
        if (dice < 8) fate_ = CommitFate::kCrashBefore;
        else if (dice < 16) fate_ = CommitFate::kCrashAfter;
        else if (dice < 22) fate_ = CommitFate::kDiskFull;
        if (rng_.chance(3)) throw CrashedHere{};
        advance_time();
        if (rng_.chance(8)) change_cluster();
        std::vector<core::Input> batch = world_.arrived(now_);
        // Told until it is known: what was told with a failed commit is forgotten with it.
        if (shell_->core().snapshot().nodes() != by_name(cluster_.present()))
            batch.push_back({core::input::NodesChanged{cluster_.present()}, 0, {}});
        for (std::uint64_t users = rng_.below(4); users > 0; --users) batch.push_back(random_command());
        if (options_.deletions && later_.chance(8)) batch.push_back(delete_or_make_project());
        if (rng_.chance(15) || shell_->wants_listing()) batch.push_back(world_.listing(now_));
        turn(std::move(batch));
        return {};
    }

    static std::vector<Node> by_name(std::vector<Node> nodes) {
        std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) { return a.name < b.name; });
        return nodes;
    }

    void change_cluster() {
        cluster_.change();
        ++report_.node_faults;
        for (const Node& node : cluster_.all()) {
            if (cluster_.is_present(node.name)) world_.return_node(node.name);
            else world_.lose_node(node.name);
        }
    }

    void advance_time() {
        now_ += Duration(static_cast<std::int64_t>(1 + rng_.below(300)));
        if (const auto next = world_.next(); next && rng_.chance(50)) now_ = std::max(now_, *next);
    }

    core::Input random_command() {
        if (rng_.chance(15)) return component_command();
        if (rng_.chance(35)) return command(people_.random_command(known_, projects_), false);
        const auto dice = rng_.below(100);
        if (dice < 60 || known_.empty()) return submit();
        const JobId& job = known_[rng_.below(known_.size())];
        if (dice < 80) return command(core::input::StopJob{job, "somebody"}, false);
        if (dice < 92) return command(core::input::SetProperties{job, {{"accuracy", 0.5}}}, false);
        if (dice < 96)
            return command(
                core::input::ReplaceProject{projects_[rng_.below(projects_.size())], changed_spec(), std::nullopt},
                false);
        return submit();
    }

    core::Input component_command() {
        const ProjectId& project = projects_[rng_.below(projects_.size())];
        const std::vector<core::ComponentView> views = shell_->core().components(project);
        const std::string name =
            views.empty() ? std::string("jupyter") : views[rng_.below(views.size())].component.name;
        switch (rng_.below(8)) {
            case 0: return command(core::input::DisableComponent{project, name}, false);
            case 1: return command(core::input::RestartComponent{project, name}, false);
            case 2: return command(core::input::PauseComponent{project, name}, false);
            case 3: return command(core::input::ResumeComponent{project, name}, false);
            case 4:
            case 5:
                for (const core::ComponentView& view : views) {
                    if (view.job == nullptr) continue;
                    if (rng_.chance(30)) return command(core::input::StopJob{view.job->id, "somebody"}, false);
                    return {core::input::ComponentActivity{view.job->id,
                                                           now_ - Duration(static_cast<std::int64_t>(rng_.below(3000))),
                                                           rng_.chance(30), random_load()},
                            0,
                            {}};
                }
                [[fallthrough]];
            default: {
                core::input::EnableComponent enable{project, name, std::nullopt};
                if (rng_.chance(30)) enable.gpus = static_cast<int>(rng_.below(3));
                return command(std::move(enable), false);
            }
        }
    }

    std::optional<ComponentLoad> random_load() {
        if (!options_.deletions || later_.chance(50)) return std::nullopt;
        return ComponentLoad{static_cast<double>(later_.below(20)), std::nullopt};
    }

    std::vector<Component> random_components() {
        std::vector<Component> components;
        for (const char* name : {"board", "tool"}) {
            if (rng_.chance(40)) continue;
            Component component;
            component.name = component.resource.name = name;
            component.resource.command = "serve";
            component.resource.gpus = static_cast<int>(rng_.below(2));
            component.enabled = rng_.chance(40);
            if (rng_.chance(50)) component.idle_pause = Duration(1000);
            components.push_back(std::move(component));
        }
        return components;
    }

    core::Input submit() {
        core::input::SubmitJob body;
        body.id = new_job_id();
        body.project = projects_[rng_.below(projects_.size())];
        body.task = fmt::format("t{}", rng_.below(5));  // t4 does not exist
        body.by = "somebody";
        body.owner = people_.somebody();
        if (rng_.chance(30)) body.wish.priority = static_cast<int>(rng_.below(5)) - 2;
        body.wish.immediate = rng_.chance(15);
        if (rng_.chance(10)) body.gpus = static_cast<int>(rng_.below(6));
        if (rng_.chance(10)) body.workers = static_cast<int>(rng_.below(4));
        if (rng_.chance(8)) body.hold = "from the beginning";
        if (rng_.chance(20)) body.key = fmt::format("{}/key-{}", body.project.str(), rng_.below(20));
        project_of_.emplace(body.id, body.project);
        known_.push_back(body.id);
        if (known_.size() > 200) known_.erase(known_.begin());
        return command(std::move(body), true);
    }

    ProjectSpec changed_spec() {
        ProjectSpec spec;
        spec.name = fmt::format("p{}", rng_.below(6));
        for (int t = 0; t < 4; ++t) spec.tasks.push_back(random_task(t));
        spec.components = random_components();
        return spec;
    }

    Result<Job> stored(const JobId& id) {
        auto job = TRY(reader_->find_job(id));
        if (!job) return fail(ErrorCode::kNotFound, "there is no job {}", id.str());
        return std::move(*job);
    }

    Result<void> check_job(const JobId& id) {
        auto job = stored(id);
        if (!job)
            return broken("P1",
                          fmt::format("the acknowledged job {} is not on disk: {}", id.str(), job.error().message));
        if (const auto before = ended_.find(id); before != ended_.end()) {
            if (before->second != job->state)
                return broken("P2", fmt::format("{} was {} and is {}", job->display_name(), to_string(before->second),
                                                to_string(job->state)));
        } else if (is_final(job->state)) {
            ended_.emplace(id, job->state);
            TRY(check_replay(*job));
        }
        return {};
    }

    Result<void> check_replay(const Job& job) {
        Job replayed;
        for (const JobEvent& event : TRY(reader_->job_events(job.id, 0, 1000))) {
            auto next = apply(std::move(replayed), event);
            if (!next)
                return broken(
                    "P7", fmt::format("an event of {} does not apply: {}", job.display_name(), next.error().message));
            replayed = std::move(*next);
        }
        if (!(replayed == job))
            return broken("P7",
                          fmt::format("the events of {} give another job than the stored one", job.display_name()));
        return {};
    }

    Result<void> check_reload() {
        // What may start depends on the time, so both look at the queue at the same moment.
        const core::Input same_nodes{core::input::NodesChanged{shell_->core().snapshot().nodes()}, 0, {}};
        turn({same_nodes});
        const LiveState live = TRY(store_->load_live());
        core::Core again(core::CoreOptions{}, live);
        (void)again.step({same_nodes}, now_);
        if (again.state_text() != shell_->core().state_text()) {
            return broken("P7",
                          fmt::format("a core loaded from disk differs from the running one:\n{}\n--- running:\n{}",
                                      again.state_text(), shell_->core().state_text()));
        }
        return {};
    }

    Result<void> check_promises() {
        if (const auto fault = shell_->core().sanity_fault()) return broken("P3", *fault);
        TRY(check_pool_law());
        if (!world_.double_start().empty()) return broken("P5", world_.double_start());
        // Acknowledged jobs are looked up while they are young; those that ended are looked at again at the end.
        for (const JobId& id : acknowledged_) {
            if (ended_.count(id) == 0 && !went_with_its_project(id)) TRY(check_job(id));
        }
        TRY(check_deletions());
        if (fate_ == CommitFate::kFine && rng_.chance(20)) TRY(check_reload());
        return check_gangs();
    }

    [[nodiscard]] bool went_with_its_project(const JobId& id) const {
        return shell_->core().find_project(project_of_.at(id)) == nullptr;
    }

    /// Once it is on disk that a project goes, it only ever goes.
    Result<void> check_deletions() {
        for (const ProjectId& id : going_) {
            const Project* project = shell_->core().find_project(id);
            if (project != nullptr && project->deleting_at == Time{})
                return broken("P1", fmt::format("the deletion of the project {} was forgotten", project->spec.name));
        }
        return {};
    }

    /// P3 and the pool law once more, by nothing but what the jobs and the nodes say.
    Result<void> check_pool_law() {
        const scheduling::Snapshot& snapshot = shell_->core().snapshot();
        std::size_t devices = 0;
        for (const Node& node : snapshot.nodes()) devices += node.devices.size();
        std::size_t in_pools = 0;
        for (const auto& [id, pool] : shell_->core().pools())
            in_pools += static_cast<std::size_t>(snapshot.use_of_pool(id).total);
        if (devices != in_pools)
            return broken("the pool law", fmt::format("there are {} devices, and {} in pools", devices, in_pools));
        std::map<std::pair<std::string, int>, std::string> owners;
        for (const JobId& id : acknowledged_) {
            const auto job = ended_.count(id) > 0 ? nullptr : shell_->core().find_job(id);
            if (job == nullptr || job->network_slot < 0) continue;
            for (const Replica& replica : job->replicas) {
                for (const int device : replica.placement.devices) {
                    const auto [owner, is_new] =
                        owners.emplace(std::pair(replica.placement.node, device), job->display_name());
                    if (!is_new)
                        return broken("P3", fmt::format("GPU {} of {} belongs to {} and to {}", device,
                                                        replica.placement.node, owner->second, job->display_name()));
                }
            }
        }
        return {};
    }

    Result<void> check_gangs() {
        std::map<JobId, int> running;
        for (const auto& [job, replica, attempt] : world_.running(now_)) running[job] += 1;
        for (const auto& [id, count] : running) {
            auto job = reader_->find_job(id);
            if (!job || !*job) return broken("P4", fmt::format("replicas of the unknown job {} run", id.str()));
            if ((*job)->network_slot < 0)
                return broken("P4", fmt::format("{} holds no resources and {} of its replicas run",
                                                (*job)->display_name(), count));
            if (!(*job)->preparation)
                return broken("P4", fmt::format("{} runs before it was prepared", (*job)->display_name()));
        }
        return {};
    }

    // They would run for ever.
    std::vector<core::Input> end_of_components() {
        std::vector<core::Input> batch;
        for (const ProjectId& project : projects_) {
            for (const core::ComponentView& view : shell_->core().components(project)) {
                batch.push_back({core::input::DisableComponent{project, view.component.name}, 0, {}});
            }
        }
        return batch;
    }

    /// Without further faults and commands everything that was accepted comes to its end.
    Result<void> settle() {
        world_.set_faults({0, 0, 0, 0});
        fate_ = CommitFate::kFine;
        cluster_.mend();
        for (const Node& node : cluster_.all()) world_.return_node(node.name);
        turn({{core::input::NodesChanged{cluster_.present()}, 0, {}}});
        turn(end_of_components());
        for (int round = 0; round < 20'000; ++round) {
            const bool at_rest = shell_->core().live_jobs() == 0 && !world_.next();
            if (at_rest) break;
            now_ += Duration(100);
            std::vector<core::Input> batch = world_.arrived(now_);
            if (round % 20 == 0) batch.push_back(world_.listing(now_));
            // What is held, or has become too large for its pool, waits until somebody does something about it.
            if (round > 0 && round % 1000 == 0) {
                for (const JobId& id : shell_->core().live_job_ids())
                    batch.push_back({core::input::StopJob{id, "somebody"}, 0, {}});
            }
            turn(std::move(batch));
        }
        turn({world_.listing(now_)});
        if (shell_->core().live_jobs() > 0)
            return broken(
                "P2", fmt::format("{} jobs never end:\n{}", shell_->core().live_jobs(), shell_->core().state_text()));
        if (!world_.running(now_).empty()) return broken("P4", "replicas run although every job has ended");
        if (world_.remembered() > 0) {
            turn({world_.listing(now_)});
            if (world_.remembered() > 0)
                return broken("P5", fmt::format("the engine still keeps {} ended attempts", world_.remembered()));
        }
        for (const ProjectId& id : going_) {
            if (shell_->core().find_project(id) != nullptr)
                return broken("P2", fmt::format("the deletion of the project {} never ends", id.str()));
        }
        for (const JobId& id : acknowledged_) {
            if (went_with_its_project(id)) continue;
            TRY(check_job(id));
            report_.requeues += TRY(stored(id)).requeues;
        }
        for (const auto& [state, count] : TRY(reader_->count_jobs())) {
            report_.jobs += static_cast<int>(count);
            if (state == JobState::kComplete) report_.complete = static_cast<int>(count);
            if (state == JobState::kError) report_.error = static_cast<int>(count);
            if (state == JobState::kStopped) report_.stopped = static_cast<int>(count);
        }
        return {};
    }

    const SimOptions options_;
    const std::string folder_;
    Rng rng_;
    Rng later_{options_.seed + 1};  ///< For what came later than the runs that tests hold on to.
    SimWorld world_;
    SimCluster cluster_;
    Time now_ = time_from_ms(1'700'000'000'000);
    SimPeople people_;
    int step_ = 0;
    CommitFate fate_ = CommitFate::kFine;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::StoreReader> reader_;
    std::unique_ptr<runtime::Shell> shell_;
    std::vector<ProjectId> projects_;
    std::set<ProjectId> going_;  ///< Whose deletion was seen on disk while their components ran.
    std::map<JobId, ProjectId> project_of_;
    std::vector<JobId> known_;
    std::uint64_t next_ticket_ = 1;
    std::map<std::uint64_t, bool> waiting_;  ///< Ticket → whether the answer names a job.
    std::set<JobId> acknowledged_;
    std::map<JobId, JobState> ended_;
    SimReport report_;
};

// In memory where possible: the crashes are those of a process, and those do not need a disk.
Result<std::string> temporary_folder() {
    std::error_code error;
    const bool shared_memory = std::filesystem::is_directory("/dev/shm", error) && ::access("/dev/shm", W_OK) == 0;
    const std::filesystem::path parent =
        shared_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "pintle-selftest-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(os::errno_error("create a temporary folder like", pattern, errno));
    return pattern;
}

}  // namespace

Result<SimReport> simulate(const SimOptions& options) {
    if (!options.folder.empty()) return Simulation(options, options.folder).run();
    log::set_level(log::Level::kOff);  // Every fault here is meant.
    const std::string folder = TRY(temporary_folder());
    Result<SimReport> report = Simulation(options, folder).run();
    TRY(os::remove_tree(folder));
    return report;
}

}  // namespace pintle::sim
