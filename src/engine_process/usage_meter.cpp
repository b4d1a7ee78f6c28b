#include "engine_process/usage_meter.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "engine_process/machine_files.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

using engine::AttemptId;
using engine::Usage;

std::optional<std::int64_t> kilobytes(std::string_view status, std::string_view name) {
    const std::string value = line_value(status, name, ':');
    const std::size_t space = value.find(' ');
    const auto number = parse_int(value.substr(0, space));
    return number ? std::optional(*number * 1024) : std::nullopt;
}

void add(std::optional<std::int64_t>& sum, std::optional<std::int64_t> value) {
    if (value) sum = sum.value_or(0) + *value;
}

void add_disk(pid_t pid, Usage& usage) {
    const std::string io = machine_text(fmt::format("/proc/{}/io", pid));
    add(usage.disk_read_bytes, parse_int(line_value(io, "read_bytes", ':')));
    add(usage.disk_written_bytes, parse_int(line_value(io, "write_bytes", ':')));
}

}  // namespace

ProcessTree::ProcessTree(const std::vector<ProcStat>& processes) {
    for (const ProcStat& process : processes) {
        by_pid_.emplace(process.pid, process);
        if (process.parent != process.pid) by_parent_.emplace(process.parent, process.pid);
    }
}

std::vector<pid_t> ProcessTree::below(pid_t root) const {
    std::vector<pid_t> found, open{root};
    while (!open.empty()) {
        const auto [begin, end] = by_parent_.equal_range(open.back());
        open.pop_back();
        for (auto child = begin; child != end; ++child) {
            if (child->second == root || found.size() > by_pid_.size()) continue;
            open.push_back(child->second);
            found.push_back(child->second);
        }
    }
    return found;
}

std::uint64_t ProcessTree::ticks_below(pid_t supervisor) const {
    const auto at = by_pid_.find(supervisor);
    if (at == by_pid_.end()) return 0;
    // Whoever outlives its parent becomes the supervisor's child, so that nothing that was waited for is missing.
    std::uint64_t ticks = at->second.waited_ticks;
    for (const pid_t pid : below(supervisor)) {
        const ProcStat& process = by_pid_.at(pid);
        ticks += process.own_ticks + process.waited_ticks;
    }
    return ticks;
}

Usage ProcessTree::usage_below(pid_t supervisor, bool with_memory) const {
    Usage usage;
    if (by_pid_.count(supervisor) == 0) return usage;
    const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    usage.cpu_us = static_cast<std::int64_t>(ticks_below(supervisor) * (1'000'000 / per_second));
    add_disk(supervisor, usage);
    std::int64_t shared = 0;
    for (const pid_t pid : below(supervisor)) {
        add_disk(pid, usage);
        if (!with_memory) continue;
        const std::string status = machine_text(fmt::format("/proc/{}/status", pid));
        add(usage.memory_bytes, kilobytes(status, "RssAnon"));
        // Processes that share memory mostly share the same.
        shared = std::max(shared, kilobytes(status, "RssShmem").value_or(0));
    }
    if (usage.memory_bytes) *usage.memory_bytes += shared;
    return usage;
}

std::optional<UsageMeter::Known> UsageMeter::known(const std::string& id) const {
    const auto found = known_.with([&](const auto& map) {
        const auto at = map.find(id);
        return at == map.end() ? std::nullopt : std::optional(at->second);
    });
    if (found) return found;
    const auto supervisor = folder_.claimed_by(id);
    if (!supervisor || supervisor->pid <= 0) return std::nullopt;
    Known fresh{*supervisor, {}};
    if (const auto plan = folder_.read_plan(id)) {
        for (const CgroupFolder& group : plan->cgroups) fresh.cgroups.push_back(group.path);
    }
    known_.with([&](auto& map) { map.emplace(id, fresh); });
    return fresh;
}

void UsageMeter::forget(const std::string& id) {
    known_.with([&](auto& map) { map.erase(id); });
}

std::map<AttemptId, Usage> UsageMeter::usage(const std::vector<AttemptId>& ids) const {
    std::map<AttemptId, Usage> all;
    std::optional<ProcessTree> tree;
    for (const AttemptId& id : ids) {
        const std::string name = id.str();
        if (auto used = folder_.used(name)) {
            all.emplace(id, std::move(*used));
            continue;
        }
        const auto attempt = known(name);
        if (!attempt) continue;
        if (!tree) tree.emplace(all_processes());
        if (!is_alive(attempt->supervisor)) continue;
        Usage used = engine::cgroup_usage(attempt->cgroups);
        engine::complete(used, tree->usage_below(attempt->supervisor.pid, !used.memory_bytes));
        all.emplace(id, std::move(used));
    }
    return all;
}

}  // namespace pintle::engine_process
