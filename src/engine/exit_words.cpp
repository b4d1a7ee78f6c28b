#include "engine/exit_words.hpp"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.hpp"
#include "domain/quantity.hpp"

namespace pintle::engine {
namespace {

constexpr int kCannotStart = 126;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

std::string limit_of(const Ending& ending) { return domain::format_memory(ending.memory_limit_bytes); }

std::string signal_name(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? name : fmt::format("{}", signal);
}

std::string memory_words(const Ending& ending) {
    return fmt::format(
        "{} was ended by the kernel for memory: it used all of its limit of {}. Raise the limit or let it use less",
        ending.replica, limit_of(ending));
}

std::string signal_words(const Ending& ending, int signal) {
    std::string words = fmt::format("{} was ended by signal {} ({})", ending.replica, signal, signal_name(signal));
    if (signal == SIGKILL) {
        words += ", which nobody asked Pintle for; the kernel does this when the machine runs out of memory";
    }
    return words;
}

std::string failure_words(const Ending& ending, int exit_code) {
    if (ending.oom_kills > 0) {
        return fmt::format("the kernel ended {} of {} for memory: its limit of {} was used up",
                           count_of(ending.oom_kills, "process", "processes"), ending.replica, limit_of(ending));
    }
    if (exit_code == kNotFound) return "exit code 127: the command was not found";
    if (exit_code == kNotExecutable) return "exit code 126: the command was found but could not be run";
    if (ending.limited_per_process) {
        return fmt::format(
            "exit code {}; each of its processes may use {} of memory, and this machine lets a program that wants more "
            "fail by itself: see its log",
            exit_code, limit_of(ending));
    }
    return {};
}

std::string stop_words(const Ending& ending) {
    if (!ending.killed_by_us) return "stopped";
    if (ending.stop_grace.count() == 0) return "stopped at once with KILL";
    return fmt::format("stopped with KILL: it did not end within {} of being asked to", to_words(ending.stop_grace));
}

}  // namespace

domain::ReplicaExit exit_in_words(const Ending& ending, Time at) {
    domain::ReplicaExit exit{0, false, {}, at};
    const bool signalled = WIFSIGNALED(ending.wait_status);
    exit.exit_code = signalled ? 128 + WTERMSIG(ending.wait_status) : WEXITSTATUS(ending.wait_status);
    if (!ending.setup_failure.empty()) {
        exit.exit_code = kCannotStart;
        exit.message = fmt::format("{} could not be started: {}", ending.replica, ending.setup_failure);
    } else if (ending.stop_asked) {
        exit.message = stop_words(ending);
    } else if (exit.exit_code == 128 + SIGKILL && ending.oom_kills > 0) {
        // The shell reports its child's death in the same words as its own.
        exit.out_of_memory = true;
        exit.message = memory_words(ending);
    } else if (signalled) {
        exit.message = signal_words(ending, WTERMSIG(ending.wait_status));
    } else if (exit.exit_code != 0) {
        exit.message = failure_words(ending, exit.exit_code);
    }
    if (ending.unkillable > 0) {
        exit.message += fmt::format("{}{} that it started could not be ended", exit.message.empty() ? "" : "; ",
                                    count_of(ending.unkillable, "process", "processes"));
    }
    return exit;
}

domain::ReplicaExit exit_before_start(Time at) { return {128 + SIGTERM, false, "stopped before it was started", at}; }

}  // namespace pintle::engine
