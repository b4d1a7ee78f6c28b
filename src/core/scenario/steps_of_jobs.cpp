#include <algorithm>

#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// The life of jobs: what people and engines do with them, and what they are then.

namespace pintle::core::scenario {

using namespace domain;

namespace {

bool is_live(const Replica& replica) {
    return replica.state == ReplicaState::kStarting || replica.state == ReplicaState::kRunning;
}

Result<void> see(World& world, int number, const std::string& replica, std::optional<int> exit_code) {
    const Job job = TRY(world.job(number));
    const Replica* found = job.find_replica(replica);
    if (found == nullptr || !is_live(*found)) {
        return fail(ErrorCode::kConflict, "{} of job {} does not run", replica, number);
    }
    input::ReplicaSeen seen{job.id, replica, found->attempt, std::nullopt};
    if (exit_code) seen.exit = ReplicaExit{*exit_code, false, "", world.now()};
    world.observe(seen);
    return {};
}

Result<void> prepare(World& world, int number) {
    const Job job = TRY(world.job(number));
    if (job.state != JobState::kStarting) {
        return fail(ErrorCode::kConflict, "job {} is {}, not Starting: {}", number, to_string(job.state), job.reason);
    }
    world.observe(input::PreparationDone{job.id, {}});
    return {};
}

Result<void> run(World& world, int number) {
    if (!TRY(world.job(number)).preparation) TRY(prepare(world, number));
    const Job job = TRY(world.job(number));
    for (const Replica& replica : job.replicas) {
        if (replica.state == ReplicaState::kStarting) TRY(see(world, number, replica.name(), std::nullopt));
    }
    return {};
}

// All replicas that work end well; those that serve them are then stopped by the core.
Result<void> finish(World& world, int number) {
    TRY(run(world, number));
    const Job job = TRY(world.job(number));
    for (const Replica& replica : job.replicas) {
        if (is_live(replica) && !job.resource_of(replica).is_permanent) TRY(see(world, number, replica.name(), 0));
    }
    return {};
}

// What is left of a stopping job ends as it does when it is told to.
Result<void> end(World& world, int number) {
    constexpr int kTerminated = 143;
    const Job job = TRY(world.job(number));
    if (job.state != JobState::kStopping) {
        return fail(ErrorCode::kConflict, "job {} is {}, not Stopping", number, to_string(job.state));
    }
    for (const Replica& replica : job.replicas) {
        if (is_live(replica)) TRY(see(world, number, replica.name(), kTerminated));
    }
    return {};
}

Result<void> reorder(World& world, const std::string& by, int number, input::ReorderJob::Place place, int other,
    std::optional<int> priority) {
    input::ReorderJob command{TRY(world.job(number)).id, priority, place, {}};
    if (other > 0) command.other = World::job_id(other);
    world.command(command, by);
    return {};
}

Result<void> expect_state(World& world, int number, JobState state) {
    const Job job = TRY(world.job(number));
    if (job.state == state) return {};
    return fail(ErrorCode::kConflict, "the state of job {}: expected {}, found {}{}", number, to_string(state),
        to_string(job.state), job.reason.empty() ? "" : " (" + job.reason + ")");
}

std::vector<std::string> nodes_of(const Job& job) {
    std::vector<std::string> nodes;
    for (const Replica& replica : job.replicas) nodes.push_back(replica.placement.node);
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
}

Result<void> expect_nodes(World& world, int number, const Tokens& tokens) {
    std::vector<std::string> expected;
    for (const Tokens& part : list_of(tokens)) {
        if (part.size() != 1) {
            return fail(ErrorCode::kInvalid, "expected nodes such as \"n1 and n2\", got \"{}\"", in_words(tokens));
        }
        expected.push_back(part.front().text);
    }
    return expect_text("its nodes", join(expected, ", "), join(nodes_of(TRY(world.job(number))), ", "));
}

Result<void> expect_queue(World& world, const std::string& pool, const std::vector<int>& expected) {
    constexpr std::size_t kMany = 1000;
    std::vector<std::string> wanted;
    for (const int number : expected) wanted.push_back(World::job_id(number).str());
    std::vector<std::string> found;
    for (const JobId& id : world.core().snapshot().queue_of(TRY(world.pool(pool)).id, kMany)) found.push_back(id.str());
    return expect_text("the queue", join(wanted, ", "), join(found, ", "));
}

StepDefinitions what_happens() {
    return {
        {StepPattern("job {n} is prepared"), [](World& w, const Arguments& a) { return prepare(w, a.number(0)); }},
        {StepPattern("job {n} cannot be prepared because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::PreparationFailed{TRY(w.job(a.number(0))).id, a.text(1), false});
             return {};
         }},
        {StepPattern("the sources of job {n} fail because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::PreparationFailed{TRY(w.job(a.number(0))).id, a.text(1)});
             return {};
         }},
        {StepPattern("job {n} is prepared with a source that is written back"),
         [](World& w, const Arguments& a) -> Result<void> {
             Preparation preparation;
             preparation.written_back = {"results"};
             w.observe(input::PreparationDone{TRY(w.job(a.number(0))).id, std::move(preparation)});
             return {};
         }},
        {StepPattern("the sources of job {n} are written back"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::SourcesFinished{TRY(w.job(a.number(0))).id, ""});
             return {};
         }},
        {StepPattern("the sources of job {n} cannot be written back because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::SourcesFinished{TRY(w.job(a.number(0))).id, a.text(1)});
             return {};
         }},
        {StepPattern("job {n} starts running"), [](World& w, const Arguments& a) { return run(w, a.number(0)); }},
        {StepPattern("job {n} reports an {name} of {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Job job = TRY(w.job(a.number(0)));
             w.command(input::SetProperties{job.id, {{a.text(1), a.text(2)}}}, "job " + job.display_name());
             return {};
         }},
        {StepPattern("job {n} finishes"), [](World& w, const Arguments& a) { return finish(w, a.number(0)); }},
        {StepPattern("job {n} has been stopped"), [](World& w, const Arguments& a) { return end(w, a.number(0)); }},
        {StepPattern("{name} of job {n} starts running"),
         [](World& w, const Arguments& a) { return see(w, a.number(1), a.text(0), std::nullopt); }},
        {StepPattern("{name} of job {n} finishes"),
         [](World& w, const Arguments& a) { return see(w, a.number(1), a.text(0), 0); }},
        {StepPattern("{name} of job {n} fails with exit code {n}"),
         [](World& w, const Arguments& a) { return see(w, a.number(1), a.text(0), a.number(2)); }},
        {StepPattern("{who} stops job {n}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::StopJob{TRY(w.job(a.number(1))).id, w.actor(a.text(0)).name}, a.text(0));
             return {};
         }},
        {StepPattern("{who} holds job {n}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::HoldJob{TRY(w.job(a.number(1))).id, ""}, a.text(0));
             return {};
         }},
        {StepPattern("{who} holds job {n} because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::HoldJob{TRY(w.job(a.number(1))).id, a.text(2)}, a.text(0));
             return {};
         }},
        {StepPattern("{who} releases job {n}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::ReleaseJob{TRY(w.job(a.number(1))).id}, a.text(0));
             return {};
         }},
        {StepPattern("{who} puts job {n} first"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kFirst, 0, std::nullopt);
         }},
        {StepPattern("{who} puts job {n} last"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kLast, 0, std::nullopt);
         }},
        {StepPattern("{who} puts job {n} before job {n}"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kBefore, a.number(2), std::nullopt);
         }},
        {StepPattern("{who} puts job {n} after job {n}"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kAfter, a.number(2), std::nullopt);
         }},
        {StepPattern("{who} gives job {n} the priority {n}"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kKeep, 0, a.number(2));
         }},
        {StepPattern("{who} gives job {n} the priority {n} before job {n}"),
         [](World& w, const Arguments& a) {
             return reorder(w, a.text(0), a.number(1), input::ReorderJob::Place::kBefore, a.number(3), a.number(2));
         }},
        {StepPattern("{who} deletes job {n}"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Job job = TRY(w.job(a.number(1)));
             w.command(input::DeleteJob{job.id, job.project_id, job.display_name()}, a.text(0));
             return {};
         }},
    };
}

StepDefinitions what_is_so() {
    return {
        {StepPattern("job {n} is {state}"),
         [](World& w, const Arguments& a) { return expect_state(w, a.number(0), a.state(1)); }},
        {StepPattern("job {n} is {state} with {n} GPU|GPUs"),
         [](World& w, const Arguments& a) -> Result<void> {
             TRY(expect_state(w, a.number(0), a.state(1)));
             return expect_number("its GPUs", a.number(2), TRY(w.job(a.number(0))).gpus_held());
         }},
        {StepPattern("job {n} is {state} because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             TRY(expect_state(w, a.number(0), a.state(1)));
             return expect_text("the reason", a.text(2), TRY(w.job(a.number(0))).reason);
         }},
        {StepPattern("job {n} is on {...}"),
         [](World& w, const Arguments& a) { return expect_nodes(w, a.number(0), a.rest(1)); }},
        {StepPattern("{name} of job {n} has {n} GPU|GPUs on {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Job job = TRY(w.job(a.number(1)));
             const Replica* replica = job.find_replica(a.text(0));
             if (replica == nullptr) return fail(ErrorCode::kNotFound, "job {} has no {}", a.number(1), a.text(0));
             TRY(expect_text("its node", a.text(3), replica->placement.node));
             return expect_number("its GPUs", a.number(2),
                 static_cast<std::int64_t>(replica->placement.devices.size()));
         }},
        {StepPattern("job {n} uses {name} GPUs only"),
         [](World& w, const Arguments& a) -> Result<void> {
             for (const Replica& replica : TRY(w.job(a.number(0))).replicas) {
                 for (const Node& node : w.nodes()) {
                     for (const Device& device : node.devices) {
                         const auto& used = replica.placement.devices;
                         if (node.name == replica.placement.node &&
                             std::count(used.begin(), used.end(), device.index) > 0) {
                             TRY(expect_text("a GPU of it", a.text(1), device.model));
                         }
                     }
                 }
             }
             return {};
         }},
        {StepPattern("there is no job {n}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return w.job(a.number(0)) ? fail(ErrorCode::kConflict, "there is one") : Result<void>{};
         }},
        {StepPattern("job {n} belongs to {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("its owner", a.text(1), w.core().users().at(TRY(w.job(a.number(0))).owner).name);
         }},
        {StepPattern("job {n} is named {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("its name", a.text(1), TRY(w.job(a.number(0))).display_name());
         }},
        {StepPattern("job {n} queues in the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Job job = TRY(w.job(a.number(0)));
             if (!is_waiting(job.state)) {
                 return fail(ErrorCode::kConflict, "it does not wait: it is {}", to_string(job.state));
             }
             return expect_text("the pool", a.text(1), w.core().pools().at(job.pool).name);
         }},
        {StepPattern("the queue of the pool {name} is {...}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_queue(w, a.text(0), TRY(job_numbers(a.rest(1))));
         }},
        {StepPattern("nothing queues in the pool {name}"),
         [](World& w, const Arguments& a) { return expect_queue(w, a.text(0), {}); }},
        {StepPattern("the log of job {n} says {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             std::vector<std::string> lines;
             for (const JobEvent& event : w.events_of(a.number(0))) lines.push_back(domain::in_words(event.body));
             return expect_any("the log", a.text(1), lines);
         }},
        {StepPattern("job {n} has the notice {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             std::vector<std::string> lines;
             for (const Notice& notice : w.notices()) {
                 if (notice.job == World::job_id(a.number(0))) lines.push_back(notice.message);
             }
             return expect_any("the notices", a.text(1), lines);
         }},
    };
}

}  // namespace

StepDefinitions steps_of_jobs() {
    StepDefinitions steps = what_happens();
    for (StepDefinition& step : what_is_so()) steps.push_back(std::move(step));
    return steps;
}

}  // namespace pintle::core::scenario
