#include "runtime/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <random>
#include <thread>
#include <unordered_map>

#include "base/bounded_queue.hpp"
#include "base/log.hpp"
#include "os/file.hpp"
#include "runtime/form_files.hpp"
#include "runtime/launch.hpp"
#include "runtime/preparation.hpp"
#include "runtime/preparations.hpp"
#include "runtime/shell.hpp"
#include "runtime/work_queue.hpp"

namespace pintle::runtime {
namespace {

using Question = std::function<void(const core::Core&)>;
using Mail = std::variant<core::Input, Question>;
using Work = std::function<void()>;

core::input::ReplicaSeen to_input(const engine::Observation& observation) {
    core::input::ReplicaSeen seen{observation.id.job, observation.id.replica, observation.id.attempt, std::nullopt};
    if (observation.kind == engine::Observation::Kind::kExited) seen.exit = observation.exit;
    return seen;
}

// After a commit that failed the core is another one, which is told of its nodes first.
bool concerns_components(const std::vector<core::Input>& batch, const domain::Changes& changes) {
    const bool reloaded = std::any_of(batch.begin(), batch.end(), [](const core::Input& input) {
        return std::holds_alternative<core::input::NodesChanged>(input.body);
    });
    return reloaded || std::any_of(changes.begin(), changes.end(), [](const domain::Change& change) {
               if (const auto* saved = std::get_if<domain::change::JobSaved>(&change))
                   return saved->job->kind == domain::JobKind::kComponent;
               return std::holds_alternative<domain::change::ProjectSaved>(change) ||
                      std::holds_alternative<domain::change::ProjectDeleted>(change) ||
                      std::holds_alternative<domain::change::ComponentSaved>(change) ||
                      std::holds_alternative<domain::change::ComponentDeleted>(change);
           });
}

}  // namespace

struct Runtime::Impl final : TurnSink {
    Impl(Deps d, RuntimeOptions o)
        : deps(d),
          options(std::move(o)),
          mailbox(options.mailbox_max),
          engine_queue(1'000'000),
          work_queue(options.preparation_threads),
          sampler({d.clock, d.engine, samples, d.data}, options.sampling),
          reports({d.clock, samples, d.data}),
          meter(d.clock, {d.sources.storages(), d.data.file("storage-use.json"), options.measuring}),
          room(meter, d.sources.storages(), [this](const Question& question) { ask(question); }) {}

    // TurnSink, on the core thread.
    void reply(core::Reply reply) override;
    void carry_out(core::Effect effect) override;
    void committed(std::int64_t sequence) override { hub.publish(sequence); }
    void changed(const std::vector<core::Input>& batch, const domain::Changes& changes,
                 const core::Core& core) override {
        news.look(batch, changes, core);
        if (concerns_components(batch, changes)) ++component_generation;
        for (const domain::Change& change : changes) {
            const auto* saved = std::get_if<domain::change::JobSaved>(&change);
            if (saved == nullptr) continue;
            sampler.job_changed(*saved->job);
            if (domain::is_final(saved->job->state) && saved->job->started_at != Time{}) room.ended(*saved->job);
        }
    }

    void run_core();
    void run_engine_queue();
    void ask(const Question& question);
    void tell_of_quotas(const source::MeasuredFolder& folder);
    void send(core::InputBody body) { mailbox.force(core::Input{std::move(body), 0}); }

    void on_engine(Work work) { engine_queue.force(std::move(work)); }
    void prepare(std::shared_ptr<const domain::Job> job);
    [[nodiscard]] WorkQueue::Outcome prepare_now(const domain::Job& job, const Preparations::Wish& wish,
                                                 bool& told_of_waiting);
    [[nodiscard]] source::Limits limits_of(const domain::Job& job, const Preparations::Wish& wish) const;
    [[nodiscard]] Result<void> prepare_component_folder(const domain::Job& job, const domain::Replica& replica,
                                                        LaunchContext& context) const;
    void finish_sources(std::shared_ptr<const domain::Job> job);
    void forget_replica(const engine::AttemptId& id);
    void forget_job(const domain::JobId& job);
    void follow_reports(const domain::Job& job, const domain::Replica& replica, LaunchContext& context);
    void start_replica(const core::effect::StartReplica& effect);
    void do_chore(const domain::Chore& chore);
    [[nodiscard]] Result<void> remove_samples(const domain::ProjectId& project, const domain::JobId& job);
    void list_engine();
    void ask_inventory();
    void tidy_store();
    [[nodiscard]] Result<void> work_on(const domain::Chore& chore);
    [[nodiscard]] domain::Node node_named(const std::string& name) const;

    const Deps deps;
    const RuntimeOptions options;
    std::vector<domain::Node> nodes;  // engine thread only, after start()
    BoundedQueue<Mail> mailbox;
    BoundedQueue<Work> engine_queue;
    WorkQueue work_queue;
    Preparations preparations;
    ChangeHub hub;
    ClusterNews news;
    SampleStore samples;
    Sampler sampler;
    ReportCollector reports;
    StorageMeter meter;
    StorageRoom room;
    std::set<source::MeasuredFolder> overfull;  // the meter's thread only: what was told already
    std::unique_ptr<Shell> shell;  // core thread only, after start()
    Synchronized<std::unordered_map<std::uint64_t, Done>> waiting;
    Synchronized<std::set<std::string>> chores;  ///< Those under way, by id.
    Synchronized<std::random_device> random;
    std::atomic<std::uint64_t> next_ticket{1};
    std::atomic<std::uint64_t> component_generation{1};
    std::atomic<bool> listing_under_way{false};
    std::atomic<bool> inventory_under_way{false};
    Time next_listing{}, next_inventory{};  // core thread only
    std::thread core_thread;
    std::vector<std::thread> threads;
};

void Runtime::Impl::reply(core::Reply reply) {
    Done done;
    waiting.with([&](auto& map) {
        const auto found = map.find(reply.ticket);
        if (found == map.end()) return;
        done = std::move(found->second);
        map.erase(found);
    });
    if (done) done(std::move(reply.result));
}

domain::Node Runtime::Impl::node_named(const std::string& name) const {
    for (const domain::Node& node : nodes) {
        if (node.name == name) return node;
    }
    return {};
}

void Runtime::Impl::prepare(std::shared_ptr<const domain::Job> job) {
    if (needs_no_preparation(*job)) {
        send(core::input::PreparationDone{job->id, {}});
        return;
    }
    std::set<std::string> places = places_of(*job);
    auto wish = preparations.begin(job->id);
    auto told = std::make_shared<bool>(false);
    work_queue.add(std::move(places), [this, wish = std::move(wish), told = std::move(told), job = std::move(job)] {
        const WorkQueue::Outcome outcome = prepare_now(*job, *wish, *told);
        if (outcome.again) return outcome;
        preparations.end(job->id, wish);
        // It may have been forgotten while something was still being written for it.
        if (wish->is_forgotten) deps.sources.forget(job->id);
        return outcome;
    });
}

// The end of what prepares the job: with the job, or with the time that the job has for it.
source::Limits Runtime::Impl::limits_of(const domain::Job& job, const Preparations::Wish& wish) const {
    // The next in the queue is prepared meanwhile.
    constexpr std::chrono::milliseconds kPatience(1000);
    source::Limits limits{&wish.is_over, {}, kPatience};
    const Duration timeout = job.spec.task.timeout;
    if (timeout.count() > 0)
        limits.deadline = std::chrono::steady_clock::now() + (job.started_at + timeout - deps.clock.now());
    return limits;
}

WorkQueue::Outcome Runtime::Impl::prepare_now(const domain::Job& job, const Preparations::Wish& wish,
                                              bool& told_of_waiting) {
    if (wish.is_over) return {.failed = true};
    const auto progress = [&](std::string message) {
        send(core::input::PreparationProgress{job.id, std::move(message)});
    };
    WorkQueue::Outcome outcome;
    const auto has_room = room.check_job(job);
    Result<domain::Preparation> prepared =
        has_room ? prepare_job(job, deps.sources, deps.engine, progress, outcome.place, limits_of(job, wish))
                 : fail(has_room.error());
    if (prepared) {
        send(core::input::PreparationDone{job.id, std::move(*prepared)});
    } else if (wish.is_over) {
        outcome = {.failed = true};
    } else if (prepared.error().code == ErrorCode::kConflict) {
        if (!std::exchange(told_of_waiting, true)) progress(fmt::format("Waiting: {}.", prepared.error().message));
        return {.again = true};
    } else {
        outcome.failed = true;
        // Who answers, though with a refusal, holds nobody up.
        if (prepared.error().code != ErrorCode::kUnavailable && prepared.error().code != ErrorCode::kTimeout)
            outcome.place.clear();
        log::warn("job.preparation_failed", {{"job", job.display_name()}, {"reason", prepared.error().message}});
        // A job that would have to be another does not become ready by waiting.
        const bool may_pass = prepared.error().code != ErrorCode::kInvalid;
        send(core::input::PreparationFailed{job.id, prepared.error().message, may_pass});
    }
    return outcome;
}

// A mount point within another mount has to be there already.
Result<void> Runtime::Impl::prepare_component_folder(const domain::Job& job, const domain::Replica& replica,
                                                     LaunchContext& context) const {
    if (job.kind != domain::JobKind::kComponent) return {};
    context.component_folder = deps.data.component_folder(job.project_id, job.spec.task.name);
    TRY(os::make_folders(context.component_folder, 0700));
    if (!context.node.private_mounts) return {};
    const engine::ReplicaLaunch launch = make_launch(job, replica, context);
    if (launch.mounts.empty() || launch.mounts.front().host_path != context.component_folder) return {};
    const std::string within = launch.mounts.front().mount_path + "/";
    for (const engine::Mount& mount : launch.mounts) {
        if (mount.mount_path.starts_with(within))
            TRY(os::make_folders(context.component_folder + "/" + mount.mount_path.substr(within.size()), 0700));
    }
    return {};
}

void Runtime::Impl::finish_sources(std::shared_ptr<const domain::Job> job) {
    std::set<std::string> places = places_written_by(*job);
    work_queue.add(places, [this, places, job = std::move(job)] {
        const auto progress = [&](std::string message) {
            send(core::input::PreparationProgress{job->id, std::move(message)});
        };
        const auto finished = deps.sources.finish(*job, progress);
        if (!finished)
            log::warn("job.write_back_failed", {{"job", job->display_name()}, {"reason", finished.error().message}});
        send(core::input::SourcesFinished{job->id, finished ? "" : finished.error().message});
        // Of several it is not known which one failed.
        return WorkQueue::Outcome{!finished, places.size() == 1 ? *places.begin() : std::string()};
    });
}

// A job runs although nothing that it reports can be kept.
void Runtime::Impl::follow_reports(const domain::Job& job, const domain::Replica& replica, LaunchContext& context) {
    const ReportBox box = ReportBox::of(deps.data, job.project_id, job.id, replica.name());
    context.report_folder = box.box();
    const ReportPlan plan = plan_reports(job, replica, make_launch(job, replica, context), deps.clock.now());
    const auto prepared = box.prepare(plan);
    if (!prepared) {
        context.report_folder.clear();
        log::warn("reports.not_prepared",
                  {{"job", job.display_name()}, {"replica", replica.name()}, {"reason", prepared.error().message}});
        return;
    }
    const Duration wished = job.spec.task.sample_interval;
    reports.follow(box, job.id, wished.count() > 0 ? wished : options.sampling.interval, !plan.events_root.empty());
}

void Runtime::Impl::forget_replica(const engine::AttemptId& id) {
    on_engine([this, id] {
        // What it used in all is known until then.
        const auto used = deps.engine.usage({id});
        const auto total = used.find(id);
        sampler.ended(id, total == used.end() ? engine::Usage() : total->second);
        const auto forgotten = deps.engine.forget(id);
        if (!forgotten)
            log::warn("replica.forget_failed",
                      {{"job", id.job.str()}, {"replica", id.replica}, {"reason", forgotten.error().message}});
    });
}

// Its sources can hold event files that were not read yet.
void Runtime::Impl::forget_job(const domain::JobId& job) {
    preparations.forget(job);
    reports.finish(job, [this, job] {
        work_queue.add({}, [this, job] {
            deps.sources.forget(job);
            return WorkQueue::Outcome{};
        });
    });
    meter.look_again();
}

void Runtime::Impl::start_replica(const core::effect::StartReplica& effect) {
    on_engine([this, effect] {
        const domain::Job& job = *effect.job;
        const domain::Replica& replica = *job.find_replica(effect.replica);
        LaunchContext context;
        context.node = node_named(replica.placement.node);
        context.log_folder = deps.data.log_folder(job.project_id, job.id, effect.replica);
        context.form_folder = FormFiles(deps.data).folder(job.project_id, job.id);
        // A container has mounts and names of its own, whatever processes of the node may have.
        if (job.spec.engine == domain::EngineKind::kContainer)
            context.node.private_mounts = context.node.private_names = true;
        if (options.credentials) context.credentials = options.credentials(job);
        follow_reports(job, replica, context);
        auto started = prepare_component_folder(job, replica, context);
        if (started) started = deps.engine.start(make_launch(job, replica, context));
        if (started) return;
        // Whatever half-started is ended first, so that the reported end is true.
        const engine::AttemptId id{job.id, effect.replica, effect.attempt};
        const auto stopped = deps.engine.stop(id, Duration(0));
        log::warn("replica.start_failed", {{"job", job.display_name()},
                                           {"replica", effect.replica},
                                           {"reason", started.error().message},
                                           {"stopped", stopped.has_value()}});
        const std::string message = fmt::format("{} could not be started: {}", effect.replica, started.error().message);
        send(core::input::ReplicaSeen{job.id, effect.replica, effect.attempt,
                                      domain::ReplicaExit{-1, false, message, deps.clock.now()}});
    });
}

Result<void> Runtime::Impl::remove_samples(const domain::ProjectId& project, const domain::JobId& job) {
    TRY(ReportBox::remove(deps.data, project, job));
    samples.close(deps.data.sample_folder(project, job));
    return os::remove_tree(deps.data.sample_folder(project, job));
}

Result<void> Runtime::Impl::work_on(const domain::Chore& chore) {
    if (const auto* removed = std::get_if<domain::chore::RemoveProjectData>(&chore.work)) {
        for (const std::string& folder : deps.sources.private_folders(removed->spec, removed->home.str()))
            TRY(os::remove_tree(folder));
        TRY(FormFiles(deps.data).remove(removed->id));
        TRY(os::remove_tree(deps.data.component_folder(removed->id)));
        TRY(ReportBox::remove(deps.data, removed->id));
        TRY(os::remove_tree(deps.data.sample_folder(removed->id)));
        return os::remove_tree(deps.data.log_folder(removed->id));
    }
    if (const auto* moved = std::get_if<domain::chore::MoveProjectData>(&chore.work)) {
        return deps.sources.move_project({moved->from_home.str(), moved->from}, {moved->to_home.str(), moved->to});
    }
    if (const auto* jobs = std::get_if<domain::chore::RemoveJobsData>(&chore.work)) {
        for (const domain::JobId& job : jobs->jobs) {
            TRY(FormFiles(deps.data).remove(jobs->project, job));
            TRY(remove_samples(jobs->project, job));
            TRY(os::remove_tree(deps.data.log_folder(jobs->project, job)));
        }
        return {};
    }
    const auto& job = std::get<domain::chore::RemoveJobData>(chore.work);
    TRY(FormFiles(deps.data).remove(job.project, job.job));
    TRY(remove_samples(job.project, job.job));
    return os::remove_tree(deps.data.log_folder(job.project, job.job));
}

// Until it is done: jobs of the project wait for its data, and what is in the way now may be gone soon.
void Runtime::Impl::do_chore(const domain::Chore& chore) {
    struct Tries {
        std::string fault;
        std::chrono::seconds pause{1};
        std::chrono::steady_clock::time_point next;
    };
    // A core that is loaded again asks again for all that it does not know to be done.
    if (!chores.with([&](auto& ids) { return ids.insert(chore.id).second; })) return;
    work_queue.add({}, [this, chore, tries = std::make_shared<Tries>()] {
        constexpr std::chrono::seconds kPauseMost{60};
        if (std::chrono::steady_clock::now() < tries->next) return WorkQueue::Outcome{.again = true};
        const auto done = work_on(chore);
        meter.look_again();
        if (done) {
            // Before it is told: if that cannot be written, it is asked for once more.
            chores.with([&](auto& ids) { ids.erase(chore.id); });
            send(core::input::ChoreDone{chore.id});
            return WorkQueue::Outcome{};
        }
        if (std::exchange(tries->fault, done.error().message) != done.error().message)
            log::error("chore.failed", {{"chore", chore.id}, {"reason", done.error().message}});
        tries->next = std::chrono::steady_clock::now() + tries->pause;
        tries->pause = std::min(2 * tries->pause, kPauseMost);
        return WorkQueue::Outcome{.again = true};
    });
}

void Runtime::Impl::carry_out(core::Effect effect) {
    struct Visitor {
        Impl& impl;
        void operator()(core::effect::Prepare& e) const { impl.prepare(std::move(e.job)); }
        void operator()(core::effect::FinishSources& e) const { impl.finish_sources(std::move(e.job)); }
        void operator()(core::effect::StartReplica& e) const { impl.start_replica(e); }
        void operator()(core::effect::StopReplica& e) const {
            impl.on_engine([&runtime = impl, e] {
                const auto stopped = runtime.deps.engine.stop({e.job, e.replica, e.attempt}, e.grace);
                if (!stopped)
                    log::error("replica.stop_failed",
                               {{"job", e.job.str()}, {"replica", e.replica}, {"reason", stopped.error().message}});
            });
        }
        void operator()(core::effect::ForgetReplica& e) const {
            impl.forget_replica({e.job, e.replica, e.attempt});
        }
        void operator()(core::effect::ForgetJob& e) const {
            impl.forget_job(e.job);
        }
        void operator()(core::effect::DoChore& e) const { impl.do_chore(e.chore); }
    };
    std::visit(Visitor{*this}, effect);
}

void Runtime::Impl::list_engine() {
    if (listing_under_way.exchange(true)) return;
    on_engine([this] {
        auto listed = deps.engine.list();
        listing_under_way = false;
        if (!listed) {
            log::error("engine.list_failed", {{"reason", listed.error().message}});
            return;
        }
        core::input::EnginesListed listing;
        for (const engine::Observation& observation : *listed) listing.seen.push_back(to_input(observation));
        send(std::move(listing));
    });
}

// GPUs fail, vanish and come back while the server runs.
void Runtime::Impl::ask_inventory() {
    on_engine([this] {
        auto asked = deps.engine.inventory();
        if (!asked) {
            log::error("engine.inventory_failed", {{"reason", asked.error().message}});
        } else if (*asked != nodes) {
            nodes = std::move(*asked);
            sampler.nodes_changed(nodes);
            send(core::input::NodesChanged{nodes});
        }
        inventory_under_way = false;
    });
}

// What a deleted project leaves in the database goes in small portions while nothing else is to be done.
void Runtime::Impl::tidy_store() {
    const auto more = deps.store.tidy();
    if (!more) log::warn("store.tidy_failed", {{"reason", more.error().message}});
}

void Runtime::Impl::run_core() {
    std::optional<Time> due;
    while (!mailbox.closed() || mailbox.size() > 0) {
        const Time before = deps.clock.now();
        Duration patience = std::chrono::seconds(1);
        if (due) patience = std::clamp(*due - before, Duration(0), patience);
        std::vector<Mail> mail = mailbox.drain(options.batch_max, patience);
        std::vector<core::Input> batch;
        std::vector<Question> questions;
        for (Mail& item : mail) {
            if (auto* input = std::get_if<core::Input>(&item)) batch.push_back(std::move(*input));
            if (auto* question = std::get_if<Question>(&item)) questions.push_back(std::move(*question));
        }
        const Time now = deps.clock.now();
        if (!batch.empty() || (due && *due <= now)) due = shell->turn(batch, now);
        if (mail.empty()) tidy_store();
        for (const Question& question : questions) question(shell->core());
        if (!mailbox.closed() && (shell->wants_listing() || next_listing <= now)) {
            next_listing = now + options.listing_interval;
            list_engine();
        }
        if (!mailbox.closed() && next_inventory <= now && !inventory_under_way.exchange(true)) {
            next_inventory = now + options.inventory_interval;
            ask_inventory();
        }
    }
}

void Runtime::Impl::run_engine_queue() {
    while (auto work = engine_queue.pop()) (*work)();
}

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Runtime::~Runtime() { stop(); }

Result<std::unique_ptr<Runtime>> Runtime::start(Deps deps, RuntimeOptions options) {
    auto impl = std::make_unique<Impl>(deps, std::move(options));
    Impl& self = *impl;
    self.nodes = TRY(deps.engine.inventory());
    self.next_inventory = deps.clock.now() + self.options.inventory_interval;
    self.sampler.nodes_changed(self.nodes);
    self.shell = TRY(Shell::recover(self.options.core, self.nodes, deps.store, self, deps.clock.now()));
    self.news.begin(self.shell->core());
    // What a server that was killed did not come to.
    const std::set<domain::JobId> live = self.shell->core().live_job_ids();
    for (const domain::JobId& id : live) self.sampler.job_changed(*self.shell->core().find_job(id));
    self.reports.begin(live);
    for (const domain::JobId& left : deps.sources.leftovers(live)) self.forget_job(left);
    self.core_thread = std::thread([&self] { self.run_core(); });
    self.threads.emplace_back([&self] { self.run_engine_queue(); });
    for (std::size_t i = 0; i < self.options.preparation_threads; ++i)
        self.threads.emplace_back([&self] { self.work_queue.run(); });
    self.meter.start({[&self] { return self.room.written(); },
                      [&self](const source::MeasuredFolder& folder) { self.tell_of_quotas(folder); }});
    return std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

void Runtime::post(core::InputBody command, domain::Actor actor, Done done) {
    const std::uint64_t ticket = impl_->next_ticket++;
    impl_->waiting.with([&](auto& map) { map.emplace(ticket, std::move(done)); });
    if (impl_->mailbox.push(core::Input{std::move(command), ticket, std::move(actor)})) return;
    const bool closing = impl_->mailbox.closed();
    impl_->reply({ticket, closing ? Result<std::string>(fail(ErrorCode::kUnavailable, "the server is stopping"))
                                  : Result<std::string>(
                                        fail(ErrorCode::kExhausted,
                                             "the server has more requests than it can take; try again in a moment"))});
}

Result<std::string> Runtime::call(core::InputBody command, domain::Actor actor) {
    std::promise<Result<std::string>> promise;
    post(std::move(command), std::move(actor),
         [&](Result<std::string> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
}

void Runtime::observe(engine::Observation observation) { impl_->send(to_input(observation)); }

void Runtime::Impl::ask(const Question& question) {
    std::promise<void> asked;
    const bool accepted = mailbox.force(Question([&](const core::Core& core) {
        question(core);
        asked.set_value();
    }));
    if (accepted) asked.get_future().get();
}

void Runtime::ask(const std::function<void(const core::Core&)>& question) { impl_->ask(question); }

// Once, until there is room again.
void Runtime::Impl::tell_of_quotas(const source::MeasuredFolder& folder) {
    std::set<source::MeasuredFolder> full;
    for (core::input::StorageOverQuota& told : room.overfull(folder)) {
        const source::MeasuredFolder whole(told.storage, told.folder);
        full.insert(whole);
        if (overfull.insert(whole).second) send(std::move(told));
    }
    std::erase_if(overfull, [&](const source::MeasuredFolder& whole) {
        const bool holds_it = whole.first == folder.first &&
                              (whole.second == folder.second || folder.second.starts_with(whole.second + "/"));
        return holds_it && full.count(whole) == 0;
    });
}

std::string Runtime::make_id() {
    const auto bits = [](std::random_device& random) { return std::uint64_t{random()} << 32 | random(); };
    const auto [high, low] =
        impl_->random.with([&](std::random_device& random) { return std::pair(bits(random), bits(random)); });
    return make_ulid(impl_->deps.clock.now(), high, low);
}

ChangeHub& Runtime::changes() { return impl_->hub; }
ClusterNews& Runtime::cluster_news() { return impl_->news; }
const Sampler& Runtime::sampler() const { return impl_->sampler; }
std::uint64_t Runtime::component_generation() const { return impl_->component_generation; }
ReportCollector& Runtime::reports() { return impl_->reports; }
StorageMeter& Runtime::storage_meter() { return impl_->meter; }
StorageRoom& Runtime::storage_room() { return impl_->room; }

void Runtime::stop() {
    if (!impl_->core_thread.joinable()) return;
    impl_->meter.stop();
    impl_->mailbox.close();
    impl_->core_thread.join();
    impl_->engine_queue.close();
    impl_->preparations.close();
    impl_->work_queue.close();
    impl_->reports.stop();
    impl_->sampler.stop();
    for (std::thread& thread : impl_->threads) thread.join();
    // Nobody may wait for an answer that cannot come any more.
    std::unordered_map<std::uint64_t, Done> left;
    impl_->waiting.with([&](auto& map) { left.swap(map); });
    for (auto& [ticket, done] : left) done(fail(ErrorCode::kUnavailable, "the server is stopping"));
}

void ObservationRelay::operator()(engine::Observation observation) {
    state_.with([&](State& state) {
        if (state.runtime != nullptr) {
            state.runtime->observe(std::move(observation));
        } else {
            state.early.push_back(std::move(observation));
        }
    });
}

void ObservationRelay::connect(Runtime& runtime) {
    state_.with([&](State& state) {
        state.runtime = &runtime;
        for (engine::Observation& observation : state.early) runtime.observe(std::move(observation));
        state.early.clear();
    });
}

void ObservationRelay::disconnect() {
    state_.with([](State& state) { state.runtime = nullptr; });
}

}  // namespace pintle::runtime
