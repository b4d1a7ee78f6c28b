#include "api/bodies.hpp"

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::api {
namespace {

std::string media_type(const net::Request& request) {
    const std::string_view type = request.headers.get("Content-Type");
    return to_lower(trim(type.substr(0, type.find(';'))));
}

Result<bool> is_yaml(const net::Request& request) {
    const std::string type = media_type(request);
    if (type.empty() || type == "application/json" || type == "application/merge-patch+json") return false;
    if (type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" || type == "text/x-yaml")
        return true;
    return fail(ErrorCode::kInvalid,
                "the Content-Type \"{}\" is not understood; send application/json or application/yaml",
                to_valid_utf8(type.substr(0, 100)));
}

// FNV-1a, twice from different starts: two requests under one key are told apart, nobody is kept from forging.
std::uint64_t fnv(std::uint64_t hash, std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return (hash ^ 0xff) * 0x100000001b3ULL;
}

std::string fingerprint_of(const net::Request& request) {
    std::uint64_t one = 0xcbf29ce484222325ULL;
    std::uint64_t other = 0x84222325cbf29ce4ULL;
    for (const std::string* part : {&request.method, &request.target, &request.body}) {
        one = fnv(one, *part);
        other = fnv(other, *part);
    }
    return fmt::format("{:016x}{:016x}", one, other);
}

}  // namespace

Result<json::Value> parse_body(const net::Request& request) {
    const bool yaml = TRY(is_yaml(request));
    if (trim(request.body).empty()) return json::Value();
    if (yaml) return json::parse_yaml(request.body, {8u << 20, 64, 200'000});
    return json::parse_json(request.body);
}

Result<document::ReadProject> parse_document(const net::Request& request) {
    static_cast<void>(TRY(is_yaml(request)));
    if (trim(request.body).empty())
        return fail(ErrorCode::kInvalid, "the request has no body; send the project's document, as YAML or JSON");
    return document::read_project_text(request.body);
}

std::string text_to_keep(std::string_view text, const document::ReadProject& read) {
    constexpr std::size_t kLongest = 256u << 10;  // Every project is in memory.
    const bool says_all = read.plain && read.summary_file.empty();
    if (!says_all || text.size() > kLongest || to_valid_utf8(text) != text) return {};
    return std::string(text);
}

std::string text_to_keep(const net::Request& request, const document::ReadProject& read) {
    return is_yaml(request).value_or(false) ? text_to_keep(request.body, read) : std::string();
}

Result<document::Examination> examine_document(const net::Request& request, const document::MoreRules& more) {
    static_cast<void>(TRY(is_yaml(request)));
    return document::examine_project_text(request.body, more);
}

Result<IdempotencyKey> idempotency_key(const net::Request& request) {
    constexpr std::size_t kLongest = 200;
    const std::string* key = request.headers.find("Idempotency-Key");
    if (key == nullptr) return IdempotencyKey{};
    if (key->empty() || key->size() > kLongest) {
        return fail(ErrorCode::kInvalid, "an Idempotency-Key has 1 to {} characters, this one has {}", kLongest,
                    key->size());
    }
    return IdempotencyKey{to_valid_utf8(*key), fingerprint_of(request)};
}

Result<std::optional<std::int64_t>> if_match(const net::Request& request) {
    const std::string* header = request.headers.find("If-Match");
    if (header == nullptr || *header == "*") return std::optional<std::int64_t>();
    std::string_view text = trim(*header);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const auto revision = parse_int(text);
    if (!revision || *revision < 1)
        return fail(ErrorCode::kInvalid, "If-Match: expected the project's revision, a whole number, got \"{}\"",
                    to_valid_utf8(text.substr(0, 100)));
    return revision;
}

}  // namespace pintle::api
