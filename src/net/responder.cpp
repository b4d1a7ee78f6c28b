#include <utility>

#include "net/http_server.hpp"
#include "net/mailbox.hpp"
#include "net/request_parser.hpp"
#include "net/stream_state.hpp"

namespace pintle::net {

Stream::Stream(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
Stream::~Stream() { state_->close(); }
bool Stream::write(std::string chunk) { return state_->write(std::move(chunk)); }
std::size_t Stream::queued_bytes() const { return state_->queued_bytes(); }
bool Stream::wait_below(std::size_t bytes, Duration patience) { return state_->wait_below(bytes, patience); }
bool Stream::closed() const { return state_->closed(); }
void Stream::on_closed(std::function<void()> callback) { state_->on_closed(std::move(callback)); }
void Stream::close() { state_->close(); }

Responder::Responder(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection, std::uint64_t exchange,
                     std::size_t queue_limit_bytes)
    : mailbox_(std::move(mailbox)),
      connection_(std::move(connection)),
      exchange_(exchange),
      queue_limit_bytes_(queue_limit_bytes) {}

Responder::~Responder() {
    // The connection turns status 0 into its own 500, because only it knows the request id.
    if (mailbox_) send({0, {}, {}});
}

void Responder::send(Response response) {
    if (!mailbox_) return;
    mailbox_->post({Mail::Kind::kAnswer, std::move(connection_), exchange_, std::move(response), nullptr});
    mailbox_.reset();
}

std::shared_ptr<Stream> Responder::stream(int status, Headers headers) {
    const auto state = std::make_shared<StreamState>(mailbox_, connection_, queue_limit_bytes_);
    const std::shared_ptr<Mailbox> mailbox = std::exchange(mailbox_, nullptr);
    auto stream = std::make_shared<Stream>(state);
    if (!mailbox ||
        !mailbox->post(
            {Mail::Kind::kStream, std::move(connection_), exchange_, {status, std::move(headers), {}}, state})) {
        state->end();
    }
    return stream;
}

}  // namespace pintle::net
