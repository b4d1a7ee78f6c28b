#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "os/unique_fd.hpp"

namespace pintle::os {

/// A helper program whose standard output is taken from a pipe while it runs, apart from what it complains of: such as
/// one that sends a file. See subprocess.hpp for those whose output is a few lines.
///
/// Threading: one thread at a time. Ownership: owns the process; dropped, it and what it started are killed.
class Child {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    struct Options {
        std::vector<std::string> argv;                                 ///< argv[0] is looked up on PATH.
        std::vector<std::pair<std::string, std::string>> environment;  ///< As of SpawnPlan.
        int input = -1;  ///< Becomes its standard input, which is empty otherwise.
    };
    /// kNotFound when there is no such program.
    [[nodiscard]] static Result<Child> start(const Options& options);

    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    /// The end to read, which does not block: EAGAIN says that more comes later, 0 that no more comes.
    [[nodiscard]] UniqueFd& output() { return output_; }
    /// Waits until there is something to read, or the program has ended. False: neither until the deadline.
    [[nodiscard]] bool wait_for_output(Deadline deadline);
    /// Gives what it prints to `take`, until that says false, the program closes its output or the deadline is over;
    /// then false.
    [[nodiscard]] bool read(const std::function<bool(std::string_view)>& take, Deadline deadline);

    /// Its exit code, 128 + signal when a signal ended it; nothing while it runs.
    [[nodiscard]] std::optional<int> exit_code();
    /// The same, after waiting for it.
    [[nodiscard]] std::optional<int> wait(Deadline deadline);
    void kill();

    /// The last of what it wrote to standard error, 64 KiB at most.
    [[nodiscard]] std::string complaints() const;

    /// For poll(): ends_fd() can be read when the program has ended; reader_fd() has an error when nobody has the end
    /// to read open any more. reader_fd() keeps the pipe open: close_writer() lets the reader come to its end.
    [[nodiscard]] int ends_fd() const { return process_fd_.get(); }
    [[nodiscard]] int reader_fd() const { return writer_.get(); }
    void close_writer() { writer_.reset(); }

private:
    Child() = default;

    pid_t process_ = 0;  // 0: it has ended and was waited for.
    int exit_code_ = 0;
    UniqueFd process_fd_;
    UniqueFd output_;
    UniqueFd writer_;
    UniqueFd complaints_;
};

}  // namespace pintle::os
