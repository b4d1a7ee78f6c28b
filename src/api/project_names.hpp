#pragma once

#include <map>
#include <string>

#include "store/store_reader.hpp"

namespace pintle::api {

/// The present names of projects. A job keeps the name that its project had when it was submitted; people know it, and
/// ask for it, by the name that the project has now.
///
/// Threading: one thread, within one loan of the reader. Failure: a project that cannot be read keeps the old name.
class ProjectNames {
public:
    explicit ProjectNames(store::StoreReader& reader) : reader_(reader) {}

    [[nodiscard]] const std::string& of(const domain::ProjectId& id, const std::string& name_at_submit);
    /// "digits/train:3"
    [[nodiscard]] std::string display_name(const domain::Job& job);

private:
    store::StoreReader& reader_;
    std::map<domain::ProjectId, std::string> names_;
};

}  // namespace pintle::api
