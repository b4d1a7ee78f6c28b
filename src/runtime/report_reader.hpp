#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "metrics/reported_value.hpp"
#include "runtime/report_box.hpp"

namespace pintle::runtime {

/// What was found between two places of a replica's reports.
struct ReportPage {
    std::vector<metrics::ReportedValue> values;  ///< Each with its time.
    ReportPlaces to;
    bool more = false;  ///< There was more than one page holds.
};

/// Reads on from `from`, about a megabyte of each source. Programs lay what they like into their box and their sources:
/// links, pipes, files that shrink or are exchanged, bytes that are no text; none of that leads anywhere else or keeps
/// the reader waiting.
///
/// `ended`: nobody writes any more, so that a last line needs no end. `until` reads no further than there, and gives
/// the same values as the first time. `now` is the time of what does not tell its own.
///
/// Threading: any thread; blocks on the disk. Failure: what cannot be read holds nothing.
[[nodiscard]] ReportPage read_reports(const ReportBox& box, const ReportPlan& plan, const ReportPlaces& from,
                                      bool ended, Time now, const ReportPlaces* until = nullptr);

}  // namespace pintle::runtime
