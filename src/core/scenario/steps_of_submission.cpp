#include <algorithm>

#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// "ana runs "train" with 2 GPUs over 2 workers as job 1": a task of a project is made as the sentence says it, and
// submitted.

namespace pintle::core::scenario {

using namespace domain;

namespace {

/// What the sentence says so far.
struct Order {
    input::SubmitJob command;
    Task task;
    std::string project;  ///< Its name; empty: that of who runs it.
    std::string project_owner;

    [[nodiscard]] Resource& worker() { return task.resources.front(); }
};

/// A part of the sentence, such as "with 2 GPUs".
struct Clause {
    StepPattern pattern;
    void (*apply)(Order& order, const Arguments& arguments);
};

const std::vector<Clause>& clauses() {
    static const std::vector<Clause> all{
        {StepPattern("with {n} GPU|GPUs"), [](Order& o, const Arguments& a) { o.command.gpus = a.number(0); }},
        {StepPattern("over {n} worker|workers"), [](Order& o, const Arguments& a) { o.command.workers = a.number(0); }},
        {StepPattern("with {n} replica|replicas of {n} GPU|GPUs"),
         [](Order& o, const Arguments& a) {
             o.worker().replicas = a.number(0);
             o.worker().gpus = a.number(1);
         }},
        {StepPattern("with {n} CPU"),
         [](Order& o, const Arguments& a) { o.worker().requests.cpu_millis = a.number(0) * 1000; }},
        {StepPattern("with {n} GiB"),
         [](Order& o, const Arguments& a) {
             o.worker().requests.memory_bytes = static_cast<std::int64_t>(a.number(0)) << 30;
         }},
        {StepPattern("with a parameter server"),
         [](Order& o, const Arguments&) {
             Resource server;
             server.name = "ps";
             server.command = "serve";
             server.is_permanent = true;
             o.task.resources.push_back(server);
         }},
        {StepPattern("on {name}"), [](Order& o, const Arguments& a) { o.task.gpu_model = a.text(0); }},
        {StepPattern("for training"), [](Order& o, const Arguments&) { o.task.kind = TaskKind::kTraining; }},
        {StepPattern("immediately"), [](Order& o, const Arguments&) { o.command.wish.immediate = true; }},
        {StepPattern("with priority {n}"), [](Order& o, const Arguments& a) { o.command.wish.priority = a.number(0); }},
        {StepPattern("for {time}"), [](Order& o, const Arguments& a) { o.task.run_time = a.time(0); }},
        {StepPattern("waiting at most {time}"), [](Order& o, const Arguments& a) { o.task.timeout = a.time(0); }},
        {StepPattern("held because {text}"), [](Order& o, const Arguments& a) { o.command.hold = a.text(0); }},
        {StepPattern("with the key {name}"), [](Order& o, const Arguments& a) { o.command.key = a.text(0); }},
        {StepPattern("with {n} restart|restarts"),
         [](Order& o, const Arguments& a) { o.worker().max_restart_count = a.number(0); }},
        {StepPattern("in the project {name} of {name}"),
         [](Order& o, const Arguments& a) {
             o.project = a.text(0);
             o.project_owner = a.text(1);
         }},
        {StepPattern("in the project {name}"), [](Order& o, const Arguments& a) { o.project = a.text(0); }},
    };
    return all;
}

// Takes the longest clause that the tokens begin with.
Result<std::size_t> take_clause(Order& order, const Tokens& tokens) {
    for (std::size_t length = tokens.size(); length > 0; --length) {
        const Tokens part(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(length));
        for (const Clause& clause : clauses()) {
            const auto arguments = clause.pattern.match(part);
            if (!arguments) continue;
            clause.apply(order, *arguments);
            return length;
        }
    }
    std::vector<std::string> known;
    for (const Clause& clause : clauses()) known.push_back(clause.pattern.text());
    return fail(ErrorCode::kInvalid, "a job is not run \"{}\"; it may be run: {}", in_words(tokens), join(known, "; "));
}

Result<Order> order_of(const World& world, const std::string& by, const std::string& task, int number, Tokens parts) {
    Order order;
    const User user = TRY(world.user(by));
    order.command.id = World::job_id(number);
    order.command.owner = user.id;
    order.command.by = user.name;
    order.command.task = task;
    order.task.name = task;
    Resource worker;
    worker.name = "worker";
    worker.command = "work";
    order.task.resources.push_back(worker);
    std::erase_if(parts, [](const Token& token) { return !token.quoted &&
        (token.text == "," || token.text == "and"); });
    while (!parts.empty()) {
        const std::size_t taken = TRY(take_clause(order, parts));
        parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (order.project.empty()) order.project = user.name;
    if (order.project_owner.empty()) order.project_owner = user.name;
    order.command.fingerprint = task;
    return order;
}

// Makes the project and the task as the order has them. Says whether the core took them.
Result<bool> prepare(World& world, Order& order) {
    if (!world.project(order.project, order.project_owner)) {
        ProjectSpec spec;
        spec.name = order.project;
        world.command(input::CreateProject{ProjectId(world.new_id()), TRY(world.user(order.project_owner)).id, spec,
            "", ""}, order.project_owner);
        if (world.refusal()) return false;
    }
    Project project = TRY(world.project(order.project, order.project_owner));
    order.command.project = project.id;
    std::vector<Task>& tasks = project.spec.tasks;
    std::erase_if(tasks, [&](const Task& task) { return task.name == order.task.name; });
    tasks.push_back(order.task);
    world.command(input::ReplaceProject{project.id, project.spec, std::nullopt}, order.project_owner);
    return !world.refusal();
}

Result<void> run(World& world, const std::string& by, const std::string& task, int number, const Tokens& parts) {
    Order order = TRY(order_of(world, by, task, number, parts));
    if (TRY(prepare(world, order))) world.command(order.command, by);
    return {};
}

Result<void> ask(World& world, const std::string& by, const std::string& task, const Tokens& parts) {
    constexpr int kNobody = 9999;
    Order order = TRY(order_of(world, by, task, kNobody, parts));
    if (!TRY(prepare(world, order))) return {};
    const std::string before = world.core().state_text();
    Result<Core::DryRun> answer = world.core().dry_run(order.command, world.actor(by), world.now());
    if (world.core().state_text() != before) return fail(ErrorCode::kInternal, "asking has changed something");
    world.set_refusal(answer ? std::nullopt : std::optional(answer.error()));
    world.dry_run = answer ? std::optional(std::move(*answer)) : std::nullopt;
    return {};
}

Result<void> clone(World& world, const std::string& by, int original, int number) {
    const Job job = TRY(world.job(original));
    const User user = TRY(world.user(by));
    input::SubmitJob command;
    command.id = World::job_id(number);
    command.project = job.project_id;
    command.owner = user.id;
    command.by = user.name;
    command.task = job.spec.task.name;
    command.clone = job.spec;
    command.cloned_from = job.id.str();
    world.command(command, by);
    return {};
}

}  // namespace

StepDefinitions steps_of_submission() {
    return {
        {StepPattern("{who} runs {name} as job {n}"),
         [](World& w, const Arguments& a) { return run(w, a.text(0), a.text(1), a.number(2), {}); }},
        {StepPattern("{who} runs {name} {...} as job {n}"),
         [](World& w, const Arguments& a) { return run(w, a.text(0), a.text(1), a.number(3), a.rest(2)); }},
        {StepPattern("{who} asks what would become of {name}"),
         [](World& w, const Arguments& a) { return ask(w, a.text(0), a.text(1), {}); }},
        {StepPattern("{who} asks what would become of {name} {...}"),
         [](World& w, const Arguments& a) { return ask(w, a.text(0), a.text(1), a.rest(2)); }},
        {StepPattern("{who} clones job {n} as job {n}"),
         [](World& w, const Arguments& a) { return clone(w, a.text(0), a.number(1), a.number(2)); }},
    };
}

}  // namespace pintle::core::scenario
