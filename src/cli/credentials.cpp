#include "cli/credentials.hpp"

#include <sys/stat.h>

#include "json/json_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kFileLimitBytes = 1 << 20;

Result<json::Value> read_all(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
        return fail(ErrorCode::kDenied,
                    "others may read {}, which has your access tokens; keep it to yourself: chmod 600 {}", path, path);
    }
    const auto text = os::read_file(path, kFileLimitBytes);
    if (!text && text.error().code == ErrorCode::kNotFound) return json::Value::object();
    if (!text) return fail(text.error());
    auto content = json::parse_json(*text);
    if (!content || !content->is_object())
        return fail(ErrorCode::kCorrupt, "{} does not read; remove it and sign in again with: pintle login", path);
    return content;
}

Result<void> write_all(const std::string& path, const json::Value& content) {
    TRY(os::make_folders(path.substr(0, path.rfind('/')), 0700));
    return os::write_file_atomic(path, json::to_json_pretty(content) + "\n", 0600);
}

}  // namespace

Result<std::string> credentials_file(const Environment& env) {
    // XDG says that a relative path there is to be ignored.
    if (const auto xdg = env("XDG_CONFIG_HOME"); xdg && xdg->starts_with('/')) return *xdg + "/pintle/credentials";
    if (const auto home = env("HOME"); home && !home->empty()) return *home + "/.config/pintle/credentials";
    return fail(ErrorCode::kInvalid, "HOME is not set; there is no place to keep who signed in");
}

Result<std::optional<KeptSignIn>> find_sign_in(const std::string& url, const Environment& env) {
    using Kept = std::optional<KeptSignIn>;
    const auto path = credentials_file(env);
    if (!path) return Kept();
    const json::Value all = TRY(read_all(*path));
    const json::Value& entry = all[url];
    if (!entry["token"].is_string()) return Kept();
    return Kept(KeptSignIn{entry["user"].scalar_text().value_or(""), entry["token"].as_string()});
}

Result<void> keep_sign_in(const std::string& url, const KeptSignIn& kept, const Environment& env) {
    const std::string path = TRY(credentials_file(env));
    json::Value all = TRY(read_all(path));
    all.set(url, json::Value::object({{"user", kept.user}, {"token", kept.token}}));
    return write_all(path, all);
}

Result<void> forget_sign_in(const std::string& url, const Environment& env) {
    const std::string path = TRY(credentials_file(env));
    const json::Value all = TRY(read_all(path));
    if (!all.has(url)) return {};
    json::Value rest = json::Value::object();
    for (const json::Member& member : all.as_object()) {
        if (member.key != url) rest.set(member.key, member.value);
    }
    return write_all(path, rest);
}

}  // namespace pintle::cli
