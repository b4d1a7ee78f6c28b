#pragma once

#include <string>

#include <fmt/core.h>

#include "domain/node.hpp"
#include "domain/project.hpp"

namespace pintle::testing {

/// A resource that runs `command` with small requests, so that many fit on a small node.
[[nodiscard]] inline domain::Resource a_resource(std::string name, std::string command = "true") {
    domain::Resource resource;
    resource.name = std::move(name);
    resource.command = std::move(command);
    return resource;
}

[[nodiscard]] inline domain::Task a_task(std::string name, std::vector<domain::Resource> resources) {
    domain::Task task;
    task.name = std::move(name);
    task.resources = std::move(resources);
    return task;
}

[[nodiscard]] inline domain::ProjectSpec a_project(std::string name, std::vector<domain::Task> tasks) {
    domain::ProjectSpec spec;
    spec.name = std::move(name);
    spec.tasks = std::move(tasks);
    return spec;
}

/// A node with so many cores, GiB and GPUs.
[[nodiscard]] inline domain::Node a_node(std::string name, int cores, int memory_gi, int gpus = 0) {
    domain::Node node;
    node.name = std::move(name);
    node.cpu_millis = cores * 1000;
    node.memory_bytes = static_cast<std::int64_t>(memory_gi) << 30;
    for (int i = 0; i < gpus; ++i) node.devices.push_back({i, "A100", true, fmt::format("{}-{}", node.name, i)});
    return node;
}

}  // namespace pintle::testing
