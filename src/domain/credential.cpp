#include "domain/credential.hpp"

#include "base/check.hpp"

namespace pintle::domain {

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::kRead: return "read";
        case Scope::kRun: return "run";
        case Scope::kWrite: return "write";
        case Scope::kOperate: return "operate";
    }
    unreachable();
}

std::optional<Scope> scope_from(std::string_view text) {
    for (const Scope scope : {Scope::kRead, Scope::kRun, Scope::kWrite, Scope::kOperate}) {
        if (to_string(scope) == text) return scope;
    }
    return std::nullopt;
}

}  // namespace pintle::domain
