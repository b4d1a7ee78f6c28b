#include "api/bodies.hpp"
#include "api/project_edit.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "domain/git_place.hpp"
#include "source/git_command.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using CallPtr = std::shared_ptr<Call>;

constexpr std::size_t kDocumentMost = 4u << 20;
constexpr std::size_t kSummaryMost = 1u << 20;

/// ProjectImport.
struct Import {
    domain::GitSource origin;
    std::string path;
    std::string name;
};

// People copy the address of a folder out of their browser; the path counts from there.
void take_address_apart(Import& import) {
    domain::GitPlace place = domain::take_apart(import.origin.repository);
    import.origin.repository = std::move(place.repository);
    if (import.origin.revision.empty()) import.origin.revision = std::move(place.revision);
    const std::size_t slash = place.sub_path.find('/');
    if (slash != std::string::npos) import.path = place.sub_path.substr(slash + 1) + "/" + import.path;
}

Result<Import> read_import(const net::Request& request) {
    Import import;
    TRY(read_body(request, [&](json::Reader& body) {
        import.origin.repository = body.text("repository", json::kRequired);
        import.origin.revision = body.text("revision", std::string());
        import.origin.account = body.text("account", std::string());
        import.path = body.text("path", std::string("pintle.yaml"));
        import.name = body.text("name", std::string());
        const auto allowed = domain::check_repository(import.origin.repository);
        if (!import.origin.repository.empty() && !allowed) body.error_at("repository", allowed.error().message);
    }));
    take_address_apart(import);
    return import;
}

// The text of the file that the document names beside itself; a client would have put it there.
Result<void> read_summary(Call& call, const Import& import, const std::string& commit, document::ReadProject& read) {
    if (read.summary_file.empty()) return {};
    const std::size_t slash = import.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : import.path.substr(0, slash + 1);
    const auto file = call.services.deps.sources.read_file(call.identity.user,
                                                           {import.origin.repository, commit, import.origin.account},
                                                           folder + read.summary_file, kSummaryMost);
    if (!file) return fail(file.error().context("summary_file"));
    read.spec.summary = to_valid_utf8(file->text);
    return {};
}

// Files beside the document are not sent by anybody.
void warn_of_uploads(document::ReadProject& read) {
    for (std::size_t i = 0; i < read.spec.sources.size(); ++i) {
        if (read.spec.sources[i].upload.empty()) continue;
        const char* text = "the folder is not sent when a project is imported; upload its files afterwards";
        read.warnings.push_back({fmt::format("sources[{}].upload", i), text, 0, 0});
    }
}

Result<Edit> read_imported(Call& call, const Import& import) {
    const auto file =
        TRY(call.services.deps.sources.read_file(call.identity.user, import.origin, import.path, kDocumentMost));
    auto read = document::read_project_text(file.text);
    if (!read) {
        return fail(read.error().context(fmt::format("{} in {} at commit {}", to_valid_utf8(import.path),
                                                     source::mask_secrets(import.origin.repository),
                                                     file.commit.substr(0, 12))));
    }
    std::string text = import.name.empty() ? text_to_keep(file.text, *read) : std::string();
    TRY(read_summary(call, import, file.commit, *read));
    warn_of_uploads(*read);
    if (!import.name.empty()) read->spec.name = import.name;
    return Edit{std::move(read->spec), std::move(read->warnings), std::move(text)};
}

void import_project(const CallPtr& call) {
    const auto import = read_import(call->request);
    if (!import) return call->answer(fail(import.error()));
    const bool taken = call->services.imports.post([call, import = *import] {
        auto read = read_imported(*call, import);
        if (!read) return call->answer(fail(read.error()));
        make_project(call, std::move(*read));
    });
    if (taken) return;
    call->retry_after = std::chrono::seconds(10);
    call->answer(fail(ErrorCode::kExhausted, "too many projects are being imported at this moment; try again soon"));
}

}  // namespace

std::vector<Route> project_import_routes() {
    return {
        {.method = "POST",
         .path = "/projects/import",
         .operation = "importProject",
         .permission = Permission::kMakeProject,
         .handler = import_project,
         .summary = "make a project from its document in a git repository",
         .body = {BodyShape::Kind::kJson, "ProjectImport"},
         .answer = {201, "ProjectSaved"},
         .idempotency_key = true},
    };
}

}  // namespace pintle::api
