// SPDX-License-Identifier: MIT
// bench_compress FILE FORMAT LEVEL THREADS [OUTPUT]: one line with bytes, wall and CPU seconds of compressing
// a file in memory. Build it by name: cmake --build build/release -t bench_compress.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace {

using namespace mkpxerd;

Result<void> run(const char* file, const wrap::CompressorOptions& options, std::string& output) {
    MKPXERD_TRY_ASSIGN(const auto input, MappedFile::open(file));
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    MKPXERD_TRY_ASSIGN(auto compressor,
                       wrap::make_compressor(options, [&](std::span<const std::byte> bytes) -> Result<void> {
                           output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                           return {};
                       }));
    MKPXERD_TRY(compressor->write(input.bytes()));
    MKPXERD_TRY(compressor->finish());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - wall;
    fmt::print("{} threads {}: {} -> {} bytes, wall {:.3f} s, cpu {:.3f} s\n",
               wrap::format_name(options.format), options.threads, input.bytes().size(), output.size(),
               took.count(), static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        fmt::print(stderr, "usage: bench_compress FILE FORMAT LEVEL THREADS [OUTPUT]\n");
        return 2;
    }
    const auto format = wrap::parse_format(argv[2]);
    if (!format) {
        fmt::print(stderr, "bench_compress: unknown format {}\n", argv[2]);
        return 2;
    }
    wrap::CompressorOptions options{*format, {}, static_cast<unsigned>(std::atoi(argv[4]))};
    if (std::string_view(argv[3]) != "-") options.level = std::atoi(argv[3]);
    std::string output;
    auto done = run(argv[1], options, output);
    if (done && argc > 5) done = write_file(argv[5], output);
    if (done) return 0;
    fmt::print(stderr, "bench_compress: {}\n", done.error().text());
    return 1;
}
