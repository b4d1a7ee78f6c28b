#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/input.hpp"
#include "json/reader.hpp"
#include "net/http_message.hpp"

namespace pintle::api {

inline constexpr int kGpusOfRequestMost = 100'000;
inline constexpr int kHoldReasonMost = 500;  ///< Characters, counted as bytes of UTF-8.

/// What a request to run something asks for, beside what is run (RunRequest).
struct RunRequest {
    std::vector<std::pair<std::string, std::string>> set;
    std::optional<domain::EngineKind> engine;
    std::optional<int> gpus;
    std::optional<int> workers;
    domain::SchedulingWish wish;
    std::optional<std::string> hold;
    std::optional<std::vector<std::string>> tags;
};

/// Reads the body, and tries every override on a copy of the task, so that each fault has its place. Without a task
/// there is nothing to try them on.
[[nodiscard]] Result<RunRequest> read_run_request(const net::Request& request, const domain::Task* task);

/// The same, of a body that has more than that.
[[nodiscard]] RunRequest read_run_fields(json::Reader& body, const domain::Task* task);

/// The list in the field `tags`, each fault at its place; nothing when the field is not there.
[[nodiscard]] std::optional<std::vector<std::string>> read_tags(json::Reader& body);

/// Why a job is held; empty when the field is not there.
[[nodiscard]] std::string read_hold_reason(json::Reader& body, std::string_view field);

}  // namespace pintle::api
