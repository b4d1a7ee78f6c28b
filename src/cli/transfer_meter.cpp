#include "cli/transfer_meter.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::cli {

std::string transfer_in_words(std::int64_t done_bytes, std::int64_t total_bytes, std::int64_t moved_bytes,
                              Duration spent) {
    constexpr Duration kEnough = std::chrono::seconds(1);
    std::string words = fmt::format("{} of {}", bytes_in_words(done_bytes), bytes_in_words(total_bytes));
    if (spent < kEnough || moved_bytes <= 0) return words;
    const double rate = static_cast<double>(moved_bytes) / (static_cast<double>(spent.count()) / 1000.0);
    const double left_ms = static_cast<double>(std::max<std::int64_t>(0, total_bytes - done_bytes)) / rate * 1000.0;
    words += fmt::format(", {}/s", bytes_in_words(static_cast<std::int64_t>(rate)));
    const auto left = std::chrono::ceil<std::chrono::seconds>(Duration(static_cast<std::int64_t>(left_ms)));
    return left.count() > 0 ? words + fmt::format(", {} left", to_words(left)) : words;
}

TransferMeter::TransferMeter(Context& context, std::string name, std::int64_t begin_bytes, std::int64_t total_bytes)
    : context_(context),
      name_(std::move(name)),
      begin_bytes_(begin_bytes),
      total_bytes_(total_bytes),
      began_(context.deps.now()) {}

void TransferMeter::show(std::int64_t done_bytes) {
    constexpr Duration kPause = std::chrono::milliseconds(200);
    const Time now = context_.deps.now();
    if (now - shown_ < kPause) return;
    shown_ = now;
    context_.term.progress(fmt::format(
        "{}: {}", name_, transfer_in_words(done_bytes, total_bytes_, done_bytes - begin_bytes_, now - began_)));
}

void TransferMeter::pause(std::int64_t done_bytes, const std::string& why) {
    shown_ = Time{};
    context_.term.progress(
        fmt::format("{}: {} of {}; {}", name_, bytes_in_words(done_bytes), bytes_in_words(total_bytes_), why));
}

}  // namespace pintle::cli
