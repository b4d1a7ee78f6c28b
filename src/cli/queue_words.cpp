#include "cli/queue_words.hpp"

#include <cctype>

#include "base/text.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::optional<Time> time_in(const json::Value& value) {
    if (!value.is_string()) return std::nullopt;
    const auto time = time_from_iso(value.as_string());
    return time ? std::optional(*time) : std::nullopt;
}

// What is about to happen is said in one unit; more would promise too much.
std::string roughly(Duration duration) {
    const auto seconds = std::max<std::int64_t>(duration.count(), 0) / 1000;
    if (seconds < 60) return fmt::format("{} s", std::max<std::int64_t>(seconds, 1));
    if (seconds < 3600) return fmt::format("{} min", (seconds + 30) / 60);
    if (seconds < 2 * 86400) return fmt::format("{} h", (seconds + 1800) / 3600);
    return fmt::format("{} d", (seconds + 43200) / 86400);
}

std::string in_words(const json::Value& blocker, Time now, bool exact) {
    std::vector<std::string> facts;
    if (const std::int64_t gpus = int_of(blocker, "gpus"); gpus > 0) facts.push_back(count_of(gpus, "GPU"));
    if (blocker["waiting"].is_bool() && blocker["waiting"].as_bool()) facts.emplace_back("ahead of it in the queue");
    if (const auto ends = time_in(blocker["ends"]["median"])) facts.push_back("ends " + in_future(now, *ends, exact));
    const std::string name = text_of(blocker, "name");
    return facts.empty() ? name : fmt::format("{} ({})", name, join(facts, ", "));
}

}  // namespace

std::string in_future(Time now, Time then, bool exact) {
    if (exact) return "at " + replace_all(to_iso(then).substr(0, 19), "T", " ");
    return then <= now ? "now" : "in " + roughly(then - now);
}

std::string forecast_in_words(const json::Value& forecast, Time now, bool exact) {
    const auto median = time_in(forecast["median"]);
    if (!median) return "";
    const std::string usual = in_future(now, *median, exact);
    const auto high = time_in(forecast["high"]);
    if (!high || in_future(now, *high, exact) == usual) return usual;
    return fmt::format("{} ({} in 9 of 10 cases)", usual,
                       exact ? "by " + in_future(now, *high, true).substr(3) : "within " + roughly(*high - now));
}

std::vector<std::string> blockers_in_words(const json::Value& explanation, Time now, bool exact) {
    std::vector<std::string> parts;
    const json::Value& blockers = explanation["waits_for"];
    if (!blockers.is_array()) return parts;
    for (const json::Value& blocker : blockers.as_array()) parts.push_back(in_words(blocker, now, exact));
    const std::int64_t more = int_of(explanation, "blockers_in_all") - static_cast<std::int64_t>(blockers.size());
    if (more > 0 && !parts.empty()) parts.push_back(fmt::format("{} more", more));
    return parts;
}

std::string requeue_in_words(const json::Value& requeued, Time now, bool exact) {
    if (!requeued.is_object()) return "";
    const std::string reason = text_of(requeued, "reason");
    return when(requeued["at"], now, exact) + (reason.empty() ? "" : ": " + reason);
}

std::string remedies_in_words(const json::Value& explanation) {
    std::vector<std::string> parts;
    if (!explanation["remedies"].is_array()) return "";
    for (const json::Value& remedy : explanation["remedies"].as_array()) parts.push_back(text_of(remedy, "text"));
    return join(parts, ", or ");
}

std::string pool_numbers_in_words(const json::Value& pool) {
    if (!pool.is_object()) return "";
    const std::string model = text_of(pool, "model");
    std::string text = fmt::format("{} has {}", text_of(pool, "name"),
                                   model.empty() ? count_of(int_of(pool, "gpus"), "GPU")
                                                 : fmt::format("{} {}", int_of(pool, "gpus"), model));
    if (int_of(pool, "gpus") == 0) return text;
    text += fmt::format(": {} in use, {} free", int_of(pool, "used"), int_of(pool, "free"));
    if (const std::int64_t unhealthy = int_of(pool, "unhealthy"); unhealthy > 0)
        text += fmt::format(", {} unhealthy", unhealthy);
    return text;
}

std::string pool_name_in_words(const std::string& name) {
    return name == "Default Pool" ? "the " + name : "pool " + name;
}

std::string enumeration(std::vector<std::string> parts) {
    if (parts.size() < 2) return join(parts, "");
    const std::string last = std::move(parts.back());
    parts.pop_back();
    return fmt::format("{} and {}", join(parts, ", "), last);
}

std::string as_sentence(std::string text) {
    if (text.empty()) return text;
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    if (text.back() != '.') text += '.';
    return text;
}

}  // namespace pintle::cli
