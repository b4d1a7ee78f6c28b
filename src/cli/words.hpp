#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "cli/terminal.hpp"
#include "json/value.hpp"

namespace pintle::cli {

/// The API's values in words for people. Pure; whatever is absent or of another type gives an empty text.

/// A scalar member as text.
[[nodiscard]] std::string text_of(const json::Value& object, std::string_view key);
[[nodiscard]] std::int64_t int_of(const json::Value& object, std::string_view key);
[[nodiscard]] std::string list_of(const json::Value& list);

/// "just now", "12 s ago", "3 min ago", "5 d ago".
[[nodiscard]] std::string ago(Time now, Time then);
/// A time of the API, relative, or exact to the second: "2026-03-01 12:00:00".
[[nodiscard]] std::string when(const json::Value& time, Time now, bool exact);
/// "0:14", or what has passed since it began while it has not ended.
[[nodiscard]] std::string clock_of(const json::Value& job, Time now);

/// "1.5", "500m" as people write CPUs; "2.1 GB".
[[nodiscard]] std::string cpus(std::int64_t millis);
/// "accuracy 0.961", several with `separator` between.
[[nodiscard]] std::string properties_of(const json::Value& job, std::string_view separator);

[[nodiscard]] Style style_of_state(std::string_view state);
[[nodiscard]] bool is_final_state(std::string_view state);
/// The exit code of following a job to its end: 0 Complete, 1 Error, 130 Stopped.
[[nodiscard]] int exit_code_of_state(std::string_view state);

/// What a source comes from: "git", "storage", "nfs" or "s3", and the URL, name, folder or bucket.
[[nodiscard]] std::string kind_of_source(const json::Value& source);
[[nodiscard]] std::string origin_of_source(const json::Value& source);

/// Whether the text names a job ("digits/train:3" or an id) rather than a project.
[[nodiscard]] bool names_job(std::string_view text);

/// "server + 2 × worker on node-1", or nothing for a job without replicas.
[[nodiscard]] std::string replicas_in_words(const json::Value& job);

/// "digits/train:3  Complete in 14 s   accuracy 0.961", with the reason on lines of its own where it ended badly.
[[nodiscard]] std::string ending_in_words(const json::Value& job, const Terminal& term);

}  // namespace pintle::cli
