//! What a page of the interface says when its program has broken off.

use serde::{Deserialize, Serialize};

/// A fault of a page: its program has broken off, and a person saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PageFault {
    /// The path of the page, at most 500 bytes.
    pub page: String,
    /// What the program said last, at most 2,000 bytes.
    pub what: String,
}

impl PageFault {
    /// Longest path in bytes.
    pub const LONGEST_PAGE: usize = 500;
    /// Longest text in bytes.
    pub const LONGEST_WHAT: usize = 2_000;

    /// One that holds as much of both as it may.
    pub fn cut(page: &str, what: &str) -> Self {
        let cut = |text: &str, longest: usize| text[..text.floor_char_boundary(longest)].to_owned();
        Self { page: cut(page, Self::LONGEST_PAGE), what: cut(what, Self::LONGEST_WHAT) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_one_is_cut_between_letters() {
        let fault = PageFault::cut("/", &"ä".repeat(2_000));
        assert_eq!((fault.page.as_str(), fault.what.len()), ("/", 2_000));
        assert_eq!(PageFault::cut("/", &format!("a{}", "ä".repeat(2_000))).what.len(), 1_999);
    }
}
