#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/job_log.hpp"
#include "domain/job.hpp"
#include "runtime/data_folder.hpp"
#include "series/log_merge.hpp"

namespace pintle::api {

/// A line of one of a job's logs, with the position behind it.
struct LogItem {
    std::size_t source = 0;  ///< 0: the job's own log; n: the n-th replica of the set.
    series::LogLine line;
    series::MergeCursor after;
    bool last_of_source = false;  ///< On its page: what comes behind it has not been read, or is not there yet.
};

struct LogItems {
    std::vector<LogItem> items;
    series::MergeCursor begin;
    series::MergeCursor next;
    bool more_before = false;
    bool more_after = false;
};

/// The logs that one request is about: the job's own, one replica's, or all of them, read as one in the order of time.
/// A position is a MergeCursor whose first number counts the events of the job's own log and whose others are the
/// replicas' offsets; as text it serves clients as a cursor that outlives the server.
///
/// Threading: constant after open(), any thread. Borrows the readers of the store.
class LogSet {
public:
    /// `which` is "job", "all" or the name of a replica.
    [[nodiscard]] static Result<LogSet> open(store::ReaderPool& store, const runtime::DataFolder& data,
                                             const domain::Job& job, const std::string& which);

    [[nodiscard]] bool has_own_log() const { return own_; }
    [[nodiscard]] const std::vector<series::LogReader>& readers() const { return readers_; }
    [[nodiscard]] std::string name_of(std::size_t source) const {
        return source == 0 ? std::string(kOwnLog) : names_[source - 1];
    }

    [[nodiscard]] series::MergeCursor start() const;
    /// kInvalid for a text that is no position in these logs.
    [[nodiscard]] Result<series::MergeCursor> parse(const std::string& text) const;

    /// Right before a line of one of these logs, among the lines of the others that were written when it was. For a
    /// line that rotation has deleted the first one that is left stands; kNotFound for one that is not there yet.
    [[nodiscard]] Result<series::MergeCursor> at_line(const std::string& log, std::uint64_t line) const;

    /// `ended`: nothing will be written any more. Without `valid_utf8` the text is the bytes as they were written.
    [[nodiscard]] Result<LogItems> forward(const series::MergeCursor& from, std::size_t max_lines, bool ended,
                                           bool valid_utf8 = true) const;
    /// The last lines, before the position where one is given.
    [[nodiscard]] Result<LogItems> tail(const std::optional<series::MergeCursor>& before, std::size_t max_lines) const;

private:
    LogSet(store::ReaderPool& store, domain::JobId job) : store_(&store), job_(std::move(job)) {}
    [[nodiscard]] series::LogSources sources() const;
    /// How many of the job's own lines are older than that.
    [[nodiscard]] Result<std::uint64_t> own_events_before(Time at) const;
    [[nodiscard]] Result<std::vector<OwnLine>> own_tail(const std::optional<series::MergeCursor>& before,
                                                        std::size_t max_lines) const;

    store::ReaderPool* store_;
    domain::JobId job_;
    bool own_ = false;
    std::vector<std::string> names_;
    std::vector<series::LogReader> readers_;
};

}  // namespace pintle::api
