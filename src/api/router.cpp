#include "api/router.hpp"

#include "api/routes.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

bool fits(const std::vector<std::string_view>& parts, const std::vector<std::string>& segments, std::size_t skip) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (param_name(parts[i]).empty() && parts[i] != segments[i + skip]) return false;
    }
    return true;
}

}  // namespace

std::string_view param_name(std::string_view part) {
    const bool braced = part.size() > 2 && part.front() == '{' && part.back() == '}';
    return braced ? part.substr(1, part.size() - 2) : std::string_view();
}

std::vector<std::string_view> path_parts(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

Router::Router(const std::vector<Route>& routes) {
    for (const Route& route : routes) {
        Entry entry{path_parts(route.path), &route};
        entries_.emplace(entry.parts.size(), std::move(entry));
    }
}

Match Router::find(const net::Request& request) const {
    constexpr std::size_t kSkip = 2;  // "api", "v1"
    Match match;
    const auto& segments = request.segments;
    if (segments.size() < kSkip || segments[0] != "api" || segments[1] != "v1") return match;
    std::vector<std::string> methods;
    const auto [begin, end] = entries_.equal_range(segments.size() - kSkip);
    for (auto at = begin; at != end; ++at) {
        const Entry& entry = at->second;
        if (!fits(entry.parts, segments, kSkip)) continue;
        methods.emplace_back(entry.route->method);
        if (entry.route->method != request.method || match.route != nullptr) continue;
        match.route = entry.route;
        for (std::size_t i = 0; i < entry.parts.size(); ++i) {
            if (const auto name = param_name(entry.parts[i]); !name.empty())
                match.params.emplace_back(name, segments[i + kSkip]);
        }
    }
    match.allowed = join(methods, ", ");
    return match;
}

std::vector<QueryParam> page_params(std::vector<QueryParam> more) {
    more.push_back({"limit", "How many items at most.", QueryParam::Type::kWhole, 1, 1000, {}});
    more.push_back({"cursor", "The `next_cursor` of the page before."});
    return more;
}

QueryParam show_param() {
    return {"show",
            "Whose: one's own, those that others of the group share, both (unless said otherwise), or everyone's "
            "(operators only).",
            QueryParam::Type::kWords,
            0,
            0,
            "owned|shared|all|everyone"};
}

const std::vector<Route>& all_routes() {
    static const std::vector<Route> kRoutes = [] {
        std::vector<Route> all;
        for (auto* part : {server_routes, node_routes,     project_routes,  project_import_routes,
                           project_life_routes,
                           project_validation_routes,
                           catalog_routes,
                           storage_routes,
                           component_open_routes,
                           component_routes,
                           status_routes,
                           repository_routes, source_routes, source_file_routes,
                           source_upload_routes,
                           form_routes,
                           run_routes,    job_list_routes, job_routes,      queue_routes,    explanation_routes,
                           job_event_routes, log_routes,   history_routes,
                           metric_routes,
                           usage_routes,
                           change_routes, session_routes,  password_routes, provider_routes, token_routes,
                           account_routes,
                           prometheus_routes,
                           report_routes,
                           user_routes,   group_routes,    pool_routes,     audit_routes}) {
            for (Route& route : part()) {
                check(route.permission.has_value(), route.path);
                all.push_back(std::move(route));
            }
        }
        return all;
    }();
    return kRoutes;
}

}  // namespace pintle::api
