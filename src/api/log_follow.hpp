#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "api/event_stream.hpp"
#include "api/log_set.hpp"

namespace pintle::api {

/// Sends a job's log as it is written: an event `line` for each line, whose id is the position behind it, and an
/// event `end` when the job has ended and everything was sent.
///
/// A line that has no end yet is held back for a moment, since programs often write a line in parts; then it is sent
/// as far as it is there, with `ends` false, and its rest follows with the same number and `starts` false.
class LogFollow final : public EventStream {
public:
    LogFollow(Call& call, LogSet logs, series::MergeCursor from, const Poke& poke);

private:
    [[nodiscard]] Duration produce() override;
    void look_at_job();
    /// Sends what can be sent; the lines held back are read again next time. Returns how many were sent.
    std::size_t send_items(const LogItems& read);
    [[nodiscard]] bool hold_back(const LogItem& item);
    void send_item(const LogItem& item);

    store::ReaderPool& readers_;
    const domain::JobId job_;
    const Duration poll_;
    const Duration patience_;
    const LogSet logs_;
    series::MergeCursor position_;
    domain::JobState state_;
    bool gone_ = false;
    std::vector<std::chrono::steady_clock::time_point> held_since_;  ///< For each source; epoch: nothing is held.
    const std::shared_ptr<std::atomic<bool>> changed_;
    ChangeFeed::Watch watch_;
};

/// Sends the whole log as plain text, as far as it is there now.
class LogDownload final : public Producer {
public:
    LogDownload(std::shared_ptr<net::Stream> stream, LogSet logs, std::uint64_t bytes_most, bool with_names);
    [[nodiscard]] Duration step() override;

private:
    const std::shared_ptr<net::Stream> stream_;
    const LogSet logs_;
    const bool with_names_;
    std::uint64_t bytes_left_;
    series::MergeCursor position_;
};

[[nodiscard]] json::Value log_item_value(const LogItem& item, const std::string& replica);

}  // namespace pintle::api
