#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "series/sample_writer.hpp"

namespace pintle::runtime {

/// Writes samples into the folders of jobs and nodes: whoever has some gives them here, so that each folder has one
/// writer. Keeps the writers of the folders that were used last open.
///
/// Threading: any thread; two who write into the same folder wait for each other.
/// Failure: a folder that cannot be opened gives the error; what a full disk takes is dropped and counted by the
/// writer.
class SampleStore {
public:
    using Batch = std::vector<std::pair<series::SeriesKey, series::Sample>>;

    /// What is in the batch is with the kernel afterwards.
    [[nodiscard]] Result<void> add(const std::string& folder, const Batch& batch);
    /// How many samples each series of what programs report has; only with `add` at work through this store.
    [[nodiscard]] Result<std::map<series::SeriesKey, std::uint64_t>> reported(const std::string& folder);
    /// Removes what is older, where that folder is.
    void drop_before(const std::string& folder, Time time);
    /// Nobody writes there soon. Before the folder is removed.
    void close(const std::string& folder);

    static constexpr std::size_t kOpenMost = 128;

private:
    struct Entry {
        std::mutex mu;
        // Guarded by mu.
        std::unique_ptr<series::SampleWriter> writer;
        std::map<series::SeriesKey, std::uint64_t> reported;
    };
    struct State {
        std::map<std::string, std::pair<std::shared_ptr<Entry>, std::list<std::string>::iterator>> entries;
        std::list<std::string> used;  ///< The one that was used last is first.
    };
    [[nodiscard]] std::shared_ptr<Entry> entry(const std::string& folder);
    [[nodiscard]] static Result<void> open(Entry& entry, const std::string& folder);

    Synchronized<State> state_;
};

}  // namespace pintle::runtime
