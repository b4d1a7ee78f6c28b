#include <algorithm>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/queue_words.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

constexpr int kEvidenceLines = 5;

bool has_failed(const json::Value& replica) {
    return replica["exit_code"].is_int() ? replica["exit_code"].as_int() != 0 : text_of(replica, "state") == "Failed";
}

/// The first replica that failed, by time: the others often fail because of it.
const json::Value* culprit(const json::Value& job) {
    const json::Value* first = nullptr;
    if (!job["replicas"].is_array()) return nullptr;
    for (const json::Value& replica : job["replicas"].as_array()) {
        if (!has_failed(replica)) continue;
        if (first == nullptr || text_of(replica, "ended_at") < text_of(*first, "ended_at")) first = &replica;
    }
    return first;
}

void print_evidence(Context& context, const json::Value& job) {
    const json::Value* replica = culprit(job);
    if (replica == nullptr) return;
    Terminal& term = context.term;
    const std::string name = text_of(*replica, "name");
    const auto page = context.api.get(
        fmt::format("/jobs/{}/logs/{}?tail={}", segment(text_of(job, "id")), segment(name), kEvidenceLines));
    if (page && (*page)["items"].size() > 0) {
        term.line(fmt::format("  last lines of {}:", term.plain(name)));
        for (const json::Value& line : (*page)["items"].as_array())
            term.line("    " + term.shown(text_of(line, "text")));
    }
    term.line(fmt::format("  logs: pintle logs {} --replica {}", term.plain(text_of(job, "name")), term.plain(name)));
}

void print_replicas(Context& context, const json::Value& job) {
    if (!job["replicas"].is_array() || job["replicas"].size() == 0) return;
    const Time now = context.deps.now();
    Table table({{"replica", false, false, true},
                 {"status", false, false, true},
                 {"attempt", true},
                 {"node"},
                 {"address"},
                 {"devices"},
                 {"time", true},
                 {"exit", true},
                 {"started"},
                 {"ended"},
                 {"message", false, true}});
    for (const json::Value& replica : job["replicas"].as_array()) {
        const std::string state = text_of(replica, "state");
        const bool again = int_of(replica, "attempt") > 1;
        table.add({text_of(replica, "name"), Table::Cell(state, style_of_state(state)),
                   again || context.wide() ? text_of(replica, "attempt") : "", text_of(replica, "node"),
                   text_of(replica, "address"), list_of(replica["devices"]), clock_of(replica, now),
                   text_of(replica, "exit_code"), context.wide() ? when(replica["started_at"], now, true) : "",
                   context.wide() ? when(replica["ended_at"], now, true) : "", text_of(replica, "message")});
    }
    context.term.line();
    table.print(context.term, 2);
}

std::string revisions_of(const json::Value& job) {
    if (!job["revisions"].is_object()) return "";
    std::vector<std::string> parts;
    for (const json::Member& member : job["revisions"].as_object())
        parts.push_back(member.key + " at " + member.value.scalar_text().value_or("").substr(0, 12));
    return join(parts, ", ");
}

// "pool research, position 2 of 5, priority 20"
std::string queue_of(const json::Value& job) {
    std::vector<std::string> parts;
    if (const std::string pool = text_of(job, "pool"); !pool.empty()) parts.push_back(pool_name_in_words(pool));
    const json::Value& waiting = job["waiting"];
    if (int_of(waiting, "position") > 0)
        parts.push_back(fmt::format("position {} of {}", int_of(waiting, "position"), int_of(waiting, "queue_length")));
    if (const std::int64_t priority = int_of(job, "priority"); priority != 0)
        parts.push_back(fmt::format("priority {}", priority));
    return join(parts, ", ");
}

std::string gpus_of(const json::Value& job) {
    const std::int64_t asked = int_of(job, "gpus");
    if (asked == 0) return "";
    const std::int64_t held = int_of(job, "gpus_held");
    const bool fewer = held < asked && !job["started_at"].is_null();
    return fewer ? fmt::format("{} of the {} it asked for", held, asked) : std::to_string(asked);
}

void print(Context& context, const json::Value& job) {
    Terminal& term = context.term;
    const Time now = context.deps.now();
    term.line(ending_in_words(job, term));
    const auto fact = [&](std::string_view word, const std::string& text) {
        if (!text.empty()) term.line(fmt::format("  {:<10} {}", word, term.plain(text)));
    };
    // The reason may be the same, and is above.
    if (const std::string why = text_of(job, "waiting_reason"); why != text_of(job, "reason")) fact("waiting", why);
    if (job["held"].is_string()) fact("release", "pintle job release " + text_of(job, "name"));
    fact("sent back", requeue_in_words(job["requeued"], now, context.wide()));
    fact("forecast", forecast_in_words(job["forecast"], now, context.wide()));
    fact("queue", queue_of(job));
    fact("GPUs", gpus_of(job));
    const std::string by = text_of(job, "submitted_by");
    fact("submitted", when(job["submitted_at"], now, context.wide()) + (by.empty() ? "" : " by " + by));
    if (const std::string owner = text_of(job, "owner"); owner != by) fact("owner", owner);
    if (!is_final_state(text_of(job, "state"))) fact("started", when(job["started_at"], now, context.wide()));
    fact("ended", when(job["ended_at"], now, context.wide()));
    fact("tags", list_of(job["tags"]));
    fact("cloned", text_of(job, "cloned_from"));
    fact("sources", revisions_of(job));
    if (context.wide()) fact("id", text_of(job, "id"));
    if (job["image_ignored"].is_bool() && job["image_ignored"].as_bool())
        fact("image", "ignored: it runs as processes of the host");
    if (text_of(job, "state") == "Error") print_evidence(context, job);
    print_replicas(context, job);
}

}  // namespace

Command job_show_command() {
    return {{.words = {"job", "show"},
             .summary = "Show a job, its replicas, and what went wrong",
             .positionals = {job_argument()},
             .examples = {"pintle job show digits/train:3", "pintle job show digits/train:3 -o json"}},
            [](Context& context) -> Result<int> {
                const json::Value job = TRY(context.api.get(job_path(context)));
                return show(context, job, text_of(job, "state"), [&] { print(context, job); });
            }};
}

}  // namespace pintle::cli
