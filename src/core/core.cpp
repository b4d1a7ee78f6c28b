#include "core/core.hpp"

#include <set>
#include <algorithm>

#include "base/check.hpp"
#include "core/state.hpp"

namespace pintle::core {

struct Core::Impl {
    State state;
};

namespace {

void load_job(State& state, domain::Job job) {
    // Jobs of a time before ranks wait in the order of their submission, which is the order of loading.
    if (job.rank == 0) job.rank = state.next_rank;
    state.next_rank = std::max(state.next_rank, job.rank + kRankGap);
    const auto loaded = std::make_shared<const domain::Job>(std::move(job));
    state.jobs[loaded->id] = loaded;
    state.live_jobs_of[loaded->project_id].insert(loaded->id);
    if (domain::is_waiting(loaded->state)) {
        enqueue(state, *loaded);
    } else if (loaded->network_slot >= 0) {
        state.slots.insert(loaded->network_slot);
        state.snapshot.start(running_of(state, *loaded));
    }
}

void load_people(State& state, domain::LiveState& live) {
    state.groups.emplace(
        domain::kDefaultGroup,
        domain::Group{domain::kDefaultGroup, domain::kDefaultGroupName, domain::kDefaultPool, false, std::nullopt, {}});
    state.pools.emplace(domain::kDefaultPool, domain::Pool{domain::kDefaultPool, domain::kDefaultPoolName, "", {}, {}});
    for (domain::Group& group : live.groups) state.groups.insert_or_assign(group.id, std::move(group));
    for (domain::Pool& pool : live.pools) state.pools.insert_or_assign(pool.id, std::move(pool));
    for (domain::User& user : live.users) {
        state.user_ids.emplace(user.name, user.id);
        state.users.emplace(user.id, std::move(user));
    }
    for (domain::AccessToken& token : live.tokens) state.tokens.emplace(token.id, std::move(token));
    for (domain::Invite& invite : live.invites) state.invites.emplace(invite.hash, std::move(invite));
    for (domain::Account& account : live.accounts) state.accounts.emplace(account.id, std::move(account));
    for (domain::StorageQuota& quota : live.storage_quotas)
        state.storage_quotas.insert_or_assign(quota.owner, quota.bytes);
    publish_pools(state);
    publish_groups(state);
}

void load_projects(State& state, domain::LiveState& live) {
    for (domain::Project& project : live.projects) {
        state.project_ids.emplace(std::pair(project.home, project.spec.name), project.id);
        // Its data has still to follow its owner.
        state.project_ids.emplace(std::pair(group_of(state, project.owner), project.spec.name), project.id);
        if (project.deleting_at != Time{}) state.removals.try_emplace(project.id);
        state.projects.emplace(project.id, std::move(project));
    }
    for (domain::RunTimes& times : live.run_times)
        state.run_times.emplace(std::pair(times.project, times.task), std::move(times));
}

}  // namespace

Core::Core(CoreOptions options, domain::LiveState live) : impl_(std::make_unique<Impl>()) {
    State& state = impl_->state;
    state.options = std::move(options);
    state.snapshot.set_options(state.options.scheduling);
    load_people(state, live);
    load_projects(state, live);
    for (domain::Job& job : live.jobs) load_job(state, std::move(job));
    for (domain::change::KeyUsed& key : live.keys) {
        state.key_order.push_back(key.key);
        state.keys.emplace(key.key, std::move(key));
    }
    for (domain::Chore& chore : live.chores) state.chores.emplace(chore.id, std::move(chore));
    load_components(state, std::move(live.components));
}

Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

std::vector<Effect> Core::resume() const {
    std::vector<Effect> effects;
    for (const auto& [id, job] : impl_->state.jobs) {
        if (job->state == domain::JobState::kStarting && !job->preparation) effects.push_back(effect::Prepare{job});
    }
    for (const auto& [id, chore] : impl_->state.chores) effects.push_back(effect::DoChore{chore});
    return effects;
}

StepResult Core::step(const std::vector<Input>& batch, Time now) {
    Step step{impl_->state, now, {}, {}, {}, {}, false, {}};
    for (const Input& input : batch) {
        step.actor = input.actor;
        std::visit([&](const auto& body) { on(step, body, input.ticket); }, input.body);
    }
    step.actor = {};
    expire_waiting(step);
    look_after_components(step);
    retry_sources(step);
    if (step.replan) admit_waiting(step);
    flush(step);
    const State& state = impl_->state;
    step.result.next_wakeup = next_component_start(state, now);
    for (const auto* due : {&state.deadlines, &state.source_retries}) {
        if (due->empty()) continue;
        const Time next = due->begin()->first;
        step.result.next_wakeup = std::min(step.result.next_wakeup.value_or(next), next);
    }
    return std::move(step.result);
}

std::optional<scheduling::Explanation> Core::explain(const domain::JobId& id, Time now) const {
    if (impl_->state.snapshot.find_waiting(id) == nullptr) return std::nullopt;
    return scheduling::explain(impl_->state.snapshot, id, now);
}

Result<Core::DryRun> Core::dry_run(const input::SubmitJob& command, const domain::Actor& actor, Time now) const {
    const State& state = impl_->state;
    domain::Job job = TRY(job_of(state, command, actor, now));
    if (command.hold) job.hold = domain::Hold{*command.hold, actor.name, false, now};
    scheduling::Explanation explanation = scheduling::what_if(state.snapshot, workload_of(state, job), now);
    return DryRun{std::move(job), std::move(explanation)};
}

std::vector<Fault> Core::project_faults(const domain::ProjectSpec& spec, const domain::UserId& owner,
                                        const std::optional<domain::ProjectId>& existing) const {
    return core::project_faults(impl_->state, spec, owner, existing);
}

std::set<domain::JobId> Core::live_job_ids() const {
    std::set<domain::JobId> ids;
    for (const auto& [id, job] : impl_->state.jobs) ids.insert(id);
    return ids;
}

const scheduling::Snapshot& Core::snapshot() const { return impl_->state.snapshot; }
const std::map<domain::UserId, domain::User>& Core::users() const { return impl_->state.users; }
const std::map<domain::GroupId, domain::Group>& Core::groups() const { return impl_->state.groups; }
const std::map<domain::PoolId, domain::Pool>& Core::pools() const { return impl_->state.pools; }

std::shared_ptr<const domain::Job> Core::find_job(const domain::JobId& id) const {
    const auto found = impl_->state.jobs.find(id);
    return found == impl_->state.jobs.end() ? nullptr : found->second;
}

std::vector<ComponentView> Core::components(const domain::ProjectId& project) const {
    return components_of(impl_->state, project);
}

std::vector<ComponentView> Core::running_components() const {
    std::set<domain::ProjectId> projects;
    for (const auto& [key, record] : impl_->state.components) {
        if (!record.job.empty()) projects.insert(key.first);
    }
    std::vector<ComponentView> running;
    for (const domain::ProjectId& project : projects) {
        for (ComponentView& view : components_of(impl_->state, project)) {
            if (state_of(view) == ComponentState::kRunning) running.push_back(std::move(view));
        }
    }
    return running;
}

const domain::Project* Core::find_project(const domain::ProjectId& id) const {
    const auto found = impl_->state.projects.find(id);
    return found == impl_->state.projects.end() ? nullptr : &found->second;
}

const domain::Project* Core::project_at(const domain::GroupId& home, const std::string& name) const {
    const auto found = impl_->state.project_ids.find({home, name});
    return found == impl_->state.project_ids.end() ? nullptr : find_project(found->second);
}

bool Core::has_storage(const std::string& storage, const domain::GroupId& home) const {
    return core::has_storage(impl_->state, storage, home);
}
domain::GroupId Core::group_of_storage(const std::string& storage) const {
    return core::group_of_storage(impl_->state, storage);
}
const domain::StorageQuotas& Core::storage_quotas() const { return impl_->state.storage_quotas; }

std::vector<std::shared_ptr<const domain::Job>> Core::placed_jobs() const {
    std::vector<std::shared_ptr<const domain::Job>> placed;
    for (const auto& [id, job] : impl_->state.jobs) {
        if (!domain::is_waiting(job->state)) placed.push_back(job);
    }
    return placed;
}

std::vector<std::shared_ptr<const domain::Job>> Core::live_jobs_of(const domain::ProjectId& project) const {
    std::vector<std::shared_ptr<const domain::Job>> jobs;
    const auto live = impl_->state.live_jobs_of.find(project);
    if (live == impl_->state.live_jobs_of.end()) return jobs;
    for (const domain::JobId& id : live->second) jobs.push_back(impl_->state.jobs.at(id));
    std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) {
        return std::pair(a->submitted_at, a->id) < std::pair(b->submitted_at, b->id);
    });
    return jobs;
}

std::vector<std::uint64_t> Core::held_tickets() const {
    std::vector<std::uint64_t> held;
    for (const auto& [project, tickets] : impl_->state.removals)
        held.insert(held.end(), tickets.begin(), tickets.end());
    return held;
}

std::size_t Core::live_jobs() const { return impl_->state.jobs.size(); }

std::map<domain::UserId, UserUse> Core::use_by_user() const {
    std::map<domain::UserId, UserUse> uses;
    for (const auto& [id, job] : impl_->state.jobs) {
        UserUse& use = uses[job->owner];
        use.live_jobs += 1;
        // What a job holds while it is placed is given back by its last event.
        if (!domain::is_waiting(job->state)) use.gpus += job->gpus_held();
    }
    return uses;
}

namespace {

std::optional<std::string> slot_fault(const State& state) {
    std::set<int> slots;
    for (const auto& [id, job] : state.jobs) {
        if (domain::is_waiting(job->state) || job->network_slot < 0) continue;
        if (!slots.insert(job->network_slot).second)
            return fmt::format("two jobs hold address block {}", job->network_slot);
    }
    return slots == state.slots ? std::nullopt
                                : std::optional<std::string>("the address blocks do not equal those of the jobs");
}

// What the scheduler knows of each job must be what the job says.
std::optional<std::string> queue_fault(const State& state) {
    std::size_t waiting = 0;
    std::size_t running = 0;
    for (const auto& [id, job] : state.jobs) {
        if (domain::is_final(job->state)) return fmt::format("{} is final and still live", job->display_name());
        if (domain::is_waiting(job->state)) {
            ++waiting;
            const scheduling::Workload* queued = state.snapshot.find_waiting(id);
            if (queued == nullptr) return fmt::format("{} waits and is not in the queue", job->display_name());
            if (queued->group != job->group || queued->priority != job->wish.priority || queued->rank != job->rank ||
                queued->held.empty() != !job->hold) {
                return fmt::format("{} is queued as something else than it is", job->display_name());
            }
        } else {
            ++running;
            const scheduling::Running* placed = state.snapshot.find_running(id);
            if (placed == nullptr) return fmt::format("{} has resources and is not in the books", job->display_name());
            if (placed->places != running_of(state, *job).places)
                return fmt::format("the books of {} are not what it was given", job->display_name());
        }
    }
    if (waiting != state.snapshot.waiting()) return "the queue holds jobs that do not wait";
    if (running != state.snapshot.running()) return "the books hold jobs that have nothing";
    return std::nullopt;
}

std::optional<std::string> people_fault(const State& state) {
    std::map<domain::PoolId, domain::GroupId> owners;
    for (const auto& [id, group] : state.groups) {
        if (state.pools.count(group.pool) == 0) return fmt::format("the group {} has no pool", group.name);
        if (!owners.emplace(group.pool, id).second)
            return fmt::format("the pool {} has two groups", state.pools.at(group.pool).name);
    }
    if (state.groups.at(domain::kDefaultGroup).pool != domain::kDefaultPool)
        return "the Default Group has another pool than the Default Pool";
    bool has_operator = state.users.empty();
    for (const auto& [id, user] : state.users) {
        if (state.groups.count(user.group) == 0) return fmt::format("{} is in no group", user.name);
        has_operator =
            has_operator || (user.role == domain::Role::kOperator && user.status != domain::UserStatus::kOffboarded);
    }
    for (const auto& [id, account] : state.accounts) {
        if (!account.group.empty() && state.groups.count(account.group) == 0)
            return fmt::format("the account {} is of a group that is not there", account.name);
        const auto owner = state.users.find(account.owner);
        const bool has_owner = owner != state.users.end() && owner->second.status != domain::UserStatus::kOffboarded;
        if (account.group.empty() && !has_owner)
            return fmt::format("the account {} is of somebody who is not there", account.name);
    }
    return has_operator ? std::nullopt : std::optional<std::string>("there is no operator");
}

}  // namespace

std::optional<std::string> Core::sanity_fault() const {
    const State& state = impl_->state;
    if (auto fault = state.snapshot.fault()) return fault;
    if (auto fault = slot_fault(state)) return fault;
    if (auto fault = people_fault(state)) return fault;
    if (auto fault = component_fault(state)) return fault;
    return queue_fault(state);
}

std::string Core::state_text() const {
    const State& state = impl_->state;
    std::string text;
    for (const auto& [id, project] : state.projects)
        text += fmt::format("project {} {} of {} in {} r{} b{} disabled {} deleting {}\n", id.str(), project.spec.name,
                            project.owner.str(), project.home.str(), project.revision, project.next_build,
                            to_ms(project.disabled_at), to_ms(project.deleting_at));
    for (const auto& [id, job] : state.jobs) {
        text += fmt::format("job {} {} {} e{} slot {} group {} pool {} priority {} rank {} {} \"{}\"\n", id.str(),
                            job->display_name(), domain::to_string(job->state), job->event_count, job->network_slot,
                            job->group.str(), job->pool.str(), job->wish.priority, job->rank,
                            job->hold ? "held" : "free", job->reason);
        for (const domain::Replica& replica : job->replicas) {
            text += fmt::format("  {} {} attempt {} on {} at {}", replica.name(), domain::to_string(replica.state),
                                replica.attempt, replica.placement.node, replica.placement.address);
            for (const int device : replica.placement.devices) text += fmt::format(" gpu {}", device);
            text += "\n";
        }
    }
    for (const auto& [key, record] : state.components) {
        text += fmt::format("component {} {} {} gpus {} job {} failures {} next {} \"{}\"", key.first.str(), key.second,
                            domain::to_string(record.wanted), record.gpus.value_or(-1), record.job.str(),
                            record.failures, to_ms(record.next_start), record.last_end);
        for (const domain::JobId& job : record.ended) text += fmt::format(" {}", job.str());
        text += "\n";
    }
    for (const auto& [id, pool] : state.pools) {
        text += fmt::format("pool {} \"{}\" {}:", id.str(), pool.name, pool.model);
        for (const domain::DeviceKey& device : pool.devices) text += fmt::format(" {}/{}", device.node, device.uuid);
        text += "\n";
        for (const domain::JobId& job : state.snapshot.queue_of(id, state.jobs.size()))
            text += fmt::format("queued {}\n", job.str());
    }
    for (const auto& [id, group] : state.groups)
        text +=
            fmt::format("group {} \"{}\" pool {} fair {}\n", id.str(), group.name, group.pool.str(), group.fair_share);
    for (const auto& [id, user] : state.users) {
        text +=
            fmt::format("user {} \"{}\" {} {} in {} password {}\n", id.str(), user.name, domain::to_string(user.role),
                        domain::to_string(user.status), user.group.str(), user.password_hash);
    }
    for (const auto& [id, token] : state.tokens)
        text += fmt::format("token {} of {} {}\n", id.str(), token.user.str(), token.hash);
    for (const auto& [hash, invite] : state.invites) text += fmt::format("invite {} for {}\n", hash, invite.user.str());
    for (const auto& [id, account] : state.accounts) {
        text += fmt::format("account {} \"{}\" {} of {} in {} at {} as {} sealed {}\n", id.str(), account.name,
                            domain::to_string(account.kind), account.owner.str(), account.group.str(), account.server,
                            account.user, account.secret.nonce);
    }
    for (const auto& [owner, bytes] : state.storage_quotas) {
        text += fmt::format("quota on {} of {}{}: {}\n", owner.storage, owner.project.str(), owner.group.str(),
                            bytes.value_or(-1));
    }
    for (const auto& [key, times] : state.run_times) {
        text += fmt::format("run times {} {}:", key.first.str(), key.second);
        for (const std::int64_t sample : times.samples_ms) text += fmt::format(" {}", sample);
        text += "\n";
    }
    for (const domain::Node& node : state.snapshot.nodes()) {
        const scheduling::NodeUse use = state.snapshot.use_of_node(node.name);
        text += fmt::format("node {} cpu {} memory {}\n", node.name, use.cpu_millis, use.memory_bytes);
    }
    for (const auto& [key, used] : state.keys) text += fmt::format("key {} {}\n", key, used.result);
    for (const auto& [id, chore] : state.chores) text += fmt::format("chore {}\n", id);
    return text;
}

}  // namespace pintle::core
