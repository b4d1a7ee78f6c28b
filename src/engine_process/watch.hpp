#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "engine_process/run_folder.hpp"
#include "os/unique_fd.hpp"

namespace pintle::engine_process {

/// Sees new reports in a folder and the ends of supervisors, on a thread of its own.
///
/// Threading: begin() once; follow() from any thread; the events are called from the watching thread, one at a time,
/// a supervisor's last report always before its end. Ownership: the destructor waits for the thread.
class Watch {
public:
    struct Events {
        std::function<void(const ReportName&)> reported;
        std::function<void(const std::string& id)> supervisor_ended;
        std::function<void()> missed;  ///< Reports may have been missed: look at all of them.
    };
    [[nodiscard]] static Result<std::unique_ptr<Watch>> open(const std::string& folder);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void begin(Events events);
    /// Waits for the thread; nothing is called afterwards.
    void end();
    /// `supervisor` is a pidfd.
    void follow(const std::string& id, os::UniqueFd supervisor);

private:
    struct Followed {
        std::string id;
        os::UniqueFd supervisor;
    };
    struct Following {
        std::uint64_t next_token = 2;  ///< 0 and 1 are the two below.
        std::map<std::uint64_t, Followed> by_token;
    };
    Watch() = default;
    void run();
    void read_reports();
    void end_of(std::uint64_t token);

    // constant after begin()
    os::UniqueFd epoll_, inotify_, wake_;
    Events events_;
    std::thread thread_;

    std::atomic<bool> ending_{false};
    Synchronized<Following> following_;
};

}  // namespace pintle::engine_process
