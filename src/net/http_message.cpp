#include "net/http_message.hpp"

#include <algorithm>

#include "net/url.hpp"

namespace pintle::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token_char(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
}

bool has_control_chars(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// "http://host:1/a?b" becomes "/a?b", as RFC 9112 asks of every server.
std::string_view without_origin(std::string_view target) {
    if (!target.starts_with("http://") && !target.starts_with("https://")) return target;
    const std::size_t start = target.find_first_of("/?", target.find("://") + 3);
    return start == std::string_view::npos ? std::string_view("/") : target.substr(start);
}

Result<void> parse_path(std::string_view path, Target& out) {
    if (path == "/") {
        out.path = "/";
        return {};
    }
    out.path.reserve(path.size());
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        std::string segment = TRY(percent_decode(path.substr(0, end)));
        if (segment == "." || segment == "..")
            return fail(ErrorCode::kInvalid, "the path has a segment \".\" or \"..\"");
        if (has_control_chars(segment)) return fail(ErrorCode::kInvalid, "the path has a control character");
        out.path += '/';
        out.path += segment;
        out.segments.push_back(std::move(segment));
        path.remove_prefix(end);
    }
    return {};
}

Result<void> parse_query(std::string_view query, QueryParams& out) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        std::string name = TRY(percent_decode(pair.substr(0, equals), Plus::kSpace));
        std::string value;
        if (equals != std::string_view::npos) value = TRY(percent_decode(pair.substr(equals + 1), Plus::kSpace));
        out.add(std::move(name), std::move(value));
    }
    return {};
}

}  // namespace

bool is_same_header(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* Headers::find(std::string_view name) const {
    const auto it =
        std::find_if(lines_.begin(), lines_.end(), [&](const Line& line) { return is_same_header(line.first, name); });
    return it == lines_.end() ? nullptr : &it->second;
}

std::string_view Headers::get(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::size_t Headers::count(std::string_view name) const {
    const auto n =
        std::count_if(lines_.begin(), lines_.end(), [&](const Line& line) { return is_same_header(line.first, name); });
    return static_cast<std::size_t>(n);
}

void Headers::set(std::string name, std::string value) {
    std::erase_if(lines_, [&](const Line& line) { return is_same_header(line.first, name); });
    add(std::move(name), std::move(value));
}

const std::string* QueryParams::find(std::string_view name) const {
    const auto it =
        std::find_if(params_.begin(), params_.end(), [&](const Param& param) { return param.first == name; });
    return it == params_.end() ? nullptr : &it->second;
}

Result<Target> parse_target(std::string_view target) {
    Target out;
    if (target == "*") {
        out.path = "*";
        return out;
    }
    std::string_view path = without_origin(target);
    path = path.substr(0, path.find('#'));
    const std::size_t question = path.find('?');
    if (question != std::string_view::npos) TRY(parse_query(path.substr(question + 1), out.query));
    path = path.substr(0, question);
    if (path.empty() && path.data() != target.data()) path = "/";
    if (!path.starts_with('/')) return fail(ErrorCode::kInvalid, "the path of the request must begin with \"/\"");
    TRY(parse_path(path, out));
    return out;
}

bool is_valid_header(std::string_view name, std::string_view value) {
    const bool token = !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
    return token && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 499: return "Client Closed Request";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 507: return "Insufficient Storage";
        default: return "Unknown";
    }
}

}  // namespace pintle::net
