#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/answer.hpp"
#include "api/route.hpp"
#include "api/services.hpp"
#include "core/input.hpp"
#include "net/http_server.hpp"

namespace pintle::api {

/// One request on its way through a handler, with everything that was found out about it before: who asks, what
/// the path names, and that all of it is allowed.
///
/// Threading: one thread at a time; handed from thread to thread as a shared_ptr. Failure: dropped without an answer
/// it answers 500.
class Call {
public:
    Call(Services& s, net::Request r, net::Responder out)
        : services(s), request(std::move(r)), responder_(std::move(out)) {}

    Services& services;
    net::Request request;
    const Route* route = nullptr;
    auth::Identity identity;
    std::optional<domain::Project> project;  ///< Of {project}.
    std::optional<domain::Job> job;          ///< Of {job}.
    std::optional<domain::Account> account;  ///< Of {account}.
    std::string project_name;                ///< That the project of either has now.
    auth::Subject subject;                   ///< Whose these are.
    std::vector<std::pair<std::string_view, std::string>> params;
    Duration retry_after{0};  ///< When a refused caller may try again; 0: nothing is said of it.

    /// The part of the path; the route has it.
    [[nodiscard]] const std::string& param(std::string_view name) const;
    /// Parameters of the query, which were checked against the route.
    [[nodiscard]] bool has_query(std::string_view name) const { return request.query.find(name) != nullptr; }
    [[nodiscard]] std::string query(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> query_whole(std::string_view name) const;
    [[nodiscard]] bool query_flag(std::string_view name) const;
    [[nodiscard]] store::PageRequest page() const;
    /// The client prefers `text/event-stream`.
    [[nodiscard]] bool wants_events() const;
    /// The Last-Event-ID header, or nothing.
    [[nodiscard]] std::string last_event_id() const;
    /// Who asks, for people: "ana" or "job digits/workflow:5".
    [[nodiscard]] Result<std::string> by() const;
    /// From where, without the port: that of a client says nothing and changes with every connection. Behind a proxy on
    /// this machine, which the configuration's public_url speaks of, what the proxy says last.
    [[nodiscard]] std::string address() const;
    /// Who asks, for the audit log.
    [[nodiscard]] domain::Actor actor() const;
    /// What the lists that are asked for may show, as the parameter `show` says: owned, shared, all (unless said
    /// otherwise) or everyone, which is for operators.
    [[nodiscard]] Result<store::Viewer> viewer() const;

    void answer(Result<net::Response> result);
    [[nodiscard]] std::shared_ptr<net::Stream> stream(std::string_view content_type, net::Headers more = {},
                                                      int status = 200);

private:
    net::Responder responder_;
};

/// Gives a command to the core and answers with what `then` makes of its result, on a thread of the executor.
using Then = std::function<Result<net::Response>(Call&, const std::string& id)>;
void command(const std::shared_ptr<Call>& call, core::InputBody body, Then then);

}  // namespace pintle::api
