#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "runtime/change_hub.hpp"
#include "runtime/cluster_news.hpp"
#include "store/reader_pool.hpp"

namespace pintle::api {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Tells those who wait for a job that it has changed, and when their patience is over. One thread reads the change
/// log once for everybody; the same thread is the clock of all deadlines.
///
/// Threading: any thread. Ownership: whoever holds the Watch is told; a Watch may outlive the feed.
/// Failure: a change that cannot be read is tried again; when changes were missed, everybody is told.
class ChangeFeed {
public:
    enum class Why { kChanged, kDue };
    /// Called on the feed's thread under its lock: quick, and never back into the feed. kDue at most once.
    using Watcher = std::function<void(Why)>;

    /// Ends the watching when it goes; the watcher is not running and will not be called after that.
    class Watch {
    public:
        Watch() = default;
        Watch(Watch&&) noexcept = default;
        Watch& operator=(Watch&& other) noexcept;
        ~Watch() { end(); }

    private:
        friend class ChangeFeed;
        struct Table;
        Watch(std::shared_ptr<Table> table, std::uint64_t id) : table_(std::move(table)), id_(id) {}
        void end();
        std::shared_ptr<Table> table_;
        std::uint64_t id_ = 0;
    };

    ChangeFeed(runtime::ChangeHub& hub, runtime::ClusterNews& news, store::ReaderPool& readers);
    ~ChangeFeed();

    /// An empty subject means every change, and news of the cluster. Watching begins now: read what there is after this
    /// call, not before.
    [[nodiscard]] Watch watch(const std::string& subject, Watcher watcher, SteadyTime due = SteadyTime::max());
    /// Tells everybody that they are due, now and from now on, and ends the thread.
    void stop();

private:
    void run();
    /// False when the log could not be read.
    [[nodiscard]] bool take_changes();

    store::ReaderPool& readers_;
    runtime::ChangeHub& hub_;
    runtime::ClusterNews& news_;
    const std::shared_ptr<Watch::Table> table_;
    std::int64_t position_ = 0;  // the feed's thread only
    std::uint64_t listening_ = 0;
    std::uint64_t listening_to_news_ = 0;
    std::thread thread_;
};

}  // namespace pintle::api
