//! Says what a file that is not ONNX looks like, for the error that refuses it.

use std::io::Read;

/// How much of the beginning is looked at.
const HEAD: u64 = 512;

const PICKLE: &str = "a Python pickle, which is never opened because that runs code";

/// First bytes of formats that people mistake for ONNX or that a download leaves behind.
const BEGINNINGS: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89HDF", "an HDF5 file, as Keras writes it"),
    (b"GGUF", "a GGUF file"),
    (b"\x80\x02", PICKLE),
    (b"\x80\x03", PICKLE),
    (b"\x80\x04", PICKLE),
    (b"\x80\x05", PICKLE),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF document"),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file it stands for"),
];

/// What `file`, read from its beginning, looks like.
pub(super) fn looks_like(file: impl Read) -> &'static str {
    let mut head = Vec::new();
    if file.take(HEAD).read_to_end(&mut head).is_err() {
        return "something that cannot be read";
    }
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return name;
    }
    if head.get(4..8) == Some(b"TFL3") {
        return "a TensorFlow Lite model";
    }
    if !printable(&head) {
        return "binary data of another kind";
    }
    let text = String::from_utf8_lossy(&head).trim_start().to_ascii_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        "a web page (HTML)"
    } else if text.starts_with(['{', '[']) {
        "JSON"
    } else if text.starts_with('<') {
        "XML"
    } else {
        "plain text"
    }
}

fn printable(head: &[u8]) -> bool {
    let valid = match str::from_utf8(head) {
        Ok(text) => text,
        // The cut after the head may split a character.
        Err(fault) if fault.error_len().is_none() => str::from_utf8(&head[..fault.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !valid.chars().any(|c| c.is_control() && !c.is_whitespace())
}
