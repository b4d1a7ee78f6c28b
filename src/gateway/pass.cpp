#include "gateway/pass.hpp"

#include "auth/seal.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::gateway {
namespace {

using Via = auth::Identity::Via;

constexpr std::string_view kVersion = "1";

std::string_view word(Via via) {
    switch (via) {
        case Via::kLocal: return "local";
        case Via::kSession: return "session";
        case Via::kToken: return "token";
        case Via::kJob: break;
    }
    unreachable();
}

std::optional<Via> via_from(std::string_view text) {
    for (const Via via : {Via::kLocal, Via::kSession, Via::kToken}) {
        if (word(via) == text) return via;
    }
    return std::nullopt;
}

}  // namespace

std::string seal_pass(const Pass& pass, std::string_view key) {
    return auth::seal(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", kVersion, word(pass.via), pass.credential,
                                  pass.user.str(), pass.project.str(), pass.component, to_ms(pass.expires_at)),
                      key);
}

std::optional<Pass> open_pass(std::string_view cookie, std::string_view key, Time now) {
    const auto text = auth::unseal(cookie, key);
    if (!text) return std::nullopt;
    const auto parts = split(*text, '\n');
    // Only this server writes such a text, but perhaps another version of it.
    if (parts.size() != 7 || parts[0] != kVersion) return std::nullopt;
    const auto via = via_from(parts[1]);
    const auto expires = parse_int(parts[6]);
    if (!via || !expires || time_from_ms(*expires) <= now) return std::nullopt;
    return Pass{
        *via, parts[2], domain::UserId(parts[3]), domain::ProjectId(parts[4]), parts[5], time_from_ms(*expires)};
}

}  // namespace pintle::gateway
