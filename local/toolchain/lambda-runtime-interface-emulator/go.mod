module student-helper/local/toolchain/lambda-runtime-interface-emulator

go 1.26.0
