# Sourced by what builds C with sanitizers (.lua/asan/run, Tests/Faults/run, Tests/Fuzz/run), from the top of the tree.

readonly products="$PWD/.build-asan"
readonly compiler=${CC:-clang}
# The linker that comes with Swift; gold, Debian's other one, warns about clang's sanitizers.
readonly linker=${LD:--fuse-ld=lld}
readonly flags=(-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
    -DLUA_USE_POSIX -DLUA_COMPAT_5_3 '-DEDGEHOST_LUA_BUILD="sanitized"' -Wall -Wno-unused-function)
readonly headers=(-I Sources/CIsolate/include -I Sources/CIsolate -I .lua/asan -I Tests/Faults -I "$products")
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:handle_segv=0:handle_abort=0:use_sigaltstack=0
export UBSAN_OPTIONS=print_stacktrace=1

sources=$(.ci/lua --sources)
[ -n "$sources" ] || { echo "sanitizers: this needs the patched sources of Lua" >&2; exit 1; }
mkdir -p "$products"

# The operations of the host, which the prelude asks for by name.
sed -nE 's/^ +case \.[A-Za-z]+: ("[^"]+")$/    \1,/p' Sources/EdgeRuntime/Dispatch/HostOperation.swift \
    >"$products/operations.inc"
[ -s "$products/operations.inc" ] || { echo "sanitizers: no operations in HostOperation.swift" >&2; exit 1; }
