#include "engine_process/process_engine.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "base/log.hpp"
#include "base/text.hpp"
#include "engine_process/doctor.hpp"
#include "engine/exit_words.hpp"
#include "engine_process/gpu_meter.hpp"
#include "engine_process/inventory.hpp"
#include "engine_process/launcher.hpp"
#include "engine_process/leftovers.hpp"
#include "engine_process/plan_builder.hpp"
#include "engine_process/python_environment.hpp"
#include "engine_process/sweeper.hpp"
#include "engine_process/usage_meter.hpp"
#include "engine_process/watch.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

using engine::AttemptId;
using engine::Observation;

constexpr int kCannotStart = 126;
const ProcessId kNobody{};

Time now() { return SystemClock().now(); }

/// Our cgroups' name: the same for every life of the server on this folder, another for every other folder.
std::string tag_of(std::string_view folder) {
    std::uint32_t hash = 2166136261U;
    for (const unsigned char c : folder) hash = (hash ^ c) * 16777619U;
    return fmt::format("{:08x}", hash);
}

/// A handle of that very process, or none when it has ended.
os::UniqueFd open_process(const ProcessId& process) {
    if (process.pid <= 0) return {};
    os::UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    // The pid may have been another's before the handle was opened, but not afterwards.
    return handle && is_alive(process) ? std::move(handle) : os::UniqueFd();
}

std::string os_hosts() { return os::read_file("/etc/hosts", 1 << 20).value_or(std::string()); }

}  // namespace

struct ProcessEngine::Impl {
    /// What the sink was told of an attempt.
    struct Known {
        bool running = false;
        bool exited = false;
        std::optional<domain::ReplicaExit> unwritten;  ///< An exit that a full disk keeps from being on disk.
    };
    using KnownMap = std::map<std::string, Known, std::less<>>;

    Impl(Options given, Sink to)
        : options(std::move(given)),
          sink(std::move(to)),
          folder(options.folder),
          inventory({options.node_name, options.declared_gpus, options.declared_kinds, options.machine_root,
                     options.nvml_library}),
          launcher(options.launcher_command, options.launcher_image),
          python(options.cache_folder),
          meter(folder),
          gpu_meter(options.machine_root, options.nvml_library) {}
    ~Impl();

    // constant after open()
    const Options options;
    const Sink sink;
    const RunFolder folder;
    Cgroups cgroups;
    NamespaceSupport namespaces;

    Inventory inventory;
    Launcher launcher;  // engine thread only
    const PythonEnvironments python;
    UsageMeter meter;
    GpuMeter gpu_meter;
    Synchronized<KnownMap> known;
    std::unique_ptr<Watch> watch;
    std::unique_ptr<Sweeper> sweeper;  ///< Of scratch folders.

    Result<void> recover();
    Result<void> launch(const std::string& id, const engine::ReplicaLaunch& request);
    Result<void> stop(const std::string& id, Duration grace);
    Result<void> forget(const AttemptId& id);

    // Watching thread, and open() before there is one.
    void on_report(const ReportName& report);
    void on_supervisor_end(const std::string& id);
    void on_missed();
    bool take_up(const std::string& id);
    void settle(const std::string& id);
    [[nodiscard]] domain::ReplicaExit end_lost(const std::string& id, const ProcessId& supervisor) const;
    void announce(const ReportName& report, const domain::ReplicaExit& exit);

    [[nodiscard]] bool knows(const std::string& id) const {
        return known.with([&](const KnownMap& map) { return map.count(id) > 0; });
    }
};

ProcessEngine::Impl::~Impl() {
    if (watch) watch->end();  // It may be adding to what it watches until then.
    // Of version 2 the folder is kept: what it hands down was set up once. While replicas are in it, it stays anyway.
    if (cgroups.version() == 1) cgroups.remove_base();
}

/// Takes up every attempt of earlier lives. One that nobody has claimed is left: it will be asked for again.
Result<void> ProcessEngine::Impl::recover() {
    for (const std::string& id : TRY(folder.attempts())) {
        if (folder.exited(id)) {
            known.with([&](KnownMap& map) { map[id] = {true, true, {}}; });
        } else if (folder.claimed_by(id)) {
            known.with([&](KnownMap& map) { map[id] = {folder.running(id).has_value(), false, {}}; });
            settle(id);
        }
    }
    std::vector<std::string> keep;
    known.with([&](const KnownMap& map) {
        for (const auto& [id, state] : map) {
            if (!state.exited) keep.push_back(id);
        }
    });
    cgroups.sweep(keep);
    return {};
}

/// Follows the supervisor that has claimed the attempt; false when it has ended.
bool ProcessEngine::Impl::take_up(const std::string& id) {
    const auto supervisor = folder.claimed_by(id);
    if (!supervisor) return false;
    os::UniqueFd handle = open_process(*supervisor);
    const bool alive = handle || is_alive(*supervisor);
    watch->follow(id, std::move(handle));
    return alive;
}

/// Sees to it that an attempt without a living supervisor has an exit, on disk if at all possible.
void ProcessEngine::Impl::settle(const std::string& id) {
    if (take_up(id)) return;
    // It wrote its report just before it ended, if it could.
    if (folder.exited(id)) return on_report({id, true});
    domain::ReplicaExit exit{kCannotStart, false, "it could not be started: its supervisor was ended before it began",
                             now()};
    const auto claimed = folder.claim(id, kNobody);
    if (!claimed) {
        exit.message = "it could not be started: " + claimed.error().message;
    } else if (!*claimed) {
        if (take_up(id)) return;
        exit = end_lost(id, folder.claimed_by(id).value_or(kNobody));
    }
    const auto reported = folder.report_exit(id, exit);
    if (reported) return on_report({id, true});
    log::error("engine.report_failed", {{"attempt", id}, {"error", reported.error().message}});
    known.with([&](KnownMap& map) { map[id].unwritten = exit; });
    announce({id, true}, exit);
}

/// Ends what a supervisor that was killed has left behind.
domain::ReplicaExit ProcessEngine::Impl::end_lost(const std::string& id, const ProcessId& supervisor) const {
    if (supervisor.pid == 0) return engine::exit_before_start(now());
    if (supervisor.boot != boot_id()) return {128 + SIGKILL, false, "the machine went down while it ran", now()};
    const auto plan = folder.read_plan(id);
    const int left = end_leftovers(id, folder.running(id), plan ? plan->cgroups : std::vector<CgroupFolder>());
    if (left > 0) {
        return {
            128 + SIGKILL, false,
            fmt::format("its supervisor was killed, and {} could not be ended", count_of(left, "process", "processes")),
            now()};
    }
    return {128 + SIGKILL, false, "its supervisor was killed, and all its processes were ended", now()};
}

void ProcessEngine::Impl::on_report(const ReportName& report) {
    const auto exit = report.exited ? folder.exited(report.id) : std::nullopt;
    if (report.exited ? !exit : !folder.has_attempt(report.id)) return;  // Forgotten meanwhile.
    announce(report, exit.value_or(domain::ReplicaExit{}));
}

void ProcessEngine::Impl::announce(const ReportName& report, const domain::ReplicaExit& exit) {
    bool fresh = false, unknown = false;
    known.with([&](KnownMap& map) {
        const auto [at, added] = map.try_emplace(report.id);
        unknown = added;
        fresh = !at->second.exited && (report.exited || !at->second.running);
        (report.exited ? at->second.exited : at->second.running) = true;
    });
    // Forked for an earlier life of the server that did not see it begin.
    if (unknown && !report.exited) take_up(report.id);
    const auto id = AttemptId::parse(report.id);
    if (!fresh || !id) return;
    sink(report.exited ? Observation{*id, Observation::Kind::kExited, exit}
                       : Observation{*id, Observation::Kind::kRunning, {}});
}

void ProcessEngine::Impl::on_supervisor_end(const std::string& id) {
    if (folder.has_attempt(id)) settle(id);
}

void ProcessEngine::Impl::on_missed() {
    const auto names = os::list_folder(folder.reports());
    if (!names) return;
    for (const bool exited : {false, true}) {
        for (const std::string& name : *names) {
            const auto report = parse_report_name(name);
            if (report && report->exited == exited) on_report(*report);
        }
    }
}

Result<void> ProcessEngine::Impl::launch(const std::string& id, const engine::ReplicaLaunch& request) {
    const std::vector<domain::Device> devices = TRY(inventory.as_drivers_count(request.devices));
    const LaunchPlan plan = TRY(build_plan(request, options, folder, cgroups, namespaces, devices));
    const std::string hosts = TRY(hosts_text(os_hosts(), request.hosts));
    TRY(os::make_folders(plan.folder));
    TRY(folder.write_plan(id, plan));
    if (!plan.hosts_file.empty()) TRY(os::write_file_atomic(plan.hosts_file, hosts, 0644, false));
    if (!plan.mounts.empty()) TRY(os::make_folders(folder.attempt(id) + "/root"));
    // Known before it can report.
    known.with([&](KnownMap& map) { map.try_emplace(id); });
    auto supervisor = launcher.start_supervisor(folder.root(), id);
    if (!supervisor) {
        known.with([&](KnownMap& map) { map.erase(id); });
        return fail(supervisor.error());
    }
    watch->follow(id, std::move(supervisor->handle));
    return {};
}

Result<void> ProcessEngine::Impl::stop(const std::string& id, Duration grace) {
    if (folder.exited(id)) return {};
    TRY(os::make_folders(folder.attempt(id)));
    TRY(folder.write_stop(id, grace));
    // A supervisor looks for the stop after it has made its claim: either it sees it, or we see its claim.
    if (TRY(folder.claim(id, kNobody))) {
        known.with([&](KnownMap& map) { map.try_emplace(id); });
        return folder.report_exit(id, engine::exit_before_start(now()));
    }
    const auto supervisor = folder.claimed_by(id);
    if (!supervisor) return {};
    const os::UniqueFd handle = open_process(*supervisor);
    if (handle) {
        ::syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0U);
    } else if (is_alive(*supervisor)) {
        ::kill(supervisor->pid, SIGTERM);
    }
    return {};
}

Result<void> ProcessEngine::Impl::forget(const AttemptId& id) {
    const std::string name = id.str();
    const auto supervisor = folder.claimed_by(name);
    if (!folder.exited(name) && supervisor && is_alive(*supervisor)) {
        return fail(ErrorCode::kConflict, "{} still runs; it can be forgotten when it has ended", name);
    }
    TRY(folder.remove(name));
    meter.forget(name);
    const std::string siblings = fmt::format("{}.{}.", id.job.str(), id.replica);
    const bool alone = known.with([&](KnownMap& map) {
        map.erase(name);
        const auto sibling = map.lower_bound(siblings);
        return sibling == map.end() || sibling->first.compare(0, siblings.size(), siblings) != 0;
    });
    if (!alone) return {};  // A later attempt works in the same scratch folder.
    TRY(folder.discard_scratch(id));
    sweeper->sweep();
    return {};
}

ProcessEngine::ProcessEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessEngine::~ProcessEngine() = default;

Result<std::unique_ptr<ProcessEngine>> ProcessEngine::open(Options options, Sink sink) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(sink));
    Impl& self = *impl;
    TRY(self.folder.prepare());
    // First of all, while the process is small and has few threads.
    TRY(self.launcher.start());
    if (self.options.use_cgroups) self.cgroups = Cgroups::probe(tag_of(self.options.folder));
    if (self.options.use_namespaces) self.namespaces = probe_namespaces(self.folder.root() + "/trash");
    // Watching begins before the folder is read, so that nothing falls between.
    self.watch = TRY(Watch::open(self.folder.reports()));
    self.sweeper = std::make_unique<Sweeper>(self.folder.scratch_trash());
    TRY(self.recover());
    self.watch->begin({[&self](const ReportName& report) { self.on_report(report); },
                       [&self](const std::string& id) { self.on_supervisor_end(id); }, [&self] { self.on_missed(); }});
    return std::unique_ptr<ProcessEngine>(new ProcessEngine(std::move(impl)));
}

Result<void> ProcessEngine::start(const engine::ReplicaLaunch& launch) {
    const std::string id = launch.id.str();
    return impl_->knows(id) ? Result<void>() : impl_->launch(id, launch);
}

Result<void> ProcessEngine::stop(const AttemptId& id, Duration grace) {
    if (!AttemptId::parse(id.str())) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", id.str());
    }
    return impl_->stop(id.str(), grace);
}

Result<std::vector<Observation>> ProcessEngine::list() {
    std::vector<Observation> seen;
    const Impl::KnownMap known = impl_->known.with([](const Impl::KnownMap& map) { return map; });
    for (const auto& [id, state] : known) {
        const auto attempt = AttemptId::parse(id);
        if (!attempt) continue;
        const auto exit = state.unwritten ? state.unwritten : impl_->folder.exited(id);
        seen.push_back({*attempt, exit ? Observation::Kind::kExited : Observation::Kind::kRunning,
                        exit.value_or(domain::ReplicaExit{})});
    }
    return seen;
}

Result<void> ProcessEngine::forget(const AttemptId& id) {
    if (!AttemptId::parse(id.str())) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", id.str());
    }
    return impl_->forget(id);
}

Result<std::vector<domain::Node>> ProcessEngine::inventory() {
    domain::Node node = impl_->inventory.node();
    node.private_mounts = impl_->namespaces.mounts;
    node.private_names = impl_->namespaces.names;
    for (const auto& [label, value] : impl_->options.node_labels) node.labels.insert_or_assign(label, value);
    return std::vector{std::move(node)};
}

Result<std::string> ProcessEngine::prepare_environment(const std::string& requirements,
                                                       const std::function<void(std::string)>& progress) {
    return impl_->python.prepare(requirements, progress);
}

Result<std::vector<domain::Device>> ProcessEngine::as_drivers_count(const std::vector<int>& indexes) {
    return impl_->inventory.as_drivers_count(indexes);
}

std::map<AttemptId, engine::Usage> ProcessEngine::usage(const std::vector<AttemptId>& ids) {
    return impl_->meter.usage(ids);
}

std::map<std::string, engine::Usage> ProcessEngine::machine_usage() {
    return {{impl_->inventory.name(), engine::machine_usage(impl_->options.machine_root)}};
}

Result<std::vector<engine::DeviceUsage>> ProcessEngine::device_usage() { return impl_->gpu_meter.usage(); }

std::vector<engine::Finding> ProcessEngine::doctor() {
    return examine_machine({impl_->cgroups, impl_->namespaces, impl_->inventory.gpus()});
}

}  // namespace pintle::engine_process
