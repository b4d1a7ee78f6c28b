#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/time.hpp"
#include "domain/job.hpp"
#include "metrics/reported_value.hpp"
#include "runtime/report_box.hpp"
#include "runtime/sample_store.hpp"

namespace pintle::runtime {

/// Brings what programs report into their jobs' samples: now and then while they run, and all that is left when a job
/// has ended. Each value exactly once, whenever the server is killed: how far was read is written down before and after
/// (ReportState), and what of a page was written already is told by the number of samples.
///
/// Threading: any thread; reading is done on two threads of its own, which sleep meanwhile: sources with event files
/// can lie on storage that does not answer, for which other jobs do not wait. Ownership: borrows its dependencies.
/// Failure: what cannot be written is tried again.
class ReportCollector {
public:
    struct Deps {
        const Clock& clock;
        SampleStore& store;
        const DataFolder& data;
    };
    /// A job reports no more different values than this; further ones are left out, and the log says so.
    static constexpr std::size_t kNamesMost = 1000;

    explicit ReportCollector(Deps deps);
    ~ReportCollector();
    ReportCollector(const ReportCollector&) = delete;
    ReportCollector& operator=(const ReportCollector&) = delete;

    /// Takes up what earlier lives of the server left: of the live jobs, and of those that ended without us.
    void begin(const std::set<domain::JobId>& live);
    /// The replica starts: its box is followed, at this interval. `has_events`: event files are read for it.
    void follow(const ReportBox& box, const domain::JobId& job, Duration interval, bool has_events);
    /// The job has ended, and nothing writes for it any more: what is left is read, its boxes go, and then `done` is
    /// called, on the collector's thread. Not when the server ends before: begin() of the next comes to it.
    void finish(const domain::JobId& job, std::function<void()> done);

    /// What a program reports by itself, as `replica`. On disk when this returns.
    [[nodiscard]] Result<void> report(const domain::ProjectId& project, const domain::JobId& job,
                                      const std::string& replica, const std::vector<metrics::ReportedValue>& values);

    /// Ends the threads, once they come back from the disk. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::runtime
