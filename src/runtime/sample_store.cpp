#include "runtime/sample_store.hpp"

#include "os/file.hpp"
#include "series/sample_reader.hpp"

namespace pintle::runtime {

std::shared_ptr<SampleStore::Entry> SampleStore::entry(const std::string& folder) {
    return state_.with([&](State& state) {
        const auto found = state.entries.find(folder);
        if (found != state.entries.end()) {
            state.used.splice(state.used.begin(), state.used, found->second.second);
            return found->second.first;
        }
        // One that is being written to is in somebody's hands: it stays, and the next is looked at.
        for (auto last = state.used.end(); state.entries.size() >= kOpenMost && last != state.used.begin();) {
            --last;
            const auto oldest = state.entries.find(*last);
            if (oldest->second.first.use_count() > 1) continue;
            state.entries.erase(oldest);
            last = state.used.erase(last);
        }
        state.used.push_front(folder);
        auto made = std::make_shared<Entry>();
        state.entries.emplace(folder, std::pair(made, state.used.begin()));
        return made;
    });
}

Result<void> SampleStore::open(Entry& entry, const std::string& folder) {
    if (entry.writer) return {};
    auto writer = TRY(series::SampleWriter::open(folder));
    entry.reported.clear();
    for (const auto& each : TRY(series::SampleReader(folder).list())) {
        if (each.key.reported) entry.reported[each.key] = each.samples;
    }
    entry.writer = std::make_unique<series::SampleWriter>(std::move(writer));
    return {};
}

Result<void> SampleStore::add(const std::string& folder, const Batch& batch) {
    if (batch.empty()) return {};
    const auto mine = entry(folder);
    const std::lock_guard lock(mine->mu);
    TRY(open(*mine, folder));
    for (const auto& [key, sample] : batch) {
        mine->writer->append(key, sample);
        if (key.reported) ++mine->reported[key];
    }
    mine->writer->flush();
    return {};
}

Result<std::map<series::SeriesKey, std::uint64_t>> SampleStore::reported(const std::string& folder) {
    const auto mine = entry(folder);
    const std::lock_guard lock(mine->mu);
    TRY(open(*mine, folder));
    return mine->reported;
}

void SampleStore::drop_before(const std::string& folder, Time time) {
    if (!os::exists(folder)) return;
    const auto mine = entry(folder);
    const std::lock_guard lock(mine->mu);
    if (open(*mine, folder)) mine->writer->drop_before(time);
}

void SampleStore::close(const std::string& folder) {
    state_.with([&](State& state) {
        const auto found = state.entries.find(folder);
        if (found == state.entries.end()) return;
        state.used.erase(found->second.second);
        state.entries.erase(found);
    });
}

}  // namespace pintle::runtime
