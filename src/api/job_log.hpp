#pragma once

#include <string>
#include <vector>

#include "domain/job_event.hpp"
#include "store/reader_pool.hpp"

namespace pintle::api {

/// The job's own log: its events in words, one line each; the line's number is the event's. Any thread.

inline constexpr std::string_view kOwnLog = "job";  ///< Its name among the logs of replicas.
inline constexpr std::string_view kAllLogs = "all";

struct OwnLine {
    std::int64_t number = 0;
    Time at{};
    std::string text;
};

/// The event as a line: never with a line end in it.
[[nodiscard]] std::string line_of(const domain::JobEvent& event);
/// The lines after that number.
[[nodiscard]] Result<std::vector<OwnLine>> read_own_log(store::ReaderPool& readers, const domain::JobId& job,
                                                        std::int64_t after, std::size_t limit);

}  // namespace pintle::api
