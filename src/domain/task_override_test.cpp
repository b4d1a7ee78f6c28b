#include "domain/task_override.hpp"

#include <doctest/doctest.h>

#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::testing;

TEST_CASE("a variable in capitals is set for every resource, or for the one that is named") {
    Task task = a_task("train", {a_resource("ps"), a_resource("worker")});
    REQUIRE(override_task(task, "LR", "0.1").has_value());
    REQUIRE(override_task(task, "worker.LR", "0.2").has_value());
    CHECK(task.resources[0].env == std::vector<std::pair<std::string, std::string>>{{"LR", "0.1"}});
    CHECK(task.resources[1].env == std::vector<std::pair<std::string, std::string>>{{"LR", "0.2"}});
}

TEST_CASE("fields of a resource and the timeout are set by name") {
    Task task = a_task("train", {a_resource("worker")});
    task.resources[0].requests = {500, 8LL << 30};
    for (const auto& [key, value] : {std::pair{"worker.memory", "2Gi"},
                                     {"worker.cpu", "250m"},
                                     {"worker.replicas", "3"},
                                     {"worker.gpus", "1"},
                                     {"timeout", "90s"},
                                     {"run_time", "2h"},
                                     {"sample_interval", "1s"},
                                     {"gpu_model", "A100"},
                                     {"command", "echo"}}) {
        CAPTURE(key);
        CHECK(override_task(task, key, value).has_value());
    }
    const Resource& worker = task.resources[0];
    CHECK(worker.limits == Quantities{250, 2LL << 30});
    CHECK(worker.requests == Quantities{250, 2LL << 30});  // Never more than the limit that was just set.
    CHECK(worker.replicas == 3);
    CHECK(worker.gpus == 1);
    CHECK(worker.command == "echo");
    CHECK(task.timeout == Duration(90'000));
    CHECK(task.run_time == std::chrono::hours(2));
    CHECK(task.gpu_model == "A100");
    CHECK(task.sample_interval == std::chrono::seconds(1));
}

TEST_CASE("what cannot be set is refused with what can") {
    Task task = a_task("train", {a_resource("ps"), a_resource("worker")});
    CHECK(override_task(task, "worker.colour", "red").error().message.find("replicas, cpu, memory") !=
          std::string::npos);
    CHECK(override_task(task, "memory", "1Gi").error().message.find("ps, worker") != std::string::npos);
    CHECK(override_task(task, "memory", "1Gi").error().message ==
          "\"memory\" cannot be set: say RESOURCE.FIELD=VALUE with one of the resources ps, worker, VARIABLE=VALUE, "
          "timeout=VALUE, run_time=VALUE, gpu_model=VALUE or sample_interval=VALUE");
    CHECK(override_task(task, "run_time", "long").error().message ==
          "expected a time like 5 (minutes), 300s, 5m or 1h, got \"long\"");
    CHECK_FALSE(override_task(task, "worker.replicas", "two").has_value());
    CHECK_FALSE(override_task(task, "worker.memory", "lots").has_value());
    CHECK_FALSE(override_task(task, "LR", std::string("a\0b", 3)).has_value());
}
