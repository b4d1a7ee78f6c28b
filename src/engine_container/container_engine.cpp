#include "engine_container/container_engine.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <set>
#include <thread>

#include "base/log.hpp"
#include "base/synchronized.hpp"
#include "base/text.hpp"
#include "base/timed_queue.hpp"
#include "engine/exit_words.hpp"
#include "engine_container/attempt_folder.hpp"
#include "engine_container/container_usage.hpp"
#include "engine_container/doctor.hpp"
#include "engine_container/image_fetch.hpp"
#include "engine_container/job_networks.hpp"
#include "engine_container/log_keeper.hpp"
#include "engine_container/service_connection.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace pintle::engine_container {
namespace {

using engine::AttemptId;
using engine::Observation;
using Steady = std::chrono::steady_clock;

const std::string kSweep = "sweep";               ///< On the agenda, beside attempts' names.
constexpr Duration kSweepSoon{200};               ///< After something ended, so that much that ends is swept once.
constexpr Duration kSweepIdle{60'000};            ///< While nothing runs: podman's service may sleep.
constexpr Duration kFirstRetry{200}, kLastRetry{5'000};
constexpr Duration kStartPatience{600'000};       ///< For a service that is away when a replica shall start.
constexpr Duration kLogPatience{10'000};
constexpr Duration kSettleEvery{20};              ///< Between a container's end and the service's word for it.
constexpr Duration kLookAgain{200};
constexpr int kCannotStart = 126;

Time now() { return SystemClock().now(); }

/// The same for every life of the server on this folder and this machine, another for every other.
std::string mark_of(std::string_view folder) {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    std::uint64_t hash = 14695981039346656037ULL;
    const auto mix = [&](std::string_view text) {
        for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
        hash = (hash ^ 0xff) * 1099511628211ULL;
    };
    mix(folder);
    mix(host);
    return fmt::format("{:012x}", hash & 0xffffffffffffULL);
}

bool speaks_of_limits(const Error& error) {
    return error.message.find("rlimit") != std::string::npos || error.message.find("RLIMIT") != std::string::npos;
}

/// The services look through all of the machine's network interfaces one by one, and fail when one goes meanwhile, such
/// as that of another job that ends.
bool speaks_of_lost_interface(const Error& error) {
    return error.message.find("no such network interface") != std::string::npos;
}

/// Another life of this program may have written the same file.
Result<std::string> write_init(const std::string& folder, std::string_view image) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const unsigned char c : image) hash = (hash ^ c) * 1099511628211ULL;
    const std::string path = fmt::format("{}/init-{:016x}", folder, hash);
    if (!os::exists(path)) TRY(os::write_file_atomic(path, image, 0755, false));
    return path;
}

domain::ReplicaExit not_started(const AttemptId& id, const std::string& why) {
    return {kCannotStart, false, fmt::format("{} could not be started: {}", id.replica, why), now()};
}

}  // namespace

struct ContainerEngine::Impl {
    struct Attempt {
        bool running = false;  ///< And the sink knows.
        std::optional<domain::ReplicaExit> exit;
        bool busy = false;     ///< A thread is at it.
        bool again = false;    ///< Something happened meanwhile.
        bool term_sent = false;
        bool kill_sent = false;
        std::optional<Steady::time_point> kill_at;
        int failures = 0;
        Steady::time_point failing_since{};
    };
    using Attempts = std::map<std::string, Attempt, std::less<>>;
    Impl(Options given, Sink to)
        : options(std::move(given)),
          sink(std::move(to)),
          folder(options.folder),
          marks{mark_of(options.folder)},
          service(options.sockets, options.sockets_fault),
          networks(marks),
          used(folder, marks, service) {}
    ~Impl();

    // constant after open()
    const Options options;
    const Sink sink;
    const AttemptFolder folder;
    const Marks marks;
    std::string init_program;
    Machine machine;

    Synchronized<Attempts> attempts;
    ServiceConnection service;
    JobNetworks networks;
    ContainerUsage used;
    std::atomic<bool> lowered_limits{false};
    TimedQueue<std::string> agenda;
    std::atomic<bool> ending{false};
    std::vector<std::thread> threads;

    Result<void> recover();
    void run();
    void hear_bell();

    // One attempt; its thread only.
    void work(const std::string& name);
    Result<std::optional<Duration>> advance(const AttemptId& id);
    Result<std::optional<Duration>> begin(const AttemptId& id, const Connected& on);
    Result<std::optional<Duration>> bring_up(const AttemptId& id, const engine::ReplicaLaunch& launch,
                                             const Connected& on);
    Result<std::optional<Duration>> look_after(const AttemptId& id, const Connected& on);
    Result<Surroundings> surroundings(const engine::ReplicaLaunch& launch, const Connected& on);
    Result<void> keep_log(const std::string& name, const std::string& log_folder) const;
    [[nodiscard]] std::optional<domain::ReplicaExit> why_not(const AttemptId& id, const Error& error);
    void tell_running(const AttemptId& id);
    void settle(const AttemptId& id, const ContainerState& state, const Connected& on);
    void end(const AttemptId& id, const domain::ReplicaExit& exit);
    std::optional<Duration> postpone(const AttemptId& id, const Error& error);

    void sweep();
    Result<void> sweep_with(const Connected& on);
    [[nodiscard]] bool has_attempts(const std::string& job);
};

ContainerEngine::Impl::~Impl() {
    ending = true;
    agenda.close();
    // An empty line, for the thread that listens.
    if (const os::UniqueFd bell(::open(folder.bell().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)); bell) {
        if (::write(bell.get(), "\n", 1) < 0) log::debug("containers.bell", {});
    }
    for (std::thread& thread : threads) thread.join();
}

Result<void> ContainerEngine::Impl::recover() {
    for (const std::string& name : TRY(folder.attempts())) {
        Attempt attempt;
        attempt.exit = folder.exit(name);
        if (!attempt.exit && !os::exists(folder.path(name) + "/launch")) {
            // A crash came before it was one.
            TRY(folder.remove(name));
            continue;
        }
        attempt.running = folder.started(name);
        const bool live = !attempt.exit;
        attempts.with([&](Attempts& map) { map.emplace(name, std::move(attempt)); });
        if (live) agenda.add(name);
    }
    return {};
}

void ContainerEngine::Impl::run() {
    while (const auto name = agenda.pop()) {
        if (*name == kSweep) sweep();
        else work(*name);
    }
}

void ContainerEngine::Impl::hear_bell() {
    // For writing too, so that it has no end.
    const os::UniqueFd bell(::open(folder.bell().c_str(), O_RDWR | O_CLOEXEC));
    std::string rest;
    char buffer[4096];
    while (bell && !ending) {
        const ssize_t got = ::read(bell.get(), buffer, sizeof buffer);
        if (got < 0 && errno != EINTR) return;
        if (got > 0) rest.append(buffer, static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
            const std::string name = rest.substr(0, end);
            if (attempts.with([&](const Attempts& map) { return map.count(name) > 0; })) agenda.add(name);
        }
        if (rest.size() > sizeof buffer) rest.clear();
    }
}

void ContainerEngine::Impl::work(const std::string& name) {
    const auto id = AttemptId::parse(name);
    const bool mine = id && attempts.with([&](Attempts& map) {
        const auto at = map.find(name);
        if (at == map.end() || at->second.exit) return false;
        if (at->second.busy) {
            at->second.again = true;
            return false;
        }
        at->second.busy = true;
        return true;
    });
    if (!mine) return;
    auto advanced = advance(*id);
    std::optional<Duration> next = advanced ? *advanced : postpone(*id, advanced.error());
    attempts.with([&](Attempts& map) {
        const auto at = map.find(name);
        if (at == map.end()) return;
        if (advanced) at->second.failures = 0;
        at->second.busy = false;
        if (std::exchange(at->second.again, false)) next = Duration(0);
    });
    if (next) agenda.add(name, *next);
}

/// The service is away, or something failed that may not fail the next time.
std::optional<Duration> ContainerEngine::Impl::postpone(const AttemptId& id, const Error& error) {
    if (is_away(error)) service.lost(error);
    const std::string name = id.str();
    Duration pause = kFirstRetry;
    bool given_up = false;
    int failures = 0;
    attempts.with([&](Attempts& map) {
        Attempt& attempt = map.at(name);
        failures = attempt.failures++;
        if (failures == 0) attempt.failing_since = Steady::now();
        pause = std::min(kLastRetry, kFirstRetry * (1 << std::min(failures, 10)));
        given_up = !attempt.running && Steady::now() - attempt.failing_since > kStartPatience;
    });
    if (failures == 0) log::warn("containers.trouble", {{"attempt", name}, {"reason", error.message}});
    if (!given_up) return pause;
    end(id, not_started(id, fmt::format("{}; it was tried for {}", error.message, to_words(kStartPatience))));
    return std::nullopt;
}

/// Brings the attempt one step nearer to what it shall be; when to look again.
Result<std::optional<Duration>> ContainerEngine::Impl::advance(const AttemptId& id) {
    const Connected on = TRY(service.connect());
    return folder.started(id.str()) ? look_after(id, on) : begin(id, on);
}

Result<std::optional<Duration>> ContainerEngine::Impl::begin(const AttemptId& id, const Connected& on) {
    const std::string container = marks.container(id);
    const auto state = TRY(on.service.inspect(container));
    if (state && !state->is_new()) {
        // An earlier try, or an earlier life of the server, came further than it could tell.
        TRY(folder.note_started(id.str()));
        return look_after(id, on);
    }
    if (state) TRY(on.service.remove(container));
    if (folder.stop(id.str())) {
        end(id, engine::exit_before_start(now()));
        return std::nullopt;
    }
    auto launch = folder.launch(id.str());
    if (!launch) {
        end(id, not_started(id, launch.error().message));
        return std::nullopt;
    }
    // The one before it has its name and address in the network.
    if (id.attempt > 1) TRY(on.service.remove(marks.container({id.job, id.replica, id.attempt - 1})));
    return bring_up(id, *launch, on);
}

Result<std::optional<Duration>> ContainerEngine::Impl::bring_up(const AttemptId& id,
                                                                const engine::ReplicaLaunch& launch,
                                                                const Connected& on) {
    const std::string container = marks.container(id);
    const auto made = [&]() -> Result<void> {
        const Surroundings around = TRY(surroundings(launch, on));
        TRY(keep_log(id.str(), launch.log_folder));
        const json::Value spec = TRY(container_spec(launch, around));
        const bool with_gpus = spec["HostConfig"].has("DeviceRequests");
        return around.is_podman && with_gpus ? on.service.create_on_podman(podman_spec(container, spec))
                                             : on.service.create(container, spec);
    }();
    // A stop may have come meanwhile; from now on it finds a container.
    const bool stopped = made && folder.stop(id.str()).has_value();
    const auto started = !made || stopped ? made : on.service.start(container);
    if (started && !stopped) {
        TRY(folder.note_started(id.str()));
        tell_running(id);
        return std::nullopt;
    }
    if (!started && is_away(started.error())) return fail(started.error());
    if (!started && speaks_of_lost_interface(started.error())) {
        TRY(on.service.remove(container));
        return fail(started.error());
    }
    const auto ended = stopped ? engine::exit_before_start(now()) : why_not(id, started.error());
    TRY(on.service.remove(container));
    if (!ended) return Duration(0);
    end(id, *ended);
    return std::nullopt;
}

/// Why it can never start; nothing when it shall be tried once more.
std::optional<domain::ReplicaExit> ContainerEngine::Impl::why_not(const AttemptId& id, const Error& error) {
    if (speaks_of_limits(error) && !lowered_limits.exchange(true)) {
        log::warn("containers.limits_lowered", {{"reason", error.message}});
        return std::nullopt;
    }
    return not_started(id, start_failure(error, machine));
}

Result<Surroundings> ContainerEngine::Impl::surroundings(const engine::ReplicaLaunch& launch, const Connected& on) {
    const std::string name = launch.id.str();
    const auto image = TRY(on.service.image(with_tag(launch.image)));
    if (!image) return fail(ErrorCode::kNotFound, "the image {} is not there any more", launch.image);
    Surroundings around;
    around.marks = marks;
    around.image = *image;
    around.network = TRY(networks.of(launch.id.job, on));
    around.is_podman = on.info.name == "podman";
    around.lowered_limits = lowered_limits || machine.must_lower_limits;
    around.box = folder.box(name);
    around.scratch = folder.scratch(launch.id);
    around.gpu_way = around.is_podman ? GpuWay::kCdi : options.gpu_way;
    if (!launch.devices.empty() && options.devices) {
        auto devices = options.devices(launch.devices);
        // It is not the service that is away.
        if (!devices) return fail(ErrorCode::kConflict, "{}", devices.error().message);
        around.devices = std::move(*devices);
    }
    if (options.server_url) around.server_url = options.server_url(around.network);
    TRY(os::make_folders(around.scratch));
    if (::chmod(around.scratch.c_str(), 01777) != 0) return fail(os::errno_error("open", around.scratch, errno));
    return around;
}

Result<void> ContainerEngine::Impl::keep_log(const std::string& name, const std::string& log_folder) const {
    return start_log_keeper(options.keeper_command, {name, folder.path(name), folder.bell(), log_folder,
                                                     options.log_segment_bytes, options.log_total_bytes});
}

/// It was started once: follows it, stops it, and takes down its end.
Result<std::optional<Duration>> ContainerEngine::Impl::look_after(const AttemptId& id, const Connected& on) {
    const std::string name = id.str(), container = marks.container(id);
    const auto state = TRY(on.service.inspect(container));
    if (!state) {
        wake_log_keeper(folder.path(name));
        end(id,
            {128 + SIGKILL, false, fmt::format("the container of {} was removed by somebody else", id.replica), now()});
        return std::nullopt;
    }
    if (!state->is_running() && !state->is_new()) {
        settle(id, *state, on);
        return std::nullopt;
    }
    tell_running(id);
    // Its keeper may have been killed, or have ended a moment ago because the container has.
    const bool kept = !wait_for_log(folder.path(name), Duration(0));
    if (!kept && os::exists(folder.path(name) + "/report")) return kSettleEvery;
    if (!kept) {
        TRY(keep_log(name, TRY(folder.launch(name)).log_folder));
        agenda.add(name, kLookAgain);
    }
    if (options.server_url) {
        if (const auto network = networks.of(id.job, on)) (void)options.server_url(*network);
    }
    const auto grace = folder.stop(name);
    if (!grace) return std::optional<Duration>();
    bool send_term = false, send_kill = false;
    Duration left{0};
    attempts.with([&](Attempts& map) {
        Attempt& attempt = map.at(name);
        const auto deadline = Steady::now() + *grace;
        send_term = !attempt.term_sent;
        if (!attempt.kill_at || (send_term && deadline < *attempt.kill_at)) attempt.kill_at = deadline;
        send_kill = Steady::now() >= *attempt.kill_at;
        left = std::chrono::duration_cast<Duration>(*attempt.kill_at - Steady::now()) + Duration(1);
    });
    if (send_kill) {
        TRY(on.service.signal(container, "KILL"));
    } else if (send_term) {
        TRY(on.service.signal(container, "TERM"));
    }
    attempts.with([&](Attempts& map) {
        Attempt& attempt = map.at(name);
        attempt.term_sent = true;
        attempt.kill_sent = attempt.kill_sent || send_kill;
    });
    return send_kill ? kSettleEvery : left;
}

void ContainerEngine::Impl::tell_running(const AttemptId& id) {
    const bool fresh = attempts.with([&](Attempts& map) { return !std::exchange(map.at(id.str()).running, true); });
    if (fresh) sink({id, Observation::Kind::kRunning, {}});
}

/// The container has ended: how, once its log is complete.
void ContainerEngine::Impl::settle(const AttemptId& id, const ContainerState& state, const Connected& on) {
    const std::string name = id.str();
    tell_running(id);
    wake_log_keeper(folder.path(name));
    if (!wait_for_log(folder.path(name), kLogPatience)) log::warn("containers.log_unfinished", {{"attempt", name}});
    const Report report = read_report(os::read_file(folder.path(name) + "/report", 1 << 16).value_or(""));
    engine::Ending ending_of;
    ending_of.replica = id.replica;
    ending_of.setup_failure = report.setup_failure;
    ending_of.oom_kills = std::max<std::int64_t>(report.oom_kills, state.oom_killed ? 1 : 0);
    const int code = state.exit_code;
    const bool by_signal = code > 128 && code < 128 + 65;
    ending_of.wait_status = report.wait_status.value_or(by_signal ? code - 128 : code << 8);
    if (const auto launch = folder.launch(name)) ending_of.memory_limit_bytes = launch->limits.memory_bytes;
    if (const auto grace = folder.stop(name)) {
        ending_of.stop_asked = true;
        ending_of.stop_grace = *grace;
        ending_of.killed_by_us =
            !report.wait_status && attempts.with([&](Attempts& map) { return map.at(name).kill_sent; });
    }
    end(id, engine::exit_in_words(ending_of, now()));
    if (const auto removed = on.service.remove(marks.container(id)); !removed) agenda.add(kSweep, kSweepSoon);
}

void ContainerEngine::Impl::end(const AttemptId& id, const domain::ReplicaExit& exit) {
    const std::string name = id.str();
    wake_log_keeper(folder.path(name));
    // Where the disk is full it is told of all the same; a later life would tell of it once more.
    if (const auto written = folder.write_exit(name, exit); !written) {
        log::error("engine.report_failed", {{"attempt", name}, {"error", written.error().message}});
    }
    const bool fresh = attempts.with([&](Attempts& map) {
        Attempt& attempt = map[name];
        const bool first = !attempt.exit;
        if (first) attempt.exit = exit;
        return first;
    });
    if (fresh) sink({id, Observation::Kind::kExited, exit});
}

bool ContainerEngine::Impl::has_attempts(const std::string& job) {
    return attempts.with([&](const Attempts& map) {
        const auto first = map.lower_bound(job + ".");
        return first != map.end() && first->first.starts_with(job + ".");
    });
}

void ContainerEngine::Impl::sweep() {
    const auto on = service.connect();
    bool fine = false;
    if (on) {
        const auto swept = sweep_with(*on);
        if (!swept && is_away(swept.error())) service.lost(swept.error());
        if (!swept) log::warn("containers.sweep_failed", {{"reason", swept.error().message}});
        fine = swept.has_value();
    }
    const bool live = attempts.with([](const Attempts& map) {
        return std::any_of(map.begin(), map.end(), [](const auto& entry) { return !entry.second.exit; });
    });
    agenda.add(kSweep, fine && !live ? std::max(kSweepIdle, options.sweep_every) : options.sweep_every);
}

/// Looks at everything that has our label: what belongs to nothing goes, what has ended is settled.
Result<void> ContainerEngine::Impl::sweep_with(const Connected& on) {
    std::set<std::string> running;
    for (const Labelled& container : TRY(on.service.containers(marks.label()))) {
        const auto label = container.labels.find(std::string(kAttemptLabel));
        const std::string name = label == container.labels.end() ? "" : label->second;
        enum { kGone, kEnded, kLive } known = attempts.with([&](const Attempts& map) {
            const auto at = map.find(name);
            return at == map.end() ? kGone : at->second.exit ? kEnded : kLive;
        });
        if (known == kLive && container.state == "running") running.insert(name);
        if (known == kLive) continue;
        // One that cannot be removed keeps nobody from the others.
        const auto removed = on.service.remove(container.name);
        if (!removed && is_away(removed.error())) return fail(removed.error());
        if (!removed)
            log::warn("containers.not_removed", {{"container", container.name}, {"reason", removed.error().message}});
    }
    std::vector<std::string> doubtful;
    attempts.with([&](const Attempts& map) {
        for (const auto& [name, attempt] : map) {
            if (!attempt.exit && attempt.running && running.count(name) == 0) doubtful.push_back(name);
        }
    });
    for (const std::string& name : doubtful) agenda.add(name);
    return networks.sweep(on, [&](const std::string& job) { return has_attempts(job); }, options.network_gone);
}

ContainerEngine::ContainerEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ContainerEngine::~ContainerEngine() = default;

Result<std::unique_ptr<ContainerEngine>> ContainerEngine::open(Options options, Sink sink) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(sink));
    Impl& self = *impl;
    TRY(self.folder.prepare());
    self.machine = Machine::probe();
    if (self.options.init_image.empty()) {
        self.service.give_up("this build of Pintle cannot run containers");
    } else {
        self.init_program = TRY(write_init(self.options.folder, self.options.init_image));
    }
    TRY(self.recover());
    (void)self.service.connect();
    self.agenda.add(kSweep);
    self.threads.emplace_back([&self] { self.hear_bell(); });
    for (std::size_t i = 0; i < std::max<std::size_t>(self.options.threads, 1); ++i) {
        self.threads.emplace_back([&self] { self.run(); });
    }
    return std::unique_ptr<ContainerEngine>(new ContainerEngine(std::move(impl)));
}

Result<void> ContainerEngine::start(const engine::ReplicaLaunch& launch) {
    Impl& self = *impl_;
    const std::string name = launch.id.str();
    const bool known = self.attempts.with([&](const Impl::Attempts& map) { return map.count(name) > 0; });
    if (known) return {};
    if (!AttemptId::parse(name) || name.find('/') != std::string::npos) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", name);
    }
    if (launch.log_folder.empty()) return fail(ErrorCode::kInvalid, "{} has no folder for its log", name);
    if (launch.image.empty()) return fail(ErrorCode::kInvalid, "{} names no image to run", name);
    TRY(container_spec(launch, {}));
    TRY(self.folder.accept(launch, self.init_program));
    self.attempts.with([&](Impl::Attempts& map) { map.try_emplace(name); });
    self.agenda.add(name);
    return {};
}

Result<void> ContainerEngine::stop(const AttemptId& id, Duration grace) {
    Impl& self = *impl_;
    const std::string name = id.str();
    if (!AttemptId::parse(name) || name.find('/') != std::string::npos) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", name);
    }
    enum { kUnknown, kEnded, kLive } known = self.attempts.with([&](const Impl::Attempts& map) {
        const auto at = map.find(name);
        return at == map.end() ? kUnknown : at->second.exit ? kEnded : kLive;
    });
    if (known == kEnded) return {};
    const auto before = self.folder.stop(name);
    TRY(self.folder.write_stop(name, before ? std::min(*before, grace) : grace));
    if (known == kUnknown) {
        self.end(id, engine::exit_before_start(now()));
        return {};
    }
    // A later stop may only shorten the time.
    self.attempts.with([&](Impl::Attempts& map) {
        auto& attempt = map.at(name);
        const auto deadline = Steady::now() + grace;
        if (!attempt.kill_at || deadline < *attempt.kill_at) attempt.kill_at = deadline;
    });
    self.agenda.add(name);
    return {};
}

Result<std::vector<Observation>> ContainerEngine::list() {
    std::vector<Observation> seen;
    impl_->attempts.with([&](const Impl::Attempts& map) {
        for (const auto& [name, attempt] : map) {
            const auto id = AttemptId::parse(name);
            if (!id) continue;
            seen.push_back({*id, attempt.exit ? Observation::Kind::kExited : Observation::Kind::kRunning,
                            attempt.exit.value_or(domain::ReplicaExit{})});
        }
    });
    return seen;
}

Result<void> ContainerEngine::forget(const AttemptId& id) {
    Impl& self = *impl_;
    const std::string name = id.str();
    if (!AttemptId::parse(name) || name.find('/') != std::string::npos) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", name);
    }
    const bool live = self.attempts.with([&](const Impl::Attempts& map) {
        const auto at = map.find(name);
        return at != map.end() && !at->second.exit;
    });
    if (live) return fail(ErrorCode::kConflict, "{} still runs; it can be forgotten when it has ended", name);
    TRY(self.folder.remove(name));
    self.used.forget(name);
    const std::string siblings = fmt::format("{}.{}.", id.job.str(), id.replica);
    const bool alone = self.attempts.with([&](Impl::Attempts& map) {
        map.erase(name);
        const auto sibling = map.lower_bound(siblings);
        return sibling == map.end() || !sibling->first.starts_with(siblings);
    });
    self.agenda.add(kSweep, kSweepSoon);
    // A later attempt works in the same scratch folder.
    return alone ? os::remove_tree(self.folder.scratch(id)) : Result<void>();
}

Result<std::vector<domain::Node>> ContainerEngine::inventory() { return std::vector<domain::Node>(); }

Result<std::string> ContainerEngine::prepare_environment(const std::string&, const std::function<void(std::string)>&) {
    return fail(ErrorCode::kInvalid, "a container has the Python packages of its image; name an image that has them");
}

Result<void> ContainerEngine::prepare_image(const domain::JobId& job, const std::string& image,
                                            const std::function<void(std::string)>& progress) {
    const Connected on = TRY(impl_->service.connect());
    LoginFor login;
    if (impl_->options.login) {
        login = [&](const std::string& registry) { return impl_->options.login(job, registry); };
    }
    return fetch_image(on.service, on.info, image, login, progress);
}

Result<std::string> ContainerEngine::own_address(const AttemptId& id) {
    const Connected on = TRY(impl_->service.connect());
    return on.service.address(impl_->marks.container(id));
}

std::vector<engine::Finding> ContainerEngine::doctor() {
    const auto on = impl_->service.connect();
    const auto asked = on ? on->service.info() : Result<ServiceInfo>(fail(on.error()));
    if (!asked) return {missing_service(asked.error().message)};
    return examine_service(on->service.socket(), *asked, impl_->machine,
                           {impl_->lowered_limits, impl_->options.reaches_rootless});
}

std::string ContainerEngine::fault() const {
    return impl_->service.fault();
}

std::map<AttemptId, engine::Usage> ContainerEngine::usage(const std::vector<AttemptId>& ids) {
    return impl_->used.of(ids);
}

}  // namespace pintle::engine_container
