#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/follow.hpp"
#include "cli/log_layout.hpp"
#include "cli/log_pages.hpp"
#include "cli/log_stream.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

/// The job's log of itself, shown only when asked for by name.
constexpr std::string_view kJobsOwnLog = "job";

/// Where lines go: standard output, or a file as it grows.
class Sink {
public:
    static Result<Sink> open(Context& context, bool named) {
        const Arguments& args = context.args;
        Sink sink(context, {named, args.has("times"), args.has("raw"), args.has("output")});
        if (!args.has("output")) return sink;
        sink.path_ = args.get("output");
        sink.file_ = os::UniqueFd(::open(sink.path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (!sink.file_) return fail(os::errno_error("write", sink.path_, errno));
        return sink;
    }

    [[nodiscard]] LogLayout& layout() { return layout_; }
    Result<void> line(const LogPiece& piece) { return bytes(layout_.add(piece)); }
    Result<void> finish() { return bytes(layout_.finish()); }

    Result<void> bytes(std::string_view text) {
        if (!file_) {
            context_.term.write(text);
            return {};
        }
        while (!text.empty()) {
            const ssize_t put = ::write(file_.get(), text.data(), text.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return fail(os::errno_error("write", path_, errno));
            text.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

private:
    Sink(Context& context, LogLayout::Options options) : context_(context), layout_(context.term, options) {}

    Context& context_;
    LogLayout layout_;
    std::string path_;
    os::UniqueFd file_;
};

LogWish wish_of(const Arguments& args) {
    return {args.number("from-line"), args.number("tail"), args.get("grep"), args.has("ignore-case")};
}

/// The replicas whose logs are wanted.
Result<std::vector<std::string>> replicas_of(Context& context) {
    if (context.args.has("replica")) return std::vector{context.args.get("replica")};
    const auto page = TRY(context.api.whole_list(job_path(context) + "/logs"));
    std::vector<std::string> names;
    for (const json::Value& log : page.items.as_array()) {
        if (text_of(log, "replica") != kJobsOwnLog) names.push_back(text_of(log, "replica"));
    }
    return names;
}

/// Hands over the lines of all replicas in the order of their times.
template <class OnLine>
Result<void> merge(std::vector<LogPages>& logs, const OnLine& on_line) {
    while (true) {
        LogPages* first = nullptr;
        std::string first_at;
        for (LogPages& log : logs) {
            const LogPages::Line* line = TRY(log.peek());
            if (line == nullptr || (first != nullptr && line->piece.at >= first_at)) continue;
            first = &log;
            first_at = line->piece.at;
        }
        if (first == nullptr) return {};
        const bool more = TRY(on_line(first->take()));
        if (!more) return {};
    }
}

Result<int> print_structured(Context& context, std::vector<LogPages>& logs) {
    json::Value items = json::Value::array();
    TRY(merge(logs, [&](const LogPages::Line& line) -> Result<bool> {
        const LogPiece& piece = line.piece;
        items.push(json::Value::object({{"replica", piece.replica},
                                        {"line", line.number},
                                        {"at", piece.at},
                                        {"text", piece.text},
                                        {"starts", piece.starts},
                                        {"ends", piece.ends}}));
        return true;
    }));
    return show(context, json::Value::object({{"items", items}}), [] {});
}

/// The server sends a whole log faster than its lines.
Result<int> download(Context& context, const std::string& replica) {
    Sink sink = TRY(Sink::open(context, false));
    Result<void> written;
    TRY(context.api.stream({.path = fmt::format("{}/logs/{}?download=1", job_path(context), segment(replica))},
                           Duration(0), [&](std::string_view chunk) {
                               written = sink.bytes(chunk);
                               return written.has_value();
                           }));
    TRY(std::move(written));
    if (!context.quiet) context.term.line(context.term.plain("written to " + context.args.get("output")));
    return 0;
}

Result<int> print_logs(Context& context) {
    const Arguments& args = context.args;
    const std::vector<std::string> replicas = TRY(replicas_of(context));
    const bool whole = !args.has("tail") && !args.has("from-line") && !args.has("grep") && !args.has("times");
    if (args.has("output") && replicas.size() == 1 && whole) return download(context, replicas[0]);
    std::vector<LogPages> logs;
    for (const std::string& replica : replicas) logs.emplace_back(context.api, args.get("JOB"), replica, wish_of(args));
    if (context.structured()) return print_structured(context, logs);
    Sink sink = TRY(Sink::open(context, replicas.size() > 1));
    for (const std::string& replica : replicas) sink.layout().announce(replica);
    const auto printed = merge(logs, [&](const LogPages::Line& line) -> Result<bool> {
        TRY(sink.line(line.piece));
        return context.term.broken() == 0;
    });
    if (!printed) return fail(printed.error());
    TRY(sink.finish());
    if (args.has("output") && !context.quiet) {
        context.term.line(context.term.plain("written to " + args.get("output")));
    }
    return 0;
}

Result<int> follow_logs(Context& context) {
    const Arguments& args = context.args;
    if (args.has("grep"))
        return fail(ErrorCode::kInvalid,
                    "--grep does not go with --follow; pipe into grep instead: pintle logs {} -f | grep TEXT",
                    args.get("JOB"));
    if (args.has("from-line")) return fail(ErrorCode::kInvalid, "--from-line does not go with --follow; use --tail");
    std::string replica = args.get("replica");
    std::vector<std::string> names;
    if (replica.empty()) {
        const json::Value job = TRY(context.api.get(job_path(context)));
        for (std::size_t i = 0; i < job["replicas"].size(); ++i) names.push_back(text_of(job["replicas"][i], "name"));
        replica = names.size() == 1 ? names[0] : "all";
    }
    Sink sink = TRY(Sink::open(context, replica == "all"));
    for (const std::string& name : names) sink.layout().announce(name);
    Terminal& term = context.term;
    Result<void> written;
    TRY(stream_log(context.api, args.get("JOB"), replica, args.number("tail"), Patience(context.deps.sleep),
                   [&](const LogEvent& event) {
                       const bool own = event.piece.replica == kJobsOwnLog && replica != kJobsOwnLog;
                       switch (event.kind) {
                           case LogEvent::Kind::kLine: written = own ? Result<void>() : sink.line(event.piece); break;
                           case LogEvent::Kind::kLost:
                               term.error_line(term.shown_as_error(
                                   fmt::format("{}; trying again for {}", event.why, to_words(Patience::kWhole))));
                               break;
                           case LogEvent::Kind::kBack: term.error_line("connected again"); break;
                           case LogEvent::Kind::kEnd: break;
                       }
                       return written.has_value() && term.broken() == 0;
                   }));
    TRY(std::move(written));
    TRY(sink.finish());
    return 0;
}

}  // namespace

Command logs_command() {
    return {
        {.words = {"logs"},
         .summary = "Print or follow the logs of a job",
         .details =
             "Without --replica the lines of all replicas, in the order of their times, each after its replica.\n"
             "The job's log of itself is the replica \"job\". On a terminal, control characters other than\n"
             "colours are shown as ^X; elsewhere lines are as they were written.",
         .positionals = {job_argument()},
         .options = {{.name = "follow", .letter = 'f', .help = "go on until the job ends"},
                     {.name = "replica", .letter = 'r', .value = "REPLICA", .help = "only this one, such as worker-0"},
                     {.name = "grep", .value = "RE", .help = "only lines that match this regular expression"},
                     {.name = "ignore-case", .letter = 'i', .help = "for --grep"},
                     {.name = "tail",
                      .letter = 'n',
                      .value = "N",
                      .help = "only the last N lines of each replica",
                      .range = std::pair{1, 10'000}},
                     {.name = "from-line",
                      .value = "N",
                      .help = "from this line of each replica on",
                      .range = std::pair{1, 1'000'000'000'000}},
                     {.name = "times", .letter = 't', .help = "the time before each line"},
                     {.name = "output", .value = "FILE", .help = "write it there, raw", .offer = Offer::kFile},
                     raw_option()},
         .examples = {"pintle logs digits/train:3 -f",
                      "pintle logs digits/train:3 --replica worker-0 --grep 'loss [0-9]' --tail 20"}},
        [](Context& context) -> Result<int> {
            return context.args.has("follow") ? follow_logs(context) : print_logs(context);
        }};
}

}  // namespace pintle::cli
