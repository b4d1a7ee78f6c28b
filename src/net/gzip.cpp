#include "net/gzip.hpp"

#include <zlib.h>

#include <limits>

#include "base/text.hpp"

namespace pintle::net {
namespace {

// Lists of jobs shrink to a seventh at this level and to an eighth at zlib's own, which takes thrice the time.
constexpr int kLevel = 4;
constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for the header of gzip
constexpr int kMemory = 8;

/// Whether "q=0", "q=0.0" and so on: the client would rather have nothing.
bool is_refused(std::string_view weight) {
    return !weight.empty() && weight.find_first_not_of("q=0. ") == std::string_view::npos;
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
    bool any = false;
    for (const std::string& part : split(accept_encoding, ',')) {
        const std::size_t end = part.find(';');
        const std::string name = to_lower(trim(std::string_view(part).substr(0, end)));
        const std::string weight =
            end == std::string::npos ? "" : to_lower(trim(std::string_view(part).substr(end + 1)));
        if (name == "gzip" || name == "x-gzip") return !is_refused(weight);
        if (name == "*") any = !is_refused(weight);
    }
    return any;
}

std::string gzip(std::string_view text) {
    if (text.size() > std::numeric_limits<uInt>::max()) return {};
    z_stream stream{};
    if (::deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(::deflateBound(&stream, text.size()), '\0');
    // zlib only reads what it is given here; its type says otherwise for the sake of old programs.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = ::deflate(&stream, Z_FINISH);
    out.resize(ended == Z_STREAM_END ? stream.total_out : 0);
    ::deflateEnd(&stream);
    return out;
}

void gzip_answer(Response& response, const Request& request) {
    if (response.body.size() < kGzipFromBytes || response.headers.find("Content-Encoding") != nullptr) return;
    response.headers.add("Vary", "Accept-Encoding");
    if (!takes_gzip(request.headers.get("Accept-Encoding"))) return;
    std::string compressed = gzip(response.body);
    if (compressed.empty() || compressed.size() >= response.body.size()) return;
    response.body = std::move(compressed);
    response.headers.set("Content-Encoding", "gzip");
}

}  // namespace pintle::net
