#include "webui/pages.hpp"

#include <algorithm>
#include <string>

#include "net/gzip.hpp"
#include "webui/assets.hpp"

namespace pintle::webui {
namespace {

// Programs come from this server alone and never from within a page. Styles may stand within: the kit and the editor
// write theirs at run time, and a style cannot ask any other server for anything under the rest of this policy.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view kWithoutInterface =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Pintle</title>\n"
    "<p>This binary was built without the web interface (PINTLE_WEBUI=OFF). The command line and the API at "
    "<code>/api/v1</code> work as always; <code>cmake --preset release</code> builds one that has it.</p></html>\n";

net::Response page(int status, std::string_view type, std::string_view body) {
    net::Response response{status, {{"Content-Type", std::string(type)}}, std::string(body)};
    response.headers.set("Content-Security-Policy", std::string(kPolicy));
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("X-Frame-Options", "DENY");
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    return response;
}

const Asset* find(std::string_view path) {
    const auto all = assets();
    const auto found = std::lower_bound(all.begin(), all.end(), path,
                                        [](const Asset& asset, std::string_view text) { return asset.path < text; });
    return found != all.end() && found->path == path ? &*found : nullptr;
}

net::Response send(const Asset& asset, const net::Request& request) {
    const bool compressed = !asset.gzip.empty() && net::takes_gzip(request.headers.get("Accept-Encoding"));
    const bool known = request.headers.get("If-None-Match") == asset.etag;
    net::Response response = page(known ? 304 : 200, asset.type,
                                  known ? std::string_view() : compressed ? asset.gzip : asset.content);
    response.headers.set("ETag", std::string(asset.etag));
    response.headers.set("Vary", "Accept-Encoding");
    response.headers.set("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (compressed && !known) response.headers.set("Content-Encoding", "gzip");
    return response;
}

/// Names of files have a dot in their last part, and so may names of projects: only these folders hold files.
bool is_file_path(std::string_view path) {
    return path.starts_with("/assets/") || (path.rfind('/') == 0 && path.find('.') != path.npos);
}

}  // namespace

bool answers(std::string_view path) { return path != "/api" && !path.starts_with("/api/"); }

net::Response answer(const net::Request& request) {
    if (request.method != "GET" && request.method != "HEAD") {
        net::Response response = page(405, "text/plain; charset=utf-8", "The pages of the interface are only read.\n");
        response.headers.set("Allow", "GET, HEAD");
        return response;
    }
    if (assets().empty()) return page(200, "text/html; charset=utf-8", kWithoutInterface);
    if (const Asset* asset = find(request.path)) return send(*asset, request);
    if (is_file_path(request.path)) return page(404, "text/plain; charset=utf-8", "There is no such file.\n");
    return send(*find("/index.html"), request);
}

}  // namespace pintle::webui
