#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/sign_in_desk.hpp"
#include "base/synchronized.hpp"

namespace pintle::api {

class Call;

/// Threads for requests about the files of sources: disks may be slow, and servers of others may not answer at all
/// until a time is over, which must hold up neither those who ask for something else, nor, as far as it goes, those
/// who ask for other files. So storages of this machine and servers have threads of their own, and no project gets all
/// of the latter, nor does anybody who asks outside of a project.
///
/// Thread safe. stop() waits for what runs.
class FileDesk {
public:
    enum class Where { kDisk, kServer };
    /// Runs the work on one of its threads, or answers the call with 503 when too much waits already.
    void post(const std::shared_ptr<Call>& call, Where where, std::function<void()> work);
    /// Puts files in their places, for as long as that takes. False when too many wait already.
    [[nodiscard]] bool store(std::function<void()> work) { return stores_.post(std::move(work)); }
    /// True once stop() was called: what takes long must end.
    [[nodiscard]] const std::atomic<bool>* stopping() const { return &stopping_; }
    void stop();

private:
    static constexpr int kMostOfOne = 4;  ///< Of the threads for servers.

    [[nodiscard]] bool enter(const std::string& whose);
    void leave(const std::string& whose);

    Synchronized<std::map<std::string, int>> busy_;  ///< How many requests wait for servers.
    LimitedExecutor disk_{4, 200};
    std::atomic<bool> stopping_{false};
    LimitedExecutor servers_{16, 100};
    LimitedExecutor stores_{4, 200};
};

}  // namespace pintle::api
