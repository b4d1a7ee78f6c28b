#include "domain/task_override.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/metrics_pattern.hpp"
#include "domain/quantity.hpp"

namespace pintle::domain {
namespace {

bool is_variable(std::string_view key) {
    const bool first = !key.empty() && ((key[0] >= 'A' && key[0] <= 'Z') || key[0] == '_');
    return first && std::all_of(key.begin(), key.end(),
                                [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

void set_variable(Resource& resource, std::string_view key, std::string_view value) {
    for (auto& [name, old] : resource.env) {
        if (name == key) {
            old = value;
            return;
        }
    }
    resource.env.emplace_back(key, value);
}

Result<int> whole_number(std::string_view key, std::string_view value) {
    const auto number = parse_int(value);
    if (!number || *number < 0 || *number > 1'000'000)
        return fail(ErrorCode::kInvalid, "{}: expected a whole number, got \"{}\"", key, value);
    return static_cast<int>(*number);
}

// A limit below the request would be refused; asking for less of it means asking for less at least as well.
void lower_to(std::int64_t& request, std::int64_t limit) {
    if (limit > 0) request = std::min(request, limit);
}

Result<void> set_field(Resource& resource, std::string_view key, std::string_view value) {
    if (key == "replicas") resource.replicas = TRY(whole_number(key, value));
    else if (key == "gpus") resource.gpus = TRY(whole_number(key, value));
    else if (key == "port") resource.port = TRY(whole_number(key, value));
    else if (key == "max_restart_count") resource.max_restart_count = TRY(whole_number(key, value));
    else if (key == "cpu") lower_to(resource.requests.cpu_millis, resource.limits.cpu_millis = TRY(parse_cpu(value)));
    else if (key == "memory")
        lower_to(resource.requests.memory_bytes, resource.limits.memory_bytes = TRY(parse_memory(value)));
    else if (key == "requests.cpu") resource.requests.cpu_millis = TRY(parse_cpu(value));
    else if (key == "requests.memory") resource.requests.memory_bytes = TRY(parse_memory(value));
    else if (key == "command") resource.command = value;
    else if (key == "args") resource.args = value;
    else if (key == "work_dir") resource.work_dir = value;
    else if (key == "image") resource.images = {std::string(value), ""};
    else {
        return fail(ErrorCode::kInvalid,
                    "\"{}\" cannot be set; a resource has replicas, cpu, memory, gpus, requests.cpu, requests.memory, "
                    "command, args, work_dir, image, port, max_restart_count, "
                    "and VARIABLES in capitals",
                    key);
    }
    return {};
}

}  // namespace

Result<void> override_task(Task& task, std::string_view key, std::string_view value) {
    if (value.find('\0') != std::string_view::npos)
        return fail(ErrorCode::kInvalid, "the value of {} must not contain a NUL byte", key);
    if (is_variable(key)) {
        for (Resource& resource : task.resources) set_variable(resource, key, value);
        return {};
    }
    if (key == "timeout") {
        task.timeout = TRY(parse_timeout(value));
        return {};
    }
    if (key == "run_time") {
        task.run_time = TRY(parse_timeout(value));
        return {};
    }
    if (key == "sample_interval") {
        task.sample_interval = TRY(parse_sample_interval(value));
        return {};
    }
    if (key == "gpu_model") {
        task.gpu_model = value;
        return {};
    }
    const std::size_t dot = key.find('.');
    const std::string_view first = key.substr(0, dot);
    for (Resource& resource : task.resources) {
        if (resource.name != first || dot == std::string_view::npos) continue;
        const std::string_view field = key.substr(dot + 1);
        if (is_variable(field)) {
            set_variable(resource, field, value);
            return {};
        }
        return set_field(resource, field, value);
    }
    if (task.resources.size() == 1) return set_field(task.resources.front(), key, value);
    std::vector<std::string> names;
    for (const Resource& resource : task.resources) names.push_back(resource.name);
    return fail(ErrorCode::kInvalid,
                "\"{}\" cannot be set: say RESOURCE.FIELD=VALUE with one of the resources {}, VARIABLE=VALUE, "
                "timeout=VALUE, run_time=VALUE, gpu_model=VALUE or sample_interval=VALUE",
                key, join(names, ", "));
}

}  // namespace pintle::domain
