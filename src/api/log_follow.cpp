#include "api/log_follow.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "series/log_place.hpp"

namespace pintle::api {
namespace {

constexpr std::size_t kBatchLines = 1000;
constexpr Duration kAfterFault{1000};
constexpr Duration kWhileWaiting{1000};

}  // namespace

json::Value log_item_value(const LogItem& item, const std::string& replica) {
    return json::Value::object({{"replica", replica},
                                {"line", item.line.number},
                                {"at", time_value(item.line.time)},
                                {"text", item.line.text},
                                {"starts", item.line.starts},
                                {"ends", item.line.ends}});
}

LogFollow::LogFollow(Call& call, LogSet logs, series::MergeCursor from, const Poke& poke)
    : EventStream(begin_events(call), call.services.options.heartbeat), readers_(call.services.deps.readers),
      job_(call.job->id), poll_(call.services.options.log_poll), patience_(call.services.options.partial_line_patience),
      logs_(std::move(logs)), position_(std::move(from)), state_(call.job->state),
      held_since_(position_.offsets.size()), changed_(std::make_shared<std::atomic<bool>>(true)) {
    watch_ = call.services.feed.watch(job_.str(), [poke, changed = changed_](ChangeFeed::Why) {
        changed->store(true);
        poke();
    });
}

void LogFollow::look_at_job() {
    if (!changed_->exchange(false)) return;
    const auto job = readers_.with([&](store::StoreReader& reader) { return reader.find_job(job_); });
    if (!job) {
        changed_->store(true);
        return;
    }
    gone_ = !job->has_value();
    if (*job) state_ = (*job)->state;
}

bool LogFollow::hold_back(const LogItem& item) {
    auto& since = held_since_[item.source];
    const bool may_grow =
        item.source > 0 && item.last_of_source && !item.line.ends && item.line.text.size() < series::kPieceBytes / 2;
    if (!may_grow || domain::is_final(state_)) {
        since = {};
        return false;
    }
    const auto now = std::chrono::steady_clock::now();
    if (since == std::chrono::steady_clock::time_point{}) since = now;
    if (now - since < patience_) return true;
    since = {};
    return false;
}

void LogFollow::send_item(const LogItem& item) {
    position_.offsets[item.source] = item.after.offsets[item.source];
    send(position_.to_text(), "line", log_item_value(item, logs_.name_of(item.source)));
}

std::size_t LogFollow::send_items(const LogItems& read) {
    std::size_t sent = 0;
    for (const LogItem& item : read.items) {
        if (hold_back(item)) continue;
        send_item(item);
        ++sent;
    }
    // Where nothing was sent the position may still move: over lines that rotation has deleted.
    if (read.items.empty()) position_ = read.next;
    return sent;
}

Duration LogFollow::produce() {
    // The job first: what a job that has ended has written is all there.
    look_at_job();
    const bool ended = gone_ || domain::is_final(state_);
    const auto read = logs_.forward(position_, kBatchLines, ended);
    if (!read) {
        log::warn("logs.read_failed", {{"job", job_.str()}, {"reason", read.error().message}});
        return kAfterFault;
    }
    const std::size_t sent = send_items(*read);
    if (sent > 0 && (ended || read->more_after)) return Duration(0);
    if (ended) {
        if (!gone_) send("", "end", json::Value::object({{"state", domain::to_string(state_)}}));
        return kDone;
    }
    if (logs_.readers().empty()) return Duration::max();  // Events alone: the feed tells.
    return domain::is_waiting(state_) ? kWhileWaiting : poll_;
}

LogDownload::LogDownload(std::shared_ptr<net::Stream> stream, LogSet logs, std::uint64_t bytes_most, bool with_names)
    : stream_(std::move(stream)), logs_(std::move(logs)), with_names_(with_names), bytes_left_(bytes_most),
      position_(logs_.start()) {}

Duration LogDownload::step() {
    if (stream_->closed()) return kDone;
    if (stream_->queued_bytes() > kQueuedMost) return kPause;
    const auto read = logs_.forward(position_, kBatchLines, true, /*valid_utf8=*/false);
    if (!read) {
        log::warn("logs.read_failed", {{"reason", read.error().message}});
        return kDone;
    }
    std::string text;
    for (const LogItem& item : read->items) {
        if (with_names_ && item.line.starts) text += logs_.name_of(item.source) + " | ";
        text += item.line.text;
        if (item.line.ends) text += '\n';
    }
    // What is written meanwhile is not waited for, or the download of a busy log would never end.
    bool over = read->items.empty() || !read->more_after;
    if (!logs_.readers().empty() && !over) {
        std::uint64_t read_bytes = 0;
        for (std::size_t i = 1; i < position_.offsets.size(); ++i)
            read_bytes += read->next.offsets[i] - std::min(position_.offsets[i], read->next.offsets[i]);
        over = read_bytes >= bytes_left_;
        bytes_left_ -= std::min(bytes_left_, read_bytes);
    }
    position_ = read->next;
    if (!text.empty() && !stream_->write(std::move(text))) return kDone;
    if (over) stream_->close();
    return over ? kDone : Duration(0);
}

}  // namespace pintle::api
