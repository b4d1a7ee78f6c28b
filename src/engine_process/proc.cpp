#include "engine_process/proc.hpp"

#include <dirent.h>
#include <unistd.h>

#include <map>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::size_t kEnvironMax = 4 << 20;

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view line) {
    const std::size_t name_begin = line.find(" (");
    const std::size_t name_end = line.rfind(") ");
    if (name_begin == std::string_view::npos || name_end == std::string_view::npos || name_end < name_begin) {
        return std::nullopt;
    }
    const auto pid = parse_int(line.substr(0, name_begin));
    // The words behind the name, from field 3 on: state, parent, group, session, …, start time (field 22).
    const std::vector<std::string> words = split(trim(line.substr(name_end + 2)), ' ');
    if (!pid || words.size() < 20 || words[0].size() != 1) return std::nullopt;
    const auto parent = parse_int(words[1]), session = parse_int(words[3]), start = parse_int(words[19]);
    if (!parent || !session || !start) return std::nullopt;
    // Fields 14 to 17: user and system time, and those of children.
    const auto ticks = [&](std::size_t first) {
        return static_cast<std::uint64_t>(parse_int(words[first]).value_or(0) +
                                          parse_int(words[first + 1]).value_or(0));
    };
    return ProcStat{static_cast<pid_t>(*pid), words[0][0], static_cast<pid_t>(*parent), static_cast<pid_t>(*session),
                    static_cast<std::uint64_t>(*start), ticks(11), ticks(13)};
}

std::optional<ProcStat> read_stat(pid_t pid) {
    const auto line = os::read_file(fmt::format("/proc/{}/stat", pid), 4096);
    return line ? parse_stat(*line) : std::nullopt;
}

std::vector<ProcStat> all_processes() {
    std::vector<ProcStat> found;
    DIR* folder = ::opendir("/proc");
    if (folder == nullptr) return found;
    while (const dirent* entry = ::readdir(folder)) {
        const auto pid = parse_int(entry->d_name);
        if (!pid) continue;
        if (const auto stat = read_stat(static_cast<pid_t>(*pid))) found.push_back(*stat);
    }
    ::closedir(folder);
    return found;
}

std::vector<pid_t> descendants(const std::vector<ProcStat>& processes, pid_t root) {
    std::multimap<pid_t, const ProcStat*> by_parent;
    for (const ProcStat& process : processes) by_parent.emplace(process.parent, &process);
    std::vector<pid_t> found, open{root};
    while (!open.empty()) {
        const auto [begin, end] = by_parent.equal_range(open.back());
        open.pop_back();
        for (auto child = begin; child != end; ++child) {
            if (child->second->pid == root) continue;
            open.push_back(child->second->pid);
            if (child->second->state != 'Z' && child->second->state != 'X') found.push_back(child->second->pid);
        }
    }
    return found;
}

std::string boot_id() {
    const auto text = os::read_file("/proc/sys/kernel/random/boot_id", 256);
    return text ? std::string(trim(*text)) : std::string();
}

ProcessId this_process() {
    const pid_t pid = ::getpid();
    const auto stat = read_stat(pid);
    return {pid, stat ? stat->start_time : 0, boot_id()};
}

bool is_alive(const ProcessId& process) {
    if (process.pid <= 0 || process.boot != boot_id()) return false;
    const auto stat = read_stat(process.pid);
    return stat && stat->start_time == process.start_time && stat->state != 'Z' && stat->state != 'X';
}

bool contains_environment_line(std::string_view environ_bytes, std::string_view line) {
    while (!environ_bytes.empty()) {
        const std::size_t end = environ_bytes.find('\0');
        if (environ_bytes.substr(0, end) == line) return true;
        if (end == std::string_view::npos) return false;
        environ_bytes.remove_prefix(end + 1);
    }
    return false;
}

bool has_environment_line(pid_t pid, std::string_view line) {
    const auto bytes = os::read_file(fmt::format("/proc/{}/environ", pid), kEnvironMax);
    return bytes && contains_environment_line(*bytes, line);
}

}  // namespace pintle::engine_process
