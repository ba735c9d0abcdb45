// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/shebang.hpp"

#include <catch2/catch.hpp>

using mkpxerd::generator::head_bytes;
using mkpxerd::generator::parse_shebang;
using mkpxerd::generator::Shebang;

TEST_CASE("a script's first line names its interpreter") {
    CHECK(parse_shebang("#!/bin/sh\necho") == Shebang{"/bin/sh", ""});
    CHECK(parse_shebang("#! \t/bin/sh -e\n") == Shebang{"/bin/sh", ""});
    CHECK(parse_shebang("#!/bin/sh") == Shebang{"/bin/sh", ""});
    CHECK(parse_shebang("#!/bin/sh\r\n") == Shebang{"/bin/sh", ""});
    CHECK(parse_shebang("#!/usr/bin/python3 -s env\n") == Shebang{"/usr/bin/python3", ""});
}

TEST_CASE("env's argument names the program that runs the script") {
    CHECK(parse_shebang("#!/usr/bin/env bash\n") == Shebang{"/usr/bin/env", "bash"});
    CHECK(parse_shebang("#!/bin/env -S awk -f\n") == Shebang{"/bin/env", "awk"});
    CHECK(parse_shebang("#!/usr/bin/env -Sawk -f\n") == Shebang{"/usr/bin/env", "awk"});
    CHECK(parse_shebang("#!/usr/bin/env --split-string=perl -w\n") == Shebang{"/usr/bin/env", "perl"});
    CHECK(parse_shebang("#!/usr/bin/env -i LANG=C /opt/tool x\n") == Shebang{"/usr/bin/env", "/opt/tool"});
    CHECK(parse_shebang("#!/usr/bin/env\n") == Shebang{"/usr/bin/env", ""});
    CHECK(parse_shebang("#!/usr/bin/env -i\n") == Shebang{"/usr/bin/env", ""});
    CHECK(parse_shebang("#!/opt/myenv bash\n") == Shebang{"/opt/myenv", ""});
}

TEST_CASE("env's options with values, quotes and escapes do not hide the program") {
    const auto [line, program] = GENERATE(table<const char*, const char*>({
        {"-S -u LD_PRELOAD bash -e", "bash"},
        {"-S -uLD_PRELOAD -i bash", "bash"},
        {"-S --unset=A --unset B bash", "bash"},
        {"-S -C /tmp -a name bash", "bash"},
        {"-S --chdir /tmp A=b bash", "bash"},
        {"-iS bash -x", "bash"},
        {"-vSbash -x", "bash"},
        {"-iuS bash", "bash"}, // the S is the name that -u takes
        {"-S -- bash -S x", "bash"},
        {R"(-S"/opt/my tool" -x)", "/opt/my tool"},
        {R"(-S 'A=b c' ba"sh")", "bash"},
        {R"(-S\_bash\_-x)", "bash"},
        {R"(-S "A=b\_c" /opt/x\"y)", "/opt/x\"y"},
        {"-S bash # a comment", "bash"},
        {"-u NAME bash", "bash"},
        {"-S ${SHELL} -e", ""}, // known only when it runs
        {"-S", ""},
        {"--split-string", ""},
        {"-u", ""},
    }));
    INFO(line);
    CHECK(parse_shebang("#!/usr/bin/env " + std::string(line) + "\n") == Shebang{"/usr/bin/env", program});
}

TEST_CASE("a file that the kernel does not run as a script is not one") {
    CHECK_FALSE(parse_shebang(""));
    CHECK_FALSE(parse_shebang("#"));
    CHECK_FALSE(parse_shebang("# /bin/sh\n"));
    CHECK_FALSE(parse_shebang("#!"));
    CHECK_FALSE(parse_shebang("#! \n/bin/sh"));
    CHECK_FALSE(parse_shebang("#!\n"));
    const std::string endless = "#!/" + std::string(head_bytes - 3, 'a');
    CHECK_FALSE(parse_shebang(endless));
    CHECK(parse_shebang("#!/bin/sh " + std::string(head_bytes - 10, 'a')) == Shebang{"/bin/sh", ""});
}
