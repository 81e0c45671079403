//! Runs the fuzz targets on stable Rust: files of the corpus and hostile ones, changed at random, the same way each time.
//!
//! Each target runs some thousand times; with `CHANGEOVER_FUZZ_SECONDS`, for so long, and from another beginning with
//! `CHANGEOVER_FUZZ_SEED`. What breaks a target is written to a file, which the failure names.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::{corpus, hostile, targets};

/// Largest file that is changed; larger ones are cut, so that a run is short.
const LARGEST: usize = 24 << 10;
const RUNS: u64 = 1_500;

/// Numbers that seem random (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Pieces that mean something in one of the formats.
const WORDS: &[&[u8]] = &[
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x00",
    b"\x80",
    b"[$d#L",
    b"[#U\x02",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\n",
    b"\r\n",
    b": ",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!binary ",
    b"Tree=0\n",
    b"end of trees\n",
    b"tree_sizes=1 2 3",
    b"-1",
    b"18446744073709551615",
    b"null",
    b"{0: 'a', 1: \"b\"}",
    b"\xc3",
    b"\xef\xbb\xbf",
];

fn changed(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(6) {
        let place = chance.below(bytes.len());
        let end = (place + 1 + chance.below(64)).min(bytes.len());
        match chance.below(8) {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << chance.below(8),
            1 if !bytes.is_empty() => bytes[place] = chance.next() as u8,
            2 => bytes.truncate(place),
            3 => drop(bytes.drain(place.min(end)..end)),
            4 => {
                let word = WORDS[chance.below(WORDS.len())];
                drop(bytes.splice(place..place, word.iter().copied()));
            }
            5 => {
                let word = WORDS[chance.below(WORDS.len())];
                let end = (place + word.len()).min(bytes.len());
                drop(bytes.splice(place..end, word.iter().copied()));
            }
            6 => {
                let piece = bytes[place.min(end)..end].repeat(1 + chance.below(20));
                drop(bytes.splice(place..place, piece));
            }
            _ => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len());
                let piece = other[from..(from + chance.below(512)).min(other.len())].to_vec();
                drop(bytes.splice(place..place, piece));
            }
        }
    }
    bytes
}

/// Runs `target` with files of the corpus whose path has one of `endings`.
fn run(name: &str, target: fn(&[u8]), endings: &[&str]) {
    let mut seeds = Vec::new();
    let mut folders = vec![corpus::root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if endings.iter().any(|ending| entry.to_string_lossy().ends_with(ending)) {
                let mut bytes = std::fs::read(&entry).expect("a file");
                bytes.truncate(LARGEST);
                seeds.push(bytes);
            }
        }
    }
    assert!(seeds.len() > 3, "{name} has no seeds");
    seeds.sort_unstable();
    seeds.extend(hostile::all().into_iter().map(|hostile| {
        let mut bytes = hostile.bytes;
        bytes.truncate(LARGEST);
        bytes
    }));
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let longest = variable("CHANGEOVER_FUZZ_SECONDS").map(Duration::from_secs);
    let mut chance = Chance(variable("CHANGEOVER_FUZZ_SEED").unwrap_or(1));
    let (start, mut runs) = (Instant::now(), 0);
    while longest.map_or(runs < RUNS, |longest| start.elapsed() < longest) {
        let bytes = changed(&seeds, &mut chance);
        if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
            let file = std::env::temp_dir().join(format!("changeover-fuzz-{name}"));
            std::fs::write(&file, &bytes).expect("a file");
            panic!("{name} breaks at what is now in {}", file.display());
        }
        runs += 1;
    }
    println!("{name}: {runs} executions");
}

#[test]
fn onnx() {
    run("onnx", targets::onnx, &[".onnx"]);
}

#[test]
fn mlflow() {
    run("mlflow", targets::mlflow, &["MLmodel", ".yaml"]);
}

#[test]
fn lightgbm() {
    run("lightgbm", targets::lightgbm, &[".txt"]);
}

#[test]
fn xgboost_json() {
    run("xgboost_json", targets::xgboost_json, &[".json"]);
}

#[test]
fn xgboost_ubjson() {
    run("xgboost_ubjson", targets::xgboost_ubjson, &[".ubj"]);
}

#[test]
fn any() {
    run("any", targets::any, &[".onnx", ".ubj", ".txt", ".json", ".joblib", ".tflite", ".model"]);
}
