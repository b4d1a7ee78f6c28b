#include "api/sign_in_failed_page.hpp"

#include "auth/plain_page.hpp"

namespace pintle::api {

net::Response sign_in_failed_page(const Error& error) {
    auth::PlainPage page;
    page.status = http_status(error.code);
    page.title = "Signing in did not work";
    page.sentences = {error.message};
    page.link = {"Try again", "/welcome"};
    return auth::plain_page(page);
}

}  // namespace pintle::api
