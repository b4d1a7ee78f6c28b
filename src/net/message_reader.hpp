#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.hpp"
#include "net/request_parser.hpp"

namespace pintle::net {

/// Reads one HTTP/1.x message from bytes that may be cut anywhere and gives its body on as it comes, without the
/// framing: for a proxy, which frames it anew, so that two programs never disagree where a message ends.
///
/// Threading: one thread. Knows nothing of sockets. Failure: as a ServerFault. As strict as RequestParser: one Host in
/// HTTP/1.1, no transfer coding but "chunked", never both a length and a coding.
class MessageReader {
public:
    enum class Kind {
        kRequest,
        kResponse,
        kResponseToHead,  ///< Has no body, whatever its headers say.
    };
    enum class State {
        kHead,    ///< The head is not complete.
        kBody,
        kDone,
        kFailed,
    };
    /// What the first line and the headers say.
    struct Head {
        std::string method;  ///< Of a request.
        std::string target;  ///< Of a request.
        int status = 0;      ///< Of a response.
        bool http_1_0 = false;
        Headers headers;
    };

    MessageReader(Kind kind, std::size_t head_limit_bytes);
    ~MessageReader();
    MessageReader(MessageReader&&) noexcept;
    MessageReader& operator=(MessageReader&&) noexcept;

    /// Reads from `bytes`, which begin with what earlier calls left unconsumed, and appends what is of the body to
    /// `body`; returns how many bytes were consumed. Stops once where the head ends. Must not be called with nothing,
    /// nor once it is done or failed.
    std::size_t feed(std::string_view bytes, std::string& body);
    /// The sender has closed: done, if that is how the body ends, and failed otherwise.
    void end();

    [[nodiscard]] State state() const;
    [[nodiscard]] const ServerFault& fault() const;
    [[nodiscard]] const Head& head() const;
    /// How long the body is, where the head says so.
    [[nodiscard]] std::optional<std::uint64_t> length() const;
    /// Whether anything follows the head.
    [[nodiscard]] bool has_body() const;
    /// Whether the sender keeps the connection.
    [[nodiscard]] bool keep_alive() const;

private:
    class Impl;
    template <bool kRequest>
    class Parser;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::net
