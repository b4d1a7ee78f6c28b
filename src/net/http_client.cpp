#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include <curl/curl.h>

#include "base/check.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace pintle::net {
namespace {

constexpr std::size_t kHeaderLimitBytes = 256 << 10;

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void start_curl_once() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    check(started == CURLE_OK, "libcurl could not be initialised");
}

bool is_http_url(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

Result<void> check_request(const ClientRequest& request) {
    if (!is_http_url(request.url)) {
        return fail(ErrorCode::kInvalid, "the URL \"{}\" must begin with http:// or https://", url_origin(request.url));
    }
    const bool clean = request.url.find_first_of(std::string_view(" \t\r\n\0", 5)) == std::string::npos;
    if (!clean)
        return fail(ErrorCode::kInvalid, "the URL at {} has a space or a line end in it", url_origin(request.url));
    if (!is_valid_header(request.method, "")) return fail(ErrorCode::kInvalid, "the request has no proper method");
    for (const auto& [name, value] : request.headers) {
        if (!is_valid_header(name, value)) {
            return fail(ErrorCode::kInvalid, "the header \"{}\" of the request cannot be sent", to_valid_utf8(name));
        }
    }
    return {};
}

/// One request's way through libcurl's callbacks.
struct Transfer {
    const ClientRequest* request = nullptr;
    const HttpClient::OnChunk* on_chunk = nullptr;  // null for send()
    Response response;
    std::size_t header_bytes = 0;
    bool too_large = false;
    bool stopped = false;     // by on_chunk
    bool late = false;        // no headers in time (stream() only)
    std::exception_ptr thrown;  // by on_chunk; must not pass through libcurl
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(data, size * count);
    transfer.header_bytes += line.size();
    if (transfer.header_bytes > kHeaderLimitBytes) {
        transfer.too_large = true;
        return 0;
    }
    // A status line begins the headers anew: those before belonged to "100 Continue".
    if (line.starts_with("HTTP/")) {
        transfer.response.headers = {};
        const std::size_t space = line.find(' ');
        transfer.response.status = 0;
        if (space != std::string_view::npos) {
            transfer.response.status = static_cast<int>(parse_int(line.substr(space + 1, 3)).value_or(0));
        }
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        transfer.response.headers.add(std::string(trim(line.substr(0, colon))),
                                      std::string(trim(line.substr(colon + 1))));
    }
    return line.size();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view chunk(data, size * count);
    const bool good = transfer.response.status >= 200 && transfer.response.status < 300;
    if (transfer.on_chunk != nullptr && good) {
        try {
            if ((*transfer.on_chunk)(chunk)) return chunk.size();
        } catch (...) {
            transfer.thrown = std::current_exception();
        }
        transfer.stopped = true;
        return 0;
    }
    if (transfer.response.body.size() + chunk.size() > transfer.request->response_limit_bytes) {
        transfer.too_large = true;
        return 0;
    }
    transfer.response.body += chunk;
    return chunk.size();
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(user);
    const auto spent = std::chrono::steady_clock::now() - transfer.start;
    transfer.late = transfer.response.status == 0 && spent > transfer.request->timeout;
    return transfer.late ? 1 : 0;
}

std::string place_of(const ClientRequest& request) {
    return request.unix_socket_path.empty() ? url_origin(request.url) : request.unix_socket_path;
}

std::string why_not_connected(long os_error) {
    if (os_error == ECONNREFUSED || os_error == ENOENT) return "nothing listens there";
    if (os_error == 0) return "the connection could not be made";
    return std::generic_category().message(static_cast<int>(os_error));
}

}  // namespace

class HttpClient::Impl {
public:
    Impl() : curl_(curl_easy_init()) { check(curl_ != nullptr, "libcurl gave no handle"); }
    ~Impl() { curl_easy_cleanup(curl_); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<Response> run(const ClientRequest& request, const OnChunk* on_chunk);

private:
    Result<HeaderList> set_up(Transfer& transfer);
    void set_up_body(const ClientRequest& request);
    void set_up_timeouts(Transfer& transfer);
    Error explain(CURLcode code, const Transfer& transfer) const;

    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }

    CURL* const curl_;
    std::array<char, CURL_ERROR_SIZE> words_{};
};

Result<HeaderList> HttpClient::Impl::set_up(Transfer& transfer) {
    const ClientRequest& request = *transfer.request;
    TRY(check_request(request));
    curl_easy_reset(curl_);  // Keeps the connections.
    words_.fill('\0');
    set(CURLOPT_ERRORBUFFER, words_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &transfer);
    if (!request.unix_socket_path.empty()) set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket_path.c_str());
    if (!request.unix_socket_path.empty() || is_loopback(url_host(request.url))) set(CURLOPT_NOPROXY, "*");
    set_up_body(request);
    set_up_timeouts(transfer);

    HeaderList list;
    const auto append = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        check(longer != nullptr, "out of memory");
        [[maybe_unused]] curl_slist* same = list.release();
        list.reset(longer);
    };
    // libcurl takes "Name:" as "do not send" and "Name;" as "send it empty".
    for (const auto& [name, value] : request.headers) append(trim(value).empty() ? name + ";" : name + ": " + value);
    if (request.headers.find("Expect") == nullptr) append("Expect:");
    if (request.headers.find("Content-Type") == nullptr) append("Content-Type:");
    set(CURLOPT_HTTPHEADER, list.get());
    return list;
}

void HttpClient::Impl::set_up_body(const ClientRequest& request) {
    if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
        return;
    }
    const bool expects_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (!request.body.empty() || expects_body) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void HttpClient::Impl::set_up_timeouts(Transfer& transfer) {
    const ClientRequest& request = *transfer.request;
    const auto ms = static_cast<long>(std::max<std::int64_t>(request.timeout.count(), 1));
    set(CURLOPT_CONNECTTIMEOUT_MS, ms);
    if (transfer.on_chunk == nullptr) {
        set(CURLOPT_TIMEOUT_MS, ms);
        return;
    }
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, &transfer);
    if (request.idle_timeout.count() > 0) {
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>((request.idle_timeout.count() + 999) / 1000));
    }
}

Error HttpClient::Impl::explain(CURLcode code, const Transfer& transfer) const {
    const ClientRequest& request = *transfer.request;
    const std::string place = place_of(request);
    const auto error = [](ErrorCode kind, std::string message) { return Error{kind, std::move(message), {}, {}}; };
    if (transfer.too_large) {
        const auto limit = static_cast<std::int64_t>(request.response_limit_bytes);
        return error(ErrorCode::kExhausted,
                     fmt::format("the answer of {} is larger than {}", place, bytes_in_words(limit)));
    }
    if (code == CURLE_OPERATION_TIMEDOUT || transfer.late) {
        return error(ErrorCode::kTimeout, fmt::format("{} did not answer within {}", place, to_words(request.timeout)));
    }
    if (code == CURLE_COULDNT_CONNECT) {
        long os_error = 0;
        curl_easy_getinfo(curl_, CURLINFO_OS_ERRNO, &os_error);
        return error(ErrorCode::kUnavailable,
                     fmt::format("could not reach {}: {}", place, why_not_connected(os_error)));
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST) {
        const std::string host = url_host(request.url);
        return error(ErrorCode::kUnavailable, fmt::format("could not reach {}: the name {} is not known", place, host));
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        return error(ErrorCode::kInvalid, fmt::format("{} is not a URL that can be called", place));
    }
    const std::string reason = words_[0] != '\0' ? to_valid_utf8(words_.data()) : curl_easy_strerror(code);
    return error(ErrorCode::kUnavailable, fmt::format("the connection to {} broke: {}", place, reason));
}

Result<Response> HttpClient::Impl::run(const ClientRequest& request, const OnChunk* on_chunk) {
    Transfer transfer;
    transfer.request = &request;
    transfer.on_chunk = on_chunk;
    transfer.response.status = 0;
    const HeaderList headers = TRY(set_up(transfer));
    const CURLcode code = curl_easy_perform(curl_);
    if (transfer.thrown) std::rethrow_exception(transfer.thrown);
    if (code == CURLE_OK || transfer.stopped) return std::move(transfer.response);
    return fail(explain(code, transfer));
}

HttpClient::HttpClient() {
    start_curl_once();
    impl_ = std::make_unique<Impl>();
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response> HttpClient::send(const ClientRequest& request) { return impl_->run(request, nullptr); }

Result<Response> HttpClient::stream(const ClientRequest& request, const OnChunk& on_chunk) {
    return impl_->run(request, &on_chunk);
}

}  // namespace pintle::net
