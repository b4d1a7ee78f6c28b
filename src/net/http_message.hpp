#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace pintle::net {

/// HTTP requests and answers as plain values, the same for the server and the client. No threads, no ownership
/// beyond values; only parse_target() can fail.

/// Whether two header names mean the same: case does not count.
[[nodiscard]] bool is_same_header(std::string_view a, std::string_view b);

/// Header lines in the order they came. Names compare without regard to case.
class Headers {
public:
    using Line = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Line> lines) : lines_(lines) {}

    /// The first value under that name, or null.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    /// The first value under that name, or nothing as an empty text.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    void add(std::string name, std::string value) { lines_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every line of that name by this one.
    void set(std::string name, std::string value);

    [[nodiscard]] std::size_t size() const { return lines_.size(); }
    [[nodiscard]] auto begin() const { return lines_.begin(); }
    [[nodiscard]] auto end() const { return lines_.end(); }

private:
    std::vector<Line> lines_;
};

/// The parameters of a query, decoded, in the order they came; a name may occur more than once.
class QueryParams {
public:
    using Param = std::pair<std::string, std::string>;

    QueryParams() = default;
    QueryParams(std::initializer_list<Param> params) : params_(params) {}

    /// The first value under that name, or null. Names compare exactly.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    void add(std::string name, std::string value) { params_.emplace_back(std::move(name), std::move(value)); }

    [[nodiscard]] std::size_t size() const { return params_.size(); }
    [[nodiscard]] auto begin() const { return params_.begin(); }
    [[nodiscard]] auto end() const { return params_.end(); }

private:
    std::vector<Param> params_;
};

/// The path and query of a request, decoded.
struct Target {
    std::string path;                   ///< For people: decoded, so "/a%2Fb" and "/a/b" look alike.
    std::vector<std::string> segments;  ///< For routing: "/a%2Fb/c" is {"a/b", "c"}, "/" is {}, "/a/" is {"a", ""}.
    QueryParams query;
};

/// Takes "/path?query", "http://host/path?query" or "*" apart. kInvalid for bad percent encoding, zero bytes, text that
/// is not UTF-8, control characters in the path and the segments "." and "..".
[[nodiscard]] Result<Target> parse_target(std::string_view target);

/// Whether the name and the value may stand in a header: no line ends, no zero bytes, a name that is a token.
[[nodiscard]] bool is_valid_header(std::string_view name, std::string_view value);

struct Request {
    std::string method;  ///< "GET"; upper case as it came.
    std::string target;  ///< As it came: "/api/v1/jobs?limit=10".
    std::string path;                   ///< Target::path
    std::vector<std::string> segments;  ///< Target::segments
    QueryParams query;
    Headers headers;
    std::string body;
    std::string remote;      ///< "127.0.0.1:50412"
    std::string request_id;  ///< Given by the server; goes out as X-Request-Id.
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

/// "Not Found" for 404; "Unknown" for a status it does not know.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace pintle::net
