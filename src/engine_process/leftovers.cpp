#include "engine_process/leftovers.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "base/time.hpp"
#include "engine_process/replica_environment.hpp"

namespace pintle::engine_process {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

std::set<pid_t> find(const std::string& marker, const std::optional<ProcessId>& main_process,
                     const std::vector<CgroupFolder>& cgroups) {
    const std::vector<ProcStat> processes = all_processes();
    std::set<pid_t> found;
    for (const ProcStat& process : processes) {
        if (process.state != 'Z' && process.state != 'X' && has_environment_line(process.pid, marker)) {
            found.insert(process.pid);
        }
    }
    if (main_process) {
        for (const pid_t pid : session_members(processes, *main_process)) found.insert(pid);
    }
    for (const pid_t pid : cgroup_processes(cgroups)) found.insert(pid);
    found.erase(::getpid());
    return found;
}

}  // namespace

std::vector<pid_t> session_members(const std::vector<ProcStat>& processes, const ProcessId& main_process) {
    std::vector<pid_t> members;
    for (const ProcStat& process : processes) {
        // As long as a session has members, no new process gets its leader's pid.
        if (process.pid == main_process.pid && process.start_time != main_process.start_time) return {};
        if (process.session == main_process.pid && process.state != 'Z' && process.state != 'X') {
            members.push_back(process.pid);
        }
    }
    return members;
}

int end_leftovers(const std::string& id, const std::optional<ProcessId>& main_process,
                  const std::vector<CgroupFolder>& cgroups) {
    const std::string marker = fmt::format("{}={}", kAttemptVariable, id);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::set<pid_t> left = find(marker, main_process, cgroups);
    while (!left.empty() && std::chrono::steady_clock::now() < deadline) {
        for (const pid_t pid : left) ::kill(pid, SIGKILL);
        const timespec pause{0, 5'000'000};
        ::nanosleep(&pause, nullptr);
        left = find(marker, main_process, cgroups);
    }
    remove_cgroups(cgroups);
    return static_cast<int>(left.size());
}

}  // namespace pintle::engine_process
