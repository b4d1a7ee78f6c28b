#include <limits>

#include "api/log_follow.hpp"
#include "api/log_pages.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Result<Value> stream_value(const std::string& name, const series::LogReader& reader) {
    const series::LogInfo info = TRY(reader.info());
    return Value::object({{"replica", name},
                          {"lines", info.lines},
                          {"bytes", info.bytes},
                          {"first_line", info.first_line},
                          {"last_at", info.last_time ? time_value(*info.last_time) : Value()}});
}

Result<net::Response> list_logs(Call& call) {
    const domain::Job& job = *call.job;
    const LogSet logs =
        TRY(LogSet::open(call.services.deps.readers, call.services.deps.data, job, std::string(kAllLogs)));
    const auto last =
        TRY(read_own_log(call.services.deps.readers, job.id, std::max<std::int64_t>(job.event_count - 1, 0), 1));
    json::Array items;
    items.push_back(Value::object({{"replica", kOwnLog},
                                   {"lines", job.event_count},
                                   {"bytes", nullptr},
                                   {"first_line", 1},
                                   {"last_at", last.empty() ? Value() : time_value(last.back().at)}}));
    for (std::size_t i = 0; i < logs.readers().size(); ++i)
        items.push_back(TRY(stream_value(logs.name_of(i + 1), logs.readers()[i])));
    return json_answer(page_value(std::move(items), ""));
}

Result<series::MergeCursor> follow_from(Call& call, const LogSet& logs) {
    if (const std::string last = call.last_event_id(); !last.empty()) {
        auto position = logs.parse(last);
        if (!position) return fail(position.error().context("Last-Event-ID"));
        return position;
    }
    const auto tail = call.query_whole("tail");
    if (!tail) return logs.start();
    // An empty tail still has to say where the log ends.
    const LogItems items = TRY(logs.tail(std::nullopt, static_cast<std::size_t>(std::max<std::int64_t>(*tail, 1))));
    return *tail == 0 ? items.next : items.begin;
}

void follow(const CallPtr& call, LogSet logs) {
    for (const std::string_view name :
         {"from_line", "before_line", "grep", "limit", "cursor", "before_cursor", "around", "case"}) {
        if (call->has_query(name)) {
            return call->answer(
                fail(ErrorCode::kInvalid,
                     "the parameter {} is for pages; a followed log takes tail, or the header Last-Event-ID", name));
        }
    }
    auto from = follow_from(*call, logs);
    if (!from) return call->answer(fail(from.error()));
    const Poke poke = call->services.pump.make_poke();
    call->services.pump.add(std::make_unique<LogFollow>(*call, std::move(logs), std::move(*from), poke), poke);
}

void download(const CallPtr& call, LogSet logs, const std::string& which) {
    std::uint64_t bytes = 0;
    for (const series::LogReader& reader : logs.readers()) {
        const auto info = reader.info();
        if (!info) return call->answer(fail(info.error()));
        bytes += info->bytes;
    }
    const domain::Job& job = *call->job;
    const std::string name =
        job.kind == domain::JobKind::kComponent
            ? fmt::format("{}-{}-{}.log", job.spec.project_name, job.spec.task.name, which)
            : fmt::format("{}-{}-{}-{}.log", job.spec.project_name, job.spec.task.name, job.build, which);
    auto stream = call->stream("text/plain", {{"Content-Disposition", attachment(name)}});
    const bool with_names = which == kAllLogs;
    call->services.pump.add(std::make_unique<LogDownload>(std::move(stream), std::move(logs), bytes, with_names),
                            call->services.pump.make_poke());
}

void read_log(const CallPtr& call) {
    const std::string which = call->param("replica");
    auto logs = LogSet::open(call->services.deps.readers, call->services.deps.data, *call->job, which);
    if (!logs) return call->answer(fail(logs.error()));
    if (call->query_flag("download")) return download(call, std::move(*logs), which);
    if (call->wants_events()) return follow(call, std::move(*logs));
    const auto page = log_page(*call, *logs, which);
    call->answer(page ? Result<net::Response>(json_answer(*page)) : Result<net::Response>(fail(page.error())));
}

}  // namespace

std::vector<Route> log_routes() {
    using Type = QueryParam::Type;
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    return {
        {.method = "GET",
         .path = "/jobs/{job}/logs",
         .operation = "listLogs",
         .permission = Permission::kSeeProject,
         .handler = list_logs,
         .summary = "the logs of a job: its own, and one for each replica",
         .answer = {200, "[LogStream]"}},
        {.method = "GET",
         .path = "/jobs/{job}/logs/{replica}",
         .operation = "readLog",
         .permission = Permission::kSeeProject,
         .handler = read_log,
         .summary =
             "a page of a log, the log as it is written, or all of it; the replica is \"job\" for the job's own log "
             "and \"all\" for everything",
         .query = {{"from_line", "The lines from this one on.", Type::kWhole, 1, kMost},
                   {"before_line", "The lines before this one.", Type::kWhole, 1, kMost},
                   {"tail", "The last so many lines.", Type::kWhole, 0,
                    static_cast<std::int64_t>(series::kMaxPageLines)},
                   {"limit", "How many lines at most.", Type::kWhole, 0,
                    static_cast<std::int64_t>(series::kMaxPageLines)},
                   {"grep", "Only lines that match this regular expression (RE2)."},
                   {"case", "Whether grep minds upper and lower case.", Type::kWords, 0, 0, "sensitive|ignore"},
                   {"cursor", "Of \"all\": what follows this `next_cursor`."},
                   {"before_cursor", "Of \"all\": what comes before this `prev_cursor`."},
                   {"around", "Of \"all\": from this line of one log on, such as `worker-0:120`."},
                   {"download", "The whole log as plain text.", Type::kFlag}},
         .answer = {200, "LogPage", AnswerShape::Media::kLog}},
    };
}

}  // namespace pintle::api
