#include "api/change_feed.hpp"

#include <unordered_map>

#include "base/log.hpp"

namespace pintle::api {

/// The watchers. Shared with the hub's listener and with every Watch, so that none of them needs the feed.
struct ChangeFeed::Watch::Table {
    struct Entry {
        std::string subject;
        Watcher watcher;
        SteadyTime due;
    };

    void tell(std::uint64_t id, Why why) {
        Entry& entry = entries.at(id);
        if (why == Why::kDue) {
            deadlines.erase({entry.due, id});
            entry.due = SteadyTime::max();
        }
        entry.watcher(why);
    }
    void tell_subject(const std::string& subject) {
        const auto [begin, end] = subjects.equal_range(subject);
        for (auto at = begin; at != end; ++at) tell(at->second, Why::kChanged);
    }
    void tell_due(SteadyTime now) {
        while (!deadlines.empty() && deadlines.begin()->first <= now) tell(deadlines.begin()->second, Why::kDue);
    }

    std::mutex mu;
    std::condition_variable wake;
    // All guarded by mu.
    std::unordered_map<std::uint64_t, Entry> entries;
    std::unordered_multimap<std::string, std::uint64_t> subjects;
    std::set<std::pair<SteadyTime, std::uint64_t>> deadlines;
    std::uint64_t next_id = 1;
    bool changed = false;
    bool has_news = false;  // of the cluster, which is not in the change log
    bool stopping = false;
};

ChangeFeed::Watch& ChangeFeed::Watch::operator=(Watch&& other) noexcept {
    end();
    table_ = std::move(other.table_);
    id_ = other.id_;
    return *this;
}

void ChangeFeed::Watch::end() {
    const std::shared_ptr<Table> table = std::move(table_);
    if (!table) return;
    Watcher gone;  // What it holds is let go of outside the lock.
    const std::lock_guard lock(table->mu);
    const auto found = table->entries.find(id_);
    if (found == table->entries.end()) return;
    table->deadlines.erase({found->second.due, id_});
    const auto [begin, end] = table->subjects.equal_range(found->second.subject);
    for (auto at = begin; at != end; ++at) {
        if (at->second != id_) continue;
        table->subjects.erase(at);
        break;
    }
    gone = std::move(found->second.watcher);
    table->entries.erase(found);
}

ChangeFeed::ChangeFeed(runtime::ChangeHub& hub, runtime::ClusterNews& news, store::ReaderPool& readers)
    : readers_(readers), hub_(hub), news_(news), table_(std::make_shared<Watch::Table>()) {
    listening_ = hub.listen([table = table_](std::int64_t) {
        const std::lock_guard lock(table->mu);
        table->changed = true;
        table->wake.notify_one();
    });
    listening_to_news_ = news.listen([table = table_] {
        const std::lock_guard lock(table->mu);
        table->has_news = true;
        table->wake.notify_one();
    });
    // Nobody watches yet, so what happened until now need not be told.
    const auto newest = readers_.with([](store::StoreReader& reader) { return reader.changes_after(0, 1); });
    position_ = newest ? newest->last : 0;
    thread_ = std::thread([this] { run(); });
}

ChangeFeed::~ChangeFeed() {
    stop();
    // Watches that outlive the feed keep only an empty table.
    std::unordered_map<std::uint64_t, Watch::Table::Entry> entries;
    const std::lock_guard lock(table_->mu);
    entries.swap(table_->entries);
    table_->subjects.clear();
    table_->deadlines.clear();
}

ChangeFeed::Watch ChangeFeed::watch(const std::string& subject, Watcher watcher, SteadyTime due) {
    const std::lock_guard lock(table_->mu);
    if (table_->stopping) due = SteadyTime::min();
    const std::uint64_t id = table_->next_id++;
    table_->subjects.emplace(subject, id);
    if (due != SteadyTime::max()) table_->deadlines.emplace(due, id);
    table_->entries.emplace(id, Watch::Table::Entry{subject, std::move(watcher), due});
    if (table_->stopping) {
        table_->tell(id, Why::kDue);
    } else if (!table_->deadlines.empty() && table_->deadlines.begin()->second == id) {
        table_->wake.notify_one();
    }
    return Watch(table_, id);
}

void ChangeFeed::stop() {
    if (!thread_.joinable()) return;
    hub_.forget(listening_);
    news_.forget(listening_to_news_);
    {
        const std::lock_guard lock(table_->mu);
        table_->stopping = true;
        table_->wake.notify_one();
    }
    thread_.join();
    const std::lock_guard lock(table_->mu);
    std::vector<std::uint64_t> all;
    for (const auto& [id, entry] : table_->entries) all.push_back(id);
    for (const std::uint64_t id : all) table_->tell(id, Why::kDue);
}

bool ChangeFeed::take_changes() {
    constexpr std::size_t kBatch = 1000;
    for (;;) {
        const auto read =
            readers_.with([&](store::StoreReader& reader) { return reader.changes_after(position_, kBatch); });
        if (!read) {
            log::error("changes.read_failed", {{"reason", read.error().message}});
            return false;
        }
        const std::lock_guard lock(table_->mu);
        if (read->first_available > position_ + 1) {
            for (const auto& [subject, id] : table_->subjects) table_->tell(id, Why::kChanged);
        }
        for (const store::ChangeRecord& change : read->changes) table_->tell_subject(change.subject);
        if (!read->changes.empty()) table_->tell_subject("");
        position_ = read->changes.empty() ? read->last : read->changes.back().sequence;
        if (read->changes.size() < kBatch) return true;
    }
}

void ChangeFeed::run() {
    constexpr Duration kRetry{100};
    bool again = false;
    std::unique_lock lock(table_->mu);
    while (!table_->stopping) {
        SteadyTime until = table_->deadlines.empty() ? SteadyTime::max() : table_->deadlines.begin()->first;
        if (again) until = std::min(until, std::chrono::steady_clock::now() + kRetry);
        const auto due = [&] {
            const bool nearer = !table_->deadlines.empty() && table_->deadlines.begin()->first < until;
            return table_->stopping || table_->changed || table_->has_news || nearer;
        };
        // A far time overflows inside wait_until on some libraries, hence the two forms.
        if (until == SteadyTime::max()) {
            table_->wake.wait(lock, due);
        } else {
            table_->wake.wait_until(lock, until, due);
        }
        if (table_->stopping) return;
        table_->tell_due(std::chrono::steady_clock::now());
        if (std::exchange(table_->has_news, false)) table_->tell_subject("");
        if (!std::exchange(table_->changed, false) && !again) continue;
        lock.unlock();
        again = !take_changes();
        lock.lock();
    }
}

}  // namespace pintle::api
