//! Fuzzes `targets::mlflow`.
#![no_main]

#[allow(dead_code)] // The other targets.
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::mlflow(bytes));
