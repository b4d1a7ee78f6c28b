#include "api/job_log.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::api {

std::string line_of(const domain::JobEvent& event) {
    std::string text = to_valid_utf8(domain::in_words(event.body));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
}

Result<std::vector<OwnLine>> read_own_log(store::ReaderPool& readers, const domain::JobId& job, std::int64_t after,
                                          std::size_t limit) {
    const std::size_t most = std::clamp<std::size_t>(limit, 1, store::kPageMost);
    const auto events =
        TRY(readers.with([&](store::StoreReader& reader) { return reader.job_events(job, after, most); }));
    std::vector<OwnLine> lines;
    for (const domain::JobEvent& event : events) lines.push_back({event.sequence, event.at, line_of(event)});
    return lines;
}

}  // namespace pintle::api
