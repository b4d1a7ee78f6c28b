#include "api/bodies.hpp"
#include "api/routes.hpp"
#include "domain/git_place.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

/// RepositoryQuestion.
struct Question {
    domain::GitPlace place;  ///< People copy the address of a folder out of their browser.
    std::string account;
};

Result<Question> read_question(const net::Request& request) {
    Question question;
    TRY(read_body(request, [&](json::Reader& body) {
        const std::string repository = body.text("repository", json::kRequired);
        question.account = body.text("account", std::string());
        const auto allowed = domain::check_repository(repository);
        if (!repository.empty() && !allowed) body.error_at("repository", allowed.error().message);
        question.place = domain::take_apart(repository);
    }));
    return question;
}

Value named_value(const std::vector<source::GitRevisions::Named>& all) {
    json::Array items;
    for (const auto& each : all) items.push_back(Value::object({{"name", each.name}, {"commit", each.commit}}));
    return Value(std::move(items));
}

Value revisions_value(const domain::GitPlace& place, const source::GitRevisions& found) {
    return Value::object({{"repository", place.repository},
                          {"revision", text_or_null(place.revision)},
                          {"sub_path", text_or_null(place.sub_path)},
                          {"head", text_or_null(found.head)},
                          {"branches", named_value(found.branches)},
                          {"tags", named_value(found.tags)},
                          {"cut", found.cut}});
}

void list_revisions(const CallPtr& call) {
    auto question = read_question(call->request);
    if (!question) return call->answer(fail(question.error()));
    call->services.files.post(call, FileDesk::Where::kServer, [call, question = std::move(*question)] {
        const domain::GitSource origin{question.place.repository, {}, question.account};
        const auto found = call->services.deps.sources.revisions_of(call->identity.user, origin);
        if (!found) return call->answer(fail(found.error()));
        call->answer(json_answer(revisions_value(question.place, *found)));
    });
}

}  // namespace

std::vector<Route> repository_routes() {
    return {
        {.method = "POST",
         .path = "/repositories/revisions",
         .operation = "listRevisions",
         .permission = Permission::kMakeProject,
         .handler = list_revisions,
         .summary = "the branches and tags of a git repository, which sources and imports can name as revisions",
         .body = {BodyShape::Kind::kJson, "RepositoryQuestion"},
         .answer = {200, "RepositoryRevisions"}},
    };
}

}  // namespace pintle::api
