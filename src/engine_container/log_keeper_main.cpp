#include "engine_container/log_keeper.hpp"

// The keeper of a log as a program of its own, for tests; the server starts itself.
int main(int count, char** words) { return pintle::engine_container::run_log_keeper({words + 1, words + count}); }
