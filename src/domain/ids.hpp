#pragma once

#include "base/id.hpp"

namespace pintle::domain {

using ProjectId = Id<struct ProjectTag>;
using JobId = Id<struct JobTag>;

}  // namespace pintle::domain
