//! Names the type of a file that is no model which can be read, for the error that refuses it.
//!
//! Nothing is opened or decoded beyond its first bytes; of what is compressed, a few of those within.

use std::fmt;
use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// The size of the beginning that is looked at.
pub(super) const HEAD: u64 = 4 << 10;

/// A type of file that is no model which can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    /// As in "it looks like …".
    name: &'static str,
    trust: Trust,
}

/// The use that can be made of a file that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The file is no model.
    Nothing,
    /// The file is a model of another kind.
    Unsupported,
    /// It is a model, and to open it is to run what it holds.
    Unsafe,
    /// It may hold anything, and to open it is to run what it holds.
    UnsafeObject,
}

impl FileType {
    /// The use that can be made of it.
    pub fn trust(self) -> Trust {
        self.trust
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        match self.trust {
            Trust::Nothing => write!(
                f,
                "the file is not a model: it looks like {name}; \
                 send an ONNX, LightGBM or XGBoost file, or a folder that MLflow saved"
            ),
            Trust::Unsupported => write!(
                f,
                "the file looks like {name}, which is not supported; \
                 export the model to ONNX, save it with MLflow, or run it as a custom package"
            ),
            Trust::Unsafe | Trust::UnsafeObject => write!(
                f,
                "the file looks like {name}, which is never opened because that runs code; \
                 export the model to ONNX, or save it with MLflow"
            ),
        }
    }
}

const fn nothing(name: &'static str) -> FileType {
    FileType { name, trust: Trust::Nothing }
}

const fn other(name: &'static str) -> FileType {
    FileType { name, trust: Trust::Unsupported }
}

const fn runs(name: &'static str) -> FileType {
    FileType { name, trust: Trust::Unsafe }
}

const PICKLE: FileType = FileType { name: "a Python pickle", trust: Trust::UnsafeObject };
const JOBLIB: FileType = runs("a model saved with joblib (a Python pickle)");
const OLD_XGBOOST: FileType = other("an XGBoost model in the old binary format");
/// Text of no kind that is known.
pub(super) const PLAIN_TEXT: FileType = nothing("plain text");
/// A folder or file of TensorFlow's.
pub(super) const SAVED_MODEL: FileType = other("a TensorFlow SavedModel");

/// First bytes, and where they are.
const MARKS: [(usize, &[u8], FileType); 33] = [
    (0, b"\x89HDF\r\n\x1a\n", other("an HDF5 file, as Keras writes it")),
    (0, b"GGUF", other("a GGUF file")),
    (0, b"ggml", other("a GGML file")),
    (0, b"lmgg", other("a GGML file")),
    (4, b"TFL3", other("a TensorFlow Lite model")),
    (4, b"ORTM", other("a model in ONNX Runtime's own format (ORT)")),
    (0, b"binf", OLD_XGBOOST),
    (0, b"bs64", OLD_XGBOOST),
    (0, b"CBM1", other("a CatBoost model")),
    (0, b"\x93NUMPY", nothing("a NumPy array")),
    (0, b"PAR1", nothing("a Parquet file")),
    (0, b"version https://git-lfs", nothing("a Git LFS pointer instead of the file it stands for")),
    (0, b"\x7fELF", nothing("a program")),
    (0, b"MZ", nothing("a program")),
    (0, b"%PDF", nothing("a PDF document")),
    (0, b"\x89PNG", nothing("a picture (PNG)")),
    (0, b"\xff\xd8\xff", nothing("a picture (JPEG)")),
    (0, b"SQLite format 3", nothing("an SQLite database")),
    (0, b"Rar!", nothing("a RAR archive")),
    (0, b"7z\xbc\xaf\x27\x1c", nothing("a 7z archive")),
    (257, b"ustar", nothing("a tar archive")),
    (0, b"ZF0x", JOBLIB),
    (0, b"BZh", nothing("a file compressed with bzip2")),
    (0, b"\xfd7zXZ\x00", nothing("a file compressed with xz")),
    (0, b"\x5d\x00\x00", nothing("a file compressed with lzma")),
    (0, b"\x04\x22\x4d\x18", nothing("a file compressed with lz4")),
    (0, b"\x28\xb5\x2f\xfd", nothing("a file compressed with zstd")),
    (0, b"ccopy_reg\n", PICKLE),
    (0, b"ccopyreg\n", PICKLE),
    (0, b"c__builtin__\n", PICKLE),
    (0, b"(dp0\n", PICKLE),
    (0, b"(lp0\n", PICKLE),
    (0, b"RDX", nothing("data of R")),
];

/// The type of a file whose beginning is unmistakable; none of these begins like a model that can be read.
pub(super) fn known(head: &[u8]) -> Option<FileType> {
    let marked = |(at, mark, _): &&(usize, &[u8], FileType)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    if let Some((_, _, look)) = MARKS.iter().find(marked) {
        return Some(*look);
    }
    match head {
        [0x80, 2..=5, ..] => Some(if has(head, b"sklearn") || has(head, b"joblib") { JOBLIB } else { PICKLE }),
        [b'P', b'K', 3, 4, ..] => Some(zip(head)),
        [0x1f, 0x8b, ..] => Some(within(MultiGzDecoder::new(head), nothing("a gzip archive"))),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            Some(within(ZlibDecoder::new(head), nothing("data compressed with zlib")))
        }
        _ if safetensors(head) => Some(other("a safetensors file, which holds weights and no model")),
        _ => None,
    }
}

/// The likely type of a file that could not be read as a model.
pub(super) fn guess(head: &[u8]) -> FileType {
    if let Some(look) = known(head).or_else(|| tensorflow(head)) {
        return look;
    }
    if old_xgboost(head) {
        return OLD_XGBOOST;
    }
    if old_pickle(head) {
        return PICKLE;
    }
    if !printable(head) {
        return nothing("binary data of another kind");
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        nothing("a web page (HTML)")
    } else if text.starts_with('<') && text.contains("<pmml") {
        other("a PMML document")
    } else if text.starts_with('<') && text.contains("<net ") {
        other("an OpenVINO model")
    } else if text.starts_with('<') {
        nothing("XML")
    } else if text.starts_with(['{', '[']) {
        json(&text)
    } else {
        PLAIN_TEXT
    }
}

fn json(text: &str) -> FileType {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    if has("feature_infos") && has("max_feature_idx") {
        other("a dump of a LightGBM model in JSON, which LightGBM itself cannot load")
    } else if has("oblivious_trees") || has("cat_features_hash") {
        other("a CatBoost model in JSON")
    } else if has("modeltopology") {
        other("a TensorFlow.js model")
    } else if has("nodeid") && has("split_condition") {
        other("a dump of an XGBoost model in JSON, which XGBoost itself cannot load")
    } else {
        nothing("JSON")
    }
}

/// The type of a protobuf message that began like ONNX and turned out to be none; `highest` is its highest field.
pub(super) fn not_onnx_after_all(head: &[u8], highest: u64) -> Option<FileType> {
    // In CoreML's `Model`, the kind of model is a field of 200 and above.
    if highest >= 200 {
        return Some(other("a CoreML model"));
    }
    tensorflow(head)
}

fn tensorflow(head: &[u8]) -> Option<FileType> {
    // `SavedModel`: schema version 1, then a `MetaGraphDef`, which begins with its `MetaInfoDef`.
    let rest = head.strip_prefix(b"\x08\x01\x12");
    let inner = rest.and_then(|rest| rest.iter().position(|byte| byte & 0x80 == 0).and_then(|end| rest.get(end + 1)));
    if inner == Some(&b'\n') {
        return Some(SAVED_MODEL);
    }
    let graph = head.first() == Some(&b'\n') && [&b"Placeholder"[..], b"VarHandleOp"].iter().any(|op| has(head, op));
    graph.then_some(other("a TensorFlow graph"))
}

fn zip(head: &[u8]) -> FileType {
    if has(head, b"/data.pkl") || has(head, b"archive/data") || has(head, b"/byteorder") {
        runs("a PyTorch model (a zip archive with a Python pickle)")
    } else if has(head, b"model.weights.h5") || (has(head, b"metadata.json") && has(head, b"config.json")) {
        other("a Keras model")
    } else if has(head, b".npy") {
        nothing("NumPy arrays in a zip archive")
    } else {
        nothing("a zip archive")
    }
}

/// The type of compressed content: a pickle, as joblib writes it, or something else.
fn within(compressed: impl Read, otherwise: FileType) -> FileType {
    let mut head = Vec::new();
    // What breaks off has said enough, or nothing.
    let _ = compressed.take(512).read_to_end(&mut head);
    match head.as_slice() {
        [0x80, 2..=5, ..] => runs("a model saved with joblib (a compressed Python pickle)"),
        tar if tar.get(257..262) == Some(b"ustar") => nothing("a compressed tar archive"),
        _ => otherwise,
    }
}

fn safetensors(head: &[u8]) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else { return false };
    u64::from_le_bytes(*length) < 100 << 20 && (rest.starts_with(b"{\"") || rest.starts_with(b"{}"))
}

/// Without a mark of its own: parameters, then the names of objective and booster, each after its length.
fn old_xgboost(head: &[u8]) -> bool {
    let names = head.get(..512).unwrap_or(head);
    let booster = [&b"gbtree"[..], b"gblinear", b"dart"].iter().any(|name| has(names, name));
    let objective = [&b"reg:"[..], b"binary:", b"multi:", b"rank:", b"count:", b"survival:"];
    booster && objective.iter().any(|name| has(names, name)) && !printable(names)
}

/// Protocols 0 and 1 have no mark of their own: a container or the name of a class, which is then numbered.
fn old_pickle(head: &[u8]) -> bool {
    let numbered = |rest: &[u8]| [&b"q\0"[..], b"p0\n", b"p1\n"].iter().any(|number| rest.starts_with(number));
    let word = |line: &[u8]| {
        !line.is_empty() && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    match head {
        [b'}' | b']', rest @ ..] => numbered(rest),
        [b'c', rest @ ..] => {
            let mut lines = rest.splitn(3, |byte| *byte == b'\n');
            lines.next().is_some_and(word) && lines.next().is_some_and(word) && lines.next().is_some_and(numbered)
        }
        _ => false,
    }
}

fn has(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn named(head: &[u8]) -> &'static str {
        guess(head).name
    }

    #[test]
    fn formats_are_named_by_their_first_bytes() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"\x80\x04\x95\x00\x00").unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"hello").unwrap();
        let mut old = b"\x00\x00\x00\x3f\x06\x00\x00\x00".to_vec();
        old.extend([0; 128]);
        old.extend(b"\x10\0\0\0\0\0\0\0reg:squarederror\x06\0\0\0\0\0\0\0gbtree");
        let table: [(&[u8], &str); 21] = [
            (b"{\"modelTopology\": {}}", "a TensorFlow.js model"),
            (b"\x1c\x00\x00\x00TFL3", "a TensorFlow Lite model"),
            (b"GGUF\x03\0\0\0", "a GGUF file"),
            (b"\x80\x04\x95\x0b\x00", "a Python pickle"),
            (b"}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.", "a Python pickle"),
            (b"csklearn.linear_model._base\nLinearRegression\nq\x00)", "a Python pickle"),
            (b"cats\nand dogs\nq", "plain text"),
            (b"}quite", "plain text"),
            (b"\x80\x04\x95\x0b\x00\x8c\x13sklearn.calib", "a model saved with joblib (a Python pickle)"),
            (&zlib.finish().unwrap(), "a model saved with joblib (a compressed Python pickle)"),
            (&gzip.finish().unwrap(), "a gzip archive"),
            (b"PK\x03\x04\x00\x00model/data.pkl", "a PyTorch model (a zip archive with a Python pickle)"),
            (b"PK\x03\x04\x14\x00", "a zip archive"),
            (b"\x40\0\0\0\0\0\0\0{\"a\":1}", "a safetensors file, which holds weights and no model"),
            (&old, "an XGBoost model in the old binary format"),
            (b"\x08\x01\x12\x90\x4e\x0a\x10", "a TensorFlow SavedModel"),
            (b"<?xml version=\"1.0\"?><PMML>", "a PMML document"),
            (b"<!DOCTYPE html><html></html>", "a web page (HTML)"),
            (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer instead of the file it stands for"),
            (b"hello", "plain text"),
            (b"\xf3\x91\x07", "binary data of another kind"),
        ];
        for (head, name) in table {
            assert_eq!(named(head), name);
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&vec![0; 8 << 20]).unwrap();
        assert_eq!(named(&gzip.finish().unwrap()[..4096]), "a gzip archive");
    }
}
