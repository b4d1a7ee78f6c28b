#include <algorithm>
#include <limits>

#include "api/event_stream.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Value change_value(const store::ChangeRecord& change) {
    return Value::object({{"sequence", change.sequence},
                          {"kind", change.kind == store::ChangeRecord::Kind::kProject ? "project" : "job"},
                          {"id", change.subject},
                          {"project_id", change.project_id.str()},
                          {"state", change.state ? Value(domain::to_string(*change.state)) : Value()},
                          {"deleted", change.deleted}});
}

Value hint_value(runtime::ClusterTopic topic, std::int64_t sequence) {
    return Value::object({{"sequence", sequence},
                          {"kind", "cluster"},
                          {"id", runtime::to_string(topic)},
                          {"project_id", ""},
                          {"state", Value()},
                          {"deleted", false}});
}

/// Every change of projects and jobs, for views that keep themselves up to date; and hints that something of the
/// cluster has changed. These have no number of their own: they repeat the last one, and whoever starts anew reads
/// everything anyway. However much happens, a stream has one hint of each topic for each pause.
class ChangeStream final : public EventStream {
public:
    ChangeStream(Call& call, std::int64_t after, const Poke& poke)
        : EventStream(begin_events(call), call.services.options.heartbeat), readers_(call.services.deps.readers),
          identity_(call.identity), after_(after), news_(call.services.deps.runtime.cluster_news()),
          pause_(call.services.options.cluster_pause), told_(counts()),
          watch_(call.services.feed.watch("", [poke](ChangeFeed::Why) { poke(); })) {}

private:
    Duration produce() override;
    [[nodiscard]] Duration produce_changes();
    /// Returns when to look again.
    [[nodiscard]] Duration produce_news();
    [[nodiscard]] runtime::ClusterNews::Counts counts() const {
        if (identity_.kind == auth::Identity::Kind::kJob) return {};
        return news_.counts(identity_.operates() ? std::nullopt : std::optional(identity_.group));
    }
    /// What they may see now; it may have been otherwise when it changed.
    [[nodiscard]] Result<bool> may_know(store::StoreReader& reader, const store::ChangeRecord& change) const {
        if (identity_.kind == auth::Identity::Kind::kJob) return change.project_id == identity_.project;
        if (identity_.operates()) return true;
        return reader.may_see_change({identity_.user, identity_.group, store::Viewer::Scope::kAll}, change);
    }

    store::ReaderPool& readers_;
    const auth::Identity identity_;
    std::int64_t after_;
    std::int64_t newest_ = 0;  // looked at, whether told or not
    runtime::ClusterNews& news_;
    const Duration pause_;
    runtime::ClusterNews::Counts told_;
    std::optional<std::chrono::steady_clock::time_point> told_at_;
    ChangeFeed::Watch watch_;
};

Duration ChangeStream::produce() {
    const Duration news = produce_news();
    return std::min(news, produce_changes());
}

Duration ChangeStream::produce_news() {
    const runtime::ClusterNews::Counts now = counts();
    if (now == told_) return Duration::max();
    const auto moment = std::chrono::steady_clock::now();
    if (told_at_ && moment - *told_at_ < pause_)
        return std::chrono::duration_cast<Duration>(*told_at_ + pause_ - moment) + Duration(1);
    for (int i = 0; i < runtime::kClusterTopicCount; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (now[at] != told_[at])
            send(fmt::format("{}", after_), "change", hint_value(static_cast<runtime::ClusterTopic>(i), after_));
    }
    told_ = now;
    told_at_ = moment;
    return Duration::max();
}

Duration ChangeStream::produce_changes() {
    constexpr std::size_t kBatch = 500;
    std::size_t count = 0;
    const auto read = readers_.with([&](store::StoreReader& reader) -> Result<store::ChangeList> {
        store::ChangeList list = TRY(reader.changes_after(after_, kBatch));
        count = list.changes.size();
        std::vector<store::ChangeRecord> known;
        for (store::ChangeRecord& change : list.changes) {
            newest_ = change.sequence;
            if (TRY(may_know(reader, change))) known.push_back(std::move(change));
        }
        list.changes = std::move(known);
        return list;
    });
    if (!read) {
        log::warn("changes.read_failed", {{"reason", read.error().message}});
        return Duration(1000);
    }
    // Too old to be told everything, or from another life of the data: the client reads everything again.
    if (after_ + 1 < read->first_available || after_ > read->last) {
        after_ = read->last;
        send(fmt::format("{}", after_), "reset", Value::object({{"sequence", after_}}));
        return Duration(0);
    }
    for (const store::ChangeRecord& change : read->changes) {
        send(fmt::format("{}", change.sequence), "change", change_value(change));
    }
    after_ = std::max(after_, newest_);
    return count == kBatch ? Duration(0) : Duration::max();
}

Result<std::int64_t> first_position(Call& call) {
    if (const std::string last = call.last_event_id(); !last.empty()) {
        const auto number = parse_int(last);
        if (number && *number >= 0) return *number;
        return fail(ErrorCode::kInvalid, "Last-Event-ID: expected the number of a change, got \"{}\"",
                    to_valid_utf8(last.substr(0, 100)));
    }
    if (const auto after = call.query_whole("after")) return *after;
    return TRY(call.services.deps.readers.with([](store::StoreReader& reader) { return reader.changes_after(0, 1); }))
        .last;
}

void follow_changes(const CallPtr& call) {
    const auto after = first_position(*call);
    if (!after) return call->answer(fail(after.error()));
    const Poke poke = call->services.pump.make_poke();
    call->services.pump.add(std::make_unique<ChangeStream>(*call, *after, poke), poke);
}

}  // namespace

std::vector<Route> change_routes() {
    return {
        {.method = "GET",
         .path = "/changes",
         .operation = "followChanges",
         .permission = Permission::kSeeProjects,
         .handler = follow_changes,
         .summary =
             "every change of projects and jobs as it happens, and hints that users, groups, pools, nodes, devices "
             "or the queue changed: kind cluster, with the topic as id",
         .query = {{"after", "Begin behind this number; the newest unless given.", QueryParam::Type::kWhole, 0,
                    std::numeric_limits<std::int64_t>::max()}},
         .answer = {200, "Change", AnswerShape::Media::kEvents}},
    };
}

}  // namespace pintle::api
