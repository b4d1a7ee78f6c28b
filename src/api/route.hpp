#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/identity.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

namespace pintle::api {

class Call;

/// A parameter of the query. Those that a route does not name are refused.
struct QueryParam {
    enum class Type { kText, kWhole, kFlag, kWords, kWait };
    std::string_view name;
    std::string_view about;
    Type type = Type::kText;
    std::int64_t min = 0;    ///< kWhole
    std::int64_t max = 0;    ///< kWhole
    std::string_view words;  ///< kWords: "newest|oldest"
};

/// What a request carries.
struct BodyShape {
    enum class Kind { kNone, kJson, kDocument, kBytes };
    Kind kind = Kind::kNone;
    std::string_view schema;  ///< kJson
    bool required = true;
    std::size_t most_bytes = 0;  ///< 0: as all of its kind.
};

/// What a good answer is.
struct AnswerShape {
    enum class Media { kJson, kJsonOrEvents, kJsonOrBytes, kJsonOrCsv, kEvents, kDocument, kLog, kText, kNone };
    int status = 200;
    std::string_view schema;  ///< Of the JSON; "[Job]" is a page of jobs.
    Media media = Media::kJson;
};

/// Answered by the worker that runs it.
using ReadHandler = Result<net::Response> (*)(Call&);
/// Answers through Call::answer() or Call::stream(), maybe later and elsewhere.
using LongHandler = void (*)(const std::shared_ptr<Call>&);

/// One operation of the API: what is routed, what is allowed, and what the OpenAPI document says of it.
struct Route {
    std::string_view method;
    std::string_view path;  ///< Below /api/v1: "/jobs/{job}/stop". {project}, {job} and {account} are looked up before.
    std::string_view operation;  ///< "stopJob"
    std::optional<auth::Permission> permission{};  ///< Every route has one; all_routes() sees to it.
    std::variant<ReadHandler, LongHandler> handler{};
    std::string_view summary{};
    std::vector<QueryParam> query{};
    BodyShape body{};
    AnswerShape answer{};
    bool idempotency_key = false;
    bool if_match = false;
    bool tells_secret = false;   ///< The answer has what only its reader may know, such as the token against forgery.
    bool foreign_query = false;  ///< Others write the query: parameters that are not named above are passed over.
};

/// `limit` and `cursor`.
[[nodiscard]] std::vector<QueryParam> page_params(std::vector<QueryParam> more = {});
/// `show`: whose things a list has.
[[nodiscard]] QueryParam show_param();

}  // namespace pintle::api
