#pragma once

#include "base/id.hpp"

namespace pintle::domain {

using ProjectId = Id<struct ProjectTag>;
using JobId = Id<struct JobTag>;
using UserId = Id<struct UserTag>;
using GroupId = Id<struct GroupTag>;
using PoolId = Id<struct PoolTag>;
using TokenId = Id<struct TokenTag>;
using AccountId = Id<struct AccountTag>;

}  // namespace pintle::domain
