#include "api/wait_history.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::api {
namespace {

using namespace domain;

/// What its own events tell.
struct OwnStory {
    Duration waited{};
    Time from{};            ///< Of the last wait.
    Time to{};              ///< 0 while it waits.
    bool started = false;   ///< The last wait ended with its resources.
    Time awaited_at{};      ///< When, in the last wait, it was its turn and GPUs were missing; 0: never.
    int gpus_awaited = 0;
    Time free_to_start{};   ///< From then on nothing but others kept it: the last release, or `from`.
    std::vector<HeldSpan> held;
    std::vector<RequeuedAt> requeues;
    std::vector<std::string> moved_by;
    std::string regrouped;  ///< Why it queues elsewhere.
};

void begin_wait(OwnStory& story, Time at) {
    story.from = story.free_to_start = at;
    story.to = story.awaited_at = {};
    story.started = false;
}

void end_hold(OwnStory& story, Time at) {
    if (story.held.empty() || story.held.back().to != Time{}) return;
    story.held.back().to = at;
    story.free_to_start = at;
}

void end_wait(OwnStory& story, Time at, bool started) {
    if (story.to != Time{}) return;
    story.waited += at - story.from;
    story.to = at;
    story.started = started;
    end_hold(story, at);
}

OwnStory story_of(const std::vector<JobEvent>& events) {
    OwnStory story;
    for (const JobEvent& happened : events) {
        const Time at = happened.at;
        if (std::holds_alternative<event::Submitted>(happened.body)) {
            begin_wait(story, at);
        } else if (const auto* held = std::get_if<event::Held>(&happened.body)) {
            end_hold(story, at);
            story.held.push_back({at, {}, held->by, held->reason});
        } else if (std::holds_alternative<event::Released>(happened.body)) {
            end_hold(story, at);
        } else if (const auto* awaited = std::get_if<event::GpusAwaited>(&happened.body)) {
            if (story.awaited_at == Time{}) story.awaited_at = at;
            story.gpus_awaited = awaited->gpus;
        } else if (const auto* moved = std::get_if<event::Reordered>(&happened.body)) {
            if (story.moved_by.empty() || story.moved_by.back() != moved->by) story.moved_by.push_back(moved->by);
        } else if (const auto* regrouped = std::get_if<event::Regrouped>(&happened.body)) {
            story.regrouped = regrouped->reason;
        } else if (const auto* requeued = std::get_if<event::Requeued>(&happened.body)) {
            story.requeues.push_back({at, requeued->reason});
            begin_wait(story, at);
        } else if (std::holds_alternative<event::Admitted>(happened.body)) {
            end_wait(story, at, true);
        } else if (std::holds_alternative<event::Ended>(happened.body)) {
            end_wait(story, at, false);
        }
    }
    return story;
}

bool goes_before(const PoolUser& user, const Job& job) {
    if (user.priority != job.wish.priority) return user.priority > job.wish.priority;
    return user.rank < job.rank;
}

// Somebody else's GPUs were free before it started only if their end is what it needed last; so they are counted from
// the last end backwards until the job's GPUs are together.
std::vector<PoolUser> blockers_of(const Job& job, const OwnStory& story, const std::vector<PoolUser>& users) {
    std::vector<PoolUser> ended;
    if (!story.started) return ended;
    for (const PoolUser& user : users) {
        const bool counts = job.gpus() == 0 || user.gpus > 0;
        if (counts && user.started_at < story.to && user.ended_at > story.free_to_start && user.ended_at <= story.to)
            ended.push_back(user);
    }
    std::sort(ended.begin(), ended.end(), [](const PoolUser& a, const PoolUser& b) {
        return std::tie(b.ended_at, a.rank, a.name) < std::tie(a.ended_at, b.rank, b.name);
    });
    int gpus = 0;
    std::size_t count = 0;
    while (count < ended.size() && (count == 0 || gpus < job.gpus())) gpus += ended[count++].gpus;
    ended.resize(count);
    return ended;
}

std::string in_words(const PoolUser& user) {
    return user.gpus == 0 ? user.name : fmt::format("{} ({})", user.name, count_of(user.gpus, "GPU"));
}

std::string hold_sentence(const HeldSpan& held) {
    return fmt::format("It was held by {} for {}{}{}.", held.by, to_words(held.to - held.from),
                       held.reason.empty() ? "" : ": ", held.reason);
}

// "a, b and c"
std::string enumeration(std::vector<std::string> parts) {
    if (parts.size() < 2) return join(parts, "");
    const std::string last = std::move(parts.back());
    parts.pop_back();
    return fmt::format("{} and {}", join(parts, ", "), last);
}

std::string blocker_sentence(const WaitHistory& history) {
    std::vector<std::string> parts;
    for (const PoolUser& blocker : history.blockers) parts.push_back(in_words(blocker));
    if (history.blockers_in_all > parts.size())
        parts.push_back(fmt::format("{} more", history.blockers_in_all - parts.size()));
    return fmt::format("It could start when {} ended.", enumeration(std::move(parts)));
}

// What happened while it waited, in the order in which people ask.
std::vector<std::string> tell_wait(const WaitHistory& history, const OwnStory& story) {
    std::vector<std::string> told;
    for (const RequeuedAt& requeue : story.requeues)
        told.push_back(fmt::format("It had to go back to the queue{}{}.", requeue.reason.empty() ? "" : ": ",
                                   requeue.reason));
    for (const HeldSpan& held : story.held) told.push_back(hold_sentence(held));
    if (!story.regrouped.empty()) told.push_back(fmt::format("It came into another queue: {}.", story.regrouped));
    if (!story.moved_by.empty())
        told.push_back(fmt::format("It was given another place in the queue by {}.", join(story.moved_by, ", ")));
    if (history.jobs_ahead > 0)
        told.push_back(fmt::format("{} ahead of it started first.", count_of(history.jobs_ahead, "job")));
    if (story.awaited_at != Time{}) {
        const Duration before = story.awaited_at - story.from;
        told.push_back(fmt::format("{} it was its turn, and it waited for {}.",
                                   before < std::chrono::seconds(1) ? "At once" : "After " + to_words(before),
                                   count_of(story.gpus_awaited, "GPU")));
    }
    if (!history.blockers.empty()) told.push_back(blocker_sentence(history));
    return told;
}

// Nobody is told that it started at once and then of what it waited for, however briefly.
std::string headline(const OwnStory& story, bool has_more_to_tell) {
    if (story.waited < std::chrono::seconds(1) && !has_more_to_tell)
        return story.started ? "It started at once." : "It ended at once, without having started.";
    const std::size_t waits = story.requeues.size() + 1;
    return fmt::format("It waited {}{}{}.", to_words(story.waited),
                       waits == 1 ? "" : fmt::format(" in all, in {} waits", waits),
                       story.started ? "" : ", and ended without having started");
}

void tell(WaitHistory& history, const OwnStory& story) {
    history.sentences = tell_wait(history, story);
    history.sentences.insert(history.sentences.begin(), headline(story, !history.sentences.empty()));
}

}  // namespace

std::optional<RequeuedAt> last_requeue(const std::vector<JobEvent>& events) {
    std::optional<RequeuedAt> last;
    for (const JobEvent& happened : events) {
        if (const auto* requeued = std::get_if<event::Requeued>(&happened.body)) last = {happened.at, requeued->reason};
    }
    return last;
}

Time last_wait_began(const Job& job, const std::vector<JobEvent>& events) {
    return events.empty() ? job.submitted_at : story_of(events).from;
}

WaitHistory wait_history(const Job& job, const std::vector<JobEvent>& events, std::vector<PoolUser> users) {
    std::erase_if(users, [&](const PoolUser& user) { return user.job == job.id; });
    OwnStory story = story_of(events);
    WaitHistory history;
    history.waited = story.waited;
    history.jobs_ahead = static_cast<int>(std::count_if(users.begin(), users.end(), [&](const PoolUser& user) {
        return user.started_at >= story.from && user.started_at <= story.to && goes_before(user, job);
    }));
    history.blockers = blockers_of(job, story, users);
    history.blockers_in_all = history.blockers.size();
    if (history.blockers.size() > kPastBlockersMost) history.blockers.resize(kPastBlockersMost);
    history.held = story.held;
    history.requeues = story.requeues;
    tell(history, story);
    return history;
}

}  // namespace pintle::api
