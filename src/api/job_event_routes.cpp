#include <algorithm>
#include <limits>

#include "api/event_stream.hpp"
#include "api/job_log.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Value event_value(const domain::JobEvent& event) {
    return Value::object({{"sequence", event.sequence},
                          {"at", time_value(event.at)},
                          {"kind", domain::kind_of(event.body)},
                          {"text", line_of(event)}});
}

/// Every event of a job from a number on, until its last.
class JobEventStream final : public EventStream {
public:
    JobEventStream(Call& call, std::int64_t after, const Poke& poke)
        : EventStream(begin_events(call), call.services.options.heartbeat), readers_(call.services.deps.readers),
          job_(call.job->id), after_(after),
          watch_(call.services.feed.watch(job_.str(), [poke](ChangeFeed::Why) { poke(); })) {}

private:
    Duration produce() override;

    store::ReaderPool& readers_;
    const domain::JobId job_;
    std::int64_t after_;
    ChangeFeed::Watch watch_;
};

Duration JobEventStream::produce() {
    constexpr std::size_t kBatch = 100;
    struct Read {
        std::vector<domain::JobEvent> events;
        bool over = false;
    };
    const auto read = readers_.with([&](store::StoreReader& reader) -> Result<Read> {
        Read news{TRY(reader.job_events(job_, after_, kBatch)), false};
        if (news.events.size() == kBatch) return news;
        // Over once nothing can follow: the job has ended, or is no more.
        const auto job = TRY(reader.find_job(job_));
        news.over = !job || domain::is_final(job->state);
        return news;
    });
    if (!read) {
        log::warn("events.read_failed", {{"job", job_.str()}, {"reason", read.error().message}});
        return Duration(1000);
    }
    for (const domain::JobEvent& event : read->events) {
        send(fmt::format("{}", event.sequence), "event", event_value(event));
        after_ = event.sequence;
    }
    if (read->over) return kDone;
    return read->events.size() == kBatch ? Duration(0) : Duration::max();
}

void job_events(const CallPtr& call) {
    std::int64_t after = call->query_whole("after").value_or(0);
    if (call->has_query("cursor")) {
        const auto cursor = parse_int(call->query("cursor"));
        if (!cursor || *cursor < 0)
            return call->answer(
                fail(ErrorCode::kInvalid, "the parameter cursor: this is no cursor that was given out"));
        after = *cursor;
    }
    if (call->wants_events()) {
        if (const std::string last = call->last_event_id(); !last.empty()) {
            const auto number = parse_int(last);
            if (!number || *number < 0)
                return call->answer(fail(ErrorCode::kInvalid,
                                         "Last-Event-ID: expected the number of an event, got \"{}\"",
                                         to_valid_utf8(last.substr(0, 100))));
            after = *number;
        }
        const Poke poke = call->services.pump.make_poke();
        return call->services.pump.add(std::make_unique<JobEventStream>(*call, after, poke), poke);
    }
    const std::size_t limit = call->page().limit;
    const auto events = call->services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.job_events(call->job->id, after, limit); });
    if (!events) return call->answer(fail(events.error()));
    json::Array items;
    for (const domain::JobEvent& event : *events) items.push_back(event_value(event));
    const bool more = events->size() == limit && events->back().sequence < call->job->event_count;
    call->answer(json_answer(page_value(std::move(items), more ? fmt::format("{}", events->back().sequence) : "")));
}

}  // namespace

std::vector<Route> job_event_routes() {
    return {
        {.method = "GET",
         .path = "/jobs/{job}/events",
         .operation = "listJobEvents",
         .permission = Permission::kSeeProject,
         .handler = job_events,
         .summary = "what happened to a job, in order; as a stream it ends with the job",
         .query = page_params({{"after", "Only events with a greater number.", QueryParam::Type::kWhole, 0,
                                std::numeric_limits<std::int64_t>::max()}}),
         .answer = {200, "[JobEvent]", AnswerShape::Media::kJsonOrEvents}},
    };
}

}  // namespace pintle::api
