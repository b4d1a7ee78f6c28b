#include "domain/account.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::domain;

namespace {

Account an_account(AccountKind kind) {
    Account account;
    account.name = "work";
    account.kind = kind;
    if (kind == AccountKind::kS3 || kind == AccountKind::kRegistry) account.user = "robot";
    if (kind == AccountKind::kRegistry) account.server = "registry.example:5000";
    return account;
}

std::string fault_of(const Account& account) {
    const auto checked = check_account(account);
    return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("every kind of account has a word that reads back, and a word for its secret") {
    for (const AccountKind kind : kAccountKinds) {
        CHECK(account_kind_from(to_string(kind)) == kind);
        CHECK_FALSE(secret_word(kind).empty());
        CHECK(fault_of(an_account(kind)).empty());
    }
    CHECK_FALSE(account_kind_from("ftp").has_value());
}

TEST_CASE("an account has what its kind needs and nothing else") {
    struct Case {
        AccountKind kind;
        void (*spoil)(Account&);
        std::string words;
    };
    const std::vector<Case> cases{
        {AccountKind::kGitKey, [](Account& a) { a.user = "git"; }, "has no user"},
        {AccountKind::kGitToken, [](Account& a) { a.known_hosts = "h t k"; }, "has no known_hosts"},
        {AccountKind::kS3, [](Account& a) { a.user.clear(); }, "needs a user"},
        {AccountKind::kRegistry, [](Account& a) { a.server.clear(); }, "needs a server"},
        {AccountKind::kRegistry, [](Account& a) { a.user.clear(); }, "needs a user"},
        {AccountKind::kGitKey, [](Account& a) { a.known_hosts = "github.com ssh-ed25519"; }, "line 1 of known_hosts"},
        {AccountKind::kGitToken, [](Account& a) { a.server = "https://host/x"; }, "expected a host"},
        {AccountKind::kGitToken, [](Account& a) { a.server = "-oProxyCommand=x"; }, "expected a host"},
        {AccountKind::kGitToken, [](Account& a) { a.user = "a:b"; }, "without blanks and colons"},
        {AccountKind::kGitToken, [](Account& a) { a.user = "a b"; }, "without blanks and colons"},
        {AccountKind::kGitToken, [](Account& a) { a.name = ""; }, "may not be empty"},
        {AccountKind::kGitToken, [](Account& a) { a.name = "a/b"; }, "slash"},
    };
    for (const Case& c : cases) {
        Account account = an_account(c.kind);
        c.spoil(account);
        INFO(c.words);
        CHECK(fault_of(account).find(c.words) != std::string::npos);
    }
}

TEST_CASE("a server may be given as a host or as a URL of it") {
    CHECK(server_name_of("GitHub.com") == "github.com");
    CHECK(server_name_of(" https://name:secret@git.example:8443/team/repo ") == "git.example:8443");
    CHECK(server_name_of("registry.example/") == "registry.example");
    CHECK(server_name_of("").empty());
}
