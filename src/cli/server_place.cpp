#include "cli/server_place.hpp"

#include "base/text.hpp"
#include "cli/credentials.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kFileLimitBytes = 64 << 10;

std::string given(const std::string& wish, const Environment& env, const char* variable) {
    return wish.empty() ? std::string(trim(env(variable).value_or(""))) : wish;
}

/// A server that listens everywhere is reached on this machine.
std::string reachable(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    const std::string host = address.substr(0, colon);
    const std::string port = colon == std::string::npos ? "" : address.substr(colon);
    if (host == "0.0.0.0" || host.empty()) return "127.0.0.1" + port;
    return host == "[::]" ? "[::1]" + port : address;
}

Result<std::string> local_url(const std::string& folder) {
    const std::string path = folder + "/server.json";
    const auto text = os::read_file(path, kFileLimitBytes);
    if (!text && text.error().code == ErrorCode::kNotFound) return fail(no_server_error());
    if (!text) return fail(text.error());
    const auto content = json::parse_json(*text);
    if (!content || !(*content)["address"].is_string()) {
        return fail(ErrorCode::kCorrupt, "{} does not say where the server is; start it again with: pintle serve",
                    path);
    }
    return "http://" + reachable((*content)["address"].as_string());
}

Result<std::string> local_token(const std::string& folder) {
    const std::string text = TRY(os::read_file(folder + "/token", kFileLimitBytes));
    return std::string(trim(text));
}

}  // namespace

Error no_server_error() {
    return Error{ErrorCode::kUnavailable, "no server runs here; start one with: pintle serve", {}, {}};
}

Result<std::string> data_folder(const Environment& env) {
    if (const auto data = env("PINTLE_DATA"); data && !data->empty()) return *data;
    // XDG says that a relative path there is to be ignored.
    if (const auto xdg = env("XDG_DATA_HOME"); xdg && xdg->starts_with('/')) return *xdg + "/pintle";
    if (const auto home = env("HOME"); home && !home->empty()) return *home + "/.local/share/pintle";
    return fail(ErrorCode::kInvalid, "neither PINTLE_DATA nor HOME is set; say where the server is with --url");
}

Result<ServerPlace> find_server(const ServerWish& wish, const Environment& env) {
    ServerPlace place;
    place.url = given(wish.url, env, "PINTLE_URL");
    place.token = given(wish.token, env, "PINTLE_TOKEN");
    while (place.url.ends_with('/')) place.url.pop_back();
    if (!place.url.empty()) {
        if (place.url.find("://") == std::string::npos) place.url = "http://" + place.url;
        if (!place.token.empty()) return place;
        if (const auto kept = TRY(find_sign_in(place.url, env))) {
            place.token = kept->token;
            return place;
        }
        const auto folder = data_folder(env);
        const auto local = folder ? local_url(*folder) : Result<std::string>(fail(folder.error()));
        if (local && *local == place.url) place.token = local_token(*folder).value_or("");
        return place;
    }
    const std::string folder = TRY(data_folder(env));
    place.url = TRY(local_url(folder));
    place.local = true;
    if (place.token.empty()) place.token = TRY(local_token(folder));
    return place;
}

}  // namespace pintle::cli
