// Shows whether the compiler keeps the temporaries of a co_await expression alive (docs/adr/0002-no-coroutines.md).
// Build with -std=c++20 -fsanitize=address and run: a right compiler prints "right" and exits with 0.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>

struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

struct Awaiter {
    std::function<long()> ask;
    bool await_ready() { return true; }
    void await_suspend(std::coroutine_handle<>) {}
    long await_resume() { return ask(); }
};

Awaiter run(std::function<long()> ask) { return {std::move(ask)}; }

Task probe(std::shared_ptr<int> shared, long& count) {
    count = co_await run([shared] { return shared.use_count(); });
}

int main() {
    long during = 0;
    auto shared = std::make_shared<int>(1);
    probe(shared, during);
    const bool right = shared.use_count() == 1 && during > 1 && during < 10;
    std::puts(right ? "right" : "wrong");
    return right ? 0 : 1;
}
