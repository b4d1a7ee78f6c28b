#include "cli/log_pages.hpp"

#include "base/check.hpp"
#include "cli/log_stream.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

LogPages::LogPages(ApiClient& api, const std::string& job, std::string replica, const LogWish& wish)
    : api_(&api),
      path_(fmt::format("/jobs/{}/logs/{}", segment(job), segment(replica))),
      replica_(std::move(replica)),
      wish_(wish) {
    if (!wish_.tail && !wish_.from_line) wish_.from_line = 1;
}

Result<const LogPages::Line*> LogPages::peek() {
    while (lines_.empty() && !ended_) TRY(fetch());
    return lines_.empty() ? nullptr : &lines_.front();
}

LogPages::Line LogPages::take() {
    check(!lines_.empty(), "only a line that was peeked at can be taken");
    Line line = std::move(lines_.front());
    lines_.pop_front();
    return line;
}

Result<void> LogPages::fetch() {
    const auto number = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : ""; };
    const std::string case_word = wish_.grep.empty() || !wish_.ignore_case ? "" : "ignore";
    const json::Value page = TRY(api_->get(path_ + query({{"from_line", wish_.tail ? "" : number(wish_.from_line)},
                                                          {"tail", number(wish_.tail)},
                                                          {"grep", wish_.grep},
                                                          {"case", case_word},
                                                          {"limit", wish_.tail ? "" : "1000"}})));
    if (page["items"].is_array()) {
        for (const json::Value& item : page["items"].as_array()) {
            lines_.push_back({int_of(item, "line"), piece_of(item, replica_)});
        }
    }
    const json::Value& next = page["next_from_line"];
    const bool complete = page["complete"].is_bool() && page["complete"].as_bool();
    // A server that does not advance has nothing more either.
    ended_ = wish_.tail.has_value() || complete || !next.is_int() || next.as_int() <= wish_.from_line.value_or(0);
    if (!ended_) wish_.from_line = next.as_int();
    return {};
}

}  // namespace pintle::cli
