#include "engine_process/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <set>

#include "engine/exit_words.hpp"
#include "engine_process/privileges.hpp"
#include "engine_process/replica_process.hpp"
#include "engine_process/run_folder.hpp"
#include "series/log_writer.hpp"

namespace pintle::engine_process {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Duration kKillEvery{20};         ///< Between rounds of KILL.
constexpr Duration kKillPatience{30'000};  ///< Afterwards what is left cannot be ended by us.
constexpr Duration kLogFlushEvery{1000};   ///< For what a full disk made the log owe.
constexpr std::size_t kReadBytes = 64 << 10;
constexpr int kFreezeRounds = 20;

sigset_t supervisor_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE}) ::sigaddset(&signals, signal);
    return signals;
}

Time now() { return SystemClock().now(); }

/// Ends every process below us. Stopping them first keeps them from starting more meanwhile.
void kill_all_descendants() {
    std::set<pid_t> frozen;
    for (int round = 0; round < kFreezeRounds; ++round) {
        bool grew = false;
        for (const pid_t pid : descendants(all_processes(), ::getpid())) {
            if (!frozen.insert(pid).second) continue;
            ::kill(pid, SIGSTOP);
            grew = true;
        }
        if (!grew) break;
    }
    for (const pid_t pid : frozen) ::kill(pid, SIGKILL);
}

/// One attempt while it runs.
class Supervision {
public:
    Supervision(const RunFolder& folder, const std::string& id, const LaunchPlan& plan, series::LogWriter log)
        : folder_(folder),
          id_(id),
          plan_(plan),
          log_(std::move(log)),
          buffer_(std::make_unique_for_overwrite<char[]>(kReadBytes)) {}

    Result<domain::ReplicaExit> run() {
        const sigset_t signals = supervisor_signals();
        signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
        TRY(make_cgroups(plan_.cgroups));
        process_ = TRY(spawn_replica(plan_, folder_.attempt(id_) + "/root"));
        ending_.replica = plan_.replica;
        ending_.memory_limit_bytes = plan_.memory_limit_bytes;
        ending_.limited_per_process = plan_.data_limit_bytes > 0;
        hear_stop(false);
        while (!finished_) step();
        drain();
        ending_.oom_kills = oom_kills(plan_.cgroups);
        remove_cgroups(plan_.cgroups);
        log_.close();
        return engine::exit_in_words(ending_, now());
    }

    /// What all its processes have used; to be asked when it has ended. What keeping its log took is added to the bytes
    /// of the disk, as it cannot be told apart while it runs.
    [[nodiscard]] static engine::Usage used() {
        rusage own{}, children{};
        if (::getrusage(RUSAGE_SELF, &own) != 0 || ::getrusage(RUSAGE_CHILDREN, &children) != 0) return {};
        constexpr std::int64_t kBlockBytes = 512;
        const auto microseconds = [](const timeval& time) {
            return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
        };
        engine::Usage used;
        used.cpu_us = microseconds(children.ru_utime) + microseconds(children.ru_stime);
        used.disk_read_bytes = (own.ru_inblock + children.ru_inblock) * kBlockBytes;
        used.disk_written_bytes = (own.ru_oublock + children.ru_oublock) * kBlockBytes;
        return used;
    }

private:
    void step() {
        pollfd polled[] = {{signals_.get(), POLLIN, 0},
                           {process_.output.get(), POLLIN, 0},
                           {process_.setup.get(), POLLIN, 0},
                           {process_.users.get(), POLLIN, 0}};
        ::poll(polled, 4, poll_timeout_ms());
        if (polled[3].revents != 0) {
            admit_users(process_.pid, process_.users.get());
            process_.users.reset();
        }
        if (polled[2].revents != 0) read_setup();
        if (polled[1].revents != 0) read_output();
        if (polled[0].revents != 0) read_signals();
        reap();
        if (deadline_ && Steady::now() >= *deadline_) kill_round();
        if (next_flush_ <= Steady::now()) {
            log_.flush(now());
            next_flush_ = Steady::now() + kLogFlushEvery;
        }
    }

    [[nodiscard]] int poll_timeout_ms() const {
        auto next = log_.dropped_bytes() > 0 ? std::optional(next_flush_) : std::nullopt;
        if (deadline_ && (!next || *deadline_ < *next)) next = deadline_;
        if (!next) return -1;
        const auto left = std::chrono::duration_cast<Duration>(*next - Steady::now()).count() + 1;
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
    }

    /// The setup pipe ends when the shell runs, or with the reason why it does not.
    void read_setup() {
        const ssize_t got = ::read(process_.setup.get(), buffer_.get(), kReadBytes);
        if (got > 0) ending_.setup_failure.append(buffer_.get(), static_cast<std::size_t>(got));
        if (got != 0) return;
        process_.setup.reset();
        if (!ending_.setup_failure.empty()) return;
        const auto stat = read_stat(process_.pid);
        // Not durable and no matter if it fails: the exit report is what counts.
        (void)folder_.report_running(id_, {process_.pid, stat ? stat->start_time : 0, boot_id()});
    }

    bool read_output() {
        const ssize_t got = ::read(process_.output.get(), buffer_.get(), kReadBytes);
        if (got > 0) log_.append({buffer_.get(), static_cast<std::size_t>(got)}, now());
        if (got == 0) process_.output.reset();
        return got > 0;
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            // The others come from a terminal that the server was started on, and are none of our business.
            if (info.ssi_signo == SIGTERM) hear_stop(true);
        }
    }

    /// A later stop may only shorten the time.
    void hear_stop(bool signalled) {
        const auto asked = folder_.read_stop(id_);
        if (!asked && !signalled) return;
        const Duration grace = asked.value_or(plan_.grace);
        if (!main_ended_) {
            ending_.stop_grace = ending_.stop_asked ? std::min(ending_.stop_grace, grace) : grace;
            ending_.stop_asked = true;
        }
        end_within(grace);
    }

    void end_within(Duration grace) {
        const auto deadline = Steady::now() + grace;
        if (!deadline_ || (deadline < *deadline_ && !killing_since_)) deadline_ = deadline;
        if (terminated_) return;
        terminated_ = true;
        // A process that is stopped hears nothing until it goes on.
        for (const int signal : {SIGTERM, SIGCONT}) {
            for (const pid_t pid : descendants(all_processes(), ::getpid())) ::kill(pid, signal);
        }
    }

    void kill_round() {
        if (!killing_since_) killing_since_ = Steady::now();
        if (!main_ended_) ending_.killed_by_us = true;
        kill_all_descendants();
        deadline_ = Steady::now() + kKillEvery;
        if (Steady::now() - *killing_since_ < kKillPatience) return;
        ending_.unkillable = static_cast<int>(descendants(all_processes(), ::getpid()).size());
        finished_ = true;
    }

    /// As the subreaper we are the parent of all that is left of the replica: without children we are done.
    void reap() {
        int status = 0;
        pid_t pid = 0;
        while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
            if (pid != process_.pid) continue;
            main_ended_ = true;
            ending_.wait_status = status;
        }
        if (pid < 0 && errno == ECHILD) {
            finished_ = true;
        } else if (main_ended_ && !deadline_) {
            terminated_ = false;
            end_within(plan_.leftover_grace);
        }
    }

    /// What is still in the pipes. Whoever else may hold their other end does not make us wait.
    void drain() {
        if (process_.setup) read_setup();
        while (process_.output && read_output()) {
        }
        if (process_.setup) read_setup();
    }

    const RunFolder& folder_;
    const std::string& id_;
    const LaunchPlan& plan_;
    series::LogWriter log_;
    const std::unique_ptr<char[]> buffer_;  ///< Not touched beyond what is read: most replicas print little.
    os::UniqueFd signals_;
    ReplicaProcess process_;
    engine::Ending ending_;
    bool main_ended_ = false;
    bool finished_ = false;
    bool terminated_ = false;                     ///< TERM was sent.
    std::optional<Steady::time_point> deadline_;  ///< When KILL is due.
    std::optional<Steady::time_point> killing_since_;
    Steady::time_point next_flush_ = Steady::now();
};

Result<domain::ReplicaExit> supervise(const RunFolder& folder, const std::string& id) {
    const LaunchPlan plan = TRY(folder.read_plan(id));
    series::LogWriterOptions options;
    if (plan.log_segment_bytes > 0) options.segment_bytes = plan.log_segment_bytes;
    if (plan.log_total_bytes > 0) options.total_limit_bytes = plan.log_total_bytes;
    auto log = TRY(series::LogWriter::open(plan.log_folder, options));
    auto ended = Supervision(folder, id, plan, std::move(log)).run();
    if (!ended) remove_cgroups(plan.cgroups);
    return ended;
}

}  // namespace

void block_supervisor_signals() {
    const sigset_t signals = supervisor_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

int run_supervisor(const std::string& run_folder, const std::string& id) {
    ::setsid();
    hide_process();
    ::prctl(PR_SET_NAME, "pintle-superv");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const RunFolder folder(run_folder);
    const auto claimed = folder.claim(id, this_process());
    if (!claimed) return 1;
    if (!*claimed) return 0;  // Somebody else runs it, or ran it.
    domain::ReplicaExit exit = engine::exit_before_start(now());
    if (!folder.read_stop(id)) {
        auto ended = supervise(folder, id);
        if (ended) {
            exit = std::move(*ended);
        } else {
            exit = {126, false, fmt::format("it could not be started: {}", ended.error().message), now()};
        }
    }
    // On a full disk we wait for space: until then the attempt counts as running.
    const engine::Usage used = Supervision::used();
    while (!folder.report_exit(id, exit, used)) {
        if (!folder.has_attempt(id)) return 1;
        const timespec pause{1, 0};
        ::nanosleep(&pause, nullptr);
    }
    return 0;
}

}  // namespace pintle::engine_process
