//! What a file is by its first bytes, as far as these show it. Who reads the whole file may find otherwise.

use super::signature::Format;

/// The kind of file that the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A model in a format that is read.
    Model(Format),
    /// A zip or tar archive, of which only what is in it says what it is.
    Archive,
    /// A Python pickle, which is never opened: that would run what it holds.
    Pickle,
}

impl Beginning {
    /// Bytes that are enough to tell.
    pub const BYTES: usize = 512;

    /// The kind of a file that begins like `head`; none where that does not show it.
    pub fn of(head: &[u8]) -> Option<Self> {
        if let Some(format) = Format::of_trees(head) {
            return Some(Self::Model(format));
        }
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [0x1f, 0x8b, ..] => Some(Self::Archive),
            head if head.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) => Some(Self::Archive),
            [0x80, 2..=5, ..] => Some(Self::Pickle),
            // An ONNX graph begins with the version of its format, which has been above 2 since it was first used. Where
            // a 1 stands there, it is a TensorFlow SavedModel.
            [0x08, 3..=32, ..] => Some(Self::Model(Format::Onnx)),
            _ => None,
        }
    }
}

impl Format {
    /// The format of a file of trees that begins like this; none when it is something else.
    pub fn of_trees(head: &[u8]) -> Option<Self> {
        match head {
            [b't', b'r', b'e', b'e', b'\n' | b'\r', ..] => Some(Self::LightgbmText),
            // What follows the brace in UBJSON is the length of a key, or of the whole.
            [b'{', b'i' | b'U' | b'I' | b'l' | b'L' | b'#' | b'$', ..] => Some(Self::XgboostUbj),
            text if text.trim_ascii_start().starts_with(b"{") => Some(Self::XgboostJson),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_show_the_kind() {
        let mut tar = vec![b'a'; 257];
        tar.extend_from_slice(b"ustar\0");
        for (head, expected) in [
            (&b"\x08\x08\x12\x07skl2onnx"[..], Some(Beginning::Model(Format::Onnx))),
            (b"\x08\x01\x12\x0b\n", None),
            (b"tree\nversion=v4", Some(Beginning::Model(Format::LightgbmText))),
            (b"  {\"learner\":", Some(Beginning::Model(Format::XgboostJson))),
            (b"{L\0\0", Some(Beginning::Model(Format::XgboostUbj))),
            (b"PK\x03\x04", Some(Beginning::Archive)),
            (b"\x1f\x8b\x08", Some(Beginning::Archive)),
            (&tar, Some(Beginning::Archive)),
            (b"\x80\x04\x95", Some(Beginning::Pickle)),
            (b"Buy milk.\n", None),
            (b"", None),
        ] {
            assert_eq!(Beginning::of(head), expected, "{head:?}");
        }
    }
}
