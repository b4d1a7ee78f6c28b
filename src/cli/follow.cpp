#include "cli/follow.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <variant>

#include "base/bounded_queue.hpp"
#include "base/text.hpp"
#include "cli/log_stream.hpp"
#include "cli/queue_words.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

/// The job's log of itself; its states are shown already.
constexpr std::string_view kJobsOwnLog = "job";
constexpr std::size_t kQueue = 4096;
/// Short enough for a broken connection to show soon, long enough not to poll.
constexpr std::string_view kWait = "10s";

using FeedItem = std::variant<LogEvent, json::Value, Error>;

/// Reads a job's states and logs on two threads and hands them over in one queue. Any number of next() until both
/// ended; the destructor ends the threads.
class JobFeed {
public:
    JobFeed(const Context& context, const json::Value& job)
        : wish_(context.wish),
          env_(context.deps.env),
          sleep_(context.deps.sleep),
          id_(text_of(job, "id")),
          revision_(int_of(job, "revision")) {
        // A job that has ended has no news to wait for.
        if (!is_final_state(text_of(job, "state"))) states_ = std::thread([this] { read_states(); });
        logs_ = std::thread([this] { read_logs(); });
    }
    ~JobFeed() {
        queue_.close();
        if (states_.joinable()) states_.join();
        logs_.join();
    }
    JobFeed(const JobFeed&) = delete;
    JobFeed& operator=(const JobFeed&) = delete;

    [[nodiscard]] FeedItem next() { return queue_.pop().value(); }

private:
    /// Waits while the queue is full, so that a fast log is read no faster than it is shown.
    bool put(const FeedItem& item) {
        while (!queue_.push(item)) {
            if (queue_.closed()) return false;
            sleep_(std::chrono::milliseconds(5));
        }
        return true;
    }

    void read_states() {
        ApiClient api(wish_, env_);
        Patience patience(sleep_);
        while (!queue_.closed()) {
            const auto job = api.get(fmt::format("/jobs/{}?wait={}&after={}", segment(id_), kWait, revision_));
            if (job) {
                patience.restore();
                const bool news = int_of(*job, "revision") > revision_ || is_final_state(text_of(*job, "state"));
                revision_ = int_of(*job, "revision");
                if (news && !put(*job)) return;
                if (is_final_state(text_of(*job, "state"))) return;
            } else if (!is_passing(job.error()) || !patience.wait()) {
                put(job.error());
                return;
            } else {
                api.forget();
            }
        }
    }

    void read_logs() {
        ApiClient api(wish_, env_);
        const auto read = stream_log(api, id_, "all", std::nullopt, Patience(sleep_),
                                     [this](LogEvent event) { return put(std::move(event)); });
        if (!read) put(read.error());
    }

    const ServerWish wish_;
    const Environment env_;
    const std::function<void(Duration)> sleep_;
    const std::string id_;
    std::int64_t revision_;  // the states' thread only, once it runs
    BoundedQueue<FeedItem> queue_{kQueue};
    std::thread states_;
    std::thread logs_;
};

/// What is on the screen while following.
class Screen {
public:
    explicit Screen(Context& context)
        : context_(context),
          term_(context.term),
          shown_(!context.quiet && !context.structured()),
          logs_(context.term, {.raw = context.args.has("raw")}) {}

    void job(const json::Value& job) {
        if (!shown_) return;
        name_replicas(job);
        const std::string state = to_lower(text_of(job, "state"));
        if (state != state_) show_state(job, state);
        const std::string waiting = text_of(job, "waiting_reason");
        if (!waiting.empty() && waiting != waiting_) {
            end_line();
            term_.line("  " + term_.plain(waiting));
        }
        const std::string starts = forecast_in_words(job["forecast"], context_.deps.now(), false);
        if (!starts.empty() && starts != starts_) {
            end_line();
            term_.line("  starts " + term_.plain(starts));
        }
        starts_ = starts;
        waiting_ = waiting;
    }

    void log(const LogPiece& piece) {
        if (!shown_ || piece.replica == kJobsOwnLog) return;
        if (state_line_open_) end_line();
        term_.write(logs_.add(piece));
    }

    void lost(const std::string& why) {
        end_line();
        if (!context_.quiet)
            term_.error_line(
                term_.shown_as_error(fmt::format("{}; trying again for {}", why, to_words(Patience::kWhole))));
    }
    void back() {
        if (!context_.quiet) term_.error_line("connected again");
    }

    void ending(const json::Value& job) {
        end_line();
        if (context_.quiet) return;
        if (context_.structured()) return (void)show(context_, job, [] {});
        term_.line(ending_in_words(job, term_));
        if (text_of(job, "state") != "Error") return;
        term_.line(fmt::format("  look: pintle job show {}      logs: pintle logs {}",
                               term_.plain(text_of(job, "name")), term_.plain(text_of(job, "name"))));
    }

    /// Begins a new line where one is not finished.
    void end_line() {
        if (state_line_open_) term_.line();
        state_line_open_ = false;
        term_.write(logs_.finish());
    }

private:
    /// States grow on one line until something else has to be said.
    void show_state(const json::Value& job, const std::string& state) {
        state_ = state;
        if (is_final_state(text_of(job, "state"))) return;
        const std::string words = term_.styled(style_of_state(text_of(job, "state")), term_.plain(state));
        if (state_line_open_)
            term_.write(" → " + words);
        else
            term_.write(term_.styled(Style::kBold, term_.plain(text_of(job, "name"))) + "  " +
                        (any_state_ ? "→ " : "") + words);
        state_line_open_ = any_state_ = true;
        if (state != "running" && state != "training") return;
        if (const std::string replicas = replicas_in_words(job); !replicas.empty() && !placed_)
            term_.write("   " + term_.plain(replicas));
        placed_ = true;
        end_line();
    }

    void name_replicas(const json::Value& job) {
        if (!job["replicas"].is_array()) return;
        for (const json::Value& replica : job["replicas"].as_array()) logs_.announce(text_of(replica, "name"));
    }

    Context& context_;
    Terminal& term_;
    const bool shown_;
    std::string state_;
    std::string waiting_;
    std::string starts_;
    bool state_line_open_ = false;
    bool any_state_ = false;
    bool placed_ = false;
    LogLayout logs_;
};

std::string hint_for(const json::Value& job, const Terminal& term) {
    const std::string name = term.plain(text_of(job, "name"));
    return fmt::format("\n{} goes on. Watch it: pintle job follow {}      stop it: pintle job stop {}\n", name, name,
                       name);
}

}  // namespace

Result<int> follow_job(Context& context, json::Value job) {
    const DetachOnInterrupt detach(context.deps.handle_signals, hint_for(job, context.term));
    Screen screen(context);
    screen.job(job);
    JobFeed feed(context, job);
    bool final = is_final_state(text_of(job, "state"));
    bool all_shown = false;
    while (!(final && all_shown)) {
        FeedItem item = feed.next();
        if (const auto* error = std::get_if<Error>(&item)) {
            screen.end_line();
            return fail(*error);
        }
        if (auto* news = std::get_if<json::Value>(&item)) {
            job = std::move(*news);
            final = is_final_state(text_of(job, "state"));
            screen.job(job);
        } else {
            const auto& event = std::get<LogEvent>(item);
            switch (event.kind) {
                case LogEvent::Kind::kLine: screen.log(event.piece); break;
                case LogEvent::Kind::kLost: screen.lost(event.why); break;
                case LogEvent::Kind::kBack: screen.back(); break;
                case LogEvent::Kind::kEnd: all_shown = true; break;
            }
        }
        if (context.term.broken() != 0) return 0;
    }
    screen.ending(job);
    return exit_code_of_state(text_of(job, "state"));
}

}  // namespace pintle::cli
