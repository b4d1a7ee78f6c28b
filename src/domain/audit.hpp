#pragma once

#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// Who asks for something, and from where; goes with every command.
struct Actor {
    UserId user;       ///< Of a job's program: of the job's owner. Empty: the server itself.
    std::string name;  ///< "ana", "job digits/train:3", "server"
    std::string via;   ///< "session", "token NAME", "local token", "job"
    std::string address;
    bool is_operator = false;
    bool operator==(const Actor&) const = default;
};

/// Somebody did something. Written in the same transaction as what was done.
struct AuditEntry {
    Time at{};
    std::string actor;
    std::string via;
    std::string address;
    std::string action;   ///< "user.onboard", "pool.create", "job.stop", "sign_in.failed"
    std::string subject;  ///< "ana", "research", "digits/train:3"
    std::string detail;   ///< A sentence; may be empty.
    bool operator==(const AuditEntry&) const = default;
};

}  // namespace pintle::domain
