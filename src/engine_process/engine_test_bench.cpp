#include "engine_process/engine_test_bench.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <doctest/doctest.h>

#include "os/unique_fd.hpp"

namespace pintle::engine_process {

Bench::Bench(Options options) : options_(std::move(options)) {
    options_.folder = folder_.path() + "/run";
    options_.cache_folder = folder_.path() + "/cache";
    for (std::string& hidden : options_.hidden) hidden = folder_.path() + hidden;
    reopen();
}

void Bench::reopen() {
    engine_.reset();
    auto opened = ProcessEngine::open(options_, recorder_.sink());
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    engine_ = std::move(*opened);
}

engine::ReplicaLaunch Bench::launch(const std::string& command) {
    return testing::a_launch(folder_.path(), command, launches_++);
}

engine::ReplicaLaunch Bench::start(const std::string& command) { return start(launch(command)); }

engine::ReplicaLaunch Bench::start(engine::ReplicaLaunch launch) {
    const auto started = engine_->start(launch);
    REQUIRE_MESSAGE(started.has_value(), started.error().message);
    return launch;
}

domain::ReplicaExit Bench::run(const engine::ReplicaLaunch& launch) { return recorder_.exit_of(start(launch).id); }

bool Bench::can(const std::string& subject) {
    for (const engine::Finding& finding : engine_->doctor()) {
        if (finding.subject != subject || finding.level == engine::Finding::Level::kGood) continue;
        MESSAGE("left out, because this machine lacks " << subject << ": " << finding.message);
        return false;
    }
    return true;
}

std::string ends_on_term(const std::string& ready_path, int exit_code) {
    return fmt::format(
        "exec python3 -c \"import signal; term = {{signal.SIGTERM}}; signal.pthread_sigmask(signal.SIG_BLOCK, term); "
        "open('{}', 'w').write('ready\\n'); signal.sigwait(term); print('saving'); exit({})\"",
        ready_path, exit_code);
}

bool wait_until_gone(pid_t pid) {
    const os::UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!handle) return errno == ESRCH;
    pollfd polled{handle.get(), POLLIN, 0};
    return ::poll(&polled, 1, 60'000) == 1;
}

}  // namespace pintle::engine_process
