#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/call.hpp"
#include "chart/chart.hpp"

namespace pintle::api {

/// Curves of samples as answers. Any thread but the core's: the samples are read from disk.

/// What a request wants to see of something.
struct MetricsOf {
    std::string name;  ///< "train:12", "jupyter", "node-1"
    std::string type;  ///< "task", "component", "node"
    std::string job;   ///< Its id, of a task.
    Time ended_at{};   ///< 0: it goes on.
    std::vector<series::SampleReader> folders;
    chart::Frame frame;
    chart::Wish wish;
    std::string note;  ///< What has to be said of it; may be empty.
    std::map<std::string, std::string> device_names;  ///< By UUID: "GPU 0"
};

/// `details`, `max_points` and `metrics`, as the call has them.
[[nodiscard]] chart::Wish wish_of(Call& call, chart::Detail otherwise = chart::Detail::kWhole);
/// These as parameters of a route, and `format`.
[[nodiscard]] std::vector<QueryParam> metric_params(std::vector<QueryParam> first);
/// Metrics; or text/csv where that is asked for by `format` or Accept.
[[nodiscard]] Result<net::Response> metrics_answer(Call& call, const MetricsOf& of);

}  // namespace pintle::api
