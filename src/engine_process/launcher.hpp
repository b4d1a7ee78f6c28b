#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "os/unique_fd.hpp"

namespace pintle::engine_process {

/// The body of the launcher: a small process with one thread that forks a supervisor for each request on
/// `socket_fd`, which is much cheaper than starting a program and safe, unlike forking the server with its threads.
/// What a fork costs depends on how much the process maps, so that it had better be a program with few libraries.
/// Returns when the server has gone; the supervisors stay.
[[nodiscard]] int run_launcher(int socket_fd);

/// The server's side of it.
///
/// Threading: one thread at a time. Ownership: the process ends with this object. Failure: a launcher that has died
/// is started again by the next start_supervisor().
class Launcher {
public:
    /// `command`: the program to run, to whose words the number of the socket is appended, e.g. {"/usr/bin/pintle",
    /// "supervise", "--launcher"}. Empty: the calling process is forked instead, for programs without such a command.
    /// `image`: unless empty, the file of a program to run in its place, whose only word is that number; it must
    /// outlive this. Where the system runs nothing from memory, `command` is run.
    explicit Launcher(std::vector<std::string> command, std::string_view image = {})
        : command_(std::move(command)), image_(image) {}
    ~Launcher();
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;

    [[nodiscard]] Result<void> start();

    struct Supervisor {
        pid_t pid = 0;
        os::UniqueFd handle;  ///< A pidfd; empty where the kernel has none to give.
    };
    /// Forks a supervisor for the attempt. An error means that none was forked, or one that has not begun.
    [[nodiscard]] Result<Supervisor> start_supervisor(const std::string& run_folder, const std::string& id);
    /// 0 when it does not run; for tests.
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    [[nodiscard]] Result<Supervisor> ask(const std::string& request);
    void end();

    const std::vector<std::string> command_;
    const std::string_view image_;
    os::UniqueFd socket_;
    pid_t pid_ = 0;
};

}  // namespace pintle::engine_process
