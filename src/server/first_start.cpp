#include "server/first_start.hpp"

#include <unistd.h>

#include "auth/secret.hpp"
#include "os/file.hpp"

namespace pintle::server {
namespace {

constexpr Duration kInviteTime = std::chrono::days(7);

Result<bool> has_users(store::ReaderPool& readers) {
    return readers.with([](store::StoreReader& reader) -> Result<bool> {
        store::UserFilter everybody;
        everybody.include_offboarded = true;
        return !TRY(reader.list_users(everybody, {"", 1})).items.empty();
    });
}

/// The code that a start before this one has kept; nothing when it opens no door any more.
Result<std::optional<std::string>> kept_code(store::ReaderPool& readers, const std::string& path, Time now) {
    using Code = std::optional<std::string>;
    const auto text = os::read_file(path, 4096);
    if (!text) return Code();
    const std::size_t begin = text->find(auth::kInvitePrefix);
    if (begin == std::string::npos) return Code();
    std::string code = text->substr(begin, text->find_first_of(" \n", begin) - begin);
    const auto invite = TRY(
        readers.with([&](store::StoreReader& reader) { return reader.find_invite(auth::secret_hash(code)); }));
    return invite && invite->expires_at > now ? Code(std::move(code)) : Code();
}

std::string words(const FirstStart& first, const std::string& code) {
    return fmt::format("{} has no password yet. Set one, within a week and once, here:\n  {}/welcome#{}\n"
                       "or on the command line:\n  pintle login --url {} --invite {}\n",
                       first.operator_name, first.url, code, first.url, code);
}

}  // namespace

Result<std::optional<std::string>> welcome(const FirstStart& first, runtime::Runtime& runtime,
                                           store::ReaderPool& readers, const runtime::DataFolder& data, Time now) {
    using Text = std::optional<std::string>;
    const std::string path = data.file("welcome");
    std::optional<std::string> code;
    if (TRY(has_users(readers))) {
        code = TRY(kept_code(readers, path, now));
    } else {
        code = auth::make_secret(auth::kInvitePrefix);
        // The file first: a code that nobody knows would leave a server without an operator who can sign in.
        TRY(os::write_file_atomic(path, words(first, *code), 0600));
        const domain::UserId id(runtime.make_id());
        const domain::Actor server{{}, "server", "first start", "", true};
        TRY(runtime.call(
            core::input::BeginUsers{id, first.operator_name, {auth::secret_hash(*code), id, now + kInviteTime}},
            server));
    }
    if (!code || !first.passwords) {
        ::unlink(path.c_str());
        return Text();
    }
    TRY(os::write_file_atomic(path, words(first, *code), 0600));
    return Text(words(first, *code));
}

}  // namespace pintle::server
