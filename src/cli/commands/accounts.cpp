#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kFileMost = 64 << 10;

}  // namespace

Positional account_argument() {
    return {.name = "ACCOUNT", .help = "its name or id", .offer = Offer::kAccount};
}

std::string account_path(const Context& context) { return "/accounts/" + segment(context.args.get("ACCOUNT")); }

std::vector<Option> account_options() {
    return {{.name = "secret-file",
             .value = "FILE",
             .help = "the private key, token, secret key or password; - reads standard input",
             .offer = Offer::kFile},
            {.name = "server", .value = "HOST", .help = "the only server that gets the secret, such as github.com"},
            {.name = "user", .value = "NAME", .help = "the user name; of S3 the access key"},
            {.name = "known-hosts",
             .value = "FILE",
             .help = "of a git_key: lines of ssh-keyscan, instead of what the host shows at first",
             .offer = Offer::kFile}};
}

Result<json::Value> account_wish(const Arguments& args) {
    json::Value body = json::Value::object();
    for (const char* name : {"server", "user"}) {
        if (args.has(name)) body.set(name, args.get(name));
    }
    if (const std::string file = args.get("known-hosts"); !file.empty())
        body.set("known_hosts", TRY(os::read_file(file, kFileMost)));
    return body;
}

std::string secret_word_of(const std::string& kind) {
    if (kind == "git_key") return "private key";
    if (kind == "s3") return "secret key";
    return kind == "registry" ? "password" : "token";
}

Result<std::string> read_account_secret(Context& context, const std::string& word) {
    const std::string file = context.args.get("secret-file");
    if (!file.empty() && file != "-") return os::read_file(file, kFileMost);
    if (file == "-" || !context.deps.in_is_terminal) {
        std::string text = TRY(read_input(context.deps));
        if (!trim(text).empty()) return text;
        return fail(ErrorCode::kInvalid, "expected the {} on standard input; or name its file with --secret-file",
                    word);
    }
    // A key has many lines, which nobody types.
    if (word == "private key") return fail(ErrorCode::kInvalid, "name the file of the private key with --secret-file");
    std::string prompt = word;
    prompt.front() = static_cast<char>(prompt.front() - 'a' + 'A');
    return ask_secret(context, prompt + ": ");
}

void print_account(Context& context, const json::Value& account) {
    Terminal& term = context.term;
    const bool shared = account["group"].is_object();
    term.line(fmt::format("{}   {}", term.styled(Style::kBold, term.plain(text_of(account, "name"))),
                          text_of(account, "kind")));
    term.line(term.plain(shared ? fmt::format("  of {}, for the group {}", text_of(account["owner"], "name"),
                                              text_of(account["group"], "name"))
                                : fmt::format("  of {} alone", text_of(account["owner"], "name"))));
    for (const auto& [key, words] :
         {std::pair{"server", "server"}, std::pair{"user", "user"}, std::pair{"fingerprint", "key"}}) {
        if (const std::string value = text_of(account, key); !value.empty())
            term.line(term.plain(fmt::format("  {} {}", words, value)));
    }
    if (account["known_hosts"].is_string()) term.line("  known hosts are given");
    if (const std::string fault = text_of(account, "fault"); !fault.empty())
        term.line("  " + term.styled(Style::kBad, term.plain(fault)));
    if (context.wide()) term.line("  id " + term.plain(text_of(account, "id")));
}

}  // namespace pintle::cli
