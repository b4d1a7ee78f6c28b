#include "gateway/person_traffic.hpp"

#include <algorithm>
#include <set>

#include "auth/secret.hpp"
#include "base/text.hpp"

namespace pintle::gateway {
namespace {

bool changes_nothing(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

/// Milliseconds since 1970 and random numbers are long.
bool is_long_number(std::string_view text) {
    return text.size() >= 9 && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string without_cache_breakers(std::string_view target) {
    const std::size_t question = target.find('?');
    if (question == std::string_view::npos) return std::string(target);
    std::string kept(target.substr(0, question));
    char sign = '?';
    for (const std::string& part : split(target.substr(question + 1), '&')) {
        const std::size_t equals = part.find('=');
        const std::string_view value =
            equals == std::string::npos ? std::string_view(part) : std::string_view(part).substr(equals + 1);
        if (part.empty() || is_long_number(value)) continue;
        kept += sign;
        kept += part;
        sign = '&';
    }
    return kept;
}

void PersonTraffic::request(const Endpoint& endpoint, const net::Request& head, Time now) {
    const std::string kind = head.method + " " + without_cache_breakers(head.target);
    const bool opened = head.headers.get("Sec-Fetch-Mode") == "navigate";
    if (opened) return note(endpoint, fmt::format("opened at {}", to_ms(now)), now);
    if (endpoint.is_jupyter && changes_nothing(head.method)) return;
    note(endpoint, kind, now);
}

void PersonTraffic::content(const Endpoint& endpoint, std::string_view kind, std::string_view beginning, Time now) {
    if (endpoint.is_jupyter && kind.starts_with("GET ")) return;
    note(endpoint, fmt::format("{} {}", kind, auth::secret_hash(beginning)), now);
}

void PersonTraffic::note(const Endpoint& endpoint, std::string kind, Time now) {
    // Of one length, whatever a visitor asks for.
    kind = auth::secret_hash(kind);
    seen_.with([&](std::map<domain::JobId, Seen>& all) {
        Seen& seen = all[endpoint.job];
        const Time* before = seen.kinds.find(kind);
        const bool is_new = before == nullptr || now - *before > kSame;
        seen.kinds.touch(kind) = now;
        if (is_new) seen.last = std::max(seen.last, now);
    });
}

Time PersonTraffic::last(const Endpoint& endpoint) const {
    return seen_.with([&](const std::map<domain::JobId, Seen>& all) {
        const auto found = all.find(endpoint.job);
        return found == all.end() ? Time{} : found->second.last;
    });
}

void PersonTraffic::keep(const std::vector<Endpoint>& running) {
    std::set<domain::JobId> jobs;
    for (const Endpoint& endpoint : running) jobs.insert(endpoint.job);
    seen_.with([&](std::map<domain::JobId, Seen>& all) {
        std::erase_if(all, [&](const auto& one) { return jobs.count(one.first) == 0; });
    });
}

}  // namespace pintle::gateway
