#include "scheduling/plan.hpp"

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

constexpr std::int64_t kGi = 1LL << 30;

NodeLoad a_node(std::string name, std::int64_t cpu_millis, std::int64_t memory_gi, int gpus, std::map<std::string, std::string> labels = {}) {
    NodeLoad load;
    load.node = {std::move(name), cpu_millis, memory_gi * kGi, {}, std::move(labels), true, true};
    for (int i = 0; i < gpus; ++i) load.node.devices.push_back({i, "A100", true});
    return load;
}

QueuedJob a_job(std::string id, int replicas, std::int64_t cpu_millis, int gpus, std::string label = "") {
    QueuedJob job{domain::JobId(id), "p/" + id, {}};
    for (int i = 0; i < replicas; ++i) job.needs.push_back({fmt::format("worker-{}", i), cpu_millis, kGi, gpus, label});
    return job;
}

struct Outcome {
    std::vector<std::string> admitted;
    std::vector<std::string> waiting;
};

Outcome decide(const std::vector<NodeLoad>& nodes, const std::vector<QueuedJob>& jobs) {
    std::vector<const QueuedJob*> queue;
    for (const QueuedJob& job : jobs) queue.push_back(&job);
    Outcome outcome;
    for (const Decision& decision : plan(nodes, queue)) {
        if (const auto* admit = std::get_if<Admit>(&decision)) outcome.admitted.push_back(admit->id.str());
        if (const auto* wait = std::get_if<Wait>(&decision)) outcome.waiting.push_back(wait->id.str());
    }
    return outcome;
}

}  // namespace

TEST_CASE("jobs that fit start in the order they came") {
    const Outcome outcome = decide({a_node("n", 4000, 8, 0)}, {a_job("a", 1, 1000, 0), a_job("b", 2, 1000, 0)});
    CHECK(outcome.admitted == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a job whose replicas do not all fit starts none of them and nobody overtakes it to the same resource") {
    const Outcome outcome = decide({a_node("n", 2000, 8, 0)}, {a_job("big", 3, 1000, 0), a_job("small", 1, 1000, 0)});
    CHECK(outcome.admitted.empty());
    CHECK(outcome.waiting == std::vector<std::string>{"big"});
}

TEST_CASE("a job without GPUs passes one that waits for GPUs only, a job with GPUs does not") {
    NodeLoad node = a_node("n", 8000, 8, 2);
    node.devices_used = {0};
    const Outcome outcome = decide({node}, {a_job("head", 1, 1000, 2), a_job("cpu", 1, 1000, 0), a_job("gpu", 1, 1000, 1)});
    CHECK(outcome.admitted == std::vector<std::string>{"cpu"});
    CHECK(outcome.waiting == std::vector<std::string>{"head", "gpu"});
}

TEST_CASE("the reason for waiting has the numbers") {
    NodeLoad node = a_node("n", 8000, 8, 2);
    node.devices_used = {0};
    const QueuedJob job = a_job("head", 1, 1000, 2);
    const auto decisions = plan({node}, {&job});
    const auto& wait = std::get<Wait>(decisions.at(0));
    CHECK(wait.gpus_missing == 2);
    CHECK(wait.reason == "it needs 2 GPUs of which 1 are free");
}

TEST_CASE("GPUs are packed onto the fullest node that has enough") {
    NodeLoad busy = a_node("busy", 8000, 8, 4), idle = a_node("idle", 8000, 8, 4);
    busy.devices_used = {0, 2};
    const QueuedJob job = a_job("j", 1, 1000, 2);
    const auto decisions = plan({busy}, {&job});
    CHECK(std::get<Admit>(decisions.at(0)).placements == std::vector<NodePlacement>{{"worker-0", "busy", {1, 3}}});
    const QueuedJob wide = a_job("w", 3, 1000, 2);
    const auto spread = plan({busy, idle}, {&wide});
    CHECK(std::get<Admit>(spread.at(0)).placements.at(0).node == "busy");
    CHECK(std::get<Admit>(spread.at(0)).placements.at(1).node == "idle");
}

TEST_CASE("a node label restricts where a replica goes") {
    const QueuedJob job = a_job("j", 1, 1000, 0, "disk=ssd");
    const auto decisions = plan({a_node("a", 8000, 8, 0), a_node("b", 8000, 8, 0, {{"disk", "ssd"}})}, {&job});
    CHECK(std::get<Admit>(decisions.at(0)).placements.at(0).node == "b");
}

TEST_CASE("what can never run is told with numbers and what merely must wait is not") {
    NodeLoad node = a_node("n", 2000, 8, 1);
    node.cpu_millis_used = 2000;
    CHECK_FALSE(why_never({node}, a_job("j", 2, 1000, 0).needs).has_value());
    CHECK(why_never({node}, a_job("j", 1, 3000, 0).needs) == "worker-0 asks for 3 CPU; the largest node has 2 CPU");
    CHECK(why_never({node}, a_job("j", 1, 100, 2).needs) == "worker-0 asks for 2 GPUs; the largest node has 1");
    CHECK(why_never({node}, a_job("j", 3, 1000, 0).needs)->find("its 3 replicas together ask for 3 CPU") == 0);
    CHECK(why_never({node}, a_job("j", 1, 100, 0, "gpu").needs) == "worker-0 asks for a node labelled \"gpu\" and there is none");
    CHECK(why_never({}, a_job("j", 1, 100, 0).needs).has_value());
}

TEST_CASE("an unhealthy device is not given away and does not make a job impossible") {
    NodeLoad node = a_node("n", 2000, 8, 1);
    node.node.devices[0].healthy = false;
    const QueuedJob job = a_job("j", 1, 100, 1);
    CHECK(std::holds_alternative<Wait>(plan({node}, {&job}).at(0)));
    CHECK_FALSE(why_never({node}, job.needs).has_value());
}

TEST_CASE("whatever is asked, no plan gives out more than there is, nor a device twice") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        std::vector<NodeLoad> nodes;
        for (std::uint64_t n = 0; n <= rng.below(3); ++n) nodes.push_back(a_node(fmt::format("n{}", n), 1000 * static_cast<std::int64_t>(1 + rng.below(8)), 8, static_cast<int>(rng.below(5))));
        std::vector<QueuedJob> jobs;
        for (std::uint64_t j = 0; j < 20; ++j) jobs.push_back(a_job(fmt::format("j{}", j), static_cast<int>(1 + rng.below(3)), 250 * static_cast<std::int64_t>(1 + rng.below(6)), static_cast<int>(rng.below(3))));
        std::vector<const QueuedJob*> queue;
        for (const QueuedJob& job : jobs) queue.push_back(&job);
        std::vector<NodeLoad> books = nodes;
        for (const Decision& decision : plan(nodes, queue)) {
            const auto* admit = std::get_if<Admit>(&decision);
            if (admit == nullptr) continue;
            const QueuedJob& job = *std::find_if(jobs.begin(), jobs.end(), [&](const QueuedJob& candidate) { return candidate.id == admit->id; });
            REQUIRE(admit->placements.size() == job.needs.size());
            for (std::size_t i = 0; i < job.needs.size(); ++i) take(books, admit->placements[i], job.needs[i]);
        }
        for (const NodeLoad& load : books) {
            CHECK(load.cpu_millis_free() >= 0);
            CHECK(load.memory_bytes_free() >= 0);
            CHECK(load.devices_used.size() <= load.node.devices.size());
        }
    }
}
