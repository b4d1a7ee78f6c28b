#pragma once

#include <functional>
#include <memory>

#include "api/call.hpp"

namespace pintle::api {

/// A project as its editor wants it, made from the project as it is.
struct Edit {
    domain::ProjectSpec spec;
    std::vector<Fault> warnings;
    std::string text{};  ///< What the spec was read from, if that is to be kept.
};
using MakeEdit = std::function<Result<Edit>(const Call&, const domain::Project&)>;
/// What to answer once the project is saved.
using EditAnswer = std::function<Result<net::Response>(const domain::Project&, const std::vector<Fault>& warnings)>;

/// Changes the project of {project}: makes the edit, gives it to the core with the revision it was made from, and
/// answers. With If-Match that revision must be the present one; without, an edit that met another is made again.
void edit_project(const std::shared_ptr<Call>& call, MakeEdit make, EditAnswer answer);

/// Makes the project for who asks, and answers. A request with a key that was used gives the same project again.
/// `finish` does what belongs to it once the project is there, before the answer; its failure is the answer.
using Finish = std::function<Result<void>(Call&, const domain::Project&)>;
void make_project(const std::shared_ptr<Call>& call, Edit project, Finish finish = {});

/// `{"project": …, "warnings": …}`
[[nodiscard]] net::Response project_answer(const domain::Project& project, const std::vector<Fault>& warnings,
                                           int status);
/// The project as it is stored now.
[[nodiscard]] Result<domain::Project> read_project_again(Call& call, const std::string& id);

}  // namespace pintle::api
