#include "domain/git_place.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Value = TemplateValue;

// An address that nobody has filled in is no address, and no error: templates ask for its parts before they know.
Result<domain::GitPlace> place_in(const FunctionCall& call) {
    if (call.args[0].is_nothing()) return domain::GitPlace();
    return domain::take_apart(TRY(call.text(0)));
}

Result<Value> git_repository(const FunctionCall& call) { return call.made(TRY(place_in(call)).repository); }
Result<Value> git_sub_path(const FunctionCall& call) { return call.made(TRY(place_in(call)).sub_path); }
Result<Value> git_revision(const FunctionCall& call) { return call.made(TRY(place_in(call)).revision); }

}  // namespace

const std::vector<TemplateFunction>& git_functions() {
    static const std::vector<TemplateFunction> kFunctions{
        {"gitRepo", 1, 1, git_repository},
        {"gitSubPath", 1, 1, git_sub_path},
        {"gitRevision", 1, 1, git_revision},
    };
    return kFunctions;
}

}  // namespace pintle::form
