#include "engine_container/image_fetch.hpp"

#include <doctest/doctest.h>

#include "net/http_server.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_container;

namespace {

Error said(std::string words) { return {ErrorCode::kInternal, std::move(words), {}, {}}; }

}  // namespace

TEST_CASE("what can be mended by waiting is told from what cannot, in the words that registries really use") {
    struct Case {
        const char* words;
        ErrorCode code;
    };
    for (const Case& each : {
             Case{"initializing source docker://localhost/x: pinging container registry localhost: Get "
                  "\"https://localhost/v2/\": dial tcp "
                  "127.0.0.1:443: connect: connection refused",
                  ErrorCode::kUnavailable},
             Case{"pinging container registry r.invalid: dial tcp: lookup r.invalid on 1.1.1.1:53: no such host",
                  ErrorCode::kUnavailable},
             Case{"received unexpected HTTP status: 503 Service Unavailable", ErrorCode::kUnavailable},
             Case{"net/http: TLS handshake timeout", ErrorCode::kUnavailable},
             Case{"reading manifest 9 in docker.io/library/python: manifest unknown", ErrorCode::kNotFound},
             Case{"repository team/none not found: name unknown", ErrorCode::kNotFound},
             Case{"pull access denied for x, repository does not exist or may require 'docker login'",
                  ErrorCode::kNotFound},
             Case{"requested access to the resource is denied", ErrorCode::kDenied},
             Case{"unauthorized: authentication required", ErrorCode::kDenied},
             Case{"no matching manifest for linux/amd64 in the manifest list entries", ErrorCode::kInvalid},
             Case{"choosing an image from manifest list docker://x: no image found in manifest list for architecture "
                  "arm64",
                  ErrorCode::kInvalid},
             Case{"invalid reference format", ErrorCode::kInvalid},
             Case{"write /var/lib/x: no space left on device", ErrorCode::kExhausted},
         }) {
        const Error error = pull_failure("team/x", said(each.words));
        CHECK_MESSAGE(error.code == each.code, each.words);
        CHECK(error.message.find("team/x") != std::string::npos);
    }
}
