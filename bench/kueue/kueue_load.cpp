// Kueue's own load test, replayed in real time against Pintle's whole scheduler with durable writes.
//
// Kueue (kubernetes-sigs/kueue, test/performance/scheduler) measures its controllers with workloads that nobody really
// runs: each is finished by the runner when its time is over. Here the same arrivals go through the real shell, core,
// scheduler and database (a file, synchronous=FULL); the engine is a list of ends. A queue of Kueue is a group with a
// pool of its own, a unit is a GPU, a cohort is a cohort. Kueue knows quota and no machines; here units are devices of
// large nodes, which up to ten queues of a cohort share.
//
//     kueue_load small|large [--folder F] [--reclaim]
//
// Prints one JSON object.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <queue>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/rng.hpp"
#include "runtime/shell.hpp"
#include "store/store.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {

struct Class {
    const char* name;
    int count;  // of each queue
    int units;
    Duration runs;
    Duration every;
    int priority;
};

struct Load {
    const char* name;
    int queues;
    int cohort;
    std::vector<Class> classes;
};

using std::chrono::milliseconds;

const Load kSmall{"small", 30, 6, {{"small", 350, 1, milliseconds(200), milliseconds(100), 50},
                                   {"medium", 100, 5, milliseconds(500), milliseconds(500), 100},
                                   {"large", 50, 20, milliseconds(1000), milliseconds(1200), 200}}};
const Load kLarge{"large", 1000, 100, {{"small", 35, 1, milliseconds(150), milliseconds(60), 50},
                                       {"medium", 11, 5, milliseconds(350), milliseconds(300), 100},
                                       {"large", 4, 20, milliseconds(700), milliseconds(700), 200}}};
const Actor kActor{UserId("load"), "load", "token load", "127.0.0.1", true};
constexpr int kNominal = 20;
constexpr int kBorrowing = 100;
constexpr int kQueuesOfNode = 10;

/// Something that reaches the core when its time has come.
struct Due {
    Time at{};
    std::int64_t order = 0;
    std::shared_ptr<core::InputBody> body;  // Heaps move what they hold often.
    bool operator>(const Due& other) const { return std::pair(at, order) > std::pair(other.at, other.order); }
};

class Replay final : public runtime::TurnSink {
public:
    Replay(const Load& load, const std::string& folder, bool reclaim) : load_(load), reclaim_(reclaim) {
        store::Store::Options options;
        options.path = folder + "/state.db";
        store_ = store::Store::open(std::move(options)).value();
        check(store_->commit(set_up(), now()).has_value(), "the set-up can be written");
        core::CoreOptions core_options;
        core_options.pools_max = core_options.groups_max = core_options.users_max = 10'000;
        shell_ = runtime::Shell::recover(core_options, nodes(), *store_, *this, now()).value();
    }

    void run() {
        start_ = now();
        for (int queue = 0; queue < load_.queues; ++queue) {
            for (const Class& kind : load_.classes) {
                for (int i = 0; i < kind.count; ++i) schedule(start_ + kind.every * (i + 1), submission(queue, kind));
            }
        }
        while (ended_ < submitted_) turn();
        finished_ = now();
    }

    void print() const {
        const double seconds = std::chrono::duration<double>(finished_ - start_).count();
        fmt::print("{{\"load\": \"{}\", \"queues\": {}, \"jobs\": {}, \"seconds\": {:.2f}, \"turns\": {}, \"core_seconds\": {:.2f}, \"requeued\": {}", load_.name,
                   load_.queues, submitted_, seconds, turns_, busy_.count(), requeued_);
        for (const auto& [name, waits] : waits_) {
            std::vector<std::int64_t> sorted = waits;
            std::sort(sorted.begin(), sorted.end());
            fmt::print(", \"{}_wait_ms_median\": {}", name, sorted[sorted.size() / 2]);
        }
        fmt::print("}}\n");
    }

    // TurnSink
    void reply(core::Reply reply) override {
        if (!reply.result) {
            std::fprintf(stderr, "refused: %s\n", reply.result.error().message.c_str());
            std::exit(1);
        }
    }
    void carry_out(core::Effect effect) override {
        if (const auto* prepare = std::get_if<core::effect::Prepare>(&effect)) {
            const Job& job = *prepare->job;
            waits_[job.spec.task.name].push_back((job.started_at - job.submitted_at).count());
            schedule(now_, core::input::PreparationDone{job.id, {}});
        } else if (const auto* start = std::get_if<core::effect::StartReplica>(&effect)) {
            const Time ends = now_ + run_time_.at(start->job->spec.task.name);
            schedule(now_, core::input::ReplicaSeen{start->job->id, start->replica, start->attempt, std::nullopt});
            schedule(ends, core::input::ReplicaSeen{start->job->id, start->replica, start->attempt, ReplicaExit{0, false, "", ends}});
        } else if (const auto* stop = std::get_if<core::effect::StopReplica>(&effect)) {
            ++requeued_;
            schedule(now_, core::input::ReplicaSeen{stop->job, stop->replica, stop->attempt, ReplicaExit{143, false, "", now_}});
        } else if (std::holds_alternative<core::effect::ForgetJob>(effect)) {
            ++ended_;
        }
    }
    void committed(std::int64_t) override {}

private:
    static Time now() { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()); }

    // Queues that share a node: all of the small load's cohort, ten of the large one's hundred.
    [[nodiscard]] int queues_of_node() const { return std::min(load_.cohort, kQueuesOfNode); }
    [[nodiscard]] std::string node_of(int queue) const { return fmt::format("node-{}", queue / queues_of_node()); }

    std::vector<Node> nodes() const {
        std::vector<Node> nodes;
        for (int first = 0; first < load_.queues; first += queues_of_node()) {
            Node node;
            node.name = node_of(first);
            node.cpu_millis = 1'000'000'000;
            node.memory_bytes = std::int64_t{1} << 50;
            node.replicas_max = 1'000'000;
            for (int i = 0; i < queues_of_node() * kNominal; ++i) {
                Device device;
                device.index = i;
                device.model = "unit";
                device.uuid = fmt::format("{}-{}", node.name, i);
                node.devices.push_back(std::move(device));
            }
            nodes.push_back(std::move(node));
        }
        return nodes;
    }

    std::string id() { return make_ulid(now(), rng_.next(), rng_.next()); }

    // Written as a server would have left it; made by commands, a thousand pools would take longer than the load.
    Changes set_up() {
        Changes changes;
        changes.push_back(change::PoolSaved{{kDefaultPool, kDefaultPoolName, "", {}, {}}});
        changes.push_back(change::GroupSaved{{kDefaultGroup, kDefaultGroupName, kDefaultPool, false, std::nullopt, {}}});
        changes.push_back(change::UserSaved{{UserId(id()), "operator", Role::kOperator, UserStatus::kOnboarded, kDefaultGroup, "", std::nullopt, {}, {}}});
        for (int queue = 0; queue < load_.queues; ++queue) set_up_queue(queue, changes);
        for (const Class& kind : load_.classes) run_time_[kind.name] = kind.runs;
        return changes;
    }

    void set_up_queue(int queue, Changes& changes) {
        const std::string cohort = fmt::format("cohort-{}", queue / load_.cohort);
        Pool pool{PoolId(id()), fmt::format("pool-{}", queue), "unit", {}, {}};
        for (int i = 0; i < kNominal; ++i) pool.devices.insert({node_of(queue), fmt::format("{}-{}", node_of(queue), queue % queues_of_node() * kNominal + i)});
        const Group group{GroupId(id()), fmt::format("group-{}", queue), pool.id, false, Borrowing{cohort, kNominal, kBorrowing, reclaim_}, {}};
        const User user{UserId(id()), fmt::format("user-{}", queue), Role::kDataScientist, UserStatus::kOnboarded, group.id, "", std::nullopt, {}, {}};
        Project project;
        project.id = ProjectId(id());
        project.owner = user.id;
        project.home = group.id;
        project.spec.name = "load";
        for (const Class& kind : load_.classes) project.spec.tasks.push_back(task_of(kind));
        users_.push_back(user.id);
        projects_.push_back(project.id);
        changes.push_back(change::PoolSaved{pool});
        changes.push_back(change::GroupSaved{group});
        changes.push_back(change::UserSaved{user});
        changes.push_back(change::ProjectSaved{std::move(project)});
    }

    static Task task_of(const Class& kind) {
        Task task;
        task.name = kind.name;
        task.run_time = kind.runs;
        Resource unit;
        unit.name = "unit";
        unit.command = "true";
        unit.gpus = kind.units;
        unit.requests = {1, 1};
        task.resources.push_back(std::move(unit));
        return task;
    }

    core::InputBody submission(int queue, const Class& kind) {
        core::input::SubmitJob job;
        job.id = JobId(id());
        job.owner = users_[static_cast<std::size_t>(queue)];
        job.project = projects_[static_cast<std::size_t>(queue)];
        job.task = kind.name;
        job.wish.priority = kind.priority;
        job.by = "load";
        ++submitted_;
        return job;
    }

    void schedule(Time at, core::InputBody body) { due_.push(Due{at, next_order_++, std::make_shared<core::InputBody>(std::move(body))}); }

    void turn() {
        constexpr std::size_t kBatch = 512;  // as in the server
        now_ = now();
        if (due_.empty() || due_.top().at > now_) {
            const Time until = due_.empty() ? now_ + milliseconds(1) : due_.top().at;
            std::this_thread::sleep_until(until);
            return;
        }
        std::vector<core::Input> batch;
        batch.reserve(kBatch);
        while (!due_.empty() && due_.top().at <= now_ && batch.size() < kBatch) {
            core::InputBody& body = *due_.top().body;
            const bool is_command = std::holds_alternative<core::input::SubmitJob>(body);
            batch.push_back({std::move(body), is_command ? std::uint64_t{1} : std::uint64_t{0}, kActor});
            due_.pop();
        }
        const auto before = std::chrono::steady_clock::now();
        shell_->turn(batch, now_);
        busy_ += std::chrono::steady_clock::now() - before;
        ++turns_;
    }

    Rng rng_{1};
    const Load load_;
    const bool reclaim_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<runtime::Shell> shell_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::vector<UserId> users_;
    std::vector<ProjectId> projects_;
    std::map<std::string, Duration> run_time_;
    std::map<std::string, std::vector<std::int64_t>> waits_;
    std::int64_t next_order_ = 0;
    int submitted_ = 0, ended_ = 0, requeued_ = 0, turns_ = 0;
    std::chrono::duration<double> busy_{0};
    Time now_{}, start_{}, finished_{};
};

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    std::string folder;
    bool reclaim = false;
    const Load* load = nullptr;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "small") load = &kSmall;
        else if (words[i] == "large") load = &kLarge;
        else if (words[i] == "--reclaim") reclaim = true;
        else if (words[i] == "--folder" && i + 1 < words.size()) folder = words[++i];
        else load = nullptr;
    }
    if (load == nullptr) {
        std::fprintf(stderr, "kueue_load small|large [--folder F] [--reclaim]\n");
        return 2;
    }
    log::set_level(log::Level::kError);
    const bool temporary = folder.empty();
    if (temporary) {
        std::string pattern = (std::filesystem::temp_directory_path() / "pintle-kueue-XXXXXX").string();
        check(::mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
        folder = pattern;
    }
    {
        Replay replay(*load, folder, reclaim);
        replay.run();
        replay.print();
    }
    if (temporary) std::filesystem::remove_all(folder);
    return 0;
}
