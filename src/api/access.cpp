#include "api/access.hpp"

#include <algorithm>
#include <limits>

#include "api/project_names.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

constexpr Duration kLongestWait = std::chrono::seconds(60);

// Digits and dots cannot be a name that somebody owns, nor can what stands in brackets.
bool is_ip_literal(std::string_view host) {
    if (host.size() > 2 && host.front() == '[')
        return host.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string_view::npos;
    const auto parts = split(host, '.');
    return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
               return !part.empty() && part.size() <= 3 && part.find_first_not_of("0123456789") == std::string::npos;
           });
}

std::string_view without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return host;
    return host.substr(0, colon);
}

Error no_project(const std::string& name) {
    return Error{
        ErrorCode::kNotFound, fmt::format("there is no project \"{}\"", to_valid_utf8(name.substr(0, 100))), {}, {}};
}

Error no_job(const std::string& name) {
    std::string hint = looks_like_ulid(name) || name.find('/') != std::string::npos
                           ? ""
                           : "; a job is named by its id or as project/task:build";
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no job \"{}\"{}", to_valid_utf8(name.substr(0, 200)), hint),
                 {},
                 {}};
}

bool may_know(const auth::Identity& identity, const domain::ProjectId& project) {
    return identity.kind == auth::Identity::Kind::kOperator || identity.project == project;
}

Result<std::optional<domain::Project>> look_up_project(store::StoreReader& reader, const std::string& name_or_id) {
    // A name has no capitals and an id has no small letters.
    if (looks_like_ulid(name_or_id)) {
        auto found = TRY(reader.find_project(domain::ProjectId(name_or_id)));
        if (found) return found;
    }
    return reader.find_project_named(name_or_id);
}

struct JobName {
    std::string project;
    std::string task;
    int build = 0;
};

std::optional<JobName> parse_job_name(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::size_t colon = text.rfind(':');
    if (slash == std::string::npos || colon == std::string::npos || colon < slash) return std::nullopt;
    const auto build = parse_int(text.substr(colon + 1));
    if (!build || *build < 1 || *build > std::numeric_limits<int>::max()) return std::nullopt;
    return JobName{text.substr(0, slash), text.substr(slash + 1, colon - slash - 1), static_cast<int>(*build)};
}

Result<std::optional<domain::Job>> look_up_job(store::StoreReader& reader, const std::string& text) {
    if (looks_like_ulid(text)) return reader.find_job(domain::JobId(text));
    const auto name = parse_job_name(text);
    if (!name) return std::optional<domain::Job>();
    const auto project = TRY(look_up_project(reader, name->project));
    if (!project) return std::optional<domain::Job>();
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
    const std::string host = to_lower(without_port(request.headers.get("Host")));
    if (is_ip_literal(host) || host == "localhost") return {};
    for (const std::string& name : host_names) {
        if (to_lower(name) == host) return {};
    }
    return fail(ErrorCode::kDenied,
                "this server does not answer to the name \"{}\"; call it by its address, or name it in the server's "
                "configuration",
                to_valid_utf8(host.substr(0, 100)));
}

Result<auth::Identity> identify(const ApiDeps& deps, const net::Request& request) {
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view header = trim(request.headers.get("Authorization"));
    if (header.empty())
        return fail(ErrorCode::kUnauthorized,
                    "the request carries no token; send it as \"Authorization: Bearer TOKEN\"");
    if (to_lower(header.substr(0, kScheme.size())) != kScheme) {
        return fail(ErrorCode::kUnauthorized, "the Authorization header is not of the form \"Bearer TOKEN\"");
    }
    auth::Identity identity = TRY(deps.tokens.identify(trim(header.substr(kScheme.size()))));
    if (identity.kind == auth::Identity::Kind::kOperator) return identity;
    const auto job = TRY(deps.readers.with([&](store::StoreReader& reader) { return reader.find_job(identity.job); }));
    if (!job || job->project_id != identity.project || domain::is_final(job->state)) {
        return fail(ErrorCode::kUnauthorized, "the token belongs to a job that has ended");
    }
    return identity;
}

Result<void> check_query(const Route& route, const net::QueryParams& query) {
    std::vector<std::string> seen;
    for (const auto& [name, value] : query) {
        const auto known = std::find_if(route.query.begin(), route.query.end(),
                                        [&, key = name](const QueryParam& param) { return param.name == key; });
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

Result<domain::Project> find_project(Call& call, const std::string& name_or_id) {
    auto found = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return look_up_project(reader, name_or_id); }));
    if (!found || !may_know(call.identity, found->id)) return fail(no_project(name_or_id));
    return std::move(*found);
}

Result<domain::Job> find_job(Call& call, const std::string& name_or_id) {
    auto found = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return look_up_job(reader, name_or_id); }));
    if (!found || !may_know(call.identity, found->project_id)) return fail(no_job(name_or_id));
    return std::move(*found);
}

Result<void> resolve_and_permit(Call& call) {
    domain::ProjectId concerned;
    for (const auto& [name, value] : call.params) {
        if (name == "project") {
            call.project = TRY(find_project(call, value));
            call.project_name = call.project->spec.name;
            concerned = call.project->id;
        } else if (name == "job") {
            call.job = TRY(find_job(call, value));
            call.project_name =
                TRY(call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<std::string> {
                    return ProjectNames(reader).of(call.job->project_id, call.job->spec.project_name);
                }));
            concerned = call.job->project_id;
        }
    }
    if (!call.route->permission || auth::may(call.identity, *call.route->permission, concerned)) return {};
    return fail(ErrorCode::kDenied, "a job's token does not allow this: {}", call.route->summary);
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
