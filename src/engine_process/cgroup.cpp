#include "engine_process/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::int64_t kPeriodUs = 100'000;
constexpr std::int64_t kMinQuotaUs = 1000;

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Files of a cgroup take one write() and are never created.
int write_setting(const std::string& path, std::string_view value) {
    const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return errno;
    return ::write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size()) ? 0 : errno;
}

std::string read_words(const std::string& path) {
    const auto text = os::read_file(path, 1 << 20);
    return text ? std::string(trim(*text)) : std::string();
}

// The mount table writes a space as \040.
std::string unescape(std::string_view text) { return replace_all(std::string(text), "\\040", " "); }

std::string without_end_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

// Where our own cgroup is below the mount. Within a container the mount may show only a part, named by its root.
std::string own_folder(const std::string& mount_path, const std::string& mount_root, std::string own) {
    if (mount_root != "/" && own.rfind(mount_root, 0) == 0) own.erase(0, mount_root.size());
    return without_end_slash(mount_path + (own.empty() || own[0] == '/' ? "" : "/") + own);
}

std::string own_path_of(std::string_view self_cgroup, const std::vector<std::string>& controllers) {
    for (const std::string& line : split(self_cgroup, '\n')) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) continue;
        const std::string names = line.substr(first + 1, second - first - 1);
        const bool match = controllers.empty() ? names.empty() : contains(split(names, ','), controllers.front());
        if (match) return line.substr(second + 1);
    }
    return "/";
}

}  // namespace

std::vector<CgroupSetting> memory_settings(int version, std::int64_t bytes) {
    if (bytes <= 0) return {};
    const std::string limit = fmt::format("{}", bytes);
    // Without swap: a replica at its limit shall end, not slow the machine down.
    if (version == 2) return {{"memory.max", limit}, {"memory.swap.max", "0", false}};
    return {{"memory.limit_in_bytes", limit}, {"memory.memsw.limit_in_bytes", limit, false}};
}

std::vector<CgroupSetting> cpu_settings(int version, std::int64_t millis) {
    if (millis <= 0) return {};
    const std::int64_t quota = std::max(kMinQuotaUs, millis * kPeriodUs / 1000);
    if (version == 2) return {{"cpu.max", fmt::format("{} {}", quota, kPeriodUs)}};
    return {{"cpu.cfs_period_us", fmt::format("{}", kPeriodUs)}, {"cpu.cfs_quota_us", fmt::format("{}", quota)}};
}

std::int64_t parse_oom_kills(std::string_view text) {
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> words = split(line, ' ');
        if (words.size() == 2 && words[0] == "oom_kill") return parse_int(words[1]).value_or(0);
    }
    return 0;
}

std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo, std::string_view self_cgroup) {
    std::vector<CgroupMount> found;
    for (const std::string& line : split(mountinfo, '\n')) {
        // id parent major:minor root mount_point options [optional…] - type source super_options
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        const std::vector<std::string> before = split(line.substr(0, dash), ' ');
        const std::vector<std::string> after = split(line.substr(dash + 3), ' ');
        if (before.size() < 6 || after.size() < 3 || (after[0] != "cgroup" && after[0] != "cgroup2")) continue;
        CgroupMount mount{after[0] == "cgroup2" ? 2 : 1, {}, unescape(before[4]), {}};
        if (mount.version == 1) {
            for (const std::string& option : split(after[2], ',')) {
                if (option != "rw" && option != "ro") mount.controllers.push_back(option);
            }
            if (mount.controllers.empty()) continue;
        }
        mount.own_path = own_folder(mount.mount_path, before[3], own_path_of(self_cgroup, mount.controllers));
        found.push_back(std::move(mount));
    }
    return found;
}

namespace {

/// Whether limits can really be set in cgroups below `base`; the reason if not.
std::string try_settings(const std::string& base, const std::vector<CgroupSetting>& settings) {
    if (::mkdir(base.c_str(), 0755) != 0 && errno != EEXIST) {
        return fmt::format("{} cannot be created ({})", base, std::strerror(errno));
    }
    const CgroupFolder trial{fmt::format("{}/trial-{}", base, ::getpid()), settings};
    const auto made = make_cgroups({trial});
    ::rmdir(trial.path.c_str());
    if (made) return {};
    ::rmdir(base.c_str());
    return made.error().message;
}

/// Hands the controllers down to the children of a version 2 cgroup.
std::string enable_controllers(const std::string& group, const std::vector<std::string>& controllers) {
    for (const std::string& controller : controllers) {
        const int error = write_setting(group + "/cgroup.subtree_control", "+" + controller);
        if (error != 0) {
            return fmt::format("the {} controller cannot be handed down in {} ({})", controller, group,
                               std::strerror(error));
        }
    }
    return {};
}

/// A version 2 cgroup with processes of its own hands nothing down; they have to step into a leaf first.
bool move_processes_to_leaf(const std::string& group) {
    const std::string leaf = group + "/pintle-server";
    if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return false;
    bool moved = true;
    for (const std::string& pid : split(read_words(group + "/cgroup.procs"), '\n')) {
        moved = write_setting(leaf + "/cgroup.procs", pid) == 0 && moved;
    }
    if (moved) return true;
    for (const std::string& pid : split(read_words(leaf + "/cgroup.procs"), '\n')) {
        write_setting(group + "/cgroup.procs", pid);
    }
    ::rmdir(leaf.c_str());
    return false;
}

std::string prepare_v2_base(const std::string& group, const std::string& base,
                            const std::vector<std::string>& controllers) {
    std::string reason = enable_controllers(group, controllers);
    if (!reason.empty() && ::access((group + "/cgroup.procs").c_str(), W_OK) == 0 && move_processes_to_leaf(group)) {
        reason = enable_controllers(group, controllers);
    }
    if (!reason.empty()) return reason;
    if (::mkdir(base.c_str(), 0755) != 0 && errno != EEXIST) {
        return fmt::format("{} cannot be created ({})", base, std::strerror(errno));
    }
    return enable_controllers(base, controllers);
}

/// Our own folder of a version 1 hierarchy with that controller, or the reason why there is none.
std::pair<std::string, std::string> find_v1_base(const std::vector<CgroupMount>& mounts, std::string_view controller,
                                                 std::string_view tag, const std::vector<CgroupSetting>& trial) {
    for (const CgroupMount& mount : mounts) {
        if (mount.version != 1 || !contains(mount.controllers, controller)) continue;
        const std::string& parent = os::exists(mount.own_path) ? mount.own_path : mount.mount_path;
        std::string base = fmt::format("{}/pintle-{}", parent, tag);
        std::string reason = try_settings(base, trial);
        if (reason.empty()) return {std::move(base), ""};
        return {"", std::move(reason)};
    }
    return {"", fmt::format("this kernel offers no {} cgroups", controller)};
}

/// Candidates for the parent of our version 2 folder: the top for the superuser, else our own cgroup.
std::vector<std::string> v2_parents(const CgroupMount& mount) {
    std::vector<std::string> parents;
    if (::geteuid() == 0) parents.push_back(mount.mount_path);
    if (os::exists(mount.own_path) && !contains(parents, mount.own_path)) parents.push_back(mount.own_path);
    return parents;
}

constexpr std::int64_t kTrialBytes = 64 << 20;
constexpr std::int64_t kTrialMillis = 500;

}  // namespace

Cgroups Cgroups::probe(std::string_view tag) {
    Cgroups found;
    const auto mountinfo = os::read_file("/proc/self/mountinfo"), self = os::read_file("/proc/self/cgroup");
    if (!mountinfo || !self) {
        found.reason_ = "/proc does not tell about cgroups";
        return found;
    }
    const std::vector<CgroupMount> mounts = find_cgroup_mounts(*mountinfo, *self);
    const auto unified =
        std::find_if(mounts.begin(), mounts.end(), [](const CgroupMount& mount) { return mount.version == 2; });
    if (unified != mounts.end() &&
        contains(split(read_words(unified->mount_path + "/cgroup.controllers"), ' '), "memory")) {
        found.version_ = 2;
        std::vector<CgroupSetting> trial = memory_settings(2, kTrialBytes);
        for (CgroupSetting& setting : cpu_settings(2, kTrialMillis)) trial.push_back(std::move(setting));
        for (const std::string& parent : v2_parents(*unified)) {
            const std::string base = fmt::format("{}/pintle-{}", parent, tag);
            found.reason_ = prepare_v2_base(parent, base, {"memory", "cpu"});
            if (found.reason_.empty()) found.reason_ = try_settings(base, trial);
            if (!found.reason_.empty()) continue;
            found.memory_base_ = found.cpu_base_ = base;
            break;
        }
        if (found.reason_.empty() && found.memory_base_.empty()) found.reason_ = "our own cgroup is not visible here";
        return found;
    }
    found.version_ = 1;
    std::string cpu_reason;
    std::tie(found.memory_base_, found.reason_) = find_v1_base(mounts, "memory", tag, memory_settings(1, kTrialBytes));
    std::tie(found.cpu_base_, cpu_reason) = find_v1_base(mounts, "cpu", tag, cpu_settings(1, kTrialMillis));
    if (!cpu_reason.empty() && cpu_reason != found.reason_) {
        found.reason_ += (found.reason_.empty() ? "" : "; ") + cpu_reason;
    }
    return found;
}

std::vector<CgroupFolder> Cgroups::plan(std::string_view name, const domain::Quantities& limits) const {
    std::vector<CgroupFolder> groups;
    const auto add = [&](const std::string& base, std::vector<CgroupSetting> settings) {
        if (base.empty() || settings.empty()) return;
        const std::string path = fmt::format("{}/{}", base, name);
        if (groups.empty() || groups.back().path != path) groups.push_back({path, {}});
        for (CgroupSetting& setting : settings) groups.back().settings.push_back(std::move(setting));
    };
    add(memory_base_, memory_settings(version_, limits.memory_bytes));
    add(cpu_base_, cpu_settings(version_, limits.cpu_millis));
    return groups;
}

void Cgroups::sweep(const std::vector<std::string>& keep) const {
    for (const std::string& base : {memory_base_, cpu_base_}) {
        if (base.empty()) continue;
        const auto names = os::list_folder(base);
        if (!names) continue;
        // Files of a cgroup cannot be removed this way, nor can a cgroup with processes.
        for (const std::string& name : *names) {
            if (!contains(keep, name)) ::rmdir(fmt::format("{}/{}", base, name).c_str());
        }
    }
}

void Cgroups::remove_base() const {
    for (const std::string& base : {memory_base_, cpu_base_}) {
        if (!base.empty()) ::rmdir(base.c_str());
    }
}

namespace {

/// A server that ends takes an empty base folder away, perhaps just before we put something into it.
bool make_folder_in_base(const std::string& path) {
    const std::string base = path.substr(0, path.rfind('/'));
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return true;
        if (errno != ENOENT || (::mkdir(base.c_str(), 0755) != 0 && errno != EEXIST)) return false;
    }
    return false;
}

}  // namespace

Result<void> make_cgroups(const std::vector<CgroupFolder>& groups) {
    for (const CgroupFolder& group : groups) {
        if (!make_folder_in_base(group.path)) return fail(os::errno_error("create the cgroup", group.path, errno));
        for (const CgroupSetting& setting : group.settings) {
            const std::string path = group.path + "/" + setting.file;
            const int error = write_setting(path, setting.value);
            if (error != 0 && (setting.required || error != ENOENT)) {
                return fail(os::errno_error(fmt::format("write {} to", setting.value), path, error));
            }
        }
    }
    return {};
}

bool join_cgroups(const std::vector<CgroupFolder>& groups) {
    return std::all_of(groups.begin(), groups.end(),
                       [](const CgroupFolder& group) { return write_setting(group.path + "/cgroup.procs", "0") == 0; });
}

std::int64_t oom_kills(const std::vector<CgroupFolder>& groups) {
    std::int64_t most = 0;
    for (const CgroupFolder& group : groups) {
        for (const char* file : {"/memory.events", "/memory.oom_control"}) {
            most = std::max(most, parse_oom_kills(read_words(group.path + file)));
        }
    }
    return most;
}

std::vector<pid_t> cgroup_processes(const std::vector<CgroupFolder>& groups) {
    std::vector<pid_t> pids;
    for (const CgroupFolder& group : groups) {
        for (const std::string& line : split(read_words(group.path + "/cgroup.procs"), '\n')) {
            if (const auto pid = parse_int(line); pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));
        }
    }
    return pids;
}

void remove_cgroups(const std::vector<CgroupFolder>& groups) {
    for (const CgroupFolder& group : groups) {
        // The kernel lets go of a process that has ended a moment after we have heard of its end.
        for (int patience = 0; ::rmdir(group.path.c_str()) != 0 && errno == EBUSY && patience < 100; ++patience) {
            const timespec pause{0, 1'000'000};
            ::nanosleep(&pause, nullptr);
        }
    }
}

domain::Quantities own_cgroup_limits() {
    domain::Quantities limits;
    const auto mountinfo = os::read_file("/proc/self/mountinfo"), self = os::read_file("/proc/self/cgroup");
    if (!mountinfo || !self) return limits;
    const auto lower = [](std::int64_t& limit, std::int64_t value) {
        if (value > 0 && (limit == 0 || value < limit)) limit = value;
    };
    for (const CgroupMount& mount : find_cgroup_mounts(*mountinfo, *self)) {
        // A limit of any group above us holds as well.
        std::string group = os::exists(mount.own_path) ? mount.own_path : mount.mount_path;
        for (; group.size() >= mount.mount_path.size(); group.erase(group.rfind('/'))) {
            const std::string memory =
                read_words(group + (mount.version == 2 ? "/memory.max" : "/memory.limit_in_bytes"));
            // Version 1 says "no limit" with a number near the largest.
            if (const auto bytes = parse_int(memory); bytes && *bytes < (std::int64_t{1} << 60)) {
                lower(limits.memory_bytes, *bytes);
            }
            const std::vector<std::string> cpu =
                mount.version == 2
                    ? split(read_words(group + "/cpu.max"), ' ')
                    : std::vector{read_words(group + "/cpu.cfs_quota_us"), read_words(group + "/cpu.cfs_period_us")};
            if (cpu.size() != 2) continue;
            const auto quota = parse_int(cpu[0]), period = parse_int(cpu[1]);
            if (quota && period && *quota > 0 && *period > 0) lower(limits.cpu_millis, *quota * 1000 / *period);
        }
    }
    return limits;
}

}  // namespace pintle::engine_process
