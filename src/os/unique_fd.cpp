#include "os/unique_fd.hpp"

#include <unistd.h>

namespace pintle::os {

void UniqueFd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

}  // namespace pintle::os
