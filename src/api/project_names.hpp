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
    /// The group under whose name it is found; empty for a project that cannot be read.
    [[nodiscard]] const domain::GroupId& home_of(const domain::ProjectId& id);
    /// "digits/train:3"
    [[nodiscard]] std::string display_name(const domain::Job& job);

private:
    struct Known {
        std::string name;  ///< Empty: it could not be read.
        domain::GroupId home;
    };
    [[nodiscard]] const Known& look_up(const domain::ProjectId& id);

    store::StoreReader& reader_;
    std::map<domain::ProjectId, Known> known_;
};

}  // namespace pintle::api
