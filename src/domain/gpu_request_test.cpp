#include "domain/gpu_request.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::domain;

namespace {

Task task_of(std::vector<Resource> resources) {
    Task task;
    task.name = "train";
    task.resources = std::move(resources);
    return task;
}

Resource resource_of(std::string name, int replicas, int gpus, bool permanent = false) {
    Resource resource;
    resource.name = std::move(name);
    resource.replicas = replicas;
    resource.gpus = gpus;
    resource.is_permanent = permanent;
    return resource;
}

std::string fault_of(Task task, std::optional<int> gpus, std::optional<int> workers) {
    const auto asked = request_gpus(task, gpus, workers);
    return asked ? std::string() : asked.error().message;
}

}  // namespace

TEST_CASE("asking for nothing leaves the task as it is") {
    Task task = task_of({resource_of("worker", 2, 3)});
    REQUIRE(request_gpus(task, std::nullopt, std::nullopt));
    CHECK(task.resources[0].gpus == 3);
    CHECK(task.resources[0].replicas == 2);
}

TEST_CASE("a number of GPUs is that of all replicas together") {
    Task task = task_of({resource_of("worker", 2, 1), resource_of("ps", 1, 0, true)});
    REQUIRE(request_gpus(task, 8, std::nullopt));
    CHECK(task.resources[0].gpus == 4);
    CHECK(task.resources[1].gpus == 0);
}

TEST_CASE("workers divide the GPUs among them") {
    Task task = task_of({resource_of("worker", 1, 8)});
    REQUIRE(request_gpus(task, std::nullopt, 4));
    CHECK(task.resources[0].replicas == 4);
    CHECK(task.resources[0].gpus == 2);
}

TEST_CASE("a task without GPUs gets them on the one resource that works") {
    Task task = task_of({resource_of("worker", 1, 0), resource_of("ps", 1, 0, true)});
    REQUIRE(request_gpus(task, 2, 2));
    CHECK(task.resources[0].gpus == 1);
    CHECK(task.resources[0].replicas == 2);
}

TEST_CASE("GPUs that do not divide over the workers are refused with the numbers that would") {
    CHECK(fault_of(task_of({resource_of("worker", 1, 1)}), 8, 3) ==
          "8 GPUs do not divide evenly over 3 workers; ask for 6 or 9 GPUs");
    CHECK(fault_of(task_of({resource_of("worker", 1, 1)}), 2, 4) ==
          "2 GPUs cannot be divided over 4 workers: each needs at least one; ask for 4 GPUs or fewer workers");
}

TEST_CASE("it must be clear which resource gets the GPUs") {
    CHECK(fault_of(task_of({resource_of("a", 1, 1), resource_of("b", 1, 1)}), 2, std::nullopt) ==
          "the task train has 2 resources that could have the GPUs (a, b); name one, such as --set a.gpus=1");
}

TEST_CASE("numbers outside what there can be are refused") {
    CHECK(fault_of(task_of({resource_of("worker", 1, 1)}), -1, std::nullopt) ==
          "the number of GPUs must be from 0 to 100000, not -1");
    CHECK(fault_of(task_of({resource_of("worker", 1, 1)}), 1, 0) ==
          "the number of workers must be from 1 to 250, not 0");
}
