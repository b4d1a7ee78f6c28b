#include "api/access.hpp"

#include <algorithm>
#include <limits>

#include "auth/cookie.hpp"
#include "auth/host.hpp"
#include "auth/secret.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

constexpr Duration kLongestWait = std::chrono::seconds(60);

Error no_project(const std::string& name) {
    return Error{
        ErrorCode::kNotFound, fmt::format("there is no project \"{}\"", to_valid_utf8(name.substr(0, 100))), {}, {}};
}

// A project's name alone is that of one's own group, and only operators may know of another's.
std::string hint_for_job(const auth::Identity& identity, const std::string& name) {
    if (looks_like_ulid(name)) return "";
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) return "; a job is named by its id or as project/task:build";
    if (!identity.operates() || name.find(':') < slash) return "";
    return fmt::format("; another group's is named GROUP:{}", to_valid_utf8(name.substr(0, 200)));
}

Error no_job(const auth::Identity& identity, const std::string& name) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no job \"{}\"{}", to_valid_utf8(name.substr(0, 200)),
                             hint_for_job(identity, name)),
                 {},
                 {}};
}

using ProjectFound = Result<std::optional<domain::Project>>;

/// Whose the project and the job are. What belongs to nobody yet is in the Default Group.
Result<auth::Subject> subject_of(store::StoreReader& reader, const domain::Project& project, const domain::Job* job) {
    auth::Subject subject;
    subject.project = project.id;
    subject.owner = project.owner;
    const auto owner = TRY(reader.find_user(project.owner));
    subject.group = owner ? owner->group : domain::kDefaultGroup;
    if (job != nullptr) {
        subject.job = job->id;
        subject.job_owner = job->owner;
    }
    return subject;
}

// "research:digits": the project of that name in that group.
ProjectFound look_up_in_group(store::StoreReader& reader, const std::string& group, const std::string& name) {
    for (const domain::Group& candidate : TRY(reader.list_groups())) {
        if (candidate.name == group) return reader.find_project_named(name, candidate.id);
    }
    return std::optional<domain::Project>();
}

// A name means the project of one's own group; for operators also the only one of that name elsewhere.
ProjectFound look_up_named(store::StoreReader& reader, const auth::Identity& identity, const std::string& name) {
    using Scope = store::Viewer::Scope;
    auto visible = TRY(reader.find_projects_named(name, {identity.user, identity.group, Scope::kAll}));
    if (visible.empty() && identity.operates()) visible = TRY(reader.find_projects_named(name, store::kEverything));
    if (visible.empty() && identity.kind == auth::Identity::Kind::kJob) {
        auto own = TRY(reader.find_project(identity.project));
        if (own && own->spec.name == name) return own;
    }
    if (visible.empty()) return std::optional<domain::Project>();
    const bool own_group = visible.front().home == identity.group;
    if (visible.size() > 1 && !own_group)
        return fail(ErrorCode::kConflict, "several groups have a project \"{}\"; say which as GROUP:{}", name, name);
    return std::optional(std::move(visible.front()));
}

ProjectFound look_up_project(store::StoreReader& reader, const auth::Identity& identity,
                             const std::string& name_or_id) {
    // A name has no capitals and an id has no small letters.
    if (looks_like_ulid(name_or_id)) {
        auto found = TRY(reader.find_project(domain::ProjectId(name_or_id)));
        if (found) return found;
    }
    const std::size_t colon = name_or_id.find(':');
    if (colon == std::string::npos) return look_up_named(reader, identity, name_or_id);
    return look_up_in_group(reader, name_or_id.substr(0, colon), name_or_id.substr(colon + 1));
}

struct JobName {
    std::string project;
    std::string task;
    int build = 0;  ///< 0: of a component.
};

std::optional<JobName> parse_job_name(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::size_t colon = text.rfind(':');
    if (slash == std::string::npos) return std::nullopt;
    if (colon == std::string::npos || colon < slash) return JobName{text.substr(0, slash), text.substr(slash + 1), 0};
    if (text.substr(colon + 1) == domain::kComponentBuild)
        return JobName{text.substr(0, slash), text.substr(slash + 1, colon - slash - 1), 0};
    const auto build = parse_int(text.substr(colon + 1));
    if (!build || *build < 1 || *build > std::numeric_limits<int>::max()) return std::nullopt;
    return JobName{text.substr(0, slash), text.substr(slash + 1, colon - slash - 1), static_cast<int>(*build)};
}

// The job that runs it, or ran it last.
Result<std::optional<domain::Job>> look_up_component_job(store::StoreReader& reader, const domain::ProjectId& project,
                                                         const std::string& name) {
    const auto record = TRY(reader.find_component(project, name));
    if (!record || (record->job.empty() && record->ended.empty())) return std::optional<domain::Job>();
    return reader.find_job(record->job.empty() ? record->ended.back() : record->job);
}

Result<std::optional<domain::Job>> look_up_job(store::StoreReader& reader, const auth::Identity& identity,
                                               const std::string& text) {
    if (looks_like_ulid(text)) return reader.find_job(domain::JobId(text));
    const auto name = parse_job_name(text);
    if (!name) return std::optional<domain::Job>();
    const auto project = TRY(look_up_project(reader, identity, name->project));
    if (!project) return std::optional<domain::Job>();
    if (name->build == 0) return look_up_component_job(reader, project->id, name->task);
    auto job = TRY(reader.find_job(project->id, name->build));
    if (job && job->spec.task.name != name->task) job.reset();
    return job;
}

Result<void> check_value(const QueryParam& param, const std::string& value) {
    const auto expected = [&](const std::string& what) {
        return fail(Error{ErrorCode::kInvalid,
                          fmt::format("the parameter {}: expected {}, got \"{}\"", param.name, what,
                                      to_valid_utf8(value.substr(0, 100))),
                          {{std::string(param.name), "expected " + what, 0, 0}},
                          {}});
    };
    switch (param.type) {
        case QueryParam::Type::kText: return {};
        case QueryParam::Type::kFlag: {
            if (value == "1" || value == "true" || value == "0" || value == "false") return {};
            return expected("true or false");
        }
        case QueryParam::Type::kWhole: {
            const auto number = parse_int(value);
            if (number && *number >= param.min && *number <= param.max) return {};
            return expected(fmt::format("a whole number from {} to {}", param.min, param.max));
        }
        case QueryParam::Type::kWords: {
            const auto words = split(param.words, '|');
            if (std::find(words.begin(), words.end(), value) != words.end()) return {};
            return expected("one of " + join(words, ", "));
        }
        case QueryParam::Type::kWait: {
            const auto wait = parse_wait(value);
            if (wait && *wait <= kLongestWait) return {};
            return expected("a time of at most 60s, such as 30s or 500ms");
        }
    }
    unreachable();
}

}  // namespace

Result<void> check_host(const net::Request& request, const std::vector<std::string>& host_names) {
    return auth::check_host(request.headers.get("Host"), host_names);
}

namespace {

using Kind = auth::Identity::Kind;
using Via = auth::Identity::Via;

void describe_user(auth::Identity& identity, const domain::User& user) {
    identity.user = user.id;
    identity.name = user.name;
    identity.role = user.role;
    identity.group = user.group;
}

Result<auth::Identity> identify_local(store::StoreReader& reader, auth::Identity identity) {
    identity.name = "operator";
    identity.role = domain::Role::kOperator;
    if (const auto first = TRY(reader.find_first_operator())) describe_user(identity, *first);
    return identity;
}

Result<auth::Identity> identify_job(store::StoreReader& reader, auth::Identity identity) {
    const auto job = TRY(reader.find_job(identity.job));
    if (!job || job->project_id != identity.project || domain::is_final(job->state))
        return fail(ErrorCode::kUnauthorized, "the token belongs to a job that has ended");
    identity.name = "job " + job->display_name();
    identity.user = job->owner;
    if (const auto owner = TRY(reader.find_user(job->owner))) identity.group = owner->group;
    return identity;
}

Result<auth::Identity> identify_token(store::StoreReader& reader, std::string_view text, Time now) {
    const auto found = TRY(reader.find_token(auth::secret_hash(text)));
    if (!found)
        return fail(ErrorCode::kUnauthorized, "the access token is not known to this server; it may have been revoked");
    if (found->token.expires_at != Time{} && found->token.expires_at <= now)
        return fail(ErrorCode::kUnauthorized, "the access token \"{}\" expired on {}; make a new one",
                    found->token.name, to_iso(found->token.expires_at));
    auth::Identity identity;
    identity.kind = Kind::kUser;
    identity.via = Via::kToken;
    identity.scopes = found->token.scopes;
    identity.token_name = found->token.name;
    identity.token_hash = found->token.hash;
    describe_user(identity, found->user);
    return identity;
}

Result<auth::Identity> identify_bearer(const ApiDeps& deps, std::string_view text) {
    return deps.readers.with([&](store::StoreReader& reader) -> Result<auth::Identity> {
        if (text.starts_with(auth::kPersonalTokenPrefix)) {
            if (!auth::looks_like_secret(auth::kPersonalTokenPrefix, text))
                return fail(ErrorCode::kUnauthorized, "this is not a whole access token; copy it again");
            return identify_token(reader, text, deps.clock.now());
        }
        auth::Identity known = TRY(deps.tokens.identify(text));
        return known.kind == Kind::kJob ? identify_job(reader, std::move(known))
                                        : identify_local(reader, std::move(known));
    });
}

bool changes_nothing(const net::Request& request) { return request.method == "GET" || request.method == "HEAD"; }

/// Another site's page can make a browser send the cookie, but not read the session's second secret.
Result<void> check_own_page(const net::Request& request, const domain::Session& session) {
    if (changes_nothing(request)) return {};
    TRY(auth::same_origin(request.headers, request.headers.get("Host")));
    if (request.headers.get("X-CSRF-Token") == session.csrf) return {};
    return fail(ErrorCode::kDenied, "the request does not carry this session's X-CSRF-Token; load the page again");
}

/// A cookie that is no good any more is the same as none: its browser has to sign in again.
Result<auth::Identity> identify_cookie(const ApiDeps& deps, const net::Request& request) {
    const auto cookie = auth::find_cookie(request.headers, kSessionCookie);
    if (!cookie || !auth::looks_like_secret(auth::kSessionPrefix, *cookie)) return auth::Identity{};
    const auto found = TRY(deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_session(auth::secret_hash(*cookie)); }));
    if (!found || found->session.expires_at <= deps.clock.now()) return auth::Identity{};
    TRY(check_own_page(request, found->session));
    auth::Identity identity;
    identity.kind = Kind::kUser;
    identity.via = Via::kSession;
    identity.session_hash = found->session.hash;
    describe_user(identity, found->user);
    return identity;
}

}  // namespace

Result<auth::Identity> identify(const ApiDeps& deps, const net::Request& request) {
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view header = trim(request.headers.get("Authorization"));
    if (header.empty()) return identify_cookie(deps, request);
    if (to_lower(header.substr(0, kScheme.size())) != kScheme) {
        return fail(ErrorCode::kUnauthorized, "the Authorization header is not of the form \"Bearer TOKEN\"");
    }
    return identify_bearer(deps, trim(header.substr(kScheme.size())));
}

// Addresses end up in logs, histories and the Referer of other sites.
Result<void> check_no_secret(const net::QueryParams& query) {
    for (const auto& [name, value] : query) {
        const bool is_named = name == "token" || name == "access_token" || name == "password";
        bool is_secret = false;
        for (const std::string_view prefix : {"ppt_", "pot_", "pjt_", "pse_", "pin_"}) {
            is_secret = is_secret || value.starts_with(prefix);
        }
        if (is_named || is_secret)
            return fail(ErrorCode::kInvalid,
                        "a token or password does not belong into an address, where logs and histories keep it; send "
                        "it as \"Authorization: Bearer TOKEN\", and revoke this one if others may have seen it");
    }
    return {};
}

Result<void> check_query(const Route& route, const net::QueryParams& query) {
    std::vector<std::string> seen;
    for (const auto& [name, value] : query) {
        const auto known = std::find_if(route.query.begin(), route.query.end(),
                                        [&, key = name](const QueryParam& param) { return param.name == key; });
        if (known == route.query.end() && route.foreign_query) continue;
        if (known == route.query.end()) {
            std::vector<std::string> names;
            for (const QueryParam& param : route.query) names.emplace_back(param.name);
            const auto near = nearest(name, names);
            const std::string hint = near            ? fmt::format("; did you mean {}?", *near)
                                     : names.empty() ? "; this request takes none"
                                                     : "; there are: " + join(names, ", ");
            const std::string shown = to_valid_utf8(name.substr(0, 100));
            return fail(Error{ErrorCode::kInvalid,
                              fmt::format("unknown parameter \"{}\"{}", shown, hint),
                              {{shown, "unknown parameter", 0, 0}},
                              {}});
        }
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return fail(ErrorCode::kInvalid, "the parameter {} is given twice", name);
        seen.push_back(name);
        TRY(check_value(*known, value));
    }
    return {};
}

namespace {

struct ProjectKnown {
    domain::Project project;
    auth::Subject subject;
};

Result<std::optional<ProjectKnown>> know_project(Call& call, const std::string& name_or_id) {
    using Known = std::optional<ProjectKnown>;
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<Known> {
        auto found = TRY(look_up_project(reader, call.identity, name_or_id));
        if (!found) return Known();
        auth::Subject subject = TRY(subject_of(reader, *found, nullptr));
        if (!auth::may_know(call.identity, subject)) return Known();
        return Known(ProjectKnown{std::move(*found), std::move(subject)});
    });
}

struct JobKnown {
    domain::Job job;
    std::string project_name;
    auth::Subject subject;
};

Result<std::optional<JobKnown>> know_job(Call& call, const std::string& name_or_id) {
    using Known = std::optional<JobKnown>;
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<Known> {
        auto found = TRY(look_up_job(reader, call.identity, name_or_id));
        if (!found) return Known();
        const auto project = TRY(reader.find_project(found->project_id));
        if (!project) return Known();
        auth::Subject subject = TRY(subject_of(reader, *project, &*found));
        if (!auth::may_know(call.identity, subject)) return Known();
        return Known(JobKnown{std::move(*found), project->spec.name, std::move(subject)});
    });
}

using AccountFound = Result<std::optional<domain::Account>>;

// A name means one's own account, then one of one's group; for operators also the only one of that name elsewhere.
AccountFound look_up_account(store::StoreReader& reader, const auth::Identity& identity,
                             const std::string& name_or_id) {
    using Found = std::optional<domain::Account>;
    if (looks_like_ulid(name_or_id)) {
        if (auto found = TRY(reader.find_account(domain::AccountId(name_or_id)))) return found;
    }
    const auto named = [&](std::vector<domain::Account> accounts) {
        std::erase_if(accounts, [&](const domain::Account& account) { return account.name != name_or_id; });
        return accounts;
    };
    auto known = named(TRY(reader.list_accounts({identity.user, identity.group, store::Viewer::Scope::kAll})));
    if (!known.empty()) return Found(std::move(known.front()));
    if (!identity.operates()) return Found();
    known = named(TRY(reader.list_accounts(store::kEverything)));
    if (known.size() > 1)
        return fail(ErrorCode::kConflict, "there are {} accounts named \"{}\"; say which by its id", known.size(),
                    name_or_id);
    return known.empty() ? Found() : Found(std::move(known.front()));
}

Result<void> resolve_account(Call& call, const std::string& name_or_id) {
    auto found = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return look_up_account(reader, call.identity, name_or_id); }));
    if (found) {
        call.subject.account = found->id;
        call.subject.account_owner = found->owner;
        call.subject.account_group = found->group;
    }
    if (!found || !auth::may_know(call.identity, call.subject))
        return fail(ErrorCode::kNotFound, "there is no account \"{}\"", to_valid_utf8(name_or_id.substr(0, 100)));
    call.account = std::move(*found);
    return {};
}

Result<void> resolve(Call& call) {
    for (const auto& [name, value] : call.params) {
        if (name == "project") {
            auto known = TRY(know_project(call, value));
            if (!known) return fail(no_project(value));
            call.project_name = known->project.spec.name;
            call.project = std::move(known->project);
            call.subject = std::move(known->subject);
        } else if (name == "job") {
            auto known = TRY(know_job(call, value));
            if (!known) return fail(no_job(call.identity, value));
            call.project_name = std::move(known->project_name);
            call.job = std::move(known->job);
            call.subject = std::move(known->subject);
        } else if (name == "account" && call.identity.kind == Kind::kUser) {
            TRY(resolve_account(call, value));
        }
    }
    return {};
}

}  // namespace

Result<domain::Project> find_project(Call& call, const std::string& name_or_id) {
    auto known = TRY(know_project(call, name_or_id));
    if (!known) return fail(no_project(name_or_id));
    return std::move(known->project);
}

Result<domain::Project> find_project_to(Call& call, const std::string& name_or_id, auth::Permission permission) {
    auto known = TRY(know_project(call, name_or_id));
    if (!known) return fail(no_project(name_or_id));
    if (!auth::may(call.identity, permission, known->subject))
        return fail(ErrorCode::kDenied, "{}", auth::why_not(call.identity, permission));
    return std::move(known->project);
}

Result<domain::Job> find_job(Call& call, const std::string& name_or_id) {
    auto known = TRY(know_job(call, name_or_id));
    if (!known) return fail(no_job(call.identity, name_or_id));
    return std::move(known->job);
}

Result<std::optional<auth::Subject>> subject_of_project(store::StoreReader& reader, const domain::ProjectId& id) {
    const auto project = TRY(reader.find_project(id));
    if (!project) return std::optional<auth::Subject>();
    return std::optional(TRY(subject_of(reader, *project, nullptr)));
}

Result<void> check_known(const auth::Identity& identity, const Route* route) {
    if (identity.kind != auth::Identity::Kind::kNobody) return {};
    if (route != nullptr && route->permission == auth::Permission::kOpen) return {};
    return fail(ErrorCode::kUnauthorized, "sign in first, or send an access token as \"Authorization: Bearer TOKEN\"");
}

Result<void> resolve_and_permit(Call& call) {
    const auth::Permission permission = *call.route->permission;
    TRY(resolve(call));
    if (auth::may(call.identity, permission, call.subject)) return {};
    return fail(ErrorCode::kDenied, "{}", auth::why_not(call.identity, permission));
}

bool may_open(const auth::Identity& identity, const auth::Subject& subject, bool shared) {
    if (identity.kind != auth::Identity::Kind::kUser) return false;
    const bool is_owner = !subject.owner.empty() && identity.user == subject.owner;
    return (is_owner && identity.has(domain::Scope::kRun)) ||
           (shared && auth::may(identity, auth::Permission::kSeeProject, subject));
}

Result<Duration> parse_wait(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_int(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (number && *number <= 1'000'000) {
        if (unit.empty() || unit == "s") return Duration(std::chrono::seconds(*number));
        if (unit == "ms") return Duration(*number);
        if (unit == "m") return Duration(std::chrono::minutes(*number));
    }
    return fail(ErrorCode::kInvalid, "expected a time such as 30s, got \"{}\"", to_valid_utf8(text.substr(0, 100)));
}

}  // namespace pintle::api
