#include "api/discretion.hpp"

#include <algorithm>

#include "api/access.hpp"

namespace pintle::api {
namespace {

bool is_name_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/' || c == ':';
}

// "digits/train:3", as Job::display_name() writes it.
bool looks_like_job_name(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::size_t colon = text.find(':');
    if (slash == 0 || slash == std::string_view::npos || colon == std::string_view::npos || colon < slash + 2)
        return false;
    const std::string_view build = text.substr(colon + 1);
    const bool is_build =
        build == domain::kComponentBuild || build.find_first_not_of("0123456789") == std::string_view::npos;
    return !build.empty() && is_build &&
           text.find('/', slash + 1) == std::string_view::npos;
}

}  // namespace

std::string discreet_text(const std::string& text, const SeesName& sees_name) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name_part(text[end])) ++end;
        std::string word = text.substr(at, end - at);
        // A colon behind a name is the sentence's.
        while (!word.empty() && word.back() == ':') word.pop_back();
        const bool hides = looks_like_job_name(word) && !sees_name(word);
        result += hides ? std::string(kHiddenJob) : word;
        at += word.size();
        if (word.empty()) result += text[at++];
    }
    return result;
}

scheduling::Explanation discreet(scheduling::Explanation explanation, const SeesJob& sees_job,
                                 const SeesName& sees_name) {
    for (scheduling::Blocker& blocker : explanation.waits_for) {
        if (sees_job(blocker.id)) continue;
        blocker.id = {};
        blocker.name = kHiddenJob;
    }
    explanation.reason = discreet_text(explanation.reason, sees_name);
    for (scheduling::Remedy& remedy : explanation.remedies) remedy.text = discreet_text(remedy.text, sees_name);
    return explanation;
}

bool may_know_live(const core::Core& core, const auth::Identity& identity, const domain::JobId& id) {
    if (identity.operates()) return true;
    const auto job = core.find_job(id);
    const domain::Project* project = job ? core.find_project(job->project_id) : nullptr;
    if (project == nullptr) return false;
    const auto owner = core.users().find(project->owner);
    const domain::GroupId group = owner == core.users().end() ? domain::kDefaultGroup : owner->second.group;
    return auth::may_know(identity, {project->id, project->owner, group, job->id, job->owner});
}

void Discretion::look(const core::Core& core, const scheduling::Explanation& explanation) {
    for (const scheduling::Blocker& blocker : explanation.waits_for) {
        if (!may_know_live(core, call_.identity, blocker.id)) continue;
        seen_.insert(blocker.id);
        seen_names_.insert(blocker.name);
    }
}

scheduling::Explanation Discretion::apply(scheduling::Explanation explanation) const {
    if (call_.identity.operates()) return explanation;
    return discreet(
        std::move(explanation), [this](const domain::JobId& id) { return seen_.count(id) > 0; },
        [this](const std::string& name) { return sees_name(name); });
}

std::string Discretion::apply(const std::string& text) const {
    if (call_.identity.operates()) return text;
    return discreet_text(text, [this](const std::string& name) { return sees_name(name); });
}

// Those that it does not wait for are rarely named; they are looked for as if the caller had named them.
bool Discretion::sees_name(const std::string& name) const {
    return name == own_name_ || seen_names_.count(name) > 0 || find_job(call_, name).has_value();
}

}  // namespace pintle::api
