#include "gateway/state_page.hpp"

#include "auth/plain_page.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "gateway/door.hpp"
#include "json/json_text.hpp"

namespace pintle::gateway {
namespace {

constexpr int kAskAgainSeconds = 2;

struct Words {
    std::string_view title;
    std::string_view sentence;
    bool passes = false;  ///< It may change without anybody doing anything.
};

Words words_of(Endpoint::State state) {
    switch (state) {
        case Endpoint::State::kRunning: return {"serves no pages", "It runs, but its configuration names no port."};
        case Endpoint::State::kStarting: return {"is starting", "This page opens it as soon as it answers.", true};
        case Endpoint::State::kWaiting: return {"waits for its turn", "This page opens it as soon as it runs.", true};
        case Endpoint::State::kStopping: return {"is stopping", "Wait a moment.", true};
        case Endpoint::State::kPaused:
            return {"is paused",
                    "It was paused because nothing happened in it. What it kept in its folder is still there; open "
                    "notebooks must be run again."};
        case Endpoint::State::kDisabled:
            return {"is disabled", "Enable it on the project's page. What it kept in its folder is still there."};
        case Endpoint::State::kFailing:
            return {"does not stay up", "It ended by itself and is started again after a while; its log tells more.",
                    true};
    }
    unreachable();
}

std::string with_end(std::string sentence) {
    if (!sentence.empty()) sentence.front() = to_upper(sentence.substr(0, 1)).front();
    return sentence.ends_with('.') ? sentence : sentence + ".";
}

net::Response answer(const net::Request& head, auth::PlainPage page, std::string_view code) {
    if (wants_page(head)) return auth::plain_page(page);
    std::string message = page.title + ".";
    for (const std::string& sentence : page.sentences) message += " " + sentence;
    return fault_answer(page.status, code, std::move(message), head);
}

std::string title_of(const Endpoint& endpoint, std::string_view words) {
    return fmt::format("{} of {} {}", endpoint.name, endpoint.project_name, words);
}

}  // namespace

net::Response fault_answer(int status, std::string_view code, std::string message, const net::Request& head) {
    const json::Value body = json::Value::object({{"code", std::string(code)},
                                                  {"message", to_valid_utf8(message)},
                                                  {"details", json::Value(json::Array{})},
                                                  {"request_id", head.request_id}});
    return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, json::to_json(body)};
}

bool wants_page(const net::Request& head) {
    if (head.method != "GET" && head.method != "HEAD") return false;
    const std::string_view mode = head.headers.get("Sec-Fetch-Mode");
    if (!mode.empty()) return mode == "navigate";
    return head.headers.get("Accept").find("text/html") != std::string_view::npos;
}

net::Response state_answer(const net::Request& head, const Endpoint& endpoint, std::string_view server_url) {
    const Words words = words_of(endpoint.state);
    auth::PlainPage page;
    page.status = 503;
    page.title = title_of(endpoint, words.title);
    if (!endpoint.reason.empty()) page.sentences.push_back(with_end(endpoint.reason));
    page.sentences.emplace_back(words.sentence);
    page.reload_after_s = words.passes ? kAskAgainSeconds : 0;
    if (endpoint.state == Endpoint::State::kPaused)
        page.button = {"Resume", prefix_of(endpoint.project, endpoint.name) + std::string(kResumePath)};
    page.link = {"The project's page", fmt::format("{}/projects/{}", server_url, endpoint.project.str())};
    net::Response response = answer(head, std::move(page), "unavailable");
    if (words.passes) response.headers.set("Retry-After", std::to_string(kAskAgainSeconds));
    return response;
}

net::Response silent_answer(const net::Request& head, const Endpoint& endpoint, std::string_view why) {
    auth::PlainPage page;
    page.status = 502;
    page.title = title_of(endpoint, "does not answer");
    page.sentences = {fmt::format(
        "It runs, but gave no answer: {}. One that has just begun takes a moment; if this stays, its log tells more.",
        why)};
    page.reload_after_s = kAskAgainSeconds;
    return answer(head, std::move(page), "unavailable");
}

net::Response refused_answer(const net::Request& head, const Error& error, std::string_view open_url) {
    auth::PlainPage page;
    page.status = http_status(error.code);
    page.title = error.code == ErrorCode::kUnauthorized ? "Open it from its project first" : "This cannot be opened";
    page.sentences = {with_end(error.message)};
    if (!open_url.empty()) page.link = {"Open it", std::string(open_url)};
    return answer(head, std::move(page), to_string(error.code));
}

}  // namespace pintle::gateway
