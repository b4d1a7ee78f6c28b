#include "cli/words.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/id.hpp"
#include "base/text.hpp"

namespace pintle::cli {
namespace {

struct FinalState {
    std::string_view name;
    int exit;
    std::string_view after;  ///< Between the state and the time it took.
};

// The one table: how following ends.
constexpr std::array kFinalStates{
    FinalState{"Complete", 0, "in"},
    FinalState{"Error", 1, "after"},
    FinalState{"Stopped", 130, "after"},
};

const FinalState* final_state(std::string_view state) {
    const auto found =
        std::find_if(kFinalStates.begin(), kFinalStates.end(), [&](const FinalState& s) { return s.name == state; });
    return found == kFinalStates.end() ? nullptr : &*found;
}

std::optional<Time> time_in(const json::Value& value) {
    if (!value.is_string()) return std::nullopt;
    const auto time = time_from_iso(value.as_string());
    return time ? std::optional(*time) : std::nullopt;
}

std::string property_text(const json::Value& value) {
    return value.is_double() ? fmt::format("{:.4g}", value.as_double()) : value.scalar_text().value_or("");
}

}  // namespace

std::string text_of(const json::Value& object, std::string_view key) { return object[key].scalar_text().value_or(""); }

std::int64_t int_of(const json::Value& object, std::string_view key) {
    const json::Value& value = object[key];
    return value.is_int() ? value.as_int() : 0;
}

std::string list_of(const json::Value& list) {
    if (!list.is_array()) return "";
    std::vector<std::string> parts;
    for (const json::Value& item : list.as_array()) parts.push_back(item.scalar_text().value_or("?"));
    return join(parts, ", ");
}

std::string ago(Time now, Time then) {
    const auto seconds = std::max<std::int64_t>((now - then).count(), 0) / 1000;
    if (seconds < 2) return "just now";
    if (seconds < 60) return fmt::format("{} s ago", seconds);
    if (seconds < 3600) return fmt::format("{} min ago", seconds / 60);
    if (seconds < 2 * 86400) return fmt::format("{} h ago", seconds / 3600);
    return fmt::format("{} d ago", seconds / 86400);
}

std::string when(const json::Value& time, Time now, bool exact) {
    const auto moment = time_in(time);
    if (!moment) return "";
    if (!exact) return ago(now, *moment);
    return replace_all(to_iso(*moment).substr(0, 19), "T", " ");
}

std::string clock_of(const json::Value& job, Time now) {
    if (job["duration_ms"].is_int() && !job["ended_at"].is_null())
        return to_clock(Duration(job["duration_ms"].as_int()));
    const auto started = time_in(job["started_at"]);
    if (!started) return "";
    const auto ended = time_in(job["ended_at"]);
    return to_clock(std::max(Duration(0), ended.value_or(now) - *started));
}

std::string cpus(std::int64_t millis) {
    return millis % 1000 == 0 ? std::to_string(millis / 1000)
                              : fmt::format("{:.4g}", static_cast<double>(millis) / 1000);
}

std::string properties_of(const json::Value& job, std::string_view separator) {
    const json::Value& properties = job["properties"];
    if (!properties.is_object()) return "";
    std::vector<std::string> parts;
    for (const json::Member& member : properties.as_object())
        parts.push_back(member.key + " " + property_text(member.value));
    return join(parts, separator);
}

Style style_of_state(std::string_view state) {
    if (state == "Complete") return Style::kGood;
    if (state == "Error" || state == "Failed") return Style::kBad;
    if (state == "Running" || state == "Training" || state == "Starting") return Style::kBusy;
    if (state == "Waiting for GPUs" || state == "Stopping") return Style::kNote;
    return Style::kPlain;
}

bool is_final_state(std::string_view state) { return final_state(state) != nullptr; }

int exit_code_of_state(std::string_view state) {
    const FinalState* row = final_state(state);
    return row == nullptr ? 1 : row->exit;
}

bool names_job(std::string_view text) { return text.find('/') != std::string_view::npos || looks_like_ulid(text); }

std::string replicas_in_words(const json::Value& job) {
    if (!job["replicas"].is_array()) return "";
    std::vector<std::pair<std::string, int>> counts;
    std::vector<std::string> nodes;
    for (const json::Value& replica : job["replicas"].as_array()) {
        const std::string resource = text_of(replica, "resource");
        const auto same =
            std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == resource; });
        if (same == counts.end())
            counts.emplace_back(resource, 1);
        else
            ++same->second;
        const std::string node = text_of(replica, "node");
        if (!node.empty() && std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
    }
    std::vector<std::string> parts;
    for (const auto& [resource, count] : counts)
        parts.push_back(count == 1 ? resource : fmt::format("{} × {}", count, resource));
    if (parts.empty()) return "";
    const std::string where = nodes.empty()       ? ""
                              : nodes.size() == 1 ? " on " + nodes[0]
                                                  : fmt::format(" on {} nodes", nodes.size());
    return join(parts, " + ") + where;
}

std::string ending_in_words(const json::Value& job, const Terminal& term) {
    const std::string state = text_of(job, "state");
    const FinalState* row = final_state(state);
    std::string text = term.styled(Style::kBold, term.plain(text_of(job, "name"))) + "  " +
                       term.styled(style_of_state(state), term.plain(state));
    if (row != nullptr && job["duration_ms"].is_int())
        text += fmt::format(" {} {}", row->after, to_words(Duration(job["duration_ms"].as_int())));
    if (const std::string properties = properties_of(job, "   "); !properties.empty())
        text += "   " + term.plain(properties);
    const std::string reason = text_of(job, "reason");
    if (state != "Complete" && !reason.empty()) {
        for (const std::string& line : split(reason, '\n')) text += "\n  " + term.plain(line);
    }
    return text;
}

std::string kind_of_source(const json::Value& source) {
    for (const char* kind : {"git", "nfs", "s3"}) {
        if (source.has(kind)) return kind;
    }
    return "storage";
}

std::string origin_of_source(const json::Value& source) {
    const std::string kind = kind_of_source(source);
    if (kind == "storage") return text_of(source, "cluster_storage");
    const json::Value& origin = source[kind];
    if (!origin.is_object()) return text_of(source, kind);
    if (kind == "git") return text_of(origin, "repository");
    if (kind == "nfs") return text_of(origin, "server") + ":" + text_of(origin, "path");
    const std::string server = text_of(origin, "server");
    return text_of(origin, "bucket") + (server.empty() ? "" : " on " + server);
}

}  // namespace pintle::cli
