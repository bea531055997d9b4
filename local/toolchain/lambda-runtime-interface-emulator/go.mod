module student-helper/local/toolchain/lambda-runtime-interface-emulator

go 1.24
