#include "domain/job_event.hpp"

#include "base/text.hpp"

namespace pintle::domain {
namespace {

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

std::string submitted_in_words(const event::Submitted& submitted) {
    std::string line = submitted.kind == JobKind::kComponent
                           ? std::string("The component is to run.")
                           : fmt::format("Submitted by {} as build {}.", submitted.by, submitted.build);
    if (!submitted.cloned_from.empty()) line += " It is a clone of an earlier job.";
    if (submitted.spec.image_ignored) {
        line +=
            " The engine is \"process\" because it was asked for: commands run on the host and the images that the "
            "task names are ignored.";
    }
    return line;
}

std::string admitted_in_words(const event::Admitted& admitted) {
    std::vector<std::string> places;
    for (const Placement& placement : admitted.placements) {
        std::string place = fmt::format("{} on {} ({})", placement.replica, placement.node, placement.address);
        for (const int device : placement.devices) place += fmt::format(" gpu {}", device);
        places.push_back(std::move(place));
    }
    return fmt::format("Resources allocated: {}.", join(places, ", "));
}

std::string prepared_in_words(const event::Prepared& prepared) {
    std::string line = "Sources are ready.";
    for (const auto& [source, revision] : prepared.preparation.revisions)
        line += fmt::format(" {} is at commit {}.", source, revision);
    return line + " Starting the replicas.";
}

std::string ended_in_words(const event::ReplicaEnded& ended) {
    const std::string message =
        ended.exit.message.empty() ? fmt::format("exit code {}", ended.exit.exit_code) : ended.exit.message;
    return fmt::format("{} has ended: {}.", ended.replica, message);
}

std::string properties_in_words(const event::PropertiesSet& set) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : set.properties) {
        parts.push_back(
            std::visit(Overload{[&, key = name](double number) { return fmt::format("{}={}", key, number); },
                                [&, key = name](bool flag) { return fmt::format("{}={}", key, flag); },
                                [&, key = name](const std::string& text) { return fmt::format("{}={}", key, text); }},
                       value));
    }
    return fmt::format("Reported: {}.", join(parts, ", "));
}

std::string with_reason(std::string_view text, const std::string& reason) {
    return reason.empty() ? fmt::format("{}.", text) : fmt::format("{}: {}", text, reason);
}

}  // namespace

std::string delay_in_words(const std::string& reason, int tries, Time since) {
    const std::string when = to_iso(since).substr(0, 19) + "Z";
    return tries <= 1 ? fmt::format("{}; it is tried again", reason)
                      : fmt::format("{}; tried {} times since {}, and again", reason, tries, when);
}

std::string_view kind_of(const JobEventBody& body) {
    return std::visit(
        Overload{[](const event::Submitted&) { return "submitted"; },
                 [](const event::GpusAwaited&) { return "gpus_awaited"; }, [](const event::Held&) { return "held"; },
                 [](const event::Released&) { return "released"; }, [](const event::Reordered&) { return "reordered"; },
                 [](const event::Regrouped&) { return "regrouped"; }, [](const event::Requeued&) { return "requeued"; },
                 [](const event::Admitted&) { return "admitted"; }, [](const event::Prepared&) { return "prepared"; },
                 [](const event::SourcesDelayed&) { return "sources_delayed"; },
                 [](const event::ReplicaStarted&) { return "replica_started"; },
                 [](const event::ReplicaEnded&) { return "replica_ended"; },
                 [](const event::ReplicaRetried&) { return "replica_retried"; },
                 [](const event::PropertiesSet&) { return "properties_set"; },
                 [](const event::EndBegun&) { return "end_begun"; }, [](const event::Ended&) { return "ended"; }},
        body);
}

std::string in_words(const JobEventBody& body) {
    return std::visit(
        Overload{[](const event::Submitted& e) { return submitted_in_words(e); },
                 [](const event::GpusAwaited& e) {
                     return fmt::format("Waiting for {}: {}", count_of(e.gpus, "GPU"), e.reason);
                 },
                 [](const event::Held& e) { return with_reason(fmt::format("Held by {}", e.by), e.reason); },
                 [](const event::Released& e) { return fmt::format("Released by {}.", e.by); },
                 [](const event::Reordered& e) {
                     return fmt::format("Given another place in the queue by {}; its priority is {}.", e.by,
                                        e.priority);
                 },
                 [](const event::Regrouped& e) { return with_reason("It queues elsewhere", e.reason); },
                 [](const event::Requeued& e) { return with_reason("It waits again", e.reason); },
                 [](const event::Admitted& e) { return admitted_in_words(e); },
                 [](const event::Prepared& e) { return prepared_in_words(e); },
                 [](const event::SourcesDelayed& e) { return delay_in_words(e.reason, e.tries, e.since) + "."; },
                 [](const event::ReplicaStarted& e) {
                     return fmt::format("{} is running{}.", e.replica,
                                        e.attempt > 1 ? fmt::format(" (attempt {})", e.attempt) : "");
                 },
                 [](const event::ReplicaEnded& e) { return ended_in_words(e); },
                 [](const event::ReplicaRetried& e) {
                     return fmt::format("{} is started again (attempt {}).", e.replica, e.attempt);
                 },
                 [](const event::PropertiesSet& e) { return properties_in_words(e); },
                 [](const event::EndBegun& e) {
                     return with_reason(e.by.empty() ? "Ending the job" : fmt::format("Stop asked for by {}", e.by),
                                        e.reason);
                 },
                 [](const event::Ended& e) {
                     return with_reason(fmt::format("The job is {}", to_string(e.state)), e.reason);
                 }},
        body);
}

}  // namespace pintle::domain
