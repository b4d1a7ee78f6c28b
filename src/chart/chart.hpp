#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "chart/frame.hpp"
#include "chart/metric.hpp"
#include "series/sample_reader.hpp"

namespace pintle::chart {

/// What is shown of samples: one chart for each metric, with one curve for each of what it tells apart.
///
/// Within a point a replica counts only if it was measured then. The least and the most of a sum are the sums of the
/// replicas' own, so that no peak is lost; it may be that they were not reached in the same moment. Where nothing was
/// measured there is no point. What programs report is never joined, and as fine as fits: where all of it fits, each
/// value is a point, also several of one moment.

/// What has a curve of its own.
enum class Detail {
    kWhole,    ///< Everything together.
    kReplica,  ///< Each replica, its GPUs together.
    kDevice,   ///< Each GPU, too.
};

struct Wish {
    Detail detail = Detail::kWhole;
    std::size_t most_points = 1000;     ///< Of a curve.
    std::vector<std::string> metrics;   ///< Only these; all where it is empty.
};

struct Curve {
    std::string replica;  ///< Empty for everything together, and for nodes.
    std::string device;   ///< Empty but for a GPU.
    std::vector<series::Bucket> points;
};
struct Chart {
    std::string name;
    bool reported = false;
    Frame frame;  ///< What is reported is shown in finer steps.
    std::vector<Curve> curves;
};
struct Charts {
    std::vector<Chart> charts;  ///< What is measured in the order of known_metrics(), then what is reported, by name.
    std::vector<std::string> names;  ///< Of all metrics that there are, also those that were not asked for.
    bool has_more = false;           ///< More metrics than one answer shows: ask for them by name.
};

/// More charts than this are only shown when they are asked for by name.
inline constexpr std::size_t kMostCharts = 100;
/// Many curves get fewer points each, so that all together stay below.
inline constexpr std::size_t kMostPointsOfAll = 400'000;

/// Of the samples in all these folders, which follow each other in time: a component's jobs.
[[nodiscard]] Result<Charts> draw(const std::vector<series::SampleReader>& folders, const Frame& frame,
                                  const Wish& wish);

/// Lists of buckets of one width as one. Pure.
[[nodiscard]] std::vector<series::Bucket> join(JoinedBy joined_by,
                                               const std::vector<std::vector<series::Bucket>>& lists);
/// The same for what was measured of one thing in several folders: every sample counts the same. Pure.
[[nodiscard]] std::vector<series::Bucket> pool(const std::vector<std::vector<series::Bucket>>& lists);

}  // namespace pintle::chart
