#include "cli/commands/commands.hpp"
#include "cli/completion.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

/// Nobody waits longer for a suggestion.
constexpr Duration kPatience = std::chrono::seconds(2);
constexpr std::string_view kMostNames = "200";

std::vector<std::string> names_at(Context& context, const std::string& path, std::string_view key) {
    std::vector<std::string> names;
    const auto answer = context.api.call({.path = path, .timeout = kPatience});
    if (!answer || !(*answer)["items"].is_array()) return names;
    for (const json::Value& item : (*answer)["items"].as_array()) names.push_back(text_of(item, key));
    return names;
}

std::vector<std::string> projects(Context& context) {
    return names_at(context, fmt::format("/projects?limit={}", kMostNames), "name");
}
std::vector<std::string> jobs(Context& context) {
    return names_at(context, fmt::format("/jobs?limit={}", kMostNames), "name");
}

std::vector<std::string> tasks(Context& context) {
    std::vector<std::string> names;
    const auto answer = context.api.call({.path = fmt::format("/projects?limit={}", kMostNames), .timeout = kPatience});
    if (!answer || !(*answer)["items"].is_array()) return names;
    for (const json::Value& project : (*answer)["items"].as_array()) {
        if (!project["tasks"].is_array()) continue;
        for (const json::Value& task : project["tasks"].as_array())
            names.push_back(text_of(project, "name") + "/" + task.scalar_text().value_or(""));
    }
    return names;
}

std::vector<std::string> names_for(Context& context, const Completion& completion) {
    switch (completion.offer) {
        case Offer::kNothing: return {};
        case Offer::kFile: return {":files"};
        case Offer::kProject: return projects(context);
        case Offer::kTask: return tasks(context);
        case Offer::kJob: return jobs(context);
        case Offer::kProjectOrJob: {
            std::vector<std::string> names = projects(context);
            for (std::string& job : jobs(context)) names.push_back(std::move(job));
            return names;
        }
        case Offer::kUser: return names_at(context, fmt::format("/users?limit={}", kMostNames), "name");
        case Offer::kGroup: return names_at(context, "/groups", "name");
        case Offer::kPool: return names_at(context, "/pools", "name");
        case Offer::kStorage: return names_at(context, "/storages", "name");
        case Offer::kNode: return names_at(context, "/nodes", "name");
        case Offer::kDevice: return names_at(context, "/devices", "name");
        case Offer::kAccount: return names_at(context, "/accounts", "name");
        case Offer::kTemplate: return names_at(context, "/catalog", "name");
        case Offer::kSource:
            if (completion.positional.empty()) return {};
            return names_at(context, fmt::format("/projects/{}/sources", segment(completion.positional[0])), "name");
    }
    return {};
}

Result<int> run(Context& context) {
    std::vector<std::string> words = context.args.all("REST");
    if (!words.empty() && words.front() == "--") words.erase(words.begin());
    std::vector<CommandSpec> specs;
    for (const Command& command : context.commands) specs.push_back(command.spec);
    const Completion completion = complete(specs, global_options(), words);
    for (const Candidate& candidate : completion.words) {
        context.term.line(candidate.help.empty() ? candidate.word : candidate.word + "\t" + candidate.help);
    }
    for (const std::string& name : names_for(context, completion)) {
        if (name == ":files" || name.starts_with(completion.prefix)) context.term.line(context.term.plain(name));
    }
    return 0;
}

}  // namespace

Command complete_command() {
    return {{.words = {"complete"},
             .summary = "Print what could be typed next; for the completion scripts",
             .examples = {"pintle complete -- project sh"},
             .hidden = true,
             .takes_rest = true},
            run};
}

}  // namespace pintle::cli
